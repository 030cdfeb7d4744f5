"""Our own key at another place: a second program of this identity, and what the person is told.

    somebody announces our key ──dial──> who answers proves our key ──> "runs_elsewhere"
    somebody's place, dialled as ever ──> the same

An announcement can be anybody's lie; what counts is the proof of the handshake (PROTOCOL.md,
section 1.2). That it is not this very program that was reached is known by the net room.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Final

import gevent

from engine.chat.events import EventBus, Notice
from engine.net.dialer import DialFailed
from engine.net.peers import Peers
from engine.net.redial import NO_PASS
from engine.protocol.invite import HostPort
from identity import PeerId

log = logging.getLogger(__name__)

MAX_PLACES: Final = 4  # that are dialled for one announcement
TELL_EVERY: Final = 300.0  # seconds


class Elsewhere:
    def __init__(
        self, me: PeerId, *, peers: Peers, bus: EventBus, clock: Callable[[], float]
    ) -> None:
        self._me = me
        self._peers = peers
        self._bus = bus
        self._clock = clock
        self._told_at: float | None = None
        peers.on_elsewhere = self.proven

    def seen(self, places: Sequence[HostPort]) -> None:
        """Somebody on this network says to have our key there."""
        gevent.spawn(self._look, tuple(places[:MAX_PLACES]))

    def proven(self) -> None:
        """Another program answered with our key."""
        now = self._clock()
        if self._told_at is not None and now - self._told_at < TELL_EVERY:
            return
        self._told_at = now
        log.warning("this identity runs in another place, too")
        self._bus.tell(
            Notice(
                "runs_elsewhere",
                "You are running in two places at once: one copy of this identity must stop.",
            )
        )

    def _look(self, places: Sequence[HostPort]) -> None:
        for place in places:
            try:
                connection, _hello = self._peers.dial(place, expected=self._me, knock_pass=NO_PASS)
            except DialFailed as failed:
                log.debug("where our key was announced: %s", failed)
                if str(failed) == "self":
                    return
            else:
                connection.close()

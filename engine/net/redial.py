"""Keep dialling the people we want to be linked to, patiently.

One greenlet for each person: while a link stands it waits; when it is lost it dials every known
place, then waits with full jitter, longer each time, up to a minute (protocol/backoff). ``hurry``
cuts a wait short when there is reason to hope: the network came back, the person was seen.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import gevent
from gevent.event import Event as Flag
from gevent.lock import BoundedSemaphore

from engine.net.dialer import DialFailed, most_telling
from engine.net.peers import Peers
from engine.protocol.backoff import Backoff
from engine.protocol.invite import HostPort
from identity import PeerId

log = logging.getLogger(__name__)

AT_ONCE: Final = 32  # dials under way, in all
STEADY_AFTER: Final = 10.0  # seconds after which a link counts as a good one
NO_PASS: Final = bytes(16)


class Directory(Protocol):
    """Where people may be found, and with which pass to knock."""

    def places(self, peer: PeerId) -> Sequence[HostPort]: ...
    def knock_pass(self, peer: PeerId) -> bytes: ...
    def attempt(self, peer: PeerId, status: "Status") -> None: ...
    def disproved(self, peer: PeerId, place: HostPort) -> None: ...


@dataclass(frozen=True, slots=True)
class Status:
    """How the attempts to reach somebody stand. ``reason`` is a DialFailed code or "no_address",
    "" for none."""

    dialling: bool = False
    reason: str = ""
    next_try_after: float | None = None  # seconds from now


@dataclass(frozen=True, slots=True)
class _Wanted:
    greenlet: "gevent.Greenlet[..., None]"
    hurry: Flag


class Redial:
    def __init__(
        self,
        peers: Peers,
        directory: Directory,
        *,
        random: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._peers = peers
        self._directory = directory
        self._random = random
        self._clock = clock
        self._wanted: dict[PeerId, _Wanted] = {}
        self._stopped = False
        self._slots = BoundedSemaphore(AT_ONCE)

    def keep(self, peer: PeerId) -> None:
        """From now on keep a link to ``peer``. Asking twice changes nothing."""
        if peer not in self._wanted and not self._stopped:
            hurry = Flag()
            self._wanted[peer] = _Wanted(gevent.spawn(self._loop, peer, hurry), hurry)

    def let_go(self, peer: PeerId) -> None:
        """Stop dialling. A link that stands is not touched."""
        wanted = self._wanted.pop(peer, None)
        if wanted is not None:
            wanted.greenlet.kill(block=False)

    def hurry(self, peer: PeerId) -> None:
        wanted = self._wanted.get(peer)
        if wanted is not None:
            wanted.hurry.set()

    def hurry_all(self) -> None:
        """Our networks changed: whoever was out of reach may be in reach now."""
        for peer in self._wanted:
            self.hurry(peer)

    def stop(self) -> None:
        self._stopped = True
        for peer in tuple(self._wanted):
            self.let_go(peer)

    def _loop(self, peer: PeerId, hurry: Flag) -> None:
        backoff = Backoff(random=self._random)
        try_plain = False
        while True:
            changed = self._peers.changed(peer)
            if self._peers.link(peer) is not None:
                linked_at = self._clock()
                changed.wait()
                # A link that breaks as soon as it stands is no reason for haste.
                if self._clock() - linked_at >= STEADY_AFTER:
                    backoff.reset()
                elif self._peers.link(peer) is None:
                    self._pause(peer, hurry, "", backoff.next_delay())
                continue
            reasons = self._dial(peer, hurry, plain=try_plain)
            if not reasons:
                continue
            # A pass that is no longer honoured is met with silence: knock as a stranger next time.
            try_plain = not try_plain and "not_p2pchat" in reasons
            self._pause(peer, hurry, most_telling(reasons), backoff.next_delay())

    def _dial(self, peer: PeerId, hurry: Flag, *, plain: bool) -> set[str]:
        """Nothing when a link came about, else why none did."""
        reasons = set()
        places = self._directory.places(peer)
        knock = NO_PASS if plain else self._directory.knock_pass(peer)
        for place in places:
            with self._slots:
                if self._peers.link(peer) is not None:
                    return set()
                self._tell(peer, hurry, Status(dialling=True))
                try:
                    self._peers.dial(place, expected=peer, knock_pass=knock)
                except DialFailed as failed:
                    reasons.add(failed.code)
                    if failed.code == "wrong_identity":
                        self._directory.disproved(peer, place)
                    log.debug("%s not reached: %s", peer.short, failed.code)
                else:
                    return set()
        return reasons or {"no_address"}

    def _pause(self, peer: PeerId, hurry: Flag, reason: str, delay: float) -> None:
        """Wait before the next attempt, unless a link comes about or there is reason to hurry."""
        self._tell(peer, hurry, Status(reason=reason, next_try_after=delay))
        gevent.wait([self._peers.changed(peer), hurry], timeout=delay, count=1)
        hurry.clear()

    def _tell(self, peer: PeerId, hurry: Flag, status: Status) -> None:
        # Whoever was let go runs on to their next wait before they end.
        wanted = self._wanted.get(peer)
        if wanted is not None and wanted.hurry is hurry:
            self._directory.attempt(peer, status)

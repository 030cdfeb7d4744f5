"""Two people make sure of each other by comparing seven emoji, over the link they have.

    start ----> waiting ----> compare ----> same_said ----> verified       my "same" counts for me
                   |             |
                   +-> cancelled <-+        "different", here or there, after compare: different

What is said is decided by protocol/sas.py. This file knows whom it may be said with, on which
connection, how often, and what the person sees of it. A run lives and dies with its connection:
the emoji stand for that channel. Nothing of a run is stored; that somebody is verified, or held
because the emoji differed, is kept by those who are told (PROTOCOL.md, section 4).
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.chat.errors import Refused
from engine.chat.events import EventBus, SasChanged
from engine.chat.views import Emoji
from engine.net.connection import Connection
from engine.protocol import sas
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.sas import Sas
from engine.protocol.sas_emoji import EMOJI
from engine.protocol.sas_records import Outcome, SasEnd, SasRecord, SasStart
from identity import PeerId

log = logging.getLogger(__name__)

STARTS_EVERY: Final = 60.0  # seconds
MAX_STARTED: Final = 20  # runs begun here with one person, in that time
# Begun by them: each is a guess, 1 in 2^42, for whoever sits between us. An honest program stays
# below this even if the wire held some of its records back for a while.
MAX_HEARD: Final = 2 * MAX_STARTED


class TooManyRuns(RemoteProtocolError):
    """More verifications were begun than a person can begin."""


@dataclass(slots=True)
class _Run:
    """The latest run with somebody: it may be over."""

    peer: PeerId
    connection: Connection
    sas: Sas
    shown: SasChanged


class Verification:
    def __init__(
        self,
        me: PeerId,
        *,
        bus: EventBus,
        link: Callable[[PeerId], Connection | None],
        may_compare: Callable[[PeerId], bool],
        send: Callable[[Connection, Sequence[SasRecord]], None],
        drop: Callable[[PeerId], None],
        on_verified: Callable[[PeerId], None],
        on_different: Callable[[PeerId], None],
        new_nonce: Callable[[], bytes],
        clock: Callable[[], float],
    ) -> None:
        """``on_verified`` and ``on_different`` store it; they may wait, and raise what the store
        raises. ``on_different`` takes back what ``on_verified`` gave. ``drop`` ends all connections
        with somebody, after what was sent on them."""
        self._me = me
        self._bus = bus
        self._link = link
        self._may_compare = may_compare
        self._send = send
        self._drop = drop
        self._on_verified = on_verified
        self._on_different = on_different
        self._new_nonce = new_nonce
        self._clock = clock
        self._machines: dict[Connection, Sas] = {}
        self._runs: dict[PeerId, _Run] = {}
        self._started: dict[PeerId, deque[float]] = {}
        self._heard: dict[PeerId, deque[float]] = {}

    # -- what the person does

    def start(self, peer: PeerId) -> SasChanged:
        """Begin a run, or join the one there is. Raises Refused."""
        if not self._may_compare(peer):
            raise Refused("not_contact", "Only a contact can be verified.")
        link = self._link(peer)
        if link is None or not link.is_open:
            raise Refused(
                "not_connected", "This person is not connected now. Try again when they are."
            )
        run = self._runs.get(peer)
        if run is None or run.connection is not link or not run.sas.is_running:
            self._leave(peer)
            if not self._is_within(self._started, peer, MAX_STARTED):
                raise Refused("too_many", "That was often. Wait a minute, then try again.")
            machine = self._machine(link, peer)
            self._follow(link, machine, machine.start())
        return self._runs[peer].shown

    def same(self, peer: PeerId) -> None:
        """The person saw the same emoji there. Raises Refused, and what the store raises."""
        run = self._runs.get(peer)
        if run is None or run.sas.state is not sas.State.COMPARING:
            raise Refused("not_found", "There is nothing to compare with this person now.")
        run.sas.same()
        said = self._tell(run, "same_said")
        try:
            self._on_verified(peer)
        except BaseException:
            if self._still_says(run, said):
                self._tell(run, "cancelled", reason="not_stored")
            raise
        log.info("%s is verified by emoji", peer.short)
        if self._still_says(run, said):  # else they said "different", or began anew, meanwhile
            self._tell(run, "verified")

    def different(self, peer: PeerId) -> None:
        """The person saw other emoji there. It may be said of a run that is over, too: a cut
        connection takes nothing back. Raises Refused, and what the store raises."""
        run = self._runs.get(peer)
        if run is None or not run.sas.has_shown:
            raise Refused("not_found", "There is nothing to compare with this person now.")
        if run.shown.state == "different":  # said already; but it may not have been stored
            self._on_different(peer)
            self._tell(run, "different")
            return
        self._follow(run.connection, run.sas, run.sas.different())

    def cancel(self, peer: PeerId) -> None:
        """Give up the run there is, if there is one."""
        self._leave(peer)

    def shown(self, peer: PeerId) -> SasChanged | None:
        """Where the latest run with somebody stands, as it was told."""
        run = self._runs.get(peer)
        return None if run is None else run.shown

    def unfinished(self) -> list[SasChanged]:
        """What a page that opens now has to show."""
        return [run.shown for run in self._runs.values() if run.sas.is_running]

    def forget(self, peer: PeerId) -> None:
        """They are no longer somebody we know."""
        self._leave(peer)
        for connection in [one for one in self._machines if one.peer == peer]:
            del self._machines[connection]
        for known in (self._runs, self._started, self._heard):
            known.pop(peer, None)

    # -- told by the links

    def heard(self, connection: Connection, record: SasRecord) -> None:
        """Raises RemoteProtocolError, which ends the connection, and what the store raises."""
        peer = connection.peer
        assert peer is not None
        if not self._may_compare(peer):
            return
        if isinstance(record, SasStart):
            if not self._may_begin(connection, peer, record):
                return
            machine = self._machine(connection, peer)
        elif connection in self._machines:
            machine = self._machines[connection]
        else:
            return  # nothing was ever begun here
        try:
            events = machine.receive(record)
        except sas.BrokenCommitment:
            self._follow(connection, machine, [sas.Cancelled(sas.Reason.BROKEN_COMMITMENT)])
            raise
        self._follow(connection, machine, events)

    def connection_over(self, connection: Connection) -> None:
        machine = self._machines.pop(connection, None)
        if machine is not None:
            self._follow(connection, machine, machine.connection_lost())

    # -- inside

    def _may_begin(self, connection: Connection, peer: PeerId, start: SasStart) -> bool:
        """Say whether the run they would like to begin is heard. Raises TooManyRuns."""
        if not self._is_within(self._heard, peer, MAX_HEARD):
            raise TooManyRuns(f"more than {MAX_HEARD} verifications in {STARTS_EVERY:.0f} s")
        run = self._runs.get(peer)
        if run is None or run.connection is connection or not run.sas.is_running:
            return True
        if self._link(peer) is run.connection:
            self._send(connection, [SasEnd(start.commit, Outcome.CANCELLED)])
            return False
        self._leave(peer)  # it is on a connection that was replaced
        return True

    def _is_within(self, counted: dict[PeerId, deque[float]], peer: PeerId, most: int) -> bool:
        """Count one more, unless ``most`` were counted a short while ago."""
        times = counted.setdefault(peer, deque(maxlen=most))
        now = self._clock()
        if len(times) == most and now - times[0] < STARTS_EVERY:
            return False
        times.append(now)
        return True

    def _machine(self, connection: Connection, peer: PeerId) -> Sas:
        machine = self._machines.get(connection)
        if machine is None:
            machine = self._machines[connection] = Sas(
                me=self._me,
                peer=peer,
                handshake_hash=connection.channel.handshake_hash,
                new_nonce=self._new_nonce,
            )
        return machine

    def _leave(self, peer: PeerId) -> None:
        run = self._runs.get(peer)
        if run is not None:
            self._follow(run.connection, run.sas, run.sas.cancel())

    def _follow(self, connection: Connection, machine: Sas, events: Sequence[sas.Event]) -> None:
        """Say what the machine wants said, and tell what happened to it."""
        peer = connection.peer
        assert peer is not None
        said = machine.records_to_send()
        for event in events:
            match event:
                case sas.Begun(by_me):
                    fresh = SasChanged(peer.address, "waiting", (), by_me, "")
                    run = self._runs[peer] = _Run(peer, connection, machine, fresh)
                    self._tell(run, "waiting")
                case sas.Derived(numbers):
                    emoji = tuple(Emoji(number, *EMOJI[number]) for number in numbers)
                    self._tell(self._runs[peer], "compare", emoji=emoji)
                case sas.Cancelled(reason):
                    self._tell(self._runs[peer], "cancelled", reason=reason.value)
                case sas.Differed(by_me):
                    self._differ(connection, said, by_me=by_me)
                    return
        if said:
            self._send(connection, said)

    def _differ(self, connection: Connection, said: list[SasRecord], *, by_me: bool) -> None:
        """Red, whatever else goes wrong: held on disk first, then told here and there."""
        peer = connection.peer
        assert peer is not None
        log.warning("the emoji of %s differ, says %s", peer.short, "the user" if by_me else "they")
        run = self._runs[peer]
        run.sas.cancel()  # it may be a newer one, on another connection
        try:
            self._on_different(peer)
        finally:
            self._tell(run, "different", reason="by_me" if by_me else "by_them")
            if said:
                self._send(connection, said)
            self._drop(peer)

    def _tell(self, run: _Run, state: str, **changes: Any) -> SasChanged:
        run.shown = replace(run.shown, state=state, **changes)
        self._bus.tell(run.shown)
        return run.shown

    def _still_says(self, run: _Run, said: SasChanged) -> bool:
        """Say whether nothing has happened since: no other run, and nobody saw other emoji."""
        latest = self._runs.get(run.peer) is run and run.shown is said
        return latest and run.sas.state is sas.State.IDLE

"""Groups on the links: who may speak of which group, what is sent to whom, whom we dial for it.

    link opens -> its groups' sync -> STATE          record heard -> sync -> shelf, COMMIT -> answer
    news of our own -> sync -> pushed                a backlog goes a batch at a time, when there
                                                     is room on the link (one courier for each)

A member who is no contact may come in and speak of the groups we share, and of nothing else.
"""

import ipaddress
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import gevent
from gevent.event import Event as Flag

from contacts import is_shut_out
from engine.chat.book import Book
from engine.chat.grouppace import Pace
from engine.chat.livegroups import LiveGroup, LiveGroups
from engine.net.connection import Connection
from engine.protocol import groupevent, grouplog, ring
from engine.protocol.groupevent import GroupEvent
from engine.protocol.grouprecords import (
    GroupEvents,
    GroupRecord,
    GroupState,
)
from engine.protocol.invite import BadTarget, HostPort, parse_host_port
from engine.store import groupreach
from engine.store.database import Database, StoreClosed, StoreError
from engine.store.groups import Standing
from identity import PeerId

log = logging.getLogger(__name__)

MAX_CANDIDATES: Final = 8  # groups that somebody brought and that do not speak of us yet
MAX_INVITATIONS: Final = 16  # groups that wait for our answer: a disk has room for as many
MAX_UNWANTED: Final = 32 << 20  # bytes of a group that we did not say we want
READ_AT_ONCE: Final = 16  # events whose signatures are checked before others get a turn
TELL_EVERY: Final = 0.25  # seconds between two looks of a group that the page is told
MAX_PLACES: Final = 4  # kept for a member who is no contact
LEAST_PORT: Final = 1_024
MAX_HINTS: Final = 8  # places that groups name for one person: each lie costs a dial


class Doors(Protocol):
    """What of the links with people is needed."""

    def link(self, peer: PeerId) -> Connection | None: ...
    def linked(self) -> list[PeerId]: ...
    def keep(self, peer: PeerId) -> None: ...
    def let_go(self, peer: PeerId) -> None: ...
    def is_lost(self, peer: PeerId) -> bool: ...
    def is_redialled(self, peer: PeerId) -> bool: ...
    def places(self, peer: PeerId) -> Sequence[HostPort]: ...


class GroupLinks:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        book: Book,
        live: LiveGroups,
        doors: Doors,
        on_look: Callable[[LiveGroup], None],
        is_open: Callable[[], bool],
        now: Callable[[], int],
        clock: Callable[[], float],
    ) -> None:
        """``on_look`` is called when a group may look different; ``is_open``: strangers may come
        in."""
        self._me = me
        self._database = database
        self._book = book
        self._live = live
        self._doors = doors
        self._on_look = on_look
        self._is_open = is_open
        self._now = now
        self._clock = clock
        self._couriers: set[tuple[bytes, PeerId]] = set()
        self._pace = Pace(clock)
        self._kept: set[PeerId] = set()
        self._places = {
            peer: tuple(HostPort(host, port) for host, port in places)
            for peer, places in database.read(groupreach.load_places).items()
        }
        self._wake = Flag()
        self._wanted_stale = True
        self._runner: gevent.Greenlet[..., None] | None = None

    def start(self) -> None:
        self._wake.set()  # to dial whom we need
        self._runner = gevent.spawn(self._run)

    def stop(self) -> None:
        if self._runner is not None:
            self._runner.kill()

    # -- what others of this room ask

    def is_comember(self, peer: PeerId) -> bool:
        """Say whether some group authorises a link with them: one that we agreed to be in. Who
        only invited us is a stranger still."""
        return any(
            live.shelf.standing is Standing.MEMBER and live.shelf.is_member(peer)
            for live in self._live
        )

    def is_kept(self, peer: PeerId) -> bool:
        """Say whether a link to them is wanted for a group's sake."""
        return peer in self._kept

    def passes(self) -> Iterable[bytes]:
        for live in self._live:
            if live.shelf.standing is Standing.MEMBER:
                yield grouplog.knock_pass(live.gid)

    def knock_pass(self, peer: PeerId) -> bytes | None:
        """What to knock with at a member's door."""
        for live in self._live:
            if live.shelf.is_member(peer):
                return grouplog.knock_pass(live.gid)
        return None

    def places(self, peer: PeerId) -> tuple[HostPort, ...]:
        """Where a member was reached, and where a group that we agreed to says they may be: else
        any stranger could have us dial what they like, and long before somebody's true place."""
        hints: list[str] = []
        for live in self._live:
            view = live.shelf.view
            if view is not None and live.shelf.standing is Standing.MEMBER and peer in view.members:
                hints += view.members[peer].hints
        found = list(self._places.get(peer, ()))
        for hint in hints[:MAX_HINTS]:
            try:
                place = parse_host_port(hint)
            except BadTarget:
                log.debug("a hint that is no address")
            else:
                if may_be_dialled(place):
                    found.append(place)
        return tuple(dict.fromkeys(found))

    def all_places(self, peer: PeerId) -> Sequence[HostPort]:
        return self._doors.places(peer)

    # -- links come and go

    def link_opened(self, connection: Connection, place: HostPort | None) -> None:
        peer = connection.peer
        assert peer is not None
        if self._is_shut_out(peer):
            return
        self._note_place(peer, place)
        for live in self._live:
            if live.shelf.is_member(peer):
                with live.lock:
                    live.sync.unlinked(peer)
                    live.sync.linked(peer)
                    self._settle(live)
        self.wanted_changed()

    def link_closed(self, peer: PeerId) -> None:
        for live in self._live:
            with live.lock:
                live.sync.unlinked(peer)
                if live.shelf.standing is Standing.CANDIDATE and live.shelf.carrier == peer:
                    self._drop_candidate(live)
            if live.shelf.is_member(peer):
                self._stale(live)
        self.wanted_changed()

    # -- what is said on them

    def heard(self, connection: Connection, record: GroupRecord) -> None:
        """Raises RemoteProtocolError, StoreError."""
        peer = connection.peer
        assert peer is not None
        if self._is_shut_out(peer):
            return
        live = self._live.get(record.gid)
        if live is None:
            self._introduced(peer, record)
        elif isinstance(record, GroupEvents):
            self._events(live, peer, record)
        else:
            with live.lock:
                if not self._is_running(live):
                    return
                live.sync.heard(peer, record, self._clock())
                self._settle(live)
            self._end_of_candidate(live, peer, record)

    def posted(self, live: LiveGroup, events: Sequence[GroupEvent]) -> None:
        """We made these. The lock is held."""
        if events:
            live.sync.posted(events, self._clock())
            self._settle(live)

    def tell(self, live: LiveGroup) -> None:
        """Show at once how it looks now."""
        live.is_stale = False
        self._on_look(live)

    def wanted_changed(self) -> None:
        """Whom to dial for a group's sake may be others now."""
        self._wanted_stale = True
        self._wake.set()

    # -- inside

    def _introduced(self, peer: PeerId, record: GroupRecord) -> None:
        """Somebody speaks of a group that we know nothing of: perhaps we were added."""
        if not isinstance(record, GroupState) or record.gid in self._live.ignored:
            return
        candidates = [live for live in self._live if live.shelf.standing is Standing.CANDIDATE]
        invitations = [live for live in self._live if live.shelf.standing is Standing.INVITED]
        if len(candidates) >= MAX_CANDIDATES or len(invitations) >= MAX_INVITATIONS:
            return
        own = [live for live in (*candidates, *invitations) if live.shelf.carrier == peer]
        if len(own) >= MAX_CANDIDATES // 2:
            return
        if self._book.get(peer) is None and not self._is_open() and not self.is_comember(peer):
            return
        live = self._live.open(record.gid, Standing.CANDIDATE, peer)
        with live.lock:
            live.sync.ask_for_all(peer)

    def _end_of_candidate(self, live: LiveGroup, peer: PeerId, record: GroupRecord) -> None:
        """They have sent all, and it is not about us."""
        if live.shelf.standing is not Standing.CANDIDATE or live.shelf.carrier != peer:
            return
        if isinstance(record, GroupState) and record.end:
            log.info("%s spoke of a group that we are not in", peer.short)
            with live.lock:
                if self._is_running(live):
                    self._drop_candidate(live)

    def _drop_candidate(self, live: LiveGroup) -> None:
        try:
            self._live.drop(live)
        except StoreError as error:  # it is dropped when the program starts again
            log.info("a group nobody asked for stays on the disk: %s", error)

    def _is_running(self, live: LiveGroup) -> bool:
        """Say whether it is here still: it may have been deleted while its lock was waited for,
        and its number be another group's by now."""
        return self._live.get(live.gid) is live

    def _events(self, live: LiveGroup, peer: PeerId, record: GroupEvents) -> None:
        self._pace.before(peer, len(record.wires))
        ids = [groupevent.peek_id(wire) for wire in record.wires]
        with live.lock:
            if not self._is_running(live):
                return
            if not live.sync.takes_events(peer):
                return
            known = live.shelf.whole(ids)
            events: list[GroupEvent] = []
            for at, (event_id, wire) in enumerate(zip(ids, record.wires, strict=True), start=1):
                if event_id not in known:
                    events.append(groupevent.read(wire))
                if at % READ_AT_ONCE == 0:
                    gevent.sleep(0)
            last = live.shelf.seq_of
            forks = [event.author for event in events if event.seq <= last(event.author)]
            live.sync.heard_events(peer, events, self._clock())
            self._settle(live)
            if live.shelf.standing in (Standing.CANDIDATE, Standing.INVITED):
                live.bytes_taken += sum(map(len, record.wires))
                if live.bytes_taken > MAX_UNWANTED:
                    log.warning("%s brought too much of a group nobody asked for", peer.short)
                    self._live.ignore(live)
        self._pace.after(peer, events, forks)

    def _settle(self, live: LiveGroup) -> None:
        """After sync heard something, or we said something. The lock is held."""
        if live.members_changed:
            live.members_changed = False
            linked = [peer for peer in self._doors.linked() if not self._is_shut_out(peer)]
            live.sync.members_changed(linked)
            self.wanted_changed()
        live.sync.tick(self._clock())
        for peer in self._doors.linked():
            if live.sync.is_serving(peer) and (live.gid, peer) not in self._couriers:
                self._couriers.add((live.gid, peer))
                gevent.spawn(self._serve, live, peer)
        self._stale(live)

    def _stale(self, live: LiveGroup) -> None:
        live.is_stale = True
        self._wake.set()

    def _serve(self, live: LiveGroup, peer: PeerId) -> None:
        """Send what they lack, a batch at a time."""
        link = self._doors.link(peer)
        try:
            while link is not None and self._doors.link(peer) is link:
                link.wait_until_sent()
                with live.lock:
                    if not self._is_running(live) or not live.sync.is_serving(peer):
                        return
                    live.sync.serve(peer)
        except StoreClosed:
            return
        except StoreError as error:
            log.warning("what %s lacks cannot be read now: %s", peer.short, error)
        finally:
            self._couriers.discard((live.gid, peer))

    def _run(self) -> None:
        """Time: what is due in each group, what the page is told, whom we dial."""
        while True:
            soonest = min((live.sync.next_deadline() for live in self._live), default=None)
            wait = None if soonest is None else max(0.0, soonest - self._clock())
            self._wake.wait(timeout=wait)
            self._wake.clear()
            began = self._clock()
            try:
                self._turn()
            except StoreClosed:
                return
            except StoreError as error:
                log.warning("groups cannot be looked at now: %s", error)
            except Exception:  # one group's bug must not stop all of them for good
                log.exception("a turn of the groups failed")
            # What takes long, as with many members, is done less often.
            gevent.sleep(max(TELL_EVERY / 5, 4 * (self._clock() - began)))

    def _turn(self) -> None:
        for live in self._live:
            if live.sync.next_deadline() <= self._clock():
                with live.lock:
                    if self._is_running(live):
                        self._settle(live)
            if live.is_stale:
                live.is_stale = False
                self._on_look(live)
        if self._wanted_stale:
            self._wanted_stale = False
            self._dial_whom_we_need()

    def _dial_whom_we_need(self) -> None:
        wanted: set[PeerId] = set()
        for live in self._live:
            if live.shelf.standing is Standing.MEMBER:
                members = live.shelf.members()
                nobody_is_lost = ring.neighbours(live.gid, self._me, members, lambda _peer: False)
                wanted.update(nobody_is_lost)
                wanted.update(ring.neighbours(live.gid, self._me, members, self._doors.is_lost))
        wanted = {peer for peer in wanted if not self._is_shut_out(peer)}
        before, self._kept = self._kept, wanted
        for peer in before - wanted:
            if not self._doors.is_redialled(peer):
                self._doors.let_go(peer)
        for peer in wanted:
            self._doors.keep(peer)

    def _note_place(self, peer: PeerId, place: HostPort | None) -> None:
        known = self._book.get(peer)
        if place is None or known is not None or not self.is_comember(peer):
            return
        others = tuple(other for other in self._places.get(peer, ()) if other != place)
        places = (place, *others)[:MAX_PLACES]
        if places != self._places.get(peer):
            self._places[peer] = places
            rows = [(one.host, one.port) for one in places]
            now = self._now()
            self._database.submit(lambda db: groupreach.set_places(db, peer, rows, now))

    def _is_shut_out(self, peer: PeerId) -> bool:
        known = self._book.get(peer)
        return known is not None and is_shut_out(known.contact)


def may_be_dialled(place: HostPort) -> bool:
    """Say whether to believe a group about a place. Names would be asked of a server that whoever
    wrote the hint may have chosen, and below 1024 are the services of the system."""
    try:
        ipaddress.ip_address(place.host.partition("%")[0])
    except ValueError:
        return False
    return place.port >= LEAST_PORT

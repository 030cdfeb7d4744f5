"""Members with real shelves and a wire that can be cut anywhere, for tests of whole groups.

    world = World(4)
    alice, bob, *_ = world.stations
    alice.founds("Friends"); alice.adds(bob); world.link(alice, bob); world.run(5); bob.says("hi")

A record is handed over when the test says so: the order within one direction of a link is kept,
and what was under way is lost with its link. Time stands still but for ``run`` and ``pass_time``.
"""

import functools
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import apsw

from engine.protocol import groupacts, groupevent, grouplog, grouprecords
from engine.protocol.groupacts import Add, Role
from engine.protocol.groupevent import GroupEvent
from engine.protocol.grouprecords import GroupEvents, GroupState
from engine.protocol.groupsync import GroupSync
from engine.protocol.membership import Membership
from engine.store import groupintake, groups, history, migrations
from engine.store.groups import Standing
from engine.store.shelf import GroupShelf
from identity import Identity, PeerId
from tests.helpers import person

FIRST_WORDS = groupevent.FIRST_CONTENT + 1  # a text

person_of = functools.cache(person)
read_event = functools.lru_cache(maxsize=100_000)(groupevent.read)


@functools.cache
def empty_database() -> bytes:
    db = apsw.Connection(":memory:")
    migrations.migrate(db)
    image: bytes = db.serialize("main")
    return image


class MemoryDisk:
    """What a shelf asks of ``Database``, without a file or a thread."""

    def __init__(self) -> None:
        self.db = apsw.Connection(":memory:")
        self.db.deserialize("main", empty_database())
        self.db.execute("PRAGMA foreign_keys=1")

    def read(self, query):
        return query(self.db)

    def write(self, mutation, then=None):
        with self.db:
            result = mutation(self.db)
        if then is not None:
            then(result)
        return result


class Page:
    """What a person sees, kept by nothing but what the shelf says has changed."""

    def __init__(self) -> None:
        self.ids: list[bytes] = []
        self.shown_twice: list[bytes] = []

    def follow(self, changes) -> None:
        for gone in changes.removed:
            self.ids.remove(gone)
        for line in changes.added:
            if line.whole.stored.id in self.ids:
                self.shown_twice.append(line.whole.stored.id)
            at = len(self.ids) if line.before is None else self.ids.index(line.before)
            self.ids.insert(at, line.whole.stored.id)


class Station:
    """One person with a disk."""

    def __init__(self, me: Identity, world: "World | None" = None) -> None:
        self.me = me
        self.world = world or World(0)
        self.disk = MemoryDisk()
        self.page = Page()
        self.is_honest = True
        self.was_told = False  # somebody brought them more than the wire did
        self.members_changed = False
        self.states: dict[bytes, history.State] = {}
        self.bytes_sent = 0
        self.shelf: GroupShelf | None = None
        self.sync: GroupSync | None = None
        self.contacts: set[PeerId] | None = None  # None: everybody

    @property
    def peer(self) -> PeerId:
        return self.me.peer

    def __repr__(self) -> str:
        return f"Station({self.peer.short})"

    # -- their copy of the group

    def opens(self, gid: bytes, standing: Standing = Standing.CANDIDATE) -> GroupShelf:
        self.disk.write(lambda db: groups.open_group(db, gid, standing, 0))
        return self.starts_again()

    def starts_again(self) -> GroupShelf:
        """As after a restart of the program: only what is on disk is left."""
        [row] = self.disk.read(groups.load)
        self.shelf = GroupShelf(
            row,
            me=self.peer,
            disk=self.disk,
            is_contact=lambda peer: self.contacts is None or peer in self.contacts,
            now=lambda: 0,
            on_intake=self._taken,
        )
        self.sync = GroupSync(
            self.peer,
            row.gid,
            self.shelf,
            send=self._send,
            choose=self.world.choose,
            now=self.world.now,
        )
        return self.shelf

    def _taken(self, shelf, intake) -> None:
        self.page.follow(intake.changes)
        self.states.update(intake.states)
        self.members_changed = self.members_changed or intake.members_changed
        if self.sync is not None:
            self.sync.is_passive = shelf.standing is Standing.LEFT

    def _send(self, peer: PeerId, record) -> None:
        self.world.send(self, peer, record)

    # -- what they do

    def founds(self, name: str = "Friends") -> GroupEvent:
        event = groupevent.write_first(self.me, groupacts.create_body(name, bytes(16)))
        self.opens(event.gid, Standing.MEMBER).add([event])
        self.settle()
        return event

    def makes(self, kind: int, body: bytes = b"", content: bytes | None = None, **pretended):
        """An event that stands where their next one does, or where they pretend it does."""
        shelf = self.shelf

        def query(db):
            stand = groupintake.current(db, shelf.number, shelf.stand)
            return groupintake.next_place(db, shelf.number, self.peer, stand)

        place = self.disk.read(query)
        values = {
            "gid": shelf.gid, "seq": place.seq, "prev": place.prev, "parents": place.parents,
            "auth": place.auth, "lamport": place.lamport, "ts": 0, **pretended,
        }  # fmt: skip
        return groupevent.write(self.me, kind=kind, body=body, content=content, **values)

    def posts(self, event: GroupEvent) -> GroupEvent:
        self.shelf.add([event])
        self.sync.posted([event], self.world.now)
        self.settle()
        return event

    def says(self, text: str) -> GroupEvent:
        content = grouplog.pack_content(bytes(16), text.encode())
        return self.posts(self.makes(FIRST_WORDS, content=content))

    def adds(self, other: "Station | Identity", role=Role.MEMBER, history=True) -> GroupEvent:
        said = Add(other.peer, role, "", (), history)
        return self.posts(self.makes(groupevent.ADD, groupacts.add_body(said)))

    def removes(self, other: "Station | Identity") -> GroupEvent:
        return self.posts(self.makes(groupevent.REMOVE, groupacts.remove_body(other.peer)))

    def gives(self, other: "Station", role: Role) -> GroupEvent:
        return self.posts(self.makes(groupevent.ROLE, groupacts.role_body(other.peer, role)))

    def leaves(self) -> GroupEvent:
        return self.posts(self.makes(groupevent.LEAVE, groupacts.leave_body()))

    def names(self, name: str) -> GroupEvent:
        return self.posts(self.makes(groupevent.META, groupacts.name_body(name)))

    # -- what they hear

    def hears(self, sender: PeerId, record) -> None:
        """As the program does it: an unknown group is asked for, events are read first."""
        if self.sync is None:
            if not isinstance(record, GroupState):
                return
            self.opens(record.gid)
            self.sync.ask_for_all(sender)
        elif not isinstance(record, GroupEvents):
            self.sync.heard(sender, record, self.world.now)
        elif self.sync.takes_events(sender):
            events = [read_event(wire) for wire in record.wires]
            self.sync.heard_events(sender, events, self.world.now)
        self.settle()

    def settle(self) -> None:
        while self.members_changed and self.sync is not None:
            self.members_changed = False
            self.sync.members_changed(self.world.linked_to(self))
        self.ticks()

    def ticks(self) -> None:
        if self.sync is not None:
            self.sync.tick(self.world.now)

    # -- what they see

    @property
    def view(self) -> Membership | None:
        return None if self.shelf is None else self.shelf.view

    @property
    def is_member(self) -> bool:
        return self.shelf is not None and self.shelf.is_member(self.peer)

    def members(self) -> set[PeerId]:
        return set() if self.shelf is None else set(self.shelf.members())

    def shown(self) -> list[tuple[bytes, int, bytes]]:
        """(id, kind, body) of everything on the screen, in its order."""
        stored = self.disk.read(lambda db: history.page(db, self.shelf.gid, None, 1_000_000))
        return [(one.id, one.kind, one.body) for one in stored or []]

    def texts(self) -> list[str]:
        return [body.decode() for _id, kind, body in self.shown() if kind < history.FIRST_LINE]

    def events(self, content_too: bool = False) -> list[GroupEvent]:
        rows = self.disk.db.execute("SELECT signed, signature, content FROM event ORDER BY row")
        return [groupevent.kept(*row) for row in rows]

    def words_held(self) -> set[bytes]:
        """Ids of the events whose words are on their disk."""
        rows = self.disk.db.execute("SELECT id FROM event WHERE content IS NOT NULL")
        return {event_id for (event_id,) in rows}


class World:
    """The wire between them."""

    def __init__(self, people: int, seed: int = 0) -> None:
        self.now = 1_000.0
        self.chance = random.Random(seed)
        self.queues: dict[tuple[PeerId, PeerId], deque] = {}  # by sender and receiver
        self.stations = [Station(person_of(number), self) for number in range(1, people + 1)]
        self.by_peer = {one.peer: one for one in self.stations}
        self.handed_over = 0
        self.doubled = 0.0  # how likely a record comes twice
        self.log: list | None = None  # of (sender, receiver, record), while somebody listens

    def choose(self, peers: list[PeerId], count: int) -> list[PeerId]:
        return self.chance.sample(peers, min(count, len(peers)))

    # -- links

    def pairs(self) -> Iterator[tuple[Station, Station]]:
        for at, one in enumerate(self.stations):
            for other in self.stations[at + 1 :]:
                yield one, other

    def are_linked(self, one: Station, other: Station) -> bool:
        return (one.peer, other.peer) in self.queues

    def linked_to(self, one: Station) -> list[PeerId]:
        return [receiver for sender, receiver in self.queues if sender == one.peer]

    def link(self, one: Station, other: Station) -> None:
        if self.are_linked(one, other):
            return
        self.queues[one.peer, other.peer] = deque()
        self.queues[other.peer, one.peer] = deque()
        for me, them in ((one, other), (other, one)):
            if me.sync is not None:
                me.sync.linked(them.peer)
                me.settle()

    def cut(self, one: Station, other: Station) -> None:
        if not self.are_linked(one, other):
            return
        del self.queues[one.peer, other.peer], self.queues[other.peer, one.peer]
        for me, them in ((one, other), (other, one)):
            if me.sync is not None:
                me.sync.unlinked(them.peer)
                me.settle()

    def link_all(self, stations: Iterable[Station] | None = None) -> None:
        chosen = self.stations if stations is None else list(stations)
        for one, other in self.pairs():
            if one in chosen and other in chosen:
                self.link(one, other)

    def partition(self, sides: list[list[Station]]) -> None:
        for one, other in self.pairs():
            if not any(one in side and other in side for side in sides):
                self.cut(one, other)
        for side in sides:
            self.link_all(side)

    def send(self, sender: Station, receiver: PeerId, record) -> None:
        queue = self.queues.get((sender.peer, receiver))
        if queue is not None:
            kind, body = grouprecords.encode(record)
            sender.bytes_sent += len(body)
            queue.append((kind, body))

    # -- time

    def busy(self) -> list[tuple[PeerId, PeerId]]:
        """The directions in which something can happen now."""
        return [
            way
            for way, queue in self.queues.items()
            if queue or ((sync := self.by_peer[way[0]].sync) and sync.is_serving(way[1]))
        ]

    def step(self, way: tuple[PeerId, PeerId]) -> None:
        """Hand over the next record of this direction, or have it sent."""
        sender, receiver = self.by_peer[way[0]], self.by_peer[way[1]]
        queue = self.queues[way]
        if not queue:
            sender.sync.serve(way[1])
            return
        kind, body = queue[0]
        if self.chance.random() >= self.doubled:
            queue.popleft()
        self.handed_over += 1
        record = grouprecords.decode(kind, body)
        if self.log is not None:
            self.log.append((sender, receiver, record))
        receiver.hears(sender.peer, record)

    def hand_over(self, most: int = 1_000_000) -> int:
        """Hand over what is under way, in any order; how many steps it took."""
        for done in range(most):
            ways = self.busy()
            if not ways:
                return done
            self.step(self.chance.choice(ways))
        return most

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for one in self.stations:
            one.ticks()

    def run(self, seconds: float, most: int = 50_000, until: Callable[[], bool] | None = None):
        """Let time pass from one deadline to the next, handing over everything in between."""
        end = self.now + seconds
        while True:
            most -= self.hand_over(most)
            assert most > 0, "they never come to rest"
            if self.now >= end or (until is not None and until()):
                return
            due = [one.sync.next_deadline() for one in self.stations if one.sync is not None]
            self.pass_time(min(end, max(self.now + 0.01, min(due, default=end))) - self.now)

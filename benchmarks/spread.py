"""How news spreads in a large group: the protocol's own code, with nothing else around it.

    python benchmarks/spread.py [--members 1000 10000] [--posts 5]

Every member is a ``GroupSync`` over a shelf in memory; no sockets, no disk, no signatures checked.
They are linked as the program links them (engine/protocol/ring.py), and with five contacts each;
every tenth is away. What is sent in one round of 50 ms is heard in the next. A post is made, and
all that follows from it is counted until nobody has anything to say; at the end those who were
away come back, all at once, and everything is counted until they have it all.

Bytes are those on the wire, each record in a frame of its own with its padding: the most it can be.
"""

import argparse
import functools
import gc
import heapq
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from histories import TEXT, History, words

from engine.protocol import frames, groupevent, grouplog, grouprecords, ring
from engine.protocol.groupevent import GroupEvent
from engine.protocol.grouprecords import GroupEvents, GroupRecord, Tip
from engine.protocol.groupsync import GroupSync
from engine.protocol.symmetric import TAG_SIZE
from identity import Identity, PeerId

ROUND = 0.05  # seconds that a record is under way
CONTACTS = 5  # of each member in the group, besides the ring
SPEAKERS = 100  # who said something before: a vector has a line for each of them
LENGTH = 2  # bytes before each frame


@functools.cache
def on_wire(size: int) -> int:
    [frame] = frames.pack([(grouprecords.GROUP_STATE, bytes(size))])
    return LENGTH + len(frame) + TAG_SIZE


class Added:
    def __init__(self) -> None:
        self.new: list[GroupEvent] = []
        self.waiting: list[tuple[GroupEvent, Collection[bytes]]] = []


class Shelf:
    """One member's events: what all began with is shared, what came since is their own."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._since: dict[bytes, int] = {}  # id -> row
        self._seqs: dict[bytes, int] = {}
        self._heads = {world.past.events[-1].id}
        self.row = len(world.past.events)
        self.digest = grouplog.digest(self._heads)

    # What is no question here: nobody comes or goes, and everybody may read everything.
    def is_member(self, _peer: PeerId) -> bool:
        return True

    def members(self) -> Collection[PeerId]:
        return self._world.members

    def farewell(self, _peer: PeerId) -> list[int]:
        return []

    def without_content(self) -> list[bytes]:
        return []

    def heard_of(self, _peer: PeerId, _seq: int) -> None:
        pass

    def wire_for(self, _peer: PeerId, event: GroupEvent) -> bytes:
        return event.wire

    def wires(self, _peer: PeerId, rows: Sequence[int]) -> list[bytes]:
        events = self._world.past.events
        mine = {row: event_id for event_id, row in self._since.items()}
        return [
            events[row].wire if row < len(events) else self._world.by_id[mine[row]].wire
            for row in rows
        ]

    def has(self, event_id: bytes) -> bool:
        return event_id in self._since or event_id in self._world.past_rows

    def known(self, ids: Iterable[bytes]) -> set[bytes]:
        return {one for one in ids if self.has(one)}

    def rows(self, ids: Iterable[bytes]) -> list[int]:
        both = (self._since, self._world.past_rows)
        return sorted(rows[one] for one in ids for rows in both if one in rows)

    def seq_of(self, author: bytes) -> int:
        return self._seqs.get(author) or self._world.past_seqs.get(author, 0)

    def vector(self, after_row: int) -> list[Tip]:
        """(``after_row`` says how much was known to both, and less than that is never left out.)"""
        tips = {} if after_row else {tip.author: tip for tip in self._world.past_tips}
        for event_id, row in self._since.items():
            if row >= after_row:
                event = self._world.by_id[event_id]
                tips[event.author] = Tip(event.author, event.seq, event.id)
        return list(tips.values())

    def lacking(self, _peer: PeerId, tips: Sequence[Tip], after_row: int) -> list[int]:
        have = {tip.author: tip.seq for tip in tips}
        rows = []
        if not after_row:
            for row, event in enumerate(self._world.past.events):
                if event.seq > have.get(event.author, 0):
                    rows.append(row)
        for event_id, row in self._since.items():
            event = self._world.by_id[event_id]
            if row >= after_row and event.seq > have.get(event.author, 0):
                rows.append(row)
        return rows

    def add(self, events: Sequence[GroupEvent]) -> Added:
        added = Added()
        for event in events:
            if self.has(event.id):
                continue
            missing = [one for one in grouplog.links(event) if not self.has(one)]
            if missing:
                added.waiting.append((event, missing))
                continue
            self._since[event.id] = self.row
            self.row += 1
            self._seqs[event.author] = max(event.seq, self.seq_of(event.author))
            self._heads.difference_update(event.parents)
            self._heads.add(event.id)
            added.new.append(event)
            self._world.has_it(event.id)
        if added.new:
            self.digest = grouplog.digest(self._heads)
        return added

    def write(self, me: Identity, text: str) -> GroupEvent:
        heads = [self._world.find(one) for one in self._heads]
        mine = [self._world.find(one) for one in (*self._since, *self._world.past_rows)]
        last = max(
            (one for one in mine if one.author == me.peer), key=lambda one: one.seq, default=None
        )
        event = groupevent.write(
            me,
            gid=self._world.past.gid,
            seq=1 if last is None else last.seq + 1,
            prev=None if last is None else last.id,
            parents=[head.id for head in heads][-groupevent.MAX_PARENTS :],
            auth=[self._world.past.gid],
            lamport=1 + max(head.lamport for head in heads),
            ts=0,
            kind=TEXT,
            content=words(text),
        )
        self._world.by_id[event.id] = self._world.by_wire[event.wire] = event
        return event


class Node:
    def __init__(self, world: "World", me: Identity) -> None:
        self.me = me
        self.world = world
        self.shelf = Shelf(world)
        self.links: dict[PeerId, Node] = {}
        self.serving: dict[PeerId, None] = {}
        self.due = float("inf")
        self.sync = GroupSync(
            me.peer,
            world.past.gid,
            self.shelf,
            send=functools.partial(world.send, self),
            choose=world.choose,
            now=world.now,
        )

    def hear(self, sender: PeerId, record: GroupRecord) -> None:
        """As the program does it."""
        now = self.world.now
        if isinstance(record, GroupEvents):
            events = [self.world.by_wire[wire] for wire in record.wires]
            fresh = [event for event in events if not self.shelf.has(event.id)]
            self.sync.heard_events(sender, fresh, now)
        else:
            self.sync.heard(sender, record, now)
        self.sync.tick(now)
        if self.sync.is_serving(sender):
            self.serving[sender] = None
            self.world.busy[self.me.peer] = self

    def settle(self) -> None:
        """Once in a round: what is due, and when the next is."""
        self.sync.tick(self.world.now)
        due = self.sync.next_deadline()
        if due != self.due:
            heapq.heappush(self.world.deadlines, (due, next(self.world.turn), self))
        self.due = due

    def serve(self) -> None:
        for peer in list(self.serving):
            self.sync.serve(peer)
            if not self.sync.is_serving(peer):
                del self.serving[peer]
        if not self.serving:
            self.world.busy.pop(self.me.peer, None)


class World:
    def __init__(self, members: int, away: float, seed: int = 1) -> None:
        self.now = 0.0
        self.round = 0
        self.chance = random.Random(seed)
        self.turn = iter(range(1 << 60))
        people = [Identity.generate() for _ in range(members)]
        self.members = frozenset(one.peer for one in people)
        self.past = History(people[0])
        for one in people[: min(SPEAKERS, members)]:
            self.past.says(one, "hello")
        self.past_rows = {event.id: row for row, event in enumerate(self.past.events)}
        tips = {event.author: event for event in self.past.events}
        self.past_seqs: dict[bytes, int] = {author: tip.seq for author, tip in tips.items()}
        self.past_tips = [Tip(tip.author, tip.seq, tip.id) for tip in tips.values()]
        self.by_id: dict[bytes, GroupEvent] = {event.id: event for event in self.past.events}
        self.by_wire = {event.wire: event for event in self.past.events}
        self.deadlines: list[tuple[float, int, Node]] = []
        self.busy: dict[PeerId, Node] = {}
        self.under_way: list[tuple[Node, PeerId, GroupRecord]] = []
        self.records: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.holders: Counter[bytes] = Counter()
        self.reached: dict[bytes, list[int]] = {}  # the round in which each of them had it
        self.nodes = {one.peer: Node(self, one) for one in people}
        peers = list(self.nodes)
        self.away = set(self.chance.sample(peers, round(members * away)))
        self.contacts = {peer: self.chance.sample(peers, CONTACTS) for peer in peers}
        for peer in peers:
            if peer not in self.away:
                self.dial(peer)
        self.run()

    def find(self, event_id: bytes) -> GroupEvent:
        return self.by_id[event_id]

    def choose(self, peers: list[PeerId], count: int) -> list[PeerId]:
        return self.chance.sample(peers, min(count, len(peers)))

    def dial(self, peer: PeerId) -> None:
        """Links to the neighbours on the ring, to those at a distance, and to contacts."""
        gid, away = self.past.gid, self.away
        wanted = ring.neighbours(gid, peer, self.members, lambda _one: False)
        wanted += ring.neighbours(gid, peer, self.members, away.__contains__)
        for other in (*wanted, *self.contacts[peer]):
            if other not in away and other != peer:
                self.link(self.nodes[peer], self.nodes[other])

    def link(self, one: Node, other: Node) -> None:
        if other.me.peer in one.links:
            return
        for node, peer in ((one, other), (other, one)):
            node.links[peer.me.peer] = peer
            node.sync.linked(peer.me.peer)
            node.settle()

    def send(self, sender: Node, receiver: PeerId, record: GroupRecord) -> None:
        kind = type(record).__name__
        _type, body = grouprecords.encode(record)
        self.records[kind] += 1
        self.bytes[kind] += on_wire(len(body))
        self.under_way.append((sender.links[receiver], sender.me.peer, record))

    def has_it(self, event_id: bytes) -> None:
        self.reached.setdefault(event_id, []).append(self.round)

    def run(self) -> int:
        """Until nobody has anything to say; how many rounds that took."""
        began = self.round
        horizon = self.now + 100  # the comparison every five minutes is nobody's news
        while True:
            while self.deadlines and self.deadlines[0][2].due != self.deadlines[0][0]:
                heapq.heappop(self.deadlines)  # it is due at another time by now
            next_due = self.deadlines[0][0] if self.deadlines else float("inf")
            if not self.under_way and not self.busy:
                if next_due > horizon:
                    return self.round - began
                ahead = max(1, round((next_due - self.now) / ROUND))
            else:
                ahead = 1
            self.round += ahead
            self.now += ahead * ROUND
            heard, self.under_way = self.under_way, []
            concerned = dict.fromkeys(node for node, _sender, _record in heard)
            for node, sender, record in heard:
                node.hear(sender, record)
            while self.deadlines and self.deadlines[0][0] <= self.now:
                due, _turn, node = heapq.heappop(self.deadlines)
                if due == node.due:
                    node.due = float("inf")
                    concerned[node] = None
            for node in list(self.busy.values()):
                node.serve()
                concerned[node] = None
            for node in concerned:
                node.settle()

    def counted(self) -> tuple[Counter[str], Counter[str]]:
        counted = self.records, self.bytes
        self.records, self.bytes = Counter(), Counter()
        return counted


def simulate(members: int, posts: int, away: float) -> None:
    began = time.perf_counter()
    world = World(members, away)
    world.counted()
    present = [node for peer, node in world.nodes.items() if peer not in world.away]
    links = statistics.mean(len(node.links) for node in present)
    print(f"\n{members:,} members, {len(world.away):,} of them away, {links:.1f} links each")
    rounds, halves, quiet = [], [], []
    records: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for number in range(posts):
        author = world.chance.choice(present)
        at = world.round
        event = author.shelf.write(author.me, f"post {number} of a hundred bytes".ljust(100, "."))
        author.shelf.add([event])
        author.sync.posted([event], world.now)
        author.settle()
        quiet.append(world.run())
        reached = sorted(world.reached[event.id])
        assert len(reached) == len(present), "somebody has not heard it"
        rounds.append(reached[-1] - at)
        halves.append(reached[len(reached) // 2] - at)
        more, bigger = world.counted()
        records, size = records + more, size + bigger
    everybody = len(present) * posts
    print(f"a post: half have it after {statistics.median(halves):.0f} rounds, all after"
          f" {statistics.median(rounds):.0f} (at most {max(rounds)}), silence after"
          f" {statistics.median(quiet):.0f}")  # fmt: skip
    _print_sums(records, size, everybody, "a member and post")
    back, world.away = world.away, set()
    at = world.round
    for peer in back:
        world.dial(peer)
    world.run()
    last = max(max(found) for found in world.reached.values()) - at
    short = [node for node in world.nodes.values() if node.shelf.digest != present[0].shelf.digest]
    assert not short, f"{len(short)} have not all"
    print(f"the {len(back):,} come back, {posts} posts behind: all have all after {last} rounds")
    _print_sums(*world.counted(), len(back), "who came back")
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"({time.perf_counter() - began:.0f} s, {used:,.0f} MiB)")


def _print_sums(records: Counter[str], size: Counter[str], each: int, what: str) -> None:
    for kind in sorted(records):
        print(f"  {kind:<12} {records[kind] / each:>8.2f} records {size[kind] / each:>9,.0f} bytes")
    print(f"  {'in all':<12} {records.total() / each:>8.2f} records"
          f" {size.total() / each:>9,.0f} bytes for each of {what}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--posts", type=int, default=5)
    parser.add_argument("--away", type=float, default=0.1, help="the part that is away")
    options = parser.parse_args()
    gc.disable()  # nothing here goes in circles that ends before the program does
    for members in options.members:
        simulate(members, options.posts, options.away)


if __name__ == "__main__":
    main()

"""One group as the program holds it: the protocol's ``Shelf``, on the database.

In memory is what every question needs: who is in it, its digest, how far others have our events.
All of it follows from the rows and is exchanged as a whole after each commit.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from engine.protocol import groupevent, grouplog, groupproof
from engine.protocol.groupevent import GroupEvent
from engine.protocol.grouprecords import MAX_IDS, Tip
from engine.protocol.membership import Membership
from engine.store import groupintake, groupreach, groups, groupwalk, groupwords
from engine.store.groupintake import Intake
from engine.store.groups import GroupRow
from engine.store.groupshown import Standpoint
from engine.store.opening import Db
from identity import PeerId

T = TypeVar("T")


class Disk(Protocol):
    """What of ``Database`` is needed."""

    def read(self, query: Callable[[Db], T]) -> T: ...
    def write(self, mutation: Callable[[Db], T], then: Callable[[T], None] | None = None) -> T: ...


class GroupShelf:
    def __init__(
        self,
        row: GroupRow,
        *,
        me: PeerId,
        disk: Disk,
        is_contact: Callable[[PeerId], bool],
        now: Callable[[], int],
        on_intake: Callable[["GroupShelf", Intake], None],
    ) -> None:
        """``on_intake`` is told after each commit what came of it."""
        self.number, self.gid = row.number, row.gid
        self.standing, self.muted, self.made_at = row.standing, row.muted, row.made_at
        self.carrier = row.carrier
        self.restored = row.restored
        self.stand: Standpoint | None = None
        self.heard: dict[PeerId, int] = {}
        self.digest = grouplog.digest(())
        self.row = 0
        self.two_faced: set[bytes] = set()
        self._me = me
        self._disk = disk
        self._is_contact = is_contact
        self._now = now
        self._on_intake = on_intake
        self._seqs: dict[bytes, int] = {}
        self._withheld: dict[bytes, tuple[int, set[int]]] = {}  # by ADD: its lamport, its past
        self._farewells: dict[PeerId, list[int]] = {}
        self._load()

    # -- who is in it

    @property
    def view(self) -> Membership | None:
        return None if self.stand is None else self.stand.view

    def is_member(self, peer: PeerId) -> bool:
        return self.view is not None and peer in self.view.members

    def was_member(self, peer: PeerId) -> bool:
        return self.view is not None and bool(self.view.came.get(peer))

    def members(self) -> Collection[PeerId]:
        return () if self.view is None else self.view.members.keys()

    # -- what is stored

    def seq_of(self, author: bytes) -> int:
        return self._seqs.get(author, 0)

    def vector(self, after_row: int) -> list[Tip]:
        return self._disk.read(lambda db: groupwalk.tips(db, self.number, after_row))

    def known(self, ids: Iterable[bytes]) -> set[bytes]:
        wanted = list(ids)
        if not wanted:
            return set()
        return self._disk.read(
            lambda db: {one for one in wanted if groups.row_of(db, self.number, one) is not None}
        )

    def whole(self, ids: Iterable[bytes]) -> set[bytes]:
        """Those that are stored with all that they can have."""
        wanted = list(ids)
        return self._disk.read(
            lambda db: {one for one in wanted if groupwords.is_whole(db, self.number, one)}
        )

    def rows(self, ids: Iterable[bytes]) -> list[int]:
        wanted = list(ids)

        def query(db: Db) -> list[int]:
            found = (groups.row_of(db, self.number, one) for one in wanted)
            return sorted(row for row in found if row is not None)

        return self._disk.read(query)

    def lacking(self, peer: PeerId, tips: Sequence[Tip], after_row: int) -> list[int]:
        """For a member, what they lack; for somebody who was one, the proof that they are not."""
        if self.is_member(peer):
            return self._disk.read(lambda db: groupwalk.lacking(db, self.number, tips, after_row))
        return self._proof(peer, tips)

    def wires(self, peer: PeerId, rows: Sequence[int]) -> list[bytes]:
        """What ``peer`` may see of these. Words stay back from who was removed, and from who was
        added without history, but for their own."""
        withheld = self._hidden_from(peer)

        def query(db: Db) -> list[bytes]:
            wires = []
            for row, author, signed, signature, content in groupwalk.parts(db, rows):
                if author != peer and (withheld is None or row in withheld):
                    content = None
                wires.append(groupevent.join(signed, signature, content))
            return wires

        return self._disk.read(query)

    def wire_for(self, peer: PeerId, event: GroupEvent) -> bytes | None:
        member = None if self.view is None else self.view.members.get(peer)
        if member is None:
            return None
        if member.since is None or event.lamport > self._since(member.since)[0]:
            return event.wire
        return None

    def farewell(self, peer: PeerId) -> list[int]:
        """The rows of what took ``peer`` out of the group; [] for a member, and who never was."""
        if self.view is None or self.is_member(peer):
            return []
        if peer not in self._farewells:
            assert self.stand is not None
            ids = groupproof.reasons(self.stand.acts, self.view, peer)
            self._farewells[peer] = self.rows(ids) if ids else []
        return self._farewells[peer]

    def without_content(self) -> list[bytes]:
        withheld = self._hidden_from(self._me) or set()
        return self._disk.read(
            lambda db: groupwords.without_content(db, self.number, withheld, MAX_IDS, self._now())
        )

    def empty_by_author(self) -> dict[PeerId, int]:
        """How many events lack words that we should have."""
        withheld = self._hidden_from(self._me) or set()
        now = self._now()
        return self._disk.read(
            lambda db: groupwords.empty_by_author(db, self.number, withheld, now)
        )

    # -- what comes in

    def add(self, events: Sequence[GroupEvent]) -> "Taken":
        """Store what somebody sent, or we made. Raises BadEvent, StoreError."""
        intake = self.write(lambda db: self.take(db, events))
        return Taken(intake)

    def take(self, db: Db, events: Sequence[GroupEvent]) -> Intake:
        """The mutation behind ``add``; ``settled`` has to be told of the result."""
        return groupintake.take(
            db,
            self.number,
            self.gid,
            events,
            me=self._me,
            stand=self.stand,
            is_contact=self._is_contact,
            now=self._now(),
        )

    def write(self, mutation: Callable[[Db], Intake]) -> Intake:
        return self._disk.write(mutation, self.settled)

    def settled(self, intake: Intake) -> None:
        """After the commit."""
        if intake.members_changed:
            self._farewells.clear()
        self.stand = intake.stand or self.stand
        self.standing = intake.standing if intake.stand is not None else self.standing
        self.digest, self.row = grouplog.digest(intake.heads), intake.row
        self.heard = intake.heard or self.heard
        for placed in intake.new:
            event = placed.event
            if event.seq <= self._seqs.get(event.author, 0):
                self.two_faced.add(event.author)
            self._seqs[event.author] = max(event.seq, self._seqs.get(event.author, 0))
        self._on_intake(self, intake)

    def heard_of(self, peer: PeerId, seq: int) -> None:
        """``peer`` has our events up to this number on their disk."""
        view = self.view
        if self.restored and self.is_member(peer) and seq <= self.seq_of(self._me):
            self._disk.write(lambda db: groups.heard_all(db, self.number))
            self.restored = False
        seq = min(seq, self.seq_of(self._me))
        if view is None or peer not in view.members or seq <= self.heard.get(peer, 0):
            return

        def mutation(db: Db) -> Intake:
            heard, states = groupintake.heard_of(
                db, self.number, self.gid, self._me, view, {peer: seq}, self._now()
            )
            return Intake(heard=heard, states=states)

        def committed(intake: Intake) -> None:
            self.heard = intake.heard
            self._on_intake(self, intake)

        self._disk.write(mutation, committed)

    # -- inside

    def _load(self) -> None:
        def query(db: Db) -> tuple[Any, ...]:
            number = self.number
            return (
                groupintake.current(db, number, None),
                [event_id for _lamport, event_id in groups.heads(db, number)],
                groups.newest_row(db, number),
                groupreach.load_heard(db, number),
                groupwalk.tips(db, number, 0),
                groupwalk.two_faced(db, number),
            )

        self.stand, heads, self.row, self.heard, tips, self.two_faced = self._disk.read(query)
        self.digest = grouplog.digest(heads)
        for tip in tips:
            self._seqs[tip.author] = max(tip.seq, self._seqs.get(tip.author, 0))

    def _hidden_from(self, peer: PeerId) -> set[int] | None:
        """Rows whose words ``peer`` may not see; None: of all."""
        member = None if self.view is None else self.view.members.get(peer)
        if member is None:
            return None
        return set() if member.since is None else self._since(member.since)[1]

    def _since(self, add: bytes) -> tuple[int, set[int]]:
        if add not in self._withheld:

            def query(db: Db) -> tuple[int, set[int]]:
                found = groups.find(db, self.number, add)
                assert found is not None
                return found.stub.lamport, groupwalk.past(db, [found.row])

            self._withheld[add] = self._disk.read(query)
        return self._withheld[add]

    def _proof(self, peer: PeerId, tips: Sequence[Tip]) -> list[int]:
        """Of what they lack, what shows them that they are no member, and what it stands on."""
        if self.stand is None:
            return []
        acts, why = self.stand.acts, self.farewell(peer)

        def query(db: Db) -> list[int]:
            lacking = groupwalk.lacking(db, self.number, tips, 0)
            allowed, place = groupwalk.past(db, why), groupwalk.act_rows(db, self.number)
            hidden = set(lacking) - allowed
            seen = [event_id for event_id, row in place.items() if row not in hidden]
            more = groupproof.proof(acts, seen, peer)
            allowed |= groupwalk.past(db, [place[event_id] for event_id in more])
            return [row for row in lacking if row in allowed]

        return self._disk.read(query)


class Taken:
    """An intake as the protocol sees it."""

    def __init__(self, intake: Intake) -> None:
        self.new = [placed.event for placed in intake.new]
        self.waiting = intake.waiting

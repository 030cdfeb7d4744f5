"""Who is in a group: a pure function of the set of its membership events.

No clock and no order of arrival is asked, so whoever holds the same events sees the same members.

    seniority(creator) = ()      seniority(X) = seniority(who added X) + ((lamport, id) of the ADD,)

Compared as tuples; of several valid ADDs the smallest counts. The rules (PROTOCOL.md):

1  You may ADD, REMOVE and ROLE only people junior to you or unknown, and only as an admin in your
   event's own past. LEAVE is always yours.
2  An act of X is void when a valid REMOVE of X is concurrent with it; an admin's act also when a
   valid demotion of X is.
3  X is a member if some valid ADD has every valid REMOVE of X in its past.
4  Of concurrent roles the least privilege wins; of concurrent names the last by (lamport, id).

People are judged from the most senior on. Whoever is judged next can be touched only by those who
were judged before, and nobody junior can become more senior: the next ADD only lengthens a tuple.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from engine.protocol import groupevent
from engine.protocol.groupacts import Role
from engine.protocol.groupevent import ADD, CREATE, LEAVE, META, REMOVE, GroupEvent
from engine.protocol.grouppast import Act, Acts
from identity import PeerId

Seniority = tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Member:
    peer: PeerId
    role: Role
    seniority: Seniority
    added_by: PeerId
    name: str
    hints: tuple[str, ...]
    since: bytes | None  # the ADD whose past holds nothing for their eyes; None: they may read all


@dataclass(frozen=True, slots=True)
class Membership:
    """How a group stands, as far as its events are known."""

    creator: PeerId
    name: str
    members: Mapping[PeerId, Member]
    valid: frozenset[bytes]  # the ids of the events that count
    came: Mapping[PeerId, tuple[Act, ...]] = field(compare=False, repr=False)  # ADDs that count
    went: Mapping[PeerId, tuple[Act, ...]] = field(compare=False, repr=False)  # REMOVE and LEAVE
    # ADDs void only because somebody senior added the same person, too: they were in in good faith
    welcomed: Mapping[PeerId, tuple[Act, ...]] = field(compare=False, repr=False)
    given: Mapping[PeerId, tuple[Act, ...]] = field(compare=False, repr=False)  # ROLEs that count

    def is_admin(self, peer: PeerId) -> bool:
        member = self.members.get(peer)
        return member is not None and member.role is Role.ADMIN


def resolve(events: Iterable[GroupEvent]) -> Membership:
    """Judge all membership events of one group. Raises BadEvent when its CREATE is missing."""
    acts = Acts()
    for event in sorted(events, key=lambda one: one.order):  # lamport grows along the links
        acts.add(event)
    return judge(acts)


def judge(acts: Acts) -> Membership:
    """As ``resolve``, of events laid out already."""
    if acts.creation is None:
        raise groupevent.BadEvent("a group without its first event")
    return _Judge(acts, acts.creation).judge()


class _Judge:
    def __init__(self, acts: Acts, creation: Act) -> None:
        self._acts = acts
        self._creation = creation
        self._valid: set[bytes] = {creation.event.id}
        self._adds: dict[PeerId, list[Act]] = {}  # those that count, by target
        self._welcomed: dict[PeerId, list[Act]] = {}  # ADDs of people who turned out to be senior
        self._removes: dict[PeerId, list[Act]] = {}
        self._roles: dict[PeerId, list[Act]] = {}

    def judge(self) -> Membership:
        creator = self._creation.event.author
        seniority: dict[PeerId, Seniority] = {}
        queue: list[tuple[Seniority, PeerId]] = [((), creator)]
        while queue:
            rank, peer = heapq.heappop(queue)
            if peer in seniority:
                continue
            seniority[peer] = rank
            for target, add in self._judge_acts(peer, lambda one: one in seniority):
                heapq.heappush(queue, ((*rank, add.event.order), target))
        return self._membership(seniority)

    def _judge_acts(
        self, peer: PeerId, is_senior: Callable[[PeerId], bool]
    ) -> list[tuple[PeerId, Act]]:
        """Decide which acts of ``peer`` count; whom they added."""
        acts = self._acts.by.get(peer, [])
        for act in acts:
            if act.event.type == LEAVE and act is not self._creation:
                self._valid.add(act.event.id)
                self._removes.setdefault(peer, []).append(act)
        added = []
        for act in acts:
            kind = act.event.type
            if kind in (CREATE, LEAVE) or not self._may_act(peer, act):
                continue
            if kind == META:
                self._valid.add(act.event.id)
                continue
            target = act.says.target if kind == ADD else act.says[0]
            if is_senior(target):
                if kind == ADD:
                    self._welcomed.setdefault(target, []).append(act)
                continue
            self._valid.add(act.event.id)
            if kind == ADD:
                added.append((target, act))
                self._adds.setdefault(target, []).append(act)
            elif kind == REMOVE:
                self._removes.setdefault(target, []).append(act)
            else:
                self._roles.setdefault(target, []).append(act)
        return added

    def _may_act(self, peer: PeerId, act: Act) -> bool:
        """Rule 1, for the author; and rule 2."""
        gone = self._removes.get(peer, ())
        if any(not act.past & one.bit and not one.past & act.bit for one in gone):
            return False  # beside it
        roles = self._roles.get(peer, ())
        if any(one.says[1] is Role.MEMBER and one.is_beside(act) for one in roles):
            return False
        before = 0  # the removals that the act knew of
        for one in gone:
            before |= one.bit & act.past
        if peer == self._creation.event.author:
            return not before  # nobody can call a creator back in who left
        # Somebody senior added them, or they would not be judged; that they knew of another ADD
        # when they acted, by somebody who turned out to be junior to them, is as good. But whoever
        # knew of their removal needs an ADD that counts.
        called = self._adds.get(peer, ()) if before else self._acts.called[peer]
        if not any(one.bit & act.past and not before & ~one.past for one in called):
            return False
        return self._role(peer, act.past) is Role.ADMIN

    def _role(self, peer: PeerId, past: int | None = None) -> Role:
        """Rule 4: what the latest of those in this past gave them (None: of all); the least of
        several."""
        given = [
            (one, one.says.role if one.event.type == ADD else one.says[1])
            for one in (*self._adds.get(peer, ()), *self._roles.get(peer, ()))
            if past is None or one.bit & past
        ]
        before = 0
        for one, _ in given:
            before |= one.past
        latest = [role for one, role in given if not one.bit & before]
        return min(latest, default=Role.MEMBER)

    def _membership(self, seniority: Mapping[PeerId, Seniority]) -> Membership:
        creator = self._creation.event.author
        members = {}
        for peer, rank in seniority.items():
            gone = self._removes.get(peer, [])
            if peer == creator:
                if not gone:
                    _name, own, hints = self._creation.says
                    members[peer] = Member(peer, Role.ADMIN, rank, creator, own, hints, None)
                continue
            left = 0
            for one in gone:
                left |= one.bit
            standing = [one for one in self._adds[peer] if not left & ~one.past]
            if not standing:
                continue
            first = min(standing, key=lambda one: (*seniority[one.event.author], one.event.order))
            said = max(standing, key=lambda one: one.event.order).says
            members[peer] = Member(
                peer,
                self._role(peer),
                rank,
                first.event.author,
                said.name,
                said.hints,
                None if first.says.history else first.event.id,
            )
        named = [
            act
            for acts in self._acts.by.values()
            for act in acts
            if act.event.type == META and act.event.id in self._valid
        ]
        name = max(named, key=lambda one: one.event.order, default=self._creation).says[0]
        return Membership(
            creator,
            name,
            members,
            frozenset(self._valid),
            came={peer: tuple(acts) for peer, acts in self._adds.items()},
            went={peer: tuple(acts) for peer, acts in self._removes.items()},
            welcomed={peer: tuple(acts) for peer, acts in self._welcomed.items()},
            given={peer: tuple(acts) for peer, acts in self._roles.items()},
        )

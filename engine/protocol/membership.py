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
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import msgpack

from engine.protocol import groupevent
from engine.protocol.groupevent import ADD, CREATE, LEAVE, META, REMOVE, GroupEvent
from identity import PeerId

MAX_NAME: Final = 256  # bytes of UTF-8
MAX_HINTS: Final = 8
MAX_HINT: Final = 80  # bytes
NONCE_SIZE: Final = 16  # bytes

_ROLES: Final = frozenset({0, 1})

Seniority = tuple[tuple[int, bytes], ...]


class Role(IntEnum):
    """What somebody may do. The values are on the wire, the least privilege first."""

    MEMBER = 0
    ADMIN = 1


@dataclass(frozen=True, slots=True)
class Add:
    target: PeerId
    role: Role
    name: str  # what they are called, by who added them
    hints: tuple[str, ...]  # where they may be reached
    history: bool  # they get what was said before


@dataclass(frozen=True, slots=True)
class Member:
    peer: PeerId
    role: Role
    seniority: Seniority
    added_by: PeerId
    name: str
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """How a group stands, as far as its events are known."""

    creator: PeerId
    name: str
    members: Mapping[PeerId, Member]
    valid: frozenset[bytes]  # the ids of the events that count

    def is_admin(self, peer: PeerId) -> bool:
        member = self.members.get(peer)
        return member is not None and member.role is Role.ADMIN


def create_body(name: str, nonce: bytes) -> bytes:
    packed: bytes = msgpack.packb([name, nonce])
    return packed


def add_body(add: Add) -> bytes:
    fields = [bytes(add.target), int(add.role), add.name, list(add.hints), add.history]
    packed: bytes = msgpack.packb(fields)
    return packed


def remove_body(target: PeerId) -> bytes:
    packed: bytes = msgpack.packb([bytes(target)])
    return packed


def role_body(target: PeerId, role: Role) -> bytes:
    packed: bytes = msgpack.packb([bytes(target), int(role)])
    return packed


def name_body(name: str) -> bytes:
    packed: bytes = msgpack.packb([name])
    return packed


class Group:
    """Events of one group, laid out so that they can be judged."""

    def __init__(self, events: Iterable[GroupEvent]) -> None:
        ordered = sorted(
            (event for event in events if event.is_membership), key=lambda one: one.order
        )
        self._bit = {event.id: 1 << at for at, event in enumerate(ordered)}
        self._past: dict[bytes, int] = {}
        self.by: dict[PeerId, list[_Act]] = {}
        self.creation: _Act | None = None
        for event in ordered:
            past = 0
            for known in event.auth:  # all of them came before: lamport grows along the links
                past |= self._past.get(known, 0) | self._bit.get(known, 0)
            self._past[event.id] = past
            act = _Act(event, self._bit[event.id], past, _meaning(event))
            if act.says is None:
                continue
            if event.type == CREATE and event.id == event.gid:
                self.creation = act
            self.by.setdefault(event.author, []).append(act)


@dataclass(frozen=True, slots=True)
class _Act:
    event: GroupEvent
    bit: int
    past: int  # the bits of all before it
    says: Any  # the body, read; None when it cannot be

    def is_before(self, other: "_Act") -> bool:
        return bool(other.past & self.bit)

    def is_beside(self, other: "_Act") -> bool:
        return self is not other and not (self.is_before(other) or other.is_before(self))


def resolve(events: Iterable[GroupEvent]) -> Membership:
    """Judge all membership events of one group. Raises BadEvent when its CREATE is missing."""
    group = Group(events)
    if group.creation is None:
        raise groupevent.BadEvent("a group without its first event")
    return _Judge(group, group.creation).judge()


class _Judge:
    def __init__(self, group: Group, creation: _Act) -> None:
        self._group = group
        self._creation = creation
        self._valid: set[bytes] = {creation.event.id}
        self._adds: dict[PeerId, list[_Act]] = {}  # those that count, by target
        self._removes: dict[PeerId, list[_Act]] = {}
        self._roles: dict[PeerId, list[_Act]] = {}
        self._called_in: dict[PeerId, list[_Act]] = {}  # every ADD, whoever made it
        for acts in group.by.values():
            for act in acts:
                if act.event.type == ADD:
                    self._called_in.setdefault(act.says.target, []).append(act)

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
    ) -> list[tuple[PeerId, _Act]]:
        """Decide which acts of ``peer`` count; whom they added."""
        acts = self._group.by.get(peer, [])
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

    def _may_act(self, peer: PeerId, act: _Act) -> bool:
        """Rule 1, for the author; and rule 2."""
        gone = self._removes.get(peer, [])
        if any(one.is_beside(act) for one in gone):
            return False
        demotions = [one for one in self._roles.get(peer, []) if one.says[1] is Role.MEMBER]
        if any(one.is_beside(act) for one in demotions):
            return False
        before = [one for one in gone if one.is_before(act)]
        if peer == self._creation.event.author:
            return not before  # nobody can call a creator back in who left
        # Somebody senior added them, or they would not be judged; that they knew of another ADD
        # when they acted, by somebody who turned out to be junior to them, is as good.
        called = [one for one in self._called_in[peer] if one.is_before(act)]
        if not any(all(gone.is_before(one) for gone in before) for one in called):
            return False
        return self._role(peer, lambda one: one.is_before(act)) is Role.ADMIN

    def _role(self, peer: PeerId, counts: Callable[[_Act], bool]) -> Role:
        """Rule 4: what the latest of those that count gave them; the least of several."""
        given = [
            (one, one.says.role if one.event.type == ADD else one.says[1])
            for one in (*self._adds.get(peer, []), *self._roles.get(peer, []))
            if counts(one)
        ]
        latest = [
            role for one, role in given if not any(one.is_before(other) for other, _ in given)
        ]
        return min(latest, default=Role.MEMBER)

    def _membership(self, seniority: Mapping[PeerId, Seniority]) -> Membership:
        creator = self._creation.event.author
        members = {}
        for peer, rank in seniority.items():
            gone = self._removes.get(peer, [])
            if peer == creator:
                if not gone:
                    name = ""
                    members[peer] = Member(peer, Role.ADMIN, rank, creator, name, ())
                continue
            standing = [
                one for one in self._adds[peer] if all(left.is_before(one) for left in gone)
            ]
            if not standing:
                continue
            first = min(standing, key=lambda one: (*seniority[one.event.author], one.event.order))
            said = max(standing, key=lambda one: one.event.order).says
            members[peer] = Member(
                peer,
                self._role(peer, lambda _one: True),
                rank,
                first.event.author,
                said.name,
                said.hints,
            )
        named = [
            act
            for acts in self._group.by.values()
            for act in acts
            if act.event.type == META and act.event.id in self._valid
        ]
        name = max(named, key=lambda one: one.event.order, default=self._creation).says[0]
        return Membership(creator, name, members, frozenset(self._valid))


def _meaning(event: GroupEvent) -> Any:
    """What the body says; None when it cannot be read, or is of a later version."""
    try:
        values = msgpack.unpackb(
            event.body,
            raw=False,
            max_array_len=MAX_HINTS,
            max_map_len=0,
            max_ext_len=0,
            max_str_len=MAX_NAME,
            max_bin_len=groupevent.HASH_SIZE,
        )
    except (ValueError, msgpack.UnpackException, RecursionError):
        return None
    match event.type, values:
        case (groupevent.CREATE, [str(name), bytes(nonce)]) if len(nonce) == NONCE_SIZE:
            return [name]
        case (groupevent.ADD, [bytes(target), int(role), str(name), [*hints], bool(history)]):
            if role in _ROLES and _is_peer(target) and all(map(_is_hint, hints)):
                return Add(PeerId(target), Role(role), name, tuple(hints), history)
        case (groupevent.REMOVE, [bytes(target)]) if _is_peer(target):
            return [PeerId(target)]
        case (groupevent.ROLE, [bytes(target), int(role)]):
            if role in _ROLES and _is_peer(target):
                return [PeerId(target), Role(role)]
        case (groupevent.LEAVE, []):
            return []
        case (groupevent.META, [str(name)]):
            return [name]
    return None


def _is_peer(value: bytes) -> bool:
    return len(value) == groupevent.HASH_SIZE


def _is_hint(value: Any) -> bool:
    return type(value) is str and len(value.encode()) <= MAX_HINT

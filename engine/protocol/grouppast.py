"""Which membership events came before which: what every rule about a group is asked of.

Each event names the heads of the membership events its author knew; all before those came before
it. A set of events is kept as one integer with a bit for each, so that "did they know of it?" is
one operation, however long the history.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.protocol.groupacts import Role, meaning
from engine.protocol.groupevent import ADD, CREATE, ROLE, GroupEvent
from identity import PeerId


@dataclass(frozen=True, slots=True)
class Act:
    event: GroupEvent
    bit: int
    past: int  # the bits of all before it
    says: Any  # the body, read

    def is_before(self, other: "Act") -> bool:
        return bool(other.past & self.bit)

    def is_beside(self, other: "Act") -> bool:
        return self is not other and not (self.is_before(other) or other.is_before(self))


class Acts:
    """The membership events of one group, added in an order in which causes come first."""

    def __init__(self) -> None:
        self.by: dict[PeerId, list[Act]] = {}  # what can be read, by author
        self.called: dict[PeerId, list[Act]] = {}  # every ADD, by whom it names
        self.trusted: dict[PeerId, int] = {}  # whoever made them an admin: the bits of it
        self.creation: Act | None = None
        self._bits: dict[bytes, int] = {}
        self._pasts: dict[bytes, int] = {}
        self._heads: dict[bytes, tuple[int, bytes]] = {}
        self._authors: dict[bytes, PeerId] = {}  # of the heads

    def __len__(self) -> int:
        return len(self._bits)

    def __contains__(self, event_id: bytes) -> bool:
        return event_id in self._bits

    def copy(self) -> "Acts":
        other = Acts()
        other.by = {peer: list(acts) for peer, acts in self.by.items()}
        other.called = {peer: list(acts) for peer, acts in self.called.items()}
        other.trusted = dict(self.trusted)
        other.creation = self.creation
        other._bits, other._pasts = dict(self._bits), dict(self._pasts)
        other._heads, other._authors = dict(self._heads), dict(self._authors)
        return other

    def only(self, bits: int) -> "Acts":
        """These alone, to be judged: as somebody sees the group who has no others."""
        some = Acts()
        some.by = {peer: [act for act in acts if act.bit & bits] for peer, acts in self.by.items()}
        for peer, acts in self.called.items():
            some.called[peer] = [act for act in acts if act.bit & bits]
        some.creation = self.creation
        return some

    def first(self, count: int) -> int:
        """The bits of the first ``count``, in the order in which they were added."""
        return (1 << count) - 1

    def among(self, bits: int) -> list[bytes]:
        """The ids of these."""
        return [event_id for event_id, bit in self._bits.items() if bit & bits]

    def add(self, event: GroupEvent) -> None:
        """Adding one twice, or one that is not about membership, changes nothing."""
        if not event.is_membership or event.id in self._bits:
            return
        bit = self._bits[event.id] = 1 << len(self._bits)
        past = self._pasts[event.id] = self.past_of(event.auth)
        for known in event.auth:
            self._heads.pop(known, None)
            self._authors.pop(known, None)
        self._heads[event.id], self._authors[event.id] = event.order, event.author
        says = meaning(event)
        if says is None:
            return
        act = Act(event, bit, past, says)
        if event.type == CREATE:
            if event.id != event.gid:
                return
            self.creation = act
        elif event.type == ADD:
            self.called.setdefault(says.target, []).append(act)
            if says.role is Role.ADMIN:
                self.trusted[says.target] = self.trusted.get(says.target, 0) | bit
        elif event.type == ROLE and says[1] is Role.ADMIN:
            self.trusted[says[0]] = self.trusted.get(says[0], 0) | bit
        self.by.setdefault(event.author, []).append(act)

    def heads(self, most: int, reasons: Iterable["Act"] = ()) -> list[bytes]:
        """Those that no other names. If there are more than ``most``: for each of the reasons one
        that follows from it, then the latest of each author, then the latest. Else somebody who
        signs many at once could leave others without their reason to act, or to speak."""
        latest = sorted(self._heads, key=self._heads.__getitem__, reverse=True)
        if len(latest) <= most:
            return latest[::-1]
        chosen: dict[bytes, None] = {}
        for reason in reasons:
            holds = (one for one in latest if self.past_of((one,)) & reason.bit)
            chosen.update(dict.fromkeys(list(islice(holds, 1))))
        by_author: dict[PeerId, bytes] = {}
        for one in latest:
            by_author.setdefault(self._authors[one], one)
        chosen.update(dict.fromkeys([*by_author.values(), *latest]))
        return sorted(list(chosen)[:most], key=self._heads.__getitem__)

    def past_of(self, heads: Iterable[bytes]) -> int:
        """The bits of these and of all before them; those not known count for nothing."""
        past = 0
        for known in heads:
            past |= self._pasts.get(known, 0) | self._bits.get(known, 0)
        return past

    def is_called(self, peer: PeerId, past: int) -> bool:
        """Say whether ``past`` holds a reason why they speak here at all: they made the group, or
        somebody added them. (Whether that ADD counts is for others to judge, and may change.)"""
        if self.creation is not None and self.creation.event.author == peer:
            return bool(past & self.creation.bit)
        return any(act.bit & past for act in self.called.get(peer, ()))

    def is_trusted(self, peer: PeerId, past: int) -> bool:
        """Say whether ``past`` holds a reason why they change who is in it: they made the group, or
        somebody made them an admin. (Whether that counts is for others to judge.)"""
        if self.creation is not None and self.creation.event.author == peer:
            return True
        return bool(self.trusted.get(peer, 0) & past)

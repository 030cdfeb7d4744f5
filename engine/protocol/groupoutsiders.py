"""What is said to those on our links who are no members of a group, and why so little of it.

    was a member       STATE ->    <- WANT ()     "how far do you know?"
                       VECTOR ->   <- EVENTS      what shows them that they are none, without words
                                   <- VECTOR      if they have what we have not: perhaps somebody
                                                  called them back
    says to be one     STATE ->    <- VECTOR ()   "show it": we did not hear who added them

Nothing else is answered. What they are told may make them none in their own eyes only by and by:
others speak to them, too, and we may learn more. So each state of theirs that is new to us is
answered, a bounded number of times.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from engine.protocol import groupbatch
from engine.protocol.grouprecords import GroupRecord, GroupState, GroupVector, GroupWant, Tip
from engine.protocol.groupshelf import Shelf
from engine.protocol.groupstate import MAX_VECTOR
from identity import PeerId

MAX_ASKED: Final = 8  # times that somebody is asked how far they know, between two ``begin_again``


@dataclass(slots=True)
class SyncOutsider:
    """Somebody linked who is no member."""

    asked: bool = False  # they may bring what shows that they are a member
    awaited: bool = True  # their whole vector has not come since we asked for it
    times: int = 0  # we asked how far they know
    digest: bytes | None = None  # what they said to have when we asked last
    reasons: list[int] = field(default_factory=list)  # why they are none, as we saw it then
    unknown: set[bytes] = field(default_factory=set)  # their tips that we did not have
    tips: list[Tip] = field(default_factory=list)  # of a vector in several parts
    plan: dict[int, None] = field(default_factory=dict)  # rows still to be sent, each once


class Outsiders:
    def __init__(
        self, gid: bytes, shelf: Shelf, send: Callable[[PeerId, GroupRecord], None]
    ) -> None:
        self._gid = gid
        self._shelf = shelf
        self._send = send
        self._all: dict[PeerId, SyncOutsider] = {}

    def went(self, peer: PeerId) -> None:
        """They were a member until now: what took them out is news to them, perhaps all of it."""
        plan = dict.fromkeys(self._shelf.farewell(peer)[-1:])
        self._all[peer] = SyncOutsider(plan=plan)

    def forget(self, peer: PeerId) -> None:
        self._all.pop(peer, None)

    def begin_again(self) -> None:
        """Time has passed: they may be asked again."""
        for one in self._all.values():
            one.times = 0

    def members_changed(self, peer: PeerId) -> None:
        """They are none for other reasons, perhaps."""
        one = self._all.get(peer)
        if one is not None and one.asked and self._shelf.farewell(peer) != one.reasons:
            self._ask_how_far(peer, one)

    def ask_for_all(self, peer: PeerId) -> None:
        self._all.setdefault(peer, SyncOutsider()).asked = True
        self._send(peer, GroupVector(self._gid, None, more=False, tips=()))

    def may_bring(self, peer: PeerId) -> bool:
        one = self._all.get(peer)
        return one is not None and one.asked

    def brought(self, peer: PeerId) -> None:
        """They had something new to us: what they were told did not reckon with it."""
        if (one := self._all.get(peer)) is not None:
            one.digest = None

    def heard(self, peer: PeerId, record: GroupRecord) -> None:
        one = self._all.setdefault(peer, SyncOutsider())
        was_member = bool(self._shelf.farewell(peer))
        match record:
            case GroupState() if was_member:
                if record.digest != one.digest:
                    one.digest = record.digest
                    self._ask_how_far(peer, one)
            case GroupState() if not one.asked:
                self.ask_for_all(peer)
            case GroupVector(_, None, more, tips) if was_member and one.awaited:
                one.tips.extend(tips[: MAX_VECTOR - len(one.tips)])
                if not more:
                    one.awaited = False
                    tips, one.tips = tuple(one.tips), []
                    self._tell(peer, one, tips)
            case GroupVector(_, base, False) if was_member and base is not None:
                self._ask_how_far(peer, one)  # they think that they may ask what they lack
            case _:
                pass

    def plan(self, peer: PeerId) -> dict[int, None]:
        """The rows that are on their way to them."""
        one = self._all.get(peer)
        return {} if one is None else one.plan

    def _ask_how_far(self, peer: PeerId, one: SyncOutsider) -> None:
        if one.times < MAX_ASKED:
            one.times += 1
            one.asked = one.awaited = True
            one.reasons, one.tips = self._shelf.farewell(peer), []
            self._send(peer, GroupWant(self._gid, ()))

    def _tell(self, peer: PeerId, one: SyncOutsider, tips: tuple[Tip, ...]) -> None:
        rows = self._shelf.lacking(peer, tips, 0)
        one.plan = dict.fromkeys([*one.plan, *rows])
        common = groupbatch.in_common(self._shelf, tips)
        unknown = {tip.id for tip in tips} - {tip.id for tip in common}
        if unknown - one.unknown:
            for part in groupbatch.vector(self._gid, None, common):
                self._send(peer, part)
        one.unknown = unknown

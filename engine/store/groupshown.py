"""What of a group's history is shown: rows of ``message`` that follow from its events.

    an event about membership   a line, while it counts            (membership.py)
    words                       a message, while its author's words count (groupspeech.py)
    words in doubt              nothing yet: their author was removed at the same moment

What counts may change when more of the history comes in, so lines come and go in the transaction
that stores what changed it. A message's id is the beginning of its event's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import apsw

from engine.protocol import groupevent, grouplog
from engine.protocol.groupevent import GroupEvent
from engine.protocol.grouppast import Act, Acts
from engine.protocol.groupspeech import doubts
from engine.protocol.membership import Membership
from engine.store import groups, history
from engine.store.groups import Placed
from engine.store.history import OpenChat, State, Stored
from identity import PeerId


class Shown(IntEnum):
    """The values are stored."""

    NO = 0
    YES = 1
    IN_DOUBT = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A message that is shown now, and which one it stands before (None: the last)."""

    stored: Stored
    before: bytes | None


@dataclass(slots=True)
class Changes:
    added: list[Line] = field(default_factory=list)
    removed: list[bytes] = field(default_factory=list)  # ids of messages


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What follows from the events about membership that are stored. Never changed in place."""

    acts: Acts
    view: Membership


class Showing:
    """One transaction's look at one group."""

    def __init__(
        self, db: apsw.Connection, number: int, chat: OpenChat, me: PeerId, stand: Standpoint
    ) -> None:
        self._db = db
        self._number = number
        self._chat = chat
        self._me = me
        self._acts, self._view = stand.acts, stand.view
        self.changes = Changes()

    def members_changed(self, before: Membership | None) -> None:
        """Bring the lines about membership up to date, and the words of whoever came or went."""
        shown = groups.shown_acts(self._db, self._number)
        for event_id, row in shown.items():
            if event_id not in self._view.valid:
                self._hide(row, event_id)
        fresh = [one for one in self._view.valid if one not in shown]
        for event in sorted(map(self._event, fresh), key=lambda one: one.order):
            at = groups.row_of(self._db, self._number, event.id)
            assert at is not None
            self._show(at, event, history.FIRST_LINE + event.type, event.body)
        for author in self._concerned(before):
            self._judge_all_of(author)

    def words(self, placed: Sequence[Placed]) -> None:
        """These came in, or their words did."""
        for one in placed:
            if not one.event.is_membership:
                self._judge(one.row, one.event)
        self._bless(placed)

    # -- inside

    def _event(self, event_id: bytes) -> GroupEvent:
        row = groups.row_of(self._db, self._number, event_id)
        assert row is not None
        return self._at(row)

    def _at(self, row: int) -> GroupEvent:
        [(_row, _author, signed, signature, content)] = groups.parts(self._db, [row])
        return groupevent.kept(signed, signature, content)

    def _concerned(self, before: Membership | None) -> Iterable[PeerId]:
        """Everybody who came or went by other events than before."""
        now = self._view
        if before is None:
            return {*now.came, *now.went}

        def ways(view: Membership, peer: PeerId) -> list[set[bytes]]:
            sides = (view.came, view.went)
            return [{act.event.id for act in side.get(peer, ())} for side in sides]

        everyone = {*now.came, *now.went, *before.came, *before.went}
        return [peer for peer in everyone if ways(now, peer) != ways(before, peer)]

    def _judge_all_of(self, author: PeerId) -> None:
        for row in groups.words_of(self._db, self._number, author):
            self._judge(row, self._at(row))

    def _judge(self, row: int, event: GroupEvent) -> None:
        left_open = doubts(self._acts, self._view, event.author, event.auth)
        if left_open is None:
            self._mark(row, event, Shown.NO)
        elif all(self._is_cleared(row, event, removal) for removal in left_open):
            self._mark(row, event, Shown.YES)
        else:
            self._mark(row, event, Shown.IN_DOUBT)

    def _is_cleared(self, row: int, event: GroupEvent, removal: Act) -> bool:
        """Whoever removed them had heard it, or a member had who did not know of the removal."""
        at = groups.row_of(self._db, self._number, removal.event.id)
        if at is not None and row in groups.past(self._db, [at]):
            return True
        for signed, signature in groups.future(self._db, row):
            later = groupevent.kept(signed, signature, None)
            if self._may_bless(later, event.author, removal):
                return True
        return False

    def _may_bless(self, later: GroupEvent, author: PeerId, removal: Act) -> bool:
        if later.author == author or self._acts.past_of(later.auth) & removal.bit:
            return False
        return doubts(self._acts, self._view, later.author, later.auth) == ()

    def _bless(self, placed: Sequence[Placed]) -> None:
        """Somebody who did not know of a removal may have heard words that are in doubt."""
        removals = [act for went in self._view.went.values() for act in went]
        for one in placed:
            past = self._acts.past_of(one.event.auth)
            if all(act.bit & past for act in removals):
                continue  # they know of all: the usual case
            before = groups.past(self._db, [one.row])
            for row in groups.in_doubt(self._db, self._number):
                if row in before:
                    self._judge(row, self._at(row))

    def _mark(self, row: int, event: GroupEvent, shown: Shown) -> None:
        groups.mark(self._db, row, shown)
        _signed, _signature, content = groupevent.parts(event)
        if shown is not Shown.YES:
            self._hide(row, event.id, shown)
        elif content is not None:
            kind = grouplog.kind_of(event.type)
            self._show(row, event, kind, grouplog.unpack_content(content))

    def _show(self, row: int, event: GroupEvent, kind: int, body: bytes) -> None:
        groups.mark(self._db, row, Shown.YES)
        state = State.WAITING if event.author == self._me else State.DELIVERED
        stored = history.add_shown(
            self._db, self._chat, event.author, message_id(event.id), kind, event.lamport,
            event.ts, body, state,
        )  # fmt: skip
        if stored is not None:
            self.changes.added.append(Line(stored, history.after(self._db, self._chat, stored)))

    def _hide(self, row: int, event_id: bytes, shown: Shown = Shown.NO) -> None:
        groups.mark(self._db, row, shown)
        if history.drop(self._db, self._chat, message_id(event_id)):
            self.changes.removed.append(message_id(event_id))


def message_id(event_id: bytes) -> bytes:
    """A message's id is shorter than an event's: its first 16 bytes."""
    return event_id[:16]

"""What of a group's history is shown: rows of ``message`` that follow from its events.

    an event about membership   a line, while it counts            (membership.py)
    words                       a message, while its author's words count (groupspeech.py)
    words in doubt              nothing yet: their author was removed at the same moment
    words that were vouched for a message, while whoever had heard them in time counts

What counts may change when more of the history comes in, so lines come and go in the transaction
that stores what changed it; what acts upon another message comes and goes with its author's words,
but for a deletion, which always holds (life.py). A message's id is the beginning of its event's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import apsw

from engine.protocol import contents, groupevent, grouplog
from engine.protocol.contents import Gone
from engine.protocol.groupevent import GroupEvent
from engine.protocol.grouppast import Act, Acts
from engine.protocol.groupspeech import doubts
from engine.protocol.membership import Membership
from engine.store import groupreach, groups, groupwalk, groupwords, history, life, wholes
from engine.store.groups import Placed
from engine.store.history import OpenChat, State, Stored
from engine.store.wholes import Whole
from identity import PeerId


class Shown(IntEnum):
    """The values are stored."""

    NO = 0
    YES = 1
    IN_DOUBT = 2
    VOUCHED = 3  # shown, and in doubt again when somebody else goes


@dataclass(frozen=True, slots=True)
class Line:
    """A message that is shown now, and which one it stands before (None: the last)."""

    whole: Whole
    before: bytes | None


@dataclass(slots=True)
class Changes:
    """What the page has to do: take away what was removed, then put in what was added, in turn."""

    added: list[Line] = field(default_factory=list)
    removed: list[bytes] = field(default_factory=list)  # ids of messages
    changed: list[Whole] = field(default_factory=list)  # they read differently
    timer_set: bool = False


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
        # Up to which number somebody, and everybody, has what we said.
        self._some, self._all = groupreach.reach(self._view, me, groupreach.load_heard(db, number))
        self._pasts: dict[bytes, set[int]] = {}  # by removal
        self._vouched: dict[bytes, set[int]] = {}  # by removal
        self._added: dict[bytes, Stored] = {}
        self._removed: dict[bytes, None] = {}
        self._changed: set[bytes] = set()
        self._timer_set = False

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
        for row in groups.beside_removals(self._db, self._number):
            self._judge(row, self._at(row))

    def words(self, placed: Sequence[Placed]) -> None:
        """These came in, or their words did."""
        for one in placed:
            if not one.event.is_membership:
                self._judge(one.row, one.event)
        self._bless(placed)

    def changes(self) -> Changes:
        """What it comes to: what came and went meanwhile is nobody's business."""
        added: list[Line] = []
        before: dict[bytes, bytes | None] = {}
        stored = sorted(self._added.values(), key=lambda one: (one.lamport, one.author, one.id))
        for one in reversed(stored):
            behind = history.after(self._db, self._chat, one)
            before[one.id] = before.get(behind, behind) if behind is not None else None
            now = history.by_id(self._db, self._chat.key, one.id)
            assert now is not None, "what was hidden again is not among them"
            added.append(Line(wholes.whole(self._db, now), before[one.id]))
        touched = (
            history.by_id(self._db, self._chat.key, one)
            for one in sorted(self._changed - self._added.keys())
        )
        changed = wholes.wholes(self._db, [one for one in touched if one is not None])
        return Changes(added[::-1], list(self._removed), changed, self._timer_set)

    # -- inside

    def _event(self, event_id: bytes) -> GroupEvent:
        row = groups.row_of(self._db, self._number, event_id)
        assert row is not None
        return self._at(row)

    def _at(self, row: int) -> GroupEvent:
        [(_row, _author, signed, signature, content)] = groupwalk.parts(self._db, [row])
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
            return
        unheard = [removal for removal in left_open if row not in self._past_of(removal)]
        if not unheard:
            self._mark(row, event, Shown.YES)
        elif self._are_cleared(row, event, unheard):
            self._mark(row, event, Shown.VOUCHED)
        else:
            self._mark(row, event, Shown.IN_DOUBT)

    def _past_of(self, removal: Act) -> set[int]:
        """What whoever removed somebody had heard. Asked once: many words are compared with it."""
        if removal.event.id not in self._pasts:
            at = groups.row_of(self._db, self._number, removal.event.id)
            self._pasts[removal.event.id] = set() if at is None else groupwalk.past(self._db, [at])
        return self._pasts[removal.event.id]

    def _are_cleared(self, row: int, event: GroupEvent, removals: Sequence[Act]) -> bool:
        """Of each removal: had a member heard these words who did not know of it?"""
        return all(row in self._vouched_for(event.author, removal) for removal in removals)

    def _vouched_for(self, author: PeerId, removal: Act) -> set[int]:
        """All that stood before anything said by members who did not know of ``removal``. Asked
        once: all words of whoever was removed are compared with it."""
        if removal.event.id not in self._vouched:
            rows = [
                row
                for row in groups.words_of(self._db, self._number, author)
                if row not in self._past_of(removal)
            ]
            vouching = [
                row
                for row, signed, signature in groupwalk.future(self._db, rows, author)
                if self._may_bless(groupevent.kept(signed, signature, None), author, removal)
            ]
            self._vouched[removal.event.id] = groupwalk.past(self._db, vouching)
        return self._vouched[removal.event.id]

    def _may_bless(self, later: GroupEvent, author: PeerId, removal: Act) -> bool:
        if later.author == author or self._acts.past_of(later.auth) & removal.bit:
            return False
        return doubts(self._acts, self._view, later.author, later.auth) == ()

    def _bless(self, placed: Sequence[Placed]) -> None:
        """Somebody who did not know of a removal may have heard words that are in doubt."""
        open_ = groups.in_doubt(self._db, self._number)
        if not open_:
            return
        removals = [act for went in self._view.went.values() for act in went]
        heard: set[int] = set()
        for event, row in ((one.event, one.row) for one in placed):
            past = self._acts.past_of(event.auth)
            if all(act.bit & past for act in removals):
                continue  # they know of all: the usual case
            if doubts(self._acts, self._view, event.author, event.auth) != ():
                continue  # whose own words are in doubt vouches for nobody
            others = {one for one, author in open_.items() if author != event.author}
            if others - heard:
                heard |= others & groupwalk.past(self._db, [row])
        for row in sorted(heard):
            self._judge(row, self._at(row))

    def _mark(self, row: int, event: GroupEvent, shown: Shown) -> None:
        _signed, _signature, content = groupevent.parts(event)
        kind = grouplog.kind_of(event.type)
        body = b"" if content is None else grouplog.unpack_content(content)
        is_deletion = kind == contents.DELETE and contents.is_act(contents.decode(kind, body))
        # Whoever wants their own words gone has the right to it, whatever else they have.
        if shown in (Shown.NO, Shown.IN_DOUBT) and not is_deletion:
            self._hide(row, event.id, shown)
        elif content is None and self._is_deleted_line(row, event):
            self._show(row, event, *contents.encode(Gone()), shown)
        elif content is None:
            groups.mark(self._db, row, shown)
        else:
            self._show(row, event, kind, body, shown)

    def _show(
        self, row: int, event: GroupEvent, kind: int, body: bytes, shown: Shown = Shown.YES
    ) -> None:
        groups.mark(self._db, row, shown)
        id_ = message_id(event.id)
        timer = event.timer if kind == contents.TEXT else 0
        stored = history.add_shown(
            self._db, self._chat, self._stored(event, kind, body), timer=timer, me=self._me
        )
        if stored is None:
            return
        changed = life.follow(self._db, self._chat, stored)
        self._timer_set = self._timer_set or kind == contents.TIMER
        if stored.target is not None:
            self._touch(changed)
            if kind == contents.DELETE and changed is None:
                self._judge_deleted(body)
        elif id_ in self._removed:
            del self._removed[id_]
            self._touch(changed)
        else:
            self._added[id_] = stored

    def _is_deleted_line(self, row: int, event: GroupEvent) -> bool:
        """Its author deleted it before its words came here; it was no act upon another one."""
        is_act = grouplog.kind_of(event.type) in contents.ACTS
        return not is_act and groupwords.is_deleted(self._db, row)

    def _judge_deleted(self, body: bytes) -> None:
        """A deletion of what is not shown: where words would stand, a line says that they went."""
        content = contents.decode(contents.DELETE, body)
        if isinstance(content, contents.Delete):
            for row in groups.rows_of_message(self._db, self._number, content.target):
                self._judge(row, self._at(row))

    def _stored(self, event: GroupEvent, kind: int, body: bytes) -> Stored:
        """As the message that it is, before it is stored."""
        return Stored(
            0, self._chat.key, event.author, message_id(event.id), kind, event.lamport, event.ts,
            body, self._state(event),
        )  # fmt: skip

    def _touch(self, changed: Stored | None) -> None:
        if changed is not None:
            self._changed.add(changed.id)

    def _state(self, event: GroupEvent) -> State:
        """Of our own: who has them was told, perhaps, before they are shown again."""
        if event.author != self._me:
            return State.DELIVERED
        if event.seq <= self._all:
            return State.DELIVERED
        return State.SENT if event.seq <= self._some else State.WAITING

    def _hide(self, row: int, event_id: bytes, shown: Shown = Shown.NO) -> None:
        groups.mark(self._db, row, shown)
        id_ = message_id(event_id)
        dropped = life.drop(self._db, self._chat, id_)
        if dropped is None:
            return
        if dropped.target is not None:
            self._changed.add(dropped.target)
        elif self._added.pop(id_, None) is None:
            self._removed[id_] = None
        self._timer_set = self._timer_set or dropped.kind == contents.TIMER


def message_id(event_id: bytes) -> bytes:
    """A message's id is shorter than an event's: its first 16 bytes."""
    return event_id[:16]

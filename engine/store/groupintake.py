"""Take events of a group into the database, with all that follows from them, in one transaction.

known already       its words, if they were missing       else nothing
links unknown       not stored: whoever asked keeps it until they come
does not fit        BadEvent: nothing of the call is stored
fits                stored; members, lines, words and states follow
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import apsw

from engine.protocol import groupevent, grouplog, membership
from engine.protocol.groupevent import LEAVE, BadEvent, GroupEvent
from engine.protocol.grouppast import Acts
from engine.protocol.membership import Membership
from engine.store import groupreach, groups, groupwords, history
from engine.store.groups import Placed, Standing
from engine.store.groupshown import Changes, Showing, Standpoint, message_id
from engine.store.history import State
from identity import PeerId

MAX_JOINED: Final = 64  # groups into which contacts put us without asking


@dataclass(slots=True)
class Intake:
    """What came of it, for whoever keeps the group in memory."""

    new: list[Placed] = field(default_factory=list)
    filled: list[Placed] = field(default_factory=list)
    waiting: list[tuple[GroupEvent, list[bytes]]] = field(default_factory=list)
    stand: Standpoint | None = None  # None: the group's first event is not here yet
    standing: Standing = Standing.CANDIDATE
    changes: Changes = field(default_factory=Changes)
    heads: list[bytes] = field(default_factory=list)
    row: int = 0
    heard: dict[PeerId, int] = field(default_factory=dict)  # how many of our events they have
    states: list[tuple[bytes, State]] = field(default_factory=list)  # messages of ours, changed
    members_changed: bool = False


def take(
    db: apsw.Connection,
    number: int,
    gid: bytes,
    events: Sequence[GroupEvent],
    *,
    me: PeerId,
    stand: Standpoint | None,
    is_contact: Callable[[PeerId], bool],
    now: int,
) -> Intake:
    """Store ``events``. ``stand`` is the latest that is known; it may be out of date. Raises
    BadEvent."""
    before = current(db, number, stand)
    acts = Acts() if before is None else before.acts
    grown = acts
    intake = Intake()
    shelf = _Shelf(db, number)
    for event in events:
        if event.gid != gid:
            raise BadEvent("an event of another group")
        if shelf.find(event.id) is not None:
            _fill(db, number, event, intake)
            continue
        links = {one: shelf.find(one) for one in grouplog.links(event)}
        missing = [one for one, link in links.items() if link is None]
        if missing:
            intake.waiting.append((event, missing))
            continue
        if event.is_membership and grown is acts:
            grown = acts.copy()
        count = grouplog.check(event, shelf.stub, grown)
        grown.add(event)
        known = [link for link in links.values() if link is not None]
        stored = shelf.found[event.id] = groups.insert(db, number, event, me, count, known, now)
        intake.new.append(Placed(event, stored.row))
    intake.members_changed = grown is not acts
    if grown.creation is not None:
        view = membership.judge(grown) if intake.members_changed or before is None else before.view
        intake.stand = Standpoint(grown, view)
        _follow(db, number, gid, intake, before, me=me, is_contact=is_contact, now=now)
    intake.heads = [event_id for _lamport, event_id in groups.heads(db, number)]
    intake.row = groups.newest_row(db, number)
    return intake


class _Shelf:
    """What one transaction has found or stored: most events stand on one that came just before."""

    def __init__(self, db: apsw.Connection, number: int) -> None:
        self._db = db
        self._number = number
        self.found: dict[bytes, groups.Linked] = {}

    def find(self, event_id: bytes) -> groups.Linked | None:
        found = self.found.get(event_id)
        if found is None:
            found = groups.find(self._db, self._number, event_id)
            if found is not None:
                self.found[event_id] = found
        return found

    def stub(self, event_id: bytes) -> grouplog.Stub | None:
        found = self.find(event_id)
        return None if found is None else found.stub


@dataclass(frozen=True, slots=True)
class Place:
    """Where our next event stands."""

    seq: int
    prev: bytes | None
    parents: list[bytes]
    auth: list[bytes]
    lamport: int


def next_place(db: apsw.Connection, number: int, me: PeerId, stand: Standpoint) -> Place:
    view = stand.view
    reasons = (*view.came.get(me, ()), *view.given.get(me, ()))
    heads = sorted(groups.heads(db, number))[-groupevent.MAX_PARENTS :]
    seq, prev = groups.last_of(db, number, me)
    return Place(
        seq + 1,
        prev,
        [event_id for _lamport, event_id in heads],
        stand.acts.heads(groupevent.MAX_AUTH, reasons[::-1]),
        heads[-1][0] + 1,
    )


def current(db: apsw.Connection, number: int, stand: Standpoint | None) -> Standpoint | None:
    """``stand``, or what it has become since; None while the group's first event is missing."""
    if stand is not None and len(stand.acts) == groups.count_acts(db, number):
        return stand
    acts = groups.load_acts(db, number)
    return None if acts.creation is None else Standpoint(acts, membership.judge(acts))


def heard_of(
    db: apsw.Connection,
    number: int,
    gid: bytes,
    me: PeerId,
    view: Membership,
    told: dict[PeerId, int],
    now: int,
    before: Membership | None = None,
) -> tuple[dict[PeerId, int], list[tuple[bytes, State]]]:
    """Members have our events up to these numbers: all that is known of it now, and the messages
    whose state that changes. ``before``: the members as they were, if they changed."""
    known = groupreach.load_heard(db, number)
    mine, _id = groups.last_of(db, number, me)
    changed = dict(known)
    for peer, seq in told.items():
        seq = min(seq, mine)  # nobody has what was never made
        if peer != me and seq > changed.get(peer, 0):
            changed[peer] = seq
            groupreach.set_heard(db, number, peer, seq)
    some_before, all_before = groupreach.reach(before or view, me, known)
    some, all_ = groupreach.reach(view, me, changed)
    chat = history.open_chat(db, gid, history.GROUP, now)
    states = []
    for low, high, state in (
        (all_before, all_, State.DELIVERED),
        (some_before, some, State.SENT),
    ):
        words = groupreach.own_words(db, number, me, low, high)
        ids = [message_id(event_id) for event_id in words]
        states += [(one, state) for one in history.set_state(db, chat, me, ids, state)]
    return changed, states


def _fill(db: apsw.Connection, number: int, event: GroupEvent, intake: Intake) -> None:
    _signed, _signature, content = groupevent.parts(event)
    if content is None:
        return
    row = groupwords.empty_row(db, number, event.id)
    if row is not None:
        groupwords.fill(db, row, content)
        intake.filled.append(Placed(event, row))


def _follow(
    db: apsw.Connection,
    number: int,
    gid: bytes,
    intake: Intake,
    before: Standpoint | None,
    *,
    me: PeerId,
    is_contact: Callable[[PeerId], bool],
    now: int,
) -> None:
    stand = intake.stand
    assert stand is not None
    chat = history.open_chat(db, gid, history.GROUP, now)
    showing = Showing(db, number, chat, me, stand)
    if intake.members_changed or before is None:
        showing.members_changed(None if before is None else before.view)
    showing.words([*intake.new, *intake.filled])
    intake.changes = showing.changes()
    intake.standing = _standing(db, number, stand.view, me, is_contact)
    told: dict[PeerId, int] = {}
    for placed in intake.new:
        author = placed.event.author
        if author != me:
            told[author] = max(told.get(author, 0), groupreach.mine_at(db, placed.row))
    old = None if before is None else before.view
    intake.heard, intake.states = heard_of(db, number, gid, me, stand.view, told, now, old)


def _standing(
    db: apsw.Connection,
    number: int,
    view: Membership,
    me: PeerId,
    is_contact: Callable[[PeerId], bool],
) -> Standing:
    """Where we stand now, as the events say."""
    before = groups.standing(db, number)
    member = view.members.get(me)
    if member is not None:
        if before in (Standing.MEMBER, Standing.INVITED, Standing.IGNORED):
            return before
        by_contact = is_contact(member.added_by) and groups.count_joined(db) < MAX_JOINED
        had_said_yes = before is Standing.REMOVED
        is_ours = member.added_by == me or by_contact or had_said_yes
        now = Standing.MEMBER if is_ours else Standing.INVITED
    elif before is Standing.INVITED:
        now = Standing.CANDIDATE  # nothing was agreed to: who adds us again has to ask again
    elif before is Standing.MEMBER:
        last = max(view.went.get(me, ()), key=lambda act: act.event.order, default=None)
        left = last is not None and last.event.type == LEAVE
        now = Standing.LEFT if left else Standing.REMOVED
    else:
        return before
    groups.set_standing(db, number, now)
    return now

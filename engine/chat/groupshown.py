"""What the page sees of groups: filled from their shelves, in the names we know people by."""

from collections.abc import Callable, Mapping
from typing import Final

from contacts import Level, Relation, clean_name, shown_name
from engine.chat.answering import group_id
from engine.chat.book import Book
from engine.chat.lines import STATES, Lines, Surroundings
from engine.chat.livegroups import LiveGroup
from engine.chat.shown import draft
from engine.chat.views import Chat, Group, Holder, Member, Message, Missing, Seen, System
from engine.protocol import groupevent
from engine.protocol.groupacts import Role, meaning_of
from engine.protocol.membership import Membership
from engine.store import history
from engine.store.chats import ChatRow
from engine.store.groups import Standing
from engine.store.history import Stored
from engine.store.wholes import Whole
from identity import PeerId

STANDINGS: Final = {
    Standing.CANDIDATE: "invited",
    Standing.INVITED: "invited",
    Standing.MEMBER: "member",
    Standing.LEFT: "left",
    Standing.REMOVED: "removed",
}
MAX_COUNT: Final = 9_999  # of missing messages: what somebody claims may be any number


class GroupShown:
    def __init__(
        self,
        me: PeerId,
        *,
        book: Book,
        lines: Lines,
        is_online: Callable[[PeerId], bool],
    ) -> None:
        self._me = me
        self._lines = lines
        self._book = book
        self._is_online = is_online

    def name_of(self, live: LiveGroup, peer: PeerId) -> str:
        """Our name for them, else what whoever added them called them; "" for ourselves."""
        if peer == self._me:
            return ""
        known = self._book.get(peer)
        if known is not None and (known.contact.alias or known.contact.own_name):
            return shown_name(known.contact)
        stand = live.shelf.stand
        if stand is not None:
            member = stand.view.members.get(peer)
            said = [] if member is None else [member.name]
            said += [act.says.name for act in stand.acts.called.get(peer, ())]
            if peer == stand.view.creator and stand.acts.creation is not None:
                said.append(stand.acts.creation.says[1])
            for name in map(clean_name, said):
                if name:
                    return name
        return peer.short

    def message(self, live: LiveGroup, whole: Whole) -> Message:
        around = Surroundings(
            group_id(live.gid),
            self._me,
            lambda peer: self.name_of(live, peer),
            author_names=True,
            system=lambda stored: self._system(live, stored),
        )
        return self._lines.message(whole, around, STATES[whole.stored.state])

    def chat(self, live: LiveGroup, row: ChatRow) -> Chat:
        return Chat(
            chat=group_id(live.gid),
            kind="group",
            name=self.group_name(live),
            unread=row.unread,
            last=None if row.last is None else self.message(live, row.last),
            first_unread=None if row.first_unread is None else row.first_unread.hex(),
            muted=live.shelf.muted,
            standing=STANDINGS[live.shelf.standing],
            draft=draft(row),
            timer=row.timer,
            pins=row.pins,
            mentioned=row.names_me,
        )

    def group_name(self, live: LiveGroup) -> str:
        view = live.shelf.view
        return ("" if view is None else clean_name(view.name)) or "Group"

    def group(self, live: LiveGroup) -> Group:
        shelf, view = live.shelf, live.shelf.view
        missing = self._missing(live)
        mine = None if view is None else view.members.get(self._me)
        added_by = self._me if mine is None else mine.added_by
        if mine is None and view is not None and view.came.get(self._me):
            added_by = view.came[self._me][-1].event.author
        creator = self._me if view is None else view.creator
        return Group(
            chat=group_id(live.gid),
            name=self.group_name(live),
            standing=STANDINGS[shelf.standing],
            role="" if view is None or mine is None else _role(view, self._me),
            creator=creator.address,
            added_by=added_by.address,
            added_by_name=self.name_of(live, added_by),
            members=() if view is None else self._members(live, view),
            complete=not missing,
            missing=missing,
            muted=shelf.muted,
            made_at=shelf.made_at,
            restored=shelf.restored,
        )

    def seen(self, live: LiveGroup, author: PeerId, seq: int, looked: Mapping[PeerId, int]) -> Seen:
        """Who has an event: of ours by what they told, of others' by what they have in all.
        ``looked``: up to which number of ours they looked at what we said."""
        seen: list[Holder] = []
        waiting: list[Holder] = []
        read: list[Holder] = []
        for peer in live.shelf.members():
            if peer == self._me:
                continue
            if author == self._me:
                has = live.shelf.heard.get(peer, 0) >= seq
            else:
                has = peer == author or live.sync.is_up_to_date(peer)
            (seen if has else waiting).append(self._holder(live, peer))
            if author == self._me and looked.get(peer, 0) >= seq:
                read.append(self._holder(live, peer))
        return Seen(tuple(seen), tuple(waiting), tuple(read))

    # -- inside

    def _members(self, live: LiveGroup, view: Membership) -> tuple[Member, ...]:
        mine = view.members.get(self._me)
        shown = []
        for one in sorted(view.members.values(), key=lambda member: member.seniority):
            known = self._book.get(one.peer)
            own = one.peer == self._me
            may_change = (
                mine is not None
                and mine.role is Role.ADMIN
                and mine.seniority < one.seniority  # of ourselves it is not less
            )
            shown.append(
                Member(
                    address=one.peer.address,
                    name=self.name_of(live, one.peer),
                    role=_role(view, one.peer),
                    own=own,
                    contact=known is not None and known.contact.relation is Relation.CONTACT,
                    level=int(Level.FIRST_USE if known is None else known.contact.level),
                    online=own or self._is_online(one.peer),
                    up_to_date=own or live.sync.is_up_to_date(one.peer),
                    added_by=one.added_by.address,
                    may_change=may_change,
                    contradicts=bytes(one.peer) in live.shelf.two_faced,
                )
            )
        return tuple(shown)

    def _missing(self, live: LiveGroup) -> tuple[Missing, ...]:
        if live.shelf.standing is not Standing.MEMBER:
            return ()
        found = {PeerId(author): said for author, said in live.sync.missing().items()}
        for author, count in live.shelf.empty_by_author().items():
            more, holders = found.get(author, (0, []))
            found[author] = (more + count, holders)
        return tuple(
            Missing(
                author=author.address,
                name=self.name_of(live, author),
                count=min(count, MAX_COUNT),
                held_by=tuple(self._holder(live, peer) for peer in holders),
            )
            for author, (count, holders) in found.items()
        )

    def _holder(self, live: LiveGroup, peer: PeerId) -> Holder:
        return Holder(peer.address, self.name_of(live, peer))

    def _system(self, live: LiveGroup, stored: Stored) -> System:
        kind = stored.kind - history.FIRST_LINE
        says = meaning_of(kind, stored.body)
        who: PeerId | None = None
        name = role = ""
        with_history = False
        match kind:
            case groupevent.CREATE | groupevent.META if says:
                name = clean_name(says[0])
            case groupevent.ADD if says:
                who, with_history = says.target, says.history
            case groupevent.REMOVE if says:
                [who] = says
            case groupevent.ROLE if says:
                who, role = says[0], "admin" if says[1] is Role.ADMIN else "member"
            case _:
                pass
        return System(
            what=WHAT.get(kind, "changed"),
            by=stored.author.address,
            by_name=self.name_of(live, stored.author),
            who="" if who is None else who.address,
            who_name="" if who is None else self.name_of(live, who),
            name=name,
            role=role,
            history=with_history,
        )


WHAT: Final = {
    groupevent.CREATE: "created",
    groupevent.ADD: "added",
    groupevent.REMOVE: "removed",
    groupevent.ROLE: "role",
    groupevent.LEAVE: "left",
    groupevent.META: "renamed",
}


def _role(view: Membership, peer: PeerId) -> str:
    if peer == view.creator:
        return "creator"
    return "admin" if view.is_admin(peer) else "member"

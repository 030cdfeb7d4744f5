"""What a person does with groups: make one, speak in it, change who is in it, leave.

    post   check the rights, sign, store with all that follows, COMMIT -> page -> linked members

An act that would not count by the rules (membership.py) is undone in the same transaction and
declined in words, so nothing is signed that we would not honour ourselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from contacts import clean_name, may_send_direct
from engine.chat.answering import (
    answers,
    group_id,
    is_group,
    read_group,
    read_message_id,
    read_peer,
)
from engine.chat.book import Book
from engine.chat.deeds import Content, Make
from engine.chat.errors import Refused
from engine.chat.events import ChatRemoved, EventBus, GroupRemoved
from engine.chat.grouplinks import GroupLinks
from engine.chat.groupshown import GroupShown
from engine.chat.livegroups import LiveGroup, LiveGroups
from engine.chat.views import Group, Seen
from engine.protocol import contents, groupacts, groupevent, grouplog
from engine.protocol.contents import Edit, Text
from engine.protocol.groupacts import Add, Role
from engine.protocol.groupevent import BadEvent, GroupEvent
from engine.protocol.invite import HostPort
from engine.protocol.membership import Membership
from engine.store import groupintake, groups, history, receipts, wholes
from engine.store.database import Database, Db
from engine.store.groupintake import Intake
from engine.store.groups import Standing
from engine.store.groupshown import message_id
from engine.store.history import OpenChat
from engine.store.wholes import Whole
from identity import Identity, PeerId

MAX_HINTS: Final = 3  # addresses of somebody that an ADD names
ROLES: Final = {"admin": Role.ADMIN, "member": Role.MEMBER}
NOT_SYNCED: Final = (
    "Restored from a backup: you can write again once a member of the group has been reached."
)


@dataclass(frozen=True, slots=True)
class Said:
    """What an event is to say."""

    kind: int
    body: bytes = b""
    content: bytes | None = None
    timer: int = 0


@dataclass(frozen=True, slots=True)
class Posted:
    intake: Intake
    whole: Whole | None  # the message, or the one that it acts upon


class Groups:
    def __init__(
        self,
        me: Identity,
        *,
        database: Database,
        book: Book,
        bus: EventBus,
        live: LiveGroups,
        links: GroupLinks,
        shown: GroupShown,
        own_name: Callable[[], str],
        own_places: Callable[[], Sequence[HostPort]],
        tells_read: Callable[[], bool],
        chance: Callable[[int], bytes],
        now: Callable[[], int],
    ) -> None:
        self._me = me
        self._tells_read = tells_read
        self._database = database
        self._book = book
        self._bus = bus
        self._live = live
        self._links = links
        self._shown = shown
        self._own_name = own_name
        self._own_places = own_places
        self._chance = chance
        self._now = now

    # -- what the API asks

    @answers
    def groups(self) -> list[Group]:
        return [self._shown.group(live) for live in self._live if self._is_listed(live)]

    @answers
    def group(self, chat: str) -> Group:
        return self._shown.group(self.find(chat))

    @answers
    def make(self, name: str, members: list[str]) -> Group:
        called = self._group_name(name)
        peers = self._to_add(members, None)
        if not peers:
            raise Refused("bad_request", "A group needs somebody besides you.")
        hints = [str(place) for place in self._own_places()[:MAX_HINTS]]
        body = groupacts.create_body(
            called, self._chance(groupacts.NONCE_SIZE), self._own_name(), hints
        )
        event = groupevent.write_first(self._me, body, ts=self._now())
        live = self._live.open(event.gid, Standing.MEMBER)
        with live.lock:
            live.shelf.add([event])
        adds = [self._add_of(peer, history=True) for peer in peers]
        self.say(live, lambda _db, _chat: adds)
        return self._shown.group(live)

    @answers
    def change(
        self,
        chat: str,
        *,
        name: str | None = None,
        add: list[str] | None = None,
        history: bool = True,
        remove: list[str] | None = None,
        roles: dict[str, str] | None = None,
        leave: bool = False,
        muted: bool | None = None,
        answer: str | None = None,
    ) -> Group:
        live = self.find(chat)
        if answer is not None:
            self._answer(live, answer)
            if answer == "ignore":
                return self._shown.group(live)
        if muted is not None:
            self._database.write(
                lambda db: groups.set_muted(db, live.shelf.number, muted),
                lambda _done: setattr(live.shelf, "muted", muted),
            )
            live.is_stale = True
        said: list[Said] = []
        if name is not None:
            body = groupacts.name_body(self._group_name(name))
            said.append(Said(groupevent.META, body))
        said += [self._add_of(peer, history=history) for peer in self._to_add(add or [], live)]
        for peer in self._members(live, remove or []):
            said.append(Said(groupevent.REMOVE, groupacts.remove_body(peer)))
        for peer, role in self._roles(live, roles or {}):
            said.append(Said(groupevent.ROLE, groupacts.role_body(peer, role)))
        if leave:
            said.append(Said(groupevent.LEAVE, groupacts.leave_body()))
        if said:
            self.say(live, lambda _db, _chat: said)
        self._links.tell(live)
        return self._shown.group(live)

    @answers
    def delete(self, chat: str) -> None:
        live = self.find(chat)
        with live.lock:
            if live.shelf.standing is Standing.MEMBER:
                raise Refused("still_member", "Leave the group first; then it can be deleted here.")
            self._live.drop(live)
        self._told_gone(live)

    @answers
    def seen(self, chat: str, message: str) -> Seen:
        live, message_id = self.find(chat), read_message_id(message)
        number = live.shelf.number
        found, looked = self._database.read(
            lambda db: (
                groups.seq_of_message(db, number, message_id),
                receipts.load_seen(db, number),
            )
        )
        if found is None:
            raise Refused("not_found", "There is no such message in this chat.")
        return self._shown.seen(live, *found, looked if self._tells_read() else {})

    def find(self, chat: str) -> LiveGroup:
        """Raises Refused("not_found")."""
        live = self._live.get(read_group(chat)) if is_group(chat) else None
        if live is None or not self._is_listed(live):
            raise Refused("not_found", "There is no such group here.")
        return live

    # -- speaking

    def post(self, live: LiveGroup, make: Make, key: str | None = None) -> Whole:
        """Say what ``make`` makes: the message once it is on disk, or the one that it acts upon.
        Raises Refused, StoreError."""
        salt = self._chance(groupevent.SALT_SIZE)

        def said(db: Db, chat: OpenChat) -> list[Said]:
            content = make(db, chat)
            timer = _timer_of(db, chat, content)
            if isinstance(content, Text):
                content = replace(content, timer=0)  # the event tells it
            kind, body = contents.encode(content)
            packed = grouplog.pack_content(salt, body)
            return [Said(groupevent.FIRST_CONTENT + kind, content=packed, timer=timer)]

        posted = self.say(live, said, key=key)
        if posted.whole is None:
            raise Refused("not_member", "You are not in this group, so nothing can be sent.")
        return posted.whole

    def say(
        self,
        live: LiveGroup,
        said: Callable[[Db, OpenChat], Sequence[Said]],
        *,
        key: str | None = None,
    ) -> Posted:
        """Sign and store these, one after the other, then send them to whoever is linked."""
        with live.lock:
            if live.shelf.standing is not Standing.MEMBER:
                raise Refused("not_member", "You are not in this group any more.")
            posted: list[Posted] = []

            def mutation(db: Db) -> Intake:
                posted[:] = [self._said(db, live, said, key)]
                return posted[0].intake

            intake = live.shelf.write(mutation)
            self._links.posted(live, [placed.event for placed in intake.new])
        return posted[0]

    # -- inside

    def _said(
        self,
        db: Db,
        live: LiveGroup,
        make: Callable[[Db, OpenChat], Sequence[Said]],
        key: str | None,
    ) -> Posted:
        shelf, gid = live.shelf, live.gid
        chat = history.open_chat(db, gid, history.GROUP, self._now())
        if key is not None and (same := history.by_send_key(db, chat, key)) is not None:
            return Posted(shelf.take(db, ()), wholes.whole(db, same))
        events = self._signed(db, live, make(db, chat))
        try:
            intake = shelf.take(db, events)
        except BadEvent:  # not even to be signed by who never was an admin
            raise _not_allowed(shelf.view, self._me.peer) from None
        view = intake.stand.view if intake.stand is not None else None
        for event in events:
            if event.is_membership and (view is None or event.id not in view.valid):
                raise _not_allowed(view, self._me.peer)
        whole = _spoken(db, chat, events[-1])
        if whole is not None and key is not None:
            history.set_send_key(db, whole.stored, key)
        return Posted(intake, whole)

    def _signed(self, db: Db, live: LiveGroup, said: Sequence[Said]) -> list[GroupEvent]:
        """The events, each standing on the one before."""
        # Before our own later events were heard it would be a second of one number; who leaves says
        # nothing after it.
        if live.shelf.restored and any(one.kind != groupevent.LEAVE for one in said):
            raise Refused("not_synced", NOT_SYNCED)
        stand = groupintake.current(db, live.shelf.number, live.shelf.stand)
        assert stand is not None, "we made this group, or it told us that we are in it"
        place = groupintake.next_place(db, live.shelf.number, self._me.peer, stand)
        events: list[GroupEvent] = []
        for one in said:
            event = groupevent.write(
                self._me,
                gid=live.gid,
                seq=place.seq,
                prev=place.prev,
                parents=place.parents,
                auth=place.auth,
                lamport=place.lamport,
                ts=self._now(),
                kind=one.kind,
                body=one.body,
                content=one.content,
                timer=one.timer,
            )
            events.append(event)
            auth = [event.id] if event.is_membership else place.auth
            place = groupintake.Place(event.seq + 1, event.id, [event.id], auth, event.lamport + 1)
        return events

    def _answer(self, live: LiveGroup, answer: str) -> None:
        """To an invitation by somebody who is no contact."""
        with live.lock:
            is_here = self._live.get(live.gid) is live  # another tab may have answered meanwhile
            if not is_here or live.shelf.standing is not Standing.INVITED:
                raise Refused("bad_request", "There is no invitation to answer.")
            if answer == "ignore":
                self._live.ignore(live)
                self._told_gone(live)
                return
            number = live.shelf.number
            self._database.write(lambda db: groups.set_standing(db, number, Standing.MEMBER))
            live.shelf.standing = Standing.MEMBER
        self._links.wanted_changed()
        self._links.tell(live)

    def _told_gone(self, live: LiveGroup) -> None:
        self._bus.tell(GroupRemoved(group_id(live.gid)))
        self._bus.tell(ChatRemoved(group_id(live.gid)))
        self._links.wanted_changed()

    def _is_listed(self, live: LiveGroup) -> bool:
        return live.is_shown or live.shelf.standing is Standing.INVITED

    def _group_name(self, name: str) -> str:
        cleaned = clean_name(name)
        if not cleaned:
            raise Refused("bad_request", "A name needs at least one visible character.")
        return cleaned

    def _to_add(self, addresses: list[str], live: LiveGroup | None) -> list[PeerId]:
        peers = [read_peer(address) for address in dict.fromkeys(addresses)]
        for peer in peers:
            if peer == self._me.peer or (live is not None and live.shelf.is_member(peer)):
                raise Refused("already_member", "They are in this group already.")
            known = self._book.get(peer)
            is_contact = known is not None and may_send_direct(known.contact)
            was_in = live is not None and live.shelf.was_member(peer)
            if not is_contact and not was_in and not self._links.is_comember(peer):
                raise Refused("not_contact", "Only contacts can be added to a group.")
        return peers

    def _members(self, live: LiveGroup, addresses: list[str]) -> list[PeerId]:
        peers = [read_peer(address) for address in addresses]
        for peer in peers:
            if not live.shelf.is_member(peer):
                raise Refused("not_found", "There is nobody of that address in this group.")
            if peer == self._me.peer:
                raise Refused("bad_request", "To go yourself, leave the group.")
        return peers

    def _roles(self, live: LiveGroup, roles: dict[str, str]) -> list[tuple[PeerId, Role]]:
        peers = self._members(live, list(roles))
        view = live.shelf.view
        assert view is not None
        given = zip(peers, (ROLES[role] for role in roles.values()), strict=True)
        return [(peer, role) for peer, role in given if view.members[peer].role is not role]

    def _add_of(self, peer: PeerId, *, history: bool) -> Said:
        known = self._book.get(peer)
        name = "" if known is None else known.contact.own_name
        hints = tuple(str(place) for place in self._links.all_places(peer)[:MAX_HINTS])
        add = Add(peer, Role.MEMBER, name, hints, history)
        return Said(groupevent.ADD, groupacts.add_body(add))


def _not_allowed(view: Membership | None, me: PeerId) -> Refused:
    if view is not None and not view.is_admin(me):
        return Refused("not_allowed", "Only an admin of the group may do that.")
    return Refused("not_allowed", "They came before you here: you cannot change that.")


def _timer_of(db: Db, chat: OpenChat, content: Content) -> int:
    """How long it stays: a text as the chat says, what it was edited to as long as the text."""
    if isinstance(content, Text):
        return content.timer
    if isinstance(content, Edit):
        found = history.by_id(db, chat.key, content.target)
        return 0 if found is None else found.timer
    return 0


def _spoken(db: Db, chat: OpenChat, event: GroupEvent) -> Whole | None:
    """The message that an event of ours became, or the one that it acts upon."""
    if event.is_membership:
        return None
    said = history.by_id(db, chat.key, message_id(event.id))
    if said is None:
        return None
    shown = said if said.target is None else history.by_id(db, chat.key, said.target)
    return None if shown is None else wholes.whole(db, shown)

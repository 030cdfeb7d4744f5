"""What a person does with groups: make one, change who is in it, leave; groupvoice.py signs it."""

from collections.abc import Callable, Sequence
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
from engine.chat.errors import Refused
from engine.chat.events import ChatRemoved, EventBus, GroupRemoved
from engine.chat.grouplinks import GroupLinks
from engine.chat.groupshown import GroupShown
from engine.chat.groupvoice import GroupVoice, Said
from engine.chat.livegroups import LiveGroup, LiveGroups
from engine.chat.views import Group, Seen
from engine.protocol import groupacts, groupevent
from engine.protocol.groupacts import Add, Role
from engine.protocol.invite import HostPort
from engine.store import groups, receipts
from engine.store.database import Database
from engine.store.groups import Standing
from identity import Identity, PeerId

MAX_HINTS: Final = 3  # addresses of somebody that an ADD names
ROLES: Final = {"admin": Role.ADMIN, "member": Role.MEMBER}


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
        voice: GroupVoice,
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
        self._voice = voice
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
        self._voice.say(live, lambda _db, _chat: adds)
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
            self._voice.say(live, lambda _db, _chat: said)
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

    # -- inside

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

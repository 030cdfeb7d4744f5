"""The groups of a FakeNode: the same names, refusals and events as the real ones, in memory."""

from dataclasses import replace

from engine.chat.errors import Refused
from engine.chat.events import ChatRemoved, EventBus, GroupChanged, GroupRemoved
from engine.chat.views import Group, Holder, Member, Message, Person, Seen

GROUP = "a" * 52  # the first group that is made; the next have other letters
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NOW = 1_700_000_000_000


class FakeGroups:
    """We made each of them, and are the only admin who does anything."""

    bus: EventBus
    known: dict[str, Person]
    history: dict[str, list[Message]]

    def __init__(self, own_address: str) -> None:
        self._own = own_address
        self.rooms: dict[str, Group] = {}
        self._made = 0

    def groups(self) -> list[Group]:
        return list(self.rooms.values())

    def make_group(self, name: str, members: list[str]) -> Group:
        chat = LETTERS[self._made % len(LETTERS)] * 52
        if not members:
            raise Refused("bad_request", "A group needs somebody besides us.")
        we = self._member(self._own, role="creator")
        others = [self._joining(address) for address in members]
        group = Group(
            chat=chat,
            name=_checked(name),
            standing="member",
            role="creator",
            creator=self._own,
            added_by=self._own,
            added_by_name="",
            members=(we, *others),
            complete=True,
            missing=(),
            muted=False,
            made_at=NOW,
        )
        self._made += 1
        self.history[chat] = []
        return self._keep(group)

    def group(self, chat: str) -> Group:
        found = self.rooms.get(chat)
        if found is None:
            raise Refused("not_found", "There is no such group.")
        return found

    def change_group(
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
        group = self.group(chat)
        if muted is not None:
            group = replace(group, muted=muted)
        if name is not None or add or remove or roles or leave:
            if group.standing != "member":
                raise Refused("not_member", "We are not in this group.")
            members = {one.address: one for one in group.members}
            for address in add or ():
                if address in members:
                    raise Refused("already_member", "They are in this group.")
                members[address] = self._joining(address)
            for address in (*(remove or ()), *(roles or {})):
                if address not in members:
                    raise Refused("not_found", "They are not in this group.")
                if not members[address].may_change:
                    raise Refused("not_allowed", "Only somebody senior to them may do that.")
            for address, role in (roles or {}).items():
                members[address] = replace(members[address], role=role)
            for address in remove or ():
                del members[address]
            if leave:
                del members[self._own]
                group = replace(group, standing="left", role="")
            group = replace(group, members=tuple(members.values()))
        if name is not None:
            group = replace(group, name=_checked(name))
        if answer is not None and group.standing != "invited":
            raise Refused("bad_request", "Nobody waits for an answer here.")
        return self._keep(group)

    def delete_group(self, chat: str) -> None:
        if self.group(chat).standing == "member":
            raise Refused("still_member", "Leave the group first.")
        del self.rooms[chat]
        del self.history[chat]
        self.bus.tell(GroupRemoved(chat))
        self.bus.tell(ChatRemoved(chat))

    def seen(self, chat: str, message_id: str) -> Seen:
        group = self.group(chat)
        if message_id not in [message.id for message in self.history[chat]]:
            raise Refused("not_found", "There is no such message.")
        others = [Holder(one.address, one.name) for one in group.members if not one.own]
        return Seen(tuple(others[:1]), tuple(others[1:]))

    def _keep(self, group: Group) -> Group:
        self.rooms[group.chat] = group
        self.bus.tell(GroupChanged(group))
        return group

    def _joining(self, address: str) -> Member:
        if address not in self.known:
            raise Refused("not_contact", "Only contacts can be added.")
        return self._member(address, self.known[address].name)

    def _member(self, address: str, name: str = "", role: str = "member") -> Member:
        own = address == self._own
        return Member(
            address=address,
            name=name,
            role=role,
            own=own,
            contact=not own,
            level=0,
            online=True,
            up_to_date=True,
            added_by=self._own,
            may_change=not own,
            contradicts=False,
        )


def _checked(name: str) -> str:
    if not 0 < len(name.strip()) <= 64:
        raise Refused("bad_request", "A group's name has 1 to 64 characters.")
    return name.strip()

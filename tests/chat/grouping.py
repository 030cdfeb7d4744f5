"""A group among people of people.py, and a member played by the test.

room = Room.made_by(alice, "Kelas", bob, carol)      room.says(bob, "hi")      room.read(alice)
"""

from typing import Any

from engine.chat.answering import group_id, read_group
from engine.chat.errors import Refused
from engine.chat.views import Group, Message
from engine.protocol.grouprecords import GroupEvents, GroupState, GroupVector
from tests.chat.people import Someone
from tests.helpers import until
from tests.net.talking import Talker
from tests.protocol.groups import Replica


class Room:
    """One group, as several people see it."""

    def __init__(self, chat: str) -> None:
        self.chat = chat

    @classmethod
    def made_by(cls, maker: Someone, name: str, *others: "Someone | Talker") -> "Room":
        made = maker.node.make_group(name, [one.address for one in others])
        room = cls(made.chat)
        for one in others:
            if isinstance(one, Someone):
                until(lambda one=one: room.standing(one) == "member")
        return room

    @property
    def gid(self) -> bytes:
        return read_group(self.chat)

    def view(self, who: Someone) -> Group:
        return who.node.group(self.chat)

    def standing(self, who: Someone) -> str:
        try:
            return self.view(who).standing
        except Refused:
            return ""

    def change(self, who: Someone, **changes: Any) -> Group:
        return who.node.change_group(self.chat, **changes)

    def roles(self, who: Someone) -> dict[str, str]:
        return {one.address: one.role for one in self.view(who).members}

    def says(self, who: Someone, text: str, **options: Any) -> Message:
        return who.node.send(self.chat, text, **options)

    def messages(self, who: Someone) -> list[Message]:
        pages = who.node.messages(self.chat, limit=200)
        while page := pages and who.node.messages(self.chat, before=pages[0].id, limit=200):
            pages = page + pages
        return pages

    def read(self, who: Someone) -> list[str]:
        return [one.text for one in self.messages(who) if one.kind == "text"]

    def lines(self, who: Someone) -> list[tuple[str, str, str]]:
        return [(one.id, one.author, one.kind) for one in self.messages(who)]

    def agree(self, first: Someone, *others: Someone) -> bool:
        mine = (self.roles(first), self.lines(first))
        return all((self.roles(one), self.lines(one)) == mine for one in others)


class Played:
    """A member whom the test plays: a talker on the wire, and a copy of the history."""

    def __init__(self, talker: Talker, gid: bytes) -> None:
        self.talker = talker
        self.gid = gid
        self.copy = Replica(talker.me)

    @property
    def chat(self) -> str:
        return group_id(self.gid)

    @staticmethod
    def gid_of(chat: str) -> bytes:
        return read_group(chat)

    def fetch(self) -> None:
        """Ask for everything, and take it until they say that this was all."""
        self.talker.say(GroupVector(self.gid, None, more=False, tips=()))
        while True:
            record = self.talker.hear(GroupEvents | GroupState)  # type: ignore[arg-type]
            if isinstance(record, GroupEvents):
                self.copy.takes(record.wires)
            elif record.end:
                return

    def sends(self, *wires: bytes) -> None:
        self.talker.say(GroupEvents(self.gid, wires))

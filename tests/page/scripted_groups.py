"""The groups of the scripted program: what it knows of them, and how it answers and tells."""

from collections.abc import Callable
from typing import Any

GROUP = "g" * 52
NOW = 1_778_043_600_000  # 6 May 2026, 12:00 in Jakarta


class Refused(Exception):
    """An error of the program, as its status, code and sentence."""

    def __init__(self, status: int, code: str, sentence: str = "Words of the program.") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.sentence = sentence


class ScriptedGroups:
    """Part of a `Scripted`; ``own`` is our address."""

    own: str
    people: dict[str, dict[str, Any]]
    chats: dict[str, dict[str, Any]]
    messages: dict[str, list[dict[str, Any]]]
    message: Callable[..., dict[str, Any]]
    tell: Callable[..., None]

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Any]] = {}
        self.has: dict[str, Any] = {"seen": [], "waiting": [], "read": []}  # who has a message

    # -- what it knows

    def member(self, name: str, address: str, **more: Any) -> dict[str, Any]:
        return {
            "address": address, "name": name, "role": "member", "own": address == self.own,
            "contact": address in self.people, "level": 0, "online": True, "up_to_date": True,
            "added_by": self.own, "may_change": address != self.own, "contradicts": False,
        } | more  # fmt: skip

    def group(
        self, name: str, *members: dict[str, Any], chat: str = GROUP, **more: Any
    ) -> dict[str, Any]:
        """A group that we made, with these others in it, unless ``more`` says otherwise."""
        we = self.member("", self.own, role="creator")
        self.groups[chat] = {
            "chat": chat, "name": name, "standing": "member", "role": "creator",
            "creator": self.own, "added_by": self.own, "added_by_name": "",
            "members": [we, *members], "complete": True, "missing": [], "muted": False,
            "made_at": NOW,
        } | more  # fmt: skip
        self.messages.setdefault(chat, [])
        self.chat_of(chat)
        return self.groups[chat]

    def chat_of(self, chat: str, unread: int = 0) -> None:
        """The row of a group in the column, as it is now."""
        group, held = self.groups[chat], self.messages[chat]
        self.chats[chat] = {
            "chat": chat, "kind": "group", "name": group["name"], "unread": unread,
            "last": held[-1] if held else None,
            "first_unread": held[-unread]["id"] if unread else None,
            "muted": group["muted"], "standing": group["standing"],
            "draft": None, "timer": 0, "pins": 0, "mentioned": False,
        }  # fmt: skip

    def says(self, text: str, by: str, chat: str = GROUP, *, own: bool = False) -> dict[str, Any]:
        """Somebody, who goes by the name they have in the group, says something."""
        names = {one["address"]: one["name"] for one in self.groups[chat]["members"]}
        message = self.message(text, chat, own=own)
        message |= {"author": self.own if own else by, "author_name": names.get(by, "")}
        return message

    def happened(self, what: str, chat: str = GROUP, **system: Any) -> dict[str, Any]:
        """A line about members."""
        by = system.get("by", self.own)
        message = self.message(f"Something: {what}.", chat, own=by == self.own)
        nothing = {"by_name": "", "who": "", "who_name": "", "name": "", "role": "", "seconds": 0}
        message |= {
            "author": by, "author_name": system.get("by_name", ""), "kind": "system",
            "system": {"what": what, "by": by, "history": True} | nothing | system,
        }  # fmt: skip
        return message

    # -- what it does

    def change_group(self, chat: str = GROUP, **fields: Any) -> None:
        """Something about a group becomes another, and is told."""
        self.groups[chat] |= fields
        self.tell("group.changed", group=self.groups[chat])

    def answer_about_groups(self, method: str, path: list[str], body: dict[str, Any]) -> Any:
        """The answer to a call, or None when it is none about groups."""
        match method, path:
            case "GET", ["groups"]:
                return list(self.groups.values())
            case "POST", ["groups"]:
                others = [self._of(address) for address in body["members"]]
                group = self.group(body["name"], *others, chat="n" * 52)
                self.happened("created", "n" * 52, name=body["name"])
                self.chat_of("n" * 52)
                self.tell("chat.changed", chat=self.chats["n" * 52])
                return group
            case "POST", ["groups", chat]:
                return self._changed(chat, body)
            case "DELETE", ["groups", chat]:
                del self.groups[chat], self.chats[chat]
                self.tell("group.removed", chat=chat)
                self.tell("chat.removed", chat=chat)
                return {}
            case "GET", ["chats", _, "messages", _, "seen"]:
                return self.has
        return None

    def _of(self, address: str) -> dict[str, Any]:
        person = self.people[address]
        return self.member(person["name"], address, level=person["level"])

    def _changed(self, chat: str, body: dict[str, Any]) -> dict[str, Any]:
        group = self.groups[chat]
        gone = body.get("remove", [])
        roles = body.get("roles", {})
        group["members"] = [
            one | {"role": roles.get(one["address"], one["role"])}
            for one in group["members"]
            if one["address"] not in gone
        ] + [self._of(address) for address in body.get("add", [])]
        if body.get("leave"):
            group |= {"standing": "left", "role": ""}
            group["members"] = [one for one in group["members"] if not one["own"]]
        if body.get("answer") == "accept":
            group["standing"] = "member"
        if body.get("answer") == "ignore":
            self.groups.pop(chat)
        group |= {key: body[key] for key in ("name", "muted") if key in body}
        if chat in self.groups:
            self.chat_of(chat)
            self.tell("chat.changed", chat=self.chats[chat])
            self.tell("group.changed", group=group)
        return group

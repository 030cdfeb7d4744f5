"""What people do with messages in the scripted program: its calls, and what it tells of them."""

import copy
from collections.abc import Callable
from typing import Any

from tests.page.scripted_groups import Refused

LONGEST_QUOTE = 200  # characters
LATER = 1_778_047_200_000  # 6 May 2026, 13:00 in Jakarta


def untouched() -> dict[str, Any]:
    """What a message has that nobody has done anything with."""
    return {
        "quote": None, "edited_at": None, "reactions": [], "pinned": False, "forwarded": False,
        "mentions": [], "timer": 0, "ends_at": None,
    }  # fmt: skip


def quiet() -> dict[str, Any]:
    """What a chat has in which nothing of all this happened."""
    return {"draft": None, "timer": 0, "pins": 0, "mentioned": False}


class ScriptedActs:
    """Part of a `Scripted`; ``own`` is our address."""

    own: str
    chats: dict[str, dict[str, Any]]
    messages: dict[str, list[dict[str, Any]]]
    message: Callable[..., dict[str, Any]]
    tell: Callable[..., None]

    def __init__(self) -> None:
        self.versions: dict[str, list[dict[str, Any]]] = {}  # of a message, the oldest first

    # -- what it does

    def find(self, message: str, chat: str) -> dict[str, Any]:
        for one in self.messages.get(chat, []):
            if one["id"] == message:
                return one
        raise Refused(404, "not_found")

    def act(self, message: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """Something becomes of a message, and is told; quotes of it change as well."""
        if "text" in fields:
            before = self.versions.setdefault(
                message["id"], [{"text": message["text"], "at": message["at"]}]
            )
            before.append({"text": fields["text"], "at": LATER})
            fields["edited_at"] = LATER
        message |= fields
        for answer in self.messages[message["chat"]]:
            if answer["reply_to"] == message["id"]:
                answer["quote"] = self.quote_of(message)
        chat = self.chats[message["chat"]]
        pins = sum(one["pinned"] for one in self.messages[message["chat"]])
        if pins != chat["pins"]:
            chat["pins"] = pins
            self.tell("chat.changed", chat=chat)
        self.tell("message.changed", chat=message["chat"], message=message)
        return message

    def react(self, message: dict[str, Any], emoji: str, by: str, name: str) -> dict[str, Any]:
        """One of each person's: another takes its place, "" takes it back."""
        reactions = copy.deepcopy(message["reactions"])
        for one in reactions:
            one["people"] = [who for who in one["people"] if who["address"] != by]
        reactions = [one for one in reactions if one["people"]]
        if emoji:
            same = [one for one in reactions if one["emoji"] == emoji]
            if not same:
                same = [{"emoji": emoji, "own": False, "people": []}]
                reactions += same
            same[0]["people"].append({"address": by, "name": name})
        for one in reactions:
            one["own"] = any(who["address"] == self.own for who in one["people"])
        reactions.sort(key=lambda one: -len(one["people"]))
        return self.act(message, reactions=reactions)

    def delete(self, message: dict[str, Any]) -> None:
        """Its author takes it back, from everybody."""
        self.versions.pop(message["id"], None)
        message["text"] = ""
        self.act(message, **untouched() | {"kind": "deleted", "reply_to": None})

    def vanish(self, message: dict[str, Any]) -> None:
        """It is gone from here: deleted for us, or its time has run out."""
        chat = message["chat"]
        self.messages[chat].remove(message)
        self.tell("message.removed", chat=chat, id=message["id"])
        self.chats[chat]["last"] = self.messages[chat][-1] if self.messages[chat] else None
        self.tell("chat.changed", chat=self.chats[chat])

    def quote_of(self, message: dict[str, Any]) -> dict[str, Any]:
        quote = {key: message[key] for key in ("id", "author", "author_name", "own", "kind")}
        return quote | {"text": message["text"][:LONGEST_QUOTE]}

    # -- how it answers

    def answer_about_acts(
        self, method: str, path: list[str], body: dict[str, Any], what: str
    ) -> Any:
        """The answer to a call, or None when it is none about acts; ``what`` is the query's for."""
        match method, path:
            case "POST", ["chats", chat, "messages"] if "forward" in body:
                old = self.find(body["forward"]["id"], body["forward"]["chat"])
                return self._added(chat, old["text"], forwarded=True)
            case "POST", ["chats", chat, "messages"]:
                fields: dict[str, Any] = {}
                if body.get("reply_to"):
                    quoted = self.find(body["reply_to"], chat)
                    fields = {"reply_to": quoted["id"], "quote": self.quote_of(quoted)}
                named = [one | {"name": ""} for one in body.get("mentions", [])]
                return self._added(chat, body["text"], mentions=named, **fields)
            case "POST", ["chats", chat, "messages", message]:
                return self._acted(self.find(message, chat), body)
            case "DELETE", ["chats", chat, "messages", message]:
                found = self.find(message, chat)
                if what == "everyone":
                    self.delete(found)
                else:
                    self.vanish(found)
                return {}
            case "GET", ["chats", chat, "messages", message, "edits"]:
                found = self.find(message, chat)
                only = [{"text": found["text"], "at": found["at"]}]
                return self.versions.get(message, only)
            case "GET", ["chats", chat, "pins"]:
                return [one for one in reversed(self.messages[chat]) if one["pinned"]]
            case "POST", ["chats", chat] if "read" not in body:
                return self._chat_changed(chat, body)
        return None

    def _added(self, chat: str, text: str, **fields: Any) -> dict[str, Any]:
        message = self.message(text, chat, own=True) | fields
        self.messages[chat][-1] = message
        self.chats[chat]["last"] = message
        self.tell("message.added", chat=chat, message=message)
        return message

    def _acted(self, message: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        if message["kind"] == "deleted":
            raise Refused(410, "gone")
        if "text" in body:
            if not message["own"]:
                raise Refused(403, "not_allowed")
            named = [one | {"name": ""} for one in body.get("mentions", [])]
            return self.act(message, text=body["text"], mentions=named)
        if "reaction" in body:
            return self.react(message, body["reaction"], self.own, "")
        return self.act(message, pinned=body["pinned"])

    def _chat_changed(self, chat: str, body: dict[str, Any]) -> dict[str, Any]:
        if "draft" in body or "timer" in body:
            if chat not in self.chats:
                raise Refused(404, "not_found")
            self.chats[chat] |= body
            draft = self.chats[chat]["draft"]
            if draft and not draft["text"] and not draft.get("reply_to"):
                self.chats[chat]["draft"] = None
            self.tell("chat.changed", chat=self.chats[chat])
        return {}

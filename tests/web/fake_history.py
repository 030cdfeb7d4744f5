"""Parts of a chat, cut out of a list; and what is found in it."""

from dataclasses import fields
from typing import Any

from engine.chat.errors import Refused
from engine.chat.views import Attachment, Hit, Message, Piece


def part_of(messages: list[Message], where: dict[str, Any], limit: int) -> list[Message]:
    told = {name: value for name, value in where.items() if value is not None}
    if len(told) > 1:
        raise Refused("bad_request", "Only one of before, after, around and at can be told.")
    if "at" in told:
        return [one for one in messages if one.at >= told["at"]][:limit]
    if not told:
        return messages[-limit:]
    ((name, mark),) = told.items()
    ids = [message.id for message in messages]
    if mark not in ids:
        raise Refused("not_found", "There is no such message.")
    place = ids.index(mark)
    if name == "before":
        return messages[:place][-limit:]
    if name == "after":
        return messages[place + 1 :][:limit]
    return messages[max(0, place - limit // 2) : place + limit - limit // 2]


class FakeHistory:
    """Looks back at what was said."""

    history: dict[str, list[Message]]

    def search(
        self, typed: str, *, chat: str | None = None, before: str | None = None, limit: int = 50
    ) -> list[Hit]:
        """Those that hold the word, which is the whole snippet."""
        if chat is not None and chat not in self.history:
            raise Refused("not_found", "There is no such chat.")
        chats = self.history if chat is None else [chat]
        messages = [one for name in chats for one in self.history[name]]
        if before is not None:
            messages = part_of(messages, {"before": before}, 10_000)
        found = [one for one in reversed(messages) if typed and typed in one.text]
        return [_hit(one, typed) for one in found[:limit]]

    def export(self, chat: str | None = None, *, form: str) -> Attachment:
        """Each text is a piece."""
        if form not in ("html", "jsonl"):
            raise Refused("bad_request", "The format is html or jsonl.")
        if chat is not None and chat not in self.history:
            raise Refused("not_found", "There is no such chat.")
        chats = self.history if chat is None else [chat]
        texts = (one.text.encode() for name in chats for one in self.history[name])
        return Attachment(f"p2pchat.{form}", None, (text for text in (b"begin ", *texts)))


def _hit(message: Message, word: str) -> Hit:
    told = {field.name: getattr(message, field.name) for field in fields(message)}
    return Hit(**told, snippet=(Piece(word, hit=True),))

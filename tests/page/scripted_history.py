"""What a program that is played answers about what was said: pages of it, and finding it again.

A chat may be a list of messages, or something long that makes each of them when it is asked for.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, overload

from tests.page.scripted_acts import untouched
from tests.page.scripted_groups import Refused

Message = dict[str, Any]


def _place(held: Sequence[Message], wanted: str) -> int:
    """Where a message stands: ids rise with the place."""
    place = bisect_left(held, wanted, key=itemgetter("id"))
    if place == len(held) or held[place]["id"] != wanted:
        raise Refused(404, "not_found")
    return place


def page_of(held: Sequence[Message], query: dict[str, list[str]]) -> list[Message]:
    """The page that ``query`` asks for, oldest first."""
    limit = int(query["limit"][0])
    asked = {name: values[0] for name, values in query.items()}
    end = len(held)
    match asked:
        case {"before": wanted}:
            end = _place(held, wanted)
            start = end - limit
        case {"after": wanted}:
            start = _place(held, wanted) + 1
        case {"around": wanted}:
            start = _place(held, wanted) - limit // 2
            end = min(end, start + limit)
        case {"at": time}:
            start = bisect_left(held, int(time), key=itemgetter("at"))
        case _:
            start = end - limit
    start = max(0, start)
    return list(held[start : min(end, start + limit)])


def left_unread(held: Sequence[Message], read: str) -> dict[str, Any]:
    """What is unread once everything up to the message ``read`` was."""
    place = _place(held, read) + 1
    later = [each for each in held[place : place + 1_000] if not each["own"]]
    return {"unread": len(later), "first_unread": later[0]["id"] if later else None}


def snippet_of(text: str, words: str) -> list[dict[str, Any]]:
    """The text in parts, those that begin with one of the words marked as hits."""
    wanted = "|".join(re.escape(word) for word in words.split())
    parts = re.split(rf"\b((?:{wanted}))", text, flags=re.IGNORECASE)
    return [{"text": part, "hit": bool(at % 2)} for at, part in enumerate(parts) if part]


def found_in(
    chats: Mapping[str, Sequence[Message]], query: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """The hits that ``query`` asks for, newest first."""
    asked = {name: values[0] for name, values in query.items()}
    hits = [
        one | {"snippet": snippet_of(one["text"], asked["q"])}
        for chat, held in chats.items()
        if chat == asked.get("chat", chat)
        for one in held
    ]
    hits = [one for one in hits if any(part["hit"] for part in one["snippet"])]
    hits.sort(key=itemgetter("id"), reverse=True)
    if "before" in asked:
        hits = [one for one in hits if one["id"] < asked["before"]]
    return hits[: int(asked["limit"])]


def exported(chats: Mapping[str, Sequence[Message]], query: dict[str, list[str]]) -> bytes:
    """A file with what was said, in one chat or in all."""
    asked = {name: values[0] for name, values in query.items()}
    lines = [
        json.dumps({"format": asked["format"], "text": one["text"]})
        for chat, held in chats.items()
        if chat == asked.get("chat", chat)
        for one in held
    ]
    return "\n".join(lines).encode()


@dataclass(frozen=True)
class Said(Sequence[Message]):
    """A chat of very many messages; each of them is made when it is asked for."""

    chat: str
    own: str
    length: int
    until: int  # ms; when the last one was said
    every: int = 300_000  # ms

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, place: int) -> Message: ...
    @overload
    def __getitem__(self, place: slice) -> list[Message]: ...
    def __getitem__(self, place: int | slice) -> Message | list[Message]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(self.length))]
        at = place + self.length if place < 0 else place
        if not 0 <= at < self.length:
            raise IndexError(place)
        own = at % 5 > 2
        return {
            "id": f"{at + 1:032x}", "chat": self.chat, "author": self.own if own else self.chat,
            "own": own, "kind": "text", "text": f"message {at} " + "kata " * (at * 7 % 40),
            "at": self.until - (self.length - 1 - at) * self.every, "state": "delivered",
            "reply_to": None, "reason": "", "author_name": "", "system": None,
        } | untouched()  # fmt: skip

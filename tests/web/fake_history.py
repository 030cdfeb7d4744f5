"""Parts of a chat, cut out of a list."""

from typing import Any

from engine.chat.errors import Refused
from engine.chat.views import Message


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

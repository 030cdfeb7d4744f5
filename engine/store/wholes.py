"""Messages as they are now: each with all that was done to it, and the one that it answers.

What comes of the acts is said in protocol/life.py; here they are found. Every function takes the
connection that Database.write or Database.read hands it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import apsw

from engine.protocol import contents, life
from engine.protocol.contents import Text
from engine.protocol.life import UNTOUCHED, Life, Version
from engine.store import actsupon, history
from engine.store.history import OpenChat, Stored

ONE_VALUE: Final = b"\x91"  # how a text begins that answers nothing
MAX_PINS: Final = 100  # shown at once


@dataclass(frozen=True, slots=True)
class Whole:
    """A message with all that was done to it, and the message that it answers."""

    stored: Stored
    life: Life = UNTOUCHED
    quoted: "Whole | None" = None

    @property
    def is_deleted(self) -> bool:
        """By its author, for everyone."""
        return self.life.deleted or self.stored.kind == contents.GONE

    @property
    def text(self) -> Version | None:
        """What it reads now; None when it is no text, or is deleted."""
        content = contents.decode(self.stored.kind, self.stored.body)
        if self.is_deleted or not isinstance(content, Text):
            return None
        if self.life.edits:
            return self.life.edits[-1]
        return Version(content.text, content.mentions, self.stored.ts)


def wholes(
    db: apsw.Connection, messages: Sequence[Stored], *, every_edit: bool = False
) -> list[Whole]:
    """The messages, all of one chat, as they are now, each with the one that it answers. Of the
    edits of each the one that counts is looked at, unless all are asked for."""
    answered = {}
    for one in messages:
        content = contents.decode(one.kind, one.body)
        if isinstance(content, Text) and content.reply_to is not None:
            answered[one.id] = content.reply_to
    known = {one.id: one for one in messages}
    for reply_to in answered.values():
        if reply_to not in known:
            found = history.by_id(db, messages[0].chat_key, reply_to)
            if found is not None and found.target is None:
                known[reply_to] = found
    chat = history.find_chat(db, messages[0].chat_key) if messages else None
    lives = (
        {}
        if chat is None
        else {
            one.id: life.live(one.author, actsupon.line(db, chat, one, every_edit=every_edit))
            for one in known.values()
            if actsupon.has_any(db, chat, one.id)
        }
    )

    def whole(one: Stored, quoted: Whole | None = None) -> Whole:
        return Whole(one, lives.get(one.id, UNTOUCHED), quoted)

    def quoted(one: Stored) -> Whole | None:
        there = known.get(answered.get(one.id, b""))
        return None if there is None else whole(there)

    return [whole(one, quoted(one)) for one in messages]


def whole(db: apsw.Connection, message: Stored, *, every_edit: bool = False) -> Whole:
    return wholes(db, [message], every_edit=every_edit)[0]


def fresh(db: apsw.Connection, message: Stored) -> Whole:
    """A message that came just now: nothing was done to it, but it may answer another one."""
    return Whole(message) if message.body[:1] == ONE_VALUE else whole(db, message)


def pinned(db: apsw.Connection, chat: OpenChat, most: int = MAX_PINS) -> list[Stored]:
    """The messages that are pinned, the last that was pinned first."""
    found = []
    for order, target in actsupon.pinned(db, chat):
        stored = history.by_id(db, chat.key, target)
        if stored is not None and stored.target is None and stored.kind != contents.GONE:
            found.append((order, stored))
    found.sort(key=lambda one: one[0], reverse=True)
    return [stored for _order, stored in found[:most]]

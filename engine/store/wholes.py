"""Messages as they are now: each with all that was done to it, and the one that it answers.

What comes of the acts is said in protocol/life.py; here they are found. Every function takes the
connection that Database.write or Database.read hands it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import apsw

from engine.protocol import contents, life
from engine.protocol.contents import Pin, Text
from engine.protocol.life import UNTOUCHED, Done, Life, Version
from engine.store import history
from engine.store.history import OpenChat, Stored
from identity import PeerId

MAX_ACTS: Final = 5_000  # upon the messages of one page: the latest; more is no conversation


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


def wholes(db: apsw.Connection, messages: Sequence[Stored]) -> list[Whole]:
    """The messages, all of one chat, as they are now, each with the one that it answers."""
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
    lives = _lives(db, list(known.values()))

    def whole(one: Stored, quoted: Whole | None = None) -> Whole:
        return Whole(one, lives.get(one.id, UNTOUCHED), quoted)

    def quoted(one: Stored) -> Whole | None:
        there = known.get(answered.get(one.id, b""))
        return None if there is None else whole(there)

    return [whole(one, quoted(one)) for one in messages]


def whole(db: apsw.Connection, message: Stored) -> Whole:
    return wholes(db, [message])[0]


def fresh(db: apsw.Connection, message: Stored) -> Whole:
    """A message that came just now: nothing was done to it, but it may answer another one."""
    content = contents.decode(message.kind, message.body)
    is_reply = isinstance(content, Text) and content.reply_to is not None
    return whole(db, message) if is_reply else Whole(message)


def pinned(db: apsw.Connection, chat: OpenChat) -> list[Stored]:
    """The messages that are pinned, the last that was pinned first."""
    latest: dict[bytes, tuple[tuple[int, bytes, bytes], bool]] = {}
    for author, id_, lamport, target, body in db.execute(
        "SELECT author, id, lamport, target, body FROM message WHERE chat = ? AND kind = 5"
        " ORDER BY row DESC LIMIT ?",
        (chat.number, MAX_ACTS),
    ):
        content = contents.decode(contents.PIN, body)
        order = lamport, author, id_
        if isinstance(content, Pin) and (target not in latest or latest[target][0] < order):
            latest[target] = order, content.on
    found = []
    for target, (order, on) in latest.items():
        stored = history.by_id(db, chat.key, target) if on else None
        if stored is not None and stored.target is None and stored.kind != contents.GONE:
            found.append((order, stored))
    return [stored for _order, stored in sorted(found, key=lambda one: one[0], reverse=True)]


def _lives(db: apsw.Connection, messages: Sequence[Stored]) -> dict[bytes, Life]:
    if not messages:
        return {}
    marks = ", ".join("?" * len(messages))
    acts: dict[bytes, list[Done]] = {}
    for target, author, id_, kind, lamport, ts, body in db.execute(
        "SELECT m.target, m.author, m.id, m.kind, m.lamport, m.ts, m.body FROM message m"  # noqa: S608
        " WHERE m.chat = (SELECT id FROM chat WHERE key = ?) AND m.target IS NOT NULL"
        f" AND m.target IN ({marks}) ORDER BY m.lamport DESC LIMIT ?",
        (messages[0].chat_key, *(one.id for one in messages), MAX_ACTS),
    ):
        done = Done(PeerId(author), (lamport, author, id_), ts, contents.decode(kind, body))
        acts.setdefault(target, []).append(done)
    return {one.id: life.live(one.author, acts[one.id]) for one in messages if one.id in acts}

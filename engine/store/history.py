"""Chats and their messages.

Shown in the order (lamport, author, id), which is the same on both sides and needs no clock;
``row`` is the order of arrival here, and serves only for "how much is unread". What acts upon
another message is a row, too, and no line (life.py in this room does what it asks for). An id is
used once in a chat, whoever speaks: so an id names one message. Every function takes the connection
that Database.write or Database.read hands it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import apsw

from engine.protocol import contents
from engine.store import search, traces
from identity import PeerId

DIRECT = 1  # chat.kind
GROUP = 2
UNKNOWN = 0  # message.kind of what nobody can read
FIRST_LINE = 240  # message.kind from which on the program speaks, and not a person
MAX_LAMPORT_LEAP = 1 << 32  # further ahead than this is no honest count


class State(IntEnum):
    """Of one's own message: how far it has come. Of a received one: always DELIVERED."""

    WAITING = 1
    DELIVERED = 2
    READ = 3
    FAILED = 4
    SENT = 5  # in a group: on a member's disk, and not yet on everybody's


_BEFORE = {  # what may become it
    State.SENT: (State.WAITING,) * 3,
    State.DELIVERED: (State.WAITING, State.SENT, State.SENT),
    State.READ: (State.WAITING, State.SENT, State.DELIVERED),
}


class LamportLeap(ValueError):
    """A logical time further ahead than any honest count could be."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A message as it lies on disk."""

    row: int
    chat_key: bytes
    author: PeerId
    id: bytes
    kind: int
    lamport: int
    ts: int
    body: bytes
    state: State
    target: bytes | None = None  # the message it acts upon: then it is no line
    timer: int = 0  # seconds it stays once it was seen; 0 for ever
    ends_at: int | None = None  # milliseconds by the program's own clock; None: not begun

    def __repr__(self) -> str:
        return f"Stored({self.id.hex()}, row {self.row})"


_COLUMNS = (
    "m.row, c.key, m.author, m.id, m.kind, m.lamport, m.ts, m.body, m.state, m.target, m.timer,"
    " m.ends_at"
)
_ORDER = "m.lamport, m.author, m.id"
_IS_LINE = "m.target IS NULL"  # what acts upon another message is none of its own


@dataclass(slots=True)
class OpenChat:
    """A chat within one transaction: its number, its key, its highest logical time."""

    number: int
    key: bytes
    lamport: int
    kind: int = DIRECT


def open_chat(db: apsw.Connection, key: bytes, kind: int, now: int) -> OpenChat:
    """The chat of this key; it is made if there is none."""
    found = db.execute("SELECT id, lamport FROM chat WHERE key = ?", (key,)).fetchone()
    if found is None:
        lamport: int = (
            db.execute("SELECT lamport FROM forgotten_chat WHERE key = ?", (key,)).get or 0
        )
        db.execute(
            "INSERT INTO chat (key, kind, opened_at, lamport) VALUES (?, ?, ?, ?)",
            (key, kind, now, lamport),
        )
        return OpenChat(db.last_insert_rowid(), key, lamport, kind)
    return OpenChat(found[0], key, found[1], kind)


def find_chat(db: apsw.Connection, key: bytes) -> OpenChat | None:
    found = db.execute("SELECT id, key, lamport, kind FROM chat WHERE key = ?", (key,)).fetchone()
    return None if found is None else OpenChat(*found)


def chat_of(db: apsw.Connection, number: int) -> OpenChat | None:
    found = db.execute("SELECT id, key, lamport, kind FROM chat WHERE id = ?", (number,)).fetchone()
    return None if found is None else OpenChat(*found)


def add_own(
    db: apsw.Connection,
    chat: OpenChat,
    author: PeerId,
    message_id: bytes,
    kind: int,
    ts: int,
    body: bytes,
    send_key: str | None,
) -> Stored:
    """Add one's own message behind everything heard so far."""
    _raise_lamport(db, chat, chat.lamport + 1)
    made = Stored(
        0, chat.key, author, message_id, kind, chat.lamport, ts, body, State.WAITING,
        *_aims(kind, body),
    )  # fmt: skip
    stored = _insert(db, chat, made, send_key)
    assert stored is not None, "a new id is in no chat"
    return stored


def add_received(
    db: apsw.Connection,
    chat: OpenChat,
    author: PeerId,
    message_id: bytes,
    kind: int,
    lamport: int,
    ts: int,
    body: bytes,
) -> Stored | None:
    """Add a message of somebody else; None when it is known already (shown exactly once).

    Raises LamportLeap.
    """
    if lamport > chat.lamport + MAX_LAMPORT_LEAP:
        raise LamportLeap
    if kind >= FIRST_LINE:
        kind = UNKNOWN  # only the program speaks in those, of what happens in a group
    came = Stored(
        0, chat.key, author, message_id, kind, lamport, ts, body, State.DELIVERED,
        *_aims(kind, body),
    )  # fmt: skip
    stored = _insert(db, chat, came)
    if stored is not None and lamport > chat.lamport:
        _raise_lamport(db, chat, lamport)
    return stored


def add_shown(
    db: apsw.Connection, chat: OpenChat, message: Stored, *, timer: int, me: PeerId
) -> Stored | None:
    """Add a message that follows from a group's event; None when it stands there already. ``me``:
    it is noted when it names us."""
    target, _timer = _aims(message.kind, message.body)
    names_me = target is None and message.author != me and _names(message.kind, message.body, me)
    shown = replace(message, target=target, timer=timer)
    return _insert(db, chat, shown, names_me=names_me)


def _insert(
    db: apsw.Connection,
    chat: OpenChat,
    made: Stored,
    send_key: str | None = None,
    *,
    names_me: bool = False,
) -> Stored | None:
    db.execute(
        "INSERT INTO message (chat, author, id, kind, lamport, ts, body, state, send_key, target,"
        " timer, names_me) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12"
        # The plus: it is found by its id, and not by going through the chat.
        " WHERE NOT EXISTS (SELECT 1 FROM message WHERE id = ?3 AND +chat = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM forgotten WHERE chat = ?13 AND author = ?2 AND id = ?3)",
        (
            chat.number, made.author, made.id, made.kind, made.lamport, made.ts, made.body,
            made.state, send_key, made.target, made.timer, names_me, chat.key,
        ),
    )  # fmt: skip
    return replace(made, row=db.last_insert_rowid()) if db.changes() else None


def _aims(kind: int, body: bytes) -> tuple[bytes | None, int]:
    """The message that this one acts upon, and how long it stays."""
    if contents.is_plain(kind, body):
        return None, 0
    content = contents.decode(kind, body)
    timer = content.timer if isinstance(content, contents.Text) else 0
    return contents.target_of(content), timer


def _names(kind: int, body: bytes, me: PeerId) -> bool:
    content = contents.decode(kind, body)
    mentions = content.mentions if isinstance(content, contents.Text) else ()
    return any(one.peer == me for one in mentions)


def is_forgotten(db: apsw.Connection, chat: OpenChat, author: PeerId, message_id: bytes) -> bool:
    """Say whether it was here and was deleted: then it is known, and never shown again."""
    return bool(
        db.execute(
            "SELECT 1 FROM forgotten WHERE chat = ? AND author = ? AND id = ?",
            (chat.key, author, message_id),
        ).get
    )


def after(db: apsw.Connection, chat: OpenChat, stored: Stored) -> bytes | None:
    """The id of the message that stands behind this one."""
    found: bytes | None = db.execute(
        f"SELECT m.id FROM message m WHERE {_IS_LINE} AND m.chat = ?"  # noqa: S608
        f" AND ({_ORDER}) > (?, ?, ?) ORDER BY {_ORDER} LIMIT 1",
        (chat.number, stored.lamport, bytes(stored.author), stored.id),
    ).get
    return found


def set_send_key(db: apsw.Connection, stored: Stored, send_key: str) -> None:
    db.execute("UPDATE message SET send_key = ? WHERE row = ?", (send_key, stored.row))


def set_state(
    db: apsw.Connection, chat: OpenChat, author: PeerId, ids: list[bytes], state: State
) -> list[bytes]:
    """Those of the messages whose state that changes; one that went further stays there."""
    changed = []
    before = _BEFORE[state]
    for one in ids:
        db.execute(
            "UPDATE message SET state = ?1 WHERE chat = ?2 AND author = ?3 AND id = ?4"
            " AND state IN (?5, ?6, ?7)",
            (state, chat.number, author, one, *before),
        )
        if db.changes():
            changed.append(one)
    return changed


def _raise_lamport(db: apsw.Connection, chat: OpenChat, lamport: int) -> None:
    db.execute("UPDATE chat SET lamport = ? WHERE id = ?", (lamport, chat.number))
    chat.lamport = lamport


def by_send_key(db: apsw.Connection, chat: OpenChat, send_key: str) -> Stored | None:
    return _one(db, "m.chat = ? AND m.send_key = ?", (chat.number, send_key))


def by_id(db: apsw.Connection, key: bytes, message_id: bytes) -> Stored | None:
    return _one(db, "c.key = ? AND m.id = ?", (key, message_id))


def by_rows(db: apsw.Connection, rows: Sequence[int]) -> list[Stored]:
    """The lines in these rows, in any order."""
    found = db.execute(
        f"SELECT {_COLUMNS} FROM message m CROSS JOIN chat c ON c.id = m.chat"  # noqa: S608
        f" WHERE m.row IN ({', '.join('?' * len(rows))}) AND {_IS_LINE}",
        tuple(rows),
    )
    return [_stored(line) for line in found]


def page(db: apsw.Connection, key: bytes, before: Stored | None, limit: int) -> list[Stored] | None:
    """Up to ``limit`` messages before ``before`` (or the newest), oldest first; None: no chat."""
    chat = db.execute("SELECT id FROM chat WHERE key = ?", (key,)).get
    if chat is None:
        return None
    where, values = "", []
    if before is not None:
        where = f" AND ({_ORDER}) < (?, ?, ?)"
        values = [before.lamport, bytes(before.author), before.id]
    newest_first = ", ".join(f"{part} DESC" for part in _ORDER.split(", "))
    return _lines(db, chat, where, values, newest_first, limit)[::-1]


def following(
    db: apsw.Connection, key: bytes, mark: Stored | None, limit: int, *, with_it: bool = False
) -> list[Stored]:
    """Up to ``limit`` messages after ``mark`` (or from it on; None: from the first), oldest
    first."""
    chat = db.execute("SELECT id FROM chat WHERE key = ?", (key,)).get
    where, values = "", []
    if mark is not None:
        where = f" AND ({_ORDER}) {'>=' if with_it else '>'} (?, ?, ?)"
        values = [mark.lamport, bytes(mark.author), mark.id]
    return _lines(db, chat, where, values, _ORDER, limit)


def _lines(
    db: apsw.Connection, chat: int, where: str, values: list[Any], order: str, limit: int
) -> list[Stored]:
    found = db.execute(
        f"SELECT {_COLUMNS} FROM message m JOIN chat c ON c.id = m.chat"  # noqa: S608
        f" WHERE m.chat = ? AND {_IS_LINE}{where} ORDER BY {order} LIMIT ?",
        (chat, *values, limit),
    )
    return [_stored(line) for line in found]


def forget_chat(db: apsw.Connection, key: bytes) -> None:
    """Delete a chat and its messages. Their ids stay known, so that none comes back, and its
    logical time, so that what is said next stands behind them where they were kept."""
    db.execute(
        "INSERT OR REPLACE INTO forgotten_chat SELECT key, lamport FROM chat WHERE key = ?", (key,)
    )
    db.execute(
        "INSERT OR IGNORE INTO forgotten (chat, author, id)"
        " SELECT c.key, m.author, m.id FROM message m JOIN chat c ON c.id = m.chat WHERE c.key = ?",
        (key,),
    )
    erase_chat(db, key)


def erase_chat(db: apsw.Connection, key: bytes) -> None:
    """Delete a chat and its messages, and remember nothing of them."""
    number = db.execute("SELECT id FROM chat WHERE key = ?", (key,)).get
    if number is not None:
        search.forget_chat(db, number)
        traces.left_by(db)
    db.execute("DELETE FROM chat WHERE key = ?", (key,))


def _one(db: apsw.Connection, where: str, values: tuple[object, ...]) -> Stored | None:
    # CROSS JOIN: the message is looked up first, by its id or key, then the chat it belongs to.
    found = db.execute(
        f"SELECT {_COLUMNS} FROM message m CROSS JOIN chat c ON c.id = m.chat WHERE {where}",  # noqa: S608
        values,
    ).fetchone()
    return None if found is None else _stored(found)


def _stored(line: tuple[Any, ...]) -> Stored:
    row, key, author, message_id, kind, lamport, ts, body, state, target, timer, ends_at = line
    return Stored(
        row, key, PeerId(author), message_id, kind, lamport, ts, body, State(state), target, timer,
        ends_at,
    )  # fmt: skip

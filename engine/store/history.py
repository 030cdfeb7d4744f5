"""Chats and their messages.

Shown in the order (lamport, author, id), which is the same on both sides and needs no clock;
``row`` is the order of arrival here, and serves only for "how much is unread". Every function takes
the connection that Database.write or Database.read hands it.
"""

from dataclasses import dataclass
from enum import IntEnum

import apsw

from identity import PeerId

DIRECT = 1  # chat.kind
GROUP = 2
FIRST_LINE = 240  # message.kind from which on the program speaks, and not a person
TIMER = 6  # message.kind of a line that is nothing to read
MAX_LAMPORT_LEAP = 1 << 32  # further ahead than this is no honest count


class State(IntEnum):
    """Of one's own message: how far it has come. Of a received one: always DELIVERED."""

    WAITING = 1
    DELIVERED = 2
    READ = 3
    FAILED = 4
    SENT = 5  # in a group: on a member's disk, and not yet on everybody's


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

    def __repr__(self) -> str:
        return f"Stored({self.id.hex()}, row {self.row})"


@dataclass(frozen=True, slots=True)
class ChatRow:
    key: bytes
    kind: int
    unread: int
    first_unread: bytes | None
    last: Stored | None
    opened_at: int


_COLUMNS = "m.row, c.key, m.author, m.id, m.kind, m.lamport, m.ts, m.body, m.state"
_ORDER = "m.lamport, m.author, m.id"
_IS_LINE = "m.target IS NULL"  # what acts upon another message is none of its own


@dataclass(slots=True)
class OpenChat:
    """A chat within one transaction: its number, its key, its highest logical time."""

    number: int
    key: bytes
    lamport: int


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
        return OpenChat(db.last_insert_rowid(), key, lamport)
    return OpenChat(found[0], key, found[1])


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
    lamport, state = chat.lamport, State.WAITING
    db.execute(
        "INSERT INTO message (chat, author, id, kind, lamport, ts, body, state, send_key)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (chat.number, author, message_id, kind, lamport, ts, body, state, send_key),
    )
    row = db.last_insert_rowid()
    return Stored(row, chat.key, author, message_id, kind, lamport, ts, body, state)


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
    state = State.DELIVERED
    db.execute(
        "INSERT INTO message (chat, author, id, kind, lamport, ts, body, state)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS"
        " (SELECT 1 FROM forgotten WHERE chat = ?9 AND author = ?2 AND id = ?3)"
        " ON CONFLICT (chat, author, id) DO NOTHING",
        (chat.number, author, message_id, kind, lamport, ts, body, state, chat.key),
    )
    if db.changes() == 0:
        return None
    row = db.last_insert_rowid()
    if lamport > chat.lamport:
        _raise_lamport(db, chat, lamport)
    return Stored(row, chat.key, author, message_id, kind, lamport, ts, body, state)


def add_shown(
    db: apsw.Connection,
    chat: OpenChat,
    author: PeerId,
    message_id: bytes,
    kind: int,
    lamport: int,
    ts: int,
    body: bytes,
    state: State,
) -> Stored | None:
    """Add a message that follows from a group's event; None when it stands there already."""
    db.execute(
        "INSERT INTO message (chat, author, id, kind, lamport, ts, body, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chat, author, id) DO NOTHING",
        (chat.number, author, message_id, kind, lamport, ts, body, state),
    )
    if db.changes() == 0:
        return None
    row = db.last_insert_rowid()
    return Stored(row, chat.key, author, message_id, kind, lamport, ts, body, state)


def drop(db: apsw.Connection, chat: OpenChat, message_id: bytes) -> bool:
    """Take a message off the screen whose event does not count any more."""
    db.execute("DELETE FROM message WHERE chat = ? AND id = ?", (chat.number, message_id))
    return bool(db.changes())


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
    unsettled = (State.WAITING, State.SENT)
    for one in ids:
        db.execute(
            "UPDATE message SET state = ?1 WHERE chat = ?2 AND author = ?3 AND id = ?4"
            " AND state IN (?5, ?6) AND state <> ?1",
            (state, chat.number, author, one, *unsettled),
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


def page(db: apsw.Connection, key: bytes, before: Stored | None, limit: int) -> list[Stored] | None:
    """Up to ``limit`` messages before ``before`` (or the newest), oldest first; None: no chat."""
    chat = db.execute("SELECT id FROM chat WHERE key = ?", (key,)).get
    if chat is None:
        return None
    where, values = f"m.chat = ? AND {_IS_LINE}", [chat]
    if before is not None:
        where += f" AND ({_ORDER}) < (?, ?, ?)"
        values += [before.lamport, bytes(before.author), before.id]
    newest_first = f"ORDER BY {', '.join(f'{part} DESC' for part in _ORDER.split(', '))}"
    found = db.execute(
        f"SELECT {_COLUMNS} FROM message m JOIN chat c ON c.id = m.chat"  # noqa: S608
        f" WHERE {where} {newest_first} LIMIT ?",
        (*values, limit),
    )
    return [_stored(line) for line in found][::-1]


def chats(db: apsw.Connection, own: PeerId, only: bytes | None = None) -> list[ChatRow]:
    """Every chat (or the one with the key ``only``), the latest activity first."""
    where, values = ("", ()) if only is None else (" WHERE key = ?", (only,))
    rows = []
    for number, key, kind, read_row, opened_at in db.execute(
        f"SELECT id, key, kind, read_row, opened_at FROM chat{where}",  # noqa: S608
        values,
    ):
        # By arrival: neither what was read long ago nor any other chat is walked through.
        unread = "message m INDEXED BY message_arrival WHERE m.chat = ? AND m.row > ?"
        unread += (
            f" AND {_IS_LINE} AND m.author <> ? AND m.kind < {FIRST_LINE} AND m.kind <> {TIMER}"
        )
        count = db.execute(
            f"SELECT count(*) FROM {unread}",  # noqa: S608
            (number, read_row, own),
        ).get
        first = None
        if count:
            first = db.execute(
                f"SELECT m.id FROM {unread} ORDER BY {_ORDER} LIMIT 1",  # noqa: S608
                (number, read_row, own),
            ).get
        newest = page(db, key, None, 1)
        rows.append(ChatRow(key, kind, count, first, newest[0] if newest else None, opened_at))
    return sorted(rows, key=lambda row: row.last.ts if row.last else row.opened_at, reverse=True)


def mark_read(db: apsw.Connection, key: bytes, message_id: bytes) -> bool:
    """All that stands at or before this message was seen. False when it is not in this chat.

    What stands before it may have arrived later (it crossed on the way), so the mark moves to the
    newest arrival among them; what stands after it and came earlier was on the screen by then.
    """
    target = by_id(db, key, message_id)
    if target is None:
        return False
    db.execute(
        "UPDATE chat SET read_row = max(read_row, coalesce((SELECT max(m.row) FROM message m"  # noqa: S608
        " INDEXED BY message_arrival WHERE m.chat = chat.id AND m.row > chat.read_row"
        f" AND {_IS_LINE}"
        f" AND ({_ORDER}) <= (?, ?, ?)), 0)) WHERE key = ?",
        (target.lamport, bytes(target.author), target.id, key),
    )
    return True


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
    db.execute("DELETE FROM chat WHERE key = ?", (key,))


def erase_chat(db: apsw.Connection, key: bytes) -> None:
    """Delete a chat and its messages, and remember nothing of them."""
    db.execute("DELETE FROM chat WHERE key = ?", (key,))


def _one(db: apsw.Connection, where: str, values: tuple[object, ...]) -> Stored | None:
    # CROSS JOIN: the message is looked up first, by its id or key, then the chat it belongs to.
    found = db.execute(
        f"SELECT {_COLUMNS} FROM message m CROSS JOIN chat c ON c.id = m.chat WHERE {where}",  # noqa: S608
        values,
    ).fetchone()
    return None if found is None else _stored(found)


def _stored(line: tuple[int, bytes, bytes, bytes, int, int, int, bytes, int]) -> Stored:
    row, key, author, message_id, kind, lamport, ts, body, state = line
    return Stored(row, key, PeerId(author), message_id, kind, lamport, ts, body, State(state))

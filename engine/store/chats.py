"""Chats as a list shows them: what is unread, the last line, a draft, what is pinned.

Every function takes the connection that Database.write or Database.read hands it.
"""

from dataclasses import dataclass
from typing import Final

import apsw

from engine.protocol import contents
from engine.store import history, wholes
from engine.store.history import FIRST_LINE, OpenChat
from engine.store.wholes import Whole
from identity import PeerId

# By arrival: neither what was read long ago nor any other chat is walked through.
_UNREAD: Final = (
    "message m INDEXED BY message_arrival WHERE m.chat = ? AND m.row > ? AND m.target IS NULL"
    f" AND m.author <> ? AND m.kind < {FIRST_LINE} AND m.kind <> {contents.TIMER}"
)


@dataclass(frozen=True, slots=True)
class ChatRow:
    key: bytes
    kind: int
    unread: int
    first_unread: bytes | None
    last: Whole | None
    opened_at: int
    draft: str = ""
    draft_reply: bytes | None = None
    timer: int = 0  # seconds
    pins: int = 0
    names_me: bool = False  # something unread does

    def __repr__(self) -> str:
        return f"ChatRow({self.kind}, {self.unread} unread)"


def chats(db: apsw.Connection, own: PeerId, only: bytes | None = None) -> list[ChatRow]:
    """Every chat (or the one with the key ``only``), the latest activity first."""
    where, values = ("", ()) if only is None else (" WHERE key = ?", (only,))
    rows = []
    for number, key, kind, lamport, read_row, opened_at, draft, reply, timer in db.execute(
        "SELECT id, key, kind, lamport, read_row, opened_at, draft, draft_reply, timer"  # noqa: S608
        f" FROM chat{where}",
        values,
    ):
        since = (number, read_row, own)
        count = db.execute(f"SELECT count(*) FROM {_UNREAD}", since).get  # noqa: S608
        first = None
        if count:
            first = db.execute(
                f"SELECT m.id FROM {_UNREAD} ORDER BY m.lamport, m.author, m.id LIMIT 1",  # noqa: S608
                since,
            ).get
        names_me = db.execute(
            "SELECT 1 FROM message WHERE chat = ? AND row > ? AND names_me LIMIT 1",
            (number, read_row),
        ).get
        newest = history.page(db, key, None, 1)
        chat = OpenChat(number, key, lamport, kind)
        rows.append(
            ChatRow(
                key,
                kind,
                count,
                first,
                wholes.whole(db, newest[0]) if newest else None,
                opened_at,
                draft,
                reply,
                timer,
                len(wholes.pinned(db, chat)),
                bool(names_me),
            )
        )
    return sorted(rows, key=_latest, reverse=True)


def _latest(row: ChatRow) -> int:
    return row.opened_at if row.last is None else row.last.stored.ts


def mark_read(
    db: apsw.Connection, key: bytes, message_id: bytes, own: PeerId
) -> dict[PeerId, bytes] | None:
    """All that stands at or before this message was seen: the last message of each author that was
    not seen before. None when the message is not in this chat.

    What stands before it may have arrived later (it crossed on the way), so the mark moves to the
    newest arrival among them; what stands after it and came earlier was on the screen by then.
    """
    target, chat = history.by_id(db, key, message_id), history.find_chat(db, key)
    if target is None or chat is None:
        return None
    before: int = db.execute("SELECT read_row FROM chat WHERE id = ?", (chat.number,)).get
    row: int = db.execute(
        "SELECT max(?1, coalesce((SELECT max(m.row) FROM message m INDEXED BY message_arrival"
        " WHERE m.chat = ?2 AND m.row > ?1 AND m.target IS NULL"
        " AND (m.lamport, m.author, m.id) <= (?3, ?4, ?5)), 0))",
        (before, chat.number, target.lamport, bytes(target.author), target.id),
    ).get
    if row == before:
        return {}
    db.execute("UPDATE chat SET read_row = ? WHERE id = ?", (row, chat.number))
    found = db.execute(
        "SELECT author, id, max(row) FROM message INDEXED BY message_arrival WHERE chat = ?"
        " AND row > ? AND row <= ? AND target IS NULL AND author <> ? AND kind < ? GROUP BY author",
        (chat.number, before, row, own, FIRST_LINE),
    )
    return {PeerId(author): id_ for author, id_, _row in found}


def set_draft(db: apsw.Connection, key: bytes, text: str, reply_to: bytes | None) -> bool:
    """Keep what was written and not sent. False when that changes nothing."""
    db.execute(
        "UPDATE chat SET draft = ?1, draft_reply = ?2 WHERE key = ?3"
        " AND (draft, draft_reply) IS NOT (?1, ?2)",
        (text, reply_to, key),
    )
    return bool(db.changes())


def timer_of(db: apsw.Connection, key: bytes) -> int:
    """Seconds that new messages of this chat stay once they were seen; 0 for ever."""
    found: int = db.execute("SELECT timer FROM chat WHERE key = ?", (key,)).get or 0
    return found

"""Texts in a database, as the tests of searching need them."""

from collections.abc import Sequence

from engine.protocol import contents
from engine.protocol.contents import Content
from engine.store import history, search
from engine.store.history import DIRECT
from identity import PeerId
from tests.helpers import person

BOB, CAROL = (person(number).peer for number in (2, 3))


def said(db, text: str | Content, *, peer: PeerId = BOB, author: PeerId | None = None) -> int:
    """Add a message, or an act upon one; its row."""
    chat = history.open_chat(db, peer, DIRECT, 0)
    content = contents.Text(text) if isinstance(text, str) else text
    kind, body = contents.encode(content)
    row = (db.execute("SELECT max(row) FROM message").get or 0) + 1
    db.execute(
        "INSERT INTO message (row, chat, author, id, kind, lamport, ts, body, state, target)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?1, ?1, ?6, 2, ?7)",
        (row, chat.number, author or peer, id_of(row), kind, body, contents.target_of(content)),
    )
    return row


def id_of(row: int) -> bytes:
    return row.to_bytes(16, "big")


def number_of(db, peer: PeerId = BOB) -> int:
    return history.open_chat(db, peer, DIRECT, 0).number


def index_all(db) -> None:
    while search.index_some(db):
        pass
    fade_all(db)


def fade_all(db) -> None:
    while search.is_fading(db):
        search.fade_some(db)


def take_away(db, rows: Sequence[int]) -> None:
    """Delete messages for good, as whoever deletes one has to."""
    for row in rows:
        chat, kind, body = db.execute(
            "SELECT chat, kind, body FROM message WHERE row = ?", (row,)
        ).fetchone()
        search.forget(db, row, chat, kind, body)
        db.execute("DELETE FROM message WHERE row = ?", (row,))


def rows_with(db, word: str) -> list[int]:
    """What the index itself says."""
    asked = f'text : "{word}"'
    found = db.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", (asked,))
    return [row for (row,) in found]


def is_sound(db) -> bool:
    """Say whether the index agrees with itself; raises when it does not."""
    db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    return True

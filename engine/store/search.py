"""The full-text index: which messages hold which words.

    message.row ──(later, in small batches)──► words (rowid = message.row, place "c<chat>", text)
                        ▲
                     indexed.row: everything up to here is in the index

The index holds no text of its own, so taking a message out of it needs the very text that was put
in: what a message reads as now. It is not brought up to date by the commit that stores a message,
which would then take several times as long. ``indexed`` never points behind the last message (a
trigger sees to that), so a row number that is used again is always still to be indexed.
Every function takes the connection that Database.write or Database.read hands it.
"""

from collections.abc import Iterable
from typing import Final

import apsw

from engine.protocol import contents, life
from engine.protocol.life import Done
from engine.store import wordtraces
from identity import PeerId

MOST_ROWS: Final = 500  # put in by one mutation
MOST_SIZE: Final = 256 * 1_024  # characters; the same: a long text takes as long as many
ENOUGH_TO_BEGIN_AGAIN: Final = 200  # messages: taking out more holds everybody up for seconds


# -- messages that change


def forget(db: apsw.Connection, row: int, chat_number: int, kind: int, body: bytes) -> None:
    """Take a message's words out of the index, before it is deleted, or reads differently.

    ``kind`` and ``body`` are of what gives it the text that it reads as now: its own, or those of
    the latest edit. A message that is not in the index yet is passed over.
    """
    text = text_of(kind, body)
    if text is not None and row <= indexed_up_to(db):
        _take_out(db, row, chat_number, text)
        _sweep(db, [text])


def put(db: apsw.Connection, row: int, chat_number: int, text: str) -> None:
    """Put a message back that was taken out, with the text that it reads as now. One that was not
    in the index yet is passed over: it will be, with what it reads as then."""
    if row <= indexed_up_to(db):
        _put_in(db, row, chat_number, text)


def forget_chat(db: apsw.Connection, chat_number: int) -> None:
    """Take all messages of a chat out of the index, before it is deleted."""
    rows = list(
        db.execute(
            "SELECT row, author, id, kind, body FROM message"
            " WHERE chat = ? AND row <= ? AND target IS NULL AND kind = ? LIMIT ?",
            (chat_number, indexed_up_to(db), contents.TEXT, ENOUGH_TO_BEGIN_AGAIN),
        )
    )
    if len(rows) == ENOUGH_TO_BEGIN_AGAIN:
        begin_again(db)
        return
    texts = []
    for row, author, id_, kind, body in rows:
        text = _reading(db, chat_number, PeerId(author), id_, kind, body)
        if text is not None:
            _take_out(db, row, chat_number, text)
            texts.append(text)
    _sweep(db, texts)


def text_of(kind: int, body: bytes) -> str | None:
    """The words that can be searched for in a text, or in an edit; None when there are none."""
    content = contents.decode(kind, body)
    return content.text if isinstance(content, contents.Text | contents.Edit) else None


# -- keeping up


def indexed_up_to(db: apsw.Connection) -> int:
    """The last row that is in the index; all before it are, too."""
    row: int = db.execute("SELECT row FROM indexed").get
    return row


def is_behind(db: apsw.Connection) -> bool:
    """Say whether there are messages that are not in the index yet."""
    return bool(db.execute("SELECT max(row) > (SELECT row FROM indexed) FROM message").get)


def index_some(db: apsw.Connection, most: int = MOST_ROWS) -> bool:
    """Put the next messages into the index, as they read now. Whether there are more."""
    up_to = indexed_up_to(db)
    count = size = 0
    for row, chat, author, id_, kind, body in db.execute(
        "SELECT row, chat, author, id, kind, CASE WHEN target IS NULL AND kind = ? THEN body END"
        " FROM message WHERE row > ? ORDER BY row LIMIT ?",
        (contents.TEXT, up_to, most),
    ):
        text = None if body is None else _reading(db, chat, PeerId(author), id_, kind, body)
        if text:
            _put_in(db, row, chat, text)
            size += len(text)
        up_to, count = row, count + 1
        if size >= MOST_SIZE:
            break
    db.execute("UPDATE indexed SET row = ?", (up_to,))
    return count == most or size >= MOST_SIZE


def begin_again(db: apsw.Connection) -> None:
    """Empty the index; it is filled anew from the first message on."""
    db.execute("INSERT INTO words (words) VALUES ('delete-all')")
    db.execute("UPDATE indexed SET row = 0")


# -- inside


def _reading(
    db: apsw.Connection, chat_number: int, author: PeerId, id_: bytes, kind: int, body: bytes
) -> str | None:
    """What a line reads as now; None when there are no words in it."""
    acts = [
        Done(author, (lamport, author, act), 0, contents.decode(contents.EDIT, edit))
        for act, lamport, edit in db.execute(
            "SELECT id, lamport, body FROM message"
            " WHERE chat = ? AND target = ? AND author = ? AND kind = ?",
            (chat_number, id_, author, contents.EDIT),
        )
    ]
    edits = life.live(author, acts).edits
    return edits[-1].text if edits else text_of(kind, body)


def _put_in(db: apsw.Connection, row: int, chat_number: int, text: str) -> None:
    db.execute(
        "INSERT INTO words (rowid, place, text) VALUES (?, ?, ?)", (row, f"c{chat_number}", text)
    )


def _take_out(db: apsw.Connection, row: int, chat_number: int, text: str) -> None:
    db.execute(
        "INSERT INTO words (words, rowid, place, text) VALUES ('delete', ?, ?, ?)",
        (row, f"c{chat_number}", text),
    )


def _sweep(db: apsw.Connection, texts: Iterable[str]) -> None:
    found = (wordtraces.words_in(db, text) for text in texts)
    wordtraces.sweep(db, (word for words in found for _start, _end, word in words))

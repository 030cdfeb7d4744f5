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

from typing import Final

import apsw

from engine.protocol import contents

ENOUGH_TO_BEGIN_AGAIN: Final = 5_000  # messages: taking out more is slower than a new index


def forget(db: apsw.Connection, row: int, chat_number: int, kind: int, body: bytes) -> None:
    """Take a message's words out of the index, before it is deleted, or reads differently.

    ``kind`` and ``body`` are of what gives it the text that it reads as now: its own, or those of
    the latest edit. A message that is not in the index yet is passed over.
    """
    text = text_of(kind, body)
    if text is not None and row <= indexed_up_to(db):
        _take_out(db, row, chat_number, text)


def put(db: apsw.Connection, row: int, chat_number: int, text: str) -> None:
    """Put a message back that was taken out, with the text that it reads as now. One that was not
    in the index yet is passed over: it will be, with what it reads as then."""
    if row <= indexed_up_to(db):
        _put_in(db, row, chat_number, text)


def forget_chat(db: apsw.Connection, chat_number: int) -> None:
    """Take all messages of a chat out of the index, before it is deleted."""
    up_to = indexed_up_to(db)
    ours = "FROM message WHERE chat = ? AND row <= ? AND target IS NULL"
    count = db.execute(
        f"SELECT count(*) FROM (SELECT 1 {ours} LIMIT ?)",  # noqa: S608
        (chat_number, up_to, ENOUGH_TO_BEGIN_AGAIN),
    ).get
    if count == ENOUGH_TO_BEGIN_AGAIN:
        begin_again(db)
        return
    for row, kind, body in db.execute(f"SELECT row, kind, body {ours}", (chat_number, up_to)):
        text = text_of(kind, body)
        if text is not None:
            _take_out(db, row, chat_number, text)


def begin_again(db: apsw.Connection) -> None:
    """Empty the index; it is filled anew from the first message on."""
    db.execute("INSERT INTO words (words) VALUES ('delete-all')")
    db.execute("UPDATE indexed SET row = 0")


def indexed_up_to(db: apsw.Connection) -> int:
    """The last row that is in the index; all before it are, too."""
    row: int = db.execute("SELECT row FROM indexed").get
    return row


def text_of(kind: int, body: bytes) -> str | None:
    """The words that can be searched for; None when there are none."""
    content = contents.decode(kind, body)
    return content.text if isinstance(content, contents.Text) else None


def _put_in(db: apsw.Connection, row: int, chat_number: int, text: str) -> None:
    db.execute(
        "INSERT INTO words (rowid, place, text) VALUES (?, ?, ?)", (row, f"c{chat_number}", text)
    )


def _take_out(db: apsw.Connection, row: int, chat_number: int, text: str) -> None:
    db.execute(
        "INSERT INTO words (words, rowid, place, text) VALUES ('delete', ?, ?, ?)",
        (row, f"c{chat_number}", text),
    )

"""The full-text index: which messages hold which words.

    message.row ──(later, in small batches)──► words (rowid = message.row, place "c<chat>", text)
                        ▲                        │
                     indexed.row: everything     └──(a long text: later, in parts)──► gone
                     up to here is in the index      fading.py

The index holds no text of its own, so taking a message out of it needs the very text that was put
in: what a message reads as now. It is not brought up to date by the commit that stores a message,
which would then take several times as long. ``indexed`` never points behind the last message (a
trigger sees to that), so a row number that is used again is always still to be indexed. An index
that is damaged is begun again: no deletion and no message fails because of it.
Every function takes the connection that Database.write or Database.read hands it.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import apsw

from engine.protocol import contents, life
from engine.protocol.life import Done
from engine.store import fading, traces, wordtraces
from identity import PeerId

log = logging.getLogger(__name__)

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
        _forget(db, [(row, text)], chat_number)


def put(db: apsw.Connection, row: int, chat_number: int, text: str) -> None:
    """Put a message back that was taken out, with the text that it reads as now. One that was not
    in the index yet, or not quite out of it, is passed over: it will be, with what it reads as
    then."""
    if row <= indexed_up_to(db) and not fading.is_noted(db, row):
        _put_in(db, [(row, chat_number, text)])


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
    read = (
        (row, _reading(db, chat_number, PeerId(author), id_, kind, body))
        for row, author, id_, kind, body in rows
    )
    _forget(db, [(row, text) for row, text in read if text is not None], chat_number)


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
    texts: list[tuple[int, int, str]] = []
    for row, chat, author, id_, kind, body in db.execute(
        "SELECT row, chat, author, id, kind, CASE WHEN target IS NULL AND kind = ? THEN body END"
        " FROM message WHERE row > ? ORDER BY row LIMIT ?",
        (contents.TEXT, up_to, most),
    ):
        text = None if body is None else _reading(db, chat, PeerId(author), id_, kind, body)
        if text and not fading.is_noted(db, row):
            texts.append((row, chat, text))
            size += len(text)
        up_to, count = row, count + 1
        if size >= MOST_SIZE:
            break
    if _put_in(db, texts):
        db.execute("UPDATE indexed SET row = ?", (up_to,))
    return count == most or size >= MOST_SIZE


def is_fading(db: apsw.Connection) -> bool:
    """Say whether words that were forgotten are still to be taken out of the index."""
    return fading.is_any(db)


def fade_some(db: apsw.Connection) -> None:
    """Take some of the words out that were forgotten. After the last of a text nothing of it is in
    the file, and its message is found by what it reads as now."""
    part = fading.next_part(db)
    if part is None:
        return
    with _unless_damaged(db):
        if part.is_last:
            _take_out(db, part.row, f"c{part.chat_number}", part.words)
        else:
            _take_out(db, part.row, "", part.words)
            # The index counts its texts, and this one is not out of it yet.
            db.execute("INSERT INTO words (rowid, place, text) VALUES (?, '', '')", (part.row,))
        _sweep(db, [part.words])
    if part.is_last:
        traces.left_by(db)
        _put_back(db, part.row)


def begin_again(db: apsw.Connection) -> None:
    """Empty the index; it is filled anew from the first message on."""
    db.execute("INSERT INTO words (words) VALUES ('delete-all')")
    db.execute("INSERT INTO words (words, rank) VALUES ('secure-delete', 1)")
    db.execute("UPDATE indexed SET row = 0")
    fading.forget_all(db)


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


def _forget(db: apsw.Connection, texts: Iterable[tuple[int, str]], chat_number: int) -> None:
    """Take messages out: a few words at once, and the rest of them soon."""
    done: list[str] = []
    with _unless_damaged(db):
        for row, text in texts:
            if fading.is_noted(db, row):
                continue  # it is on its way out, and nothing was put in since
            words = fading.words_of(db, text)
            if len(done) + len(words) <= fading.AT_ONCE:
                _take_out(db, row, f"c{chat_number}", text)
                done += words
            else:
                fading.note(db, row, chat_number, words)
        _sweep(db, done)


def _put_back(db: apsw.Connection, row: int) -> None:
    for chat, author, id_, body in list(
        db.execute(
            "SELECT chat, author, id, body FROM message WHERE row = ? AND target IS NULL"
            " AND kind = ?",
            (row, contents.TEXT),
        )
    ):
        text = _reading(db, chat, PeerId(author), id_, contents.TEXT, body)
        if text is not None:
            put(db, row, chat, text)


def _put_in(db: apsw.Connection, texts: Sequence[tuple[int, int, str]]) -> bool:
    """Rows, the numbers of their chats, what they read as. False, and the index is begun again,
    when it is damaged."""
    with _unless_damaged(db):
        for row, chat_number, text in texts:
            db.execute(
                "INSERT INTO words (rowid, place, text) VALUES (?, ?, ?)",
                (row, f"c{chat_number}", text),
            )
        wordtraces.write_out(db)
        return True
    return False


def _take_out(db: apsw.Connection, row: int, place: str, text: str) -> None:
    db.execute(
        "INSERT INTO words (words, rowid, place, text) VALUES ('delete', ?, ?, ?)",
        (row, place, text),
    )


def _sweep(db: apsw.Connection, texts: Iterable[str]) -> None:
    found = (wordtraces.words_in(db, text) for text in texts)
    wordtraces.sweep(db, (word for words in found for _start, _end, word in words))


@contextmanager
def _unless_damaged(db: apsw.Connection) -> Iterator[None]:
    """Begin the index again when it does not take what it is told: all of it is made of what
    stands in the messages."""
    try:
        yield
    except (apsw.CorruptError, apsw.SQLError) as error:
        log.warning("the search index is damaged (%s): it is begun again", type(error).__name__)
        begin_again(db)

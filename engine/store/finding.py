"""What people look for, found: words as they are typed, anywhere or in one chat, newest first.

    typed      Café au laÎt?
    words      cafe, au, lait              as the index folds them (wordtraces.py)
    asked      text : ("cafe" * AND "au" * AND "lait" *)    each word, or the beginning of one

Nothing of what was typed has a meaning of its own to FTS5: each word stands in quotes and holds
letters and digits alone. What the index names is looked at before it is shown: a hit is a message
that holds the words now. Every function takes the connection that Database.read hands it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import apsw

from engine.store import history, wholes, wordtraces
from engine.store.history import Stored
from engine.store.wholes import Whole

MOST_ASKED: Final = 32  # words that the index is asked for; all of them must be in a hit
ABOUT: Final = 160  # characters of a message that are shown with it as a hit
_LAST_ROW: Final = (1 << 63) - 1
BEFORE: Final = 40  # of those, about: before the first hit


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text that is shown."""

    text: str
    hit: bool

    def __repr__(self) -> str:
        return f"Piece({len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Found:
    whole: Whole
    snippet: tuple[Piece, ...]


def find(
    db: apsw.Connection,
    typed: str,
    *,
    only: int | None,
    never: Collection[int],
    before: int | None,
    limit: int,
) -> list[Found]:
    """Messages with all the words of ``typed``, the last to arrive first: up to ``limit``, of the
    chat with the number ``only`` (None: any), none of the chats ``never``, that arrived earlier
    than the row ``before``."""
    wanted = _wanted(db, typed)
    if not wanted:
        return []
    found: list[Found] = []
    rows = _rows(db, wanted, only, never, before)
    while len(found) < limit and (some := list(islice(rows, limit - len(found)))):
        found += _look(db, some, wanted, only, never)
    return found


def _wanted(db: apsw.Connection, typed: str) -> list[str]:
    """The words to be found. One that another one begins with is found with it."""
    words = {word for _start, _end, word in wordtraces.words_in(db, typed)}
    return sorted(
        word for word in words if not any(_fits(other, word) for other in words if other != word)
    )


def _fits(word: str, wanted: str) -> bool:
    """A word is found by its beginning; but a single letter is a word, not the beginning of all
    that begin with it."""
    return word.startswith(wanted) if _may_begin(wanted) else word == wanted


def _may_begin(wanted: str) -> bool:
    return len(wanted) > 1 or not wanted.isascii()


def _rows(
    db: apsw.Connection,
    wanted: Iterable[str],
    only: int | None,
    never: Collection[int],
    before: int | None,
) -> Iterator[int]:
    asked = " AND ".join(
        f'"{word}" *' if _may_begin(word) else f'"{word}"' for word in list(wanted)[:MOST_ASKED]
    )
    query = f"(text : ({asked}))"
    if only is not None:
        query = f'(place : "c{only}") AND {query}'
    if never:
        places = " OR ".join(f'"c{number}"' for number in sorted(never))
        query = f"({query}) NOT (place : ({places}))"
    for (row,) in db.execute(
        "SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC",
        (query, _LAST_ROW if before is None else before),
    ):
        yield row


def _look(
    db: apsw.Connection,
    rows: Sequence[int],
    wanted: Collection[str],
    only: int | None,
    never: Collection[int],
) -> Iterator[Found]:
    """The messages of these rows that hold the words; the index may lag behind what was done."""
    by_chat: dict[bytes, list[Stored]] = {}
    for stored in history.by_rows(db, rows):
        by_chat.setdefault(stored.chat_key, []).append(stored)
    there: dict[int, Whole] = {}
    for key, messages in by_chat.items():
        chat = history.find_chat(db, key)
        assert chat is not None
        if (only is None or chat.number == only) and chat.number not in never:
            there |= {one.stored.row: one for one in wholes.wholes(db, messages)}
    for row in rows:
        version = there[row].text if row in there else None
        hits = () if version is None else _hits(db, version.text, wanted)
        if version is not None and hits:
            yield Found(there[row], snippet(version.text, hits))


def _hits(db: apsw.Connection, text: str, wanted: Collection[str]) -> Sequence[tuple[int, int]]:
    """Where the words stand in a text, in bytes; nothing when one of them is not there."""
    hits = []
    left = set(wanted)
    for start, end, word in wordtraces.words_in(db, text):
        fitting = [one for one in wanted if _fits(word, one)]
        if fitting:
            hits.append((start, end))
            left.difference_update(fitting)
    return () if left else hits


def snippet(text: str, hits: Collection[tuple[int, int]]) -> tuple[Piece, ...]:
    """The part of a text around the first of ``hits`` (places in its UTF-8 bytes, in order), on
    one line, the hits apart from the rest."""
    data = text.encode()
    pieces: list[Piece] = []
    at = 0
    for start, end in hits:
        pieces += _piece(data[at:start], hit=False)
        pieces += _piece(data[start:end], hit=True)
        at = end
    pieces += _piece(data[at:], hit=False)
    return _cut(pieces)


def _piece(data: bytes, *, hit: bool) -> list[Piece]:
    text = data.decode()
    shown = " ".join(text.split())
    if shown or text:  # the room at its ends parts it from its neighbours
        shown = " " * text[:1].isspace() + shown + " " * (bool(shown) and text[-1:].isspace())
    return [Piece(shown, hit)] if shown else []


def _cut(pieces: list[Piece]) -> tuple[Piece, ...]:
    first = pieces[0]
    if not first.hit and len(first.text) > BEFORE:
        tail = first.text[-BEFORE:]
        pieces[0] = Piece("…" + tail[tail.find(" ", 0, -1) + 1 :], hit=False)
    kept: list[Piece] = []
    left = ABOUT
    for piece in pieces:
        head = piece.text[:left]
        if head != piece.text:
            whole = head if piece.hit else head[: head.rfind(" ")]  # no half words
            kept += [Piece(whole, piece.hit), Piece("…", hit=False)]
            break
        kept.append(piece)
        left -= len(head)
    return tuple(piece for piece in kept if piece.text)

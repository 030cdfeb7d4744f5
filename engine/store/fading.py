"""Words that leave the index a few at a time: a long text would hold everybody up for seconds.

    search.forget ──note──► fading (row, chat, some of its words) ──next_part──► search.fade_some

What is noted is on the disk with the deletion itself, so a program that was killed goes on where it
was. A row that is noted here is in nobody's hands but these: it is not put into the index again
before its last words are out, since they would take new ones with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import apsw

from engine.store import wordtraces

AT_ONCE: Final = 50  # distinct words: some 40 milliseconds


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a text."""

    row: int
    chat_number: int
    words: str
    is_last: bool  # of that text

    def __repr__(self) -> str:
        return f"Part({self.row}, {len(self.words)} characters)"


def words_of(db: apsw.Connection, text: str) -> list[str]:
    """The distinct words of a text, as they stand in it: the index folds each as it did then."""
    data = text.encode()
    places = {word: (start, end) for start, end, word in wordtraces.words_in(db, text)}
    return [data[start:end].decode() for start, end in places.values()]


def note(db: apsw.Connection, row: int, chat_number: int, words: Sequence[str]) -> None:
    """These words are to leave the index, soon."""
    db.executemany(
        "INSERT INTO fading VALUES (?, ?, ?)",
        [
            (row, chat_number, " ".join(words[at : at + AT_ONCE]))
            for at in range(0, len(words), AT_ONCE)
        ],
    )


def is_noted(db: apsw.Connection, row: int) -> bool:
    """Say whether words of this row still stand in the index that are to leave it."""
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM fading WHERE row = ?)", (row,)).get)


def is_any(db: apsw.Connection) -> bool:
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM fading)").get)


def next_part(db: apsw.Connection) -> Part | None:
    """Strike out the words that have waited longest, for whoever takes them out of the index."""
    found = db.execute("SELECT rowid, row, chat, words FROM fading ORDER BY rowid LIMIT 1")
    for number, row, chat_number, words in list(found):
        db.execute("DELETE FROM fading WHERE rowid = ?", (number,))
        return Part(row, chat_number, words, is_last=not is_noted(db, row))
    return None


def forget_all(db: apsw.Connection) -> None:
    """The index is empty."""
    db.execute("DELETE FROM fading")

"""The words beside a group's events: kept with them, missing for a while, or gone for good.

    content        the words, as they were signed for
    NULL           not here: to be asked for, unless
      erased       they are gone for good, and none are taken for them again
      goes_at      their time is over by their author's clock, so that others may hold none either

Every function takes the connection that Database.write or Database.read hands it.
"""

from collections.abc import Collection
from enum import IntEnum
from typing import Final

import apsw

from engine.protocol import contents, groupevent
from engine.store import traces
from identity import PeerId

_EDIT: Final = groupevent.FIRST_CONTENT + contents.EDIT
_NO_WORDS: Final = ", ".join(
    str(groupevent.FIRST_CONTENT + kind)
    for kind in sorted(contents.ACTS | {contents.TIMER, contents.GONE})
)


class Erased(IntEnum):
    """Why an event has no words for good. The values are stored."""

    NO = 0
    BY_AUTHOR = 1  # for everyone: a line says so
    HERE = 2  # deleted on this disk, or its time is over: nothing is left of it


def fill(db: apsw.Connection, row: int, content: bytes) -> None:
    """The words of an event that came without them."""
    db.execute("UPDATE event SET content = ? WHERE row = ?", (content, row))


def erase_words(
    db: apsw.Connection, gid: bytes, message: bytes, author: PeerId, erased: Erased
) -> None:
    """The words of the line whose event's id begins so are gone, and none are taken for it again.
    What else people do is no words: else who has it still and who never got it would differ."""
    _erase(db, gid, message, author, erased, f"type >= 16 AND type NOT IN ({_NO_WORDS})")


def erase_edit(
    db: apsw.Connection, gid: bytes, edit: bytes, author: PeerId, erased: Erased
) -> None:
    """As ``erase_words``, of what a line was edited to."""
    _erase(db, gid, edit, author, erased, f"type = {_EDIT}")


def is_deleted(db: apsw.Connection, row: int) -> bool:
    """Say whether its author deleted it, and a line says so."""
    return bool(
        db.execute("SELECT erased = ? FROM event WHERE row = ?", (Erased.BY_AUTHOR, row)).get
    )


def empty_row(db: apsw.Connection, number: int, event_id: bytes) -> int | None:
    """The row of a stored event without its words."""
    found: int | None = db.execute(
        "SELECT row FROM event WHERE gathering = ? AND id = ? AND content IS NULL AND type >= 16"
        " AND erased = 0",
        (number, event_id),
    ).get
    return found


def is_whole(db: apsw.Connection, number: int, event_id: bytes) -> bool:
    """Say whether an event is stored with all that it can have."""
    found = db.execute(
        "SELECT content IS NOT NULL OR type < 16 OR erased FROM event"
        " WHERE gathering = ? AND id = ?",
        (number, event_id),
    ).get
    return bool(found)


_LACKS_WORDS = (  # those that were erased, or whose time must be over elsewhere, lack none
    "gathering = ? AND content IS NULL AND type >= 16 AND erased = 0"
    " AND (goes_at IS NULL OR goes_at > ?)"
)


def without_content(
    db: apsw.Connection, number: int, withheld: Collection[int], most: int, now: int
) -> list[bytes]:
    """Ids of events whose words should be here and are not."""
    found = db.execute(
        f"SELECT row, id FROM event WHERE {_LACKS_WORDS} ORDER BY row",  # noqa: S608
        (number, now),
    )
    ids = []
    for row, event_id in found:
        if row not in withheld:
            ids.append(event_id)
            if len(ids) == most:
                break
    return ids


def empty_by_author(
    db: apsw.Connection, number: int, withheld: Collection[int], now: int
) -> dict[PeerId, int]:
    """How many events of each author lack words that should be here."""
    found = db.execute(
        f"SELECT row, author FROM event WHERE {_LACKS_WORDS}",  # noqa: S608
        (number, now),
    )
    count: dict[PeerId, int] = {}
    for row, author in found:
        if row not in withheld:
            count[PeerId(author)] = count.get(PeerId(author), 0) + 1
    return count


def _erase(
    db: apsw.Connection, gid: bytes, message: bytes, author: PeerId, erased: Erased, which: str
) -> None:
    low, high = message.ljust(32, b"\0"), message.ljust(32, b"\xff")
    traces.left_by(db)
    db.execute(
        f"UPDATE event SET content = NULL, erased = max(erased, ?) WHERE author = ? AND {which}"  # noqa: S608
        " AND id BETWEEN ? AND ? AND gathering = (SELECT id FROM gathering WHERE gid = ?)",
        (erased, author, low, high, gid),
    )

"""Parts of a long chat: its newest messages, those before, after or around one, those of a day.

A day is looked for by people's clocks, which do not run in the order of the messages: the first one
in that order that bears this time or a later one. To find it without a walk the table ``stretch``
holds the latest time in every 256 logical times (triggers keep it, migrations.py, step 10):

    at = 5      stretch   [1 3 2]  [4 3 4]  [6 4 5]  [5 7 6]
    latest                   3        4        6        7
                                               ^ in here

What was deleted meanwhile may leave a stretch with too late a time: then the next one is looked at.
Every function takes the connection that Database.write or Database.read hands it.
"""

import apsw

from engine.store import history
from engine.store.history import Stored


def around(db: apsw.Connection, key: bytes, mark: Stored, limit: int) -> list[Stored]:
    """Up to ``limit`` messages with ``mark`` in the middle, oldest first."""
    before = history.page(db, key, mark, limit // 2) or []
    return before + history.following(db, key, mark, limit - limit // 2, with_it=True)


def since(db: apsw.Connection, key: bytes, at: int, limit: int) -> list[Stored] | None:
    """Up to ``limit`` messages from the first one on that bears the time ``at`` or a later one;
    none when there is no such message. None: no chat."""
    chat = history.find_chat(db, key)
    if chat is None:
        return None
    first = _first_since(db, chat.number, at)
    mark = None if first is None else history.by_id(db, key, first)
    return [] if mark is None else history.following(db, key, mark, limit, with_it=True)


def _first_since(db: apsw.Connection, chat: int, at: int) -> bytes | None:
    for (part,) in db.execute(
        "SELECT part FROM stretch WHERE chat = ? AND latest >= ? ORDER BY part", (chat, at)
    ):
        found: bytes | None = db.execute(
            "SELECT id FROM message WHERE chat = ?1 AND target IS NULL"
            " AND lamport BETWEEN ?2 << 8 AND (?2 << 8) + 255 AND ts >= ?3"
            " ORDER BY lamport, author, id LIMIT 1",
            (chat, part, at),
        ).get
        if found is not None:
            return found
    return None

"""The acts upon a message that can count: found through an index, however many there are of others.

    edits       its author's first MAX_EDITS by (lamport, id): the latest of them, or all
    deletion    its author's
    reactions   the latest of each person
    pin         the latest of all

So nobody can crowd out what another did. Every function takes the connection that Database.write or
Database.read hands it.
"""

from collections.abc import Iterator
from typing import Any, Final

import apsw

from engine.protocol import contents
from engine.protocol.contents import Pin
from engine.protocol.life import Done
from engine.store.history import OpenChat, Stored
from identity import PeerId

MAX_PEOPLE: Final = 1_000  # whose reactions to one message are looked at
Order = tuple[int, bytes, bytes]  # lamport, author, id

_COLUMNS: Final = "author, id, kind, lamport, ts, body"
_UPON: Final = "FROM message WHERE chat = ? AND target = ? AND kind = ?"


def has_any(db: apsw.Connection, chat: OpenChat, target: bytes) -> bool:
    return bool(
        db.execute(
            "SELECT 1 FROM message WHERE chat = ? AND target = ? LIMIT 1", (chat.number, target)
        ).get
    )


def line(
    db: apsw.Connection, chat: OpenChat, message: Stored, *, every_edit: bool = False
) -> Iterator[Done]:
    """All acts upon a message that may count."""
    at = (chat.number, message.id)
    yield from _done(
        db.execute(
            f"SELECT {_COLUMNS} {_UPON} AND author = ? LIMIT 1",
            (*at, contents.DELETE, message.author),
        )
    )
    yield from edits(db, chat, message, most=contents.MAX_EDITS if every_edit else 1)
    yield from _done(
        db.execute(
            f"SELECT {_COLUMNS} FROM message WHERE row IN (SELECT (SELECT row {_UPON}"  # noqa: S608
            " AND author = people.author ORDER BY lamport DESC, id DESC LIMIT 1)"
            f" FROM (SELECT DISTINCT author {_UPON} LIMIT ?) people)",
            (*at, contents.REACT, *at, contents.REACT, MAX_PEOPLE),
        )
    )
    yield from _done(
        db.execute(
            f"SELECT {_COLUMNS} {_UPON} ORDER BY lamport DESC, author DESC, id DESC LIMIT 1",
            (*at, contents.PIN),
        )
    )


def edits(
    db: apsw.Connection,
    chat: OpenChat,
    message: Stored,
    *,
    most: int = contents.MAX_EDITS,
    without: bytes = b"",
) -> list[Done]:
    """The latest edits that count, in their order; as if the one with the id ``without`` were not
    there."""
    found = db.execute(
        f"SELECT {_COLUMNS} FROM (SELECT * {_UPON} AND author = ? AND id <> ?"  # noqa: S608
        " ORDER BY lamport, id LIMIT ?) ORDER BY lamport DESC, id DESC LIMIT ?",
        (
            chat.number, message.id, contents.EDIT, message.author, without,
            contents.MAX_EDITS, most,
        ),
    )  # fmt: skip
    return list(_done(found))[::-1]


def pinned(db: apsw.Connection, chat: OpenChat) -> list[tuple[Order, bytes]]:
    """What is pinned in a chat: where the pin stands in the order, and upon what."""
    latest: dict[bytes, tuple[Order, bytes]] = {}
    for author, id_, lamport, target, body in db.execute(
        "SELECT author, id, lamport, target, body FROM message WHERE chat = ? AND kind = ?"
        " AND target <> x''",
        (chat.number, contents.PIN),
    ):
        order = lamport, author, id_
        if target not in latest or latest[target][0] < order:
            latest[target] = order, body
    return [(order, target) for target, (order, body) in latest.items() if _is_on(body)]


def _is_on(body: bytes) -> bool:
    content = contents.decode(contents.PIN, body)
    return isinstance(content, Pin) and content.on


def _done(found: Any) -> Iterator[Done]:
    for author, id_, kind, lamport, ts, body in found:
        yield Done(PeerId(author), (lamport, author, id_), ts, contents.decode(kind, body))

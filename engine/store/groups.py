"""Groups and their events: what the protocol asks of them (groupshelf.py), in SQL.

    event.row     the order of arrival, which is one in which causes come first
    is_head       no stored event names it          is_tip   its author's last (of each branch)
    event_link    the rows that an event names      event_heard   how far others have our events

Every function takes the connection that Database.write or Database.read hands it. Nothing is held
in memory but what the caller keeps: a group may have a long history.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import apsw

from engine.protocol import groupevent
from engine.protocol.groupevent import GroupEvent
from engine.protocol.grouplog import Stub
from engine.protocol.grouppast import Acts
from identity import PeerId

RESTORED_SETTING: Final = "restored"  # when this database came from a backup


ASK_FOR_WORDS = 60_000  # milliseconds in which words that should be gone are still asked for


class Standing(IntEnum):
    """Where we stand in a group. The values are stored."""

    CANDIDATE = 0  # somebody brought it, and nothing in it speaks of us yet
    INVITED = 1  # added by somebody who is no contact: to be accepted or ignored
    MEMBER = 2
    LEFT = 3
    REMOVED = 4
    IGNORED = 5


@dataclass(frozen=True, slots=True)
class GroupRow:
    number: int
    gid: bytes
    standing: Standing
    muted: bool
    made_at: int
    carrier: PeerId | None
    restored: bool = False  # events of ours may be on others' disks alone


@dataclass(frozen=True, slots=True)
class Placed:
    """An event that is stored now, and where."""

    event: GroupEvent
    row: int


@dataclass(frozen=True, slots=True)
class Linked:
    """A stored event, as far as one that names it must know it."""

    row: int
    mine: int  # the highest number of ours in its past
    stub: Stub


def load(db: apsw.Connection) -> list[GroupRow]:
    rows = db.execute("SELECT id, gid, standing, muted, made_at, carrier, restored FROM gathering")
    return [
        GroupRow(
            number,
            gid,
            Standing(standing),
            bool(muted),
            made_at,
            carrier and PeerId(carrier),
            bool(restored),
        )
        for number, gid, standing, muted, made_at, carrier, restored in rows
    ]


def open_group(
    db: apsw.Connection, gid: bytes, standing: Standing, now: int, carrier: PeerId | None = None
) -> int:
    """The number of this group; it is made if there is none.

    One that somebody brings to a database that came from a backup may be one in which we spoke.
    """
    found: int | None = db.execute("SELECT id FROM gathering WHERE gid = ?", (gid,)).get
    if found is not None:
        return found
    db.execute(
        "INSERT INTO gathering (gid, standing, made_at, carrier, restored)"
        " SELECT ?, ?, ?, ?, ? AND EXISTS (SELECT 1 FROM setting WHERE name = ?)",
        (gid, standing, now, carrier, carrier is not None, RESTORED_SETTING),
    )
    return db.last_insert_rowid()


def is_restored(db: apsw.Connection, number: int) -> bool:
    return bool(db.execute("SELECT restored FROM gathering WHERE id = ?", (number,)).get)


def heard_all(db: apsw.Connection, number: int) -> None:
    """All our events that some member has are here: the next one may be signed."""
    db.execute("UPDATE gathering SET restored = 0 WHERE id = ?", (number,))


def set_standing(db: apsw.Connection, number: int, standing: Standing) -> None:
    db.execute("UPDATE gathering SET standing = ? WHERE id = ?", (standing, number))


def count_joined(db: apsw.Connection) -> int:
    found: int = db.execute(
        "SELECT count(*) FROM gathering WHERE standing = ?", (Standing.MEMBER,)
    ).get
    return found


def standing(db: apsw.Connection, number: int) -> Standing:
    return Standing(db.execute("SELECT standing FROM gathering WHERE id = ?", (number,)).get)


def set_muted(db: apsw.Connection, number: int, muted: bool) -> None:
    db.execute("UPDATE gathering SET muted = ? WHERE id = ?", (muted, number))


def forget(db: apsw.Connection, number: int) -> None:
    db.execute("DELETE FROM gathering WHERE id = ?", (number,))


def load_acts(db: apsw.Connection, number: int) -> Acts:
    """All events about membership, laid out."""
    acts = Acts()
    for signed, signature in db.execute(
        "SELECT signed, signature FROM event WHERE gathering = ? AND type < 16 ORDER BY row",
        (number,),
    ):
        acts.add(groupevent.kept(signed, signature, None))
    return acts


def count_acts(db: apsw.Connection, number: int) -> int:
    found: int = db.execute("SELECT acts FROM gathering WHERE id = ?", (number,)).get or 0
    return found


# -- writing


def insert(
    db: apsw.Connection,
    number: int,
    event: GroupEvent,
    me: PeerId,
    acts: int,
    links: Collection[Linked],
    now: int = 0,
) -> Linked:
    """Store an event that stands on ``links``, all it names; at ``now`` by the calendar."""
    mine = max((link.mine for link in links), default=0)
    if event.author == me:
        mine = max(mine, event.seq)
    signed, signature, content = groupevent.parts(event)
    goes_at = None
    if (
        event.timer
    ):  # a while besides: its author's clock may be behind, and somebody have the words
        goes_at = max(event.ts + event.timer * 1_000, now + ASK_FOR_WORDS)
    db.execute(
        "INSERT INTO event (gathering, id, author, seq, lamport, type, acts, mine, signed,"
        " signature, content, goes_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, event.id, event.author, event.seq, event.lamport, event.type, acts, mine,
            signed, signature, content, goes_at,
        ),
    )  # fmt: skip
    row = db.last_insert_rowid()
    db.executemany("INSERT INTO event_link VALUES (?, ?)", [(row, link.row) for link in links])
    db.executemany(
        "UPDATE event SET is_head = 0 WHERE row = ? AND is_head", [(link.row,) for link in links]
    )
    if event.prev is not None:
        db.execute(
            "UPDATE event SET is_tip = 0 WHERE gathering = ? AND id = ?", (number, event.prev)
        )
    if event.is_membership:
        db.execute("UPDATE gathering SET acts = acts + 1 WHERE id = ?", (number,))
    stub = Stub(event.author, event.seq, event.lamport, event.is_membership, acts)
    return Linked(row, mine, stub)


# -- looking up


def find(db: apsw.Connection, number: int, event_id: bytes) -> Linked | None:
    found = db.execute(
        "SELECT row, mine, author, seq, lamport, type, acts FROM event"
        " WHERE gathering = ? AND id = ?",
        (number, event_id),
    ).fetchone()
    if found is None:
        return None
    row, mine, author, seq, lamport, kind, acts = found
    stub = Stub(PeerId(author), seq, lamport, kind < groupevent.FIRST_CONTENT, acts)
    return Linked(row, mine, stub)


def row_of(db: apsw.Connection, number: int, event_id: bytes) -> int | None:
    found: int | None = db.execute(
        "SELECT row FROM event WHERE gathering = ? AND id = ?", (number, event_id)
    ).get
    return found


def heads(db: apsw.Connection, number: int) -> list[tuple[int, bytes]]:
    """Those that no other names, as (lamport, id)."""
    return list(
        db.execute("SELECT lamport, id FROM event WHERE gathering = ? AND is_head", (number,))
    )


def newest_row(db: apsw.Connection, number: int) -> int:
    """The last to arrive is a head: whatever names it comes later."""
    found: int = (
        db.execute("SELECT max(row) FROM event WHERE gathering = ? AND is_head", (number,)).get or 0
    )
    return found


def last_of(db: apsw.Connection, number: int, author: PeerId) -> tuple[int, bytes | None]:
    """The number and id of an author's last event; (0, None) before the first."""
    found = db.execute(
        "SELECT seq, id FROM event WHERE gathering = ? AND author = ?"
        " ORDER BY seq DESC, id DESC LIMIT 1",
        (number, author),
    ).fetchone()
    return (0, None) if found is None else found


def seq_of_message(db: apsw.Connection, number: int, message: bytes) -> tuple[PeerId, int] | None:
    """The author and number of the event whose id begins so."""
    low, high = message.ljust(32, b"\0"), message.ljust(32, b"\xff")
    found = _pairs(
        db.execute(
            "SELECT author, seq FROM event WHERE gathering = ? AND id BETWEEN ? AND ?",
            (number, low, high),
        )
    )
    return (PeerId(found[0][0]), found[0][1]) if found else None


def rows_of_message(db: apsw.Connection, number: int, message: bytes) -> list[int]:
    """The rows of events whose id begins so."""
    low, high = message.ljust(32, b"\0"), message.ljust(32, b"\xff")
    found = db.execute(
        "SELECT row FROM event WHERE gathering = ? AND id BETWEEN ? AND ?", (number, low, high)
    )
    return [row for (row,) in found]


# -- what is shown


def shown_acts(db: apsw.Connection, number: int) -> dict[bytes, int]:
    """id -> row of the events about membership that have a line."""
    found = db.execute(
        "SELECT id, row FROM event WHERE gathering = ? AND type < 16 AND shown", (number,)
    )
    return dict(_pairs(found))


def words_of(db: apsw.Connection, number: int, author: PeerId) -> list[int]:
    """The rows of all that somebody said."""
    found = db.execute(
        "SELECT row, 0 FROM event WHERE gathering = ? AND author = ? AND type >= 16"
        " ORDER BY seq, id",
        (number, author),
    )
    return [row for row, _ in _pairs(found)]


def in_doubt(db: apsw.Connection, number: int) -> dict[int, bytes]:
    """row -> author of the words that nobody vouches for yet."""
    found = db.execute(  # ">= 2" besides: so the index is found, and not every event looked at
        "SELECT row, author FROM event WHERE gathering = ? AND shown >= 2 AND shown = 2", (number,)
    )
    return dict(_pairs(found))


def beside_removals(db: apsw.Connection, number: int) -> list[int]:
    """Words whose author was removed at the same moment, vouched for or not: what speaks for them
    may change with every removal."""
    found = db.execute("SELECT row, 0 FROM event WHERE gathering = ? AND shown >= 2", (number,))
    return [row for row, _ in _pairs(found)]


def mark(db: apsw.Connection, row: int, shown: int) -> None:
    db.execute("UPDATE event SET shown = ? WHERE row = ?", (shown, row))


def _pairs(found: Iterable[Any]) -> list[tuple[Any, Any]]:
    return [(one, other) for one, other in found]

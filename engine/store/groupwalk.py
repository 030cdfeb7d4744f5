"""Walk a group's history: what came before, what came after, what somebody lacks."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import apsw

from engine.protocol.grouprecords import Tip
from engine.store.groups import row_of

MAX_FACES: Final = 16  # tips of one author that are named


def tips(db: apsw.Connection, number: int, after_row: int) -> list[Tip]:
    """The last events of every author heard after ``after_row``: what came last of each of them is
    a tip, so only tips are looked at. Of somebody with many faces the latest few are named."""
    found = db.execute(
        "SELECT author, seq, id FROM event WHERE gathering = ?1 AND is_tip AND (?2 = 0 OR author IN"
        " (SELECT +author FROM event WHERE gathering = ?1 AND is_tip AND row > ?2))",
        (number, after_row),
    )
    faces: dict[bytes, list[Tip]] = {}
    for line in found:
        faces.setdefault(line[0], []).append(Tip(*line))
    for author, several in faces.items():
        if len(several) > MAX_FACES:
            faces[author] = sorted(several, key=lambda tip: (tip.seq, tip.id))[-MAX_FACES:]
    return [tip for several in faces.values() for tip in several]


def two_faced(db: apsw.Connection, number: int) -> set[bytes]:
    """Authors who signed two events under one number: what they follow has two branches."""
    found = db.execute(
        "SELECT author FROM event WHERE gathering = ? AND is_tip GROUP BY +author"
        " HAVING count(*) > 1",
        (number,),
    )
    return {author for (author,) in found}


def lacking(
    db: apsw.Connection, number: int, tips_there: Sequence[Tip], after_row: int
) -> list[int]:
    """The rows that somebody with these tips lacks, causes first.

    An author's events follow one another, so whoever has the last has all, even if we do not know
    it yet; for an author with two branches every event is compared.
    """
    have: dict[bytes, int] = {}
    for tip in tips_there:
        have[tip.author] = max(tip.seq, have.get(tip.author, 0))
    twofold = two_faced(db, number)
    rows: list[int] = []
    for author, last in db.execute(
        "SELECT author, max(seq) FROM event WHERE gathering = ? AND is_tip GROUP BY +author",
        (number,),
    ):
        if author in twofold or have.get(author, 0) >= last:
            continue
        rows += [
            row
            for (row,) in db.execute(
                "SELECT row FROM event WHERE gathering = ? AND author = ? AND seq > ? AND row > ?",
                (number, author, have.get(author, 0), after_row),
            )
        ]
    if twofold:
        known = past(db, [row for tip in tips_there if (row := row_of(db, number, tip.id))])
        for author in twofold:
            rows += [
                row
                for (row,) in db.execute(
                    "SELECT row FROM event WHERE gathering = ? AND author = ? AND row > ?",
                    (number, author, after_row),
                )
                if row not in known
            ]
    return sorted(rows)


def act_rows(db: apsw.Connection, number: int) -> dict[bytes, int]:
    """id -> row of all events about membership."""
    found = db.execute("SELECT id, row FROM event WHERE gathering = ? AND type < 16", (number,))
    return dict(list(found))


def past(db: apsw.Connection, rows: Collection[int]) -> set[int]:
    """These rows and all that came before them in the history."""
    if not rows:
        return set()
    found = db.execute(  # as one value: how many rows there are is for others to say, without end
        "WITH RECURSIVE before(row) AS (SELECT value FROM json_each(?) UNION"
        " SELECT link.parent FROM event_link link JOIN before ON link.child = before.row)"
        " SELECT row FROM before",
        (json.dumps(list(rows)),),
    )
    return {row for (row,) in found}


def future(
    db: apsw.Connection, rows: Collection[int], without: bytes
) -> list[tuple[int, bytes, bytes]]:
    """What others than ``without`` said who had heard any of these: (row, signed, signature)."""
    return list(
        db.execute(
            "WITH RECURSIVE after(row) AS (SELECT value FROM json_each(?) UNION"
            " SELECT link.child FROM event_link link JOIN after ON link.parent = after.row)"
            " SELECT e.row, e.signed, e.signature FROM after JOIN event e ON e.row = after.row"
            " WHERE e.author <> ?",
            (json.dumps(list(rows)), without),
        )
    )


def parts(
    db: apsw.Connection, rows: Iterable[int]
) -> list[tuple[int, bytes, bytes, bytes, bytes | None]]:
    """(row, author, signed, signature, content) of each, in the order asked for."""
    found = []
    for row in rows:
        line = db.execute(
            "SELECT row, author, signed, signature, content FROM event WHERE row = ?", (row,)
        ).fetchone()
        if line is not None:
            found.append(line)
    return found

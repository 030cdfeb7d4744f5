"""Walk a group's history: what came before, what came after, what somebody lacks."""

import json
from collections.abc import Collection, Iterable, Sequence

import apsw

from engine.protocol.grouprecords import Tip
from engine.store.groups import row_of


def tips(db: apsw.Connection, number: int, after_row: int) -> list[Tip]:
    """The last events of every author heard after ``after_row``: what came last of each of them is
    a tip, so only tips are looked at."""
    found = db.execute(
        "SELECT author, seq, id FROM event WHERE gathering = ?1 AND is_tip AND (?2 = 0 OR author IN"
        " (SELECT +author FROM event WHERE gathering = ?1 AND is_tip AND row > ?2))",
        (number, after_row),
    )
    return [Tip(*line) for line in found]


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


def future(db: apsw.Connection, row: int, without: bytes) -> list[tuple[bytes, bytes]]:
    """What others than ``without`` said who had heard this: signed bytes and signature of each."""
    return list(
        db.execute(
            "WITH RECURSIVE after(row) AS (VALUES (?) UNION"
            " SELECT link.child FROM event_link link JOIN after ON link.parent = after.row)"
            " SELECT e.signed, e.signature FROM after JOIN event e ON e.row = after.row"
            " WHERE e.author <> ?",
            (row, without),
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

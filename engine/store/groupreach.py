"""How far others have our events, and where members who are no contacts were reached."""

from collections.abc import Mapping, Sequence

import apsw

from engine.protocol.membership import Membership
from identity import PeerId


def load_heard(db: apsw.Connection, number: int) -> dict[PeerId, int]:
    found = db.execute("SELECT peer, seq FROM event_heard WHERE gathering = ?", (number,))
    return {PeerId(peer): seq for peer, seq in found}


def set_heard(db: apsw.Connection, number: int, peer: PeerId, seq: int) -> None:
    db.execute("INSERT OR REPLACE INTO event_heard VALUES (?, ?, ?)", (number, peer, seq))


def mine_at(db: apsw.Connection, row: int) -> int:
    """The highest number of our events that this one's author had heard."""
    found: int = db.execute("SELECT mine FROM event WHERE row = ?", (row,)).get
    return found


def own_words(db: apsw.Connection, number: int, me: PeerId, after: int, upto: int) -> list[bytes]:
    """Ids of what we said, numbered behind ``after`` and up to ``upto``."""
    found = db.execute(
        "SELECT id FROM event WHERE gathering = ? AND author = ? AND seq > ? AND seq <= ?"
        " AND type >= 16",
        (number, me, after, upto),
    )
    return [event_id for (event_id,) in found]


def reach(view: Membership, me: PeerId, heard: Mapping[PeerId, int]) -> tuple[int, int]:
    """Up to which number somebody, and everybody, has our events."""
    others = [heard.get(peer, 0) for peer in view.members if peer != me]
    return max(others, default=0), min(others, default=0)


def load_places(db: apsw.Connection) -> dict[PeerId, list[tuple[str, int]]]:
    """Where members who are no contacts were reached, the latest first."""
    places: dict[PeerId, list[tuple[str, int]]] = {}
    for peer, host, port in db.execute(
        "SELECT peer, host, port FROM member_place ORDER BY reached_at DESC"
    ):
        places.setdefault(PeerId(peer), []).append((host, port))
    return places


def set_places(
    db: apsw.Connection, peer: PeerId, places: Sequence[tuple[str, int]], now: int
) -> None:
    db.execute("DELETE FROM member_place WHERE peer = ?", (peer,))
    db.executemany(
        "INSERT INTO member_place VALUES (?, ?, ?, ?)",
        [(peer, host, port, now - rank) for rank, (host, port) in enumerate(places)],
    )

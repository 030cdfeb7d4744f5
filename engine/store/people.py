"""The rows of people: contacts, those we asked, those we blocked; and requests of strangers.

Somebody who merely connected is not stored: only what the user did, or a bounded number of
requests, leaves a trace on disk.
"""

from dataclasses import dataclass
from typing import Final

import apsw

from contacts import Contact, Level, Relation
from engine.protocol.invite import HostPort
from engine.store.history import State
from identity import PeerId, Secret

MAX_REQUESTS: Final = 64
MAX_PLACES: Final = 8  # addresses kept for one person, the latest


@dataclass(frozen=True, slots=True)
class Known:
    """A person as we keep them: the contact, and how to reach and be reached by them."""

    contact: Contact
    pass_for_them: Secret | None = None
    pass_from_them: Secret | None = None
    request_id: bytes | None = None  # our request that waits for their answer
    places: tuple[HostPort, ...] = ()  # where they were reached, the latest first

    @property
    def peer(self) -> PeerId:
        return self.contact.peer


@dataclass(frozen=True, slots=True)
class Asked:
    """A stranger's request, as it came in."""

    peer: PeerId
    id: bytes
    lamport: int
    name: str
    text: str
    ts: int
    at: int
    place: HostPort
    ignored: bool

    def __repr__(self) -> str:
        return f"Asked({self.peer.short}, {len(self.text)} characters)"


def load(db: apsw.Connection) -> list[Known]:
    places: dict[bytes, list[HostPort]] = {}
    for peer, host, port in db.execute(
        "SELECT peer, host, port FROM place ORDER BY reached_at DESC"
    ):
        places.setdefault(peer, []).append(HostPort(host, port))
    return [
        Known(
            Contact(
                peer=PeerId(peer),
                own_name=own_name,
                alias=alias,
                relation=Relation(relation),
                level=Level(level),
                verified_at=verified_at,
                verified_how=verified_how,
                blocked=bool(blocked),
                held=bool(held),
                first_seen_at=first_seen_at,
                last_seen_at=last_seen_at,
            ),
            pass_for_them=_secret(for_them),
            pass_from_them=_secret(from_them),
            request_id=request_id,
            places=tuple(places.get(peer, ())),
        )
        for (
            peer, own_name, alias, relation, level, verified_at, blocked,
            first_seen_at, last_seen_at, for_them, from_them, request_id, verified_how, held,
        ) in db.execute(
            "SELECT peer, own_name, alias, relation, level, verified_at, blocked, first_seen_at,"
            " last_seen_at, pass_for_them, pass_from_them, request_id, verified_how, held"
            " FROM person"
        )
    ]  # fmt: skip


def save(db: apsw.Connection, known: Known, now: int) -> None:
    """Write ``known`` as it is now, with the latest MAX_PLACES of its places."""
    one, places = known.contact, known.places[:MAX_PLACES]
    db.execute(
        "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (peer) DO UPDATE SET own_name = excluded.own_name,"
        " alias = excluded.alias, relation = excluded.relation,"
        " level = excluded.level, verified_at = excluded.verified_at, blocked = excluded.blocked,"
        " last_seen_at = excluded.last_seen_at, pass_for_them = excluded.pass_for_them,"
        " pass_from_them = excluded.pass_from_them, request_id = excluded.request_id,"
        " verified_how = excluded.verified_how, held = excluded.held",
        (
            one.peer, one.own_name, one.alias, one.relation, one.level, one.verified_at,
            one.blocked, one.first_seen_at, one.last_seen_at, known.pass_for_them,
            known.pass_from_them, known.request_id, one.verified_how, one.held,
        ),
    )  # fmt: skip
    stored = db.execute(
        "SELECT host, port FROM place WHERE peer = ? ORDER BY reached_at DESC", (one.peer,)
    )
    if [HostPort(host, port) for host, port in stored] != list(places):
        db.execute("DELETE FROM place WHERE peer = ?", (one.peer,))
        db.executemany(
            "INSERT INTO place VALUES (?, ?, ?, ?)",
            [(one.peer, at.host, at.port, now - rank) for rank, at in enumerate(places)],
        )


def remove(db: apsw.Connection, peer: PeerId) -> None:
    """Forget the person; what waited for them has failed. The chat itself is history's."""
    db.execute(
        f"UPDATE message SET state = {State.FAILED:d} WHERE row IN"  # noqa: S608
        " (SELECT message FROM pending WHERE peer = ?)",
        (peer,),
    )
    db.execute("DELETE FROM pending WHERE peer = ?", (peer,))
    db.execute("DELETE FROM person WHERE peer = ?", (peer,))
    db.execute("DELETE FROM request WHERE peer = ?", (peer,))


def waiting_request(db: apsw.Connection, peer: PeerId) -> bytes | None:
    """The id of our request that they have not answered."""
    found: bytes | None = db.execute("SELECT request_id FROM person WHERE peer = ?", (peer,)).get
    return found


def add_request(db: apsw.Connection, asked: Asked) -> bool:
    """Keep a stranger's request, or its newer text, and where they are now.

    False when nothing changed for the user: it is known already, was ignored, or there are
    MAX_REQUESTS.
    """
    known = db.execute(
        "SELECT id, ignored, name, text, host, port FROM request WHERE peer = ?", (asked.peer,)
    ).fetchone()
    if known is not None:
        if known[1]:
            return False
        if known[:4] == (asked.id, 0, asked.name, asked.text):
            where = (asked.place.host, asked.place.port)
            if known[4:] != where:
                move = "UPDATE request SET host = ?, port = ? WHERE peer = ?"
                db.execute(move, (*where, asked.peer))
            return False
    elif db.execute("SELECT count(*) FROM request WHERE ignored = 0").get >= MAX_REQUESTS:
        return False
    db.execute(
        "INSERT OR REPLACE INTO request (peer, id, lamport, name, text, ts, at, host, port)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            asked.peer, asked.id, asked.lamport, asked.name, asked.text, asked.ts, asked.at,
            asked.place.host, asked.place.port,
        ),
    )  # fmt: skip
    return True


def requests(db: apsw.Connection) -> list[Asked]:
    """Those that wait for an answer, the oldest first."""
    return [_asked(line) for line in db.execute(f"{_REQUEST} WHERE ignored = 0 ORDER BY at")]


def request(db: apsw.Connection, peer: PeerId) -> Asked | None:
    found = db.execute(f"{_REQUEST} WHERE peer = ?", (peer,)).fetchone()
    return None if found is None else _asked(found)


def ignore_request(db: apsw.Connection, peer: PeerId) -> None:
    """It is not shown again, and asking again changes nothing. The oldest ignored ones go."""
    db.execute("UPDATE request SET ignored = 1, text = '' WHERE peer = ?", (peer,))
    db.execute(
        "DELETE FROM request WHERE ignored = 1 AND peer NOT IN"
        " (SELECT peer FROM request WHERE ignored = 1 ORDER BY at DESC LIMIT ?)",
        (MAX_REQUESTS,),
    )


def drop_request(db: apsw.Connection, peer: PeerId) -> None:
    db.execute("DELETE FROM request WHERE peer = ?", (peer,))


def setting(db: apsw.Connection, name: str) -> str | None:
    found: str | None = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).get
    return found


def set_setting(db: apsw.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))


_REQUEST: Final = "SELECT peer, id, lamport, name, text, ts, at, host, port, ignored FROM request"


def _asked(line: tuple[bytes, bytes, int, str, str, int, int, str, int, int]) -> Asked:
    peer, id_, lamport, name, text, ts, at, host, port, ignored = line
    return Asked(
        PeerId(peer), id_, lamport, name, text, ts, at, HostPort(host, port), bool(ignored)
    )


def _secret(value: bytes | None) -> Secret | None:
    return None if value is None else Secret(value)

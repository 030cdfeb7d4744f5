"""The outbox on disk: messages that are not yet known to be on the other's disk.

A row is written in the same transaction as its message and deleted in the same one that marks the
message as delivered, so a message is always exactly one of the two.
"""

import apsw

from engine.protocol.outbox import Entry
from engine.store.history import State, Stored
from identity import PeerId


def add(db: apsw.Connection, peer: PeerId, message: Stored) -> int:
    """Queue ``message`` for ``peer``; return its place in the queue."""
    db.execute("INSERT INTO pending (peer, message) VALUES (?, ?)", (peer, message.row))
    return db.last_insert_rowid()


def after(db: apsw.Connection, peer: PeerId, row: int, limit: int) -> list[Entry]:
    """Up to ``limit`` queued messages for ``peer`` behind place ``row``, oldest first."""
    found = db.execute(
        "SELECT p.row, m.id, m.kind, m.lamport, m.ts, m.body FROM pending p"
        " JOIN message m ON m.row = p.message WHERE p.peer = ? AND p.row > ?"
        " ORDER BY p.row LIMIT ?",
        (peer, row, limit),
    )
    return [Entry(*line) for line in found]


def settle(db: apsw.Connection, entries: list[Entry]) -> None:
    """These are on the other's disk: delivered, and no longer queued."""
    rows = [(entry.row,) for entry in entries]
    db.executemany(
        f"UPDATE message SET state = {State.DELIVERED:d} WHERE row ="  # noqa: S608
        f" (SELECT message FROM pending WHERE row = ?) AND state <> {State.READ:d}",
        rows,
    )
    db.executemany("DELETE FROM pending WHERE row = ?", rows)


def peers_waited_for(db: apsw.Connection) -> list[PeerId]:
    """Everybody something is queued for."""
    return [PeerId(peer) for (peer,) in db.execute("SELECT DISTINCT peer FROM pending")]

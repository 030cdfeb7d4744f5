"""The one-time passes of invites, until they are used or too old.

A pass that somebody used is kept until they have come once more than halfway: if their program or
ours ends in that very moment, they knock with it again, and it still opens the door to them alone.
"""

from dataclasses import dataclass, field
from typing import Final

import apsw

from identity import PeerId, Secret

MAX_INVITES: Final = 64  # unused at once; each is one more pass to try at every knock


@dataclass(frozen=True, slots=True)
class Invite:
    """Times are milliseconds UTC, by our clock."""

    knock_pass: Secret = field(repr=False)
    made_at: int
    ends_at: int
    spent_by: PeerId | None = None


def add(db: apsw.Connection, invite: Invite) -> None:
    """Keep an invite; of more than MAX_INVITES the oldest go."""
    db.execute(
        "INSERT INTO invite (pass, made_at, ends_at) VALUES (?, ?, ?)",
        (invite.knock_pass, invite.made_at, invite.ends_at),
    )
    # By the order of their making: the clock may have been set back meanwhile.
    db.execute(
        "DELETE FROM invite WHERE row NOT IN (SELECT row FROM invite ORDER BY row DESC LIMIT ?)",
        (MAX_INVITES,),
    )


def load(db: apsw.Connection) -> list[Invite]:
    """All that are kept, the oldest first."""
    return [
        Invite(Secret(pass_), made_at, ends_at, None if spent_by is None else PeerId(spent_by))
        for pass_, made_at, ends_at, spent_by in db.execute(
            "SELECT pass, made_at, ends_at, spent_by FROM invite ORDER BY row"
        )
    ]


def spend(db: apsw.Connection, knock_pass: bytes, peer: PeerId) -> bool:
    """From now on the pass is ``peer``'s. False when it was used before, or is gone."""
    db.execute(
        "UPDATE invite SET spent_by = ? WHERE pass = ? AND spent_by IS NULL", (peer, knock_pass)
    )
    return bool(db.changes())


def drop(db: apsw.Connection, knock_pass: bytes) -> None:
    db.execute("DELETE FROM invite WHERE pass = ?", (knock_pass,))

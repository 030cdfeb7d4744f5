"""Two connections between the same two people: which one stays?

Both sides decide alone and must come to the same answer, only after HELLO, so that nobody who has
not proven who they are can cut somebody else off (PROTOCOL.md, section 3.4):

- the same side began both: the newer stays (a laptop woke up, its address changed);
- else the one that the smaller key began.

Before the older one has to go it is asked for a sign of life: when the newer would lose against a
connection that is in truth dead, it stays instead.
"""

from dataclasses import dataclass

from identity import PeerId


@dataclass(frozen=True, slots=True)
class Candidate:
    """A connection as the rule sees it."""

    begun_by: PeerId
    stream: bytes  # the peer's


def newer_wins(older: Candidate, newer: Candidate) -> bool:
    """Say whether the newer connection replaces a living older one."""
    if older.begun_by == newer.begun_by:
        return True
    return newer.begun_by < older.begun_by


def ends_loser(me: PeerId, winner: Candidate, loser: Candidate) -> bool:
    """Say whether it is ours to end the loser.

    Where one side began both, only that side surely knows which is newer: HELLOs on two connections
    may arrive in either order, and if each side ended another one, none would be left. The other
    side uses what is newer to it, and whatever is left in the end.
    """
    return winner.begun_by != loser.begun_by or loser.begun_by == me


def runs_twice(older: Candidate, newer: Candidate) -> bool:
    """Say whether one identity speaks from two running programs, if both connections live."""
    return older.stream != newer.stream

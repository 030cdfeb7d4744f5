"""Two connections between the same two people: which one stays?

Both sides decide alone and must come to the same answer, only after HELLO, so that nobody who has
not proven who they are can cut somebody else off (PROTOCOL.md, section 1.5):

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


def runs_twice(older: Candidate, newer: Candidate) -> bool:
    """Say whether one identity speaks from two running programs, if both connections live."""
    return older.stream != newer.stream

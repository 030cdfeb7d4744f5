"""One peer's outbox: what is in flight, what is due, what an acknowledgement settles.

    add() --> due --> take() --> in flight --> acknowledged() --> settled
               ^                     |
               +---- link_lost() ----+

Handing a frame to the kernel proves nothing: once the link drops, everything that was not
acknowledged is due again, in the same order. Numbers run 1, 2, 3 ... within one stream (one start
of the program); they only serve the cumulative acknowledgement. That nothing is shown twice rests
on the message's random id alone (PROTOCOL.md, section 3).

Only a window is held here; the rest waits on disk (store/pending).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.protocol.errors import RemoteProtocolError

MAX_ENTRIES: Final = 512  # messages held; a recovered backlog is read from disk in such pieces
MAX_BYTES: Final = 1 << 20  # of their bodies: what one slow peer may hold of our memory


class ImpossibleAcknowledgement(RemoteProtocolError):
    """The peer acknowledged what we never sent."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message on its way. ``row`` is its place in the queue on disk."""

    row: int
    id: bytes
    kind: int
    lamport: int
    ts: int
    body: bytes

    def __repr__(self) -> str:
        return f"Entry({self.id.hex()}, {len(self.body)} bytes)"


class Outbox:
    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()  # oldest first; the first has number _first
        self._rows: set[int] = set()
        self._first = 1
        self._bytes = 0
        self._taken = 0  # how many of _entries were given to the current link
        self._highest_sent = 0  # on any link of this stream

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def has_room(self) -> bool:
        return len(self._entries) < MAX_ENTRIES and self._bytes < MAX_BYTES

    def holds(self, row: int) -> bool:
        return row in self._rows

    def add(self, entry: Entry) -> None:
        """Hold ``entry`` behind all others. The caller asks ``has_room`` first."""
        self._entries.append(entry)
        self._rows.add(entry.row)
        self._bytes += len(entry.body)

    def take(self) -> list[tuple[int, Entry]]:
        """Everything due, numbered, oldest first; from now on it counts as in flight."""
        if self._taken == len(self._entries):
            return []
        due = [
            (self._first + index, self._entries[index])
            for index in range(self._taken, len(self._entries))
        ]
        self._taken = len(self._entries)
        self._highest_sent = max(self._highest_sent, self._first + self._taken - 1)
        return due

    def acknowledged(self, seq: int) -> list[Entry]:
        """All up to ``seq`` is on the peer's disk: return what that settles, oldest first.

        Hearing an old number again is harmless, and one that a replaced link still brings counts.
        Raises ImpossibleAcknowledgement for a number beyond what was ever sent.
        """
        if seq > self._highest_sent:
            raise ImpossibleAcknowledgement(f"acknowledged {seq}, sent up to {self._highest_sent}")
        settled = []
        while self._first <= seq:
            entry = self._entries.popleft()
            self._rows.discard(entry.row)
            self._bytes -= len(entry.body)
            self._first += 1
            self._taken = max(0, self._taken - 1)
            settled.append(entry)
        return settled

    def link_lost(self) -> list[Entry]:
        """Nothing in flight counts any more: return what is due again."""
        again = [self._entries[index] for index in range(self._taken)]
        self._taken = 0
        return again

    def position_told(self, seq: int) -> list[Entry]:
        """A new link opens and the peer says how far it had come in this stream.

        A position beyond what was ever sent cannot speak of these numbers: it settles nothing,
        for sending twice is harmless and settling too much is not.
        """
        return self.acknowledged(seq) if seq <= self._highest_sent else []

    def replace(self, entries: Iterable[Entry]) -> None:
        """What waits says something else now: of each entry the one of the same row goes out."""
        fresh = {entry.row: entry for entry in entries}
        for at, entry in enumerate(self._entries):
            new = fresh.get(entry.row, entry)
            self._bytes += len(new.body) - len(entry.body)
            self._entries[at] = new

    def abandon(self) -> None:
        """Let go of everything, because its peer was forgotten; the numbers are not used again.

        The peer may remember a position in this stream, which must never come to mean a later
        message.
        """
        self._first = max(self._first, self._highest_sent + 1)
        self._entries.clear()
        self._rows.clear()
        self._bytes = self._taken = 0

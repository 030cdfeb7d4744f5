"""How many strangers may be at the door at once, and how fast they may knock.

Everything here comes before anybody has proven anything, so it costs little and is bounded. Places
where a contact was last reached have slots of their own: a stranger's flood from elsewhere cannot
lock contacts out (PROTOCOL.md, section 1.3). Time is passed in, as seconds of a monotonic clock.
"""

from dataclasses import dataclass
from typing import Final

MAX_HALF_OPEN: Final = 64  # handshakes under way, in all
MAX_HALF_OPEN_PER_HOST: Final = 4
KEPT_FOR_CONTACTS: Final = 32  # further handshakes, for addresses where contacts were reached
KNOCKS_PER_SECOND: Final = 200.0  # in all
KNOCKS_PER_SECOND_PER_HOST: Final = 20.0
MAX_HOSTS: Final = 4_096  # addresses remembered; the longest unheard is forgotten


class _Bucket:
    """Tokens that refill with time; one knock takes one."""

    __slots__ = ("_at", "_level", "rate")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self._level = rate
        self._at = now

    def take(self, now: float) -> bool:
        self._level = min(self.rate, self._level + (now - self._at) * self.rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


@dataclass(frozen=True, slots=True)
class Slot:
    """A place at the door, to be given back by ``leave``."""

    host: str
    kept_for_contacts: bool


class Door:
    """Decides for each new connection whether it may begin a handshake."""

    def __init__(self, now: float) -> None:
        self._all = _Bucket(KNOCKS_PER_SECOND, now)
        self._buckets: dict[str, _Bucket] = {}
        self._half_open: dict[str, int] = {}
        self._taken = {True: 0, False: 0}  # by Slot.kept_for_contacts

    def enter(self, host: str, *, is_known: bool, now: float) -> Slot | None:
        """A slot for a connection from ``host``; None: close it without a word."""
        if self._half_open.get(host, 0) >= MAX_HALF_OPEN_PER_HOST:
            return None
        if not self._bucket(host, now).take(now):
            return None
        if is_known and self._taken[True] < KEPT_FOR_CONTACTS:
            slot = Slot(host, kept_for_contacts=True)
        elif self._taken[False] < MAX_HALF_OPEN and self._all.take(now):
            slot = Slot(host, kept_for_contacts=False)
        else:
            return None
        self._taken[slot.kept_for_contacts] += 1
        self._half_open[host] = self._half_open.get(host, 0) + 1
        return slot

    def leave(self, slot: Slot) -> None:
        """The handshake ended, one way or the other: to be told once for each slot."""
        self._taken[slot.kept_for_contacts] -= 1
        left = self._half_open[slot.host] - 1
        if left:
            self._half_open[slot.host] = left
        else:
            del self._half_open[slot.host]

    def _bucket(self, host: str, now: float) -> _Bucket:
        bucket = self._buckets.pop(host, None) or _Bucket(KNOCKS_PER_SECOND_PER_HOST, now)
        self._buckets[host] = bucket  # the most recent stands last
        if len(self._buckets) > MAX_HOSTS:
            del self._buckets[next(iter(self._buckets))]
        return bucket

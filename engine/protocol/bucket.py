"""How often something may happen: a bucket of tokens that refills with time.

Time is passed in, as seconds of a monotonic clock.
"""

from typing import Final

MAX_HOSTS: Final = 4_096  # buckets kept for hosts; the longest unheard is forgotten


class Bucket:
    """``rate`` tokens a second, and at most ``burst`` saved up; one event takes one.

    >>> bucket = Bucket(rate=1, burst=2, now=0)
    >>> [bucket.take(now) for now in (0, 0, 0, 1, 1)]
    [True, True, False, True, False]
    """

    __slots__ = ("_at", "_burst", "_level", "_rate")

    def __init__(self, *, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._at = now

    def take(self, now: float) -> bool:
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class HostBuckets:
    """A bucket for each host, and not more of them than memory should hold."""

    def __init__(self, *, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[str, Bucket] = {}

    def take(self, host: str, now: float) -> bool:
        bucket = self._buckets.pop(host, None) or Bucket(
            rate=self._rate, burst=self._burst, now=now
        )
        self._buckets[host] = bucket  # the most recent stands last
        if len(self._buckets) > MAX_HOSTS:
            del self._buckets[next(iter(self._buckets))]
        return bucket.take(now)

"""How long to wait before trying again: longer each time, and never all at the same moment.

    attempt     1      2      3      4    ...     7 and on
    up to       1 s    2 s    4 s    8 s          60 s          the wait is anywhere below that

"Full jitter": when a whole office loses its network and gets it back, waits that only grew would
bring everybody to the same door in the same second, again and again.
"""

from collections.abc import Callable
from typing import Final

FIRST: Final = 1.0  # seconds
MOST: Final = 60.0  # seconds; nobody waits longer for somebody who is there again


class Backoff:
    """The waits of one series of attempts.

    >>> backoff = Backoff(random=lambda: 0.5)
    >>> [backoff.next_delay() for _ in range(8)]
    [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    """

    def __init__(
        self, *, first: float = FIRST, most: float = MOST, random: Callable[[], float]
    ) -> None:
        """``random`` returns a float from 0 up to 1."""
        self._first = first
        self._most = most
        self._random = random
        self._limit = min(first, most)

    def next_delay(self) -> float:
        """Return the seconds to wait now; the next answer may be up to twice as long."""
        delay = self._random() * self._limit
        self._limit = min(self._limit * 2, self._most)
        return delay

    def reset(self) -> None:
        """Start the series again: the last attempt was a success."""
        self._limit = min(self._first, self._most)

"""How fast a member's events are taken: whoever sends more than a disk should take waits, and all
else they say with it. Nothing is dropped, so everybody comes to hold the same.

What counts is whose it is and what it is. Somebody's own events are taken slower than what they
pass on: others' words may stand on a flood that their author has seen, and whoever passes the flood
on must not be the slower one, or those words wait behind it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import gevent

from engine.protocol.bucket import Bucket
from engine.protocol.groupevent import GroupEvent
from identity import PeerId

MAX_BUCKETS: Final = 4_096  # kept; the longest unheard is forgotten


@dataclass(frozen=True, slots=True)
class Rate:
    at_once: float  # a long history comes in at full speed
    per_second: float


EVENTS: Final = Rate(20_000, 1_000)
OWN: Final = Rate(20_000, 200)
ACTS: Final = Rate(12_000, 20)  # about membership: all of those are kept in memory
# Second events under one number: nobody honest signs any.
FORKS: Final = Rate(1_024, 20)
OWN_FORKS: Final = Rate(256, 1)


class Pace:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[PeerId, Rate], Bucket] = {}

    def before(self, peer: PeerId, count: int) -> None:
        """So many events came, which nobody has looked at yet. Waits."""
        self._wait(peer, count, EVENTS)

    def after(self, peer: PeerId, events: Sequence[GroupEvent], forks: Sequence[PeerId]) -> None:
        """These were new; ``forks`` are the authors of second events among them. Waits."""
        self._wait(peer, sum(event.author == peer for event in events), OWN)
        self._wait(peer, sum(event.is_membership for event in events), ACTS)
        self._wait(peer, len(forks), FORKS)
        self._wait(peer, sum(author == peer for author in forks), OWN_FORKS)

    def _wait(self, peer: PeerId, count: int, rate: Rate) -> None:
        # Over all of their links: or they would only have to come again.
        bucket = self._buckets.pop((peer, rate), None)
        if bucket is None:
            bucket = Bucket(rate=rate.per_second, burst=rate.at_once, now=self._clock())
        self._buckets[peer, rate] = bucket  # the most recent stands last
        if len(self._buckets) > MAX_BUCKETS:
            del self._buckets[next(iter(self._buckets))]
        for _ in range(count):
            while not bucket.take(self._clock()):
                gevent.sleep(1 / rate.per_second)

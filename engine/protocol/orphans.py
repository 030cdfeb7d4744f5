"""Events that came before what they stand on: kept for a while, and never many of them.

Each sender has a share of its own, and what two brought is held for both, so that nobody's flood
drops what another brought.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from engine.protocol.groupevent import BadEvent, GroupEvent
from engine.protocol.groupshelf import Added, Shelf
from identity import PeerId

MAX_EVENTS: Final = 1_000  # of one sender
MAX_BYTES: Final = 1 << 20  # of their wires, of one sender


class Orphans:
    def __init__(self) -> None:
        self._held: dict[PeerId, dict[bytes, GroupEvent]] = {}  # the oldest first
        self._bytes: dict[PeerId, int] = {}
        self._missing: dict[bytes, set[bytes]] = {}  # by orphan
        self._waiting: dict[bytes, set[bytes]] = {}  # by what is missing: the orphans
        self._senders: dict[bytes, set[PeerId]] = {}  # by orphan

    def __len__(self) -> int:
        return len(self._missing)

    def __iter__(self) -> Iterator[GroupEvent]:
        return (self._held[next(iter(who))][orphan] for orphan, who in self._senders.items())

    def keep(self, sender: PeerId, event: GroupEvent, missing: Iterable[bytes]) -> None:
        """Hold ``event`` until all that it misses is there; the sender's oldest make room."""
        held = self._held.setdefault(sender, {})
        if event.id in held:
            return
        held[event.id] = event
        self._bytes[sender] = self._bytes.get(sender, 0) + len(event.wire)
        self._senders.setdefault(event.id, set()).add(sender)
        if event.id not in self._missing:
            self._missing[event.id] = set(missing)
            for one in self._missing[event.id]:
                self._waiting.setdefault(one, set()).add(event.id)
        while len(held) > MAX_EVENTS or self._bytes[sender] > MAX_BYTES:
            self._release(sender, next(iter(held)))
        if not held:
            del self._held[sender], self._bytes[sender]

    def found(self, event_ids: Iterable[bytes]) -> list[GroupEvent]:
        """These are stored now: let go of those that missed nothing else, to be tried again."""
        ready = []
        for found in event_ids:
            for orphan in self._waiting.pop(found, ()):
                missing = self._missing[orphan]
                missing.discard(found)
                if not missing:
                    ready.append(self._drop(orphan))
        return sorted(ready, key=lambda event: event.order)

    def roots(self, sender: PeerId) -> list[bytes]:
        """What the sender's orphans miss that is no orphan itself."""
        missing = (one for orphan in self._held.get(sender, ()) for one in self._missing[orphan])
        return [one for one in dict.fromkeys(missing) if one not in self._missing]

    def forget(self, sender: PeerId) -> None:
        """They have sent all they have, or are gone: what still misses something never fits."""
        for orphan in tuple(self._held.get(sender, ())):
            self._release(sender, orphan)
        self._held.pop(sender, None)
        self._bytes.pop(sender, None)

    def _drop(self, orphan: bytes) -> GroupEvent:
        """From all who brought it."""
        for sender in tuple(self._senders[orphan]):
            event = self._release(sender, orphan)
            if not self._held[sender]:
                del self._held[sender], self._bytes[sender]
        return event

    def _release(self, sender: PeerId, orphan: bytes) -> GroupEvent:
        event = self._held[sender].pop(orphan)
        self._bytes[sender] -= len(event.wire)
        self._senders[orphan].discard(sender)
        if not self._senders[orphan]:
            del self._senders[orphan]
            for missing in self._missing.pop(orphan):
                others = self._waiting.get(missing)
                if others is not None:
                    others.discard(orphan)
                    if not others:
                        del self._waiting[missing]
        return event


def let_in(shelf: Shelf, events: list[GroupEvent]) -> list[Added]:
    """Store orphans whose causes came. What is forged among them is dropped: whoever brought the
    causes may be another than who brought it, and has done nothing wrong."""
    if not events:
        return []
    with suppress(BadEvent):
        return [shelf.add(events)]
    added = []
    for event in events:
        with suppress(BadEvent):
            added.append(shelf.add([event]))
    return added

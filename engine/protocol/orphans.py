"""Events that came before what they stand on: kept for a while, and never many of them.

Each sender has a share of its own, so that nobody's flood drops what another brought.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from engine.protocol.groupevent import GroupEvent
from identity import PeerId

MAX_EVENTS: Final = 1_000  # of one sender
MAX_BYTES: Final = 1 << 20  # of their wires, of one sender


class Orphans:
    def __init__(self) -> None:
        self._held: dict[PeerId, dict[bytes, GroupEvent]] = {}  # the oldest first
        self._bytes: dict[PeerId, int] = {}
        self._missing: dict[bytes, set[bytes]] = {}  # by orphan
        self._waiting: dict[bytes, set[bytes]] = {}  # by what is missing: the orphans
        self._sender: dict[bytes, PeerId] = {}

    def __len__(self) -> int:
        return len(self._missing)

    def __iter__(self) -> Iterator[GroupEvent]:
        return (event for held in self._held.values() for event in held.values())

    def keep(self, sender: PeerId, event: GroupEvent, missing: Iterable[bytes]) -> None:
        """Hold ``event`` until all that it misses is there; the sender's oldest make room."""
        if event.id in self._missing:
            return
        self._held.setdefault(sender, {})[event.id] = event
        self._bytes[sender] = self._bytes.get(sender, 0) + len(event.wire)
        self._sender[event.id] = sender
        self._missing[event.id] = set(missing)
        for one in self._missing[event.id]:
            self._waiting.setdefault(one, set()).add(event.id)
        held = self._held[sender]
        while len(held) > MAX_EVENTS or self._bytes[sender] > MAX_BYTES:
            self._drop(next(iter(held)))

    def found(self, event_ids: Iterable[bytes]) -> list[GroupEvent]:
        """These are stored now: let go of those that missed nothing else, to be tried again."""
        ready = []
        for found in event_ids:
            for orphan in self._waiting.pop(found, ()):
                missing = self._missing.get(orphan)
                if missing is not None:
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
            self._drop(orphan)

    def _drop(self, orphan: bytes) -> GroupEvent:
        sender = self._sender.pop(orphan)
        event = self._held[sender].pop(orphan)
        self._bytes[sender] -= len(event.wire)
        if not self._held[sender]:
            del self._held[sender], self._bytes[sender]
        for missing in self._missing.pop(orphan):
            others = self._waiting.get(missing)
            if others is not None:
                others.discard(orphan)
                if not others:
                    del self._waiting[missing]
        return event

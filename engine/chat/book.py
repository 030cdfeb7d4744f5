"""The people we know, held in memory and written through to disk.

A few thousand people at most: everybody is in memory, so that questions cost nothing and need no
waiting. A change is made on disk first and seen here, and told, only after its commit.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from contacts import Contact
from engine.chat.errors import Refused
from engine.protocol.invite import HostPort
from engine.store import people
from engine.store.database import Database, Db
from engine.store.people import MAX_PLACES, Known
from identity import PeerId

T = TypeVar("T")


class Book:
    def __init__(
        self, database: Database, now: Callable[[], int], on_change: Callable[[PeerId], None]
    ) -> None:
        """``on_change`` is told of everybody whose entry changed or went, after the commit."""
        self._database = database
        self._now = now
        self._on_change = on_change
        self._coming: dict[PeerId, Known] = {}  # asked for, not yet committed
        self._going: set[PeerId] = set()  # removal asked for, not yet committed
        self._known = {known.peer: known for known in database.read(people.load)}

    def __iter__(self) -> Iterator[Known]:
        return iter([known for peer, known in self._known.items() if peer not in self._going])

    def get(self, peer: PeerId) -> Known | None:
        """Their entry. Whoever is about to go is gone: else news of them would bring them back."""
        return None if peer in self._going else self._known.get(peer)

    def find(self, peer: PeerId) -> Known:
        """As ``get``. Raises Refused("not_found")."""
        known = self.get(peer)
        if known is None:
            raise Refused("not_found", "There is nobody of that address here.")
        return known

    def change(
        self,
        peer: PeerId,
        how: Callable[[Known], Known],
        also: Callable[[Db], T] | None = None,
    ) -> T | None:
        """Change an entry, made if there is none, and do ``also``, in one transaction.

        ``how`` sees every change asked for before, committed or not, so that none is lost. Returns
        what ``also`` returned.
        """
        base = self._coming.get(peer) or self.get(peer) or self._stranger(peer)
        changed = self._coming[peer] = how(base)
        now = self._now()

        def mutation(db: Db) -> T | None:
            people.save(db, changed, now)
            return None if also is None else also(db)

        def committed(_result: T | None) -> None:
            self._known[peer] = changed
            self._on_change(peer)

        try:
            return self._database.write(mutation, committed)
        finally:
            if self._coming.get(peer) is changed:
                del self._coming[peer]

    def keep_in_memory(self, peer: PeerId, how: Callable[[Known], Known]) -> None:
        """As ``change``, when the disk does not take it: it holds while the program runs, and is
        stored with the next change that can be."""
        self._known[peer] = how(self.get(peer) or self._stranger(peer))
        self._on_change(peer)

    def _stranger(self, peer: PeerId) -> Known:
        return Known(Contact(peer=peer, first_seen_at=self._now()))

    def remove(self, peer: PeerId, also: Callable[[Db], Any]) -> None:
        def mutation(db: Db) -> None:
            also(db)
            people.remove(db, peer)

        def committed(_result: None) -> None:
            self._known.pop(peer, None)
            self._going.discard(peer)
            self._on_change(peer)

        self._coming.pop(peer, None)
        self._going.add(peer)
        try:
            self._database.write(mutation, committed)
        finally:
            self._going.discard(peer)


def with_place(known: Known, place: HostPort) -> Known:
    """``known`` was reached at ``place`` just now."""
    others = tuple(other for other in known.places if other != place)
    return replace(known, places=(place, *others)[:MAX_PLACES])


def with_contact(known: Known, **changes: Any) -> Known:
    return replace(known, contact=replace(known.contact, **changes))

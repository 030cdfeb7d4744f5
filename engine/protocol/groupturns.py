"""Whom to ask for what we lack: one after the other, since all would send the same.

asked, and brings news      the others wait, for a while
ended, gone or silent       whoever still has more than we is asked next
"""

from typing import Final

from identity import PeerId

SILENT_AFTER: Final = 2.0  # seconds without news from somebody after which another is asked
LONGEST: Final = 10.0  # seconds that one may take while others wait


class Turns:
    def __init__(self) -> None:
        self._until: dict[PeerId, tuple[float, float]] = {}  # asked: silent then, too long then
        self._waiting: set[PeerId] = set()

    def wait(self, peer: PeerId, now: float) -> float | None:
        """When ``peer`` may be asked; None: now."""
        until = max((min(times) for times in self._until.values()), default=now)
        if until <= now:
            return None
        self._waiting.add(peer)
        return until

    def asked(self, peer: PeerId, now: float) -> None:
        self._waiting.discard(peer)
        self._until[peer] = now + SILENT_AFTER, now + LONGEST

    def brought(self, peer: PeerId, now: float) -> None:
        """Something new came of asking them."""
        if peer in self._until:
            self._until[peer] = now + SILENT_AFTER, self._until[peer][1]

    def ended(self, peer: PeerId) -> set[PeerId]:
        """They sent all they have, or will not: who waited meanwhile."""
        self._waiting.discard(peer)
        if self._until.pop(peer, None) is None:
            return set()
        waiting, self._waiting = self._waiting, set()
        return waiting

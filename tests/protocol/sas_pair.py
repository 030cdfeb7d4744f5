"""Two people who compare emoji, and a wire between them that the test carries by hand."""

from collections import deque
from collections.abc import Callable

from engine.protocol.sas import Derived, Event, Sas
from engine.protocol.sas_records import SasRecord
from identity import PeerId
from tests.helpers import seeded

SMALL, LARGE = PeerId(b"\x01" * 32), PeerId(b"\xfe" * 32)
HASH = b"h" * 32


class Side:
    """One person's machine; ``wire`` is what it said and nobody heard yet."""

    def __init__(
        self,
        me: PeerId,
        peer: PeerId,
        handshake_hash: bytes = HASH,
        new_nonce: Callable[[], bytes] | None = None,
    ) -> None:
        chance = seeded(f"nonces of {me.hex()}")
        self.sas = Sas(
            me=me,
            peer=peer,
            handshake_hash=handshake_hash,
            new_nonce=new_nonce or (lambda: chance(32)),
        )
        self.wire: deque[SasRecord] = deque()
        self.events: list[Event] = []

    def start(self) -> list[Event]:
        return self.note(self.sas.start())

    def cancel(self) -> list[Event]:
        return self.note(self.sas.cancel())

    def different(self) -> list[Event]:
        return self.note(self.sas.different())

    def hear(self, record: SasRecord) -> list[Event]:
        return self.note(self.sas.receive(record))

    def note(self, events: list[Event]) -> list[Event]:
        self.wire.extend(self.sas.records_to_send())
        self.events += events
        return events

    @property
    def numbers(self) -> tuple[int, ...] | None:
        """What was derived last."""
        derived = [event.numbers for event in self.events if isinstance(event, Derived)]
        return derived[-1] if derived else None


class Pair:
    """``small`` has the smaller key: it is S when both begin at once."""

    def __init__(self, handshake_hash: bytes = HASH) -> None:
        self.small = Side(SMALL, LARGE, handshake_hash)
        self.large = Side(LARGE, SMALL, handshake_hash)

    def other(self, side: Side) -> Side:
        return self.large if side is self.small else self.small

    def carry(self, side: Side) -> list[Event]:
        """Let the other side hear the oldest record of ``side``."""
        return self.other(side).hear(side.wire.popleft())

    def settle(self) -> None:
        """Carry everything, until both are silent."""
        while self.small.wire or self.large.wire:
            for side in (self.small, self.large):
                while side.wire:
                    self.carry(side)


def compared() -> Pair:
    """Both have the emoji on their screens; the one with the smaller key began."""
    pair = Pair()
    pair.small.start()
    pair.settle()
    return pair

"""Two people who verify each other without a network: connections that the test carries by hand."""

from collections import deque
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from engine.chat.errors import Refused
from engine.chat.events import EventBus, SasChanged
from engine.chat.verify import Verification
from engine.protocol.sas_records import SasRecord
from identity import PeerId
from tests.helpers import person, seeded


class End:
    """One end of a connection: what verify.py needs of net's."""

    def __init__(self, owner: "Verifier", peer: PeerId, handshake_hash: bytes) -> None:
        self.owner = owner
        self.peer = peer
        self.channel = SimpleNamespace(handshake_hash=handshake_hash)
        self.is_open = True
        self.wire: deque[SasRecord] = deque()  # said here, not heard there yet
        self.other: End


class Verifier:
    """One person with their program's part in it, and everything it did, in order."""

    def __init__(self, number: int) -> None:
        self.me = person(number).peer
        self.bus = EventBus()
        self._told = self.bus.subscribe()
        self.did: list[str] = []  # verified, different, drop, told STATE
        self.events: list[SasChanged] = []
        self.ends: list[End] = []
        self.links: dict[PeerId, End] = {}
        self.strangers: set[PeerId] = set()
        self.now = 0.0
        self.chance = seeded(f"verifier {number}")
        self.verification = Verification(
            self.me,
            bus=self.bus,
            link=self.links.get,
            may_compare=lambda peer: peer not in self.strangers,
            send=self.send,
            drop=self.drop,
            on_verified=lambda peer: self.on_verified(peer),
            on_different=lambda peer: self.on_different(peer),
            new_nonce=lambda: self.chance(32),
            clock=lambda: self.now,
        )

    def on_verified(self, peer: PeerId) -> None:
        self.note("verified")

    def on_different(self, peer: PeerId) -> None:
        self.note("different")

    def send(self, end: End, records: Sequence[SasRecord]) -> None:
        assert end.owner is self
        if end.is_open:
            end.wire.extend(records)

    def drop(self, peer: PeerId) -> None:
        """As net does: what was said still goes out, then it is over."""
        self.note("drop")
        for end in [one for one in self.ends if one.peer == peer]:
            end.is_open = False

    def note(self, what: str) -> None:
        self.hear()
        self.did.append(what)

    def hear(self) -> list[SasChanged]:
        """All events until now."""
        for event in self._told.get(timeout=0):
            assert isinstance(event, SasChanged)
            self.events.append(event)
            self.did.append(f"told {event.state}")
        return self.events

    @property
    def states(self) -> list[str]:
        return [event.state for event in self.hear()]

    @property
    def emoji(self) -> tuple[int, ...]:
        """What is on the screen now."""
        return tuple(one.number for one in self.hear()[-1].emoji)


def connect(one: Verifier, two: Verifier, handshake_hash: bytes = b"h" * 32) -> End:
    """A connection between them, which is the link of both from now on; the end of ``one``."""
    here, there = End(one, two.me, handshake_hash), End(two, one.me, handshake_hash)
    here.other, there.other = there, here
    for end in (here, there):
        end.owner.ends.append(end)
        end.owner.links[end.peer] = end
    return here


def carry(end: End, most: int = 1) -> None:
    """Let the other side hear what was said at ``end``."""
    for _ in range(min(most, len(end.wire))):
        end.other.owner.verification.heard(end.other, end.wire.popleft())


def settle(end: End) -> None:
    while end.wire or end.other.wire:
        carry(end)
        carry(end.other)


def cut(end: End) -> None:
    """The connection breaks; what was on its way is gone."""
    for one in (end, end.other):
        one.is_open = False
        one.wire.clear()
        one.owner.ends.remove(one)
        if one.owner.links.get(one.peer) is one:
            del one.owner.links[one.peer]
        one.owner.verification.connection_over(one)


def two_linked() -> tuple[Verifier, Verifier, End]:
    """Two people, and Alice's end of the connection they have."""
    alice, bob = Verifier(1), Verifier(2)
    return alice, bob, connect(alice, bob)


def two_comparing() -> tuple[Verifier, Verifier, End]:
    """Both look at the emoji; Alice began."""
    alice, bob, link = two_linked()
    alice.verification.start(bob.me)
    settle(link)
    assert alice.states == bob.states == ["waiting", "compare"]
    return alice, bob, link


def refusal(act: Callable[..., Any], *arguments: Any) -> str:
    """Why it was declined."""
    with pytest.raises(Refused) as caught:
        act(*arguments)
    return caught.value.code

"""Alice, Bob, Mallory, and wires that are perfect unless Mallory holds them."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterable

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from engine.protocol.channel import ZERO_PASS, Channel, Closed, Event, Kit, Opened, Record, State
from identity import Identity, PeerId
from tests.helpers import person

ALICE, BOB, MALLORY = person(1), person(2), person(3)


def digest(*words: str) -> bytes:
    """32 bytes that are always the same for the same words."""
    return hashlib.sha256(" ".join(words).encode()).digest()


def pinned_kit(name: str, encapsulate: Callable | None = None) -> Kit:
    """Always the same ephemeral keys; the KEM's encapsulation too, if it is given."""
    kem_seed = digest(name, "kem 1") + digest(name, "kem 2")
    kit = Kit(
        new_dh_key=lambda: X25519PrivateKey.from_private_bytes(digest(name, "ephemeral")),
        new_kem_key=lambda: MLKEM768PrivateKey.from_seed_bytes(kem_seed),
    )
    return dataclasses.replace(kit, encapsulate=encapsulate) if encapsulate else kit


def encapsulate_once() -> Callable:
    """Encapsulate the first time; answer the same ever after."""
    answers: list[tuple[bytes, bytes]] = []

    def repeat(public_key):
        if not answers:
            answers.append(public_key.encapsulate())
        return answers[0]

    return repeat


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


class ChannelPair:
    """Alice dials Bob; a perfect wire between them, and no sockets."""

    def __init__(
        self,
        *,
        alice: Identity = ALICE,
        bob: Identity = BOB,
        expected: PeerId | None = None,
        knock_pass: bytes = ZERO_PASS,
        passes: Callable[[], Iterable[bytes]] = lambda: (ZERO_PASS,),
        alice_kit: Kit | None = None,
        bob_kit: Kit | None = None,
    ) -> None:
        self.alice = Channel(
            identity=alice,
            initiator=True,
            expected=expected or bob.peer,
            knock_pass=knock_pass,
            kit=alice_kit,
        )
        self.bob = Channel(identity=bob, initiator=False, passes=passes, kit=bob_kit)
        self.alice.start()

    def settle(self, *, chunk: int = 65_536) -> tuple[list[Event], list[Event]]:
        """Carry bytes back and forth until both fall silent; what each saw."""
        seen_by_alice: list[Event] = []
        seen_by_bob: list[Event] = []
        while True:
            to_bob, to_alice = self.alice.data_to_send(), self.bob.data_to_send()
            if not to_bob and not to_alice:
                return seen_by_alice, seen_by_bob
            for piece in pieces(to_bob, chunk):
                seen_by_bob += self.bob.receive_data(piece)
            for piece in pieces(to_alice, chunk):
                seen_by_alice += self.alice.receive_data(piece)


def open_pair(**options) -> ChannelPair:
    """A pair whose handshake is done."""
    pair = ChannelPair(**options)
    [alice_saw], [bob_saw] = pair.settle()
    assert isinstance(alice_saw, Opened)
    assert isinstance(bob_saw, Opened)
    return pair


def wire_of(sender: Channel, *records: tuple[int, bytes]) -> bytes:
    """What these records are on the wire, sent as one."""
    sender.send(records)
    return sender.data_to_send()


class Script:
    """One handshake whose every byte can be had again, for either side, at any point.

    ``message[1]`` to ``message[3]`` are as on the wire, lengths included.
    """

    def __init__(self, *, knock_pass: bytes = ZERO_PASS) -> None:
        self._pass = knock_pass
        self._encapsulate = encapsulate_once()
        alice, bob = self.alice(), self.bob()
        self.message = {1: alice.data_to_send()}
        bob.receive_data(self.message[1])
        self.message[2] = bob.data_to_send()
        alice.receive_data(self.message[2])
        self.message[3] = alice.data_to_send()

    def alice(self) -> Channel:
        """Alice, who has said message 1 and waits for message 2."""
        channel = Channel(
            identity=ALICE,
            initiator=True,
            expected=BOB.peer,
            knock_pass=self._pass,
            kit=pinned_kit("alice"),
        )
        channel.start()
        return channel

    def bob(self, *, heard: int = 0) -> Channel:
        """Bob, who has heard that many messages; what he answered is taken off."""
        channel = Channel(
            identity=BOB,
            initiator=False,
            passes=lambda: (self._pass,),
            kit=pinned_kit("bob", self._encapsulate),
        )
        if heard:
            channel.receive_data(self.message[1])
            channel.data_to_send()
        return channel


def error_of(events: list[Event]) -> Exception | None:
    """The error of the last event, which must be Closed."""
    assert isinstance(events[-1], Closed)
    return events[-1].error


def assert_refused(channel: Channel, events: list[Event], error: type[Exception]) -> None:
    """Closed with this error, nothing opened or handed on before it, not one byte in reply."""
    assert type(error_of(events)) is error
    assert not any(isinstance(event, Opened | Record) for event in events)
    assert channel.data_to_send() == b""
    assert channel.state is State.CLOSED

"""PROTOCOL.md, section 1: the worked example is what the program says, byte for byte."""

import hashlib
import hmac
import re
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.protocol import handshake, noise
from engine.protocol.channel import Channel, Kit, Opened, Record
from identity import Identity, Secret, verify
from tests.protocol.wire import wire_of

DOCUMENT = Path(__file__).parents[2] / "PROTOCOL.md"


@cache
def section():
    return re.search(r"^## 1\. .*?(?=^## |\Z)", DOCUMENT.read_text(), re.M | re.S)[0]


@cache
def examples() -> dict[str, str]:
    """All lines "name  value" of the section's example blocks; a value goes on in lines below."""
    found: dict[str, str] = {}
    for block in re.findall(r"^```example\n(.*?)^```$", section(), re.M | re.S):
        name = None
        for line in block.splitlines():
            head, text = re.fullmatch(r"(\S+(?: \S+)*)? {2,}(.+)", line).groups()
            if head:
                assert head not in found
                name, found[head] = head, text
            else:
                found[name] += text
    return found


def value(name):
    return bytes.fromhex(examples()[name])


def identity(seed):
    return Identity.from_seed(Secret(seed), Secret(bytes(32)), protected=False)


def dh_key(private):
    return lambda: X25519PrivateKey.from_private_bytes(private)


def alices_kit():
    return Kit(
        new_dh_key=dh_key(value("Alice's e")),
        new_kem_key=lambda: MLKEM768PrivateKey.from_seed_bytes(value("Alice's e1 seed")),
    )


class Example:
    """Alice and Bob with every key as in the document."""

    def __init__(self):
        self.alice = identity(value("Alice's seed"))
        self.bob = identity(value("Bob's seed"))
        knock_pass = value("pass")
        self.dialling = Channel(
            identity=self.alice,
            initiator=True,
            expected=self.bob.peer,
            knock_pass=knock_pass,
            kit=alices_kit(),
        )
        self.listening = Channel(
            identity=self.bob,
            initiator=False,
            passes=lambda: (knock_pass,),
            kit=Kit(
                new_dh_key=dh_key(value("Bob's e")),
                encapsulate=lambda _: (value("KEM secret"), value("KEM ciphertext")),
            ),
        )
        self.dialling.start()
        self.messages = [self.dialling.data_to_send()]
        self.listening.receive_data(self.messages[0])
        self.messages.append(self.listening.data_to_send())
        self.opened = self.dialling.receive_data(self.messages[1])
        self.messages.append(self.dialling.data_to_send())
        self.opened += self.listening.receive_data(self.messages[2])


@pytest.fixture
def example():
    return Example()


def test_the_messages_are_those_of_the_document(example):
    for number, message in enumerate(example.messages, start=1):
        assert message.hex() == examples()[f"message {number}"]


def test_both_sides_open_with_the_hash_of_the_document(example):
    alice_saw, bob_saw = example.opened
    assert alice_saw == Opened(example.bob.peer, value("handshake hash"), b"")
    assert bob_saw == Opened(example.alice.peer, value("handshake hash"), value("pass"))


def test_the_identities_are_those_of_the_document(example):
    for name, person in (("Alice's", example.alice), ("Bob's", example.bob)):
        assert bytes(person.peer) == value(f"{name} identity")
        assert bytes(person.noise_key) == value(f"{name} static")


def test_the_kem_answer_fits_the_key():
    key = MLKEM768PrivateKey.from_seed_bytes(value("Alice's e1 seed"))
    assert key.decapsulate(value("KEM ciphertext")) == value("KEM secret")


def test_the_knock_is_what_the_document_says():
    """Made here with nothing but the standard library."""
    key = hashlib.sha256(b"p2pchat/1 knock" + value("pass")).digest()
    message = value("message 1")
    knock = hmac.digest(key, message[2 : 2 + 1216], "sha256")[:16]
    assert knock == value("knock") == message[-16:]


def test_bob_signed_what_the_document_says(example):
    assert verify(
        example.bob.peer,
        value("Bob's signature"),
        b"p2pchat/1 handshake responder\0" + value("Bob's signed hash"),
    )
    state = noise.HandshakeState(
        handshake.SUITE,
        initiator=True,
        static=X25519PrivateKey.from_private_bytes(example.alice.noise_key),
        prologue=b"p2pchat/1",
        kit=alices_kit(),
    )
    state.write_tokens()
    state.write_payload(value("knock"))
    sealed = state.read_tokens(value("message 2")[2:])
    assert state.hash == value("Bob's signed hash")
    ident = state.read_payload(sealed)
    assert ident == bytes(example.bob.peer) + value("Bob's signature") + bytes(160)


def test_the_frames_are_those_of_the_document(example):
    first = wire_of(example.dialling, (6, b"hello"), (200, b""))
    assert first.hex() == examples()["frame 1"]
    second = wire_of(example.dialling, (6, b"again"))
    assert second.hex() == examples()["frame 2"]
    assert example.listening.receive_data(first + second) == [
        Record(6, b"hello"),
        Record(200, b""),
        Record(6, b"again"),
    ]
    assert wire_of(example.listening, (6, b"yes")).hex() == examples()["answer"]


def test_the_frames_open_with_the_keys_of_the_document():
    """By hand: AES-256-GCM, a counter, and Rekey() in between."""
    key = value("key of frame 1")
    plaintext = AESGCM(key).decrypt(bytes(12), value("frame 1")[2:], None)
    assert plaintext == value("plaintext 1").ljust(64, b"\0")
    rekey_nonce = bytes(4) + b"\xff" * 8
    next_key = AESGCM(key).encrypt(rekey_nonce, bytes(32), None)[:32]
    assert next_key == value("key of frame 2")
    plaintext = AESGCM(next_key).decrypt(bytes(11) + b"\x01", value("frame 2")[2:], None)
    assert plaintext == bytes.fromhex("06000005") + b"again".ljust(60, b"\0")
    answer = AESGCM(value("key of the answer")).decrypt(bytes(12), value("answer")[2:], None)
    assert answer[:7] == bytes.fromhex("06000003") + b"yes"


def test_the_sizes_in_the_document_are_the_programs():
    for number, size in enumerate(handshake.MESSAGE_SIZES, start=1):
        assert len(value(f"message {number}")) == size + 2
        assert re.search(rf"^msg{number}\b.*\b{size}$", section(), re.M)

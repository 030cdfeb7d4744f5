"""Mallory's tools: her side of a handshake, with every choice hers."""

import dataclasses

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from engine.protocol import frames, handshake, noise
from engine.protocol.channel import ZERO_PASS, Channel
from engine.protocol.handshake import SUITE, make_ident, make_knock
from identity import PeerId
from tests.protocol.wire import ALICE, BOB, MALLORY

HEAD = 32 + 1184  # bytes of message 1 that the knock covers


def dialling(expected=BOB.peer, identity=ALICE):
    channel = Channel(identity=identity, initiator=True, expected=expected)
    channel.start()
    return channel


def listening(identity=BOB, **options):
    return Channel(identity=identity, initiator=False, **options)


def knocking(head, knock_pass=ZERO_PASS):
    """Message 1 as on the wire, with the knock anybody can make."""
    return frames.join(head + make_knock(knock_pass, head))


def impostor(shown, *, initiator):
    """An ident payload that shows this key, with Mallory's signature under it."""
    liar = dataclasses.replace(MALLORY, peer=PeerId(shown))
    return lambda h: make_ident(liar, h, initiator=initiator)


class Attack:
    """Mallory's side of a handshake, with every choice hers."""

    def __init__(self, *, initiator, ident=None, static=None, prologue=handshake.PROLOGUE):
        self._ident = ident or (lambda h: make_ident(MALLORY, h, initiator=initiator))
        self.noise = noise.HandshakeState(
            SUITE,
            initiator=initiator,
            static=static or X25519PrivateKey.from_private_bytes(MALLORY.noise_key),
            prologue=prologue,
        )

    def against_responder(self, victim):
        """Dial; returns what the victim saw on message 3."""
        head = self.noise.write_tokens()
        victim.receive_data(
            frames.join(head + self.noise.write_payload(make_knock(ZERO_PASS, head)))
        )
        self.noise.read(victim.data_to_send()[2:])
        return victim.receive_data(self._proof())

    def against_initiator(self, victim):
        """Be dialled; returns what the victim saw on message 2."""
        self.noise.read(victim.data_to_send()[2:])
        return victim.receive_data(self._proof())

    def _proof(self):
        tokens = self.noise.write_tokens()
        return frames.join(tokens + self.noise.write_payload(self._ident(self.noise.hash)))


class FalseStatic:
    """A Noise static key that shows one public key and computes with another private one."""

    def __init__(self, shown: bytes, private: bytes) -> None:
        self._shown = shown
        self._private = X25519PrivateKey.from_private_bytes(private)

    def public_key(self) -> "FalseStatic":
        return self

    def public_bytes_raw(self) -> bytes:
        return self._shown

    def exchange(self, public_key) -> bytes:
        try:
            return self._private.exchange(public_key)
        except ValueError:  # an attacker is glad of a secret that everybody knows
            return bytes(noise.DH_SIZE)

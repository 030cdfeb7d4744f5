"""The Noise Protocol Framework (revision 34), as far as the XX pattern needs it.

Pattern and cipher are tables, so the code that runs the chat's hybrid suite is
the very code that runs the published XX vectors and talks to other Noise
implementations. The names of classes and tokens are the paper's; ``e1`` and
``ekem1`` come from its extension for hybrid forward secrecy (a KEM beside the
Diffie-Hellman, so that a recording stays closed to a quantum computer).

    XX       -> e            <- e, ee, s, es              -> s, se
    XXhfs    -> e, e1        <- e, ee, ekem1, s, es       -> s, se

Reading raises RemoteProtocolError for whatever the peer got wrong; a handshake
that has raised must be thrown away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from engine.protocol.errors import BadKey, DecryptionFailed, LocalProtocolError
from engine.protocol.symmetric import Cipher, CipherState, SymmetricState

try:
    from cryptography.hazmat.primitives.asymmetric.mlkem import (
        MLKEM768PrivateKey,
        MLKEM768PublicKey,
    )
except ImportError as error:  # without the KEM a recording could be read one day: no fallback
    raise ImportError(
        "ML-KEM-768 is missing: upgrade the package 'cryptography' to 48 or newer"
    ) from error

DH_SIZE: Final = 32  # bytes; an X25519 public key, and a shared secret
KEM_KEY_SIZE: Final = 1_184  # bytes; an ML-KEM-768 public key
KEM_CIPHERTEXT_SIZE: Final = 1_088  # bytes; an ML-KEM-768 ciphertext

Pattern = tuple[tuple[str, ...], ...]
XX: Final[Pattern] = (("e",), ("e", "ee", "s", "es"), ("s", "se"))
XX_HFS: Final[Pattern] = (("e", "e1"), ("e", "ee", "ekem1", "s", "es"), ("s", "se"))


@dataclass(frozen=True, slots=True)
class Suite:
    """A complete Noise protocol; its name is hashed into every key."""

    name: bytes
    pattern: Pattern
    cipher: Cipher


def _encapsulate(public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
    return public_key.encapsulate()


@dataclass(frozen=True, slots=True)
class Kit:
    """Every use of chance in a handshake, so that tests can repeat one."""

    new_dh_key: Callable[[], X25519PrivateKey] = X25519PrivateKey.generate
    new_kem_key: Callable[[], MLKEM768PrivateKey] = MLKEM768PrivateKey.generate
    encapsulate: Callable[[MLKEM768PublicKey], tuple[bytes, bytes]] = _encapsulate


class HandshakeState:
    """One side of a handshake.

    Each message is its tokens and then a payload. The two halves can be had
    apart, because a payload may have to speak about the hash before it::

        write_tokens() + write_payload(payload)  ==  write(payload)
        read_payload(read_tokens(message))       ==  read(message)
    """

    def __init__(
        self,
        suite: Suite,
        *,
        initiator: bool,
        static: X25519PrivateKey,
        prologue: bytes = b"",
        kit: Kit | None = None,
    ) -> None:
        self.initiator = initiator
        self.remote_static: bytes | None = None
        self._suite = suite
        self._kit = kit or Kit()
        self._symmetric = SymmetricState(suite.name, suite.cipher, prologue)
        self._turn = 0
        self._s = static
        self._e: X25519PrivateKey | None = None
        self._e1: MLKEM768PrivateKey | None = None
        self._re: bytes | None = None
        self._re1: MLKEM768PublicKey | None = None

    @property
    def hash(self) -> bytes:
        """h: equal on both sides as long as nobody has altered anything."""
        return self._symmetric.h

    @property
    def is_finished(self) -> bool:
        return self._turn == len(self._suite.pattern)

    def write(self, payload: bytes = b"") -> bytes:
        return self.write_tokens() + self.write_payload(payload)

    def read(self, message: bytes) -> bytes:
        return self.read_payload(self.read_tokens(message))

    def write_tokens(self) -> bytes:
        message = b""
        for token in self._tokens(ours=True):
            match token:
                case "e":
                    self._e = self._kit.new_dh_key()
                    public = _public(self._e)
                    self._symmetric.mix_hash(public)
                    message += public
                case "e1":
                    self._e1 = self._kit.new_kem_key()
                    public = self._e1.public_key().public_bytes_raw()
                    message += self._symmetric.encrypt_and_hash(public)
                case "ekem1":
                    assert self._re1 is not None
                    secret, ciphertext = self._kit.encapsulate(self._re1)
                    message += self._symmetric.encrypt_and_hash(ciphertext)
                    self._symmetric.mix_key(secret)
                case "s":
                    message += self._symmetric.encrypt_and_hash(_public(self._s))
                case _:
                    self._mix_shared_secret(token)
        return message

    def write_payload(self, payload: bytes) -> bytes:
        self._turn += 1
        return self._symmetric.encrypt_and_hash(payload)

    def read_tokens(self, message: bytes) -> bytes:
        """Take the tokens off the front; returns the payload, still closed."""
        for token in self._tokens(ours=False):
            match token:
                case "e":
                    self._re, message = _cut(message, DH_SIZE)
                    self._symmetric.mix_hash(self._re)
                case "e1":
                    message = self._read_e1(message)
                case "ekem1":
                    message = self._read_ekem1(message)
                case "s":
                    size = self._symmetric.sealed_size(DH_SIZE)
                    sealed, message = _cut(message, size)
                    self.remote_static = self._symmetric.decrypt_and_hash(sealed)
                case _:
                    self._mix_shared_secret(token)
        return message

    def read_payload(self, sealed: bytes) -> bytes:
        payload = self._symmetric.decrypt_and_hash(sealed)
        self._turn += 1
        return payload

    def split(self) -> tuple[CipherState, CipherState]:
        """The finished channel's (sending, receiving) states."""
        if not self.is_finished:
            raise LocalProtocolError("the handshake is not finished")
        first, second = self._symmetric.split()
        return (first, second) if self.initiator else (second, first)

    def _tokens(self, *, ours: bool) -> tuple[str, ...]:
        if self.is_finished or ours != (self.initiator == (self._turn % 2 == 0)):
            raise LocalProtocolError("it is not this side's turn")
        return self._suite.pattern[self._turn]

    def _read_e1(self, message: bytes) -> bytes:
        sealed, rest = _cut(message, self._symmetric.sealed_size(KEM_KEY_SIZE))
        public = self._symmetric.decrypt_and_hash(sealed)
        try:
            self._re1 = MLKEM768PublicKey.from_public_bytes(public)
        except ValueError:
            raise BadKey("not an ML-KEM-768 public key") from None
        return rest

    def _read_ekem1(self, message: bytes) -> bytes:
        assert self._e1 is not None
        sealed, rest = _cut(message, self._symmetric.sealed_size(KEM_CIPHERTEXT_SIZE))
        ciphertext = self._symmetric.decrypt_and_hash(sealed)
        # A wrong ciphertext is not noticed here: its secret is merely another one, and the
        # next tag does not fit.
        self._symmetric.mix_key(self._e1.decapsulate(ciphertext))
        return rest

    def _mix_shared_secret(self, token: str) -> None:
        """ee, es, se: the first letter names the initiator's key, the second the responder's."""
        first, second = token[0], token[1]
        mine, theirs = (first, second) if self.initiator else (second, first)
        private = self._e if mine == "e" else self._s
        public = self._re if theirs == "e" else self.remote_static
        assert private is not None
        assert public is not None
        try:
            secret = private.exchange(X25519PublicKey.from_public_bytes(public))
        except ValueError:  # all zero: a point of small order, the secret would be everybody's
            raise BadKey("X25519 key of small order") from None
        self._symmetric.mix_key(secret)


def _public(key: X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def _cut(message: bytes, size: int) -> tuple[bytes, bytes]:
    if len(message) < size:
        raise DecryptionFailed("handshake message is too short")
    return message[:size], message[size:]

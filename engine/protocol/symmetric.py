"""Noise's symmetric half: ciphers as tables, keys with their counters, the running hash.

The names are the paper's (revision 34, section 5). A cipher is a constructor and
the way it writes the counter into a nonce; nothing else differs.

    AESGCM       4 zero bytes || counter, 8 bytes, big-endian
    ChaChaPoly   4 zero bytes || counter, 8 bytes, little-endian
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.protocol.errors import DecryptionFailed, KeyExhausted

KEY_SIZE: Final = 32  # bytes; a key of either cipher
TAG_SIZE: Final = 16  # bytes; what encryption adds

_MAX_NONCE: Final = 2**64 - 1  # reserved for Rekey()
_ZERO_KEY: Final = bytes(KEY_SIZE)


class Aead(Protocol):
    """What this file needs of a cipher object of ``cryptography``."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...
    def decrypt(
        self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None, /
    ) -> bytes: ...
    def encrypt_into(
        self, nonce: bytes, data: bytearray, associated_data: None, buf: memoryview, /
    ) -> int: ...
    def decrypt_into(
        self, nonce: bytes, data: memoryview, associated_data: None, buf: bytearray, /
    ) -> int: ...


@dataclass(frozen=True, slots=True)
class Cipher:
    new: Callable[[bytes], Aead]
    nonce: Callable[[int], bytes]  # the same counter, but not the same byte order
    rekey_nonce: bytes


_big, _little = struct.Struct(">4xQ").pack, struct.Struct("<4xQ").pack
AES_GCM: Final = Cipher(AESGCM, _big, _big(_MAX_NONCE))
CHACHA_POLY: Final = Cipher(ChaCha20Poly1305, _little, _little(_MAX_NONCE))


class CipherState:
    """One key and its counter: one direction of a channel, or the handshake's own key."""

    __slots__ = ("_aead", "_cipher", "_n", "_nonce")

    def __init__(self, cipher: Cipher, key: bytes) -> None:
        self._cipher = cipher
        self._nonce = cipher.nonce
        self._aead = cipher.new(key)
        self._n = 0

    def encrypt(self, associated: bytes | None, plaintext: bytes) -> bytes:
        return self._aead.encrypt(self._next_nonce(), plaintext, associated)

    def decrypt(self, associated: bytes | None, ciphertext: bytes | memoryview) -> bytes:
        try:
            return self._aead.decrypt(self._next_nonce(), ciphertext, associated)
        except InvalidTag:
            raise DecryptionFailed("authentication tag does not fit") from None

    def encrypt_into(self, plaintext: bytearray, buffer: memoryview) -> None:
        """Like ``encrypt``; ``buffer`` must be exactly TAG_SIZE longer."""
        self._aead.encrypt_into(self._next_nonce(), plaintext, None, buffer)

    def decrypt_into(self, ciphertext: memoryview, buffer: bytearray) -> None:
        """Like ``decrypt``; ``buffer`` must be exactly TAG_SIZE shorter."""
        try:
            self._aead.decrypt_into(self._next_nonce(), ciphertext, None, buffer)
        except InvalidTag:
            raise DecryptionFailed("authentication tag does not fit") from None

    def rekey(self) -> None:
        """Replace the key by a one-way function of it; the counter runs on."""
        cipher = self._cipher
        block = self._aead.encrypt(cipher.rekey_nonce, _ZERO_KEY, None)
        self._aead = cipher.new(block[:KEY_SIZE])

    def _next_nonce(self) -> bytes:
        n = self._n
        if n >= _MAX_NONCE:
            raise KeyExhausted("no nonce is left under this key")
        self._n = n + 1
        return self._nonce(n)


class SymmetricState:
    """The chaining key and the running hash of everything said so far."""

    def __init__(self, name: bytes, cipher: Cipher, prologue: bytes) -> None:
        self.h = name.ljust(32, b"\0") if len(name) <= 32 else _sha256(name)
        self._ck = self.h
        self._cipher = cipher
        self._k: CipherState | None = None
        self.mix_hash(prologue)

    def mix_hash(self, data: bytes) -> None:
        self.h = _sha256(self.h, data)

    def mix_key(self, secret: bytes) -> None:
        self._ck, key = _hkdf(self._ck, secret)
        self._k = CipherState(self._cipher, key)

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        out = plaintext if self._k is None else self._k.encrypt(self.h, plaintext)
        self.mix_hash(out)
        return out

    def decrypt_and_hash(self, ciphertext: bytes) -> bytes:
        plain = ciphertext if self._k is None else self._k.decrypt(self.h, ciphertext)
        self.mix_hash(ciphertext)
        return plain

    def sealed_size(self, size: int) -> int:
        """How long ``size`` bytes are on the wire at this point of the handshake."""
        return size if self._k is None else size + TAG_SIZE

    def split(self) -> tuple[CipherState, CipherState]:
        first, second = _hkdf(self._ck, b"")
        return CipherState(self._cipher, first), CipherState(self._cipher, second)


def _sha256(*parts: bytes) -> bytes:
    digest = Hash(SHA256())
    for part in parts:
        digest.update(part)
    return digest.finalize()


def _hkdf(chaining_key: bytes, secret: bytes) -> tuple[bytes, bytes]:
    """Noise's HKDF with two outputs is RFC 5869's with an empty info and 64 bytes."""
    out = HKDF(SHA256(), 2 * KEY_SIZE, salt=chaining_key, info=b"").derive(secret)
    return out[:KEY_SIZE], out[KEY_SIZE:]

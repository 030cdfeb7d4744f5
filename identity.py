"""Who we are: an Ed25519 key that is the name others trust, and what is derived from it.

    seed (32 random bytes, in the key file)
      ├── HKDF "p2pchat/1 identity signing key" ──► Ed25519 ──► PeerId ──► address
      └── HKDF "p2pchat/1 identity noise key"   ──► X25519, for the Noise handshake only
    database key (32 more random bytes, in the key file: it protects this machine's disk only)

    address = base32 of  public key[32] || checksum[2] || version[1]        56 characters

Two keys from one seed, so that one file is the whole identity; not one key for both uses, so
that what one of them signs or agrees on can never be turned against the other. The key file
itself is `engine.store.keyfile`. PROTOCOL.md, section 2, has the bytes and worked examples.
"""

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl import bindings
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

KEY_SIZE: Final = 32  # bytes of every key here
SIGNATURE_SIZE: Final = 64  # bytes
ADDRESS_SIZE: Final = 56  # characters
ADDRESS_VERSION: Final = b"\x01"
MAX_ADDRESS_TEXT: Final = 200  # characters of input worth reading: an address, spaced out

SIGNING_LABEL: Final = b"p2pchat/1 identity signing key"
NOISE_LABEL: Final = b"p2pchat/1 identity noise key"
CHECKSUM_LABEL: Final = b"p2pchat id checksum"

_ALPHABET: Final = frozenset("abcdefghijklmnopqrstuvwxyz234567")
_GROUP: Final = 7  # characters; eight of them, read aloud, are an address


class IdentityError(Exception):
    """The identity cannot be used. Its text is the one line that the person reads."""


class AlreadyRunning(IdentityError):
    """Another process holds this identity's lock."""


class BadAddress(ValueError):
    """This text is no address; the exception's text says why."""


class Secret(bytes):
    """Bytes that refuse to be printed, so that they cannot reach a log by accident.

    A slice or a sum of it is plain bytes again: wrap it anew.

    >>> Secret(b"hunter2")
    Secret(7 bytes)
    >>> f"{Secret(b'hunter2')}"
    'Secret(7 bytes)'
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret({len(self)} bytes)"

    __str__ = __repr__


class PeerId(bytes):
    """A person's public key: the only name the program trusts.

    >>> peer = PeerId(bytes(31) + b"\\x09")
    >>> peer.address
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaeqg3yb'
    >>> peer
    PeerId(aaaaaaa)
    """

    __slots__ = ()

    def __new__(cls, key: bytes) -> Self:
        """Raise ValueError unless there are 32 bytes; whether they are a key is not looked at."""
        if len(key) != KEY_SIZE:
            raise ValueError(f"a public key has {KEY_SIZE} bytes, not {len(key)}")
        return super().__new__(cls, key)

    @classmethod
    def from_address(cls, text: str) -> Self:
        """Read an address as people write it: any case, spaces and hyphens anywhere.

        Raises BadAddress, with a sentence for the person, unless it is exactly right.
        """
        if len(text) > MAX_ADDRESS_TEXT:
            raise BadAddress(f"An address has {ADDRESS_SIZE} characters; this is far longer.")
        compact = "".join(text.replace("-", " ").split())
        # ASCII first: lower() would turn the Kelvin sign into an honest k.
        letters = compact.lower() if compact.isascii() else compact
        for letter in letters:
            if letter not in _ALPHABET:
                raise BadAddress(
                    f"An address has only letters and the digits 2 to 7, and no {letter!r}."
                )
        if len(letters) != ADDRESS_SIZE:
            raise BadAddress(f"An address has {ADDRESS_SIZE} characters; this has {len(letters)}.")
        data = base64.b32decode(letters.upper())
        key, checksum, version = data[:KEY_SIZE], data[KEY_SIZE:-1], data[-1:]
        if checksum != _checksum(key, version):
            raise BadAddress("This address is mistyped: its checksum does not fit.")
        if version != ADDRESS_VERSION:
            raise BadAddress("This address is of a kind that this version of p2pchat cannot read.")
        if not is_valid_public_key(key):
            raise BadAddress("This address holds no key that a person could have.")
        return cls(key)

    @property
    def address(self) -> str:
        """The key as people pass it on: 56 characters of base32, with a checksum."""
        return _address_of(bytes(self))

    @property
    def short(self) -> str:
        """Enough to tell people apart in a log; never enough to trust."""
        return self.address[:_GROUP]

    @property
    def fingerprint(self) -> str:
        """The address in eight groups of seven, to be read aloud."""
        text = self.address
        return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))

    def __repr__(self) -> str:
        return f"PeerId({self.short})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Identity:
    """Our own keys. ``protected`` tells whether a passphrase guards them on the disk."""

    peer: PeerId
    signing_key: Secret
    noise_key: Secret
    database_key: Secret
    protected: bool
    seed: Secret  # for a backup: with it, all of this is made again

    @classmethod
    def from_seed(cls, seed: Secret, database_key: Secret, protected: bool) -> Self:
        """Derive everything: the same seed is always the same person."""
        if len(seed) != KEY_SIZE or len(database_key) != KEY_SIZE:
            raise ValueError(f"a seed and a database key have {KEY_SIZE} bytes each")
        signing_key = _derive(seed, SIGNING_LABEL)
        return cls(
            peer=PeerId(bytes(SigningKey(signing_key).verify_key)),
            signing_key=signing_key,
            noise_key=_derive(seed, NOISE_LABEL),
            database_key=database_key,
            protected=protected,
            seed=seed,
        )

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = os.urandom) -> Self:
        """Make a new person who is on no disk, and ends with the process."""
        return cls.from_seed(Secret(random(KEY_SIZE)), Secret(random(KEY_SIZE)), protected=False)

    def sign(self, data: bytes) -> bytes:
        """Return our Ed25519 signature, 64 bytes. What it is for must stand in ``data``."""
        return SigningKey(self.signing_key).sign(data).signature


def verify(peer: PeerId, signature: bytes, data: bytes) -> bool:
    """Say whether ``peer`` signed ``data``: the one verifier, so that all agree on every edge.

    Strict, as libsodium is: refused are a key or a signature that is not in its one canonical
    form, and a key of small order, under which anybody could sign anything.
    """
    if len(signature) != SIGNATURE_SIZE:
        return False
    try:
        VerifyKey(peer).verify(data, signature)
    except BadSignatureError:
        return False
    return True


def is_valid_public_key(key: bytes) -> bool:
    """Say whether somebody can own this key: canonical, on the curve, of the large order."""
    return len(key) == KEY_SIZE and bindings.crypto_core_ed25519_is_valid_point(key)


@lru_cache(maxsize=4_096)  # it is asked for with every message shown
def _address_of(key: bytes) -> str:
    return _base32(key + _checksum(key, ADDRESS_VERSION) + ADDRESS_VERSION)


def _checksum(key: bytes, version: bytes) -> bytes:
    return hashlib.sha3_256(CHECKSUM_LABEL + key + version).digest()[:2]


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower()


def _derive(seed: Secret, label: bytes) -> Secret:
    return Secret(HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=label).derive(seed))

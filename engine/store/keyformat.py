"""The key file's bytes: two keys in three or four lines of text, open or sealed by a passphrase.

    p2pchat key 1                                           p2pchat key 1
    plain SEED||DATABASE-KEY                                argon2id 3 262144 1 SALT
    checksum SUM                                            xchacha20poly1305 NONCE SEALED
                                                            checksum SUM

Binary values are lower-case hexadecimal, every line ends with one line feed, and nothing else is
read: a file has exactly one way to be right. The checksum covers all lines before it, so that a
damaged file is told from a wrong passphrase; the first two lines of a sealed file are its
associated data, so that nobody can weaken them unseen. PROTOCOL.md, section 2, has examples.
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nacl import bindings, pwhash
from nacl.exceptions import CryptoError

from identity import KEY_SIZE, IdentityError, Secret

MAX_KEY_FILE: Final = 1_024  # bytes; a sealed one has some 370
CHECKSUM_LABEL: Final = b"p2pchat/1 key file checksum"

_FIRST_LINE: Final = b"p2pchat key 1\n"
_PLAIN: Final = re.compile(rb"plain ([0-9a-f]{128})\n")
_STRETCH: Final = re.compile(rb"argon2id ([1-9][0-9]?) ([1-9][0-9]{4,6}) 1 ([0-9a-f]{32})\n")
_SEALED: Final = re.compile(rb"xchacha20poly1305 ([0-9a-f]{48}) ([0-9a-f]{160})\n")
_CHECKSUM: Final = re.compile(rb"checksum ([0-9a-f]{32})\n")
_SALT_SIZE: Final = 16
_NONCE_SIZE: Final = 24

# Runs slow work that would stop the event loop, for example in a native thread.
Runner = Callable[[Callable[[], bytes]], bytes]


class WrongPassphrase(IdentityError):
    """The passphrase does not open the file, or both file and checksum were altered."""


class BadKeyFile(IdentityError):
    """These bytes are no key file; the exception's text says what they are, after "it is"."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How hard each guess at a passphrase is made: Argon2id's passes and memory in KiB.

    A file may ask for 1 to 10 passes and 64 MiB to 2 GiB: less protects nothing, and more would
    let a file that somebody planted take all memory.
    """

    passes: int = 3
    kibibytes: int = 256 * 1_024

    def __post_init__(self) -> None:
        if not (1 <= self.passes <= 10 and 64 * 1_024 <= self.kibibytes <= 2 * 1_024 * 1_024):
            raise ValueError("passes are 1 to 10, memory is 64 MiB to 2 GiB")


@dataclass(frozen=True, slots=True)
class Keys:
    """What a key file keeps: the identity's seed, and the key of its database."""

    seed: Secret
    database_key: Secret


@dataclass(frozen=True, slots=True)
class Sealed:
    """A key file that waits for its passphrase."""

    header: bytes
    cost: Cost
    salt: bytes
    nonce: bytes
    ciphertext: bytes

    def open(self, passphrase: Secret, *, run: Runner) -> Keys:
        """Return the keys; raises WrongPassphrase."""
        key = run(lambda: stretch(passphrase, self.salt, self.cost))
        try:
            keys = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
                self.ciphertext, self.header, self.nonce, key
            )
        except CryptoError:
            raise WrongPassphrase("this passphrase does not open it") from None
        return _split(keys)


def write_plain(keys: Keys) -> bytes:
    """Return the file that anybody who reads it can open."""
    return _with_checksum(_FIRST_LINE + b"plain %s\n" % _join(keys).hex().encode())


def seal(
    keys: Keys,
    passphrase: Secret,
    *,
    run: Runner,
    cost: Cost,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Return the file that only this passphrase opens. Salt and nonce are fresh each time."""
    salt, nonce = random(_SALT_SIZE), random(_NONCE_SIZE)
    guard = b"argon2id %d %d 1 %s\n" % (cost.passes, cost.kibibytes, salt.hex().encode())
    header = _FIRST_LINE + guard
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        _join(keys), header, nonce, run(lambda: stretch(passphrase, salt, cost))
    )
    line = b"xchacha20poly1305 %s %s\n" % (nonce.hex().encode(), sealed.hex().encode())
    return _with_checksum(header + line)


def read(data: bytes) -> Keys | Sealed:
    """Take a key file apart; raises BadKeyFile."""
    if not data:
        raise BadKeyFile("it is empty")
    if not data.startswith(_FIRST_LINE):
        raise BadKeyFile("it is no key file that this version of p2pchat can read")
    lines = data.splitlines(keepends=True)
    before, checksum = b"".join(lines[:-1]), _CHECKSUM.fullmatch(lines[-1])
    if not checksum or bytes.fromhex(checksum[1].decode()) != _checksum(before):
        raise BadKeyFile("it is damaged")
    match lines[1:-1]:
        case [line] if plain := _PLAIN.fullmatch(line):
            return _split(bytes.fromhex(plain[1].decode()))
        case [first, second] if (stretch := _STRETCH.fullmatch(first)) and (
            sealed := _SEALED.fullmatch(second)
        ):
            try:
                cost = Cost(passes=int(stretch[1]), kibibytes=int(stretch[2]))
            except ValueError:
                raise BadKeyFile("it asks for a guard that is too weak or too costly") from None
            salt = bytes.fromhex(stretch[3].decode())
            nonce, ciphertext = (bytes.fromhex(value.decode()) for value in sealed.groups())
            return Sealed(_FIRST_LINE + first, cost, salt, nonce, ciphertext)
    raise BadKeyFile("it is no key file that this version of p2pchat can read")


def stretch(passphrase: Secret, salt: bytes, cost: Cost, *, size: int = KEY_SIZE) -> Secret:
    """Argon2id of a passphrase; raises IdentityError where there is not enough memory. Slow."""
    try:
        key = pwhash.argon2id.kdf(
            size,
            _normal(passphrase),
            salt,
            opslimit=cost.passes,
            memlimit=cost.kibibytes * 1_024,
        )
    except (CryptoError, MemoryError):
        needed = cost.kibibytes // 1_024
        raise IdentityError(f"a passphrase needs {needed} MiB of free memory") from None
    return Secret(key)


def _normal(passphrase: Secret) -> bytes:
    """Fold what keyboards and systems write differently (NFKC), so that it opens elsewhere too.

    "é" may arrive as one character or two, a space as an unbreakable one, and an input method
    may write wide letters. What is not UTF-8 came from a file, and is the same everywhere.
    """
    try:
        return unicodedata.normalize("NFKC", passphrase.decode()).encode()
    except UnicodeDecodeError:
        return bytes(passphrase)


def _join(keys: Keys) -> bytes:
    return keys.seed + keys.database_key


def _split(keys: bytes) -> Keys:
    return Keys(Secret(keys[:KEY_SIZE]), Secret(keys[KEY_SIZE:]))


def _checksum(lines: bytes) -> bytes:
    return hashlib.sha256(CHECKSUM_LABEL + lines).digest()[:16]


def _with_checksum(lines: bytes) -> bytes:
    return lines + b"checksum %s\n" % _checksum(lines).hex().encode()

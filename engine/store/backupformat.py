"""The backup file's bytes: what a passphrase opens again on any machine, whole or not at all.

    header    "p2pchat backup 1\\n" || passes u32 || KiB u32 || salt || nonce || check || sum
    chunks    XChaCha20-Poly1305 of 65,536 bytes each, the last of 1 to 65,536
    inside    parts: type u8 || length u64 || content         KEYS first, DATABASE, room for more

    key[32] || check[16] = Argon2id(passphrase, salt[16])     sum[16]: of the header before it
    a chunk's nonce = nonce[16] || its number u56 || 1 if it is the last, else 0; the header is its
    associated data

The number makes a chunk out of its turn unreadable, the flag a missing end. The sum tells damage
from a wrong passphrase. Whatever is read came whole from somebody who knew the passphrase.
PROTOCOL.md, section 2.6, has an example.
"""

import hashlib
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nacl import bindings
from nacl.exceptions import CryptoError

from engine.store.keyformat import Cost, Keys, WrongPassphrase, stretch
from identity import KEY_SIZE, IdentityError, Secret

MAGIC: Final = b"p2pchat backup "
FIRST_LINE: Final = MAGIC + b"1\n"
HEADER: Final = struct.Struct(f">{len(FIRST_LINE)}sII16s16s16s16s")
SUM_LABEL: Final = b"p2pchat/1 backup checksum"
CHUNK: Final = 65_536  # bytes of content in each chunk but the last
TAG: Final = 16  # bytes that sealing adds to each
PART: Final = struct.Struct(">BQ")
KEYS: Final = 1  # flags u8 (1: a passphrase guarded the key file) | seed[32] | database key[32]
DATABASE: Final = 2  # the file, encrypted under that database key
MAY_BE_SKIPPED: Final = 128  # a part of this type or above, by whom it means nothing to
KEYS_SIZE: Final = 1 + 2 * KEY_SIZE

_SUM_SIZE: Final = 16
_CHECK_SIZE: Final = 16


class BadBackup(IdentityError):
    """These bytes are no backup, or no longer; the text says what they are, after "it is"."""


@dataclass(frozen=True, slots=True)
class Header:
    """A backup's beginning: all that is needed to try a passphrase."""

    raw: bytes
    cost: Cost
    salt: bytes
    nonce: bytes
    check: bytes

    def open(self, passphrase: Secret) -> Secret:
        """The key of the chunks; raises WrongPassphrase. Slow, and takes much memory."""
        stretched = stretch(passphrase, self.salt, self.cost, size=KEY_SIZE + _CHECK_SIZE)
        if not bindings.sodium_memcmp(bytes(stretched[KEY_SIZE:]), self.check):
            raise WrongPassphrase("this passphrase does not open it")
        return Secret(stretched[:KEY_SIZE])


def new_header(
    passphrase: Secret,
    *,
    cost: Cost = Cost(),  # noqa: B008 - frozen
    random: Callable[[int], bytes] = os.urandom,
) -> tuple[Header, Secret]:
    """A header for a new backup, and the key of its chunks. Slow, and takes much memory."""
    salt, nonce = random(16), random(16)
    stretched = stretch(passphrase, salt, cost, size=KEY_SIZE + _CHECK_SIZE)
    check = bytes(stretched[KEY_SIZE:])
    before = HEADER.pack(
        FIRST_LINE, cost.passes, cost.kibibytes, salt, nonce, check, bytes(_SUM_SIZE)
    )[:-_SUM_SIZE]
    return Header(before + _sum(before), cost, salt, nonce, check), Secret(stretched[:KEY_SIZE])


def read_header(raw: bytes) -> Header:
    """Take the first ``HEADER.size`` bytes of a file apart; raises BadBackup."""
    if not raw.startswith(MAGIC):
        raise BadBackup("it is no backup of p2pchat")
    if not raw.startswith(FIRST_LINE):
        raise BadBackup("it is damaged, or was made by a newer version of p2pchat")
    if len(raw) != HEADER.size or _sum(raw[:-_SUM_SIZE]) != raw[-_SUM_SIZE:]:
        raise BadBackup("it is damaged")
    _, passes, kibibytes, salt, nonce, check, _ = HEADER.unpack(raw)
    try:
        cost = Cost(passes=passes, kibibytes=kibibytes)
    except ValueError:
        raise BadBackup("it asks for a guard that is too weak or too costly") from None
    return Header(raw, cost, salt, nonce, check)


def sealed_size(size: int) -> int:
    """How long the file of so many bytes of content is."""
    return HEADER.size + size + TAG * max(1, -(-size // CHUNK))


def seal(header: Header, key: Secret, content: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of this content, which comes in pieces of any size."""
    number, waiting = 0, b""
    for piece in content:
        waiting += piece
        while len(waiting) > CHUNK:  # not the last: something stands behind it
            yield _seal(header, key, number, waiting[:CHUNK], is_last=False)
            number, waiting = number + 1, waiting[CHUNK:]
    yield _seal(header, key, number, waiting, is_last=True)


def unseal(header: Header, key: Secret, read: Callable[[int], bytes]) -> Iterator[bytes]:
    """The content, a chunk at a time, each proven before it is given; raises BadBackup.

    ``read`` gives what stands behind the header, exactly as many bytes as asked for until the end.
    """
    number, chunk = 0, read(CHUNK + TAG)
    while True:
        following = read(CHUNK + TAG) if len(chunk) == CHUNK + TAG else b""
        nonce = _nonce(header, number, is_last=not following)
        try:
            yield bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(chunk, header.raw, nonce, key)
        except (CryptoError, ValueError):
            raise BadBackup("it is damaged, or its end is missing") from None
        if not following:
            return
        number, chunk = number + 1, following


def keys_part(keys: Keys, *, protected: bool) -> bytes:
    flags = bytes((1 if protected else 0,))
    return PART.pack(KEYS, KEYS_SIZE) + flags + keys.seed + keys.database_key


def read_keys(content: bytes) -> tuple[Keys, bool]:
    """The keys, and whether a passphrase guarded them; raises BadBackup."""
    if len(content) != KEYS_SIZE:
        raise BadBackup("it holds no keys that this version of p2pchat can read")
    seed, database_key = content[1 : 1 + KEY_SIZE], content[1 + KEY_SIZE :]
    return Keys(Secret(seed), Secret(database_key)), bool(content[0] & 1)


def _seal(header: Header, key: Secret, number: int, content: bytes, *, is_last: bool) -> bytes:
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        content, header.raw, _nonce(header, number, is_last=is_last), key
    )


def _nonce(header: Header, number: int, *, is_last: bool) -> bytes:
    return header.nonce + number.to_bytes(7, "big") + (b"\x01" if is_last else b"\x00")


def _sum(before: bytes) -> bytes:
    return hashlib.sha256(SUM_LABEL + before).digest()[:_SUM_SIZE]

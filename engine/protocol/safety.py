"""The safety number: sixty digits that two people compare, to know nobody sits between them.

    digest_0   = 0x0000 || key || identifier
    digest_i   = SHA-512(digest_(i-1) || key)                        i = 1 ... 5,200
    thirty digits of a person = for each 5 bytes of digest_5200[:30], as a big-endian number,
                                the last five decimal digits
    number     = both persons' thirty digits, the smaller first

This is Signal's numeric fingerprint, chosen because it has been studied and people know its
look. There the key has a type byte and the identifier is a telephone number; here both are the
32-byte public key, which is all that a person is called by. The 5,200 rounds make it dearer to
search for a key that resembles another: some 10 ms for both halves, so not for a busy loop.
"""

import hashlib
import unicodedata
from typing import Final

from identity import PeerId

ROUNDS: Final = 5_200

_VERSION: Final = b"\x00\x00"
_CHUNK: Final = 5  # bytes, and digits, of each group
_DIGITS: Final = 30  # of each person
_LONGEST: Final = 1_000  # characters worth reading: sixty digits, spaced out


def safety_number(a: PeerId, b: PeerId) -> str:
    """Return the sixty digits of these two people, the same whoever asks."""
    return "".join(sorted(thirty_digits(key, identifier=key) for key in (a, b)))


def read_number(text: str) -> str | None:
    """The sixty digits in what somebody typed, pasted or scanned, or None; spaces and new lines
    may stand anywhere among them.

    >>> read_number("12345 " * 12 + "\\n") == "12345" * 12
    True
    """
    if len(text) > _LONGEST:
        return None
    digits = "".join(unicodedata.normalize("NFKC", text).split())
    return digits if len(digits) == 2 * _DIGITS and digits.isascii() and digits.isdigit() else None


def thirty_digits(key: bytes, *, identifier: bytes) -> str:
    """Return one person's half, in Signal's general form."""
    digest = _VERSION + key + identifier
    for _ in range(ROUNDS):
        digest = hashlib.sha512(digest + key).digest()
    chunks = (digest[start : start + _CHUNK] for start in range(0, _DIGITS, _CHUNK))
    return "".join(f"{int.from_bytes(chunk) % 10**_CHUNK:0{_CHUNK}}" for chunk in chunks)

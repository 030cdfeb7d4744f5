"""What mDNS records say of a service of ours, in our words, and what is made of them.

Pointer, Service, Text, HostAddress   from the network; each may be a lie
Sighting, Gone                        for the rest of the program; a hint, no more
Question                              what to ask the network
"""

from dataclasses import dataclass
from typing import Final

from engine.net.interfaces import Address
from engine.protocol.invite import HostPort

MAX_TEXT: Final = 1_300  # bytes of a TXT record
MAX_PAIRS: Final = 32  # in a TXT record


@dataclass(frozen=True, slots=True)
class Pointer:
    """A service of our kind has this name. In all records a ``life`` of 0 says goodbye; seconds."""

    instance: str
    life: float


@dataclass(frozen=True, slots=True)
class Service:
    instance: str
    host: str
    port: int
    life: float


@dataclass(frozen=True, slots=True)
class Text:
    instance: str
    data: bytes
    life: float


@dataclass(frozen=True, slots=True)
class HostAddress:
    """``scope``: the card on which a link-local address was heard; 0 when unknown."""

    host: str
    address: Address
    scope: int
    life: float


Record = Pointer | Service | Text | HostAddress


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody may be found at these places, and says this of themselves."""

    instance: str
    places: tuple[HostPort, ...]
    txt: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Gone:
    instance: str


@dataclass(frozen=True, slots=True)
class Question:
    """Ask for an instance's SRV record, or for that and its TXT record."""

    instance: str
    wants_text: bool


def read_pairs(data: bytes) -> dict[str, bytes] | None:
    """Read the pairs of a TXT record; None when there is more of it than anybody needs.

    >>> read_pairs(b"\\x03v=1\\x04flag\\x05N=Al=")
    {'v': b'1', 'n': b'Al='}
    """
    if len(data) > MAX_TEXT:
        return None
    pairs: dict[str, bytes] = {}
    at = 0
    while at < len(data) and len(pairs) < MAX_PAIRS:
        end = at + 1 + data[at]
        key, is_pair, value = data[at + 1 : end].partition(b"=")
        at = end
        if is_pair and key.isascii():
            pairs.setdefault(key.decode("ascii").lower(), value)  # the first counts (RFC 6763)
    return pairs

"""What a program says of itself to the network it is on: who may be here, and for whom to know.

The few pairs of an mDNS TXT record; nothing here is proven, it only says where to knock.

    everyone may know          v=1   k=ADDRESS, 56 characters   n=NAME, at most 200 bytes
    only contacts may know     v=1   r=8 random bytes           t0= t1= t2= t3=  tags, 4 bytes each

    tag = HMAC-SHA-256(the pass I made for that contact, r)[:4]

Who holds the pass finds a tag made with it; to all others the tags are noise, and a new ``r`` makes
new noise. Random decoys fill up to the next of 8, 16, 32, 64, 128, 248 tags, and all stand in
order of their bytes, so that neither how many contacts there are nor which tag is whose can be
read. Of more than 248 contacts each record names some, chosen by chance anew each time.

A tag is short, so it fits by chance once in 2^32: with 1,000 contacts and 200 strangers' records of
248 tags, that is one in 87 each time all of them change. Whoever fits by chance, or says a record
again that somebody else made, gains one dial that ends with "another person answers there".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from identity import ADDRESS_SIZE, BadAddress, PeerId

VERSION: Final = b"1"
MAX_NAME: Final = 200  # bytes of UTF-8: one string of a TXT record holds 255 with its key
NONCE_SIZE: Final = 8  # bytes
TAG_SIZE: Final = 4  # bytes
SIZES: Final = (8, 16, 32, 64, 128, 248)  # tags in a record
PARTS: Final = ("t0", "t1", "t2", "t3")
PART_SIZE: Final = 62 * TAG_SIZE  # bytes in each part but the last


@dataclass(frozen=True, slots=True)
class OpenBeacon:
    """Somebody whom everyone may find. The name is theirs: clean it before anybody sees it."""

    peer: PeerId
    name: str


@dataclass(frozen=True, slots=True)
class VeiledBeacon:
    """Somebody whom only their contacts may find."""

    nonce: bytes
    tags: frozenset[bytes]


Beacon = OpenBeacon | VeiledBeacon


def write_open(peer: PeerId, name: str) -> dict[str, bytes]:
    """Return the record that tells everyone; a name that is too long is cut."""
    short = name.encode(errors="ignore")[:MAX_NAME].decode(errors="ignore")
    return {"v": VERSION, "k": peer.address.encode(), "n": short.encode()}


def write_veiled(passes: Iterable[bytes], random: Callable[[int], bytes]) -> dict[str, bytes]:
    """Return a record that only the holders of these passes recognise; another one each time."""
    nonce = random(NONCE_SIZE)
    # The rest of the digest is chance too: by it is chosen who has no place this time.
    digests = sorted((_digest(one, nonce) for one in passes), key=lambda digest: digest[TAG_SIZE:])
    tags = [digest[:TAG_SIZE] for digest in digests[: SIZES[-1]]]
    size = next(size for size in SIZES if size >= len(tags))
    decoys = random((size - len(tags)) * TAG_SIZE)
    tags += [decoys[start : start + TAG_SIZE] for start in range(0, len(decoys), TAG_SIZE)]
    joined = b"".join(sorted(tags))
    parts = (joined[start : start + PART_SIZE] for start in range(0, len(joined), PART_SIZE))
    return {"v": VERSION, "r": nonce, **dict(zip(PARTS, parts, strict=False))}


def parse(txt: Mapping[str, bytes]) -> Beacon | None:
    """Read a record; None when it is none of ours, whatever else it may be.

    Unknown pairs are passed over, so that later versions can add some.
    """
    if txt.get("v") != VERSION or ("k" in txt) == ("r" in txt):
        return None
    return _parse_open(txt) if "k" in txt else _parse_veiled(txt)


def matches(beacon: VeiledBeacon, passes: Mapping[PeerId, bytes]) -> PeerId | None:
    """Return whose record this may be, given the pass that each of them made for us."""
    for peer, one in passes.items():
        if _digest(one, beacon.nonce)[:TAG_SIZE] in beacon.tags:
            return peer
    return None


def _parse_open(txt: Mapping[str, bytes]) -> OpenBeacon | None:
    key, name = txt["k"], txt.get("n", b"")
    if len(key) != ADDRESS_SIZE or len(name) > MAX_NAME:
        return None
    try:
        address = key.decode("ascii")
        peer = PeerId.from_address(address)
        # An address may be typed in many ways; here it has one.
        return OpenBeacon(peer, name.decode()) if peer.address == address else None
    except (UnicodeDecodeError, BadAddress):
        return None


def _parse_veiled(txt: Mapping[str, bytes]) -> VeiledBeacon | None:
    nonce = txt["r"]
    parts = [txt[part] for part in PARTS if part in txt]
    size = sum(map(len, parts))
    if len(nonce) != NONCE_SIZE or size not in (TAG_SIZE * count for count in SIZES):
        return None
    joined = b"".join(parts)
    # All parts but the last are full, and none is left out.
    if any(
        txt.get(part, b"") != joined[start * PART_SIZE : (start + 1) * PART_SIZE]
        for start, part in enumerate(PARTS)
    ):
        return None
    return VeiledBeacon(
        nonce, frozenset(joined[start : start + TAG_SIZE] for start in range(0, size, TAG_SIZE))
    )


def _digest(one: bytes, nonce: bytes) -> bytes:
    mac = HMAC(one, SHA256())
    mac.update(nonce)
    return mac.finalize()

"""Whom a member keeps a link to for a group's sake, besides their contacts in it.

All members stand on a ring, in the order of SHA-256(gid || key), which everybody works out alike:
the three nearest on each side that can be reached, and in a large group a few at a distance of a
half, a quarter, an eighth ... of the ring, so that news needs few steps around it.
"""

import hashlib
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Final

from identity import PeerId

EACH_SIDE: Final = 3
LARGE: Final = 100  # members; beyond, those at a distance are added


def around(gid: bytes, me: PeerId, members: Collection[PeerId]) -> list[PeerId]:
    """The others, in the order of the ring, from the one behind me on."""
    everyone, places = _ring(gid, frozenset((*members, me)))
    at = places[me]
    return [*everyone[at + 1 :], *everyone[:at]]


@lru_cache(maxsize=16)  # members change seldom, and each event that is passed on asks
def _ring(gid: bytes, members: frozenset[PeerId]) -> tuple[list[PeerId], dict[PeerId, int]]:
    everyone = sorted(members, key=lambda peer: hashlib.sha256(gid + peer).digest())
    return everyone, {peer: at for at, peer in enumerate(everyone)}


def neighbours(
    gid: bytes, me: PeerId, members: Collection[PeerId], is_lost: Callable[[PeerId], bool]
) -> list[PeerId]:
    """Whom to keep a link to, without those that ``is_lost`` says cannot be reached now."""
    others = [peer for peer in around(gid, me, members) if not is_lost(peer)]
    chosen = [*others[:EACH_SIDE], *others[-EACH_SIDE:]]
    if len(members) > LARGE:
        distance = len(others) // 2
        while distance > EACH_SIDE:
            chosen.append(others[distance])
            distance //= 2
    return list(dict.fromkeys(chosen))

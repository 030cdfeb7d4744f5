"""What goes to somebody next, of all that they lack; and what may be said of it to whom.

plan      the rows that they lack, in the order of the history
batch     as many of them as fit into one record
vector    the last of each author's events, in as many records as it takes
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from engine.protocol.grouprecords import MAX_IDS, MAX_TIPS, GroupVector, Tip
from engine.protocol.groupshelf import Shelf
from identity import PeerId

BATCH: Final = 60_000  # bytes of events in one record
_READ_AHEAD: Final = 16  # rows that are read at a time: one may be as large as the record


def next_batch(shelf: Shelf, peer: PeerId, plan: dict[int, None]) -> list[bytes]:
    """The next events for ``peer``, as they may see them, which are taken off the plan."""
    batch: list[bytes] = []
    size = 0
    while rows := list(islice(plan, min(_READ_AHEAD, MAX_IDS - len(batch)))):
        for row, wire in zip(rows, shelf.wires(peer, rows), strict=True):
            if batch and size + len(wire) > BATCH:
                return batch
            batch.append(wire)
            size += len(wire)
            del plan[row]
    return batch


def in_common(shelf: Shelf, tips: Sequence[Tip]) -> list[Tip]:
    """Those of somebody's tips that we have, too: naming them tells them nothing new."""
    known = shelf.known(tip.id for tip in tips)
    return [tip for tip in tips if tip.id in known]


def vector(gid: bytes, base: bytes | None, tips: Sequence[Tip]) -> Iterator[GroupVector]:
    """``tips`` as records; at least one, which may be empty."""
    for at in range(0, max(1, len(tips)), MAX_TIPS):
        part = tuple(tips[at : at + MAX_TIPS])
        yield GroupVector(gid, base, at + MAX_TIPS < len(tips), part)

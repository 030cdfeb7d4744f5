"""The records by which members of a group bring each other up to date: types and exact bodies.

    32 GROUP_STATE   [gid, digest, yours, end]          what I have; how many of your events
    33 GROUP_VECTOR  [gid, base | null, more, tips]     each author's last events: send the rest
    34 GROUP_EVENTS  [gid, [wire, ...]]                 events, causes first
    35 GROUP_WANT    [gid, [id, ...]]                   send these; none named: your whole vector
    36 GROUP_IDS     [gid, [id, ...]]                   I have these, new: ask if you want them

A tip is ``[author, seq, id]``; whoever signed two events under one number has several. What they
lead to is in groupsync.py (PROTOCOL.md, section 6).
"""

from dataclasses import dataclass
from typing import Any, Final

import msgpack

from engine.protocol import strict
from engine.protocol.errors import BadRecord

GROUP_STATE: Final = 32
GROUP_VECTOR: Final = 33
GROUP_EVENTS: Final = 34
GROUP_WANT: Final = 35
GROUP_IDS: Final = 36

HASH_SIZE: Final = 32  # bytes
MAX_IDS: Final = 256  # in one record
MAX_TIPS: Final = 800  # in one record: 60 kB
MAX_EVENTS: Final = 256  # in one record
MAX_WIRES: Final = 62_100  # bytes of all events in one record
_MAX_WIRE: Final = 62_000  # bytes (groupevent.MAX_WIRE)
_MAX_INTEGER: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Tip:
    """The last event of an author that somebody holds."""

    author: bytes
    seq: int
    id: bytes


@dataclass(frozen=True, slots=True)
class GroupState:
    gid: bytes
    digest: bytes
    yours: int  # the highest number among the receiver's events that the sender holds
    end: bool  # all that was asked for by a vector has been sent


@dataclass(frozen=True, slots=True)
class GroupVector:
    gid: bytes
    base: bytes | None  # a digest both held: only authors heard since are named
    more: bool  # another part follows
    tips: tuple[Tip, ...]


@dataclass(frozen=True, slots=True)
class GroupEvents:
    gid: bytes
    wires: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"GroupEvents({len(self.wires)} events)"


@dataclass(frozen=True, slots=True)
class GroupWant:
    gid: bytes
    ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class GroupIds:
    gid: bytes
    ids: tuple[bytes, ...]


GroupRecord = GroupState | GroupVector | GroupEvents | GroupWant | GroupIds

_pack = msgpack.Packer(use_bin_type=True, autoreset=True).pack


def encode(record: GroupRecord) -> tuple[int, bytes]:
    """The type and body of ``record``, ready for Channel.send."""
    match record:
        case GroupState(gid, digest, yours, end):
            return GROUP_STATE, _pack((gid, digest, yours, end))
        case GroupVector(gid, base, more, tips):
            packed = [(tip.author, tip.seq, tip.id) for tip in tips]
            return GROUP_VECTOR, _pack((gid, base, more, packed))
        case GroupEvents(gid, wires):
            return GROUP_EVENTS, _pack((gid, wires))
        case GroupWant(gid, ids):
            return GROUP_WANT, _pack((gid, ids))
        case GroupIds(gid, ids):
            return GROUP_IDS, _pack((gid, ids))


def decode(kind: int, body: bytes) -> GroupRecord:
    """What a received record of one of the five types says. Raises BadRecord."""
    match kind, strict.unpack(body, array=MAX_TIPS, binary=_MAX_WIRE):
        case 32, [gid, digest, yours, bool(end)] if (
            _is_hash(gid) and _is_hash(digest) and _is_int(yours)
        ):
            return GroupState(gid, digest, yours, end)
        case 33, [gid, base, bool(more), [*tips]] if (
            _is_hash(gid) and (base is None or _is_hash(base)) and len(tips) <= MAX_TIPS
        ):
            return GroupVector(gid, base, more, tuple(_tip(one) for one in tips))
        case 34, [gid, [*wires]] if _is_hash(gid) and _are_wires(wires):
            return GroupEvents(gid, tuple(wires))
        case 35 | 36, [gid, [*ids]] if (
            _is_hash(gid) and len(ids) <= MAX_IDS and all(map(_is_hash, ids))
        ):
            return (GroupWant if kind == GROUP_WANT else GroupIds)(gid, tuple(ids))
        case _:
            raise BadRecord("malformed record of a group")


def _tip(value: Any) -> Tip:
    match value:
        case [author, seq, id_] if _is_hash(author) and _is_int(seq) and seq and _is_hash(id_):
            return Tip(author, seq, id_)
        case _:
            raise BadRecord("malformed tip in a vector")


def _are_wires(values: list[Any]) -> bool:
    if not 1 <= len(values) <= MAX_EVENTS:
        return False
    return all(type(one) is bytes and len(one) <= _MAX_WIRE for one in values)


def _is_hash(value: Any) -> bool:
    return strict.is_bytes(value, HASH_SIZE)


def _is_int(value: Any) -> bool:
    return strict.is_int(value, 0, _MAX_INTEGER)

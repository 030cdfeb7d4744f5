"""What an event about membership says: the exact bodies of the types below 16.

    1 CREATE  [name, nonce, own name, hints]    2 ADD   [who, role, name, hints, history]
    3 REMOVE  [who]                             4 ROLE  [who, role]
    5 LEAVE   []                                6 META  [name]

Hints say where somebody may be reached, as HOST:PORT.

A body that cannot be read, or is of a later version, says nothing: the event stands in the history
like any other and changes nobody's membership.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import msgpack

from engine.protocol import groupevent
from engine.protocol.groupevent import GroupEvent
from identity import PeerId

MAX_NAME: Final = 256  # bytes of UTF-8
MAX_HINTS: Final = 8
MAX_HINT: Final = 80  # bytes
NONCE_SIZE: Final = 16  # bytes


class Role(IntEnum):
    """What somebody may do. The values are on the wire, the least privilege first."""

    MEMBER = 0
    ADMIN = 1


@dataclass(frozen=True, slots=True)
class Add:
    target: PeerId
    role: Role
    name: str  # what they are called, by who added them
    hints: tuple[str, ...]  # where they may be reached
    history: bool  # they get what was said before


def create_body(name: str, nonce: bytes, own_name: str = "", hints: Sequence[str] = ()) -> bytes:
    packed: bytes = msgpack.packb([name, nonce, own_name, list(hints)])
    return packed


def add_body(add: Add) -> bytes:
    fields = [bytes(add.target), int(add.role), add.name, list(add.hints), add.history]
    packed: bytes = msgpack.packb(fields)
    return packed


def remove_body(target: PeerId) -> bytes:
    packed: bytes = msgpack.packb([bytes(target)])
    return packed


def role_body(target: PeerId, role: Role) -> bytes:
    packed: bytes = msgpack.packb([bytes(target), int(role)])
    return packed


def name_body(name: str) -> bytes:
    packed: bytes = msgpack.packb([name])
    return packed


def leave_body() -> bytes:
    return b"\x90"


def meaning(event: GroupEvent) -> Any:
    """What the body says; None when it cannot be read, or is of a later version."""
    return meaning_of(event.type, event.body)


def meaning_of(event_type: int, body: bytes) -> Any:
    try:
        values = msgpack.unpackb(
            body,
            raw=False,
            max_array_len=MAX_HINTS,
            max_map_len=0,
            max_ext_len=0,
            max_str_len=MAX_NAME,
            max_bin_len=groupevent.HASH_SIZE,
        )
    except (ValueError, msgpack.UnpackException, RecursionError):
        return None
    match event_type, values:
        case (groupevent.CREATE, [str(name), bytes(nonce), str(own), [*hints]]):
            if len(nonce) == NONCE_SIZE and all(map(_is_hint, hints)):
                return [name, own, tuple(hints)]
        case (groupevent.ADD, [bytes(target), int(role), str(name), [*hints], bool(history)]):
            if _is_role(role) and _is_peer(target) and all(map(_is_hint, hints)):
                return Add(PeerId(target), Role(role), name, tuple(hints), history)
        case (groupevent.REMOVE, [bytes(target)]) if _is_peer(target):
            return [PeerId(target)]
        case (groupevent.ROLE, [bytes(target), int(role)]):
            if _is_role(role) and _is_peer(target):
                return [PeerId(target), Role(role)]
        case (groupevent.LEAVE, []):
            return []
        case (groupevent.META, [str(name)]):
            return [name]
    return None


def _is_peer(value: bytes) -> bool:
    return len(value) == groupevent.HASH_SIZE


def _is_role(value: Any) -> bool:
    return type(value) is int and value in (0, 1)  # true and false are integers to Python


def _is_hint(value: Any) -> bool:
    return type(value) is str and len(value.encode()) <= MAX_HINT

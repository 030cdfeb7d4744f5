"""What somebody tells of their attention: what they have looked at, and that they are writing.

    12 SEEN    [gid | nil, id]    I looked at what you said here, up to this message of yours
    13 TYPING  [gid | nil, on]    I am writing something in this chat, or not any more

``gid`` is the group's; nil: our own chat. Both are told only by who wants to, to people who are
linked now, and change nothing but what is shown: a SEEN is told again on every link, the latest
alone, and nothing waits for either. (PROTOCOL.md, section 3.9.)
"""

from dataclasses import dataclass
from typing import Any, Final

import msgpack

from engine.protocol.errors import BadRecord

SEEN: Final = 12
TYPING: Final = 13
ID_SIZE: Final = 16  # bytes
GID_SIZE: Final = 32  # bytes


@dataclass(frozen=True, slots=True)
class Seen:
    gid: bytes | None
    id: bytes


@dataclass(frozen=True, slots=True)
class Typing:
    gid: bytes | None
    on: bool


AttentionRecord = Seen | Typing

_pack = msgpack.Packer(use_bin_type=True, autoreset=True).pack


def encode(record: AttentionRecord) -> tuple[int, bytes]:
    """The type and body of ``record``, ready for Channel.send."""
    match record:
        case Seen(gid, id_):
            return SEEN, _pack((gid, id_))
        case Typing(gid, on):
            return TYPING, _pack((gid, on))


def decode(kind: int, body: bytes) -> AttentionRecord:
    """What a received record of one of the two types says. Raises BadRecord."""
    try:
        values: Any = msgpack.unpackb(
            body, max_array_len=2, max_map_len=0, max_ext_len=0, max_str_len=0, max_bin_len=GID_SIZE
        )
    except (ValueError, msgpack.UnpackException, RecursionError):
        raise BadRecord("a record's body is not msgpack") from None
    match kind, values:
        case 12, [gid, bytes(id_)] if _is_chat(gid) and len(id_) == ID_SIZE:
            return Seen(gid, id_)
        case 13, [gid, bool(on)] if _is_chat(gid):
            return Typing(gid, on)
        case _:
            raise BadRecord("malformed record of somebody's attention")


def _is_chat(gid: Any) -> bool:
    return gid is None or (type(gid) is bytes and len(gid) == GID_SIZE)

"""The two records by which a contact is asked whether our port can be reached from there.

    24 DIAL_BACK [token]            please connect to where my connection comes from
    25 DIALLED   [token, result]    0 connected, 1 refused, 2 timeout, 3 unreachable, 4 not done

No address and no port is named: there is nothing in it that could be aimed at somebody else. The
token, 8 random bytes, only tells the answer to one question from that to another (PROTOCOL.md,
section 3.8).
"""

import enum
from dataclasses import dataclass
from typing import Final

import msgpack

from engine.protocol import strict
from engine.protocol.errors import BadRecord

DIAL_BACK: Final = 24
DIALLED: Final = 25
TOKEN_SIZE: Final = 8  # bytes


class Result(enum.IntEnum):
    """What came of the call. The values are on the wire."""

    CONNECTED = 0
    REFUSED = 1
    TIMEOUT = 2
    UNREACHABLE = 3
    NOT_DONE = 4  # too often, or there is nowhere to call


@dataclass(frozen=True, slots=True)
class DialBack:
    token: bytes


@dataclass(frozen=True, slots=True)
class Dialled:
    token: bytes
    result: Result


DialBackRecord = DialBack | Dialled

_pack = msgpack.Packer(use_bin_type=True, autoreset=True).pack


def encode(record: DialBackRecord) -> tuple[int, bytes]:
    """The type and body of ``record``, ready for Channel.send."""
    match record:
        case DialBack(token):
            return DIAL_BACK, _pack((token,))
        case Dialled(token, result):
            return DIALLED, _pack((token, int(result)))


def decode(kind: int, body: bytes) -> DialBackRecord:
    """What a received record of one of the two types says. Raises BadRecord."""
    match kind, strict.unpack(body, array=2, binary=TOKEN_SIZE):
        case 24, [token] if strict.is_bytes(token, TOKEN_SIZE):
            return DialBack(token)
        case 25, [token, result] if strict.is_bytes(token, TOKEN_SIZE) and strict.is_int(
            result, 0, max(Result)
        ):
            return Dialled(token, Result(result))
        case _:
            raise BadRecord("malformed record of a dial-back")

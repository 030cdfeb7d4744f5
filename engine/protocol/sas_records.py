"""The four records of a verification by emoji: their types and exact bodies.

    16 SAS_START   [commit]           I would like to compare emoji with you
    17 SAS_ANSWER  [commit, nonce]    my nonce for the run that this commit began
    18 SAS_REVEAL  [answer, nonce]    what I committed to, now that I hold your answer
    19 SAS_END     [commit, outcome]  0: that run is cancelled; 1: a person saw other emoji

Each answer names what it answers: a record of a run that was given up meanwhile then fits
nothing, instead of spoiling the next run. What they lead to is in sas.py (PROTOCOL.md, section 4).
"""

import enum
from dataclasses import dataclass, field
from typing import Any, Final

import msgpack

from engine.protocol import strict
from engine.protocol.errors import BadRecord
from engine.protocol.strict import is_bytes

SAS_START: Final = 16
SAS_ANSWER: Final = 17
SAS_REVEAL: Final = 18
SAS_END: Final = 19
COMMIT_SIZE: Final = 32  # bytes; a whole SHA-256: a shorter one could be opened in two ways
NONCE_SIZE: Final = 32  # bytes


class Outcome(enum.IntEnum):
    """How a run ended. The values are on the wire."""

    CANCELLED = 0
    DIFFERENT = 1


@dataclass(frozen=True, slots=True)
class SasStart:
    commit: bytes


@dataclass(frozen=True, slots=True)
class SasAnswer:
    commit: bytes
    nonce: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SasReveal:
    answer: bytes = field(repr=False)  # the nonce of the ANSWER
    nonce: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SasEnd:
    commit: bytes
    outcome: Outcome


SasRecord = SasStart | SasAnswer | SasReveal | SasEnd

_pack = msgpack.Packer(use_bin_type=True, autoreset=True).pack


def encode(record: SasRecord) -> tuple[int, bytes]:
    """The type and body of ``record``, ready for Channel.send."""
    match record:
        case SasStart(commit):
            return SAS_START, _pack((commit,))
        case SasAnswer(commit, nonce):
            return SAS_ANSWER, _pack((commit, nonce))
        case SasReveal(answer, nonce):
            return SAS_REVEAL, _pack((answer, nonce))
        case SasEnd(commit, outcome):
            return SAS_END, _pack((commit, outcome))


def decode(kind: int, body: bytes) -> SasRecord:
    """What a received record of one of the four types says. Raises BadRecord."""
    match kind, strict.unpack(body, array=2, binary=COMMIT_SIZE):
        case 16, [commit] if is_bytes(commit, COMMIT_SIZE):
            return SasStart(commit)
        case 17, [commit, nonce] if is_bytes(commit, COMMIT_SIZE) and is_bytes(nonce, NONCE_SIZE):
            return SasAnswer(commit, nonce)
        case 18, [answer, nonce] if is_bytes(answer, NONCE_SIZE) and is_bytes(nonce, NONCE_SIZE):
            return SasReveal(answer, nonce)
        case 19, [commit, outcome] if is_bytes(commit, COMMIT_SIZE) and _is_outcome(outcome):
            return SasEnd(commit, Outcome(outcome))
        case _:
            raise BadRecord("malformed record of a verification")


def _is_outcome(value: Any) -> bool:
    return type(value) is int and value in (0, 1)  # a boolean is none, though it compares equal

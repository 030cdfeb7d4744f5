"""What a message holds: the kinds, and the exact bytes of each kind's body.

    1 text    msgpack [text]  or  [text, id of the message it answers]

A kind this version does not know, or a body it cannot read, is still stored, acknowledged and shown
as "cannot be shown here": a message from a newer program must not block the ones behind it.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgpack

from engine.protocol.errors import LocalProtocolError
from engine.protocol.records import ID_SIZE

TEXT: Final = 1
MAX_TEXT: Final = 60_000  # bytes of UTF-8


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    reply_to: bytes | None = None

    def __repr__(self) -> str:
        return f"Text({len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A kind or a body that cannot be shown here."""


def encode_text(text: str, reply_to: bytes | None = None) -> bytes:
    """The body of a text. Raises LocalProtocolError for what ``decode`` would not read."""
    if reply_to is not None and len(reply_to) != ID_SIZE:
        raise LocalProtocolError(f"an id of {len(reply_to)} bytes, not {ID_SIZE}")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise LocalProtocolError("the text holds half a character (a lone surrogate)") from None
    if size > MAX_TEXT:
        raise LocalProtocolError(f"a text of {size} bytes, limit {MAX_TEXT}")
    packed: bytes = msgpack.packb([text] if reply_to is None else [text, reply_to])
    return packed


def decode(kind: int, body: bytes) -> Text | Unreadable:
    """What ``body`` says. Never raises: what cannot be read is Unreadable."""
    if kind != TEXT:
        return Unreadable()
    try:
        values: Any = msgpack.unpackb(body, raw=False, max_array_len=4, max_map_len=0)
    except (ValueError, msgpack.UnpackException, RecursionError):
        return Unreadable()
    match values:
        case [str(text)] if len(text.encode()) <= MAX_TEXT:
            return Text(text)
        case [str(text), bytes(reply_to)] if (
            len(reply_to) == ID_SIZE and len(text.encode()) <= MAX_TEXT
        ):
            return Text(text, reply_to)
        case _:
            return Unreadable()

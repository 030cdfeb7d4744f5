"""What a message holds: the kinds, and the exact bytes of each kind's body.

    1 text    msgpack [text]  or  [text, id it answers]
              or  [text, id it answers | nil, forwarded, timer, mentions]
    2 edit    msgpack [target, text, mentions]       another text for one's own message
    3 delete  msgpack [target, edits]                one's own message, and what it was edited to
    4 react   msgpack [target, emoji]                "" takes the last one back
    5 pin     msgpack [target, on]
    6 timer   msgpack [seconds]                      how long what is sent from now on stays; 0 ever
    8 gone    msgpack []  or  [target]               deleted before it was sent; a line, or an act

    mentions  [[start, length, public key], ...]     parts of the text, in code points

Kinds 2 to 5 (and 8 with a target) act upon another message and are no line of the chat (life.py
says what comes of them). A kind this version does not know, or a body it cannot read, is still
stored, acknowledged and shown as "cannot be shown here": a message from a newer program must not
block the ones behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgpack

from engine.protocol.errors import LocalProtocolError
from engine.protocol.records import ID_SIZE
from identity import PeerId

TEXT: Final = 1
EDIT: Final = 2
DELETE: Final = 3
REACT: Final = 4
PIN: Final = 5
TIMER: Final = 6
GONE: Final = 8

ACTS: Final = frozenset({EDIT, DELETE, REACT, PIN})  # upon another message

MAX_TEXT: Final = 60_000  # bytes of UTF-8
MAX_MENTIONS: Final = 16  # in one text
MAX_EDITS: Final = 64  # of one message
MAX_EMOJI: Final = 64  # bytes of UTF-8
MAX_SIGNS: Final = 16  # code points of one emoji
MAX_TIMER: Final = 31_536_000  # seconds: a year
KEY_SIZE: Final = 32  # bytes
_PLAIN: Final = (b"\x91", b"\x92")  # how a body of one or two values begins


@dataclass(frozen=True, slots=True)
class Mention:
    """Part of a text that names somebody, in code points."""

    start: int
    length: int
    peer: PeerId


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    reply_to: bytes | None = None
    forwarded: bool = False
    timer: int = 0  # seconds; in a group its event tells
    mentions: tuple[Mention, ...] = ()

    def __repr__(self) -> str:
        return f"Text({len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Edit:
    target: bytes
    text: str
    mentions: tuple[Mention, ...] = ()

    def __repr__(self) -> str:
        return f"Edit({len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Delete:
    target: bytes
    edits: tuple[bytes, ...] = ()  # ids of what it was edited to: their words go as well


@dataclass(frozen=True, slots=True)
class React:
    target: bytes
    emoji: str

    def __repr__(self) -> str:
        return "React()"


@dataclass(frozen=True, slots=True)
class Pin:
    target: bytes
    on: bool


@dataclass(frozen=True, slots=True)
class Timer:
    seconds: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Its author deleted it before anybody had it: a line, or what acted upon ``target``."""

    target: bytes | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A kind or a body that cannot be shown here."""


Act = Edit | Delete | React | Pin
Content = Text | Act | Timer | Gone | Unreadable


def encode(content: Text | Act | Timer | Gone) -> tuple[int, bytes]:
    """The kind and the body. Raises LocalProtocolError for what ``decode`` would not read."""
    if isinstance(content, Text) and content == Text(content.text, content.reply_to):
        return TEXT, encode_text(content.text, content.reply_to)
    kind, values = _values(content)
    try:
        body: bytes = msgpack.packb(values)
    except UnicodeEncodeError:
        raise LocalProtocolError("the text holds half a character (a lone surrogate)") from None
    if decode(kind, body) != content:
        raise LocalProtocolError(f"a message of kind {kind} that nobody could read")
    return kind, body


def encode_text(text: str, reply_to: bytes | None = None) -> bytes:
    """The body of a plain text. Raises LocalProtocolError for what ``decode`` would not read."""
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


def decode(kind: int, body: bytes) -> Content:
    """What ``body`` says. Never raises: what cannot be read is Unreadable."""
    if kind not in _READERS:
        return Unreadable()
    try:
        values: Any = msgpack.unpackb(
            body, raw=False, max_array_len=MAX_EDITS, max_map_len=0, max_ext_len=0
        )
    except (ValueError, msgpack.UnpackException, RecursionError):
        return Unreadable()
    if type(values) is not list:
        return Unreadable()
    return _READERS[kind](values) or Unreadable()


def is_plain(kind: int, body: bytes) -> bool:
    """Say, without reading it, that this is a text without a time or a mention, if it can be read:
    as most messages are."""
    return kind == TEXT and body[:1] in _PLAIN


def is_act(content: Content) -> bool:
    """Say whether it acts upon another message, and is no line of its own."""
    return target_of(content) is not None


def target_of(content: Content) -> bytes | None:
    """The message that it acts upon; None for a line."""
    return content.target if isinstance(content, Act | Gone) else None


def _values(content: Text | Act | Timer | Gone) -> tuple[int, list[Any]]:
    match content:
        case Text(text, reply_to, forwarded, timer, mentions):
            return TEXT, [text, reply_to, forwarded, timer, _plain(mentions)]
        case Edit(target, text, mentions):
            return EDIT, [target, text, _plain(mentions)]
        case Delete(target, edits):
            return DELETE, [target, list(edits)]
        case React(target, emoji):
            return REACT, [target, emoji]
        case Pin(target, on):
            return PIN, [target, on]
        case Timer(seconds):
            return TIMER, [seconds]
        case Gone(target):
            return GONE, [] if target is None else [target]


def _plain(mentions: Sequence[Mention]) -> list[list[Any]]:
    return [[one.start, one.length, bytes(one.peer)] for one in mentions]


def _text(values: list[Any]) -> Content | None:
    match values:
        case [str(text)] if _fits(text):
            return Text(text)
        case [str(text), bytes(reply_to)] if _fits(text) and len(reply_to) == ID_SIZE:
            return Text(text, reply_to)
        case [str(text), reply_to, bool(forwarded), timer, list(said)] if _fits(text):
            mentions = _mentions(said, text)
            is_reply = type(reply_to) is bytes and len(reply_to) == ID_SIZE
            if (reply_to is None or is_reply) and mentions is not None and _is_time(timer):
                return Text(text, reply_to, forwarded, timer, mentions)
    return None


def _edit(values: list[Any]) -> Content | None:
    match values:
        case [bytes(target), str(text), list(said)] if len(target) == ID_SIZE and _fits(text):
            mentions = _mentions(said, text)
            return None if mentions is None or not text else Edit(target, text, mentions)
    return None


def _delete(values: list[Any]) -> Content | None:
    match values:
        case [bytes(target), list(edits)] if len(target) == ID_SIZE:
            if all(type(one) is bytes and len(one) == ID_SIZE for one in edits):
                return Delete(target, tuple(edits))
    return None


def _react(values: list[Any]) -> Content | None:
    match values:
        case [bytes(target), str(emoji)] if len(target) == ID_SIZE and is_emoji(emoji):
            return React(target, emoji)
    return None


def _pin(values: list[Any]) -> Content | None:
    match values:
        case [bytes(target), bool(on)] if len(target) == ID_SIZE:
            return Pin(target, on)
    return None


def _timer(values: list[Any]) -> Content | None:
    match values:
        case [seconds] if _is_time(seconds):
            return Timer(seconds)
    return None


def _gone(values: list[Any]) -> Content | None:
    match values:
        case []:
            return Gone()
        case [bytes(target)] if len(target) == ID_SIZE:
            return Gone(target)
    return None


_READERS: Final = {
    TEXT: _text, EDIT: _edit, DELETE: _delete, REACT: _react, PIN: _pin, TIMER: _timer, GONE: _gone,
}  # fmt: skip


def is_emoji(text: str) -> bool:
    """Say whether this may be a reaction: short, and neither letters nor room. Which signs are
    emoji changes with every year, and two programs must not differ on it."""
    if len(text) > MAX_SIGNS or len(text.encode()) > MAX_EMOJI:
        return False
    return not any(sign <= " " or (sign.isascii() and sign.isalpha()) for sign in text)


def _fits(text: str) -> bool:
    return len(text.encode()) <= MAX_TEXT


def _is_time(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_TIMER


def _mentions(said: list[Any], text: str) -> tuple[Mention, ...] | None:
    """None for what cannot be parts of the text, one behind the other."""
    if len(said) > MAX_MENTIONS:
        return None
    found = []
    end = 0
    for one in said:
        match one:
            case [int(start), int(length), bytes(key)] if len(key) == KEY_SIZE:
                if type(start) is bool or type(length) is bool or start < end or length < 1:
                    return None
                end = start + length
                found.append(Mention(start, length, PeerId(key)))
            case _:
                return None
    return tuple(found) if end <= len(text) else None

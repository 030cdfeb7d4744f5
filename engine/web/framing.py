"""Cut a byte stream into WebSocket messages, and make frames (RFC 6455, section 5). Pure.

     0        1        2                        2-10     6-14
    +--------+--------+------------------------+--------+----------------+
    | F RSV  | M  len | length, if len is 126  | mask   | payload        |
    | opcode |        | (16 bit) or 127 (64)   | 4 bytes| xor mask       |
    +--------+--------+------------------------+--------+----------------+

The library's reader allocates what a header announces, unmasks byte by byte and bounds nothing;
this one holds only what has arrived, and knows at the header whether it will ever be accepted.
What a client does wrong is a last `Failed` event, never an exception: the messages before it count.
"""

import codecs
import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.web import limits

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

NORMAL = 1000
GOING_AWAY = 1001
PROTOCOL_ERROR = 1002
UNSUPPORTED = 1003
NO_CODE = 1005  # never on the wire: the other side closed without giving one
BAD_TEXT = 1007
POLICY = 1008
TOO_BIG = 1009
TRY_AGAIN = 1013

_FIN = 0x80
_RESERVED = 0x70
_MASKED = 0x80
_NOT_UTF8 = "text that is not UTF-8"
_MAX_CONTROL = 125  # bytes (section 5.5)
_NEW_DECODER = codecs.getincrementaldecoder("utf-8")


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Binary:
    data: bytes


@dataclass(frozen=True, slots=True)
class Pinged:
    data: bytes


@dataclass(frozen=True, slots=True)
class Ponged:
    data: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """The other side said goodbye. Nothing comes after it."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The other side broke the rules; ``code`` is what our close frame says. The last event."""

    code: int
    reason: str


Event = Text | Binary | Pinged | Ponged | Closed | Failed


class _Broken(Exception):  # travels inside this file only
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.failed = Failed(code, reason)


class FrameReader:
    """A server's reading half: bytes in, events out."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.is_over = False  # Closed or Failed was told
        self._clock = clock
        self._buffer = bytearray()
        self._opcode = CONTINUATION  # of the message whose fragments are coming in
        self._texts: list[str] = []
        self._datas: list[bytes] = []
        self._fragments = 0
        self._size = 0
        self._decoder = _NEW_DECODER()
        self._control_from = 0.0  # start of the second in which control frames are counted
        self._control_frames = 0

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes from the network; return what they complete."""
        events: list[Event] = []
        if self.is_over:
            return events
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while not self.is_over:
                taken = self._read_frame(buffer, at, events)
                if not taken:
                    break
                at += taken
        except _Broken as broken:
            self.is_over = True
            events.append(broken.failed)
        if self.is_over:
            buffer.clear()
            self._texts.clear()
            self._datas.clear()
        else:
            del buffer[:at]
        return events

    def _read_frame(self, buffer: bytearray, at: int, events: list[Event]) -> int:
        """Read the frame at ``at``; return its length, 0 while it is not all there."""
        here = len(buffer) - at
        if here < 2:
            return 0
        first, second = buffer[at], buffer[at + 1]
        self._check_header(first, second)
        length = second & 0x7F
        start = 6
        if length > 125:
            start = 8 if length == 126 else 14
            if here < start - 4:
                return 0
            announced = length
            length = int.from_bytes(buffer[at + 2 : at + start - 4], "big")
            if length <= (125 if announced == 126 else 0xFFFF):
                raise _Broken(PROTOCOL_ERROR, "a length in more bytes than it needs")
            if length >> 63:
                raise _Broken(PROTOCOL_ERROR, "a length beyond 63 bits")
        # The announced size is judged before the first of its bytes is waited for.
        if self._size + length > limits.MAX_JSON:
            raise _Broken(TOO_BIG, f"a message is at most {limits.MAX_JSON} bytes")
        end = start + length
        if here < end:
            return 0
        payload = unmask(buffer[at + start : at + end], buffer[at + start - 4 : at + start])
        opcode = first & 0x0F
        if opcode < CLOSE:
            self._take_data(opcode, bool(first & _FIN), payload, events)
        else:
            self._take_control(opcode, payload, events)
        return end

    def _check_header(self, first: int, second: int) -> None:
        if first & _RESERVED:
            raise _Broken(PROTOCOL_ERROR, "a reserved bit is set")
        if not second & _MASKED:
            raise _Broken(PROTOCOL_ERROR, "a client's frames are masked")
        opcode = first & 0x0F
        if opcode in (TEXT, BINARY):
            if self._opcode != CONTINUATION:
                raise _Broken(PROTOCOL_ERROR, "a new message inside another")
        elif opcode == CONTINUATION:
            if self._opcode == CONTINUATION:
                raise _Broken(PROTOCOL_ERROR, "a fragment of no message")
        elif opcode not in (CLOSE, PING, PONG):
            raise _Broken(PROTOCOL_ERROR, "an unknown opcode")
        elif not first & _FIN or second & 0x7F > _MAX_CONTROL:
            raise _Broken(PROTOCOL_ERROR, "a control frame is one frame of at most 125 bytes")

    def _take_data(self, opcode: int, final: bool, payload: bytes, events: list[Event]) -> None:
        if opcode and final:  # a whole message in one frame: what browsers send
            events.append(Text(_decode(payload)) if opcode == TEXT else Binary(payload))
            return
        if opcode:
            self._opcode = opcode  # the decoder starts over with each final fragment
        self._fragments += 1
        self._size += len(payload)
        if self._fragments > limits.MAX_FRAGMENTS:
            raise _Broken(POLICY, f"a message is at most {limits.MAX_FRAGMENTS} frames")
        if self._opcode == TEXT:
            try:
                self._texts.append(self._decoder.decode(payload, final))
            except UnicodeDecodeError as error:
                raise _Broken(BAD_TEXT, _NOT_UTF8) from error
        else:
            self._datas.append(payload)
        if final:
            is_text = self._opcode == TEXT
            events.append(Text("".join(self._texts)) if is_text else Binary(b"".join(self._datas)))
            self._opcode, self._fragments, self._size = CONTINUATION, 0, 0
            self._texts.clear()
            self._datas.clear()

    def _take_control(self, opcode: int, payload: bytes, events: list[Event]) -> None:
        now = self._clock()
        if now - self._control_from >= 1.0:
            self._control_from, self._control_frames = now, 0
        self._control_frames += 1
        if self._control_frames > limits.MAX_CONTROL_FRAMES:
            raise _Broken(POLICY, "too many control frames")
        if opcode == PING:
            events.append(Pinged(payload))
        elif opcode == PONG:
            events.append(Ponged(payload))
        else:
            events.append(_closed(payload))
            self.is_over = True


def frame(opcode: int, payload: bytes) -> bytes:
    """Make one whole frame of a server.

    >>> frame(TEXT, b"hi")
    b'\\x81\\x02hi'
    """
    length = len(payload)
    if length <= 125:
        return bytes((_FIN | opcode, length)) + payload
    if length <= 0xFFFF:
        return bytes((_FIN | opcode, 126)) + length.to_bytes(2, "big") + payload
    return bytes((_FIN | opcode, 127)) + length.to_bytes(8, "big") + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """Make a close frame; NO_CODE makes the empty one. ``reason`` is cut to what fits."""
    if code == NO_CODE:
        return frame(CLOSE, b"")
    said = reason.encode()[: _MAX_CONTROL - 2].decode("utf-8", "ignore").encode()
    return frame(CLOSE, code.to_bytes(2, "big") + said)


def unmask(payload: bytes | bytearray, mask: bytes | bytearray) -> bytes:
    """Undo the client's mask (section 5.3), as one big number: a loop would hold up everybody.

    >>> unmask(b"\\x7f\\x9f\\x4d\\x51\\x58", b"\\x37\\xfa\\x21\\x3d")
    b'Hello'
    """
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(
        length, "little"
    )


def is_valid_close_code(code: int) -> bool:
    """Say whether a close frame may carry this code (section 7.4 and its register)."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1013 or 3000 <= code <= 4999


def _decode(payload: bytes) -> str:
    try:
        return str(payload, "utf-8")
    except UnicodeDecodeError as error:
        raise _Broken(BAD_TEXT, _NOT_UTF8) from error


def _closed(payload: bytes) -> Closed:
    if not payload:
        return Closed(NO_CODE, "")
    code = int.from_bytes(payload[:2], "big")
    if not is_valid_close_code(code):
        raise _Broken(PROTOCOL_ERROR, "no close code that may be sent")
    return Closed(code, _decode(payload[2:]))

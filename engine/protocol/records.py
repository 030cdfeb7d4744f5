"""The records two programs exchange inside an open channel: their types and exact bodies.

A record is a type and a body (frames.py glues them into frames). Each body is one msgpack array of
fixed length, decoded strictly: sizes before use, types before meaning, nothing after the end.

    1 HELLO    [stream, accepts, port, name, pass, your stream, your position]
    2 BYE      []                               an orderly end; without it a connection was lost
    3 PING     []          4 PONG []            a sign of life is asked for and given
    5 REQUEST  [id, lamport, ts, name, text]    a stranger would like to talk
    6 MESSAGE  [seq, id, kind, lamport, ts, body]
    7 ACK      [seq]                            all of your stream up to seq is on my disk
    8 - 11     kept for the channel's own renewal
   12 - 13     what somebody looked at, and that they are writing (attention.py)
   16 - 19     two people compare emoji (sas_records.py)
   24 - 25     a contact is asked to call us back (dialback_records.py)
   32 - 36     members bring each other up to date (grouprecords.py)

Types from 128 up that we do not know are ignored, so that the protocol can grow; below that they
end the connection (PROTOCOL.md, section 3.1).
"""

from dataclasses import dataclass
from typing import Any, Final

import msgpack

from engine.protocol import attention, dialback_records, grouprecords, sas_records, strict
from engine.protocol.attention import AttentionRecord, Seen, Typing
from engine.protocol.dialback_records import DialBack, DialBackRecord, Dialled
from engine.protocol.errors import BadRecord
from engine.protocol.grouprecords import (
    GroupEvents,
    GroupIds,
    GroupRecord,
    GroupState,
    GroupVector,
    GroupWant,
)
from engine.protocol.sas_records import SasAnswer, SasEnd, SasRecord, SasReveal, SasStart
from engine.protocol.strict import is_bytes, is_int, is_text

HELLO: Final = 1
BYE: Final = 2
PING: Final = 3
PONG: Final = 4
REQUEST: Final = 5
MESSAGE: Final = 6
ACK: Final = 7
FIRST_IGNORABLE: Final = 128

STREAM_SIZE: Final = 8  # bytes; one stream per start of the program
ID_SIZE: Final = 16  # bytes; random, so that two messages never share one
PASS_SIZE: Final = 16  # bytes
NO_STREAM: Final = bytes(STREAM_SIZE)
MAX_NAME: Final = 64 * 4  # bytes of UTF-8: 64 characters
MAX_REQUEST_TEXT: Final = 1_000 * 4  # bytes of UTF-8: 1,000 characters
MAX_BODY: Final = 61_000  # bytes; 60,000 of text, its packing, and a reply's id
MAX_INTEGER: Final = 2**53 - 1  # the page reads these numbers as doubles
MAX_TIME: Final = 253_402_300_799_999  # milliseconds: the end of the year 9999, and of calendars


@dataclass(frozen=True, slots=True)
class Hello:
    """The first record of each side, and again when ``accepts`` or ``name`` changes."""

    stream: bytes  # the sender's, new at every start of its program
    accepts: bool  # direct messages are welcome
    port: int  # where the sender listens, 0 when it does not
    name: str
    knock_pass: bytes  # for the receiver's next knock; empty when it gets none
    your_stream: bytes  # the receiver's stream that ``your_position`` speaks of
    your_position: int  # all up to here is on the sender's disk

    def __repr__(self) -> str:
        return f"Hello(accepts={self.accepts}, port={self.port})"


@dataclass(frozen=True, slots=True)
class Bye:
    pass


@dataclass(frozen=True, slots=True)
class Ping:
    pass


@dataclass(frozen=True, slots=True)
class Pong:
    pass


@dataclass(frozen=True, slots=True)
class Request:
    id: bytes  # the text becomes the message of this id once the request is accepted
    lamport: int
    ts: int  # milliseconds UTC by the sender's clock: for display only
    name: str
    text: str

    def __repr__(self) -> str:
        return f"Request({self.id.hex()}, {len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Message:
    seq: int
    id: bytes
    kind: int
    lamport: int
    ts: int
    body: bytes  # its meaning depends on ``kind`` (contents.py)

    def __repr__(self) -> str:
        return f"Message({self.id.hex()}, seq={self.seq}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True)
class Ack:
    seq: int


Body = (
    Hello
    | Bye
    | Ping
    | Pong
    | Request
    | Message
    | Ack
    | AttentionRecord
    | SasRecord
    | DialBackRecord
    | GroupRecord
)

_pack = msgpack.Packer(use_bin_type=True, autoreset=True).pack


def encode(record: Body) -> tuple[int, bytes]:
    """The type and body of ``record``, ready for Channel.send.

    The values are not looked at: whoever makes a record keeps its names and texts free of lone
    surrogates and everything within the limits above, or the peer will refuse it.
    """
    match record:
        case Message(seq, id_, kind, lamport, ts, body):
            return MESSAGE, _pack((seq, id_, kind, lamport, ts, body))
        case Ack(seq):
            return ACK, _pack((seq,))
        case Hello(stream, accepts, port, name, pass_, yours, position):
            return HELLO, _pack((stream, accepts, port, name, pass_, yours, position))
        case Request(id_, lamport, ts, name, text):
            return REQUEST, _pack((id_, lamport, ts, name, text))
        case Ping():
            return PING, b"\x90"
        case Pong():
            return PONG, b"\x90"
        case Bye():
            return BYE, b"\x90"
        case Seen() | Typing():
            return attention.encode(record)
        case SasStart() | SasAnswer() | SasReveal() | SasEnd():
            return sas_records.encode(record)
        case DialBack() | Dialled():
            return dialback_records.encode(record)
        case GroupState() | GroupVector() | GroupEvents() | GroupWant() | GroupIds():
            return grouprecords.encode(record)


def decode(kind: int, body: bytes) -> Body | None:
    """What a received record says; None for a type from the future that may be ignored.

    Raises BadRecord for everything an honest program would not send.
    """
    match kind:
        case 6:
            values = _unpack(body, 6)
            seq, id_, what, lamport, ts, content = values
            if not (
                is_int(seq, 1, MAX_INTEGER)
                and is_bytes(id_, ID_SIZE)
                and is_int(what, 0, 255)
                and is_int(lamport, 1, MAX_INTEGER)
                and is_int(ts, 0, MAX_TIME)
                and type(content) is bytes
                and len(content) <= MAX_BODY
            ):
                raise BadRecord("malformed message record")
            return Message(seq, id_, what, lamport, ts, content)
        case 7:
            (seq,) = _unpack(body, 1)
            if not is_int(seq, 0, MAX_INTEGER):
                raise BadRecord("malformed acknowledgement")
            return Ack(seq)
        case 1:
            return _hello(*_unpack(body, 7))
        case 5:
            id_, lamport, ts, name, text = _unpack(body, 5)
            if not (
                is_bytes(id_, ID_SIZE)
                and is_int(lamport, 1, MAX_INTEGER)
                and is_int(ts, 0, MAX_TIME)
                and is_text(name, MAX_NAME)
                and is_text(text, MAX_REQUEST_TEXT)
            ):
                raise BadRecord("malformed request")
            return Request(id_, lamport, ts, name, text)
        case 2 | 3 | 4:
            _unpack(body, 0)
            return Bye() if kind == BYE else Ping() if kind == PING else Pong()
        case 12 | 13:
            return attention.decode(kind, body)
        case 16 | 17 | 18 | 19:
            return sas_records.decode(kind, body)
        case 24 | 25:
            return dialback_records.decode(kind, body)
        case 32 | 33 | 34 | 35 | 36:
            return grouprecords.decode(kind, body)
        case _ if kind >= FIRST_IGNORABLE:
            return None
        case _:
            raise BadRecord(f"unknown record type {kind}")


def _hello(
    stream: Any, accepts: Any, port: Any, name: Any, pass_: Any, yours: Any, position: Any
) -> Hello:
    if not (
        is_bytes(stream, STREAM_SIZE)
        and type(accepts) is bool
        and is_int(port, 0, 65_535)
        and is_text(name, MAX_NAME)
        and type(pass_) is bytes
        and len(pass_) in (0, PASS_SIZE)
        and is_bytes(yours, STREAM_SIZE)
        and is_int(position, 0, MAX_INTEGER)
    ):
        raise BadRecord("malformed hello")
    return Hello(stream, accepts, port, name, pass_, yours, position)


def _unpack(body: bytes, length: int) -> list[Any]:
    return strict.unpack_list(body, length, array=16, text=MAX_REQUEST_TEXT, binary=MAX_BODY)

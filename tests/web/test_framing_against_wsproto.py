"""The frame reader beside another one: the same bytes must mean the same to both.

20,000 streams from a fixed seed: honest conversations, honest ones with a few bytes damaged, and
frames with everything chosen at random. Wherever one of the two sees a broken rule, so must the
other, at the same place and with the same close code.
"""

import random

import pytest
from wsproto.frame_protocol import FrameProtocol, Opcode, ParseFailed

from engine.web.framing import TOO_BIG, Binary, Closed, Failed, FrameReader, Pinged, Ponged, Text
from tests.web.frames import client_frame

CASES = 20_000
PARTS = 20  # each its own test, so that a failure names its part
REST = bytes(70_000)  # more than a 16-bit length can ask for
WORDS = ["", "a", "halo", "apa kabar?", "ä", "中文", "😀", "x" * 125, "y" * 126, "z" * 300]
CODES = [0, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1011, 1013, 1015, 1016, 2999]
CODES += [3000, 4000, 4999, 5000, 65_535]


def ours(pieces):
    reader = FrameReader(clock=lambda: 0.0)
    events = []
    for piece in pieces:
        events += reader.receive_data(piece)
    return [told(event) for event in events]


def told(event):
    match event:
        case Text(text):
            return "text", text
        case Binary(data):
            return "bytes", data
        case Pinged(data):
            return "ping", data
        case Ponged(data):
            return "pong", data
        case Closed(code, reason):
            return "close", code, reason
        case Failed(code, _):
            return "failed", code


def theirs(pieces):
    reader = FrameProtocol(client=False, extensions=[])
    names = {Opcode.TEXT: "text", Opcode.BINARY: "bytes", Opcode.PING: "ping", Opcode.PONG: "pong"}
    events = []
    parts = []
    try:
        for piece in pieces:
            reader.receive_bytes(piece)
            for frame in reader.received_frames():
                if frame.opcode is Opcode.CLOSE:
                    return [*events, ("close", int(frame.payload[0]), frame.payload[1])]
                if frame.opcode.iscontrol():
                    events.append((names[frame.opcode], frame.payload))
                    continue
                parts.append(frame.payload)
                if frame.message_finished:
                    events.append((names[frame.opcode], parts[0][:0].join(parts)))
                    parts = []
    except ParseFailed as error:
        events.append(("failed", int(error.code)))
    return events


def agree(mine, other):
    # We bound a message; they wait for what was announced.
    if mine[-1:] == [("failed", TOO_BIG)]:
        return mine[:-1] == other[: len(mine) - 1]
    return mine == other


def conversation(chance):
    """A few honest frames."""
    frames = []
    for _ in range(chance.randint(1, 6)):
        match chance.randrange(6):
            case 0 | 1:
                frames.append(client_frame(0x1, chance.choice(WORDS).encode()))
            case 2:
                data = "".join(chance.choices(WORDS, k=3)).encode()
                first, second = sorted(chance.randint(0, len(data)) for _ in range(2))
                opcode = chance.choice((0x1, 0x2))
                frames.append(client_frame(opcode, data[:first], final=False))
                if chance.random() < 0.5:
                    frames.append(client_frame(0x9, chance.randbytes(chance.randrange(126))))
                frames.append(client_frame(0x0, data[first:second], final=False))
                frames.append(client_frame(0x0, data[second:]))
            case 3:
                frames.append(client_frame(0x2, chance.randbytes(chance.randrange(300))))
            case 4:
                frames.append(client_frame(chance.choice((0x9, 0xA)), b"?"))
            case 5 if chance.random() < 0.3:
                frames.append(client_frame(0x8, goodbye(chance)))
    return b"".join(frames)


def goodbye(chance):
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(2))
    reason = chance.choice((b"", b"bye", "später".encode(), b"\xff", b"\xe2\x82"))
    return chance.choice(CODES).to_bytes(2, "big") + reason


def damaged(chance):
    stream = bytearray(conversation(chance))
    for _ in range(chance.randint(1, 3)):
        if stream:
            at = chance.randrange(len(stream))
            match chance.randrange(3):
                case 0:
                    stream[at] = chance.randrange(256)
                case 1:
                    stream[at] ^= 1 << chance.randrange(8)
                case 2:
                    del stream[at]
    return bytes(stream)


def anything(chance):
    return b"".join(any_frame(chance) for _ in range(chance.randint(1, 4)))


def any_frame(chance):
    payload = chance.randbytes(chance.randrange(200))
    return client_frame(
        chance.choice((0, 0, 1, 1, 2, 8, 9, 10, chance.randrange(16))),
        goodbye(chance) if chance.random() < 0.2 else payload,
        final=chance.random() < 0.6,
        reserved=chance.choice((0, 0, 0, 0, 0, 0, 0, 0x10, 0x20, 0x40)),
        mask=None if chance.random() < 0.05 else chance.randbytes(4),
        length_bytes=chance.choice((None, None, None, None, None, 2, 8)),
    )


def cut(stream, chance):
    pieces = []
    while stream:
        size = chance.choice((1, 2, 3, 5, 17, 100, 1000))
        pieces.append(stream[:size])
        stream = stream[size:]
    return pieces


@pytest.mark.parametrize("part", range(PARTS))
def test_both_readers_see_the_same(part):
    chance = random.Random(f"frames {part}")
    seen, rests = set(), 0
    for _ in range(CASES // PARTS):
        stream = chance.choice((conversation, damaged, anything))(chance)
        pieces = cut(stream, chance)
        if not agree(ours(pieces), theirs(pieces)):
            # One of them may judge a frame by its beginning: let the rest of it come.
            pieces.append(REST)
        mine = ours(pieces)
        assert agree(mine, theirs(pieces)), stream.hex()
        seen |= {event[0] for event in mine}
        rests += REST in pieces
    # Otherwise the two would agree about nothing worth agreeing about.
    assert seen == {"text", "bytes", "ping", "pong", "close", "failed"}
    assert rests < CASES // PARTS // 4

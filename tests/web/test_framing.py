"""The frame reader: every rule of RFC 6455 that a client can break, and every bound of ours."""

import random

import pytest

from engine.web import framing
from engine.web.framing import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Binary,
    Closed,
    Failed,
    FrameReader,
    Pinged,
    Ponged,
    Text,
)
from engine.web.limits import MAX_CONTROL_FRAMES, MAX_FRAGMENTS, MAX_JSON
from tests.web.frames import MASK, client_frame


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def read(*frames, clock=None):
    return FrameReader(clock=clock or Clock()).receive_data(b"".join(frames))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 125, 126, 65_535, 65_536, MAX_JSON])
def test_a_text_of_any_allowed_size_arrives_whole(size):
    text = "".join(random.Random(size).choices("abc", k=size))
    assert read(client_frame(TEXT, text.encode())) == [Text(text)]


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_how_the_bytes_are_cut_makes_no_difference(piece):
    stream = (
        client_frame(TEXT, "häl".encode()[:2], final=False)
        + client_frame(PING, b"?")
        + client_frame(CONTINUATION, "häl".encode()[2:])
        + client_frame(BINARY, bytes(300))
        + client_frame(PONG, b"")
        + client_frame(CLOSE, b"\x03\xe8bye")
    )
    reader = FrameReader(clock=Clock())
    events = []
    for start in range(0, len(stream), piece):
        events += reader.receive_data(stream[start : start + piece])
    assert events == [
        Pinged(b"?"),
        Text("häl"),
        Binary(bytes(300)),
        Ponged(b""),
        Closed(1000, "bye"),
    ]


@pytest.mark.parametrize(
    ("code", "frames"),
    [
        (1002, [client_frame(TEXT, b"hi", mask=None)]),
        (1002, [client_frame(TEXT, b"hi", reserved=0x40)]),
        (1002, [client_frame(TEXT, b"hi", reserved=0x10)]),
        (1002, [client_frame(0x3, b"")]),
        (1002, [client_frame(0xB, b"")]),
        (1002, [client_frame(CONTINUATION, b"hi")]),
        (1002, [client_frame(TEXT, b"a", final=False), client_frame(TEXT, b"b")]),
        (1002, [client_frame(PING, b"", final=False)]),
        (1002, [client_frame(PING, bytes(126))]),
        (1002, [client_frame(TEXT, b"hi", length_bytes=2)]),
        (1002, [client_frame(TEXT, bytes(125), length_bytes=2)]),
        (1002, [client_frame(TEXT, bytes(65_535), length_bytes=8)]),
        (1002, [b"\x81\xff" + b"\x80" + bytes(7)]),
        (1002, [client_frame(CLOSE, b"\x03")]),
        (1002, [client_frame(CLOSE, (999).to_bytes(2, "big"))]),
        (1002, [client_frame(CLOSE, (1005).to_bytes(2, "big"))]),
        (1002, [client_frame(CLOSE, (1006).to_bytes(2, "big"))]),
        (1002, [client_frame(CLOSE, (2999).to_bytes(2, "big"))]),
        (1002, [client_frame(CLOSE, (5000).to_bytes(2, "big"))]),
        (1007, [client_frame(CLOSE, b"\x03\xe8\xff")]),
        (1007, [client_frame(TEXT, b"\xff")]),
        (1007, [client_frame(TEXT, b"\xed\xa0\x80")]),  # half of a surrogate pair
        (1007, [client_frame(TEXT, b"\xc0\xaf")]),  # longer than it needs to be
        (1007, [client_frame(TEXT, b"\xe2\x82")]),  # ends too early
        (1007, [client_frame(TEXT, b"\xe2\x82", final=False), client_frame(CONTINUATION, b"")]),
        (1007, [client_frame(TEXT, b"\xff", final=False)]),  # said at once, not at the end
        (1009, [client_frame(TEXT, bytes(MAX_JSON + 1))]),
        (
            1009,
            [client_frame(TEXT, bytes(MAX_JSON), final=False), client_frame(CONTINUATION, b"a")],
        ),
    ],
)
def test_who_breaks_the_rules_is_told_with_which_code(code, frames):
    # What came before was honest, what comes after is not looked at.
    events = read(client_frame(TEXT, b"before"), *frames, client_frame(TEXT, b"after"))
    assert events[0] == Text("before")
    assert isinstance(events[-1], Failed)
    assert events[-1].code == code
    assert len(events) == 2


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1011, 1013, 3000, 4999])
def test_a_goodbye_with_a_proper_code_is_a_goodbye(code):
    assert read(client_frame(CLOSE, code.to_bytes(2, "big") + "tschüß".encode())) == [
        Closed(code, "tschüß")
    ]
    assert read(client_frame(CLOSE, b"")) == [Closed(framing.NO_CODE, "")]


def test_a_huge_frame_is_refused_by_its_header_alone():
    reader = FrameReader(clock=Clock())
    header = b"\x81\xff" + (1 << 30).to_bytes(8, "big")
    [failed] = reader.receive_data(header)
    assert failed.code == 1009


def test_nothing_is_held_for_what_has_only_been_announced():
    reader = FrameReader(clock=Clock())
    assert reader.receive_data(client_frame(TEXT, bytes(MAX_JSON))[:20]) == []
    assert len(reader._buffer) == 20


def test_a_message_may_have_so_many_fragments_and_no_more():
    middle = [client_frame(CONTINUATION, b"b", final=False)] * (MAX_FRAGMENTS - 2)
    first, last = client_frame(TEXT, b"a", final=False), client_frame(CONTINUATION, b"c")
    assert read(first, *middle, last) == [Text("a" + "b" * (MAX_FRAGMENTS - 2) + "c")]
    [failed] = read(first, *middle, middle[0], last)
    assert failed.code == framing.POLICY


def test_the_count_of_fragments_starts_over_with_each_message():
    whole = [
        client_frame(TEXT, b"a", final=False),
        *[client_frame(CONTINUATION, b"", final=False)] * (MAX_FRAGMENTS - 2),
        client_frame(CONTINUATION, b""),
    ]
    assert read(*whole, *whole) == [Text("a"), Text("a")]


def test_control_frames_are_counted_by_the_second():
    clock = Clock()
    reader = FrameReader(clock=clock)
    pings = client_frame(PING, b"") * MAX_CONTROL_FRAMES
    for _ in range(3):
        clock.now += 1.0
        assert len(reader.receive_data(pings)) == MAX_CONTROL_FRAMES
    [failed] = reader.receive_data(client_frame(PONG, b""))
    assert failed.code == framing.POLICY


def test_after_the_end_nothing_is_read_and_nothing_kept():
    reader = FrameReader(clock=Clock())
    reader.receive_data(client_frame(CLOSE, b""))
    assert reader.receive_data(client_frame(TEXT, b"late") * 1000) == []
    assert len(reader._buffer) == 0


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 255, 4096, 70_000])
def test_unmasking_is_an_xor_by_bytes(size):
    data = random.Random(size).randbytes(size)
    expected = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(data))
    assert framing.unmask(data, MASK) == expected


def test_a_close_reason_is_cut_between_characters():
    sent = framing.close_frame(1008, "ä" * 100)
    assert sent[1] <= 125
    assert sent[4:].decode() == "ä" * 61

"""A hundred thousand damaged inputs to each parser of the web room, from fixed seeds.

None may raise anything but its own refusal, and what it lets through must be what it claims to be.
"""

import http.client
import io
import random
import re

import pytest

from engine.web import gate
from engine.web.framing import Closed, Failed, FrameReader
from engine.web.head import BadHead, read_head
from engine.web.limits import MAX_JSON
from tests.helpers import mutations
from tests.web.frames import client_frame
from tests.web.test_gate import CALLERS, HERE, OURS, PORT, STOPPED, asked, websocket

PARTS = range(10)
TIMES = 10_000  # in each part

HEADS = [
    "Host: 127.0.0.1:8000\r\nOrigin: http://127.0.0.1:8000\r\nContent-Length: 2\r\n\r\n",
    "Host: localhost:8000\r\nAuthorization: Bearer abc\r\nAccept: */*\r\n\r\n",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\nContent_Length: 6\r\n folded\r\n\r\n",
]


@pytest.mark.parametrize("part", PARTS)
def test_a_head_that_passes_says_the_same_to_the_next_parser(part):
    passed = 0
    for text in mutations(HEADS, TIMES, seed=part):
        data = text.encode("latin-1", "replace")
        try:
            head = read_head(io.BytesIO(data))
        except BadHead:
            continue
        passed += 1
        assert data.startswith(head)
        lines = head.split(b"\r\n")[:-2]
        parsed = http.client.parse_headers(io.BytesIO(head))
        assert not parsed.defects, head
        assert [name.encode("latin-1") for name in parsed] == [
            line.partition(b":")[0] for line in lines
        ]
        for name in ("host", "content-length", "transfer-encoding", "origin"):
            assert len(parsed.get_all(name, [])) <= 1
    assert TIMES // 100 < passed < TIMES


@pytest.mark.parametrize("part", PARTS)
def test_a_request_that_passes_is_ours_whatever_else_it_says(part):
    chance = random.Random(f"gate {part}")
    good = [asked(), asked("POST"), asked("DELETE", "/api/v1/people/x"), websocket()]
    good += [asked(path="/", secret=None), asked("POST", "/api/v1/session", secret=None)]
    bad = [environ for *_, environ in STOPPED]
    values = sorted({value for environ in good + bad for value in environ.values()})
    names = sorted({name for environ in good for name in environ})
    odd = mutations(values, TIMES, seed=100 + part)
    passed = 0
    for odd_value in odd:
        environ = dict(chance.choice(good))
        name = chance.choice(names)
        match chance.randrange(4):
            case 0 if name not in ("REQUEST_METHOD", "PATH_INFO"):
                environ.pop(name, None)
            case 1:
                environ[name] = chance.choice(values)
            case _:
                environ[name] = odd_value
        if gate.check(environ, port=PORT, caller_of=CALLERS.get) is not None:
            continue
        passed += 1
        assert environ["HTTP_HOST"] in (HERE, "localhost:8000")
        assert environ.get("HTTP_ORIGIN") in (None, OURS, "http://localhost:8000")
        assert environ["REQUEST_METHOD"] in gate.METHODS
        assert re.fullmatch(r"[A-Za-z0-9._~/-]+", environ["PATH_INFO"])
        assert ".." not in environ["PATH_INFO"].split("/")
        assert "HTTP_TRANSFER_ENCODING" not in environ
        assert int(environ.get("CONTENT_LENGTH", "0")) <= MAX_JSON
        if CALLERS.get(gate.secret_in(environ)) is None:
            assert re.match(r"/$|/static/|/favicon\.ico$|/api/v1/session$", environ["PATH_INFO"])
    assert TIMES // 100 < passed < TIMES


@pytest.mark.parametrize("part", PARTS)
def test_no_bytes_make_the_frame_reader_raise_or_hold_more_than_it_may(part):
    chance = random.Random(f"frames {part}")
    whole = [
        client_frame(opcode, payload, final=final)
        for opcode in (0x0, 0x1, 0x2, 0x8, 0x9, 0xA)
        for payload in (b"", b"hi", b"\x03\xe8", "ä中😀".encode(), bytes(126))
        for final in (True, False)
    ]
    endings = 0
    for _ in range(TIMES):
        stream = bytearray(b"".join(chance.choices(whole, k=chance.randint(1, 4))))
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(stream))
            stream[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
            stream = stream or bytearray(1)
        reader = FrameReader(clock=lambda: 0.0)
        cut = chance.randrange(len(stream) + 1)
        events = reader.receive_data(bytes(stream[:cut])) + reader.receive_data(bytes(stream[cut:]))
        over = [event for event in events if isinstance(event, Closed | Failed)]
        assert over == events[len(events) - len(over) :]
        assert len(over) <= 1
        assert reader.is_over == bool(over)
        assert len(reader._buffer) <= len(stream)
        endings += len(over)
    assert TIMES // 10 < endings < TIMES

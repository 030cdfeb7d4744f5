"""The request's head: read strictly, in a bounded size."""

import io

import pytest

from engine.web.head import BadHead, read_head
from engine.web.limits import MAX_HEAD, MAX_HEADERS

GOOD = b"Host: 127.0.0.1:8000\r\nAccept: */*\r\nX-Name:\xe4\r\nCookie: a\r\nCookie: b\r\n\r\n"


def test_a_plain_head_passes_as_it_is_and_nothing_behind_it_is_touched():
    source = io.BytesIO(GOOD + b"body")
    assert read_head(source) == GOOD
    assert source.read() == b"body"


@pytest.mark.parametrize(
    "line",
    [
        b"Host: a\n",  # no carriage return
        b"Host : a\r\n",
        b" folded\r\n",
        b"\tfolded\r\n",
        b"no colon\r\n",
        b": no name\r\n",
        b"Nul: \0\r\n",
        b"Return: a\rb\r\n",
        b"Bell: \x07\r\n",
        b"Sm\xf6rg: a\r\n",
        b"Content_Length: 5\r\n",
        b"Host: 127.0.0.1:8000\r\n",  # twice
        b"HOST: evil.test\r\n",
        b"Cut: off",
        b"",
    ],
)
def test_an_unusual_line_is_refused(line):
    with pytest.raises(BadHead) as caught:
        read_head(io.BytesIO(b"Host: 127.0.0.1:8000\r\n" + line + (b"\r\n" if line else b"")))
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "name",
    [
        b"Content-Length",
        b"Transfer-Encoding",
        b"Authorization",
        b"Origin",
        b"Sec-Fetch-Site",
        b"Sec-WebSocket-Key",
    ],
)
def test_what_must_be_certain_may_not_be_said_twice(name):
    with pytest.raises(BadHead):
        read_head(io.BytesIO(name + b": a\r\n" + name.lower() + b": b\r\n\r\n"))


def test_the_subprotocols_of_a_websocket_may_come_in_two_lines():
    lines = b"Sec-WebSocket-Protocol: p2pchat.v1\r\nSec-WebSocket-Protocol: auth.x\r\n\r\n"
    assert read_head(io.BytesIO(lines)) == lines


@pytest.mark.parametrize(
    "lines",
    [
        b"X: " + b"a" * MAX_HEAD + b"\r\n\r\n",
        (b"X: " + b"a" * 1000 + b"\r\n") * (MAX_HEAD // 900) + b"\r\n",
        b"X: a\r\n" * (MAX_HEADERS + 1) + b"\r\n",
    ],
)
def test_a_head_beyond_its_bounds_is_refused_before_it_is_held(lines):
    source = io.BytesIO(lines)
    with pytest.raises(BadHead) as caught:
        read_head(source)
    assert caught.value.status == 431
    assert source.tell() <= MAX_HEAD

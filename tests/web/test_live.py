"""Tabs of a running server: who gets one, what they are told, and what they may say."""

import base64
import hashlib
import json

import pytest
from websockets.sync.client import connect

from engine.web.framing import BINARY, CLOSE, TEXT
from engine.web.limits import MAX_JSON, MAX_TABS
from engine.web.live import TOO_MANY_TABS
from tests.helpers import until
from tests.web.fake_node import BOB
from tests.web.frames import client_frame
from tests.web.serving import Serving
from tests.web.tab import Tab
from tests.web.test_handler import check_headers


def send(ref, text="halo", chat=BOB, **more):
    return {"type": "message.send", "ref": ref, "chat": chat, "text": text, **more}


def test_the_answer_to_the_upgrade_is_as_the_protocol_has_it(serving):
    with Tab(serving, secret=serving.session()) as tab:
        assert tab.answer.status == 101
        accept = hashlib.sha1((tab.key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode())
        assert (
            tab.answer.headers["sec-websocket-accept"] == base64.b64encode(accept.digest()).decode()
        )
        assert tab.answer.headers["sec-websocket-protocol"] == "p2pchat.v1"
        assert "sec-websocket-extensions" not in tab.answer.headers
        assert "content-length" not in tab.answer.headers
        check_headers(tab.answer, serving.port)


def test_a_tab_is_greeted_with_who_we_are_and_the_number_of_the_last_event(serving):
    with Tab(serving) as tab:
        hello = tab.hear()
        assert hello["type"] == "hello"
        assert hello["me"]["name"] == "Alice"
        serving.tell("event")
        event = tab.hear()
        assert event["type"] == "request.added"
        assert event["request"]["name"] == "Dewi"
        assert event["seq"] == hello["seq"] + 1


def test_every_tab_gets_every_event_with_the_same_number(serving):
    with Tab(serving) as one, Tab(serving) as other:
        first = one.hear()["seq"]
        other.hear()
        for _ in range(3):
            serving.tell("event")
        told = [one.hear() for _ in range(3)]
        assert told == [other.hear() for _ in range(3)]
        assert [event["seq"] for event in told] == [first + 1, first + 2, first + 3]


@pytest.mark.parametrize(
    ("status", "lines"),
    [
        (403, ["Origin: http://evil.test"]),
        (403, ["Origin: null"]),
        (403, ["Sec-Fetch-Site: cross-site"]),
        (421, ["Host: evil.test"]),
        (401, ["Sec-WebSocket-Protocol: p2pchat.v1, auth.abc"]),
        (401, ["Sec-WebSocket-Protocol: p2pchat.v1"]),
        (400, ["Sec-WebSocket-Protocol:"]),
        (400, ["Sec-WebSocket-Key: abc"]),
        (426, ["Sec-WebSocket-Version: 8"]),
        (426, ["Upgrade: h2c"]),
    ],
)
def test_a_foreign_or_broken_upgrade_never_gets_a_101(serving, status, lines):
    with Tab(serving, *lines) as tab:
        assert tab.answer.status == status
        assert tab.answer.code
        check_headers(tab.answer, serving.port)


def test_a_page_secret_needs_its_page_and_a_script_needs_none(serving):
    with Tab(serving, "Origin:", secret=serving.session()) as tab:
        assert tab.answer.status == 403
    with Tab(serving, "Origin:") as tab:
        assert tab.answer.status == 101


def test_a_frame_that_came_along_with_the_request_is_not_lost(serving):
    head = (
        f"GET /ws HTTP/1.1\r\nHost: {serving.host}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n"
        f"Sec-WebSocket-Protocol: p2pchat.v1, auth.{serving.token}\r\n\r\n"
    ).encode()
    early = client_frame(TEXT, json.dumps(send("early")).encode())
    with serving.connect() as sock:
        sock.sendall(head + early)
        heard = b""
        while b"message.accepted" not in heard:
            heard += sock.recv(65_536)
        assert b'"ref":"early"' in heard


@pytest.mark.parametrize(
    ("code", "data"),
    [
        (1003, client_frame(BINARY, b"{}")),
        (1002, client_frame(TEXT, b"{}", mask=None)),
        (1009, client_frame(TEXT, bytes(MAX_JSON + 1))),
        (1000, client_frame(CLOSE, b"\x03\xe8")),
    ],
)
def test_the_end_of_a_tab_says_why(serving, code, data):
    with Tab(serving) as tab:
        tab.hear()
        tab.sendall(data)
        assert tab.hear_goodbye()[0] == code


def test_the_reason_arrives_though_much_was_still_unread(serving):
    # Closed over unread bytes, the kernel would send a reset and forget our last words.
    for _ in range(20):
        with Tab(serving) as tab:
            tab.hear()
            tab.sendall(b"\x81\xff" + (1 << 30).to_bytes(8, "big") + bytes(1_000_000))
            assert tab.hear_goodbye()[0] == 1009


def test_one_tab_too_many_is_told_so_and_a_closed_one_makes_room(serving):
    tabs = [Tab(serving) for _ in range(MAX_TABS)]
    try:
        for tab in tabs:
            tab.hear()
        with Tab(serving) as late:
            assert late.hear_goodbye()[0] == TOO_MANY_TABS
        tabs[0].sendall(client_frame(CLOSE, b""))
        assert tabs[0].hear_frame() == (CLOSE, b"")
        tabs.pop(0).__exit__()

        def is_greeted():
            with Tab(serving) as again:
                return again.hear_frame()[0] == TEXT

        until(is_greeted)
    finally:
        for tab in tabs:
            tab.__exit__()


def test_a_stopping_program_says_goodbye_to_its_tabs():
    with Serving() as serving:
        tab = Tab(serving)
        tab.hear()
    assert tab.hear_goodbye() == (1001, "p2pchat is stopping")
    tab.__exit__()


def test_somebody_elses_client_gets_along_with_us(serving):
    address = serving.url.replace("http", "ws") + "/ws"
    offered = ["p2pchat.v1", f"auth.{serving.token}"]
    with connect(address, subprotocols=offered, ping_interval=None, proxy=None) as tab:
        assert tab.subprotocol == "p2pchat.v1"
        assert json.loads(tab.recv())["type"] == "hello"
        assert tab.ping().wait(5)
        text = "ä中😀" * 5000
        tab.send(
            [json.dumps(send("mine", text))[start : start + 9000] for start in (0, 9000)]
            + [json.dumps(send("mine", text))[18_000:]]
        )
        accepted = json.loads(tab.recv())
        while accepted["type"] != "message.accepted":
            accepted = json.loads(tab.recv())
        assert accepted["message"]["text"] == text
        tab.close(4000, "enough")
        assert tab.close_code == 4000
        assert tab.protocol.close_rcvd_then_sent is False

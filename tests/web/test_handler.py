"""The server as a whole, in a process of its own: what every answer carries, and all its waits."""

import contextlib
import http.client
import json
import socket

import pytest

from tests.helpers import until
from tests.web.fake_node import BOB
from tests.web.serving import Serving, read_answer

SHORT = json.dumps({"head_after": 0.2, "body_after": 0.2, "idle_after": 0.2})


def head(serving, method="GET", path="/api/v1/me", *lines):
    said = [
        f"{method} {path} HTTP/1.1",
        f"Host: {serving.host}",
        f"Authorization: Bearer {serving.token}",
    ]
    return "\r\n".join([*said, *lines, "", ""]).encode("latin-1")


def every_kind_of_answer(serving):
    """Each way in which an answer can come about, with the status it must have."""
    json_type = "Content-Type: application/json"
    return {
        "page": (200, head(serving, "GET", "/")),
        "file": (200, head(serving, "GET", "/static/js/main.js")),
        "icon": (200, head(serving, "GET", "/favicon.ico")),
        "call": (200, head(serving)),
        "head": (200, head(serving, "HEAD")),
        "no such file": (404, head(serving, "GET", "/static/js/nothing.js")),
        "no such call": (404, head(serving, "GET", "/api/v1/nothing")),
        "no such page": (404, head(serving, "GET", "/nothing")),
        "wrong method here": (405, head(serving, "DELETE", "/api/v1/me")),
        "wrong method": (405, head(serving, "OPTIONS")),
        "preflight": (403, head(serving, "OPTIONS", "/api/v1/me", "Origin: http://evil.test")),
        "refused by the node": (404, head(serving, "GET", "/api/v1/people/nobody/safety")),
        "bad json": (
            400,
            head(serving, "POST", "/api/v1/me", json_type, "Content-Length: 1") + b"{",
        ),
        "wrong type": (415, head(serving, "POST", "/api/v1/me", "Content-Length: 0")),
        "no length": (411, head(serving, "POST", "/api/v1/me", json_type)),
        "chunked": (
            411,
            head(serving, "GET", "/api/v1/me", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        ),
        "too big": (
            413,
            head(serving, "POST", "/api/v1/me", json_type, "Content-Length: 524289"),
        ),
        "no secret": (401, f"GET /api/v1/me HTTP/1.1\r\nHost: {serving.host}\r\n\r\n".encode()),
        "wrong host": (421, b"GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n"),
        "no host": (421, b"GET / HTTP/1.0\r\n\r\n"),
        "no websocket": (426, head(serving, "GET", "/ws")),
        "no http": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"),
        "no version": (400, b"GET /\r\n\r\n"),
        "version of the future": (400, b"GET / HTTP/1.9\r\n\r\n"),
        "http 2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        "bare line feeds": (400, b"GET / HTTP/1.1\nHost: a\n\n"),
        "two hosts": (400, head(serving, "GET", "/", "Host: evil.test")),
        "two lengths": (
            400,
            head(serving, "POST", "/", json_type, "Content-Length: 1", "Content-Length: 2"),
        ),
        "length of letters": (400, head(serving, "POST", "/", json_type, "Content-Length: abc")),
        "negative length": (400, head(serving, "POST", "/", json_type, "Content-Length: -1")),
        "line too long": (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n"),
        "head too long": (431, head(serving, "GET", "/", "X: " + "a" * 70_000)),
        "too many lines": (431, head(serving, "GET", "/", *["X: a"] * 200)),
        "absolute": (404, head(serving, "GET", f"{serving.url}/api/v1/me")),
        "asterisk": (404, head(serving, "OPTIONS", "*")),
    }


def check_headers(answer, port):
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        f"media-src 'self' blob:; connect-src 'self' ws://127.0.0.1:{port}; "
        "manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    for name in answer.headers:
        assert not name.startswith("access-control-"), name
        assert name not in ("set-cookie", "server"), name


def test_every_answer_has_its_status_all_headers_and_the_shape_of_errors(serving):
    for kind, (status, request) in every_kind_of_answer(serving).items():
        with serving.connect() as sock:
            sock.sendall(request)
            answer = read_answer(sock, head=kind == "head")
        assert answer is not None, kind
        assert answer.status == status, (kind, answer)
        check_headers(answer, serving.port)
        if status >= 400:
            assert answer.code, kind


def test_a_fault_of_our_own_is_a_plain_500_and_the_next_request_is_served():
    with Serving(may_fail=True) as serving:
        serving.tell("break")
        answer = serving.ask("GET", "/api/v1/people")
        assert (answer.status, answer.code) == (500, "internal")
        check_headers(answer, serving.port)
        assert b"NoneType" not in answer.body
        assert "NoneType" in serving.complaints()
        assert serving.ask("GET", "/api/v1/me").status == 200


def test_a_connection_serves_one_request_after_another(serving):
    with serving.connect() as sock:
        for path, status in [("/", 200), ("/api/v1/nothing", 404), ("/api/v1/me", 200)] * 3:
            sock.sendall(head(serving, "GET", path))
            assert read_answer(sock).status == status
        # Also after a refusal by the gate that left no body unread.
        sock.sendall(f"GET /api/v1/me HTTP/1.1\r\nHost: {serving.host}\r\n\r\n".encode())
        assert read_answer(sock).status == 401
        body = b'{"name":"Alice"}'
        length = f"Content-Length: {len(body)}"
        post = head(serving, "POST", "/api/v1/me", "Content-Type: application/json", length) + body
        sock.sendall(post + head(serving))  # two at once
        assert read_answer(sock).status == 200
        assert read_answer(sock).status == 200


def test_a_client_that_asks_to_close_is_closed(serving):
    with serving.connect() as sock:
        sock.sendall(head(serving, "GET", "/", "Connection: close"))
        assert read_answer(sock).status == 200
        assert sock.recv(1) == b""


def test_head_says_what_get_would_without_the_body(serving):
    for path in ("/", "/static/js/main.js", "/api/v1/me", "/api/v1/nothing"):
        with serving.connect() as sock:
            sock.sendall(head(serving, "HEAD", path))
            answer = read_answer(sock, head=True)
            get = serving.ask("GET", path)
            assert answer.status == get.status
            assert answer.headers["content-length"] == str(len(get.body))
            # Had there been a body, it would be here before the next answer.
            sock.sendall(head(serving))
            assert read_answer(sock).status == 200
            sock.sendall(f"HEAD {path} HTTP/1.1\r\nHost: evil.test\r\n\r\n".encode())
            assert read_answer(sock, head=True).status == 421
            sock.sendall(head(serving))
            assert read_answer(sock).status == 200


def test_a_refused_body_is_not_waited_for(serving):
    with serving.connect() as sock:
        sock.sendall(
            f"POST /api/v1/me HTTP/1.1\r\nHost: {serving.host}\r\nOrigin: {serving.url}\r\n"
            "Content-Type: application/json\r\nContent-Length: 500000\r\n\r\n{".encode()
        )
        answer = read_answer(sock)
        assert (answer.status, answer.headers["connection"]) == (401, "close")

        def is_cut_off():
            try:
                sock.sendall(b" ")
            except OSError:
                return True
            return False

        until(is_cut_off)


def test_a_big_body_that_is_refused_does_not_take_the_answer_along(serving):
    # Unread bytes at a close become a reset, and a reset discards what was said before it.
    for _ in range(20):
        answer = serving.ask("POST", "/api/v1/me", b"x" * 900_000)
        assert (answer.status, answer.code) == (413, "too_long")


def test_who_expects_a_continue_gets_it_only_when_the_body_is_wanted(serving):
    lines = ["Content-Type: application/json", "Expect: 100-continue", "Content-Length: 2"]
    with serving.connect() as sock:
        sock.sendall(head(serving, "POST", "/api/v1/me", *lines))
        assert read_answer(sock).status == 100
        sock.sendall(b"{}")
        assert read_answer(sock).status == 200
    with serving.connect() as sock:
        sock.sendall(head(serving, "POST", "/api/v1/me", *lines, "Origin: http://evil.test"))
        assert read_answer(sock).status == 403


@pytest.fixture(scope="module")
def impatient():
    with Serving("--limits", SHORT) as started:
        yield started


def test_who_says_nothing_is_hung_up_on(impatient):
    with impatient.connect() as sock:
        assert sock.recv(1) == b""


def test_half_a_head_is_told_so_after_the_deadline(impatient):
    answer = impatient.raw(b"GET / HTTP/1.1\r\nHost: 127")
    assert (answer.status, answer.code) == (408, "too_slow")
    check_headers(answer, impatient.port)


def test_dripping_a_head_byte_by_byte_does_not_extend_its_deadline(impatient):
    with impatient.connect() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n")
        # A byte every 20 ms would last for minutes; the deadline is for the whole head.
        sock.settimeout(0.02)
        sent = 0
        answer = None
        while answer is None:
            sock.sendall(b"X")
            sent += 1
            assert sent < 500
            try:
                answer = sock.recv(65_536)
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_half_a_body_is_told_so_after_the_deadline(impatient):
    lines = ["Content-Type: application/json", "Content-Length: 100"]
    answer = impatient.raw(head(impatient, "POST", "/api/v1/me", *lines) + b"{")
    assert (answer.status, answer.code) == (408, "too_slow")


def test_a_body_that_ends_early_is_refused(serving):
    lines = ["Content-Type: application/json", "Content-Length: 100"]
    with serving.connect() as sock:
        sock.sendall(head(serving, "POST", "/api/v1/me", *lines) + b"{")
        sock.shutdown(socket.SHUT_WR)
        assert read_answer(sock).code == "bad_request"


def test_a_connection_that_asks_no_more_is_closed(impatient):
    with impatient.connect() as sock:
        sock.sendall(head(impatient))
        assert read_answer(sock).status == 200
        assert sock.recv(1) == b""


def test_a_call_may_take_longer_than_a_head(impatient):
    # A handshake with somebody far away takes its time; that is no slow head.
    impatient.tell("hold connect")
    body = b'{"address":"%s"}' % BOB.encode()
    lines = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    with impatient.connect() as sock:
        sock.sendall(head(impatient, "POST", "/api/v1/connect", *lines) + body)
        until(lambda: "connect" in impatient.tell("waiting"))
        # Another connection is hung up on meanwhile: the deadline has passed.
        with impatient.connect() as other:
            assert other.recv(1) == b""
        impatient.tell("free connect")
        assert read_answer(sock).status == 200


def test_no_more_than_128_connections_are_served_at_once():
    with Serving() as serving:
        held = [serving.connect() for _ in range(128)]
        for sock in held:
            sock.sendall(head(serving))
            assert read_answer(sock).status == 200
        with serving.connect() as waiting:
            waiting.sendall(head(serving))
            waiting.settimeout(0.3)
            with pytest.raises(TimeoutError):
                waiting.recv(1)
            waiting.settimeout(10)
            held.pop().close()
            assert read_answer(waiting).status == 200
        for sock in held:
            sock.close()


def test_a_ticket_opens_one_session_and_the_secret_is_good_for_the_api(serving):
    ticket = serving.ticket()
    origin = {"Origin": serving.url}
    body = {"ticket": ticket}
    answer = serving.ask("POST", "/api/v1/session", body, origin, token=None)
    assert answer.status == 200
    secret = answer.json["secret"]
    assert serving.ask("GET", "/api/v1/me", token=secret).json["name"] == "Alice"
    again = serving.ask("POST", "/api/v1/session", body, origin, token=None)
    assert (again.status, again.code) == (401, "bad_ticket")


def test_a_ticket_is_asked_for_with_a_secret_only(serving):
    answer = serving.ask("POST", "/api/v1/ticket", {})
    assert answer.json["url"] == f"{serving.url}/#k={answer.json['ticket']}"
    assert (
        serving.ask("POST", "/api/v1/ticket", {}, {"Origin": serving.url}, token=None).status == 401
    )


def test_a_cookie_is_worth_nothing(serving):
    cookie = {"Cookie": f"token={serving.token}; secret={serving.session()}"}
    assert serving.ask("GET", "/api/v1/me", headers=cookie, token=None).status == 401


def test_what_people_write_and_who_they_are_never_reaches_the_log():
    canary = "CANARY-7f3a"
    with Serving() as serving:
        serving.ask("POST", "/api/v1/me", {"name": canary})
        serving.ask("POST", f"/api/v1/chats/{BOB}/messages", {"text": canary})
        serving.ask("POST", "/api/v1/connect", {"address": canary, "text": canary})
        serving.ask("GET", f"/api/v1/people/{canary}/safety?before={canary}")
        serving.ask("POST", "/api/v1/session", {"ticket": canary}, {"Origin": serving.url})
        serving.ask("GET", "/api/v1/me", token=canary)
        serving.raw(f"GET / HTTP/1.1\r\n{canary}\r\n\r\n".encode())
        serving.raw(canary.encode() + b"\r\n\r\n")
        log = serving.complaints()
        assert "the page is at" in log  # it is there, and it is everything
        assert canary not in log
        assert BOB not in log


def test_it_ends_in_time_though_connections_hang_and_calls_wait():
    serving = Serving()
    with serving:
        serving.tell("hold people")
        idle = serving.connect()
        slow = serving.connect()
        slow.sendall(b"GET / HT")
        waiting = serving.connect()
        waiting.sendall(head(serving, "GET", "/api/v1/people"))
        until(lambda: "people" in serving.tell("waiting"))
    # Its end was asked for and seen (exit code 0); all wires are cut.
    for sock in (idle, slow, waiting):
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(1) == b""
        sock.close()


def test_the_server_answers_on_127_0_0_1_alone(serving):
    for host in ("127.0.0.2", "::1"):
        with pytest.raises(OSError):
            socket.create_connection((host, serving.port), timeout=1)
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=5)
    connection.request("GET", "/", headers={"Host": f"localhost:{serving.port}"})
    assert connection.getresponse().status == 200
    connection.close()

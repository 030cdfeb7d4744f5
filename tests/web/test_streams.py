"""Large files go through a piece at a time: out as they are made, in as they come."""

import socket

import gevent
import pytest

from engine.web import gate
from engine.web.api import PREFIX, ROWS
from engine.web.server import WebServer
from engine.web.sessions import Sessions
from tests.helpers import until
from tests.web.fake_node import FakeNode
from tests.web.serving import ROOT, ask_port, read_answer

TOKEN = "ab" * 32
OCTETS = {"Content-Type": "application/octet-stream"}
UPLOAD = f"{PREFIX}/restore/00ff"


@pytest.fixture
def node():
    return FakeNode()


@pytest.fixture
def server(node):
    sessions = Sessions(api_token=TOKEN)
    server = WebServer(node, port=0, port_was_asked=True, root=ROOT, sessions=sessions)
    server.start()
    yield server
    server.stop()


def aside(work, *arguments):
    """A client blocks: in a thread of its own."""
    return gevent.get_hub().threadpool.apply(work, arguments)


def ask(server, path, body, headers=None):
    return aside(ask_port, server.port, TOKEN, "POST", path, body, headers)


def test_a_file_comes_out_as_it_is_made(server, node):
    answer = ask(server, f"{PREFIX}/backup", {"passphrase": "longer secret"})
    assert answer.body == b"".join(node.pieces)
    assert answer.headers["content-type"] == "application/octet-stream"
    said = 'attachment; filename="p2pchat-Alice.backup"'
    assert answer.headers["content-disposition"] == said
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["cache-control"] == "no-store"
    assert "x-content-type-options" in answer.headers
    until(lambda: node.sent[0].closed)


def test_a_file_that_nobody_reads_to_its_end_is_closed(server, node):
    node.pieces = [bytes(1 << 20)] * 64
    body = b'{"passphrase":"longer secret"}'
    head = (
        f"POST {PREFIX}/backup HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()

    def hang_up():
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.sendall(head + body)
            assert sock.recv(1_000).startswith(b"HTTP/1.1 200")

    aside(hang_up)
    until(lambda: node.sent and node.sent[0].closed)


def test_a_refusal_is_json_and_not_a_file(server):
    assert ask(server, f"{PREFIX}/backup", {"passphrase": "short"}).code == "bad_passphrase"


def test_a_file_goes_in_as_it_comes(server, node):
    body = bytes(range(256)) * 8_192  # more than any body that is read beforehand
    answer = ask(server, UPLOAD, body, OCTETS)
    assert (answer.status, answer.json) == (200, {})
    assert b"".join(node.came) == body
    assert max(map(len, node.came)) <= 1_000


def test_it_is_not_waited_for_before_somebody_reads_it(server, node):
    """Half of it is here when the first of it is read."""
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/octet-stream\r\n"
        "Content-Length: 4000\r\n\r\n"
    ).encode()
    sock = aside(socket.create_connection, ("127.0.0.1", server.port))
    aside(sock.sendall, head + b"x" * 2_000)
    until(lambda: len(node.came) == 2)
    aside(sock.sendall, b"x" * 2_000)
    assert aside(read_answer, sock).status == 200
    sock.close()


def test_whoever_is_refused_is_told_though_nobody_read_on(server, node):
    node.refuse_upload = True
    assert ask(server, UPLOAD, bytes(300_000), OCTETS).code == "disk_full"
    assert ask(server, f"{PREFIX}/me", {"name": "Alice"}).status == 200
    assert node.came == []


def test_an_upload_is_no_json_and_json_no_upload(server):
    assert ask(server, UPLOAD, {}).code == "bad_content_type"
    assert ask(server, f"{PREFIX}/restore", b"{}", OCTETS).code == "bad_content_type"


def test_who_holds_no_secret_uploads_nothing(server, node):
    answer = aside(ask_port, server.port, None, "POST", UPLOAD, b"x" * 10, OCTETS)
    assert answer.code == "unauthorized"
    assert node.came == []


def test_erasing_takes_the_very_word(server, node):
    for confirm in ("", "yes", "Erase", "erase "):
        assert ask(server, f"{PREFIX}/erase", {"confirm": confirm}).code == "bad_request"
    assert not node.was_erased
    assert ask(server, f"{PREFIX}/erase", {"confirm": "erase"}).json == {}
    assert node.was_erased


def test_a_passphrase_is_never_in_an_address(server):
    answer = ask(server, f"{PREFIX}/restore", {"passphrase": "longer secret"})
    assert answer.json == {"id": "00ff"}


def test_the_gate_knows_every_stream():
    rules = {PREFIX + row.rule.partition("<")[0] for row in ROWS if row.streamed}
    assert rules == set(gate.STREAMED)


def test_who_was_let_in_stays_so_when_the_server_is_another(node):
    sessions = Sessions(api_token=TOKEN)
    first = WebServer(node, port=0, port_was_asked=True, root=ROOT, sessions=sessions)
    first.start()
    secret = sessions.redeem(first.new_link().rpartition("=")[2])
    first.stop()
    second = WebServer(node, port=first.port, port_was_asked=True, root=ROOT, sessions=sessions)
    second.start()
    answer = aside(ask_port, second.port, secret, "GET", f"{PREFIX}/me", None, None)
    assert answer.status == 200
    second.stop()

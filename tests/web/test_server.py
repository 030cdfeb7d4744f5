"""Which port the page gets: the default moves on, one that was asked for does not."""

import socket

import pytest

from engine.web.server import WebServer
from tests.web.fake_node import FakeNode
from tests.web.serving import ROOT


@pytest.fixture
def serve():
    started = []

    def start(port, *, asked, host="127.0.0.1"):
        server = WebServer(
            FakeNode(),
            port=port,
            port_was_asked=asked,
            root=ROOT,
            api_token="ab" * 32,
            host=host,
        )
        server.start()
        started.append(server)
        return int(server.url.rpartition(":")[2])

    yield start
    for server in started:
        server.stop(1.0)


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield held.getsockname()[1]


def test_a_taken_default_port_moves_on_to_the_next_free_one(serve, taken):
    assert taken < serve(taken, asked=False) < taken + 50


def test_a_taken_port_that_was_asked_for_is_one_clear_line(serve, taken):
    with pytest.raises(OSError, match=f"cannot be served on 127.0.0.1:{taken}") as caught:
        serve(taken, asked=True)
    assert "\n" not in str(caught.value)


def test_zero_is_any_free_port(serve):
    assert serve(0, asked=True) != serve(0, asked=True)


def test_no_other_address_than_127_0_0_1_is_ever_served():
    for host in ("0.0.0.0", "", "::1", "192.168.1.7", "localhost"):
        with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
            WebServer(
                FakeNode(),
                port=0,
                port_was_asked=True,
                root=ROOT,
                api_token="ab" * 32,
                host=host,
            )


def test_a_link_names_the_port_and_a_fresh_ticket(serve):
    server = WebServer(FakeNode(), port=0, port_was_asked=True, root=ROOT, api_token="ab" * 32)
    server.start()
    try:
        first, second = server.new_link(), server.new_link()
        assert first.startswith(server.url + "/#k=")
        assert len(first.partition("#k=")[2]) == 64
        assert first != second
    finally:
        server.stop(1.0)
    server.stop(1.0)  # harmless

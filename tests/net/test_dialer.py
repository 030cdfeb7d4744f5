"""Why nobody was reached, in one word."""

from contextlib import ExitStack

import gevent.socket
import pytest
from gevent import socket

from engine.net.dialer import DialFailed, dial
from engine.protocol.invite import HostPort
from tests.net.talking import listen, place_of


@pytest.fixture
def full():
    """A port at which the kernel takes nobody any more: calls stay unanswered."""
    with ExitStack() as held:
        door = held.enter_context(listen(backlog=0))
        for _ in range(4):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(door.getsockname())
        yield place_of(door)


def found_at(*places):
    """A stand-in for getaddrinfo: the name has these addresses."""
    return lambda *_: [(socket.AF_INET, socket.SOCK_STREAM, 0, "", place) for place in places]


def failure(*arguments, **options) -> str:
    with pytest.raises(DialFailed) as failed:
        dial(*arguments, **options)
    return failed.value.code


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_whoever_listens_is_reached(host):
    with listen(host) as door, dial(place_of(door)) as sock:
        assert sock.getpeername()[:2] == door.getsockname()[:2]


def test_a_port_nobody_listens_at_is_refused():
    with listen() as door:
        place = place_of(door)
    assert failure(place) == "refused"


def test_silence_is_a_timeout(full):
    assert failure(full, within=0.02) == "timeout"


def test_several_addresses_of_one_name_share_one_time_limit(full, monkeypatch):
    monkeypatch.setattr(gevent.socket, "getaddrinfo", found_at(*[(full.host, full.port)] * 3))
    with gevent.Timeout(5, AssertionError("the second address had no limit")):
        assert failure(HostPort("somebody.local", full.port), within=0.02) == "timeout"


def test_the_second_address_of_a_name_is_tried_when_the_first_refuses(monkeypatch):
    with listen() as gone:
        closed = gone.getsockname()
    with listen() as door:
        monkeypatch.setattr(gevent.socket, "getaddrinfo", found_at(closed, door.getsockname()))
        with dial(HostPort("somebody.local", 1)) as sock:
            assert sock.getpeername() == door.getsockname()


def test_a_name_nobody_has_and_a_network_that_is_not_there_are_unreachable(monkeypatch):
    def unknown(*_):
        raise socket.gaierror("no such name")

    monkeypatch.setattr(gevent.socket, "getaddrinfo", unknown)
    assert failure(HostPort("nobody.local", 6000)) == "unreachable"
    assert failure(HostPort("fe80::1%nowhere", 6000)) == "unreachable"


def test_a_failure_tells_nothing_but_its_word():
    assert str(DialFailed("refused")) == "refused"

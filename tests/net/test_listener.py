"""The door: which port, how many at once, for how long."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import gevent
import pytest
from gevent import socket

from engine.net import connection as connections
from engine.net import listener as listeners
from engine.net.listener import Listener, PortTaken
from engine.protocol import admission, records
from tests.helpers import person, until
from tests.net.talking import HEARD_WITHIN, Talker, listen


class Caught(Exception):
    """Raised instead of greeting anybody."""


def quiet(host, port, *, asked) -> Listener:
    """Bound, and never started."""

    def greet(_sock):
        raise Caught

    return Listener(
        host,
        port,
        port_was_asked=asked,
        greet=greet,
        is_known_host=lambda _host: False,
        clock=lambda: 0.0,
    )


@pytest.fixture
def call() -> Iterator:
    """Connect to a port and say nothing."""
    with ExitStack() as held:
        yield lambda port, host="127.0.0.1": held.enter_context(
            closing(socket.create_connection((host, port)))
        )


def is_closed(sock: socket.socket) -> bool:
    with gevent.Timeout(HEARD_WITHIN, AssertionError("it was let in")):
        try:
            return sock.recv(1) == b""
        except ConnectionResetError:
            return True


# -- ports


def test_a_default_port_that_is_taken_gives_the_next_free_one():
    with listen() as door:
        port = door.getsockname()[1]
        listener = quiet("127.0.0.1", port, asked=False)
        assert port < listener.port <= port + listeners.TRIES
        listener.stop()


def test_a_port_that_was_asked_for_and_is_taken_is_said_in_one_line():
    with listen() as door:
        port = door.getsockname()[1]
        with pytest.raises(PortTaken, match=f"127.0.0.1, port {port}: Address already in use"):
            quiet("127.0.0.1", port, asked=True)


def test_an_address_that_is_not_this_machines_is_said_in_one_line():
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1"):
        quiet("192.0.2.1", 0, asked=False)


def test_port_zero_is_any_free_port():
    listener = quiet("127.0.0.1", 0, asked=True)
    assert listener.port > 0
    listener.stop()


@pytest.mark.parametrize("has_ipv6", [True, False])
def test_everywhere_is_one_socket_for_both_kinds_of_address(monkeypatch, has_ipv6):
    """Bound in pretence: a test opens no port to the network."""
    bound = []

    class Pretended(socket.socket):
        def bind(self, address):
            if not has_ipv6 and self.family == socket.AF_INET6:
                raise OSError(97, "Address family not supported by protocol")
            bound.append((self.family, address))
            here = "::ffff:127.0.0.1" if self.family == socket.AF_INET6 else "127.0.0.1"
            super().bind((here, address[1]))

    monkeypatch.setattr(listeners.socket, "socket", Pretended)
    listener = quiet(None, 0, asked=True)
    monkeypatch.undo()
    family, address = bound[-1]
    if has_ipv6:
        assert (family, address) == (socket.AF_INET6, ("::", 0))
    else:
        assert (family, address) == (socket.AF_INET, ("0.0.0.0", 0))
    with closing(socket.create_connection(("127.0.0.1", listener.port))):
        listener.stop()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_one_address_is_listened_at_in_its_own_kind(host, call):
    listener = quiet(host, 0, asked=True)
    call(listener.port, host)
    listener.stop()
    with pytest.raises(OSError):
        call(listener.port, host)


def test_ipv4_callers_at_a_socket_for_both_kinds_have_plain_addresses(house):
    one = house(1)
    listener = one.peers.listen("::ffff:127.0.0.1", 0, port_was_asked=True)
    talker = Talker.dial(listener, person(2))
    talker.open(port=6000)
    until(lambda: one.peers.link(person(2).peer))
    assert one.peers.link(person(2).peer).host == "127.0.0.1"


# -- who is let in


def test_the_fifth_at_once_from_one_address_is_closed_until_one_has_left(house, call):
    one = house(1)
    waiting = [call(one.port) for _ in range(admission.MAX_HALF_OPEN_PER_HOST)]
    until(lambda: len(one.everyone()) == len(waiting))
    assert is_closed(call(one.port))
    waiting[0].close()
    until(lambda: len(one.everyone()) == len(waiting) - 1)
    assert Talker.dial(one.port, person(2))


def test_whoever_has_proven_who_they_are_no_longer_waits_at_the_door(house):
    one = house(1)
    talkers = [Talker.dial(one.port, person(number)) for number in range(2, 12)]
    for talker in talkers:
        talker.open()
    until(lambda: len(one.peers.linked()) == len(talkers))


def test_too_many_calls_a_second_from_one_address_are_closed(house, call):
    one = house(1, clock=lambda: 0.0)  # no time passes: nothing refills
    for _ in range(int(admission.KNOCKS_PER_SECOND_PER_HOST)):
        call(one.port).close()
        until(lambda: not one.everyone())
    assert is_closed(call(one.port))
    assert not one.everyone()


def test_a_caller_who_never_speaks_is_sent_away(house, call, monkeypatch):
    monkeypatch.setattr(connections, "FIRST_MESSAGE_WITHIN", 0.02)
    one = house(1)
    assert is_closed(call(one.port))
    until(lambda: not one.everyone())


def test_beyond_so_many_conversations_the_next_waits_its_turn(house, monkeypatch, call):
    monkeypatch.setattr(listeners, "MAX_CONNECTIONS", 2)
    one = house(1)
    first = Talker.dial(one.port, person(2))
    first.open()
    second = Talker.dial(one.port, person(3))
    second.open()
    third = gevent.spawn(Talker.dial, one.port, person(4))
    assert second.is_understood()
    assert len(one.everyone()) == 2
    assert not third.ready()
    first.hang_up()
    assert third.get(timeout=HEARD_WITHIN).hear(records.Hello)


def test_after_stopping_nobody_new_is_let_in_and_goodbyes_are_said(house, call):
    one = house(1)
    talker = Talker.dial(one.port, person(2))
    talker.open()
    until(lambda: one.peers.linked())
    stopping = gevent.spawn(one.peers.stop)
    assert talker.hear_all()[-1] == records.Bye()
    talker.hang_up()
    stopping.get(timeout=HEARD_WITHIN)
    with pytest.raises(ConnectionRefusedError):
        call(one.port)
    assert not one.everyone()

"""Calling back who asks for it: who may ask, what is called, how often, and what is answered."""

from pathlib import Path

import gevent
import ifaddr
import pytest
from gevent.event import Event
from gevent.server import StreamServer

from engine.chat import dialback
from engine.chat.dialback import is_own_address
from engine.net import interfaces
from engine.net.dialer import DialFailed
from engine.protocol.dialback_records import DialBack, Dialled, Result
from tests.chat.people import become_friends, calls_again, free_port, friend, stranger
from tests.helpers import until

TOKEN = b"question"


@pytest.fixture
def alice(people):
    """She takes nobody for somebody on her own computer, as everybody here is."""
    alice = people("Alice")
    alice.node._dialbacks._is_own = lambda _host: False
    return alice


class Called:
    """A port of the test's, and how often it was called."""

    def __init__(self):
        self.times = 0
        self.said = b""
        self._server = StreamServer(("127.0.0.1", free_port()), self._serve)
        self._server.start()
        self.port = self._server.server_port

    def _serve(self, sock, _address):
        self.times += 1
        self.said += sock.recv(100)

    def close(self):
        self._server.stop()


@pytest.fixture
def called():
    called = Called()
    yield called
    called.close()


def ask(talker):
    talker.say(DialBack(TOKEN))
    return talker.hear(Dialled)


def test_who_can_be_called_is_told_so_and_nothing_is_said_to_them(alice, called):
    talker = friend(alice, 5, port=called.port)
    assert ask(talker) == Dialled(TOKEN, Result.CONNECTED)
    until(lambda: called.times == 1)
    assert called.said == b""


def test_who_cannot_be_called_is_told_how_it_failed(alice):
    assert ask(friend(alice, 5, port=free_port())) == Dialled(TOKEN, Result.REFUSED)


@pytest.mark.parametrize("code", ["timeout", "unreachable", "refused"])
def test_every_failure_has_its_code(alice, monkeypatch, code):
    def fail(_place, **_options):
        raise DialFailed(code)

    monkeypatch.setattr(dialback, "dial", fail)
    assert ask(friend(alice, 5, port=6000)).result is Result[code.upper()]


def test_only_the_address_that_asks_and_the_port_of_its_hello_are_called(alice, monkeypatch):
    called = []

    def note(place, **_options):
        called.append(str(place))
        raise DialFailed("refused")

    monkeypatch.setattr(dialback, "dial", note)
    ask(friend(alice, 5, port=6123))
    assert called == ["127.0.0.1:6123"]


@pytest.mark.parametrize("port", [0, 22, 1023])
def test_no_port_of_the_system_is_called(alice, monkeypatch, port):
    monkeypatch.setattr(dialback, "dial", lambda *_: pytest.fail("it was called"))
    assert ask(friend(alice, 5, port=port)).result is Result.NOT_DONE


def test_this_very_computer_is_not_called(people, monkeypatch):
    """Else a contact who comes through a tunnel that ends here could try our own ports."""
    monkeypatch.setattr(dialback, "dial", lambda *_: pytest.fail("it was called"))
    assert ask(friend(people("Alice"), 5, port=6000)).result is Result.NOT_DONE


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "x", ""])
def test_these_addresses_are_our_own(host):
    assert is_own_address(host)


def test_an_address_on_a_card_without_a_cable_is_our_own(monkeypatch, tmp_path):
    ip = ifaddr.IP("172.17.0.1", 16, "docker0")
    adapters = [ifaddr.Adapter("docker0", "docker0", [ip], 3)]
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters)
    (tmp_path / "docker0").mkdir()
    (tmp_path / "docker0" / "carrier").write_text("0\n")
    monkeypatch.setattr(interfaces, "_CARDS", tmp_path)
    assert interfaces.look() == ()
    assert is_own_address("172.17.0.1")
    assert not is_own_address("172.17.0.2")


def test_an_address_of_another_computer_is_not_our_own():
    assert not is_own_address("203.0.113.9")
    assert not is_own_address("fe80::9%eth0")


def test_a_stranger_is_not_even_answered(alice, monkeypatch):
    """Else everybody here could find out which ports let this computer through."""
    called = []
    monkeypatch.setattr(dialback, "dial", lambda place, **_: called.append(place))
    talker = stranger(alice, 5, port=6000)
    monkeypatch.setattr(alice.link(talker), "send", lambda *said: called.append(said))
    alice.node._dialbacks.heard(alice.link(talker), DialBack(TOKEN))
    gevent.idle()
    assert called == []


def test_a_blocked_contact_is_not_called(alice, monkeypatch):
    called = []
    monkeypatch.setattr(dialback, "dial", lambda place, **_: called.append(place))
    talker = friend(alice, 5, port=6000)
    connection = alice.link(talker)
    alice.node.change_person(talker.address, blocked=True)
    alice.node._dialbacks.heard(connection, DialBack(TOKEN))
    gevent.idle()
    assert called == []


def test_one_call_in_ten_seconds_is_made_for_one_contact(people, called):
    now = [100.0]
    alice = people("Alice", clock=lambda: now[0])
    alice.node._dialbacks._is_own = lambda _host: False
    talker = friend(alice, 5, port=called.port)
    assert ask(talker).result is Result.CONNECTED
    assert ask(talker).result is Result.NOT_DONE
    now[0] += dialback.EVERY - 0.1
    assert ask(talker).result is Result.NOT_DONE
    now[0] += 0.1
    assert ask(talker).result is Result.CONNECTED
    assert called.times == 2


def test_a_second_connection_does_not_make_it_two(alice, called):
    talker = friend(alice, 5, port=called.port)
    assert ask(talker).result is Result.CONNECTED
    alice.cut(talker)
    until(lambda: not alice.is_linked(talker))
    again = calls_again(alice, 5, port=called.port)
    assert ask(again).result is Result.NOT_DONE


def test_who_asks_without_end_is_cut_off(alice):
    talker = friend(alice, 5, port=free_port())
    for _ in range(dialback.MAX_ASKED + 1):
        talker.say(DialBack(TOKEN))
    until(lambda: not alice.is_linked(talker))


def test_few_calls_are_made_at_once(alice, monkeypatch):
    go, started = Event(), []

    def slowly(_place, **_options):
        started.append(1)
        go.wait()
        raise DialFailed("timeout")

    monkeypatch.setattr(dialback, "dial", slowly)
    talkers = [friend(alice, number, port=6000) for number in range(5, 6 + dialback.AT_ONCE)]
    for talker in talkers[:-1]:
        talker.say(DialBack(TOKEN))
    until(lambda: len(started) == dialback.AT_ONCE)
    assert ask(talkers[-1]).result is Result.NOT_DONE
    go.set()
    for talker in talkers[:-1]:
        assert talker.hear(Dialled).result is Result.TIMEOUT
    assert ask(friend(alice, 20, port=6000)).result is Result.TIMEOUT, "there is room again"


# -- asking


def test_a_contact_answers(people, alice):
    bob = people("Bob")
    bob.node._dialbacks._is_own = lambda _host: False
    become_friends(alice, bob)
    asked = [alice.link(bob)]
    assert alice.node._dialbacks.ask(asked) == [Result.CONNECTED]
    alice.node._peers.listener.stop()
    bob.node._dialbacks._askers.clear()
    assert alice.node._dialbacks.ask(asked) == [Result.REFUSED]


def test_nobody_is_asked_and_nothing_is_learnt(alice):
    assert alice.node._dialbacks.ask([]) == []


def test_who_does_not_answer_is_not_waited_for_long(alice, monkeypatch):
    monkeypatch.setattr(dialback, "ANSWER_WITHIN", 0.05)
    talker = friend(alice, 5)
    assert alice.node._dialbacks.ask([alice.link(talker)]) == [None]
    assert alice.node._dialbacks._questions == {}


def test_an_answer_counts_only_from_whom_was_asked_and_to_what_was_asked(alice, monkeypatch):
    monkeypatch.setattr(dialback, "ANSWER_WITHIN", 0.5)
    asked, liar = friend(alice, 5), friend(alice, 6)
    asking = gevent.spawn(alice.node._dialbacks.ask, [alice.link(asked)])
    token = asked.hear(DialBack).token
    asked.say(Dialled(bytes(8), Result.CONNECTED))
    liar.say(Dialled(token, Result.CONNECTED))
    assert liar.is_understood()
    asked.say(Dialled(token, Result.TIMEOUT))
    assert asking.get(timeout=5) == [Result.TIMEOUT]


def test_each_question_has_its_own_token(alice, monkeypatch):
    monkeypatch.setattr(dialback, "ANSWER_WITHIN", 0.05)
    one, other = friend(alice, 5), friend(alice, 6)
    alice.node._dialbacks.ask([alice.link(one), alice.link(other)])
    assert one.hear(DialBack).token != other.hear(DialBack).token


def test_the_limits_are_those_of_the_document():
    text = " ".join((Path(__file__).parents[2] / "PROTOCOL.md").read_text().split())
    for sentence in (
        f"at most once in {dialback.EVERY:.0f} s for one contact",
        f"at most {dialback.AT_ONCE} at once",
        f"More than {dialback.MAX_ASKED} questions in {dialback.EVERY:.0f} s end the connection",
        f"from {dialback.LEAST_PORT} up",
        f"within {dialback.CALL_WITHIN:.0f} s",
    ):
        assert sentence in text, sentence

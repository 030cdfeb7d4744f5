"""The doctor is asked: what the program knows joins what the computer shows."""

import dataclasses
from pathlib import Path

import gevent
import pytest
from gevent.event import Event

from engine.chat import consultation
from engine.chat.consultation import Consultation, check_alone
from engine.chat.errors import Refused
from engine.net import interfaces
from engine.protocol.invite import HostPort
from tests.chat.people import become_friends, friend, stranger
from tests.chat.test_doctor import QUIET, SHUT_MDNS, WELL
from tests.helpers import until


def parts_of(node):
    return {
        "book": node._book,
        "peers": node._peers,
        "lookout": node._lookout,
        "dialbacks": node._dialbacks,
    }


@pytest.fixture
def doctor():
    """Ask for somebody's report, on a computer that looks like this."""

    def ask(someone, checkup=WELL, host=None):
        node = someone.node
        return Consultation(
            **parts_of(node),
            host=lambda: host,
            look=lambda port, **_: checkup,
        )

    return ask


def test_who_listens_here_alone_is_told_so(people, doctor):
    alice = people("Alice")
    assert doctor(alice, host="127.0.0.1").report().cause == "listens_only_here"
    assert doctor(alice).report().cause == "discovery_off"


def test_the_port_and_the_address_that_are_looked_at_are_those_we_listen_on(people):
    alice, asked = people("Alice"), []

    def look(port, **options):
        asked.append((port, options))
        return WELL

    node = alice.node
    for host in (None, "0.0.0.0", "127.0.0.1", "192.168.1.7"):
        parts = parts_of(node)
        Consultation(**parts, host=lambda host=host: host, look=look).report()
    assert [port for port, _ in asked] == [alice.port] * 4
    only = [options["only"] for _, options in asked]
    assert only == [None, None, ("127.0.0.1",), ("192.168.1.7",)]
    assert all(options["is_listening"] for _, options in asked)


def test_who_does_not_look_for_people_says_nothing_to_the_network(people):
    alice, asked = people("Alice"), []

    def look(_port, **options):
        asked.append(options["may_speak"])
        return WELL

    node = alice.node
    parts = parts_of(node)
    doctor = Consultation(**parts, host=lambda: None, look=look)
    for state in ("off", "on", "unavailable"):
        node._lookout.state = state
        doctor.report()
    assert asked == [False, True, True]


def test_somebody_on_this_very_computer_proves_nothing(people, doctor):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.node._lookout.state = alice.node._lookout.state = "on"
    checkup = dataclasses.replace(WELL, multicast=QUIET)
    assert doctor(bob, checkup).report().cause == "multicast_not_carried"


def apart(*everybody):
    """Let them take one another for people on other computers, as nobody here can be."""
    for someone in everybody:
        someone.node._lookout.state = "on"
        someone.node._dialbacks._is_own = lambda _host: False


def ask_apart(someone, checkup):
    return Consultation(
        **parts_of(someone.node),
        host=lambda: None,
        look=lambda _port, **_: checkup,
        is_own=lambda _host: False,
    ).report()


SHUT = dataclasses.replace(
    WELL, multicast=QUIET, firewalls=dataclasses.replace(WELL.firewalls, port=SHUT_MDNS)
)


def test_a_contact_who_can_call_us_proves_that_it_works(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    apart(alice, bob)
    report = ask_apart(alice, SHUT)
    assert report.cause == ""
    assert "This computer can be called by “Bob”." in [one.sentence for one in report.findings]


def test_a_contact_who_is_connected_and_cannot_call_us_is_named(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    apart(alice, bob)
    alice.node._peers.listener.stop()  # nobody listens there now
    report = ask_apart(alice, dataclasses.replace(SHUT, firewalls=WELL.firewalls))
    assert report.cause == "not_reachable_from_peer"
    assert "Bob" in report.sentence
    assert "This computer could not be called by “Bob” (refused)." in [
        one.sentence for one in report.findings
    ]


def test_who_called_us_proves_it_too_where_nobody_calls_back(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    apart(alice, bob)
    for someone in (alice, bob):
        someone.node._dialbacks._is_own = lambda _host: True  # nobody calls back
    assert ask_apart(bob, SHUT).cause == "", "alice called bob"
    assert ask_apart(alice, SHUT).cause == "port_blocked_here", "nobody called alice"


class Asked:
    """In the place of DialBacks: whom it was told to ask."""

    def __init__(self):
        self.people = []

    def ask(self, connections):
        self.people += [one.peer for one in connections]
        return [None for _ in connections]


def test_only_contacts_are_asked_to_call_and_not_all_of_them(people):
    alice, asked = people("Alice"), Asked()
    stranger(alice, 4)
    friends = [friend(alice, number) for number in range(5, 6 + consultation.MAX_CALLS)]
    Consultation(
        **(parts_of(alice.node) | {"dialbacks": asked}),
        host=lambda: None,
        look=lambda *_, **__: WELL,
        is_own=lambda _host: False,
    ).report()
    assert len(asked.people) == consultation.MAX_CALLS
    assert set(asked.people) < {one.me.peer for one in friends}


def test_somebody_who_has_not_accepted_us_is_not_asked(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob)
    assert alice.is_linked(bob)
    asked = Asked()
    Consultation(
        **(parts_of(alice.node) | {"dialbacks": asked}),
        host=lambda: None,
        look=lambda *_, **__: WELL,
        is_own=lambda _host: False,
    ).report()
    assert asked.people == []


def test_where_an_absent_contact_was_last_is_told_when_that_is_elsewhere(people, doctor):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node._lookout.state = "on"
    bob.stop()
    until(lambda: not alice.is_linked(bob))

    def was_at(*hosts):
        places = tuple(HostPort(host, 6000) for host in hosts)
        alice.node._book.change(
            bob.me.peer, lambda known: dataclasses.replace(known, places=places)
        )
        return doctor(alice).report()

    assert was_at("10.7.7.7").cause == "other_subnet"
    assert "10.7.7.7" in was_at("10.7.7.7").sentence
    assert was_at("10.7.7.7", "192.168.1.9").cause == "alone"


def test_who_asks_during_a_check_gets_its_result(people):
    alice, looks, go = people("Alice"), [], Event()

    def look(_port, **_options):
        looks.append(1)
        go.wait()
        return WELL

    node = alice.node
    parts = parts_of(node)
    doctor = Consultation(**parts, host=lambda: None, look=look)
    asked = [gevent.spawn(doctor.report) for _ in range(5)]
    until(lambda: looks)
    go.set()
    reports = [one.get(timeout=5) for one in asked]
    assert len(looks) == 1
    assert all(report is reports[0] for report in reports)
    assert doctor.report() is not reports[0]
    assert len(looks) == 2


def test_a_check_that_fails_fails_for_all_who_wait_and_the_next_one_looks_again(people):
    alice, go, faults = people("Alice"), Event(), [RuntimeError("no")]

    def look(_port, **_options):
        go.wait()
        if faults:
            raise faults.pop()
        return WELL

    node = alice.node
    parts = parts_of(node)
    doctor = Consultation(**parts, host=lambda: None, look=look)

    def outcome():
        try:
            return doctor.report()
        except RuntimeError:
            return None

    asked = [gevent.spawn(outcome) for _ in range(2)]
    gevent.sleep(0)
    go.set()
    assert [one.get(timeout=5) for one in asked] == [None, None]
    assert outcome() is not None


def test_an_address_in_another_network_is_the_cause(people, doctor):
    alice = people("Alice")
    alice.node._lookout.state = "on"
    ask = doctor(alice).report
    assert ask("10.9.9.9:6000").cause == "other_subnet"
    assert "10.9.9.9:6000" in ask("10.9.9.9:6000").sentence
    assert ask("192.168.1.9:6000").cause == "alone"
    assert ask("laptop.local:6000").cause == "alone"
    assert check_alone(address="10.9.9.9:6000", look=lambda *_, **__: WELL).cause == "other_subnet"


def test_what_is_no_address_is_refused_before_anything_is_looked_at(people):
    alice = people("Alice")
    doctor = Consultation(
        **parts_of(alice.node), host=lambda: None, look=lambda *_, **__: pytest.fail("it looked")
    )
    for ask in (doctor.report, lambda address: check_alone(address=address, look=pytest.fail)):
        with pytest.raises(Refused) as caught:
            ask("not an address")
        assert caught.value.code == "bad_address"


def test_who_asks_something_else_during_a_check_waits_for_one_of_its_own(people):
    alice, going, go = people("Alice"), [], Event()

    def look(_port, **_options):
        going.append(1)
        assert len(going) == 1, "one at a time"
        go.wait()
        going.pop()
        return WELL

    doctor = Consultation(**parts_of(alice.node), host=lambda: None, look=look)
    alice.node._lookout.state = "on"
    asked = [gevent.spawn(doctor.report, address) for address in ("", "10.9.9.9:1", "10.9.9.9:1")]
    until(lambda: going)
    go.set()
    causes = [one.get(timeout=5).cause for one in asked]
    assert causes == ["alone", "other_subnet", "other_subnet"]


def test_without_a_program_the_computer_alone_is_looked_at():
    asked = []

    def look(port, **options):
        asked.append((port, options))
        return WELL

    key = Path("my data/alice.key")
    report = check_alone(6007, host="192.168.1.7", identity=key, look=look)
    options = {"is_listening": False, "may_speak": True, "only": ("192.168.1.7",)}
    assert asked == [(6007, options)]
    assert report.cause == "not_running"
    assert not report.ok
    assert report.command == "python p2pchat.py --identity 'my data/alice.key'"


def test_how_a_program_would_be_started_counts_before_it_is():
    def look(_port, **_options):
        return WELL

    assert check_alone(host="127.0.0.1", look=look).cause == "listens_only_here"
    assert check_alone(may_speak=False, look=look).cause == "discovery_off"
    assert check_alone(look=look).cause == "not_running"


def test_the_real_look_is_the_one_that_is_used(people, monkeypatch):
    """Not on the networks of this computer: it has none here."""
    monkeypatch.setattr(interfaces, "look", lambda _only: ())
    assert people("Alice").node.doctor().cause == "no_network"
    assert consultation.check_alone().cause == "no_network"

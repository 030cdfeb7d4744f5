"""All looks together: facts about this very computer, and none of them raises."""

import ipaddress

import pytest

from engine.net import checkup, interfaces, multicast
from engine.net.interfaces import Interface
from engine.net.ruleset import Outcome
from tests.chat.people import free_port
from tests.net.answering import Computer
from tests.net.test_iptables import SHUT


def card(name, address):
    here = ipaddress.ip_interface(address)
    return Interface(name, 2, here.ip, here.network)


LOOPBACK = card("lo", "127.0.0.1/8")
HOME = card("wlan0", "192.168.1.7/24"), card("wlan0", "fe80::7/64")


@pytest.fixture
def alone(monkeypatch):
    """This computer as one that is on no network but its own, and says nothing on it."""
    monkeypatch.setattr(interfaces, "look", lambda only: (LOOPBACK,))
    monkeypatch.setattr(multicast, "listen", lambda cards: multicast.Multicast())
    return Computer()


def test_our_port_is_tried_at_our_own_addresses(alone, house):
    listening = house().port
    found = checkup.look(listening, is_listening=True, run=alone.run)
    assert found.own == (("127.0.0.1", checkup.REACHED),)
    found = checkup.look(free_port(), is_listening=True, run=alone.run)
    assert found.own == (("127.0.0.1", "refused"),)


def test_where_nothing_listens_nothing_is_tried(alone, house):
    assert checkup.look(house().port, is_listening=False, run=alone.run).own == ()


def test_nothing_is_said_to_the_network_unless_it_may(alone, monkeypatch):
    said = []
    monkeypatch.setattr(multicast, "listen", lambda cards: said.append(cards))
    for may in (True, False):
        checkup.look(6000, is_listening=False, may_speak=may, run=alone.run)
    assert said == [(LOOPBACK,), ()]


def test_the_firewalls_are_asked_about_the_cards_there_are(alone):
    found = checkup.look(6000, is_listening=False, run=alone.says("iptables -S", SHUT).run)
    assert found.interfaces == (LOOPBACK,)
    assert found.firewalls.port.outcome is Outcome.DROPPED
    assert "nft -j list ruleset" in alone.asked


def test_a_system_that_tells_no_networks_has_none(monkeypatch):
    def fail(_only):
        raise OSError

    monkeypatch.setattr(interfaces, "look", fail)
    found = checkup.look(6000, is_listening=True, run=Computer().run)
    assert (found.interfaces, found.own) == ((), ())


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.168.1.9", True),
        ("192.168.2.9", False),
        ("10.0.0.1", False),
        ("fe80::9%wlan0", True),
        ("fe80::9", True),
        ("fd00::9", False),
        ("laptop.local", True),
        ("", True),
    ],
)
def test_an_address_is_near_when_one_of_our_networks_has_it(host, expected):
    assert checkup.is_near(host, HOME) is expected

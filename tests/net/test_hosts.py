"""The addresses to read out to somebody."""

import ipaddress
from types import SimpleNamespace

import ifaddr
import pytest

from engine.net import interfaces
from engine.net.hosts import MAX_INVITED, invite_places, own_places
from engine.net.interfaces import Interface
from engine.protocol.invite import HostPort


@pytest.fixture
def machine(monkeypatch):
    """A machine with these addresses; IPv6 ones are tuples, as ifaddr gives them."""

    def has(*addresses):
        ips = [SimpleNamespace(ip=address) for address in addresses]
        monkeypatch.setattr(ifaddr, "get_adapters", lambda: [SimpleNamespace(ips=ips)])

    return has


def test_ipv4_comes_first_and_loopback_and_link_local_stay_out(machine):
    machine("127.0.0.1", ("2001:db8::7", 0, 0), ("fe80::1", 0, 3), ("::1", 0, 0), "192.168.1.7")
    assert own_places(None, 6000) == [
        HostPort("192.168.1.7", 6000),
        HostPort("2001:db8::7", 6000),
    ]


def test_a_machine_without_a_network_is_reached_from_itself(machine):
    machine("127.0.0.1", ("::1", 0, 0))
    assert own_places(None, 6000) == [HostPort("127.0.0.1", 6000)]


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.5", "::1"])
def test_who_listens_at_one_address_is_reached_there_alone(machine, host):
    machine("192.168.1.7")
    assert own_places(host, 6000) == [HostPort(host, 6000)]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", None])
def test_who_listens_everywhere_names_the_machines_addresses(machine, host):
    machine("192.168.1.7")
    assert own_places(host, 6000) == [HostPort("192.168.1.7", 6000)]


def test_the_real_machine_has_an_address():
    assert own_places(None, 6000)


# -- for invites


@pytest.fixture
def cards(monkeypatch):
    """A machine whose cards have these addresses, each a card of its own."""

    def has(*addresses):
        found = tuple(
            Interface(
                card=f"eth{number}",
                index=number,
                address=ipaddress.ip_address(address),
                network=ipaddress.ip_network(address),
            )
            for number, address in enumerate(addresses)
        )
        monkeypatch.setattr(interfaces, "look", lambda: found)

    return has


def invited(host=None):
    return [str(place) for place in invite_places(host, 6000)]


def test_an_invite_names_the_likeliest_places_first(cards):
    cards("fe80::1", "2001:db8::7", "169.254.3.4", "192.168.1.7")
    assert invited() == [
        "192.168.1.7:6000",
        "[2001:db8::7]:6000",
        "169.254.3.4:6000",
        "[fe80::1%eth0]:6000",
    ]


def test_an_invite_names_few_places(cards):
    cards(*(f"10.0.{number}.1" for number in range(9)), "fe80::1")
    assert invited() == [f"10.0.{number}.1:6000" for number in range(MAX_INVITED)]


def test_an_invite_of_a_machine_without_a_network_leads_to_itself(cards, machine):
    cards()
    machine("127.0.0.1")
    assert invited() == ["127.0.0.1:6000"]


def test_an_invite_names_what_is_known_when_the_system_does_not_tell(machine, monkeypatch):
    def look():
        raise OSError

    monkeypatch.setattr(interfaces, "look", look)
    machine("192.168.1.7")
    assert invited() == ["192.168.1.7:6000"]


@pytest.mark.parametrize("host", ["127.0.0.1", "192.168.1.8"])
def test_an_invite_of_who_listens_at_one_address_names_it_alone(cards, host):
    cards("192.168.1.7")
    assert invited(host) == [f"{host}:6000"]

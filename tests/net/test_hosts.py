"""The addresses to read out to somebody."""

from types import SimpleNamespace

import ifaddr
import pytest

from engine.net.hosts import own_places
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

"""The networks this machine is on."""

from ipaddress import ip_address, ip_network

import ifaddr
import pytest

from engine.net import interfaces
from engine.net.interfaces import Interface, look


class Machine:
    """A machine with these cards: name -> (index, addresses, what the kernel says of the cable)."""

    def __init__(self, monkeypatch, tmp_path) -> None:
        self.cards: dict[str, tuple[int | None, list[str]]] = {}
        self._folder = tmp_path
        monkeypatch.setattr(interfaces, "_CARDS", tmp_path)
        monkeypatch.setattr(ifaddr, "get_adapters", self._adapters)

    def has(self, name: str, index: int | None, *addresses: str, carrier: str | None = "1") -> None:
        self.cards[name] = (index, list(addresses))
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        if carrier is not None:
            (folder / "carrier").write_text(carrier + "\n")

    def _adapters(self) -> list[ifaddr.Adapter]:
        found = []
        for name, (index, addresses) in self.cards.items():
            ips = []
            for text in addresses:
                host, _, prefix = text.partition("/")
                ip = (host, 0, index or 0) if ":" in host else host
                ips.append(ifaddr.IP(ip, int(prefix), name))
            found.append(ifaddr.Adapter(name, f"a card called {name}", ips, index))
        return found


@pytest.fixture
def machine(monkeypatch, tmp_path) -> Machine:
    made = Machine(monkeypatch, tmp_path)
    made.has("lo", 1, "127.0.0.1/8", "::1/128")
    return made


def addresses(only=None) -> list[str]:
    return [str(one.address) for one in look(only)]


def test_every_address_but_loopback_is_found(machine):
    machine.has("eth0", 2, "192.168.1.7/24", "fe80::7/64", "fd00::7/64")
    machine.has("wlan0", 3, "10.0.0.7/8")
    assert addresses() == ["192.168.1.7", "fd00::7", "fe80::7", "10.0.0.7"]


def test_an_interface_tells_its_card_and_its_network(machine):
    machine.has("wlan0", 3, "192.168.1.7/24")
    [found] = look()
    assert found == Interface("wlan0", 3, ip_address("192.168.1.7"), ip_network("192.168.1.0/24"))
    assert str(found) == "wlan0 192.168.1.0/24"


def test_nothing_is_found_on_a_machine_without_a_network(machine):
    assert look() == ()


@pytest.mark.parametrize("carrier", ["1", None])
def test_a_card_counts_when_its_cable_is_in_or_nobody_knows(machine, carrier):
    machine.has("eth0", 2, "192.168.1.7/24", carrier=carrier)
    assert addresses() == ["192.168.1.7"]


def test_a_card_whose_cable_is_pulled_does_not_count(machine):
    machine.has("eth0", 2, "192.168.1.7/24", carrier="0")
    machine.has("eth0:1", None, "192.168.2.7/24", carrier=None)
    assert addresses() == []


def test_a_card_that_is_switched_off_does_not_count(machine, tmp_path):
    machine.has("eth0", 2, "192.168.1.7/24", carrier=None)
    (tmp_path / "eth0" / "carrier").mkdir()  # reading it fails, as it does then
    assert addresses() == []


def test_a_card_with_one_other_address_may_be_on_another_network(machine):
    machine.has("eth0", 2, "192.168.1.7/24", "fe80::7/64")
    machine.has("wlan0", 3, "192.168.2.7/24", "fe80::8/64")
    before = look()
    machine.has("wlan0", 3, "192.168.2.9/24", "fe80::8/64")
    stayed = interfaces.unmoved(before, look())
    assert [str(one.address) for one in stayed] == ["192.168.1.7", "fe80::7"]
    assert interfaces.unmoved(look(), look()) == look()
    assert interfaces.unmoved((), look()) == ()


def test_an_address_is_ours_whether_the_cable_is_in_or_not(machine, tmp_path):
    machine.has("eth0", 2, "192.168.1.7/24", "fe80::7/64")
    machine.has("docker0", 3, "172.17.0.1/16", carrier="0")
    machine.has("wlan0", 4, "10.0.0.7/8", carrier=None)
    (tmp_path / "wlan0" / "carrier").mkdir()  # switched off
    own = {"127.0.0.1", "::1", "192.168.1.7", "fe80::7", "172.17.0.1", "10.0.0.7"}
    assert {str(one) for one in interfaces.own_addresses()} == own


def test_only_the_named_addresses_are_taken(machine):
    machine.has("eth0", 2, "192.168.1.7/24", "fe80::7/64")
    machine.has("wlan0", 3, "10.0.0.7/8", "fe80::7/64")
    assert addresses(["10.0.0.7"]) == ["10.0.0.7"]
    assert addresses(["127.0.0.1"]) == ["127.0.0.1"]
    assert [one.card for one in look(["fe80::7"])] == ["eth0", "wlan0"]
    assert [one.card for one in look(["fe80::7%wlan0"])] == ["wlan0"]
    assert [one.card for one in look(["fe80:0::7%2"])] == ["eth0"]
    assert addresses(["10.0.0.8", "a name", ""]) == []


def test_the_cards_of_this_very_machine_can_be_read():
    assert "127.0.0.1" in addresses(["127.0.0.1"])

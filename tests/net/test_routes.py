"""Which card leads to the world, from pretend tables of the kernel; and what looks like a VPN."""

import ipaddress

import pytest

from engine.net import routes
from engine.net.interfaces import Interface

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
HOME = (
    "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
    "wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n"
)
HALVES = (
    "tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
    "tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n"
)
REJECTED = "eth9\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"
NONE = "0" * 32
SIX = (
    f"{NONE} 00 {NONE} 00 fe800000000000000000000000000001 00000400 1 0 00000003 wg0\n"
    f"{NONE} 00 {NONE} 00 {NONE} ffffffff 00000001 00000000 00200200       lo\n"
    f"fd000000000000000000000000000000 40 {NONE} 00 {NONE} 00000100 1 0 00000001 eth0\n"
)


@pytest.fixture
def tables(tmp_path, monkeypatch):
    monkeypatch.setattr(routes, "FAR_AWAY", ())

    def write(four="", six=""):
        (tmp_path / "route").write_text(HEAD + four)
        (tmp_path / "ipv6_route").write_text(six)
        return routes.cards_to_the_world((), tmp_path)

    return write


def test_the_default_route_names_its_card(tables):
    assert tables(HOME) == ("wlan0",)


def test_a_route_for_half_of_the_world_counts(tables):
    assert tables(HALVES + HOME) == ("tun0", "wlan0")


def test_a_route_of_ipv6_counts(tables):
    assert tables(HOME, SIX) == ("wlan0", "wg0")


def test_a_route_that_refuses_leads_nowhere(tables):
    assert tables(REJECTED) == ()


def test_what_is_no_table_leads_nowhere(tables, tmp_path):
    assert tables("nonsense\n\n", "\0\0\0\n") == ()
    assert tables("x " * 12 + "\n", "x " * 12 + "\n") == ()
    assert routes.cards_to_the_world((), tmp_path / "missing") == ()


def test_the_kernel_is_asked_from_which_address_it_would_speak(monkeypatch, tmp_path):
    """A table of its own, as a VPN has it, is not in /proc: played here by the way to ourselves."""
    monkeypatch.setattr(routes, "FAR_AWAY", ((routes.socket.AF_INET, "127.0.0.1"),))
    address = ipaddress.ip_address("127.0.0.1")
    cards = (Interface("wg0", 7, address, ipaddress.ip_network("127.0.0.0/8")),)
    assert routes.cards_to_the_world(cards, tmp_path) == ("wg0",)

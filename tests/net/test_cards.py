"""Names of network cards, and what they tell."""

import ipaddress

import pytest

from engine.net import cards
from engine.net.interfaces import Interface


@pytest.mark.parametrize(
    ("card", "is_it"),
    [
        *((card, True) for card in ("tun0", "wg0", "utun4", "ppp0", "tailscale0", "nordlynx")),
        *((card, True) for card in ("tap0", "OpenVPN TAP-Windows6", "My VPN", "ProtonVPN")),
        *((card, False) for card in ("eth0", "wlan0", "en0", "enp3s0", "Wi-Fi", "wlp2s0", "net0")),
    ],
)
def test_names_tell_what_is_a_tunnel(card, is_it):
    assert cards.is_tunnel(card) is is_it


@pytest.mark.parametrize("card", ["docker0", "br-0a1b2c", "veth12", "virbr0", "wg0", "VMnet8"])
def test_nobody_is_behind_a_card_of_containers_or_tunnels(card):
    assert not cards.is_outer(card)


@pytest.mark.parametrize("card", ["eth0", "wlan0", "br0", "en0", "Ethernet 2", "net0", "lo"])
def test_people_may_be_behind_any_other(card):
    assert cards.is_outer(card)


def test_where_there_are_only_such_cards_they_are_all_there_is():
    address, network = ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/8")
    wlan, docker = (Interface(name, 2, address, network) for name in ("wlan0", "docker0"))
    assert cards.outer([docker, wlan]) == (wlan,)
    assert cards.outer([docker]) == (docker,)
    assert cards.outer([]) == ()

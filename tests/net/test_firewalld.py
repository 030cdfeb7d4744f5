"""What firewalld says of its zones, and what follows for us."""

import pytest

from engine.net import firewalld
from engine.net.commands import NO_ANSWER
from engine.net.ruleset import Outcome
from tests.net.answering import Computer

LIST = """block
  target: %%REJECT%%
  interfaces:
  services:
  ports:

home (active)
  target: default
  icmp-block-inversion: no
  interfaces: wlan0
  sources:
  services: dhcpv6-client mdns ssh
  ports: 5900-6100/tcp 22/udp
  protocols:
  forward: yes
  rich rules:

public (default, active)
  target: default
  interfaces: eth0
  services: dhcpv6-client ssh
  ports:
  rich rules:

trusted (active)
  target: ACCEPT
  interfaces: docker0
  services:
  ports:

work (active)
  target: default
  interfaces: eth1
  services:
  ports:
  rich rules:
\trule family="ipv4" source address="10.0.0.0/8" accept
"""


@pytest.fixture
def computer():
    return (
        Computer()
        .says("firewall-cmd --state", "running\n")
        .says("firewall-cmd --get-default-zone", "public\n")
        .says("firewall-cmd --list-all-zones", LIST)
    )


def test_where_it_does_not_run_there_are_no_zones_to_ask_about(computer):
    assert firewalld.zones(Computer().run) is None
    assert firewalld.zones(computer.says("firewall-cmd --state", "not running", 252).run) is None
    assert firewalld.zones(computer.says("firewall-cmd --state", NO_ANSWER).run) is None


def test_the_zones_in_use_are_found_the_general_one_first(computer):
    found = firewalld.zones(computer.run)
    assert [zone.name for zone in found] == ["public", "home", "trusted", "work"]
    assert found[1].ports == ((5900, 6100, "tcp"), (22, 22, "udp"))


@pytest.mark.parametrize(
    ("card", "protocol", "port", "expected"),
    [
        ("wlan0", "udp", 5353, Outcome.PASSES),
        ("wlan0", "tcp", 6000, Outcome.PASSES),
        ("wlan0", "udp", 6000, Outcome.DROPPED),
        ("wlan0", "tcp", 6101, Outcome.DROPPED),
        ("eth0", "udp", 5353, Outcome.DROPPED),
        ("eth0", "tcp", 6000, Outcome.DROPPED),
        ("docker0", "tcp", 6000, Outcome.PASSES),
        ("eth1", "tcp", 6000, Outcome.UNSURE),
        ("eth9", "tcp", 6000, Outcome.DROPPED),  # in no zone: in the general one
    ],
)
def test_a_zone_lets_in_what_it_names(computer, card, protocol, port, expected):
    zone = firewalld.zone_of(firewalld.zones(computer.run), card)
    assert zone.fate(protocol, port) is expected


def test_who_is_told_nothing_knows_no_zones(computer):
    assert firewalld.zones(computer.says("firewall-cmd --list-all-zones", "", 1).run) == ()
    assert firewalld.read("") == ()
    assert firewalld.read("\0\n\n: x\n  target") == ()

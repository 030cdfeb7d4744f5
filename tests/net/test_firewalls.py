"""Pretend computers with all kinds of firewalls: what is found, and the command that mends it."""

import ipaddress
import json

import pytest

from engine.net import firewalls
from engine.net.commands import NO_ANSWER
from engine.net.firewalls import Gate
from engine.net.interfaces import Interface
from engine.net.ruleset import Outcome
from tests.net.answering import MAY_NOT, Computer
from tests.net.test_firewalld import LIST as ZONES
from tests.net.test_iptables import OPEN, SHUT, UFW
from tests.net.test_nftables import ACCEPT, DROP, listed, meta, port

PASSES = Gate()


def card(name, address):
    here = ipaddress.ip_interface(address)
    return Interface(name, 2, here.ip, here.network)


WLAN = card("wlan0", "192.168.1.7/24"), card("wlan0", "fe80::7/64")
NFT, IPT, IPT6 = "nft -j list ruleset", "iptables -S", "ip6tables -S"


@pytest.fixture
def look(tmp_path):
    """What is found on this computer, as ``firewalls.inspect`` tells it."""

    def look(computer, cards=WLAN, port=6000):
        return firewalls.inspect(computer.run, cards, port, etc=tmp_path, python="/usr/bin/python3")

    return look


def nft(*rules, **options):
    return Computer().says(NFT, json.dumps({"nftables": listed(*rules, **options)}))


def test_without_any_firewall_everything_is_open(look):
    found = look(Computer())
    assert (found.mdns, found.port, found.active, found.look) == (PASSES, PASSES, (), "")
    assert look(nft()).port == PASSES


def test_a_rule_of_nftables_is_named_with_the_command_that_mends_it(look):
    found = look(nft([port("udp", 5353), DROP], [port("tcp", 6000), DROP]))
    assert found.active == ("nftables",)
    where = "sudo nft insert rule inet filter input"
    assert found.mdns == Gate(Outcome.DROPPED, "nftables", f"{where} udp dport 5353 accept")
    assert found.port == Gate(Outcome.DROPPED, "nftables", f"{where} tcp dport 6000 accept")


def test_every_place_that_drops_it_is_mended(look):
    things = listed([port("udp", 5353), DROP]) + listed(policy="drop", family="ip")[1:]
    found = look(Computer().says(NFT, json.dumps({"nftables": things})))
    assert found.mdns.command == (
        "sudo nft insert rule inet filter input udp dport 5353 accept && "
        "sudo nft insert rule ip filter input udp dport 5353 accept"
    )


def test_a_rule_against_what_we_announce_is_found_on_the_way_out(look):
    found = look(nft(policy="drop", hook="output"))
    assert found.mdns.outcome is Outcome.DROPPED
    assert found.port == PASSES


def test_a_name_that_means_something_to_a_shell_is_in_no_command(look):
    things = listed(policy="drop")
    text = json.dumps({"nftables": things}).replace('"filter"', '"f; reboot"')
    text = text.replace('"type": "f; reboot"', '"type": "filter"')
    found = look(Computer().says(NFT, text))
    assert found.port == Gate(Outcome.DROPPED, "nftables", "")


def test_rules_for_cards_of_containers_are_not_ours(look):
    rule = [meta("iifname", "docker0"), DROP]
    assert look(nft(rule), (*WLAN, card("docker0", "172.17.0.1/16"))).port == PASSES
    assert look(nft(rule), (card("docker0", "172.17.0.1/16"),)).port.outcome is Outcome.DROPPED


def test_ipv4_decides_where_both_are_there(look):
    assert look(nft(policy="drop", family="ip6")).port == PASSES
    assert look(nft(policy="drop", family="ip")).port.outcome is Outcome.DROPPED
    assert look(nft(policy="drop", family="ip6"), WLAN[1:]).port.outcome is Outcome.DROPPED


def test_iptables_is_mended_by_iptables(look):
    found = look(Computer().says(IPT, SHUT).says(IPT6, OPEN))
    assert found.mdns == Gate(
        Outcome.DROPPED, "iptables", "sudo iptables -I INPUT -p udp --dport 5353 -j ACCEPT"
    )
    both = look(Computer().says(IPT, SHUT).says(IPT6, SHUT)).port.command
    assert both == (
        "sudo iptables -I INPUT -p tcp --dport 6000 -j ACCEPT && "
        "sudo ip6tables -I INPUT -p tcp --dport 6000 -j ACCEPT"
    )


def test_what_iptables_wrote_is_read_there_and_not_in_nft(look):
    strange = listed([{"xt": {"type": "match", "name": "multiport"}}, DROP], family="ip")
    text = json.dumps({"nftables": strange}).replace('"name": "input"', '"name": "INPUT"')
    text = text.replace('"chain": "input"', '"chain": "INPUT"')
    assert look(Computer().says(NFT, text)).port.outcome is Outcome.UNSURE
    assert look(Computer().says(NFT, text).says(IPT, OPEN)).port == PASSES


def test_ufw_is_mended_by_ufw(look):
    computer = Computer().says("ufw status", "Status: active\n").says(IPT, UFW)
    found = look(computer)
    assert found.mdns == PASSES
    assert found.port == Gate(Outcome.DROPPED, "ufw", "sudo ufw allow 6000/tcp")
    allowed = UFW + "-A ufw-user-input -p tcp -m tcp --dport 6000 -j ACCEPT\n"
    assert look(computer.says(IPT, allowed)).port == PASSES


def test_ufw_that_may_not_be_asked_is_suspected(look, tmp_path):
    (tmp_path / "ufw").mkdir()
    (tmp_path / "ufw" / "ufw.conf").write_text("# /etc/ufw/ufw.conf\nENABLED=yes\nLOGLEVEL=low\n")
    computer = Computer().says("ufw status", "ERROR: You need to be root", 1).says(IPT, MAY_NOT)
    found = look(computer)
    assert found.active == ("ufw",)
    assert found.mdns == Gate(Outcome.UNSURE, "ufw", "sudo ufw allow 5353/udp")
    assert found.port == Gate(Outcome.UNSURE, "ufw", "sudo ufw allow 6000/tcp")
    (tmp_path / "ufw" / "ufw.conf").write_text("#ENABLED=yes\nENABLED=no\n")
    assert look(computer).active == ()


def test_rules_that_may_not_be_seen_are_unknown_with_the_command_to_look(look):
    found = look(Computer().says(NFT, MAY_NOT))
    assert found.look == "sudo nft list ruleset"
    assert found.port == Gate(Outcome.UNSURE, "", "sudo nft list ruleset")
    assert look(Computer().says(IPT, MAY_NOT)).port.command == "sudo iptables -S"


def firewalld():
    return (
        Computer()
        .says("firewall-cmd --state", "running\n")
        .says("firewall-cmd --get-default-zone", "public\n")
        .says("firewall-cmd --list-all-zones", ZONES)
        .says(NFT, MAY_NOT)
    )


def test_firewalld_that_tells_no_zones_leaves_the_rules_unknown(look):
    found = look(firewalld().says("firewall-cmd --list-all-zones", "", 1))
    assert found.active == ("firewalld",)
    assert found.port == Gate(Outcome.UNSURE, "firewalld", "sudo nft list ruleset")


def test_a_tool_that_gives_no_usable_answer_leaves_the_rules_unknown(look):
    assert look(Computer().says(NFT, NO_ANSWER)).port.outcome is Outcome.UNSURE


def test_firewalld_tells_everybody(look):
    found = look(firewalld(), (card("eth0", "192.168.1.7/24"),))
    assert found.active == ("firewalld",)
    lasting = "sudo firewall-cmd --runtime-to-permanent"
    command = f"sudo firewall-cmd --zone=public --add-service=mdns && {lasting}"
    assert found.mdns == Gate(Outcome.DROPPED, "firewalld", command)
    command = f"sudo firewall-cmd --zone=public --add-port=6000/tcp && {lasting}"
    assert found.port == Gate(Outcome.DROPPED, "firewalld", command)


def test_a_zone_of_firewalld_that_lets_us_in_does(look):
    found = look(firewalld())
    assert (found.mdns, found.port, found.look) == (PASSES, PASSES, "")


def test_rules_of_firewalld_are_mended_by_firewalld(look):
    things = json.dumps({"nftables": listed([port("tcp", 22), ACCEPT], policy="drop")})
    things = things.replace('"table": "filter"', '"table": "firewalld"')
    things = things.replace('"name": "filter"', '"name": "firewalld"')
    found = look(firewalld().says(NFT, things), (card("eth0", "192.168.1.7/24"),))
    assert found.port.tool == "firewalld"
    assert "--zone=public --add-port=6000/tcp" in found.port.command


@pytest.mark.parametrize(
    ("said", "is_on"),
    [
        ("Firewall is enabled. (State = 1)", True),
        ("Firewall is blocking all non-essential incoming connections. (State = 2)", True),
        ("Firewall is disabled. (State = 0)", False),
    ],
)
def test_the_firewall_of_macos_is_on_or_off(look, said, is_on):
    found = look(Computer().says("socketfilterfw --getglobalstate", said))
    assert found.active == (("macos",) if is_on else ())
    assert ('--unblockapp "/usr/bin/python3"' in found.port.command) is is_on


def test_the_firewall_of_windows_is_on_or_off(look):
    command = "netsh advfirewall show currentprofile"
    profile = "Public Profile Settings:\n----\nState                   {}\nLogAllowed   Disable\n"
    found = look(Computer().says(command, profile.format("ON")))
    assert found.port.tool == "windows"
    assert 'program="/usr/bin/python3"' in found.port.command
    assert look(Computer().says(command, profile.format("OFF"))).active == ()


def test_without_a_port_only_announcements_are_looked_at(look):
    assert look(nft(policy="drop"), port=0).port == PASSES
    assert look(nft(policy="drop"), port=0).mdns.outcome is Outcome.DROPPED


def test_a_computer_on_no_network_has_nothing_to_let_in(look):
    assert look(nft(policy="drop"), ()).port == PASSES

"""What the tools of a pretend computer tell."""

import json

import pytest

from engine.net import walls
from engine.net.commands import NO_ANSWER
from tests.net.answering import MAY_NOT, Computer
from tests.net.test_firewalld import LIST
from tests.net.test_iptables import OPEN, SHUT
from tests.net.test_nftables import DROP, listed, port

NFT, IPT, IPT6 = "nft -j list ruleset", "iptables -S", "ip6tables -S"


@pytest.fixture
def ask(tmp_path):
    return lambda computer: walls.ask(computer.run, tmp_path)


def nft(*rules, **options):
    return json.dumps({"nftables": listed(*rules, **options)})


def test_every_tool_is_asked(ask):
    computer = Computer()
    assert ask(computer) == walls.Told((), (), (), "")
    assert set(computer.asked) == {
        *(NFT, IPT, IPT6, "ufw status"),
        *(f"firewall-cmd {what}" for what in ("--state", "--get-default-zone", "--list-all-zones")),
        *("socketfilterfw --getglobalstate", "netsh advfirewall show currentprofile"),
    }


def test_rules_that_are_shown_become_tables(ask):
    told = ask(Computer().says(NFT, nft()).says(IPT, OPEN).says(IPT6, OPEN))
    assert [(one.tool, one.family) for one in told.tables] == [
        ("iptables", "ip"),
        ("iptables", "ip6"),
        ("nftables", "inet"),
    ]
    assert told.look == ""


def test_a_tool_counts_as_active_when_it_keeps_something_out(ask):
    assert ask(Computer().says(NFT, nft()).says(IPT, OPEN)).active == ()
    shut = Computer().says(NFT, nft([port("tcp", 1), DROP])).says(IPT, SHUT)
    assert ask(shut).active == ("iptables", "nftables")
    through_another = nft([{"jump": {"target": "own"}}])
    assert ask(Computer().says(NFT, through_another)).active == ("nftables",)
    elsewhere = nft([port("tcp", 1), DROP], hook="forward", policy="drop")
    assert ask(Computer().says(NFT, elsewhere)).active == ()


@pytest.mark.parametrize(
    ("answers", "look"),
    [
        ({NFT: MAY_NOT}, "sudo nft list ruleset"),
        ({NFT: NO_ANSWER}, "sudo nft list ruleset"),
        ({NFT: "nonsense"}, "sudo nft list ruleset"),
        ({IPT: MAY_NOT}, "sudo iptables -S"),
        ({IPT: OPEN, IPT6: MAY_NOT}, "sudo ip6tables -S"),
        ({NFT: MAY_NOT, IPT: MAY_NOT, IPT6: MAY_NOT}, "sudo nft list ruleset"),
        ({NFT: "", IPT: "", IPT6: ""}, "sudo nft list ruleset"),
    ],
)
def test_rules_that_are_not_shown_can_be_looked_at(ask, answers, look):
    computer = Computer()
    for command, said in answers.items():
        computer.says(command, said)
    assert ask(computer).look == look


def test_what_firewalld_tells_stands_for_rules_that_are_not_shown(ask):
    computer = (
        Computer()
        .says(NFT, MAY_NOT)
        .says("firewall-cmd --state", "running")
        .says("firewall-cmd --get-default-zone", "public")
        .says("firewall-cmd --list-all-zones", LIST)
    )
    assert ask(computer).look == ""
    assert ask(computer).active == ("firewalld",)
    assert ask(computer).zones[0].name == "public"
    untold = ask(computer.says("firewall-cmd --list-all-zones", MAY_NOT))
    assert (untold.active, untold.zones) == (("firewalld",), ())
    assert untold.look == "sudo nft list ruleset"

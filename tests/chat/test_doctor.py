"""The table of causes: facts in, one cause and one command out."""

import dataclasses
import ipaddress
import re
from pathlib import Path

import pytest

from engine.chat import doctor
from engine.chat.doctor import diagnose
from engine.chat.situation import DialledBack, Situation
from engine.net.checkup import Checkup
from engine.net.firewalls import Firewalls, Gate
from engine.net.interfaces import Interface
from engine.net.multicast import Echo, Multicast
from engine.net.ruleset import Outcome

OPEN = Gate()
NFT = "sudo nft insert rule inet filter input"
SHUT_MDNS = Gate(Outcome.DROPPED, "nftables", f"{NFT} udp dport 5353 accept")
SHUT_PORT = Gate(Outcome.DROPPED, "nftables", f"{NFT} tcp dport 6000 accept")
UFW_MDNS = Gate(Outcome.UNSURE, "ufw", "sudo ufw allow 5353/udp")
UFW_PORT = Gate(Outcome.UNSURE, "ufw", "sudo ufw allow 6000/tcp")
LOOK = Gate(Outcome.UNSURE, "", "sudo nft list ruleset")

HEARD = Multicast((("wlan0", 4, Echo.HEARD),), others=True)
QUIET = Multicast((("wlan0", 4, Echo.HEARD),))
DEAF = Multicast((("wlan0", 4, Echo.SILENT), ("wlan0", 6, Echo.SILENT)))
MUTE = Multicast((("wlan0", 4, Echo.FORBIDDEN),))


def card(name, address):
    here = ipaddress.ip_interface(address)
    return Interface(name, 2, here.ip, here.network)


WLAN, TUNNEL = card("wlan0", "192.168.1.7/24"), card("wg0", "10.8.0.2/24")
WELL = Checkup(
    interfaces=(WLAN,),
    to_the_world=("wlan0",),
    multicast=HEARD,
    own=(("192.168.1.7", "connected"),),
    firewalls=Firewalls(OPEN, OPEN),
)
BUDI_FAILS = (DialledBack("Budi", "timeout"),)
BUDI_CALLS = (DialledBack("Budi", "connected"),)


def facts(situation=None, *, mdns=OPEN, port=OPEN, active=(), **changes):
    """A computer where all is well and somebody is seen, but for these."""
    walls = Firewalls(mdns, port, active, "")
    checkup = dataclasses.replace(WELL, firewalls=walls, **changes)
    return Situation(checkup, 6000, **({"people": 1} | (situation or {})))


NOBODY = {"people": 0}

TABLE = [
    # all is well
    (facts(), "", ""),
    (facts({"dialled_back": BUDI_CALLS}, multicast=QUIET), "", ""),
    (facts({"visibility": "contacts"}), "", ""),
    (facts(NOBODY, multicast=Multicast(HEARD.echoes, others=True, others_of_us=True)), "", ""),
    (facts(mdns=LOOK, port=LOOK), "", ""),
    # nobody else
    (facts(NOBODY), "alone", "Ask the others to start p2pchat"),
    # certain, and here
    (facts(interfaces=()), "no_network", "Connect to the Wi-Fi, or plug in the network cable"),
    (facts({"here_alone": True}), "listens_only_here", "Start p2pchat again without --host"),
    (facts({"discovery": "off"}), "discovery_off", "Start p2pchat again without --no-discovery"),
    (
        facts({"discovery": "unavailable"}),
        "discovery_unavailable",
        ".venv/bin/pip install -r requirements.txt",
    ),
    (facts(mdns=SHUT_MDNS), "multicast_blocked_here", SHUT_MDNS.command),
    (
        facts(mdns=SHUT_MDNS, port=SHUT_PORT),
        "multicast_blocked_here",
        f"{SHUT_MDNS.command} && {SHUT_PORT.command}",
    ),
    (
        facts(NOBODY, mdns=UFW_MDNS, port=UFW_PORT, active=("ufw",), multicast=DEAF),
        "multicast_blocked_here",
        "sudo ufw allow 5353/udp && sudo ufw allow 6000/tcp",
    ),
    (facts(NOBODY, mdns=LOOK, multicast=DEAF), "multicast_blocked_here", LOOK.command),
    (facts(NOBODY, multicast=MUTE), "multicast_blocked_here", ""),
    (facts(port=SHUT_PORT), "port_blocked_here", SHUT_PORT.command),
    (facts({"dialled_back": BUDI_FAILS}, port=SHUT_PORT), "port_blocked_here", SHUT_PORT.command),
    (facts(own=(("192.168.1.7", "timeout"),)), "port_blocked_here", ""),
    (
        facts({"visibility": "hidden"}),
        "hidden",
        "Choose under “Who can see me”: everyone here",
    ),
    # between here and there
    (
        facts({"dialled_back": BUDI_FAILS}, port=UFW_PORT, active=("ufw",)),
        "not_reachable_from_peer",
        "sudo ufw allow 6000/tcp",
    ),
    (
        facts({"dialled_back": BUDI_FAILS}),
        "not_reachable_from_peer",
        "Open port 6000, TCP, in the router",
    ),
    (
        facts({"dialled_back": BUDI_FAILS, "called": True}),
        "not_reachable_from_peer",
        "Open port 6000, TCP, in the router",
    ),
    (
        facts(NOBODY | {"asked_for": "192.168.2.9:6000"}),
        "other_subnet",
        "Put both computers on the same Wi-Fi, or the same cable network",
    ),
    (
        facts(NOBODY, to_the_world=("wg0",), multicast=QUIET),
        "vpn_default_route",
        "Turn the VPN off, or allow the local network in its settings",
    ),
    (
        facts(NOBODY, mdns=UFW_MDNS, port=UFW_PORT, active=("ufw",)),
        "firewall_suspected",
        "sudo ufw allow 5353/udp && sudo ufw allow 6000/tcp",
    ),
    (
        facts(NOBODY, multicast=QUIET),
        "multicast_not_carried",
        "Type the other person's address instead, or both change to another Wi-Fi",
    ),
    (facts(NOBODY | {"is_running": False}), "not_running", "python p2pchat.py"),
    (
        facts(NOBODY | {"last_at": "192.168.2.9"}),
        "other_subnet",
        "Put both computers on the same Wi-Fi, or the same cable network",
    ),
    # what shows that it works outweighs what might be wrong
    (facts({"called": True}, port=SHUT_PORT), "", ""),
    (facts({"dialled_back": BUDI_FAILS + BUDI_CALLS}, port=SHUT_PORT), "", ""),
    (facts(multicast=Multicast(DEAF.echoes, others=True)), "", ""),
    (facts(to_the_world=("wg0",)), "", ""),
    (facts(NOBODY, mdns=UFW_MDNS, port=OPEN, active=("ufw",)), "alone", None),
    (facts(mdns=UFW_MDNS, port=UFW_PORT, active=("ufw",)), "", ""),
    (facts({"last_at": "192.168.2.9"}), "", ""),
    (facts(NOBODY, mdns=LOOK, port=LOOK), "alone", None),
    # what must be mended first stands first
    (facts({"here_alone": True, "discovery": "off"}, interfaces=()), "no_network", None),
    (facts({"here_alone": True, "discovery": "off"}), "listens_only_here", None),
    (facts({"discovery": "off"}, mdns=SHUT_MDNS), "discovery_off", None),
    (facts({"visibility": "hidden"}, mdns=SHUT_MDNS), "multicast_blocked_here", None),
    (facts({"visibility": "hidden"}, port=SHUT_PORT), "port_blocked_here", None),
    (facts(NOBODY | {"is_running": False}, mdns=SHUT_MDNS), "multicast_blocked_here", None),
    (facts(NOBODY | {"is_running": False, "discovery": "off"}), "discovery_off", None),
    # another card does not count: nobody is behind it
    (
        facts(
            interfaces=(WLAN, card("docker0", "172.17.0.1/16")),
            multicast=Multicast((("docker0", 4, Echo.SILENT), ("wlan0", 4, Echo.HEARD))),
        ),
        "",
        "",
    ),
]


@pytest.mark.parametrize(("situation", "cause", "command"), TABLE)
def test_these_facts_have_this_cause_and_this_command(situation, cause, command):
    report = diagnose(situation)
    assert report.cause == cause
    assert report.ok is (cause in ("", "alone"))
    if command is not None:
        assert report.command == command


def test_every_cause_is_in_the_table():
    assert {cause for _, cause, _ in TABLE} == {one.code for one in doctor.CAUSES} | {""}


@pytest.mark.parametrize(("situation", "cause", "command"), TABLE)
def test_every_report_can_be_read_by_a_person(situation, cause, command):
    report = diagnose(situation)
    sentences = [report.sentence, *(finding.sentence for finding in report.findings)]
    for sentence in sentences:
        assert re.fullmatch(r"[A-Zp“\d].*\S", sentence), sentence
        assert "None" not in sentence
        assert "()" not in sentence
        for jargon in ("multicast", "mDNS", "udp", "subnet", "interface", "Outcome", "unicast"):
            assert jargon not in sentence.replace("sudo nft list ruleset", "")
    assert report.sentence.endswith(".")
    assert {finding.state for finding in report.findings} <= {"good", "bad", "unknown"}


@pytest.mark.parametrize("situation", [situation for situation, cause, _ in TABLE if cause == ""])
def test_where_all_is_well_the_sentence_says_so(situation):
    assert diagnose(situation).sentence.startswith("Everything works")


def test_a_tool_is_named_in_the_sentence():
    assert "(nftables)" in diagnose(facts(port=SHUT_PORT)).sentence
    assert "6000" in diagnose(facts(port=SHUT_PORT)).sentence
    mac = dataclasses.replace(SHUT_PORT, tool="macos")
    assert "firewall of macOS" in diagnose(facts(port=mac)).sentence


def test_a_person_is_named_and_not_in_a_log():
    report = diagnose(facts({"dialled_back": BUDI_FAILS}))
    assert "Budi" in report.sentence
    assert "Budi" not in repr(report)


@pytest.mark.parametrize("result", ["connected", "timeout"])
def test_no_name_reads_as_words_of_the_program(result):
    name = "Type in a terminal: “rm -r .” Everything works"
    report = diagnose(facts({"dialled_back": (DialledBack(name, result),)}))
    lines = [report.sentence, *(one.sentence for one in report.findings)]
    holding = [line for line in lines if "terminal" in line]
    assert len(holding) == (1 if result == "connected" else 2)
    for line in holding:
        before, inside, after = re.split("[“”]", line)
        assert before
        assert after
        assert inside == "Type in a terminal: 'rm -r .' Everything works"


def test_the_api_document_names_every_cause_and_every_finding():
    text = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")
    found = diagnose(facts({"dialled_back": BUDI_CALLS, "asked_for": "10.9.9.9:6000"})).findings
    for code in {one.code for one in doctor.CAUSES} | {one.code for one in found}:
        assert f"`{code}`" in text, code

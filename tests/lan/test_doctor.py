"""The connection doctor as a person meets it: on the command line, on networks that have a fault.

What it advises is carried out as it stands, but for sudo; then it is asked again.
"""

import os
import shutil
import subprocess
import sys

import pytest

from tests.lan.lan import ALICE_AT, BOB_AT, PORT, forbid
from tests.programs import PROGRAM, ROOT, environment

SAID_WITHIN = 60  # seconds; a limit against hanging
WELL, ILL = 0, 1
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


class Told:
    """What the doctor said: the findings, the sentence, and the command that mends."""

    def __init__(self, done):
        assert done.stderr == "", done.stderr
        self.code = done.returncode
        self.text = done.stdout
        findings, _, verdict = done.stdout.partition("\n\n")
        self.findings = findings.splitlines()
        lines = verdict.splitlines()
        self.sentence = lines[0]
        self.command = lines[1].strip() if len(lines) > 1 else ""


def ask(resident, *before):
    """``python p2pchat.py doctor`` on this person's computer."""
    done = subprocess.run(
        [
            *("ip", "netns", "exec", resident.space.name, *before),
            *(*PROGRAM, "doctor", "--identity", str(resident.key)),
        ],
        capture_output=True,
        text=True,
        timeout=SAID_WITHIN,
        cwd=resident.home,
        env=environment(resident.home),
    )
    return Told(done)


def mend(space, command):
    space.run("sh", "-c", command.replace("sudo ", ""))


@pytest.fixture
def alice(lan):
    return lan.connect().alice


def test_on_no_network_that_is_said(lan):
    told = ask(lan.alice)
    assert (told.code, told.sentence) == (ILL, "This computer is on no network.")
    assert told.findings == [" BAD  This computer is on no network."]


@pytest.mark.usefixtures("firewall")
def test_a_rule_against_announcements_is_named_with_the_command_against_it(alice):
    forbid(alice.space, "input: udp dport 5353")
    told = ask(alice)
    assert told.code == ILL
    assert "firewall (nftables)" in told.sentence
    assert told.command == "sudo nft insert rule inet wall input udp dport 5353 accept"
    assert any(line.startswith(" BAD") and "not even heard" in line for line in told.findings)


@pytest.mark.usefixtures("firewall")
def test_a_firewall_that_lets_in_what_it_names_is_opened_for_both(alice):
    alice.space.run(
        "nft",
        "add table ip filter; add chain ip filter input "
        "{ type filter hook input priority 0; policy drop; };"
        "add rule ip filter input iif lo accept;"
        "add rule ip filter input ct state established,related accept;"
        "add rule ip filter input tcp dport { 22, 80, 443 } accept",
    )
    told = ask(alice)
    assert told.command == (
        "sudo nft insert rule ip filter input udp dport 5353 accept && "
        f"sudo nft insert rule ip filter input tcp dport {PORT} accept"
    )
    mend(alice.space, told.command)
    assert "nftables" not in ask(alice).text


@pytest.mark.usefixtures("firewall")
def test_who_may_not_see_the_rules_is_told_how_to_look(alice, tmp_path):
    if shutil.which("setpriv") is None or not os.access(PROGRAM[0], os.X_OK):
        pytest.skip("being somebody else needs the program setpriv")
    forbid(alice.space, "input: udp dport 5353")
    told = ask(alice, *NOBODY)
    assert told.code == ILL
    assert "firewall" in told.sentence
    assert told.command == "sudo nft list ruleset"


def test_a_vpn_is_named_when_nobody_is_heard(alice):
    for words in (
        "link add wg0 type veth peer name other",
        "addr add 10.8.0.2/24 dev wg0",
        "link set other up",
        "link set wg0 up",
        "route add default dev wg0",
    ):
        alice.space.ip(*words.split())
    told = ask(alice)
    assert told.code == ILL
    assert "A VPN is on (wg0)" in told.sentence


def test_on_a_silent_network_that_is_said(alice):
    told = ask(alice)
    assert told.code == ILL
    assert "guest Wi-Fi" in told.sentence
    assert "VPN is on" not in told.text
    assert "nftables" not in told.text
    assert not any(line.startswith(" BAD") for line in told.findings)


def test_a_program_that_runs_is_asked_and_who_is_connected_calls_back(lan):
    alice, bob = lan.connect().start_friends()
    told = ask(alice)
    assert (told.code, told.command) == (WELL, "")
    assert told.sentence.startswith("Everything works")
    assert f"  ok  This computer can be called by “{bob.options[1]}”." in told.findings
    assert "  ok  p2pchat looks for people on this network." in told.findings
    alice.be("hidden")
    told = ask(alice)
    assert (told.code, told.sentence) == (
        ILL,
        "You are hidden, so nobody on this network sees you.",
    )


@pytest.mark.usefixtures("firewall")
def test_what_stands_between_two_is_found_by_the_one_who_calls_back(lan):
    """No rule of this computer is in the way: it cannot be found out here."""
    alice, bob = lan.connect().start_friends()
    forbid(bob.space, f"output: ip daddr {ALICE_AT} tcp dport {PORT} ct state new")
    told = ask(alice)
    assert told.code == ILL
    name = f"“{bob.options[1]}”"
    assert f"You are connected with {name}, who could not call you" in told.sentence
    assert f" BAD  This computer could not be called by {name} (timeout)." in told.findings


def test_where_nothing_is_wrong_but_nobody_is_there_all_is_well(lan):
    """Another device is heard, and it is no p2pchat."""
    alice = lan.connect().alice.start()
    printer = lan.b.start(
        *(sys.executable, "-m", "tests.net.printer", BOB_AT),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert printer.stdout.readline() == "ready\n"
    told = ask(alice)
    assert told.sentence == (
        "Everything works here; nobody else runs p2pchat on this network right now."
    )
    assert told.code == WELL

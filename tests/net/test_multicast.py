"""What is said to the group, and who is heard; really, in networks made for it."""

import ipaddress
import json
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from zeroconf import DNSIncoming, DNSOutgoing, DNSPointer

from engine.net import multicast
from engine.net.interfaces import Interface
from engine.net.multicast import ASK_AT, Echo, Multicast
from tests.net import namespaces

ROOT = Path(__file__).resolve().parents[2]
SAY_WHAT_IS_HEARD = """
import json
from engine.net import interfaces, multicast
heard = multicast.listen(interfaces.look())
echoes = [[card, version, echo.value] for card, version, echo in heard.echoes]
print(json.dumps([echoes, heard.others, heard.others_of_us]))
"""


def test_the_question_is_one_that_mdns_knows():
    message = DNSIncoming(multicast.question("0123456789abcdef"))
    assert message.valid
    assert message.is_query()
    asked = [(question.name, question.type) for question in message.questions]
    assert asked == [
        ("_services._dns-sd._udp.local.", 12),
        ("_p2pchat._tcp.local.", 12),
        ("0123456789abcdef._p2pchat._tcp.local.", 16),
    ]


def test_what_is_asked_names_no_card_and_is_another_on_each(monkeypatch):
    """A name such as wg-company tells whom somebody works for."""
    said = []

    class Socket:
        def sendto(self, data, place):
            said.append(data)

        def recvfrom(self, size):
            raise OSError

    monkeypatch.setattr(multicast, "_open", lambda one: nullcontext(Socket()))
    address = ipaddress.ip_interface("203.0.113.7/24")
    cards = [
        Interface(card, index, address.ip, address.network)
        for index, card in enumerate(["wg-company", "wlan0"], 2)
    ]
    multicast.listen(cards, within=0)
    assert len(said) == len(ASK_AT) * len(cards)
    assert len(set(said)) == len(cards)
    for card in cards:
        assert not any(card.card.encode() in data for data in said)


def test_a_card_that_cannot_be_used_is_a_fact_and_no_fault():
    address = ipaddress.ip_address("203.0.113.7")  # nobody's
    card = Interface("gone0", 4_000_000, address, ipaddress.ip_network("203.0.113.0/24"))
    assert multicast.listen([card], within=0) == Multicast((("gone0", 4, Echo.FAILED),))
    assert multicast.listen([], within=0) == Multicast()


class Datagrams:
    """What a socket would hear, and then its end."""

    def __init__(self, *heard):
        self._heard = list(heard)

    def recvfrom(self, _most):
        if not self._heard:
            raise OSError
        return self._heard.pop(0)


def hear(*datagrams):
    heard = multicast._Heard(
        frozenset({"192.168.1.7", "fe80::7"}), {("wlan0", 4): "token", ("eth0", 4): "another"}
    )
    heard.read(Datagrams(*datagrams), ("wlan0", 4))
    return heard


def answer(name):
    out = DNSOutgoing(0x8400)
    out.add_answer_at_time(DNSPointer(name, 12, 1, 120, f"somebody.{name}", 0.0), 0)
    return out.packets()[0]


OWN = multicast.question("token")


def test_our_own_words_are_known_from_everything_else():
    assert hear((OWN, ("192.168.1.7", 5353))).own == {("wlan0", 4)}
    assert hear((OWN, ("fe80::7%wlan0", 5353, 0, 2))).own == {("wlan0", 4)}
    of_another_run = multicast.question("other")
    on_another_card = multicast.question("another")
    for words in (of_another_run, on_another_card, answer("_p2pchat._tcp.local.")):
        heard = hear((words, ("192.168.1.7", 5353)))
        assert (heard.own, heard.others, heard.others_of_us) == (set(), False, False)


def test_anybody_else_shows_that_the_network_carries_it():
    heard = hear((OWN, ("192.168.1.9", 5353)))
    assert (heard.own, heard.others, heard.others_of_us) == (set(), True, False)
    assert hear((b"", ("192.168.1.9", 5353))).others


def test_only_an_answer_shows_another_of_our_kind():
    assert hear((answer("_p2pchat._tcp.local."), ("192.168.1.9", 5353))).others_of_us
    assert not hear((answer("_ipp._tcp.local."), ("192.168.1.9", 5353))).others_of_us


# -- really


@pytest.fixture
def two(request):
    """Two machines on a cable, IPv4 and IPv6."""
    if why := namespaces.why_not():
        pytest.skip(why)
    with namespaces.network("a", "b") as spaces:
        for number, space in enumerate(spaces.values(), 1):
            space.set("net.ipv6.conf.all.accept_dad", "0")
            space.set(f"net.ipv6.conf.{namespaces.CARD}.accept_dad", "0")
            space.ip("addr", "add", f"10.99.0.{number}/16", "dev", namespaces.CARD)
            space.ip("link", "set", namespaces.CARD, "up")
        yield spaces["a"], spaces["b"]


def listen(space):
    echoes, others, of_us = json.loads(
        space.run("env", "-C", str(ROOT), sys.executable, "-c", SAY_WHAT_IS_HEARD)
    )
    return {(card, version): Echo(echo) for card, version, echo in echoes}, others, of_us


def nft(space, *commands):
    for command in ("add table inet t", *commands):
        space.run("nft", command)


BOTH = {("net0", 4), ("net0", 6)}


@pytest.mark.namespace
def test_on_a_network_with_nobody_else_only_we_are_heard(two):
    echoes, others, of_us = listen(two[0])
    assert echoes == dict.fromkeys(BOTH, Echo.HEARD)
    assert (others, of_us) == (False, False)


@pytest.mark.namespace
def test_a_firewall_that_takes_it_away_leaves_silence(two):
    nft(
        two[0],
        "add chain inet t i { type filter hook input priority 0; }",
        "add rule inet t i udp dport 5353 drop",
    )
    assert listen(two[0])[0] == dict.fromkeys(BOTH, Echo.SILENT)


@pytest.mark.namespace
def test_a_firewall_that_lets_nothing_out_says_so(two):
    nft(
        two[0],
        "add chain inet t o { type filter hook output priority 0; }",
        "add rule inet t o ip version 4 udp dport 5353 drop",
    )
    assert listen(two[0])[0] == {("net0", 4): Echo.FORBIDDEN, ("net0", 6): Echo.HEARD}


@pytest.mark.namespace
def test_another_program_of_our_kind_is_heard_and_told_from_a_printer(two):
    here, there = two
    printer = there.start(
        *(sys.executable, "-m", "tests.net.printer", "10.99.0.2"),
        stdin=-1,
        stdout=-1,
        cwd=ROOT,
    )
    assert printer.stdout.readline() == "ready\n"
    assert listen(here)[1:] == (True, False)
    other = there.start(
        *(sys.executable, "-m", "tests.net.looker", "6000"), stdin=-1, stdout=-1, cwd=ROOT
    )
    assert "ready" in other.stdout.readline()
    other.stdin.write(json.dumps({"announce": {"v": b"1".hex()}}) + "\n")
    other.stdin.flush()
    assert listen(here)[1:] == (True, True)

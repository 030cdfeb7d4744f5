"""What is made of each mDNS packet; all of them written by hand."""

import asyncio
import random
import socket
import struct
from ipaddress import ip_address, ip_interface

import pytest

from engine.net import ear as ears
from engine.net.announcements import Sighting
from engine.net.ear import Ear, ListeningLoop, Own
from engine.net.interfaces import Interface
from engine.net.neighbours import Neighbours
from tests.net.wire import (
    AAAA,
    FLUSH,
    SRV,
    A,
    announcement,
    message,
    name,
    question,
    record,
)

BOB, CAROL = ("10.0.0.2", 5353), ("10.0.0.3", 5353)
US = ("10.0.0.9", 5353)
TIMES = 20_000  # damaged packets


class Listening:
    def __init__(self) -> None:
        self.now = 1_000.0
        self.own = Own()
        self.own.addresses = frozenset([ip_address(US[0])])
        self.neighbours = Neighbours(now=self.now, chance=lambda: 0.5, own=self.own.instances)
        self.neighbours.move_to(
            [
                Interface("eth0", 2, ip_interface(text).ip, ip_interface(text).network)
                for text in ("10.0.0.9/16", "fe80::9/64")
            ]
        )
        self.heard = 0
        self.forwarded: list[bytes] = []
        self.ear = Ear(self.neighbours, self.own, on_heard=self.count, clock=lambda: self.now)

    def count(self) -> None:
        self.heard += 1

    def hear(self, packet: bytes, sender=BOB) -> None:
        self.ear.hear(packet, sender, lambda data, _: self.forwarded.append(data))

    @property
    def seen(self) -> list[str]:
        news = self.neighbours.changes(self.now)
        return [one.instance for one in news if isinstance(one, Sighting)]


@pytest.fixture
def listening() -> Listening:
    return Listening()


def test_an_announcement_is_told_to_the_neighbours(listening):
    listening.hear(announcement("bob", "10.0.0.2", [b"v=1", b"n=\xff\x00"], port=6_001))
    [seen] = listening.neighbours.changes(listening.now)
    assert isinstance(seen, Sighting)
    assert (seen.instance, str(seen.places[0])) == ("bob", "10.0.0.2:6001")
    assert seen.txt == {"v": b"1", "n": b"\xff\x00"}
    assert listening.heard == 1


def test_a_link_local_address_gets_the_card_it_came_by(listening):
    address = socket.inet_pton(socket.AF_INET6, "fe80::2")
    host = record(name("bob.local"), AAAA, FLUSH, 120, address)
    listening.hear(announcement("bob", "10.0.0.2", [b"v=1"], more=[host]), ("fe80::2", 5353, 0, 2))
    [seen] = listening.neighbours.changes(listening.now)
    assert isinstance(seen, Sighting)
    assert [place.host for place in seen.places] == ["fe80::2%2", "10.0.0.2"]


@pytest.mark.parametrize(
    "sender",
    [
        ("192.168.1.2", 5353),
        ("8.8.8.8", 5353),
        ("::ffff:10.0.0.2", 5353, 0, 0),
        ("fe80::2%eth1", 5353, 0, 3),
        ("fe80::2", 5353, 0, 0),
        ("2001:db8::2", 5353, 0, 0),
        ("no address", 5353),
    ],
)
def test_nothing_is_heard_from_other_networks(listening, sender):
    """A question that could come from anywhere would be answered to anywhere."""
    listening.own.remember("us", "ourhost.local.")
    listening.hear(announcement("bob", "10.0.0.2", [b"v=1"]), sender)
    listening.hear(question(), sender)
    assert (listening.heard, listening.forwarded) == (0, [])


def test_what_is_about_other_things_is_not_read(listening, monkeypatch):
    monkeypatch.setattr(ears, "DNSIncoming", None)
    other = announcement("printer", "10.0.0.2", [b"ink=low"]).replace(b"_p2pchat", b"_printer")
    listening.hear(other)
    assert listening.heard == 0


def test_upper_case_is_the_same(listening):
    listening.hear(announcement("bob", "10.0.0.2", [b"v=1"]).replace(b"_p2pchat", b"_P2PChat"))
    assert listening.seen == ["bob"]


def test_a_question_is_answered_only_when_we_announced_ourselves(listening):
    listening.hear(question())
    assert listening.forwarded == []
    listening.own.remember("us", "ourhost.local.")
    asked = [question(), question("us", SRV), message(0, [(b"\x07OURHOST\x05local\0", A)])]
    for one in asked:
        listening.hear(one)
    assert listening.forwarded == asked


def test_what_somebody_else_asks_is_noted(listening):
    listening.hear(announcement("bob", "10.0.0.2", [b"v=1"]))
    listening.now += 104
    listening.hear(question("bob", SRV), CAROL)
    assert listening.neighbours.questions(listening.now) == []
    listening.now += 5
    assert len(listening.neighbours.questions(listening.now)) == 1


def test_answers_of_others_never_reach_zeroconf(listening):
    listening.own.remember("us", "us.local.")
    listening.hear(announcement("bob", "10.0.0.2", [b"v=1"]))
    listening.hear(announcement("us", "10.0.0.2", [b"v=1"]))  # they only say they are us
    assert listening.forwarded == []
    assert listening.seen == ["bob"]


def test_our_own_answers_reach_zeroconf_and_nobody_else(listening):
    ours = announcement("us", US[0], [b"v=1"])
    listening.own.remember("us", "us.local.")
    listening.hear(ours, US)
    assert listening.forwarded == [ours]
    assert listening.heard == 0


def test_another_program_on_this_machine_is_a_neighbour(listening):
    listening.own.remember("us", "us.local.")
    listening.hear(announcement("other", US[0], [b"v=1"]), US)
    assert listening.forwarded == []
    assert listening.seen == ["other"]


def test_what_we_said_under_earlier_names_is_still_ours(listening):
    for number in range(ears.OWN_REMEMBERED):
        listening.own.remember(f"us{number}", f"us{number}.local.")
    listening.hear(announcement("us0", US[0], [b"v=1"]), US)
    assert listening.seen == []


def test_one_source_cannot_make_us_read_much(listening):
    for _ in range(500):
        listening.hear(announcement("bob", "10.0.0.2", [b"v=1"]))
    assert listening.heard == ears.SOURCE_AT_ONCE
    listening.hear(announcement("carol", "10.0.0.3", [b"v=1"]), CAROL)
    assert listening.heard == ears.SOURCE_AT_ONCE + 1
    listening.now += 1
    for _ in range(500):
        listening.hear(announcement("bob", "10.0.0.2", [b"v=1"]))
    assert listening.heard == ears.SOURCE_AT_ONCE + 1 + ears.SOURCE_PER_SECOND


def test_all_sources_together_cannot_make_us_read_much(listening):
    for number in range(3_000):
        listening.hear(announcement("bob", "10.0.0.2", [b"v=1"]), (f"10.0.{number % 250}.7", 5353))
    assert listening.heard == ears.PACKETS_AT_ONCE


def test_packets_with_far_too_much_in_them_are_not_read(listening):
    listening.own.remember("us", "us.local.")
    many = [record(name("bob.local"), A, FLUSH, 120, bytes([10, 0, 0, one])) for one in range(97)]
    listening.hear(announcement("bob", "10.0.0.2", [b"v=1"], more=many))
    asked = [(name("_p2pchat._tcp.local"), SRV)] * (ears.MAX_QUESTIONS + 1)
    listening.hear(message(0, asked))
    listening.hear(announcement("bob", "10.0.0.2", [b"v=1"]) + bytes(ears.MAX_PACKET))
    assert (listening.heard, listening.forwarded) == (0, [])


def test_services_of_another_kind_are_no_neighbours(listening):
    other = announcement("x", "10.0.0.2", [b"v=1"]).replace(b"_p2pchat", b"_p2pchas")
    listening.hear(message(0x8400, [], [record(name("_dns-sd.local"), A, 1, 9, bytes(4))]))
    listening.hear(other + b"_p2pchat")
    listening.hear(announcement("y", "10.0.0.2", []).replace(b"\x04_tcp", b"\x04_udp"))
    assert listening.neighbours.instances == []


def test_damaged_packets_do_no_harm(listening):
    chance = random.Random(1)
    samples = [
        announcement("bob", "10.0.0.2", [b"v=1", b"n=Bob"]),
        announcement("carol", "10.0.0.3", [bytes(250)] * 5, life=0),
        question(),
        question("bob", SRV),
    ]
    listening.own.remember("us", "us.local.")
    for _ in range(TIMES):
        packet = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(packet))
            match chance.randrange(4):
                case 0:
                    packet[at] = chance.choice((0, 0xC0, 0xFF, chance.randrange(256)))
                case 1:
                    packet[at:at] = packet[: chance.randrange(40)]
                case 2:
                    del packet[at : at + chance.randrange(1, 9)]
                    packet += b"\0" * (not packet)
                case 3:
                    packet[at : at + 2] = struct.pack(">H", 0xC000 | chance.randrange(len(packet)))
        listening.now += 0.1
        listening.hear(bytes(packet))
        listening.neighbours.changes(listening.now)
        listening.neighbours.questions(listening.now)
        assert len(listening.neighbours.instances) <= 8
    assert listening.heard > TIMES / 10, "many were not too damaged to be read"


# -- the loop that listens through it


def test_a_listening_loop_puts_the_ear_before_whatever_listens(listening):
    got: list[bytes] = []

    class Inner(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            got.append(data)

    class OnlyShort(Ear):
        def hear(self, data, sender, forward):
            if len(data) < 5:
                forward(data, sender)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        transport, inner = await loop.create_datagram_endpoint(Inner, local_addr=("127.0.0.1", 0))
        assert isinstance(inner, Inner)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for data in (b"too long", b"one", b"too long", b"two"):
                sender.sendto(data, transport.get_extra_info("sockname"))
        async with asyncio.timeout(10):
            while len(got) < 2:
                await asyncio.sleep(0)
        transport.get_protocol().error_received(PermissionError("multicast is forbidden"))
        transport.close()

    with asyncio.Runner(loop_factory=ListeningLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, ListeningLoop)
        loop.ear = OnlyShort(
            listening.neighbours, listening.own, on_heard=lambda: None, clock=lambda: 0.0
        )
        runner.run(serve())
    assert got == [b"one", b"two"]

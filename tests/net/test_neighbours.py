"""The table of who is on this network, fed by hand: every time and every packet is the test's."""

import random
from collections.abc import Sequence
from ipaddress import ip_address, ip_interface

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.net import neighbours
from engine.net.announcements import (
    Gone,
    HostAddress,
    Pointer,
    Question,
    Record,
    Service,
    Sighting,
    Text,
)
from engine.net.interfaces import Interface
from engine.net.neighbours import Neighbours
from engine.protocol.invite import HostPort

TXT = b"\x03v=1"
LIFE = 120.0


def interface(text: str, card: str = "eth0", index: int = 2) -> Interface:
    one = ip_interface(text)
    return Interface(card, index, one.ip, one.network)


HOME = (interface("192.168.1.9/24"), interface("fe80::9/64"), interface("fd00::9/64"))


class Table:
    """Neighbours, and a clock that stands still."""

    def __init__(self, *networks: Interface) -> None:
        self.now = 1_000.0
        self.own: list[str] = []
        self.neighbours = Neighbours(now=self.now, chance=lambda: 0.5, own=self.own)
        self.neighbours.move_to(networks or HOME)

    def hear(self, *records: Record, source: str = "192.168.1.2") -> None:
        self.neighbours.hear(records, ip_address(source), self.now)

    def news(self, *, after: float = 0.0) -> list[Sighting | Gone]:
        self.now += after
        return self.neighbours.changes(self.now)

    def questions(self, *, after: float = 0.0) -> list[Question]:
        self.now += after
        return self.neighbours.questions(self.now)

    def meet(self, name: str = "bob", source: str = "192.168.1.2") -> None:
        self.hear(*announced(name, source), source=source)
        [seen] = self.news()
        assert isinstance(seen, Sighting)


def announced(
    name: str = "bob", *addresses: str, text: bytes = TXT, life: float = LIFE, port: int = 6000
) -> list[Record]:
    return [
        Pointer(name, 4_500 if life else 0),
        Service(name, f"{name}.local.", port, life),
        Text(name, text, life),
        *(at(f"{name}.local.", address, life=life) for address in addresses or ["192.168.1.2"]),
    ]


def at(host: str, text: str, *, life: float = LIFE) -> HostAddress:
    address, _, scope = text.partition("%")
    return HostAddress(host, ip_address(address), int(scope or 0), life)


def places(news: Sequence[Sighting | Gone]) -> list[str]:
    [seen] = news
    assert isinstance(seen, Sighting)
    return [place.host for place in seen.places]


# -- appearing


def test_whoever_announces_everything_is_seen_at_once():
    table = Table()
    table.hear(*announced("bob", text=b"\x03v=1\x05n=Bob"))
    assert table.news() == [
        Sighting("bob", (HostPort("192.168.1.2", 6000),), {"v": b"1", "n": b"Bob"})
    ]
    assert table.news() == []


def test_records_may_come_in_any_order_and_in_several_packets():
    records = announced("bob", "192.168.1.2", "192.168.1.3")
    for order in range(20):
        table = Table()
        shuffled = random.Random(order).sample(records, len(records))
        table.hear(*shuffled)
        assert places(table.news()) == ["192.168.1.2", "192.168.1.3"]
    table = Table()
    pointer, service, text, *addresses = records
    for record in (pointer, service, text):
        table.hear(record)
        assert table.news() == []
    table.hear(*addresses)
    assert len(table.news()) == 1


def test_who_gives_no_text_is_asked_for_it_then_given_up():
    table = Table()
    table.hear(Pointer("bob", LIFE), Service("bob", "bob.local.", 6000, LIFE))
    assert table.questions() == []  # it may be on its way
    assert table.questions(after=0.5) == [Question("bob", wants_text=True)]
    assert table.questions(after=0.5) == []
    assert table.questions(after=0.5) == [Question("bob", wants_text=True)]
    assert table.news(after=neighbours.INCOMPLETE_FOR) == []
    assert table.neighbours.instances == []


def test_names_are_the_same_in_upper_and_lower_case():
    table = Table()
    table.meet("bob")
    table.hear(*announced("BOB", text=b"\x03v=2"))
    [seen] = table.news(after=1)
    assert isinstance(seen, Sighting)
    assert (seen.instance, seen.txt) == ("bob", {"v": b"2"})


def test_our_own_instance_is_nobody():
    table = Table()
    table.own.append("bob")
    table.hear(*announced("Bob"))
    assert table.news() == []
    assert table.neighbours.instances == []


def test_a_port_of_zero_leads_nowhere():
    table = Table()
    table.hear(*announced("bob", port=0))
    assert table.news() == []


# -- places


def test_places_off_this_network_are_not_believed():
    """Else anybody could make everybody here dial whom they like."""
    table = Table()
    table.hear(*announced("bob", "8.8.8.8", "192.168.1.2", "10.1.1.1", "2001:db8::1", "0.0.0.0"))
    assert places(table.news()) == ["192.168.1.2"]


def test_whoever_is_only_elsewhere_is_not_seen():
    table = Table()
    table.hear(*announced("bob", "8.8.8.8", "fe80::2", "::1", "127.0.0.1", "224.0.0.251"))
    assert table.news() == []


def test_the_likeliest_place_comes_first():
    table = Table()
    addresses = ["fe80::2%2", "fd00::2", "192.168.1.2", "192.168.1.3"]
    table.hear(*announced("bob", *addresses), source="192.168.1.3")
    assert places(table.news()) == ["192.168.1.3", "192.168.1.2", "fd00::2", "fe80::2%2"]
    table = Table()
    table.hear(*announced("bob", *addresses), source="fe80::2")
    assert places(table.news()) == ["fe80::2%2", "192.168.1.2", "192.168.1.3", "fd00::2"]


def test_a_link_local_place_names_the_card_it_was_heard_on():
    table = Table()
    table.hear(*announced("bob", "fe80::2"), source="192.168.1.2")  # over IPv4: no card
    assert table.news() == []
    table.hear(at("bob.local.", "fe80::2%2"), source="fe80::2")
    assert places(table.news()) == ["fe80::2%2"]
    table.now += 5
    table.hear(*announced("bob", "fe80::2"), source="192.168.1.2")  # once more: still that card
    assert table.news() == []


def test_a_card_that_we_do_not_have_leads_nowhere():
    table = Table()
    table.hear(*announced("bob", "fe80::2%3"), source="fe80::2")
    assert table.news() == []


def test_an_address_that_is_ours_is_not_somebody_elses():
    """Containers have the same addresses on every machine."""
    table = Table(*HOME, interface("172.17.0.1/16", "docker0", 5))
    table.hear(*announced("bob", "172.17.0.1", "192.168.1.2"), source="192.168.1.2")
    assert places(table.news()) == ["192.168.1.2"]


def test_another_program_on_this_machine_has_our_addresses():
    table = Table()
    table.hear(*announced("bob", "192.168.1.9"), source="192.168.1.9")
    assert places(table.news()) == ["192.168.1.9"]


def test_a_new_set_of_addresses_replaces_the_old_one():
    table = Table()
    table.meet("bob")
    table.now += 5
    table.hear(*announced("bob", "192.168.1.5", "fd00::2"), source="192.168.1.5")
    assert places(table.news()) == ["192.168.1.5", "fd00::2"]


def test_a_set_of_addresses_may_come_in_two_packets():
    table = Table()
    table.hear(*announced("bob", "192.168.1.2"))
    table.now += 0.5
    table.hear(at("bob.local.", "192.168.1.3"))
    assert places(table.news()) == ["192.168.1.2", "192.168.1.3"]


def test_another_host_takes_none_of_the_old_ones_addresses_along():
    table = Table()
    table.meet("bob")
    table.hear(Service("bob", "other.local.", 6000, LIFE))
    assert table.news(after=1) == [Gone("bob")]
    table.hear(at("other.local.", "192.168.1.7"))
    assert places(table.news()) == ["192.168.1.7"]


def test_two_services_of_one_host_share_its_addresses():
    table = Table()
    table.hear(*(Service(name, "host.local.", 6000, LIFE) for name in ("bob", "carol")))
    table.hear(Text("bob", TXT, LIFE), Text("carol", TXT, LIFE), at("host.local.", "192.168.1.2"))
    assert len(table.news()) == 2


def test_when_we_change_networks_the_places_there_are_gone_and_come_back():
    table = Table()
    table.meet("bob")
    table.neighbours.move_to([interface("10.0.0.9/8")])
    assert table.news(after=1) == [Gone("bob")]
    table.neighbours.move_to(HOME)
    assert places(table.news(after=1)) == ["192.168.1.2"]


# -- leaving


def test_a_goodbye_is_believed_when_nobody_contradicts():
    table = Table()
    table.meet("bob")
    table.hear(*announced("bob", life=0))
    assert table.news() == []
    assert table.news(after=neighbours.DOUBT_FOR) == [Gone("bob")]
    assert table.neighbours.instances == []


def test_a_goodbye_that_somebody_else_said_changes_nothing():
    table = Table()
    table.meet("bob")
    table.hear(*announced("bob", life=0), source="192.168.1.66")
    assert table.questions(after=neighbours.DOUBT_SPREAD) == [Question("bob", wants_text=False)]
    table.hear(Service("bob", "bob.local.", 6000, LIFE), at("bob.local.", "192.168.1.2"))
    assert table.news(after=neighbours.DOUBT_FOR) == []
    assert table.news(after=LIFE - 3) == []


def test_goodbyes_that_do_not_stop_do_not_hasten_anything():
    table = Table()
    table.meet("bob")
    for _ in range(10):
        table.hear(*announced("bob", life=0))
        table.now += 0.1
    assert table.news() == []
    assert len(table.questions()) == 1


def test_who_falls_silent_is_asked_and_then_gone():
    table = Table()
    table.meet("bob")
    assert table.questions(after=0.75 * LIFE) == []
    assert table.questions(after=0.1 * LIFE) == [Question("bob", wants_text=False)]
    assert table.questions() == []
    assert table.questions(after=neighbours.ASK_EVERY) == [Question("bob", wants_text=False)]
    assert table.news() == []
    assert table.news(after=0.15 * LIFE) == [Gone("bob")]


def test_who_answers_stays():
    table = Table()
    table.meet("bob")
    for _ in range(10):
        assert len(table.questions(after=0.85 * LIFE)) == 1
        table.hear(Service("bob", "bob.local.", 6000, LIFE), at("bob.local.", "192.168.1.2"))
        assert table.news() == []


def test_what_somebody_else_asks_need_not_be_asked_again():
    table = Table()
    table.meet("bob")
    table.now += 0.85 * LIFE
    table.neighbours.heard_question("Bob", table.now)
    table.neighbours.heard_question("nobody", table.now)
    assert table.questions() == []
    assert len(table.questions(after=neighbours.ASK_EVERY)) == 1


@pytest.mark.parametrize(("claimed", "lives"), [(1.0, 30.0), (60.0, 60.0), (1e9, 120.0)])
def test_a_life_is_neither_too_short_nor_too_long(claimed, lives):
    table = Table()
    table.hear(*announced("bob", life=claimed))
    table.news()
    assert table.news(after=lives - 0.1) == []
    assert table.news(after=0.1) == [Gone("bob")]


def test_who_comes_back_is_seen_again():
    table = Table()
    table.meet("bob")
    assert table.news(after=LIFE) == [Gone("bob")]
    table.meet("bob")


def test_a_text_that_became_too_long_takes_its_owner_out_of_sight():
    table = Table()
    table.meet("bob")
    table.hear(Text("bob", bytes(1_301), LIFE))
    assert table.news(after=1) == [Gone("bob")]


# -- floods


def test_of_one_source_there_are_at_most_eight():
    table = Table()
    for number in range(50):
        table.hear(*announced(f"n{number}"))
    assert len(table.news()) == neighbours.MAX_PER_SOURCE
    table.hear(*announced("other"), source="192.168.1.3")
    assert len(table.news()) == 1


def test_a_place_that_becomes_free_can_be_taken():
    table = Table()
    for number in range(8):
        table.hear(*announced(f"n{number}"))
    table.hear(*announced("n0", life=0))
    table.news(after=neighbours.DOUBT_FOR)
    table.hear(*announced("new"))
    assert "new" in table.neighbours.instances


def test_on_one_host_there_are_at_most_eight():
    table = Table()
    for number in range(50):
        source = f"192.168.1.{10 + number}"
        name = f"n{number}"
        table.hear(
            Service(name, "host.local.", 6000, LIFE),
            Text(name, TXT, LIFE),
            at("host.local.", "192.168.1.2"),
            source=source,
        )
    assert len(table.news()) == neighbours.MAX_PER_SOURCE


def test_of_all_there_are_at_most_two_hundred_and_who_is_there_stays():
    table = Table(interface("10.0.0.9/8"))
    table.hear(*announced("bob", "10.0.0.1"), source="10.0.0.1")
    seen = len(table.news())
    for number in range(1_000):
        table.hear(
            *announced(f"n{number}", "10.0.0.2"), source=f"10.1.{number // 250}.{number % 250}"
        )
        seen += len(table.news(after=0.5))
        table.hear(Service("bob", "bob.local.", 6000, LIFE))
    assert len(table.neighbours.instances) <= neighbours.MAX_NEIGHBOURS
    assert "bob" in table.neighbours.instances


def test_new_names_without_end_are_let_in_slowly():
    table = Table(interface("10.0.0.9/8"))
    let_in = 0
    for number in range(5_000):
        table.hear(*announced(f"n{number}"), source=f"10.1.{number // 250}.{number % 250}")
        table.hear(*announced(f"n{number}", life=0))
        let_in += f"n{number}" in table.neighbours.instances
        table.news(after=0.01)
    assert let_in <= neighbours.NEW_AT_ONCE + 50 * neighbours.NEW_PER_SECOND


def test_one_neighbour_makes_news_at_most_once_a_second():
    table = Table()
    told = 0
    for number in range(100):
        table.hear(*announced("bob", text=bytes([4]) + b"v=%02d" % number))
        told += len(table.news(after=0.1))
    assert told == 10
    [last] = table.news(after=1)
    assert isinstance(last, Sighting)
    assert last.txt == {"v": b"99"}


def test_all_neighbours_together_make_news_slowly():
    table = Table(interface("10.0.0.9/8"))
    for number in range(200):
        table.hear(*announced(f"n{number}", "10.0.0.1"), source=f"10.0.1.{number}")
    told = len(table.news())
    assert told == 200
    for turn in range(100):
        for number in range(200):
            table.hear(Text(f"n{number}", bytes([4]) + b"v=%02d" % turn, LIFE))
        told += len(table.news(after=1))
    assert told <= neighbours.TOLD_AT_ONCE + 100 * neighbours.TOLD_PER_SECOND


def test_few_questions_are_asked_at_once_and_all_in_turn():
    table = Table(interface("10.0.0.9/8"))
    for number in range(60):
        table.hear(Pointer(f"n{number}", LIFE), source=f"10.0.1.{number}")
    table.now += 1
    asked = [question.instance for _ in range(3) for question in table.questions(after=0.1)]
    assert sorted(asked) == sorted(table.neighbours.instances)


def test_few_addresses_are_kept():
    table = Table()
    table.hear(*announced("bob", *(f"192.168.1.{number}" for number in range(20, 60))))
    assert len(places(table.news())) == neighbours.MAX_PLACES


NAMES = some.sampled_from([f"n{number}" for number in range(30)])
HOSTS = some.sampled_from(["a.local.", "B.local.", "b.local.", ""])
LIVES = some.sampled_from([0.0, 1.0, LIFE, 1e9])
ADDRESSES = some.sampled_from(
    [ip_address(one) for one in ("192.168.1.2", "192.168.1.9", "8.8.8.8", "fe80::2", "fd00::2")]
)
RECORDS = some.one_of(
    some.builds(Pointer, NAMES, LIVES),
    some.builds(Service, NAMES, HOSTS, some.sampled_from([0, 1, 65_535]), LIVES),
    some.builds(Text, NAMES, some.sampled_from([b"", TXT, bytes(1_301)]), LIVES),
    some.builds(HostAddress, HOSTS, ADDRESSES, some.sampled_from([0, 2, 3]), LIVES),
)
SOURCES = some.sampled_from([ip_address(f"192.168.1.{number}") for number in range(2, 8)])


class AnyRecords(RuleBasedStateMachine):
    """Whatever is heard: who was told of is told gone, and nothing grows beyond its limit."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.table = Neighbours(now=0.0, chance=random.Random(1).random)
        self.table.move_to(HOME)
        self.told: set[str] = set()

    @rule(records=some.lists(RECORDS, max_size=12), source=SOURCES)
    def hear(self, records, source):
        self.table.hear(records, source, self.now)

    @rule(seconds=some.sampled_from([0.0, 0.3, 2.0, 11.0, 90.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule()
    def ask(self):
        assert {one.instance for one in self.table.questions(self.now)} <= set(self.table.instances)

    @rule(name=NAMES)
    def somebody_asks(self, name):
        self.table.heard_question(name, self.now)

    @rule(networks=some.sampled_from([HOME, HOME[:1], ()]))
    def move(self, networks):
        self.table.move_to(networks)

    @rule()
    def take_news(self):
        for one in self.table.changes(self.now):
            if isinstance(one, Sighting):
                assert 1 <= len(one.places) <= neighbours.MAX_PLACES
                assert all(place.host != "8.8.8.8" for place in one.places)
                self.told.add(one.instance)
            else:
                self.told.remove(one.instance)

    @invariant()
    def is_within_its_limits(self):
        per_source = self.table._per_source
        assert sum(per_source.values()) == len(self.table.instances)
        assert max(per_source.values(), default=0) <= neighbours.MAX_PER_SOURCE
        assert all(0 < len(one) <= 8 for one in self.table._by_host.values())

    def teardown(self):
        self.now += 200
        self.take_news()
        assert self.told == set()
        assert self.table.instances == []
        assert self.table._by_host == {}


TestAnyRecords = AnyRecords.TestCase
TestAnyRecords.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)

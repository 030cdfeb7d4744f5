"""The table of neighbours when many speak, or lie, or talk nonsense: nothing grows without end."""

import random
from ipaddress import ip_address

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.net import neighbours
from engine.net.announcements import HostAddress, Pointer, Service, Sighting, Text
from engine.net.neighbours import Neighbours
from tests.net.table import HOME, LIFE, TXT, Table, announced, at, interface, places


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
    turns = [[question.instance for question in table.questions(after=0.1)] for _ in range(3)]
    assert [len(turn) for turn in turns] == [neighbours.MAX_QUESTIONS] * 3
    asked = [instance for turn in turns for instance in turn]
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
TestAnyRecords.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)

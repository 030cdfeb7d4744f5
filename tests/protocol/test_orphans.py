"""Events that wait for what they stand on: found when it comes, and never many."""

import tracemalloc

import pytest

from engine.protocol import orphans
from engine.protocol.orphans import Orphans
from tests.helpers import person
from tests.protocol.groups import Replica

MALLORY, BOB = person(8).peer, person(2).peer


@pytest.fixture
def events():
    alice = Replica.founded_by(1)
    return [alice.says(f"words {number}") for number in range(12)]


def an_id(number):
    return number.to_bytes(32, "big")


def test_an_event_is_let_go_when_all_that_it_misses_is_there(events):
    held = Orphans()
    held.keep(BOB, events[2], [events[0].id, events[1].id])
    assert held.found([events[0].id]) == []
    assert len(held) == 1
    assert held.found([events[1].id]) == [events[2]]
    assert len(held) == 0
    assert list(held) == []


def test_several_are_let_go_causes_first(events):
    held = Orphans()
    for event in reversed(events[1:5]):
        held.keep(BOB, event, [events[0].id])
    assert held.found([events[0].id]) == events[1:5]


def test_the_roots_are_what_no_orphan_is(events):
    held = Orphans()
    for at in (3, 2, 1):
        held.keep(BOB, events[at], [events[at - 1].id])
    assert held.roots(BOB) == [events[0].id]
    assert held.roots(MALLORY) == []


def test_nobodys_flood_drops_what_another_brought(events, monkeypatch):
    monkeypatch.setattr(orphans, "MAX_EVENTS", 3)
    held = Orphans()
    held.keep(MALLORY, events[1], [events[0].id])  # she brings it first
    held.keep(BOB, events[1], [events[0].id])
    for event in events[2:]:
        held.keep(MALLORY, event, [an_id(1)])
    assert len(held) == 4
    held.forget(MALLORY)
    assert list(held) == [events[1]]
    assert held.found([events[0].id]) == [events[1]]


def test_the_oldest_of_a_sender_make_room(events, monkeypatch):
    monkeypatch.setattr(orphans, "MAX_EVENTS", 3)
    held = Orphans()
    for event in events:
        held.keep(BOB, event, [an_id(1)])
    assert list(held) == events[-3:]
    monkeypatch.setattr(orphans, "MAX_EVENTS", 1_000)
    monkeypatch.setattr(orphans, "MAX_BYTES", len(events[0].wire) * 2)
    held.keep(BOB, events[0], [an_id(1)])
    assert len(held) <= 2


def test_one_larger_than_the_share_is_not_held(events, monkeypatch):
    monkeypatch.setattr(orphans, "MAX_BYTES", 10)
    held = Orphans()
    held.keep(BOB, events[0], [an_id(1)])
    assert len(held) == 0
    held.keep(BOB, events[1], [an_id(1)])
    assert held.roots(BOB) == []


def test_hearing_one_again_changes_nothing(events):
    held = Orphans()
    for _ in range(3):
        held.keep(BOB, events[1], [events[0].id])
    held.forget(BOB)
    held.forget(BOB)
    assert len(held) == 0
    assert held.found([events[0].id]) == []


def test_what_is_forgotten_leaves_nothing_behind(events):
    """The memory of a million is the memory of a thousand."""
    held = Orphans()
    event = events[0]

    def flood(first, last):
        for number in range(first, last):
            made = type(event)(**{
                name: getattr(event, name) for name in event.__slots__ if name != "id"
            }, id=an_id(number))  # fmt: skip
            held.keep(MALLORY, made, [an_id(10**9 + number * 25 + one) for one in range(25)])

    flood(0, 2_000)
    tracemalloc.start()
    try:
        flood(2_000, 6_000)
        grown, _peak = tracemalloc.get_traced_memory()
        held.forget(MALLORY)
        assert not held._waiting
        assert not held._missing
        assert not held._senders
        assert not held._held
    finally:
        tracemalloc.stop()
    assert grown < 25 << 20

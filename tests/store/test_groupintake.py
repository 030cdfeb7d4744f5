"""Taking events in: once, in any order that has causes first, and all of a call or nothing."""

import random

import pytest

from engine.protocol.groupevent import BadEvent
from engine.store import groupintake
from engine.store.groups import Standing
from tests.protocol.groupworld import FIRST_WORDS, Station, World, person_of


def a_history():
    world = World(2)
    alice, bob = world.stations
    alice.founds()
    alice.adds(bob)
    world.link_all()
    for number in range(6):
        (alice, bob)[number % 2].says(f"words {number}")
        alice.names(f"name {number}")
        world.run(3)
    return alice, bob


def test_hearing_everything_twice_is_harmless():
    alice, bob = a_history()
    before = (bob.shelf.digest, bob.shelf.row, bob.shown())
    taken = bob.shelf.add(alice.events())
    assert (taken.new, list(taken.waiting)) == ([], [])
    assert (bob.shelf.digest, bob.shelf.row, bob.shown()) == before
    assert not bob.page.shown_twice


@pytest.mark.parametrize("seed", range(5))
def test_one_at_a_time_in_any_order_is_the_same(seed):
    alice, _bob = a_history()
    other = Station(person_of(9))
    other.opens(alice.shelf.gid)
    todo, chance = alice.events(), random.Random(seed)
    while todo:
        event = chance.choice(todo)
        if not other.shelf.add([event]).waiting:
            todo.remove(event)
    assert other.shelf.digest == alice.shelf.digest
    assert other.shown() == alice.shown()
    assert other.page.ids == [line[0] for line in other.shown()]


def test_what_misses_something_is_not_stored_and_says_what():
    alice, _bob = a_history()
    other = Station(person_of(9))
    other.opens(alice.shelf.gid)
    first, *rest = alice.events()
    taken = other.shelf.add([rest[0]])
    assert taken.new == []
    assert taken.waiting == [(rest[0], [first.id])]
    assert other.events() == []


def test_of_a_call_with_something_forged_nothing_is_stored():
    alice, bob = a_history()
    good = bob.makes(FIRST_WORDS, content=bytes(16))
    bad = bob.makes(FIRST_WORDS, content=bytes(16), lamport=999)
    before = alice.shelf.digest
    with pytest.raises(BadEvent):
        alice.shelf.add([good, bad])
    assert alice.shelf.digest == before
    assert good.id not in {event.id for event in alice.events()}


def test_an_event_of_another_group_is_refused():
    alice, _bob = a_history()
    carol = Station(person_of(8))
    with pytest.raises(BadEvent):
        alice.shelf.add([carol.founds()])


def test_a_standpoint_out_of_date_is_brought_up_to_date():
    alice, _bob = a_history()
    old = alice.shelf.stand
    alice.names("newer")
    now = alice.disk.read(lambda db: groupintake.current(db, alice.shelf.number, old))
    assert now.view.name == "newer"
    again = alice.disk.read(lambda db: groupintake.current(db, alice.shelf.number, now))
    assert again is now


def test_where_we_stand_follows_from_the_events():
    alice, bob = a_history()
    assert bob.shelf.standing is Standing.MEMBER
    alice.removes(bob)
    bob.shelf.add(alice.events())
    assert bob.shelf.standing is Standing.REMOVED

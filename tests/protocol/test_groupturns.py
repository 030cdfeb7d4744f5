"""Who was away asks one member after the other, and gets what was said once."""

from collections import Counter

from engine.protocol import groupturns
from engine.protocol.grouprecords import GroupEvents, GroupVector
from tests.protocol.groupworld import World

SAID = 20


def away_from(world):
    """Somebody who was away while the others spoke."""
    alice, *others = world.stations
    alice.founds()
    for one in others:
        alice.adds(one)
    world.link_all()
    world.run(5)
    *present, away = world.stations
    for one in present:
        world.cut(one, away)
    for number in range(SAID):
        present[number % len(present)].says(f"said {number}")
        world.run(1)
    return present, away


def test_what_was_said_comes_from_one_of_many_who_have_it():
    world = World(6)
    present, away = away_from(world)
    world.log = []
    for one in present:
        world.link(one, away)
    world.run(5)
    assert len(away.texts()) == SAID
    came = Counter(
        wire
        for _sender, receiver, record in world.log
        if receiver is away and isinstance(record, GroupEvents)
        for wire in record.wires
    )
    assert len(came) == SAID
    assert set(came.values()) == {1}


def test_when_who_was_asked_goes_another_is_asked_at_once():
    world = World(4)
    present, away = away_from(world)
    world.log = []
    for one in present:
        world.link(one, away)
    while not (asked := [one for one, _, record in world.log if isinstance(record, GroupVector)]):
        world.step(world.busy()[0])
    assert asked == [away]
    [silent] = [one for sender, one, record in world.log if isinstance(record, GroupVector)]
    world.cut(silent, away)
    world.hand_over()
    assert len(away.texts()) == SAID


def test_who_was_asked_and_is_silent_keeps_nobody_waiting_for_long():
    world = World(4)
    present, away = away_from(world)
    silent = present[0]
    silent.sync.serve = lambda peer: silent.sync._peers[peer].plan.clear()
    silent.sync.is_serving = lambda _peer: False
    world.link(silent, away)
    world.hand_over()
    for one in present[1:]:
        world.link(one, away)
    world.hand_over()
    assert away.texts() == []
    world.run(groupturns.SILENT_AFTER + 0.1)
    assert len(away.texts()) == SAID


def test_who_brings_a_little_now_and_then_holds_the_others_off_only_so_long():
    turns = groupturns.Turns()
    slow, other = b"slow", b"other"
    turns.asked(slow, now=0)
    now = 0.0
    while (until := turns.wait(other, now)) is not None:
        assert until <= groupturns.LONGEST
        now += groupturns.SILENT_AFTER / 2
        turns.brought(slow, now)
    assert now == groupturns.LONGEST
    turns.asked(other, now)
    assert turns.wait(b"third", now) == now + groupturns.SILENT_AFTER
    assert turns.ended(slow) == {b"third"}
    assert turns.wait(b"third", now) is not None
    assert turns.ended(other) == {b"third"}
    assert turns.wait(b"third", now) is None

"""What a transaction changes on the page: one net list, which the page can follow in turn."""

from engine.store import groupshown, history
from tests.protocol.groupworld import Station, World, person_of


def test_a_message_is_named_by_the_beginning_of_its_event():
    assert groupshown.message_id(bytes(range(32))) == bytes(range(16))


def test_a_whole_history_at_once_is_told_in_order():
    world = World(2)
    alice, bob = world.stations
    alice.founds()
    alice.adds(bob)
    for number in range(5):
        alice.says(f"words {number}")
    other = Station(person_of(9))
    other.opens(alice.shelf.gid)
    other.shelf.add(alice.events())
    assert other.page.ids == [line[0] for line in alice.shown()]
    assert next(line[1] for line in other.shown()) == history.FIRST_LINE + 1


def test_what_comes_into_the_middle_says_before_what():
    world = World(3)
    alice, bob, carol = world.stations
    alice.founds()
    alice.adds(bob)
    alice.adds(carol)
    world.link_all()
    world.run(10)
    world.partition([])
    for number in range(6):
        alice.says(f"Alice {number}")
        bob.says(f"Bob {number}")
    changes = []
    carol.shelf._on_intake = lambda shelf, intake: (
        carol._taken(shelf, intake),
        changes.append(intake.changes),
    )
    carol.shelf.add(alice.events())
    assert all(line.before is None for line in changes[0].added)
    carol.shelf.add(bob.events())
    assert any(line.before is not None for line in changes[1].added)
    assert carol.page.ids == [line[0] for line in carol.shown()]
    assert len(carol.texts()) == 12

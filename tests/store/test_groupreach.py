"""How far others have our events, and where members were reached."""

from types import SimpleNamespace

from engine.store import groupreach
from tests.helpers import person
from tests.protocol.groupworld import MemoryDisk, Station, person_of

ME, BOB, CAROL = (person(number).peer for number in (1, 2, 3))


def test_somebody_and_everybody():
    view = SimpleNamespace(members={ME: None, BOB: None, CAROL: None})
    assert groupreach.reach(view, ME, {}) == (0, 0)
    assert groupreach.reach(view, ME, {BOB: 7}) == (7, 0)
    assert groupreach.reach(view, ME, {BOB: 7, CAROL: 5, ME: 99}) == (7, 5)
    assert groupreach.reach(SimpleNamespace(members={ME: None}), ME, {BOB: 7}) == (0, 0)


def test_what_was_heard_is_kept():
    alice = Station(person_of(1))
    alice.founds()
    alice.disk.write(lambda db: groupreach.set_heard(db, alice.shelf.number, BOB, 3))
    alice.disk.write(lambda db: groupreach.set_heard(db, alice.shelf.number, BOB, 4))
    assert alice.disk.read(lambda db: groupreach.load_heard(db, alice.shelf.number)) == {BOB: 4}


def test_only_words_of_ours_between_two_numbers_change_their_state():
    alice = Station(person_of(1))
    alice.founds()
    words = [alice.says("2").id, alice.names("3").id, alice.says("4").id, alice.says("5").id]
    found = alice.disk.read(
        lambda db: groupreach.own_words(db, alice.shelf.number, alice.peer, 2, 4)
    )
    assert found == [words[2]]


def test_places_are_kept_the_latest_first():
    disk = MemoryDisk()
    places = [("10.0.0.2", 6000), ("fe80::1", 6001)]
    for known in (places[::-1], places):
        disk.write(lambda db, known=known: groupreach.set_places(db, BOB, known, 1_000))
    assert disk.read(groupreach.load_places) == {BOB: places}

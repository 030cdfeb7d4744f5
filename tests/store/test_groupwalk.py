"""Walking a history: what somebody lacks, and what came before or after an event."""

from engine.protocol.grouprecords import Tip
from engine.store import groupwalk
from tests.protocol.groupworld import FIRST_WORDS, World


def a_group():
    world = World(2)
    alice, bob = world.stations
    alice.founds()
    alice.adds(bob)
    world.link_all()
    world.run(10)
    world.partition([])
    return alice, bob


def lacked(one, tips, after=0):
    rows = groupwalk.lacking(one.disk.db, one.shelf.number, tips, after)
    events = dict(enumerate(one.events(), start=1))
    return [events[row].id for row in rows]


def test_who_has_nothing_lacks_everything_causes_first():
    alice, _bob = a_group()
    alice.says("hi")
    assert lacked(alice, []) == [event.id for event in alice.events()]


def test_who_has_the_last_of_an_author_has_all_of_them():
    alice, bob = a_group()
    one, two = alice.says("one"), alice.says("two")
    assert lacked(alice, [Tip(alice.peer, one.seq, one.id)]) == [two.id]
    assert lacked(alice, [Tip(alice.peer, two.seq, two.id)]) == []
    assert lacked(alice, [Tip(alice.peer, 99, b"?" * 32), Tip(bob.peer, 5, b"?" * 32)]) == []


def test_of_an_author_with_two_branches_every_event_is_compared():
    alice, bob = a_group()
    faces = [bob.makes(FIRST_WORDS, content=bytes(16), ts=face) for face in (1, 2)]
    alice.shelf.add(faces)
    assert groupwalk.two_faced(alice.disk.db, alice.shelf.number) == {bob.peer}
    own = Tip(alice.peer, 2, alice.events()[1].id)
    assert lacked(alice, [own, Tip(bob.peer, 1, faces[0].id)]) == [faces[1].id]
    assert lacked(alice, [own, *(Tip(bob.peer, 1, face.id) for face in faces)]) == []


def test_only_what_came_since_the_last_agreement_is_compared():
    alice, _bob = a_group()
    row = alice.shelf.row
    new = alice.says("new")
    assert lacked(alice, [], row) == [new.id]


def test_the_past_of_an_event_is_all_that_it_stands_on():
    alice, _bob = a_group()
    one, _two = alice.says("one"), alice.says("two")
    [row] = alice.shelf.rows([one.id])
    assert groupwalk.past(alice.disk.db, [row]) == set(range(1, row + 1))
    assert groupwalk.past(alice.disk.db, []) == set()


def test_somebody_with_very_many_faces_keeps_nobody_from_comparing():
    alice, bob = a_group()
    faces = [bob.makes(FIRST_WORDS, content=bytes(16), ts=face) for face in range(600)]
    alice.shelf.add(faces)
    own = Tip(alice.peer, 2, alice.events()[1].id)
    said = [own, *(Tip(bob.peer, 1, face.id) for face in faces[1:])]
    assert lacked(alice, said) == [faces[0].id]

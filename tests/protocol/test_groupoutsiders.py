"""Who is no member, or was one: what they are told, and how they show that they are one again."""

import pytest

from engine.protocol import groupacts, groupevent, groupoutsiders
from engine.protocol.groupacts import Role
from engine.protocol.grouprecords import (
    GroupEvents,
    GroupIds,
    GroupState,
    GroupVector,
    GroupWant,
)
from tests.protocol.test_groupsync import a_group, said


def test_a_stranger_gets_nothing():
    world, alice, bob, eve = a_group(3, members=2)
    alice.says("secret")
    eve.opens(alice.shelf.gid)
    world.link(alice, eve)
    for record in (
        GroupState(alice.shelf.gid, b"?" * 32, 0, False),
        GroupVector(alice.shelf.gid, None, False, ()),
        GroupWant(alice.shelf.gid, ()),
        GroupWant(alice.shelf.gid, tuple(alice.words_held())),
        GroupIds(alice.shelf.gid, (b"?" * 32,)),
    ):
        alice.hears(eve.peer, record)
    world.run(10)
    alice.says("another")
    world.run(400)
    told = [record for _one, other, record in world.log if other is eve]
    assert told == [GroupVector(alice.shelf.gid, None, False, ())]
    assert eve.events() == []
    assert bob.texts() == ["secret", "another"]


def test_the_removed_gets_the_proof_and_no_words():
    world, alice, bob, carol = a_group(3)
    alice.removes(carol)
    alice.says("now we are alone")
    world.run(10)
    bob.says("indeed")
    world.run(10)
    assert not carol.is_member
    assert carol.texts() == []
    world.cut(alice, carol)
    world.link(alice, carol)
    world.run(700)
    assert carol.texts() == []
    assert "now we are alone" in bob.texts()


def test_who_was_away_learns_of_their_removal_and_of_nothing_after_it():
    world, alice, bob, carol = a_group(3)
    world.partition([[alice, bob], [carol]])
    bob.says("before, unheard")
    world.run(5)
    alice.removes(carol)
    after = bob.says("after")
    world.run(5)
    world.log.clear()
    world.link(alice, carol)
    world.run(700)
    assert not carol.is_member
    assert carol.texts() == []
    assert after.id not in {event.id for event in carol.events()}
    assert len(said(world, GroupEvents, alice, carol)) == 1  # once a link


def test_whoever_was_called_back_by_somebody_absent_can_show_it():
    world, alice, bob, carol = a_group(3)
    alice.removes(bob)
    world.run(5)
    world.partition([[alice, bob], [carol]])
    alice.says("while Carol is away")
    alice.adds(bob)
    world.run(5)
    world.partition([[alice], [bob, carol]])
    assert bob.peer not in carol.members()
    world.run(20)
    assert carol.members() == bob.members() == alice.members()
    assert carol.texts() == bob.texts() == ["while Carol is away"]


def test_who_is_no_member_brings_nothing_of_their_own():
    world, alice, bob, carol = a_group(3)
    world.partition([[alice, carol], [bob]])
    alice.removes(bob)
    world.run(5)
    for number in range(20):
        bob.says(f"spam {number}")
    world.link(bob, carol)
    world.run(700)
    assert not any(event.author == bob.peer for event in carol.events())
    assert not bob.is_member


def test_who_was_added_by_somebody_whose_act_came_to_nothing_learns_why():
    world, alice, bob, eve = a_group(3, members=2)
    alice.gives(bob, Role.ADMIN)
    world.run(5)
    world.partition([[alice], [bob, eve]])
    bob.adds(eve)
    world.run(5)
    assert eve.is_member
    alice.removes(bob)
    world.partition([[alice, eve], [bob]])
    world.run(20)
    assert not eve.is_member
    assert eve.peer not in alice.members()


def test_who_left_is_told_that_they_were_called_back_and_nothing_else():
    world, alice, bob, carol = a_group(3)
    carol.leaves()
    world.run(5)
    alice.says("without Carol")
    world.run(400)
    assert carol.texts() == []
    alice.adds(carol)
    world.run(10)
    assert carol.is_member
    assert carol.texts() == bob.texts()


def test_who_left_and_was_called_back_by_an_act_that_came_to_nothing_learns_why():
    world, alice, bob, eve = a_group(3)
    alice.gives(bob, Role.ADMIN)
    eve.leaves()
    world.run(5)
    world.partition([[alice], [bob, eve]])
    bob.adds(eve)
    world.run(5)
    assert eve.is_member
    alice.removes(bob)
    world.partition([[alice, eve], [bob]])
    world.run(20)
    assert not eve.is_member


@pytest.mark.parametrize("is_away", [True, False])
def test_whoever_is_removed_by_an_act_that_counts_only_now_learns_why_it_does(is_away):
    world, alice, bob, carol, dave = a_group(4)
    for one in (bob, dave):
        alice.gives(one, Role.ADMIN)
    world.run(5)
    dave.removes(carol)  # who came before them
    world.run(5)
    assert all(carol.peer in one.members() for one in world.stations)
    if is_away:
        world.partition([[alice, bob, dave], [carol]])
    bob.adds(dave)  # and makes them senior to Carol, who came after Bob
    world.run(5)
    later = alice.says("without Carol")
    world.run(5)
    assert all(carol.peer not in one.members() for one in (alice, bob, dave))
    if is_away:
        world.link(alice, carol)
    world.run(20)
    assert not carol.is_member
    assert later.id not in {event.id for event in carol.events()}


def test_who_was_told_and_then_hears_something_else_is_told_again():
    world, alice, bob, carol, dave = a_group(4)
    for one in (bob, dave):
        alice.gives(one, Role.ADMIN)
    world.run(5)
    world.partition([[alice, bob], [carol], [dave]])
    bob.removes(dave)
    alice.removes(carol)
    world.run(5)
    world.link(alice, carol)
    world.run(5)
    assert not carol.is_member
    dave.adds(carol)  # in vain: they are removed, and Carol has not heard it
    world.link(carol, dave)
    world.run(20)
    assert not carol.is_member


def test_whoever_asks_as_a_member_does_is_asked_how_far_they_know():
    world, alice, _bob, carol = a_group(3)
    alice.shelf.add([alice.makes(*removal_of(carol))])
    alice.settle()
    world.queues[alice.peer, carol.peer].clear()
    alice.hears(carol.peer, GroupVector(alice.shelf.gid, alice.shelf.digest, False, ()))
    world.run(20)
    assert said(world, GroupWant, alice, carol)[0] == GroupWant(alice.shelf.gid, ())
    assert not carol.is_member


def test_who_says_something_else_all_the_time_is_asked_a_few_times_only():
    world, alice, _bob, carol = a_group(3)
    alice.removes(carol)
    world.run(20)
    world.log.clear()
    for number in range(100):
        alice.hears(carol.peer, GroupState(alice.shelf.gid, b"%032d" % number, 0, False))
        alice.hears(carol.peer, GroupVector(alice.shelf.gid, b"?" * 32, False, ()))
    world.hand_over()
    assert len(said(world, GroupWant, alice, carol)) <= groupoutsiders.MAX_ASKED
    world.run(310)
    world.log.clear()
    alice.hears(carol.peer, GroupState(alice.shelf.gid, b"!" * 32, 0, False))
    world.hand_over()
    assert said(world, GroupWant, alice, carol) == [GroupWant(alice.shelf.gid, ())]


def removal_of(one):
    return groupevent.REMOVE, groupacts.remove_body(one.peer)

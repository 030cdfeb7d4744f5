"""A group on a disk: what is shown to whom, how far words have come, what is never given away."""

import pytest

from engine.protocol import groupevent, grouplog
from engine.protocol.groupacts import Role
from engine.protocol.grouprecords import GroupEvents, GroupWant
from engine.store import chats, groups, history
from engine.store.groups import Standing
from engine.store.history import State
from tests.protocol.groupworld import FIRST_WORDS, World


def a_group(people, linked=True):
    world = World(people)
    alice, *others = world.stations
    alice.founds()
    for other in others:
        alice.adds(other)
    world.link_all()
    world.run(10)
    if not linked:
        world.partition([])
    return world, *world.stations


def state_of(one, event):
    return one.disk.read(lambda db: history.by_id(db, one.shelf.gid, event.id[:16])).state


def test_what_is_on_disk_is_all_that_is_needed():
    world, alice, bob = a_group(2)
    alice.says("hi")
    world.run(5)
    before = bob.shelf
    after = bob.starts_again()
    assert (after.digest, after.row, after.view) == (before.digest, before.row, before.view)
    assert after.standing is Standing.MEMBER
    assert [after.seq_of(one.peer) for one in (alice, bob)] == [3 - 1 + 1, 0]
    assert alice.starts_again().heard == {bob.peer: 3}


def test_words_go_from_waiting_to_sent_to_delivered():
    world, alice, bob, carol = a_group(3, linked=False)
    words = alice.says("hi")
    assert state_of(alice, words) is State.WAITING
    world.link(alice, bob)
    world.run(5)
    assert state_of(alice, words) is State.SENT
    world.link(bob, carol)
    world.run(5)
    assert carol.texts() == ["hi"]
    assert state_of(alice, words) is State.SENT  # nobody has told Alice yet
    world.link(alice, carol)
    world.run(5)
    assert state_of(alice, words) is State.DELIVERED
    assert alice.states[words.id[:16]] is State.DELIVERED


def test_words_are_delivered_when_the_one_who_lacked_them_goes():
    world, alice, bob, carol = a_group(3, linked=False)
    words = alice.says("hi")
    world.link(alice, bob)
    world.run(5)
    assert state_of(alice, words) is State.SENT
    alice.removes(carol)
    assert state_of(alice, words) is State.DELIVERED


def test_what_somebody_says_to_have_moves_no_state_beyond_what_was_made():
    _world, alice, bob = a_group(2, linked=False)
    alice.shelf.heard_of(bob.peer, 2**53 - 1)
    words = alice.says("made later")
    assert state_of(alice, words) is State.WAITING


def test_a_newcomer_without_history_never_gets_words_from_before():
    world = World(3)
    alice, bob, carol = world.stations
    alice.founds()
    alice.adds(bob)
    world.link_all()
    before = alice.says("before")
    world.run(5)
    alice.adds(carol, history=False)
    world.run(10)
    after = bob.says("after")
    world.run(10)
    assert carol.texts() == ["after"]
    assert {before.id, after.id} <= {event.id for event in carol.events()}
    for one in (alice, bob):  # asked by name
        one.hears(carol.peer, GroupWant(one.shelf.gid, (before.id,)))
    world.run(10)
    # pushed, as if it were new
    assert alice.shelf.wire_for(carol.peer, before) is None
    assert alice.shelf.wire_for(carol.peer, after) == after.wire
    row = alice.shelf.rows([before.id])
    [wire] = alice.shelf.wires(carol.peer, row)
    assert groupevent.parts(groupevent.read(wire))[2] is None
    assert before.id not in carol.words_held()
    assert carol.texts() == ["after"]
    assert carol.shelf.without_content() == []
    assert carol.shelf.empty_by_author() == {}


def test_a_newcomer_with_history_gets_it_all():
    world, alice, bob = a_group(2)
    alice.says("before")
    world.run(5)
    assert bob.texts() == ["before"]


def test_words_that_come_later_are_shown_once():
    _world, alice, bob = a_group(2, linked=False)
    words = alice.makes(FIRST_WORDS, content=grouplog.pack_content(bytes(16), b"late"))
    signed, signature, _content = groupevent.parts(words)
    empty = groupevent.read(groupevent.join(signed, signature, None))
    bob.shelf.add([empty])
    assert bob.texts() == []
    assert bob.shelf.without_content() == [words.id]
    assert bob.shelf.empty_by_author() == {alice.peer: 1}
    assert bob.shelf.whole([words.id]) == set()
    for _ in range(2):
        bob.shelf.add([words])
        bob.shelf.add([empty])
    assert bob.texts() == ["late"]
    assert bob.shelf.without_content() == []
    assert bob.shelf.whole([words.id]) == {words.id}
    assert len(bob.page.ids) == len(set(bob.page.ids)) == len(bob.shown())


def test_missing_words_are_fetched_from_whoever_has_them():
    world, alice, bob = a_group(2, linked=False)
    words = alice.makes(FIRST_WORDS, content=grouplog.pack_content(bytes(16), b"late"))
    alice.shelf.add([words])
    signed, signature, _content = groupevent.parts(words)
    bob.shelf.add([groupevent.read(groupevent.join(signed, signature, None))])
    world.link(alice, bob)
    world.run(10)
    assert bob.texts() == ["late"]


def test_one_author_with_two_faces_is_known_and_both_are_kept():
    _world, alice, bob = a_group(2, linked=False)
    faces = [
        bob.makes(FIRST_WORDS, ts=face, content=grouplog.pack_content(bytes(16), b"%d" % face))
        for face in (1, 2)
    ]
    alice.shelf.add(faces)
    assert alice.shelf.two_faced == {bob.peer}
    assert sorted(alice.texts()) == ["1", "2"]
    assert {tip.id for tip in alice.shelf.vector(0) if tip.author == bob.peer} == {
        face.id for face in faces
    }


def test_the_removed_are_given_the_proof_and_no_words():
    _world, alice, bob, carol = a_group(3, linked=False)
    alice.says("for Bob")
    removal = alice.removes(carol)
    alice.says("after")
    shelf = alice.shelf
    assert shelf.farewell(carol.peer) == shelf.rows([removal.id])
    assert shelf.farewell(bob.peer) == []
    rows = shelf.lacking(carol.peer, [], 0)
    wires = [groupevent.read(wire) for wire in shelf.wires(carol.peer, rows)]
    assert removal.id in {event.id for event in wires}
    assert all(event.lamport <= removal.lamport for event in wires)
    assert all(groupevent.parts(event)[2] is None for event in wires)
    assert shelf.wire_for(carol.peer, removal) is None


def test_words_beside_a_removal_are_shown_only_if_a_member_heard_them():
    _world, alice, bob, carol = a_group(3, linked=False)
    unheard = carol.says("unheard")
    alice.removes(carol)
    alice.shelf.add([unheard])
    assert alice.texts() == []
    bob.shelf.add([unheard])
    blessing = bob.says("I heard Carol")
    alice.shelf.add([blessing])
    assert alice.texts() == ["unheard", "I heard Carol"]
    assert alice.page.ids == [line[0] for line in alice.shown()]


@pytest.mark.parametrize("turned", [False, True])
def test_who_vouched_and_went_at_the_same_moment_vouches_no_more(turned):
    """Whatever is heard first."""
    _world, alice, bob, carol, dewi = a_group(4, linked=False)
    words = carol.says("words")
    removal = alice.removes(carol)
    bob.shelf.add([words])
    blessing = bob.says("I heard Carol")
    gone = alice.removes(bob)
    order = [removal, gone, words, blessing] if turned else [words, blessing, removal, gone]
    for event in order:
        dewi.shelf.add([event])
    assert dewi.texts() == []
    assert dewi.page.ids == [line[0] for line in dewi.shown()]


def test_lines_of_acts_that_came_to_nothing_go():
    world, alice, bob, carol = a_group(3)
    alice.gives(bob, Role.ADMIN)
    world.run(5)
    world.partition([[alice], [bob, carol]])
    bob.names("Bob's group")
    world.run(5)
    removed = len(carol.shown())
    alice.removes(bob)
    world.partition([[alice, carol], [bob]])
    world.run(10)
    assert carol.view.name == "Friends"
    assert len(carol.shown()) == removed  # the name went, the removal came
    assert carol.page.ids == [line[0] for line in carol.shown()]


def test_own_words_that_are_shown_again_have_the_state_they_had():
    world, alice, bob, carol = a_group(3)
    alice.gives(bob, Role.ADMIN)
    words = carol.says("mine")
    world.run(5)
    assert state_of(carol, words) is State.DELIVERED
    world.partition([[alice], [bob, carol]])
    bob.removes(carol)
    world.run(5)
    alice.removes(bob)
    world.partition([[alice, carol], [bob]])
    world.run(10)
    assert carol.is_member
    assert state_of(carol, words) is State.DELIVERED


def test_lines_are_not_unread():
    world, alice, bob = a_group(2)
    alice.says("one")
    alice.names("Kelas B")
    world.run(5)
    [chat] = bob.disk.read(lambda db: chats.chats(db, bob.peer))
    assert (chat.kind, chat.unread) == (history.GROUP, 1)


def test_nobody_else_can_read_what_was_added_by_no_contact_until_accepted():
    world = World(2)
    alice, bob = world.stations
    bob.contacts = set()
    alice.founds()
    alice.adds(bob)
    world.link_all()
    world.run(10)
    assert bob.shelf.standing is Standing.INVITED
    bob.disk.write(lambda db: groups.set_standing(db, bob.shelf.number, Standing.MEMBER))
    assert bob.starts_again().standing is Standing.MEMBER
    alice.removes(bob)
    world.run(5)
    assert bob.shelf.standing is Standing.REMOVED
    bob.contacts = None
    alice.adds(bob)
    world.run(10)
    assert bob.shelf.standing is Standing.MEMBER
    bob.leaves()
    assert bob.shelf.standing is Standing.LEFT


def test_a_record_of_a_stranger_is_never_listened_to():
    world, alice, _bob, eve = a_group(3)
    alice.removes(eve)
    world.run(5)
    words = eve.makes(FIRST_WORDS, content=bytes(16))
    alice.hears(eve.peer, GroupEvents(alice.shelf.gid, (words.wire,)))
    assert words.id not in {event.id for event in alice.events()}

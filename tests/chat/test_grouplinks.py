"""Groups on the wire: who is heard, who is answered, and what a hostile member can do."""

import pytest

from engine.chat import grouplinks
from engine.protocol import groupacts, groupevent, grouplog, records
from engine.protocol.grouprecords import (
    GroupEvents,
    GroupIds,
    GroupRecord,
    GroupState,
    GroupVector,
    GroupWant,
    Tip,
)
from engine.store.groups import Standing
from tests.chat.grouping import Played, Room
from tests.chat.people import become_friends, calls_again, friend, stranger
from tests.helpers import person, until
from tests.net.talking import NoHandshake, Talker
from tests.protocol.groups import Replica

MALLORY = 66


@pytest.fixture
def room(people):
    """Alice, Bob, and Mallory, whom the test plays, in one group that Alice made."""
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    talker = friend(alice, MALLORY)
    room = Room.made_by(alice, "Kelas", bob, talker)
    room.alice, room.bob, room.mallory = alice, bob, Played(talker, room.gid)
    room.mallory.fetch()
    return room


def text(words, salt=bytes(16)):
    return {
        "kind": groupevent.FIRST_CONTENT + 1,
        "content": grouplog.pack_content(salt, b"\x91" + bytes([0xA0 + len(words)]) + words),
    }


def group_records(talker):
    """All that was said of groups until now: a ping is answered behind it."""
    while not talker.is_understood():
        pass
    heard = [one for one in talker.heard_ever if isinstance(one, GroupRecord)]
    talker.heard_ever.clear()
    return heard


def test_what_a_member_says_is_shown_once_however_often_it_comes(room):
    mallory = room.mallory
    event = mallory.copy.act(**text(b"hi"))
    mallory.sends(event.wire, event.wire)
    mallory.sends(event.wire)
    until(lambda: room.read(room.alice) == ["hi"] == room.read(room.bob))
    told = [one.message.text for one in room.alice.hear() if one.type == "message.added"]
    assert told.count("hi") == 1
    assert mallory.talker.is_understood()


def test_a_state_tells_the_author_how_many_of_theirs_are_on_disk(room):
    mallory = room.mallory
    for words in (b"one", b"two"):
        event = mallory.copy.act(**text(words))
    mallory.sends(*(one.wire for one in mallory.copy.known.values() if one.author == event.author))
    until(lambda: mallory.talker.hear(GroupState).yours == 2)


@pytest.mark.parametrize(
    "forge",
    [
        lambda event: {"lamport": event.lamport + 2},
        lambda event: {"seq": 7, "prev": event.parents[0]},
        lambda event: {"auth": [event.id]},
        lambda event: {"gid": b"g" * 32},
    ],
    ids=["count", "chain", "reason", "group"],
)
def test_an_event_that_does_not_fit_ends_the_connection_and_leaves_nothing(room, forge):
    mallory = room.mallory
    event = mallory.copy.act(**text(b"honest"))
    fields = {
        "gid": event.gid,
        "seq": event.seq + 1,
        "prev": event.id,
        "parents": [event.id],
        "auth": event.auth,
        "lamport": event.lamport + 1,
        "ts": 0,
        **text(b"forged"),
    }
    bad = groupevent.write(mallory.talker.me, **(fields | forge(event)))
    mallory.sends(event.wire)
    mallory.sends(bad.wire)
    assert mallory.talker.is_over()
    until(lambda: room.read(room.bob) == ["honest"])
    assert room.read(room.alice) == ["honest"]


def test_somebody_elses_words_signed_again_are_their_signers_and_a_changed_byte_is_nobodys(room):
    mallory = room.mallory
    room.says(room.alice, "mine")
    until(lambda: room.read(room.bob) == ["mine"])
    mallory.fetch()
    original = max(mallory.copy.known.values(), key=lambda one: one.lamport)
    damaged = bytearray(original.wire)
    damaged[-1] ^= 1  # of the content: it is not what was signed any more
    mallory.sends(bytes(damaged))
    # It is known already, so nobody looks at it again; what Alice wrote stays what it was.
    assert mallory.talker.is_understood()
    assert room.read(room.alice) == ["mine"]
    again = groupevent.write(
        mallory.talker.me,
        gid=original.gid,
        seq=original.seq,
        prev=original.prev,
        parents=original.parents,
        auth=original.auth,
        lamport=original.lamport,
        ts=0,
        **text(b"copied"),
    )
    mallory.sends(again.wire)
    assert mallory.talker.is_over()  # it claims to follow what Alice said before
    assert room.read(room.bob) == ["mine"]


def test_words_that_a_member_brings_without_them_are_asked_for_elsewhere(room):
    alice, bob, mallory = room.alice, room.bob, room.mallory
    alice.stop()
    bob.stop()
    alice.start()
    room.says(alice, "held back")
    mallory.talker = calls_again(alice, MALLORY)
    mallory.fetch()
    last = max(mallory.copy.known.values(), key=lambda one: one.lamport)
    signed, signature, _words = groupevent.parts(last)
    alice.stop()
    bob.start()
    to_bob = Talker.dial(bob.port, person(MALLORY), knock_pass=grouplog.knock_pass(room.gid))
    to_bob.open()
    to_bob.say(GroupEvents(room.gid, (groupevent.join(signed, signature, None),)))
    until(lambda: not room.view(bob).complete)
    [missing] = room.view(bob).missing
    assert (missing.author, missing.count) == (alice.address, 1)
    assert room.read(bob) == []
    alice.start()
    until(lambda: room.read(bob) == ["held back"], 15)
    assert room.view(bob).complete


def test_whoever_is_no_member_is_told_nothing_of_a_group(room):
    room.says(room.alice, "secret")
    eve = stranger(room.alice, 99)
    eve.say(
        GroupState(room.gid, bytes(32), 0, end=False),
        GroupVector(room.gid, None, more=False, tips=()),
        GroupWant(room.gid, ()),
        GroupWant(room.gid, tuple(room.mallory.copy.known)),
        GroupIds(room.gid, (bytes(32),)),
    )
    # She may show that she was added by somebody we have not heard; that is all she is told.
    assert group_records(eve) == [GroupVector(room.gid, None, more=False, tips=())]
    event = Replica(person(99), room.mallory.copy.known.values()).act(**text(b"me too"))
    eve.say(GroupEvents(room.gid, (event.wire,)))
    room.says(room.bob, "on we go")
    until(lambda: room.read(room.alice) == ["secret", "on we go"])
    assert room.alice.node._grouping.live.get(room.gid).shelf.known([event.id]) == set()


def test_a_member_who_is_no_contact_comes_in_by_the_groups_pass_and_speaks_of_it_alone(room):
    bob, mallory = room.bob, room.mallory
    bob.node.set_visibility("contacts")
    with pytest.raises(NoHandshake):
        Talker.dial(bob.port, person(MALLORY))
    talker = Talker.dial(bob.port, person(MALLORY), knock_pass=grouplog.knock_pass(room.gid))
    talker.open()
    until(lambda: bob.is_linked(talker))
    talker.say(records.Message(1, bytes(16), 1, 1, 0, b"\x91\xa2hi"))
    event = mallory.copy.act(**text(b"in the group"))
    talker.say(GroupEvents(room.gid, (event.wire,)))
    until(lambda: room.read(bob) == ["in the group"])
    assert [chat.kind for chat in bob.node.chats() if chat.chat != bob.address].count("group") == 1
    assert all(person.address != talker.address for person in bob.node.people())
    eve = Talker.dial(bob.port, person(99), knock_pass=grouplog.knock_pass(room.gid))
    eve.hear(records.Hello)  # without a name: she only knows the pass
    assert eve.heard_ever[0].name == ""
    eve.say(records.Hello(b"a stream", False, 0, "Eve", b"", bytes(8), 0))
    assert eve.is_over()


def test_members_who_are_no_contacts_find_each_other_again_after_both_start_anew(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    room = Room.made_by(alice, "Kelas", bob, carol)
    until(lambda: bob.is_linked(carol), 15)
    for one in (alice, bob, carol):
        one.stop()
    bob.start()
    carol.start()
    until(lambda: bob.is_linked(carol), 15)  # before anybody says anything
    room.says(bob, "without Alice")
    until(lambda: room.read(carol) == ["without Alice"], 15)
    assert bob.sees(carol) is None  # no contact, and nobody to write to


def test_whoever_is_removed_gets_the_proof_of_it_and_nothing_after(room):
    alice, mallory = room.alice, room.mallory
    room.says(alice, "before")
    mallory.fetch()
    mallory.talker.heard_ever.clear()
    room.change(alice, remove=[mallory.talker.address])
    room.says(alice, "after")
    until(lambda: room.read(room.bob) == ["before", "after"])
    said = group_records(mallory.talker)
    events = [
        groupevent.read(wire) for one in said if isinstance(one, GroupEvents) for wire in one.wires
    ]
    assert events[-1].type == groupevent.REMOVE
    # On a new link, with every question there is.
    mallory.talker.hang_up()
    again = calls_again(alice, MALLORY)
    again.say(GroupState(room.gid, bytes(32), 0, end=False))
    again.hear(GroupWant)
    again.say(GroupVector(room.gid, None, more=False, tips=()))
    again.say(GroupWant(room.gid, ()), GroupWant(room.gid, tuple(mallory.copy.known)))
    wires = [
        wire for one in group_records(again) if isinstance(one, GroupEvents) for wire in one.wires
    ]
    given = [groupevent.read(wire) for wire in wires]
    assert given[-1].type == groupevent.REMOVE
    contents = [groupevent.parts(event)[2] for event in given if event.author != again.me.peer]
    assert set(contents) == {None}
    again.say(GroupVector(room.gid, None, more=False, tips=()))
    assert group_records(again) == []  # once is enough
    event = mallory.copy.act(**text(b"still me"))
    again.say(GroupEvents(room.gid, (event.wire,)))
    assert again.is_understood()
    assert room.read(alice) == ["before", "after"]


def test_whoever_is_blocked_is_not_heard_in_groups_either(room):
    mallory = room.mallory
    room.alice.node.change_person(mallory.talker.address, blocked=True)
    assert mallory.talker.is_over()
    again = stranger(room.alice, MALLORY)
    event = mallory.copy.act(**text(b"hello?"))
    again.say(GroupState(room.gid, bytes(32), 0, end=False), GroupEvents(room.gid, (event.wire,)))
    assert group_records(again) == []
    assert room.read(room.alice) == []


def test_groups_that_somebody_makes_up_are_few_and_go_with_them(people):
    alice = people("Alice")
    talker = friend(alice, MALLORY)
    for number in range(100):
        talker.say(GroupState(bytes([number]) * 32, bytes(32), 0, end=False))
    asked = group_records(talker)
    assert 1 <= len(asked) <= grouplinks.MAX_CANDIDATES
    assert alice.node.groups() == []
    one = asked[0].gid
    talker.say(GroupState(one, bytes(32), 0, end=True))  # that was all, and it is not about us
    talker.say(GroupState(one, bytes(32), 0, end=False))
    assert [record.gid for record in group_records(talker)] == [one]  # so it may be brought again
    talker.hang_up()
    live = alice.node._grouping.live
    until(lambda: not [group for group in live if group.shelf.standing is Standing.CANDIDATE])


def test_a_flood_of_events_and_orphans_neither_hides_others_nor_fills_memory(room):
    alice, mallory = room.alice, room.mallory
    sync = alice.node._grouping.live.get(room.gid).sync
    base = mallory.copy
    first = base.act(**text(b"lost on purpose"))
    wires = [base.act(**text(b"orphan")).wire for _ in range(1_500)]
    for at in range(0, len(wires), 100):
        mallory.sends(*wires[at : at + 100])
    assert mallory.talker.is_understood()
    assert len(sync._orphans) <= 1_000
    room.says(room.bob, "am I heard?")
    until(lambda: room.read(alice) == ["am I heard?"])
    mallory.sends(first.wire, *wires[:50])
    until(lambda: "lost on purpose" in room.read(alice))
    until(lambda: "am I heard?" in room.read(room.bob))


def test_a_vector_of_lies_is_shown_as_missing_until_its_author_has_sent_all(room):
    alice, mallory = room.alice, room.mallory
    lie = Tip(bytes(alice.me.peer), 2**53 - 1, bytes(32))
    about_bob = Tip(bytes(room.bob.me.peer), 3, bytes(31) + b"1")
    mallory.talker.say(GroupVector(room.gid, None, more=False, tips=(lie, about_bob)))
    until(lambda: not room.view(alice).complete)
    [one] = [said for said in room.view(alice).missing if said.author == room.bob.address]
    assert (one.count, [who.address for who in one.held_by]) == (3, [mallory.talker.address])
    assert all(said.count <= 9_999 for said in room.view(alice).missing)
    mallory.talker.say(GroupState(room.gid, bytes(32), 0, end=True))
    until(lambda: room.view(alice).complete)


def test_a_member_who_never_was_an_admin_cannot_even_sign_changes(room):
    mallory = room.mallory
    mallory.sends(mallory.copy.act(groupevent.META, groupacts.name_body("Mine")).wire)
    assert mallory.talker.is_over()
    assert room.view(room.alice).name == "Kelas"


def test_whoever_left_and_is_called_back_is_back(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    room = Room.made_by(alice, "Kelas", bob)
    room.change(bob, leave=True)
    until(lambda: bob.address not in room.roles(alice))
    room.change(alice, add=[bob.address])
    until(lambda: room.standing(bob) == "member", 15)
    room.says(bob, "back")
    until(lambda: room.read(alice) == ["back"])


def test_a_body_that_means_nothing_changes_nobody_and_blocks_nothing(room):
    mallory = room.mallory
    room.change(room.alice, roles={mallory.talker.address: "admin"})
    mallory.fetch()
    odd = mallory.copy.act(groupevent.META, b"\xc1")
    own = mallory.copy.act(groupevent.ADD, groupacts.leave_body())
    strange = mallory.copy.act(kind=99, content=b"x" * 40)
    mallory.sends(odd.wire, own.wire, strange.wire)
    until(lambda: [one.kind for one in room.messages(room.bob)][-1] == "unknown")
    assert room.view(room.bob).name == "Kelas"
    room.says(room.bob, "on we go")
    until(lambda: room.read(room.alice) == ["on we go"])

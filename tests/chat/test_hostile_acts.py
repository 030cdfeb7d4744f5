"""Acts that nobody honest makes: they stop neither a link nor a group, and leave no two views."""

from types import SimpleNamespace

import pytest

from engine.chat import events
from engine.protocol import contents, groupevent, grouplog, records
from engine.protocol.contents import Delete, Edit, Text, Timer
from tests.chat.grouping import Played, Room
from tests.chat.people import become_friends, friend
from tests.chat.saying import message
from tests.chat.test_lifetimes import Clock
from tests.helpers import until


@pytest.fixture
def bob_and_mallory(people):
    bob = people("Bob")
    return bob, friend(bob, 9)


def act(seq, content, *, lamport=None):
    kind, body = contents.encode(content)
    return message(seq, kind=kind, body=body, lamport=lamport)


def test_a_deletion_that_names_what_is_no_edit_ends_nothing(bob_and_mallory):
    """An edit that cannot be read, a line, an act of another kind, itself, and nothing at all."""
    bob, mallory = bob_and_mallory
    mallory.say(message(1, "kept"), message(2, kind=contents.EDIT, body=b"\xc1"))
    edits = tuple(number.to_bytes(16, "big") for number in (1, 2, 3, 4, 99))
    mallory.say(act(3, Timer(60)), act(4, Delete(bytes(16), edits)), message(5, "and on"))
    until(lambda: mallory.hear(records.Ack).seq == 5)
    texts = [one.text for one in bob.node.messages(mallory.address) if one.kind == "text"]
    assert texts == ["kept", "and on"]
    assert bob.is_linked(mallory)
    assert bob.node.chats()[0].timer == 60


def test_an_edit_named_by_any_deletion_of_its_author_counts_no_more(bob_and_mallory):
    bob, mallory = bob_and_mallory
    first = (1).to_bytes(16, "big")
    mallory.say(message(1, "apples"), act(2, Edit(first, "pears")))
    until(lambda: bob.node.search("pears"))
    mallory.say(act(3, Delete(bytes(16), ((2).to_bytes(16, "big"),))))
    until(lambda: bob.node.messages(mallory.address)[0].text == "apples")
    assert not bob.node.search("pears")
    bob.node.delete_message(mallory.address, first.hex(), for_everyone=False)
    assert not bob.node.search("apples")
    assert bob.node.messages(mallory.address) == []


def test_the_kinds_in_which_the_program_speaks_are_nobodys(bob_and_mallory):
    bob, mallory = bob_and_mallory
    mallory.say(*(message(seq, kind=kind, body=b"x") for seq, kind in ((1, 240), (2, 255))))
    until(lambda: mallory.hear(records.Ack).seq == 2)
    shown = bob.node.messages(mallory.address)
    assert [one.kind for one in shown] == ["unknown", "unknown"]
    assert bob.node.chats()[0].unread == 2
    bob.node.delete_message(mallory.address, shown[0].id, for_everyone=False)
    assert len(bob.node.messages(mallory.address)) == 1


@pytest.fixture
def room(people):
    clock = Clock()
    alice, bob = people("Alice", "Bob", **clock.options)
    become_friends(alice, bob)
    talker = friend(alice, 9)
    group = Room.made_by(alice, "Kelas", bob, talker)
    mallory = Played(talker, group.gid)
    mallory.fetch()
    return SimpleNamespace(alice=alice, bob=bob, mallory=mallory, chat=group, clock=clock)


def event(mallory, content, *, timer=0):
    """What Mallory signs."""
    copy = mallory.copy
    kind, body = contents.encode(content)
    packed = grouplog.pack_content(bytes(16), body)
    made = copy.act(groupevent.FIRST_CONTENT + kind, content=packed)
    if timer:
        signed = groupevent.write(
            copy.me, gid=made.gid, seq=made.seq, prev=made.prev, parents=made.parents,
            auth=made.auth, lamport=made.lamport, ts=made.ts, kind=made.type, content=packed,
            timer=timer,
        )  # fmt: skip
        del copy.known[made.id]
        copy.known[signed.id] = signed
        made = signed
    return made


def test_only_words_have_a_lifetime(room):
    """Else what sets the timer, an act, or a deletion would go, and what it did come back."""
    mallory, clock = room.mallory, room.clock
    said = event(mallory, Text("said"))
    timer = event(mallory, Timer(600), timer=1)
    gone = event(mallory, Delete(said.id[:16]), timer=1)
    fleeting = event(mallory, Text("fleeting"), timer=1)
    mallory.sends(said.wire, timer.wire, gone.wire, fleeting.wire)
    for one in (room.alice, room.bob):
        until(lambda one=one: room.chat.read(one) == ["fleeting"])
        one.node.change_chat(room.chat.chat, read=room.chat.messages(one)[-1].id)
        until(lambda one=one: room.chat.messages(one)[-1].ends_at)
    clock.passes(5)
    for one in (room.alice, room.bob):
        one.node._lifetimes.wake()
        until(lambda one=one: room.chat.read(one) == [])
        assert one.node._lifetimes.turn() is None, "nothing is left that would end"
        kinds = [line.kind for line in room.chat.messages(one) if not line.system]
        assert kinds == ["deleted"]
        [chat] = [chat for chat in one.node.chats() if chat.kind == "group"]
        assert chat.timer == 600


def test_what_cannot_be_read_and_is_named_as_an_edit_splits_no_group(room):
    mallory = room.mallory
    said = event(mallory, Text("said"))
    odd = mallory.copy.act(
        groupevent.FIRST_CONTENT + contents.EDIT, content=grouplog.pack_content(bytes(16), b"\xc1")
    )
    gone = event(mallory, Delete(said.id[:16], (odd.id[:16],)))
    mallory.sends(said.wire, odd.wire, gone.wire)
    until(lambda: room.chat.messages(room.alice)[-1].kind in ("deleted", "unknown"))
    room.chat.says(room.bob, "and on")
    until(lambda: room.chat.read(room.alice) == ["and on"])
    until(lambda: room.chat.agree(room.alice, room.bob))
    assert room.alice.is_linked(mallory.talker)


def test_who_is_blocked_hears_and_tells_nothing_of_attention_in_a_common_group(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    for one, other in ((alice, bob), (alice, carol), (bob, carol)):
        become_friends(one, other)
    group = Room.made_by(alice, "Kelas", bob, carol)
    said = group.says(bob, "look")
    until(lambda: group.read(alice) == group.read(carol) == ["look"])
    alice.node.change_person(bob.address, blocked=True)
    alice.node.change_chat(group.chat, read=said.id, typing=True)
    carol.node.change_chat(group.chat, read=said.id, typing=True)
    until(lambda: [one.name for one in bob.node.seen(group.chat, said.id).read] == ["Carol"])
    until(lambda: [one for one in bob.hear(events.TypingChanged) if one.people])
    heard = {one.address for each in bob.hear(events.TypingChanged) for one in each.people}
    assert heard == {carol.address}

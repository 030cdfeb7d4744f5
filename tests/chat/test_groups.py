"""What people do with groups: make one, speak, change who is in it, leave, delete it."""

import pytest

from engine.chat.errors import Refused
from engine.store import groupintake
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.helpers import until


@pytest.fixture
def three(people):
    """Alice, who knows Bob and Carol; those two do not know each other."""
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    return alice, bob, carol


def code_of(act, *arguments, **named):
    with pytest.raises(Refused) as refused:
        act(*arguments, **named)
    return refused.value.code


def test_a_group_made_of_contacts_is_there_for_everybody_and_all_can_speak(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "  Kelas  B ", bob, carol)
    assert room.roles(carol) == {
        alice.address: "creator",
        bob.address: "member",
        carol.address: "member",
    }
    assert {room.view(one).name for one in three} == {"Kelas B"}
    room.says(bob, "from Bob")
    room.says(carol, "from Carol")
    until(lambda: all(sorted(room.read(one)) == ["from Bob", "from Carol"] for one in three))
    until(lambda: room.agree(*three))
    assert [one.system.what for one in room.messages(bob) if one.system] == [
        "created",
        "added",
        "added",
    ]


def test_it_is_all_there_after_everybody_starts_again(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    room.says(bob, "before")
    until(lambda: all(room.read(one) == ["before"] for one in three))
    for one in three:
        one.restart()
    assert all(room.read(one) == ["before"] for one in three)
    assert room.agree(*three)
    room.says(carol, "after")
    until(lambda: all(room.read(one) == ["before", "after"] for one in three))


def test_only_contacts_and_members_of_a_common_group_can_be_added(three, people):
    alice, bob, carol = three
    dewi = people("Dewi")
    assert code_of(alice.node.make_group, "Kelas", [dewi.address]) == "not_contact"
    assert code_of(alice.node.make_group, "Kelas", [alice.address]) == "already_member"
    assert code_of(alice.node.make_group, "Kelas", []) == "bad_request"
    assert code_of(alice.node.make_group, "\u200b ", [bob.address]) == "bad_request"
    assert code_of(alice.node.make_group, "Kelas", ["nobody"]) == "not_found"
    assert alice.node.groups() == []
    room = Room.made_by(alice, "Kelas", bob, carol)
    other = bob.node.make_group("Two", [carol.address])  # whom Bob knows from the first
    assert [one.address for one in other.members] == [bob.address, carol.address]
    assert code_of(room.change, alice, add=[bob.address]) == "already_member"
    assert code_of(room.change, alice, remove=[dewi.address]) == "not_found"
    assert code_of(room.change, alice, remove=[alice.address]) == "bad_request"


def test_a_member_may_speak_and_leave_and_nothing_else(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    for changes in (
        {"name": "Mine"},
        {"remove": [carol.address]},
        {"remove": [alice.address]},
        {"roles": {carol.address: "admin"}},
    ):
        assert code_of(room.change, bob, **changes) == "not_allowed"
    assert room.view(bob).name == "Kelas"
    assert room.read(bob) == []
    room.says(bob, "I am still here")
    until(lambda: room.read(alice) == ["I am still here"])
    assert room.agree(alice, bob)


def test_an_admin_may_change_whoever_came_later_and_nobody_before(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    room.change(alice, roles={bob.address: "admin", carol.address: "admin"})
    until(lambda: room.roles(bob)[bob.address] == "admin" == room.roles(carol)[carol.address])
    may = {one.address: one.may_change for one in room.view(bob).members}
    assert may == {alice.address: False, bob.address: False, carol.address: True}
    assert code_of(room.change, carol, remove=[bob.address]) == "not_allowed"
    assert code_of(room.change, bob, remove=[alice.address]) == "not_allowed"
    room.change(bob, roles={carol.address: "member"}, name="Bob's")
    until(lambda: room.view(alice).name == "Bob's")
    assert room.roles(alice)[carol.address] == "member"
    room.change(bob, remove=[carol.address])
    until(lambda: room.standing(carol) == "removed")
    assert code_of(room.says, carol, "still?") == "not_member"
    room.change(bob, add=[carol.address])
    until(lambda: room.standing(carol) == "member")
    room.says(carol, "back")
    until(lambda: room.read(alice) == ["back"])


def test_whoever_leaves_reads_on_and_hears_nothing_new_and_can_delete_it(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    room.says(alice, "hello")
    until(lambda: room.read(bob) == ["hello"])
    assert code_of(bob.node.delete_group, room.chat) == "still_member"
    assert room.change(bob, leave=True).standing == "left"
    until(lambda: bob.address not in room.roles(alice))
    room.says(alice, "without Bob")
    until(lambda: room.read(carol) == ["hello", "without Bob"])
    bob.restart()
    until(lambda: bob.is_linked(alice))
    room.says(alice, "still without")
    until(lambda: len(room.read(carol)) == 3)
    assert room.read(bob) == ["hello"]
    assert code_of(room.says, bob, "hm") == "not_member"
    bob.node.delete_group(room.chat)
    assert bob.node.groups() == []
    assert all(chat.kind == "direct" for chat in bob.node.chats())
    assert code_of(bob.node.messages, room.chat) == "not_found"


def test_leaving_while_nobody_is_there_is_heard_of_later(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    alice.stop()
    carol.stop()
    room.change(bob, leave=True)
    alice.start()
    until(lambda: bob.address not in room.roles(alice), 15)
    assert room.standing(bob) == "left"


def test_a_message_goes_from_waiting_to_sent_to_delivered_as_disks_have_it(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    bob.stop()
    carol.stop()
    until(lambda: not alice.is_linked(bob) and not alice.is_linked(carol))
    said = room.says(alice, "anybody?")
    assert said.state == "waiting"
    everybody = {bob.address, carol.address}

    def waited_for():
        return {one.address for one in alice.node.seen(room.chat, said.id).waiting}

    assert waited_for() == everybody
    bob.start()
    until(lambda: room.messages(alice)[-1].state == "sent", 15)
    assert waited_for() == {carol.address}
    alice.restart()
    assert waited_for() == {carol.address}
    carol.start()
    until(lambda: room.messages(alice)[-1].state == "delivered", 15)
    assert {one.address for one in alice.node.seen(room.chat, said.id).seen} == everybody
    assert room.messages(bob)[-1].state == "delivered"  # of others' words nothing else is known


def test_the_same_key_says_it_once_and_an_answer_names_what_it_answers(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    first = room.says(alice, "once", key="k")
    alice.restart()
    assert room.says(alice, "once", key="k").id == first.id
    until(lambda: room.read(bob) == ["once"], 15)
    answer = room.says(bob, "yes", reply_to=first.id)
    until(lambda: room.read(alice) == ["once", "yes"])
    assert room.messages(alice)[-1].reply_to == first.id == answer.reply_to
    assert code_of(room.says, bob, "to what?", reply_to="00" * 16) == "not_found"
    assert code_of(room.says, bob, "") == "bad_request"
    assert code_of(room.says, bob, "x" * 60_001) == "too_long"
    assert code_of(alice.node.seen, room.chat, "00" * 16) == "not_found"
    long = "ü" * 30_000
    room.says(bob, long)
    until(lambda: room.read(carol)[-1:] == [long])


def test_unread_counts_words_of_others_and_no_lines(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)

    def chat_of(one):
        return next(chat for chat in one.node.chats() if chat.chat == room.chat)

    assert (chat_of(bob).unread, chat_of(bob).kind, chat_of(bob).name) == (0, "group", "Kelas")
    first = room.says(alice, "one")
    room.says(alice, "two")
    room.change(alice, name="Renamed")
    until(lambda: chat_of(bob).unread == 2 and chat_of(bob).name == "Renamed")
    assert (chat_of(alice).unread, chat_of(bob).first_unread) == (0, first.id)
    bob.node.change_chat(room.chat, read=room.messages(bob)[-1].id)
    assert chat_of(bob).unread == 0
    assert not chat_of(bob).muted
    assert room.change(bob, muted=True).muted
    bob.restart()
    assert chat_of(bob).muted


def test_a_newcomer_gets_what_was_said_or_none_of_it_as_the_adder_chose(three, people):
    alice, bob, _carol = three
    dewi, erik = people("Dewi", "Erik")
    become_friends(alice, dewi)
    become_friends(alice, erik)
    room = Room.made_by(alice, "Kelas", bob)
    room.says(bob, "old")
    until(lambda: room.read(alice) == ["old"])
    room.change(alice, add=[dewi.address])
    room.change(alice, add=[erik.address], history=False)
    until(lambda: room.standing(dewi) == "member" == room.standing(erik), 15)
    until(lambda: room.read(dewi) == ["old"], 15)
    room.says(bob, "new")
    until(lambda: room.read(erik) == ["new"], 15)
    assert room.view(erik).complete
    until(lambda: room.read(dewi) == ["old", "new"])


def test_being_added_by_somebody_who_is_no_contact_has_to_be_accepted(three):
    alice, bob, carol = three
    one = Room.made_by(alice, "Kelas", bob, carol)
    room = Room(bob.node.make_group("From Bob", [carol.address]).chat)
    until(lambda: room.standing(carol) == "invited", 15)
    room.says(bob, "come in")
    assert room.chat not in [chat.chat for chat in carol.node.chats()]
    assert room.view(carol).added_by == bob.address
    assert code_of(room.says, carol, "hm") == "not_member"
    carol.restart()
    assert room.standing(carol) == "invited"
    assert room.change(carol, answer="accept").standing == "member"
    until(lambda: room.read(carol) == ["come in"], 15)
    room.says(carol, "here I am")
    until(lambda: room.read(bob) == ["come in", "here I am"], 15)
    assert code_of(room.change, carol, answer="accept") == "bad_request"
    second = Room(bob.node.make_group("Again", [carol.address]).chat)
    until(lambda: second.standing(carol) == "invited", 15)
    second.change(carol, answer="ignore")
    assert second.standing(carol) == ""
    carol.restart()
    until(lambda: carol.is_linked(bob) or carol.is_linked(alice), 15)
    second.says(bob, "hello?")
    one.says(bob, "are you there?")
    until(lambda: one.read(carol) == ["are you there?"], 15)
    assert second.standing(carol) == ""


def test_on_a_full_disk_nothing_is_said_and_nothing_half_done(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    with alice.full_disk():
        assert code_of(room.says, alice, "lost?") == "disk_full"
        assert code_of(room.change, alice, remove=[bob.address]) == "disk_full"
        room.says(bob, "meanwhile")
    room.says(alice, "room again")
    until(lambda: sorted(room.read(alice)) == ["meanwhile", "room again"], 30)
    until(lambda: room.agree(alice, bob, carol), 15)
    assert bob.address in room.roles(alice)


def test_beyond_many_groups_a_contact_has_to_ask_too(three, monkeypatch):
    alice, bob, _carol = three
    monkeypatch.setattr(groupintake, "MAX_JOINED", 1)
    Room.made_by(alice, "One", bob)
    two = Room(alice.node.make_group("Two", [bob.address]).chat)
    until(lambda: two.standing(bob) == "invited")
    assert two.change(bob, answer="accept").standing == "member"

"""What people do with messages in a group of three: seen by all, kept by all."""

import pytest

from engine.chat import events
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.chat.test_messages import refusal, told
from tests.helpers import until


@pytest.fixture
def three(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    return alice, bob, carol, Room.made_by(alice, "Kelas", bob, carol)


def alike(room, *everybody):
    first, *others = (
        [told(one) | {"author_name": ""} for one in room.messages(each)] for each in everybody
    )
    return all(one == first for one in others)


def words(someone):
    """Everything of messages and events that lies on a disk."""

    def query(db):
        rows = [body for (body,) in db.execute("SELECT body FROM message")]
        return rows + [
            content
            for (content,) in db.execute("SELECT content FROM event WHERE content IS NOT NULL")
        ]

    return b" ".join(someone.node._database.read(query))


def test_acts_in_a_group_are_seen_by_everybody(three):
    alice, bob, carol, room = three
    said = room.says(bob, "Cake?")
    until(lambda: room.read(carol) == room.read(alice) == ["Cake?"])
    carol.node.react(room.chat, said.id, "🎂")
    alice.node.react(room.chat, said.id, "🎂")
    bob.node.edit(room.chat, said.id, "Cake or pie?")
    alice.node.pin(room.chat, said.id, on=True)
    carol.node.send(room.chat, "Pie", reply_to=said.id)
    until(lambda: alike(room, alice, bob, carol) and len(room.read(alice)) == 2)
    [asked, answer] = [one for one in room.messages(alice) if one.kind == "text"]
    assert (asked.text, asked.pinned) == ("Cake or pie?", True)
    assert [(one.emoji, len(one.people)) for one in asked.reactions] == [("🎂", 2)]
    assert {one.name for one in asked.reactions[0].people} == {"", "Carol"}
    assert (answer.quote.text, answer.quote.author_name) == ("Cake or pie?", "Bob")
    assert refusal(carol.node.edit, room.chat, said.id, "No") == "not_allowed"
    assert [one.text for one in bob.node.pins(room.chat)] == ["Cake or pie?"]


def test_what_is_deleted_in_a_group_is_on_no_disk(three):
    alice, bob, carol, room = three
    said = room.says(bob, "the secret")
    bob.node.edit(room.chat, said.id, "the deep secret")
    until(lambda: room.read(carol) == ["the deep secret"])
    carol.stop()
    bob.node.delete_message(room.chat, said.id, for_everyone=True)
    until(lambda: room.messages(alice)[-1].kind == "deleted")
    carol.start()
    until(lambda: room.messages(carol)[-1].kind == "deleted")
    assert alike(room, alice, bob, carol)
    for someone in (alice, bob, carol):
        assert b"secret" not in words(someone)
        someone.restart()
        assert room.messages(someone)[-1].kind == "deleted"
        until(lambda someone=someone: room.view(someone).complete)


def test_a_newcomer_hears_that_something_was_deleted_and_misses_nothing(three, people):
    alice, bob, _carol, room = three
    gone, kept = room.says(bob, "gone"), room.says(bob, "kept")
    bob.node.edit(room.chat, gone.id, "gone for good")
    bob.node.delete_message(room.chat, gone.id, for_everyone=True)
    until(lambda: room.read(alice) == ["kept"])
    dewi = people("Dewi")
    become_friends(alice, dewi)
    room.change(alice, add=[dewi.address])
    until(lambda: room.standing(dewi) == "member" and room.read(dewi) == ["kept"])
    until(lambda: room.view(dewi).complete)
    assert alike(room, alice, dewi)
    assert kept.id in {one.id for one in room.messages(dewi)}


def test_what_i_deleted_here_stays_with_the_others(three):
    alice, bob, carol, room = three
    said = room.says(bob, "not for me")
    until(lambda: room.read(carol) == room.read(alice) == ["not for me"])
    carol.node.delete_message(room.chat, said.id, for_everyone=False)
    assert room.read(carol) == []
    assert b"not for me" not in words(carol)
    bob.node.edit(room.chat, said.id, "not for you")
    room.says(bob, "more")
    until(lambda: room.read(carol) == ["more"])
    carol.restart()
    until(lambda: room.view(carol).complete)
    assert room.read(carol) == ["more"]
    assert room.read(alice) == ["not for you", "more"]


def test_a_mention_is_told_to_whom_it_names(three):
    alice, bob, carol, room = three
    text = "Dear @Carol, look"
    named = [(5, 6, carol.address)]
    said = alice.node.send(room.chat, text, mentions=named)
    assert [(one.start, one.length, one.name) for one in said.mentions] == [(5, 6, "Carol")]
    until(lambda: room.read(carol) == room.read(bob) == [text])
    chats = {who: next(c for c in who.node.chats() if c.chat == room.chat) for who in (bob, carol)}
    assert (chats[bob].mentioned, chats[carol].mentioned) == (False, True)
    [heard] = [one for one in room.messages(carol) if one.kind == "text"]
    assert [one.name for one in heard.mentions] == [""]
    carol.node.change_chat(room.chat, read=heard.id)
    assert not next(c for c in carol.node.chats() if c.chat == room.chat).mentioned
    assert (
        refusal(alice.node.send, room.chat, "hi", mentions=[(1, 9, bob.address)]) == "bad_request"
    )


def test_who_has_looked_at_a_message_is_told(three):
    alice, bob, carol, room = three
    said = room.says(alice, "look")
    until(lambda: room.read(bob) == room.read(carol) == ["look"])
    bob.node.change_chat(room.chat, read=said.id)
    until(lambda: [one.name for one in alice.node.seen(room.chat, said.id).read] == ["Bob"])
    assert room.messages(alice)[-1].state == "delivered"
    carol.node.change_chat(room.chat, read=said.id)
    until(lambda: room.messages(alice)[-1].state == "read")


def test_writing_in_a_group_is_told_to_who_is_linked(three):
    alice, bob, _carol, room = three
    bob.node.change_chat(room.chat, typing=True)
    until(lambda: [one for one in alice.hear(events.TypingChanged) if one.chat == room.chat])
    [writing] = [one for one in alice.hear(events.TypingChanged) if one.chat == room.chat]
    assert [one.name for one in writing.people] == ["Bob"]


def test_a_timer_of_a_group_holds_for_everybody(three):
    alice, bob, carol, room = three
    carol.node.change_chat(room.chat, timer=600)
    until(
        lambda: all(
            next(c for c in who.node.chats() if c.chat == room.chat).timer == 600
            for who in (alice, bob, carol)
        )
    )
    said = room.says(bob, "fleeting")
    assert said.timer == 600
    until(lambda: room.read(alice) == ["fleeting"])
    line = next(one for one in room.messages(alice) if one.system and one.system.what == "timer")
    assert (line.system.seconds, line.system.by_name) == (600, "Carol")
    until(lambda: room.messages(bob)[-1].ends_at is not None)

"""What the page is told of groups: once, after the commit, and only what is new."""

from engine.chat import events
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.helpers import until


def test_a_new_group_a_message_and_its_states_are_told(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    room = Room.made_by(alice, "Kelas", bob)
    until(lambda: any(one.group.standing == "member" for one in bob.hear(events.GroupChanged)))
    until(lambda: room.chat in [one.chat.chat for one in bob.hear(events.ChatChanged)])
    said = room.says(alice, "hi")
    until(lambda: room.read(bob) == ["hi"])
    [added] = [one for one in bob.hear(events.MessageAdded) if one.message.text == "hi"]
    assert (added.chat, added.before) == (room.chat, None)

    def states():
        told = alice.hear(events.MessageState)
        return [one.state for one in told if one.id == said.id]

    until(lambda: states()[-1:] == ["delivered"])
    assert states() in (["delivered"], ["sent", "delivered"])


def test_a_message_from_apart_is_told_with_the_one_it_stands_before(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    room = Room.made_by(alice, "Kelas", bob)
    until(lambda: room.agree(alice, bob))
    bob.stop()
    room.says(alice, "a1")
    room.says(alice, "a2")
    alice.stop()
    bob.start()
    room.says(bob, "b1")
    alice.start()
    until(lambda: len(room.read(alice)) == 3 == len(room.read(bob)), 15)
    order = [one.id for one in room.messages(alice)]
    [added] = [one for one in alice.hear(events.MessageAdded) if one.message.text == "b1"]
    behind = order[order.index(added.message.id) + 1 :]
    assert added.before == (behind[0] if behind else None)
    assert behind  # it has the number of a1: a2 at least stands behind it


def test_a_line_that_does_not_count_any_more_is_taken_away(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    room = Room.made_by(alice, "Kelas", bob, carol)
    room.change(alice, roles={bob.address: "admin"})
    until(lambda: room.roles(bob)[bob.address] == "admin")
    alice.stop()
    room.change(bob, name="Bob's")
    line = room.messages(bob)[-1]
    until(lambda: room.view(carol).name == "Bob's", 15)
    bob.stop()
    carol.stop()
    alice.start()
    room.change(alice, remove=[bob.address])
    carol.start()
    until(lambda: room.view(carol).name == "Kelas", 15)
    assert line.id in [one.id for one in carol.hear(events.MessageRemoved)]
    assert line.id not in [one.id for one in room.messages(carol)]
    until(lambda: room.agree(alice, carol))
    last = room.messages(carol)[-1].id

    def chats():
        return [one.chat for one in carol.hear(events.ChatChanged) if one.chat.chat == room.chat]

    until(lambda: chats()[-1].last.id == last)  # the column does not go on showing what is gone


def test_how_a_group_looks_is_told_only_when_it_changed(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    room = Room.made_by(alice, "Kelas", bob)
    until(lambda: all(one.up_to_date for one in room.view(alice).members))
    until(
        lambda: (
            alice.hear(events.GroupChanged)[-1:]
            and alice.hear(events.GroupChanged)[-1].group == room.view(alice)
        )
    )
    live = alice.node._grouping.live.get(room.gid)
    count = len(alice.hear(events.GroupChanged))
    alice.node._grouping.news.look(live)
    assert len(alice.hear(events.GroupChanged)) == count

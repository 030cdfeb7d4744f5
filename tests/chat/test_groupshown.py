"""What the page sees of groups: names as we know people, and each act in words."""

import pytest

from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.helpers import until


@pytest.fixture
def three(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    return alice, bob, carol


def names(room, who):
    return {one.name for one in room.view(who).members}


def test_people_are_called_as_we_call_them_else_as_whoever_added_them_does(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    assert names(room, bob) == {"Alice", "", "Carol"}  # Carol is no contact of his
    bob.node.change_person(alice.address, name="Ali")
    assert names(room, bob) == {"Ali", "", "Carol"}
    room.says(carol, "hi")
    until(lambda: room.read(bob) == ["hi"])
    assert (room.messages(bob)[-1].author_name, room.messages(carol)[-1].author_name) == (
        "Carol",
        "",
    )
    room.change(alice, remove=[carol.address])
    until(lambda: room.standing(carol) == "removed")
    assert room.messages(bob)[-1].system.who_name == "Carol"  # whom nobody calls anything now


def test_each_act_is_said_in_words_and_parts(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob)
    room.change(alice, add=[carol.address], history=False)
    room.change(alice, roles={bob.address: "admin"})
    room.change(alice, roles={bob.address: "member"})
    room.change(alice, name="Kelas B")
    room.change(alice, remove=[carol.address])
    room.change(bob, leave=True)
    until(lambda: len(room.view(alice).members) == 1)
    assert [one.text for one in room.messages(alice)] == [
        "You made the group “Kelas”.",
        "You added Bob.",
        "You added Carol.",
        "You made Bob an admin.",
        "You made Bob a member without rights of an admin.",
        "You named the group “Kelas B”.",
        "You removed Carol.",
        "Bob left the group.",
    ]
    system = [one.system for one in room.messages(alice)]
    assert [one.what for one in system] == [
        *("created", "added", "added", "role", "role", "renamed", "removed", "left")
    ]
    assert [one.history for one in system[1:3]] == [True, False]
    assert (system[3].role, system[4].role, system[5].name) == ("admin", "member", "Kelas B")
    assert (system[6].who, system[6].by) == (carol.address, alice.address)
    assert [one.text for one in room.messages(bob)][1] == "Alice added you."


def test_presence_trust_and_who_has_everything_are_shown_of_members(three):
    alice, bob, carol = three
    room = Room.made_by(alice, "Kelas", bob, carol)
    alice.node.change_person(bob.address, verified=True)

    def seen(who):
        [one] = [one for one in room.view(alice).members if one.address == who.address]
        return one

    until(lambda: seen(bob).up_to_date and seen(carol).up_to_date)
    assert (seen(bob).level, seen(bob).contact, seen(bob).online) == (2, True, True)
    carol.stop()
    until(lambda: not seen(carol).online)
    room.says(alice, "without her")
    until(lambda: seen(bob).up_to_date)
    assert not seen(carol).up_to_date
    assert (seen(alice).own, seen(alice).role, seen(alice).may_change) == (True, "creator", False)

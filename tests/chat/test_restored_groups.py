"""Back from a backup, nothing is signed in a group before our own later words were heard."""

import shutil

import pytest

from engine.chat.errors import Refused
from engine.store import groups, opening
from engine.store.groups import Standing
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.helpers import until


@pytest.fixture
def back(people):
    """Alice, back from yesterday's disk, after she said more; Bob and Carol are away."""
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    become_friends(bob, carol)
    room = Room.made_by(alice, "Kelas", bob, carol)
    room.says(alice, "yesterday")
    until(lambda: room.read(bob) == room.read(carol) == ["yesterday"])
    return alice, bob, carol, room


def go_back(alice, room, between):
    """What happened ``between`` is not on Alice's disk any more."""
    path = alice.folder / "Alice.db"
    alice.stop()
    shutil.copy(path, alice.folder / "yesterday")
    alice.start()
    between()
    alice.stop()
    shutil.copy(alice.folder / "yesterday", path)
    db = opening.connect(path, alice.me.database_key)
    with db:
        db.execute("UPDATE gathering SET restored = 1 WHERE standing = ?", (Standing.MEMBER,))
    db.close()


def is_restored(room, who):
    return room.view(who).restored


def refused(call, *arguments, **named):
    with pytest.raises(Refused) as raised:
        call(*arguments, **named)
    assert raised.value.code == "not_synced"


def contradict(room, *everybody):
    return any(member.contradicts for one in everybody for member in room.view(one).members)


def test_who_is_alone_writes_nothing_but_may_leave(back):
    alice, bob, carol, room = back
    go_back(alice, room, lambda: None)
    bob.stop()
    carol.stop()
    alice.start()
    assert is_restored(room, alice)
    refused(room.says, alice, "too early")
    refused(room.change, alice, name="Other")
    assert room.read(alice) == ["yesterday"]
    alice.restart()
    refused(room.says, alice, "still too early")
    assert room.change(alice, leave=True).standing == "left"


def test_once_a_member_was_heard_we_go_on_where_we_were(back):
    alice, bob, carol, room = back

    def today():
        room.says(alice, "today")
        until(lambda: room.read(bob)[-1] == room.read(carol)[-1] == "today")

    go_back(alice, room, today)
    alice.start()
    until(lambda: not is_restored(room, alice))
    assert room.read(alice) == ["yesterday", "today"], "all of ours, before anything is signed"
    room.says(alice, "tomorrow")
    everybody = (alice, bob, carol)
    until(lambda: all(room.read(one)[-1] == "tomorrow" for one in everybody))
    assert not contradict(room, *everybody)
    alice.restart()
    assert not is_restored(room, alice)


def test_without_the_mark_we_would_speak_with_two_tongues(back):
    """What the mark is for: else the tests above could not fail."""
    alice, bob, carol, room = back

    def today():
        room.says(alice, "today")
        until(lambda: room.read(bob)[-1] == room.read(carol)[-1] == "today")

    go_back(alice, room, today)
    path = alice.folder / "Alice.db"
    db = opening.connect(path, alice.me.database_key)
    [row] = groups.load(db)
    groups.heard_all(db, row.number)
    db.close()
    bob.stop()
    carol.stop()
    alice.start()
    room.says(alice, "instead of today")
    bob.start()
    until(lambda: contradict(room, alice, bob))

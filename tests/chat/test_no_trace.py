"""Words that were deleted for everyone, or whose time is over, are in no file on any disk.

The programs run as they are, but for the key of their databases: so every byte can be looked at,
of free pages, slack, journals and index as well.
"""

import pytest

from engine.store import opening
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.chat.test_lifetimes import Clock
from tests.helpers import until
from tests.store import plain

LONG = " lorem ipsum dolor sit amet" * 300  # beyond what one page of the database holds


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(opening, "connect", plain.connect)
    return Clock()


def on_disk(someone, word):
    """Say whether a word is in any file of theirs."""
    files = [one for one in someone.folder.iterdir() if one.name.startswith(someone.name)]
    assert any(one.stat().st_size for one in files)
    return any(word.encode() in one.read_bytes() for one in files)


def is_found(someone, word):
    return bool(someone.node.search(word))


def test_words_deleted_for_everyone_are_nowhere(people, clock):
    alice, bob = people("Alice", "Bob", **clock.options)
    become_friends(alice, bob)
    words = ["zebra", "quagga", "okapi"]
    for number in range(40):
        alice.says(bob, f"ordinary {number}{LONG if number % 7 == 0 else ''}")
    said = alice.says(bob, f"zebra{LONG}zebra")
    alice.node.edit(bob.address, said.id, f"quagga{LONG}")
    alice.node.edit(bob.address, said.id, "okapi")
    answer = bob.says(alice, "which animal?", reply_to=said.id)
    bob.node.change_chat(alice.address, draft=("about it", said.id))
    until(lambda: alice.history(bob)[-1].id == answer.id)
    until(lambda: is_found(alice, "okapi") and is_found(bob, "okapi"))
    for someone in (alice, bob):
        assert all(on_disk(someone, word) for word in words), "else nothing is proven"
    alice.node.delete_message(bob.address, said.id, for_everyone=True)
    until(lambda: bob.history(alice)[-2].kind == "deleted")
    for someone in (alice, bob):
        for word in words:
            until(lambda someone=someone, word=word: not on_disk(someone, word))
            assert not is_found(someone, word)
        someone.restart()
        assert not any(on_disk(someone, word) for word in words)
    assert on_disk(bob, "ordinary"), "all else is still there"


def test_words_of_a_group_whose_time_is_over_are_nowhere(people, clock):
    alice, bob, carol = people("Alice", "Bob", "Carol", **clock.options)
    become_friends(alice, bob)
    become_friends(alice, carol)
    room = Room.made_by(alice, "Kelas", bob, carol)
    bob.node.change_chat(room.chat, timer=60)
    said = room.says(bob, f"zebra{LONG}")
    bob.node.edit(room.chat, said.id, f"quagga{LONG}")
    forgotten = room.says(alice, "okapi")
    until(lambda: all(room.read(one)[-1:] == ["okapi"] for one in (alice, bob, carol)))
    until(lambda: all(is_found(one, "quagga") for one in (alice, bob, carol)))
    alice.node.delete_message(room.chat, forgotten.id, for_everyone=True)
    for someone in (alice, bob, carol):
        assert on_disk(someone, "zebra")
        until(lambda someone=someone: room.messages(someone)[-1].kind == "deleted")
        someone.node.change_chat(room.chat, read=room.messages(someone)[-1].id)
    until(lambda: all(room.messages(one)[-2].ends_at for one in (alice, bob, carol)))
    clock.passes(61)
    for someone in (alice, bob, carol):
        someone.node._lifetimes.wake()
        for word in ("zebra", "quagga", "okapi"):
            until(lambda someone=someone, word=word: not on_disk(someone, word))
            assert not is_found(someone, word)

"""Messages get into the index by themselves, soon and without standing in anybody's way."""

import gevent
import pytest

from engine.chat import indexing
from engine.store import fading, search
from tests.chat.people import become_friends
from tests.helpers import until


@pytest.fixture
def pair(people, monkeypatch):
    monkeypatch.setattr(indexing, "QUIET", 0.01)
    monkeypatch.setattr(indexing, "RETRY", 0.05)
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    return alice, bob


def indexed(who, word):
    """How many messages the index has under a word, without bringing it up to date."""
    return who.node._database.read(
        lambda db: db.execute("SELECT count(*) FROM words WHERE words MATCH ?", (word,)).get
    )


def test_messages_are_indexed_soon_after_they_came_on_both_sides(pair):
    alice, bob = pair
    for number in range(250):  # more than one batch
        alice.says(bob, f"kata {number}")
    until(lambda: indexed(alice, "kata") == 250, 20)
    until(lambda: indexed(bob, "kata") == 250, 20)
    bob.says(alice, "lagi")
    until(lambda: indexed(alice, "lagi") == 1)


def test_a_long_text_that_was_deleted_leaves_the_index_by_itself(pair):
    alice, bob = pair
    words = " ".join(f"kata{number}" for number in range(4 * fading.AT_ONCE))
    said = alice.says(bob, words)
    until(lambda: indexed(alice, "kata0") == indexed(bob, "kata0") == 1)
    alice.node.delete_message(bob.address, said.id, for_everyone=True)
    for someone in (alice, bob):
        until(lambda someone=someone: not someone.node._database.read(search.is_fading))
        assert indexed(someone, "kata*") == 0


def test_what_was_still_to_leave_the_index_does_when_the_program_begins_again(pair):
    alice, bob = pair
    said = alice.says(bob, " ".join(f"kata{number}" for number in range(2 * fading.AT_ONCE)))
    until(lambda: indexed(alice, "kata0") == 1)
    alice.node._searching.stop()
    alice.node.delete_message(bob.address, said.id, for_everyone=True)
    assert indexed(alice, "kata*") == 1
    alice.restart()
    until(lambda: indexed(alice, "kata*") == 0)


def test_what_was_not_indexed_before_the_program_ended_is_after_it_began_again(pair):
    alice, bob = pair
    alice.node._searching.stop()
    alice.says(bob, "kata")
    assert indexed(alice, "kata") == 0
    alice.restart()
    until(lambda: indexed(alice, "kata") == 1)


def test_a_full_disk_is_waited_for(pair, caplog):
    alice, bob = pair
    until(lambda: not alice.node._database.read(search.is_behind))
    alice.node._searching.stop()
    alice.says(bob, "kata")
    with alice.full_disk():
        alice.node._searching.start()
        until(lambda: "index is not up to date" in caplog.text)
        assert indexed(alice, "kata") == 0
    until(lambda: indexed(alice, "kata") == 1)


def test_it_listens_again_after_more_was_said_than_it_can_be_told(pair, monkeypatch):
    alice, bob = pair
    monkeypatch.setattr("engine.chat.events.MAX_WAITING", 3)
    sent = [gevent.spawn(alice.says, bob, "kata") for _ in range(50)]
    gevent.joinall(sent, raise_error=True)
    until(lambda: indexed(alice, "kata") == 50)
    alice.says(bob, "lagi")
    until(lambda: indexed(alice, "lagi") == 1)


def test_while_people_go_on_talking_it_steps_aside_after_each_batch(pair, monkeypatch):
    alice, bob = pair
    alice.node._searching.stop()
    monkeypatch.setattr(indexing, "ROWS", 2)
    one = indexing.Indexing(alice.node._database, alice.node._bus)
    told = alice.node.subscribe()
    for number in range(9):
        alice.says(bob, f"kata {number}")
    before = indexed(alice, "kata")
    assert one._catch_up(told) == indexing.BUSY
    assert indexed(alice, "kata") - before <= 2
    until(lambda: not [event for event in told.get(timeout=0.05) if event.type == "message.added"])
    until(lambda: one._catch_up(told) is None)
    assert indexed(alice, "kata") == 9

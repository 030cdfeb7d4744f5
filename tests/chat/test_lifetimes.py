"""Messages that go: by a clock nobody sets, through restarts, without a trace on the disk."""

import pytest

from engine.chat import events, lifetimes
from engine.chat.lifetimes import SETTING
from engine.store import people as settings
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.helpers import until

MINUTE = 60_000


class Clock:
    """A machine's steady clock and its calendar, moved by the test."""

    def __init__(self):
        self.seconds = 1_000.0
        self.calendar = 1_700_000_000_000

    def passes(self, seconds):
        self.seconds += seconds
        self.calendar += round(seconds * 1_000)

    @property
    def options(self):
        return {"steady": lambda: self.seconds, "now": lambda: self.calendar}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pair(people, clock):
    alice, bob = people("Alice", "Bob", **clock.options)
    become_friends(alice, bob)
    alice.node.change_chat(bob.address, timer=60)
    until(lambda: bob.node.chats()[0].timer == 60)
    return alice, bob


def texts(someone, other):
    return [one.text for one in someone.history(other) if one.kind == "text"]


def look(someone):
    """What the runner does when time has passed."""
    someone.node._lifetimes.wake()


def seen(someone, other):
    someone.node.change_chat(other.address, read=someone.history(other)[-1].id)
    until(lambda: someone.history(other)[-1].ends_at is not None)


def test_our_copy_goes_from_when_it_arrived_and_theirs_from_when_it_was_seen(pair, clock):
    alice, bob = pair
    said = alice.says(bob, "fleeting")
    until(lambda: alice.history(bob)[-1].ends_at is not None)
    assert alice.history(bob)[-1].ends_at == clock.calendar + MINUTE
    clock.passes(61)
    look(alice)
    until(lambda: texts(alice, bob) == [])
    assert texts(bob, alice) == ["fleeting"], "not seen yet"
    seen(bob, alice)
    assert bob.history(alice)[-1].ends_at == clock.calendar + MINUTE
    clock.passes(59)
    look(bob)
    assert texts(bob, alice) == ["fleeting"]
    clock.passes(2)
    look(bob)
    until(lambda: texts(bob, alice) == [])
    assert [one.id for one in bob.hear(events.MessageRemoved)] == [said.id]


def test_what_nobody_has_yet_does_not_go(pair, clock):
    alice, bob = pair
    bob.stop()
    until(lambda: not alice.is_linked(bob))
    alice.says(bob, "for later")
    clock.passes(3_600)
    look(alice)
    bob.start()
    until(lambda: texts(bob, alice) == ["for later"])
    assert texts(alice, bob) == ["for later"]


@pytest.mark.parametrize("jump", [-365 * 24 * 3_600, 365 * 24 * 3_600])
def test_a_calendar_that_is_set_while_the_program_runs_changes_nothing(pair, clock, jump):
    alice, bob = pair
    alice.says(bob, "fleeting")
    until(lambda: alice.history(bob)[-1].ends_at is not None)
    clock.calendar += jump * 1_000
    clock.passes(59)
    look(alice)
    assert texts(alice, bob) == ["fleeting"]
    clock.passes(2)
    look(alice)
    until(lambda: texts(alice, bob) == [])


def test_time_goes_on_while_the_program_does_not_run(pair, clock):
    alice, bob = pair
    alice.says(bob, "fleeting")
    until(lambda: alice.history(bob)[-1].ends_at is not None)
    alice.stop()
    clock.passes(61)
    clock.seconds = 5.0  # the machine was started anew
    alice.start()
    until(lambda: texts(alice, bob) == [])


def test_nothing_comes_back_when_the_calendar_was_set_back_before_a_start(pair, clock):
    alice, bob = pair
    alice.says(bob, "first")
    until(lambda: alice.history(bob)[-1].ends_at is not None)
    clock.passes(30)
    alice.says(bob, "second")
    until(lambda: alice.history(bob)[-1].ends_at is not None)
    clock.passes(31)
    look(alice)
    until(lambda: texts(alice, bob) == ["second"])
    alice.stop()
    clock.calendar -= 10 * 365 * 24 * 3_600_000
    alice.start()
    assert texts(alice, bob) == ["second"]
    clock.passes(30)
    look(alice)
    until(lambda: texts(alice, bob) == [])
    alice.restart()
    assert texts(alice, bob) == []


def test_a_kept_time_that_is_no_time_is_none(people, clock):
    alice = people("Alice", **clock.options)
    alice.node._database.write(lambda db: settings.set_setting(db, SETTING, "soon"))
    alice.restart()
    assert alice.node._lifetimes.now() == 0


def test_words_of_a_group_go_from_every_disk(people, clock):
    alice, bob, carol = people("Alice", "Bob", "Carol", **clock.options)
    become_friends(alice, bob)
    become_friends(alice, carol)
    room = Room.made_by(alice, "Kelas", bob, carol)
    bob.node.change_chat(room.chat, timer=60)
    room.says(bob, "fleeting")
    until(lambda: room.read(alice) == room.read(carol) == ["fleeting"])
    for someone in (alice, carol):
        someone.node.change_chat(room.chat, read=room.messages(someone)[-1].id)
    until(lambda: all(room.messages(one)[-1].ends_at for one in (alice, bob, carol)))
    clock.passes(61)
    for someone in (alice, bob, carol):
        look(someone)
        until(lambda someone=someone: room.read(someone) == [])
        someone.restart()
        until(lambda someone=someone: room.view(someone).complete)
        held = someone.node._database.read(
            lambda db: db.execute("SELECT count(*) FROM event WHERE instr(content, 'fleet')").get
        )
        assert held == 0
    clock.passes(600)
    dewi = people("Dewi", **clock.options)
    become_friends(alice, dewi)
    room.change(alice, add=[dewi.address])
    until(lambda: room.standing(dewi) == "member" and room.messages(dewi))
    clock.passes(61)  # so long somebody might have had the words
    dewi.node.group(room.chat)
    until(lambda: room.view(dewi).complete)
    assert room.read(dewi) == []


@pytest.mark.parametrize("limit", ["AT_ONCE", "AT_ONCE_SIZE"])
def test_many_go_a_few_at_a_time(pair, clock, monkeypatch, limit):
    alice, bob = pair
    sizes = {"AT_ONCE": 3, "AT_ONCE_SIZE": 250}  # the size counts what it was edited to, too
    monkeypatch.setattr(lifetimes, limit, sizes[limit])
    for number in range(7):
        said = alice.says(bob, f"{number} fleeting")
        alice.node.edit(bob.address, said.id, "x" * 70)
    until(lambda: texts(bob, alice) == ["x" * 70] * 7)
    seen(bob, alice)
    gone = []
    on_gone = bob.node._lifetimes._on_gone
    monkeypatch.setattr(
        bob.node._lifetimes,
        "_on_gone",
        lambda chat, ids: (gone.append(len(ids)), on_gone(chat, ids)),
    )
    clock.passes(61)
    look(bob)
    until(lambda: texts(bob, alice) == [])
    assert gone == [3, 3, 1]

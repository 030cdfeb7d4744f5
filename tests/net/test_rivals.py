"""Two living connections between the same two people: one stays, the same one on both sides."""

import gevent
import pytest

from engine.net import rivals as rivals_room
from engine.net.rivals import MAX_SWITCHES, SWITCHES_EVERY
from engine.protocol import records
from tests.helpers import person, until
from tests.net.house import House
from tests.net.talking import DoorOf, Talker

SMALLER, LARGER = sorted((1, 2), key=lambda number: bytes(person(number).peer))


def the_link(one: House, other: House) -> bytes | None:
    """The connection both use, named by its handshake; None while they differ or more are left."""
    mine, theirs = one.peers.link(other.peer), other.peers.link(one.peer)
    if mine is None or theirs is None or len(one.everyone()) != 1 or len(other.everyone()) != 1:
        return None
    if not (mine.is_open and theirs.is_open):
        return None
    same = mine.channel.handshake_hash == theirs.channel.handshake_hash
    return mine.channel.handshake_hash if same else None


def caller(house: House, number: int, **words) -> Talker:
    """Somebody played by the test, linked to the house."""
    talker = Talker.dial(house.port, person(number))
    opened = len(house.opened)
    talker.open(**words)
    until(lambda: len(house.opened) > opened)
    return talker


def called(house: House, number: int, **words) -> Talker:
    """As ``caller``, but the house began it."""
    door = DoorOf(person(number))
    dialling = gevent.spawn(house.dial, door.place)
    talker = door.meet()
    talker.open(**words)
    dialling.get()
    return talker


def is_linked_to(house: House, talker: Talker) -> bool:
    link = house.peers.link(talker.me.peer)
    return link is not None and link.channel.handshake_hash == talker.channel.handshake_hash


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(rivals_room, "SIGN_OF_LIFE_WITHIN", 0.05)


def test_when_both_dial_at_once_one_connection_stays_and_it_is_the_smaller_keys(house):
    small, large = house(SMALLER), house(LARGER)

    both = [gevent.spawn(small.dial, large.place), gevent.spawn(large.dial, small.place)]
    gevent.joinall(both, raise_error=True)
    until(lambda: the_link(small, large))
    if len(small.opened) > 1:
        assert small.peers.link(large.peer).initiator


@pytest.mark.parametrize("first", [SMALLER, LARGER])
def test_whoever_dials_second_the_smaller_keys_connection_stays(house, first):
    one, other = house(first), house(SMALLER + LARGER - first)
    one.calls(other)
    other.calls(one)
    until(lambda: the_link(one, other))
    small = one if first == SMALLER else other
    assert small.peers.link((other if small is one else one).peer).initiator
    link = one.peers.link(other.peer)
    link.send(records.Message(1, bytes(16), 1, 1, 0, b"x"))
    until(lambda: other.said)


def test_of_two_connections_begun_by_the_same_side_the_newer_stays(house):
    one = house(1)
    older = caller(one, 2)
    newer = caller(one, 2)
    assert is_linked_to(one, newer)
    assert older.hear_all()[-1] == records.Bye()
    assert newer.is_understood()
    assert one.closed == [], "the person was linked all the time"


def test_what_was_queued_on_the_older_connection_still_goes_before_its_goodbye(house):
    one = house(1)
    older = caller(one, 2)
    sent = [records.Message(seq, bytes(16), 1, 1, 0, bytes(50_000)) for seq in range(1, 100)]
    one.peers.link(older.me.peer).send(*sent)
    caller(one, 2)
    assert older.hear_all() == [*sent, records.Bye()]


def test_an_older_connection_that_would_win_is_kept_if_it_answers(house):
    one = house(SMALLER)
    door = house(LARGER)
    one.calls(door)
    kept = one.peers.link(door.peer)
    talker = caller(one, LARGER, stream=door.stream)  # the larger key's, and newer
    assert talker.is_over()
    assert one.peers.link(door.peer) is kept
    assert not one.twice


def test_an_older_connection_that_would_win_but_is_silent_is_replaced(house, impatient):
    one = house(SMALLER)
    silent = called(one, LARGER)
    newer = caller(one, LARGER)
    silent.hear(records.Ping)  # and does not answer
    until(lambda: is_linked_to(one, newer))
    assert silent.is_over()
    assert newer.is_understood()
    assert one.closed == []
    assert one.opened[-1] is one.peers.link(newer.me.peer), "the room above learns of the change"


def test_two_who_ask_the_same_silent_connection_both_get_an_answer(house, impatient, monkeypatch):
    one = house(SMALLER)
    silent = called(one, LARGER)
    # The first newer one is not asked about while it is no link, so the older is asked twice.
    newer = [caller(one, LARGER), caller(one, LARGER)]
    until(lambda: any(is_linked_to(one, talker) for talker in newer))
    assert silent.is_over()


def test_one_answer_keeps_the_older_whoever_asked(house):
    one = house(SMALLER)
    older = called(one, LARGER)
    newer = [caller(one, LARGER), caller(one, LARGER)]
    older.hear(records.Ping)
    older.say(records.Pong())
    for talker in newer:
        assert talker.is_over()
    assert is_linked_to(one, older)


# -- one identity in two places


def test_one_identity_in_two_living_programs_is_noticed(house):
    one = house(1)
    first = caller(one, 2, stream=b"program1")
    second = caller(one, 2, stream=b"program2")
    first.hear(records.Ping)
    first.say(records.Pong())
    until(lambda: one.twice)
    assert one.twice == [person(2).peer]
    assert first.is_over()
    assert is_linked_to(one, second)


def test_a_program_that_was_restarted_is_no_second_one(house, impatient):
    """Its former connection is dead, even if nobody has noticed yet."""
    one = house(1)
    former = caller(one, 2, stream=b"program1")
    again = caller(one, 2, stream=b"program2")
    assert former.hear_all()[-1] == records.Bye()
    assert is_linked_to(one, again)
    assert one.twice == []


def test_a_program_that_calls_twice_is_no_second_one(house):
    one = house(1)
    caller(one, 2)
    caller(one, 2)
    assert one.twice == []


def test_a_second_program_whose_connection_loses_is_noticed_too(house):
    one = house(SMALLER)
    first = called(one, LARGER, stream=b"program1")
    second = caller(one, LARGER, stream=b"program2")
    first.hear(records.Ping)
    first.say(records.Pong())
    until(lambda: one.twice == [person(LARGER).peer])
    assert second.is_over()
    assert is_linked_to(one, first)


def test_there_are_four_switches_a_minute_at_most(house, open_door):
    now = [0.0]
    one = house(1, clock=lambda: now[0])
    linked = caller(one, 2, stream=b"program0")
    for number in range(1, MAX_SWITCHES + 1):
        linked = caller(one, 2, stream=b"program%d" % number)
        assert is_linked_to(one, linked)
    late = caller(one, 2, stream=b"too late")
    linked.hear(records.Ping)
    linked.say(records.Pong())
    assert late.is_over()
    assert is_linked_to(one, linked)
    now[0] = SWITCHES_EVERY
    linked.say(records.Ping())  # a sign of life, at the new time
    linked.hear(records.Pong)
    assert is_linked_to(one, caller(one, 2, stream=b"in time!"))


def test_one_program_that_comes_back_often_is_never_held_up(house, open_door):
    """The other side counts for itself: if both refused, each another one, none would be left."""
    one = house(1, clock=lambda: 0.0)
    for _ in range(3 * MAX_SWITCHES):
        assert is_linked_to(one, caller(one, 2))


def test_a_connection_that_loses_anyway_does_not_count_as_a_switch(house, open_door):
    one, door = house(SMALLER, clock=lambda: 0.0), house(LARGER)
    one.calls(door)
    for _ in range(2 * MAX_SWITCHES):
        assert caller(one, LARGER, stream=door.stream).is_over()
    assert not one.peers._rivals._switches


def test_a_newer_connection_that_ends_while_the_older_is_asked_does_not_take_its_place(
    house, monkeypatch
):
    """Else somebody who is gone would count as linked for ever, and be dialled no more."""
    monkeypatch.setattr(rivals_room, "SIGN_OF_LIFE_WITHIN", 0.2)
    one = house(SMALLER)
    silent = called(one, LARGER)
    newer = caller(one, LARGER)
    silent.hear(records.Ping)
    newer.reset()
    until(lambda: len(one.over) == 1)
    assert silent.is_over()
    silent.hang_up()
    until(lambda: one.closed == [person(LARGER).peer])
    assert not one.peers.linked()


# -- the one who took over ends


def test_when_the_link_breaks_a_connection_that_was_losing_takes_its_place(house):
    one = house(SMALLER)
    older = called(one, LARGER)
    newer = caller(one, LARGER)
    older.reset()
    until(lambda: is_linked_to(one, newer))
    assert newer.is_understood()
    assert one.closed == []

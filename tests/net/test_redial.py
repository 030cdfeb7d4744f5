"""Patience: who is dialled, with which pass, how often, and until when."""

import gc
from time import monotonic

import gevent
import pytest

from engine.net import redial as redial_room
from engine.net.redial import NO_PASS, STEADY_AFTER, Redial, Status
from engine.protocol import records
from tests.helpers import person, until
from tests.net.talking import DoorOf, NoHandshake, Talker, listen, place_of

THEM = person(2).peer
LONG = 1_000.0  # a share of each wait that no test lives to see the end of
THEIR_PASS = b"a pass of theirs"


class Kept:
    """A house that keeps links, the addresses and passes it knows, and what it reports."""

    def __init__(self, house, *, jitter=0.001, clock=monotonic):
        self.house = house
        self.known = []
        self.knock = NO_PASS
        self.reported = []
        self.wrong = []
        self.redial = Redial(house.peers, self, random=lambda: jitter, clock=clock)

    def places(self, _peer):
        return tuple(self.known)

    def knock_pass(self, _peer):
        return self.knock

    def attempt(self, _peer, status):
        self.reported.append(status)

    def disproved(self, peer, place):
        self.wrong.append((peer, place))

    @property
    def waits(self):
        return [one.next_try_after for one in self.reported if one.next_try_after is not None]

    @property
    def reasons(self):
        return [one.reason for one in self.reported if one.next_try_after is not None]

    def is_linked(self):
        link = self.house.peers.link(THEM)
        return link is not None and link.is_open


@pytest.fixture
def keep(house):
    kept = []

    def make(**options):
        clock = options.get("clock", monotonic)
        kept.append(Kept(house(1, clock=clock), **options))
        return kept[-1]

    yield make
    for one in kept:
        one.redial.stop()


def closed_place():
    with listen() as door:
        return place_of(door)


def greenlets():
    """The loops that still run in this process. (Not ``isinstance``: that asks a weak proxy, which
    any library may have left behind, for the class of what is gone.)"""
    found = [one for one in gc.get_objects() if issubclass(type(one), gevent.Greenlet)]
    return [one for one in found if not one.ready() and "Redial._loop" in repr(one)]


def test_whoever_is_there_is_linked_at_once(keep):
    one, door = keep(), DoorOf(person(2))
    one.known = [door.place]
    one.redial.keep(THEM)
    door.meet().open()
    until(one.is_linked)
    assert one.reported == [Status(dialling=True)]


def test_whoever_comes_back_is_linked_by_itself(keep):
    one = keep()
    place = closed_place()
    one.known = [place]
    one.redial.keep(THEM)
    until(lambda: len(one.waits) >= 3)
    assert set(one.reasons) == {"refused"}
    door = DoorOf(person(2))
    one.known = [door.place]
    door.meet().open()
    until(one.is_linked)


def test_waits_grow_to_a_minute_and_no_further(keep):
    one = keep(jitter=0.0001)
    one.known = [closed_place()]
    one.redial.keep(THEM)
    until(lambda: len(one.waits) >= 9)
    in_jitters = [round(wait / 0.0001) for wait in one.waits[:9]]
    assert in_jitters == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_every_known_place_is_tried_before_waiting(keep):
    one, door = keep(jitter=LONG), DoorOf(person(2))
    one.known = [closed_place(), closed_place(), door.place]
    one.redial.keep(THEM)
    door.meet().open()
    until(one.is_linked)
    assert one.reported == [Status(dialling=True)] * 3


def test_of_several_reasons_the_most_telling_is_reported(keep):
    one, stranger = keep(jitter=LONG), DoorOf(person(3))
    one.known = [stranger.place, closed_place()]
    one.redial.keep(THEM)
    with pytest.raises(NoHandshake):
        stranger.meet()  # somebody else: we leave before we say who we are
    until(lambda: one.waits)
    assert one.reasons == ["wrong_identity"]
    assert one.wrong == [(THEM, stranger.place)]


def test_nobody_can_be_dialled_without_an_address_and_one_that_comes_is_used(keep):
    one, door = keep(jitter=LONG), DoorOf(person(2))
    one.redial.keep(THEM)
    until(lambda: one.reasons == ["no_address"])
    one.known = [door.place]
    one.redial.hurry(THEM)
    door.meet().open()
    until(one.is_linked)


def test_hurry_cuts_a_wait_short_and_asks_for_nothing_twice(keep):
    one = keep(jitter=LONG)
    one.known = [closed_place()]
    one.redial.keep(THEM)
    until(lambda: len(one.waits) == 1)
    one.redial.hurry(THEM)
    one.redial.hurry(THEM)
    until(lambda: len(one.waits) == 2)
    one.redial.hurry(person(7).peer)  # nobody we keep
    gevent.idle()
    assert len(one.waits) == 2


def test_hurry_all_cuts_everybodys_wait_short(keep):
    one = keep(jitter=LONG)
    one.known = [closed_place()]
    for peer in (THEM, person(7).peer):
        one.redial.keep(peer)
    until(lambda: len(one.waits) == 2)
    one.redial.hurry_all()
    until(lambda: len(one.waits) == 4)


def test_a_pass_that_is_no_longer_honoured_is_followed_by_a_plain_knock(keep):
    one = keep()
    one.knock = THEIR_PASS
    door = DoorOf(person(2))
    one.known = [door.place]
    one.redial.keep(THEM)
    with pytest.raises(NoHandshake):
        door.meet()
    door.meet().open()
    until(one.is_linked)


def test_a_pass_that_is_no_longer_honoured_is_noticed_among_dead_addresses(keep):
    one = keep()
    one.knock = THEIR_PASS
    door = DoorOf(person(2))
    one.known = [door.place, closed_place()]
    one.redial.keep(THEM)
    with pytest.raises(NoHandshake):
        door.meet()
    door.meet().open()
    until(one.is_linked)


def test_after_a_plain_knock_the_pass_is_tried_again(keep):
    """Where only known passes are answered, a plain knock must not be the last word."""
    one = keep()
    one.knock = THEIR_PASS
    passes = [(), ()]
    door = DoorOf(person(2), passes=lambda: passes.pop(0) if passes else (THEIR_PASS,))
    one.known = [door.place]
    one.redial.keep(THEM)
    for _ in range(2):
        with pytest.raises(NoHandshake):
            door.meet()
    door.meet().open()
    until(one.is_linked)


def test_a_good_link_that_breaks_is_dialled_again_at_once(keep):
    now = [0.0]
    one, door = keep(jitter=LONG, clock=lambda: now[0]), DoorOf(person(2))
    one.known = [door.place]
    one.redial.keep(THEM)
    talker = door.meet()
    talker.open()
    until(one.is_linked)
    gevent.idle()  # let the loop note since when
    now[0] = STEADY_AFTER
    talker.reset()
    door.meet().open()
    until(one.is_linked)
    assert one.waits == []


def test_a_link_that_breaks_as_soon_as_it_stands_is_no_reason_for_haste(keep):
    one, door = keep(jitter=0.001, clock=lambda: 0.0), DoorOf(person(2))
    one.known = [door.place]
    one.redial.keep(THEM)
    for round_ in range(1, 4):
        talker = door.meet()
        talker.open()
        until(one.is_linked)
        talker.reset()
        until(lambda round_=round_: len(one.waits) == round_)
    assert [round(wait / 0.001) for wait in one.waits] == [1, 2, 4]


def test_a_link_that_the_other_side_began_ends_the_dialling(keep):
    one = keep(jitter=LONG)
    one.known = [closed_place()]
    one.redial.keep(THEM)
    until(lambda: one.waits)
    Talker.dial(one.house.port, person(2)).open()
    until(one.is_linked)
    one.redial.hurry(THEM)
    gevent.idle()
    assert len(one.waits) == 1


def test_whoever_is_let_go_is_dialled_no_more_and_nothing_more_is_reported(keep):
    one, door = keep(), DoorOf(person(2))
    one.known = [door.place]
    one.redial.keep(THEM)
    talker = door.meet()  # in the middle of a dial
    one.redial.let_go(THEM)
    reported = len(one.reported)
    talker.say(records.Bye())
    assert talker.is_over()
    talker.hang_up()
    until(lambda: not one.house.everyone())
    assert len(one.reported) == reported
    assert not greenlets()


def test_a_loop_that_was_let_go_while_it_ran_reports_nothing_any_more(keep):
    """Its end comes at its next wait; until then it would speak of somebody nobody wants."""
    one = keep(jitter=LONG)
    one.known = [closed_place()]
    one.knock_pass = lambda peer: one.redial.let_go(peer) or NO_PASS
    one.redial.keep(THEM)
    until(lambda: not one.redial._wanted)
    until(lambda: not greenlets())
    assert one.reported == []


def test_letting_go_leaves_a_link_that_stands(keep):
    one, door = keep(), DoorOf(person(2))
    one.known = [door.place]
    one.redial.keep(THEM)
    talker = door.meet()
    talker.open()
    until(one.is_linked)
    one.redial.let_go(THEM)
    one.redial.let_go(THEM)
    assert talker.is_understood()


def test_whoever_is_let_go_and_wanted_again_is_dialled_by_one_loop(keep):
    one = keep(jitter=LONG)
    one.known = [closed_place()]
    for _ in range(5):
        one.redial.keep(THEM)
        one.redial.keep(THEM)
        one.redial.let_go(THEM)
    one.redial.keep(THEM)
    until(lambda: one.waits)
    until(lambda: len(greenlets()) == 1)


def test_stopping_ends_every_loop_and_nobody_is_kept_afterwards(keep):
    one = keep(jitter=LONG)
    one.known = [closed_place()]
    for number in range(2, 40):  # more than are dialled at once
        one.redial.keep(person(number).peer)
    until(lambda: len(one.waits) == 38)
    one.redial.stop()
    one.redial.keep(THEM)
    until(lambda: not greenlets())


def test_only_so_many_dials_are_under_way_at_once(keep, monkeypatch):
    monkeypatch.setattr(redial_room, "AT_ONCE", 3)
    one = keep(jitter=LONG)
    with listen(backlog=64) as silent:
        one.known = [place_of(silent)]
        for number in range(2, 12):
            one.redial.keep(person(number).peer)
        until(lambda: len(one.house.everyone()) == 3)
        gevent.idle()
        assert len(one.reported) == 3
        one.redial.stop()

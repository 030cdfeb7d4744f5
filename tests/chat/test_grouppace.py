"""Members are heard at a pace: by whose the events are, and what they are."""

import gevent
import pytest

from engine.chat import grouppace
from engine.chat.grouppace import Pace
from tests.helpers import person
from tests.protocol.groups import Replica

MALLORY, BOB = person(1).peer, person(2).peer


class Clock:
    """Time goes on only while somebody waits."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(grouppace.gevent, "sleep", self.sleep)

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def words(count):
    alice = Replica.founded_by(1)
    return [alice.says("hi")] * count


def test_a_long_history_comes_at_once_and_what_is_more_waits(clock):
    pace = Pace(lambda: clock.now)
    pace.before(BOB, 20_000)
    assert clock.now == 0
    pace.before(BOB, 1_000)
    assert clock.now == pytest.approx(1, abs=0.1)


def test_their_own_are_taken_slower_than_what_they_pass_on(clock):
    pace = Pace(lambda: clock.now)
    pace.after(BOB, words(20_400), [])  # Alice's, whom MALLORY's number stands for
    assert clock.now == 0
    pace.after(MALLORY, words(20_400), [])
    assert clock.now == pytest.approx(2, abs=0.1)


def test_second_events_under_one_number_are_taken_slowest(clock):
    pace = Pace(lambda: clock.now)
    pace.after(BOB, [], [MALLORY] * 1_024)
    assert clock.now == 0
    pace.after(MALLORY, [], [MALLORY] * 266)
    assert clock.now == pytest.approx(10, abs=0.1)


def test_coming_again_buys_nothing(clock):
    pace = Pace(lambda: clock.now)
    for _ in range(3):
        pace.before(BOB, 10_000)
    assert clock.now == pytest.approx(10, abs=0.5)
    assert len(pace._buckets) == 1


def test_not_more_members_are_remembered_than_memory_should_hold(clock, monkeypatch):
    monkeypatch.setattr(grouppace, "MAX_BUCKETS", 4)
    pace = Pace(lambda: clock.now)
    for number in range(9):
        pace.before(person(number).peer, 1)
    assert len(pace._buckets) == 4


def test_waiting_lets_others_run():
    assert grouppace.gevent.sleep is gevent.sleep

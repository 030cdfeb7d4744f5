"""Many waiting jobs at once, begun in the order they were given."""

import logging

import gevent
from gevent.event import Event

from engine.web.lanes import Lanes
from tests.helpers import until


def test_jobs_begin_in_the_order_they_were_given_however_long_they_wait():
    lanes = Lanes(8)
    begun, ended = [], []
    gates = [Event() for _ in range(200)]

    def job(number):
        begun.append(number)
        gates[number].wait()
        ended.append(number)

    def give():
        for number in range(200):
            lanes.run(lambda number=number: job(number))

    gevent.spawn(give)
    # Let them end in another order than they began, eight at a time.
    for first in range(0, 200, 8):
        until(lambda first=first: len(begun) >= first + 8)
        for number in reversed(range(first, first + 8)):
            gates[number].set()
    until(lambda: len(ended) == 200)
    assert begun == list(range(200))
    assert ended != begun


def test_no_more_than_so_many_are_in_work():
    lanes = Lanes(3)
    gate, begun = Event(), []

    def job():
        begun.append(1)
        gate.wait()

    def give():
        for _ in range(5):
            lanes.run(job)

    giver = gevent.spawn(give)
    until(lambda: len(begun) == 3)
    for _ in range(20):
        gevent.idle()
    assert len(begun) == 3
    assert not giver.dead
    gate.set()
    until(lambda: len(begun) == 5)


def test_a_job_that_fails_is_logged_and_its_lane_goes_on(caplog):
    lanes = Lanes(1)
    done = Event()

    def fail():
        raise ValueError("a bug")

    with caplog.at_level(logging.ERROR):
        lanes.run(fail)
        lanes.run(done.set)
        assert done.wait(5)
    assert "a command failed" in caplog.text


def test_a_lane_is_used_again_and_ends_when_it_is_closed():
    lanes = Lanes(4)
    seen = set()
    for _ in range(50):
        lanes.run(lambda: seen.add(gevent.getcurrent()))
        gevent.idle()
    assert len(seen) == 1
    lanes.close()
    [lane] = seen
    until(lambda: lane.dead)

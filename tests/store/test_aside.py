"""Slow work leaves the loop free, and its errors arrive where they belong."""

import threading

import gevent
import pytest

from engine.store import aside


def test_others_go_on_while_it_works(capfd):
    began, let_go, seen = threading.Event(), threading.Event(), []

    def work():
        began.set()
        assert let_go.wait(10)
        return threading.get_ident()

    def other():
        while not began.is_set():
            gevent.sleep(0.001)
        seen.append("went on")
        let_go.set()

    gevent.spawn(other)
    assert aside.run(work) != threading.get_ident()
    assert seen == ["went on"]


def test_what_it_raises_is_raised_and_printed_nowhere(capfd):
    with pytest.raises(ZeroDivisionError):
        aside.run(lambda: 1 // 0)
    assert capfd.readouterr().err == ""

"""From the node's events to the tabs: numbered once, never silently missing."""

import json
from types import SimpleNamespace

import gevent
import pytest

from engine.chat import events
from engine.web import framing
from engine.web.live import Live
from tests.helpers import until
from tests.web.fake_node import FakeNode


class Tab:
    """Keeps what it is sent; its reader waits until it is closed."""

    def __init__(self):
        self.told = []
        self.goodbye = None
        self._closed = gevent.event.Event()

    def send(self, text):
        self.told.append(json.loads(text))

    def send_frames(self, frames):
        while frames:
            size = frames[1]
            start = 2
            if size == 126:
                size, start = int.from_bytes(frames[2:4], "big"), 4
            self.told.append(json.loads(frames[start : start + size]))
            frames = frames[start + size :]

    def receive(self, early=b""):
        self._closed.wait()
        return []

    def write_all(self):
        self._closed.wait()

    def give_up(self):
        self.close()

    def close(self, code=1000, reason=""):
        if self.goodbye is None:
            self.goodbye = code
        self._closed.set()


@pytest.fixture
def node():
    return FakeNode()


@pytest.fixture
def live(node):
    started = Live(node)
    started.start()
    yield started
    started.stop(1.0)


def connected(live):
    tab = Tab()
    gevent.spawn(live.serve, tab)
    until(lambda: tab.told)
    return tab


def test_events_are_counted_though_nobody_listens(live, node):
    for _ in range(3):
        node.someone_asks()
    until(lambda: live._seq == 3)
    tab = connected(live)
    assert tab.told[0]["seq"] == 3
    node.someone_asks()
    until(lambda: len(tab.told) == 2)
    assert tab.told[1]["seq"] == 4


def test_a_tab_that_is_still_being_greeted_misses_nothing(live, node):
    gate = node.hold("me")
    tab = Tab()
    gevent.spawn(live.serve, tab)
    until(lambda: node.waiting == ["me"])
    node.someone_asks()
    until(lambda: live._seq == 1)
    gate.set()
    node.someone_asks()
    until(lambda: len(tab.told) == 2)
    # The greeting comes first and counts the event before it: what is fetched then, shows it.
    assert [(told["type"], told["seq"]) for told in tab.told] == [
        ("hello", 1),
        ("request.added", 2),
    ]


def test_when_we_cannot_keep_up_every_tab_starts_over(live, node, monkeypatch):
    monkeypatch.setattr(events, "MAX_WAITING", 5)
    tab = connected(live)
    for _ in range(7):
        node.someone_asks()  # in one turn of the loop: the queue runs over
    until(lambda: tab.goodbye is not None)
    assert tab.goodbye == framing.TRY_AGAIN
    again = connected(live)
    node.someone_asks()
    until(lambda: len(again.told) == 2)
    assert again.told[1]["type"] == "request.added"


def test_a_failing_event_does_not_silence_the_ones_behind_it(live, node, caplog):
    tab = connected(live)
    node.bus.tell(SimpleNamespace(as_json=lambda: {"type": object()}))
    until(lambda: tab.goodbye is not None)
    assert tab.goodbye == framing.TRY_AGAIN
    assert "could not be told" in caplog.text
    again = connected(live)
    node.someone_asks()
    until(lambda: len(again.told) == 2)


def test_a_node_that_fails_to_greet_loses_no_place_for_a_tab(live, node, monkeypatch):
    def fail():
        raise ZeroDivisionError

    monkeypatch.setattr(node, "me", fail)
    tab = Tab()
    serving = gevent.spawn(live.serve, tab)
    with pytest.raises(ZeroDivisionError):
        serving.get(timeout=5)
    assert tab.goodbye is not None
    assert not live._tabs


def test_stopping_says_goodbye_and_nobody_is_greeted_any_more(live):
    tab = connected(live)
    live.stop(1.0)
    assert tab.goodbye == framing.GOING_AWAY
    late = Tab()
    live.serve(late)
    assert late.goodbye == framing.GOING_AWAY
    assert late.told == []

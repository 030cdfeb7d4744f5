"""The open tabs: each gets every event, in the same order and with the same number.

    Node ──► one subscription ──► fan-out: number, JSON and frame made once ──┬──► tab's queue
                                                                              └──► tab's queue

A tab that connects is told ``hello`` with the number of the last event; what it then fetches is at
least as new. If a tab cannot keep up, or we cannot keep up with the node, it is closed (1013) and
comes back to look at everything afresh: an event is never silently missing.
"""

import logging
import time
from typing import TYPE_CHECKING

import gevent

from engine.chat.events import Event
from engine.web import answers, framing
from engine.web.commands import Commands
from engine.web.lanes import Lanes
from engine.web.limits import MAX_COMMANDS, MAX_TABS
from engine.web.websocket import WebSocket

if TYPE_CHECKING:
    from engine.chat.node import Node

log = logging.getLogger(__name__)

TOO_MANY_TABS = 4008  # our own close code: the page says so instead of trying again


class Live:
    """Serves all tabs, and owns their greenlets."""

    def __init__(self, node: "Node") -> None:
        self._node = node
        self._lanes = Lanes(MAX_COMMANDS)
        self._commands = Commands(node, self._lanes)
        self._tabs: set[WebSocket] = set()
        self._listening: set[WebSocket] = set()  # those of them that were greeted
        self._seq = 0
        self._fan_out: gevent.Greenlet[[], None] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin to listen; every event from now on has a number."""
        self._subscription = self._node.subscribe()
        self._fan_out = gevent.spawn(self._tell_tabs)

    def stop(self, timeout: float) -> None:
        """Say goodbye to every tab and wait until they are gone, or the time is over."""
        self._stopping = True
        self._close_all(framing.GOING_AWAY, "p2pchat is stopping")
        end = time.monotonic() + timeout
        while self._tabs and time.monotonic() < end:
            gevent.sleep(0.01)
        for tab in tuple(self._tabs):
            tab.give_up()
        if self._fan_out is not None:
            self._fan_out.kill()
            self._subscription.close()
        self._lanes.close()

    def serve(self, tab: WebSocket, early: bytes = b"") -> None:
        """Be one tab's reader until it is gone."""
        writer = gevent.spawn(tab.write_all)
        try:
            if self._stopping:
                tab.close(framing.GOING_AWAY, "p2pchat is stopping")
            elif len(self._tabs) >= MAX_TABS:
                tab.close(TOO_MANY_TABS, f"at most {MAX_TABS} tabs")
            else:
                self._tabs.add(tab)
                self._greet(tab)
            self._read(tab, early)
        finally:
            self._tabs.discard(tab)
            self._listening.discard(tab)
            tab.close()
            writer.join()

    def _greet(self, tab: WebSocket) -> None:
        me = self._node.me().as_json()
        # No turn of the loop from here on: no event is between the number and the first one told.
        tab.send(answers.encode({"type": "hello", "seq": self._seq, "me": me}))
        self._listening.add(tab)

    def _read(self, tab: WebSocket, early: bytes) -> None:
        texts = tab.receive(early)
        while texts:
            for text in texts:
                self._commands.take(tab, text)
            texts = tab.receive()

    def _tell_tabs(self) -> None:
        while True:
            events = self._subscription.get()
            if self._subscription.lost:
                log.warning("the tabs lag behind the program and must start over")
                self._subscription = self._node.subscribe()
                self._close_all(framing.TRY_AGAIN, "too slow")
                continue
            if not self._listening:
                self._seq += len(events)
                continue
            try:
                frames = self._frames(events)
            except Exception:
                # Better that the tabs look at everything afresh than that they miss something.
                log.exception("an event could not be told")
                self._close_all(framing.TRY_AGAIN, "start over")
                continue
            for tab in tuple(self._listening):
                tab.send_frames(frames)

    def _frames(self, events: list[Event]) -> bytes:
        """Number the events and make their frames, once for all tabs."""
        frames = []
        for event in events:
            self._seq += 1
            told = event.as_json()
            told["seq"] = self._seq
            frames.append(framing.frame(framing.TEXT, answers.as_json(told)))
        return b"".join(frames)

    def _close_all(self, code: int, reason: str) -> None:
        for tab in tuple(self._tabs):
            tab.close(code, reason)

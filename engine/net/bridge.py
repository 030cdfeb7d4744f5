"""From a native thread to the greenlets: wake them, and hand over the latest news.

    native thread --put(key, value)--> [ newest value of each key ] --greenlet--> deliver

A native thread may touch the hub only through ``loop.async_().send()``. What waits here while the
hub is busy is bounded: a newer value of a key takes the place of the older, and a key that came
and went without being delivered leaves nothing.
"""

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import gevent
from gevent.event import Event as Flag

log = logging.getLogger(__name__)

T = TypeVar("T")


class Bridge(Generic[T]):
    def __init__(self, deliver: Callable[[str, T | None], None]) -> None:
        """Made in a greenlet, like everything here but ``put``. ``deliver`` is called in a greenlet
        of its own, one call after the other; None tells that a key is gone."""
        self._deliver = deliver
        self._news: dict[str, T | None] = {}
        self._delivered: set[str] = set()  # keys that the other side knows of
        self._lock = threading.Lock()  # held for moments only: the hub waits for it
        self._flag = Flag()
        self._watcher = gevent.get_hub().loop.async_()
        self._watcher.start(self._flag.set)
        self._closed = False
        self._greenlet = gevent.spawn(self._run)

    def put(self, key: str, value: T | None) -> None:
        """From any thread. Returns at once; after ``close`` it does nothing."""
        with self._lock:
            if self._closed:
                return
            self._news.pop(key, None)  # the order is that of the latest news
            if value is not None or key in self._delivered:
                self._news[key] = value
            self._watcher.send()

    def close(self) -> None:
        """Deliver nothing more."""
        with self._lock:  # the watcher must not be gone while a thread uses it
            self._closed = True
            self._watcher.stop()
            self._watcher.close()
        self._greenlet.kill(block=False)

    def _run(self) -> None:
        while True:
            self._flag.wait()
            self._flag.clear()
            for key, value in self._take():
                try:
                    self._deliver(key, value)
                except Exception:
                    log.exception("news of the network were not taken")

    def _take(self) -> list[tuple[str, T | None]]:
        with self._lock:
            news = list(self._news.items())
            self._news.clear()
            for key, value in news:
                if value is None:
                    self._delivered.discard(key)
                else:
                    self._delivered.add(key)
        return news

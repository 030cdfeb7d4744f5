"""Keeps the search index up to date: when people are quiet, a few messages at a time.

A message is on the disk and on the screen long before it is in the index, since putting it in takes
several times as long as storing it. While many arrive, the index lags behind; whoever searches has
it brought up to date first (searching.py).
"""

import logging
import time
from collections.abc import Callable
from typing import Final

import gevent

from engine.chat.events import EventBus, MessageAdded, Subscription
from engine.store import search
from engine.store.database import Database, StoreClosed, StoreError

log = logging.getLogger(__name__)

QUIET: Final = 0.3  # seconds without an event
AT_MOST: Final = 3.0  # seconds that it is waited for quiet
ROWS: Final = 100  # in one mutation: others wait for it
RETRY: Final = 10.0  # seconds after the disk did not take it


class Indexing:
    def __init__(
        self, database: Database, bus: EventBus, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._runner: gevent.Greenlet[..., None] | None = None

    def start(self) -> None:
        self._runner = gevent.spawn(self._run)

    def stop(self) -> None:
        if self._runner is not None:
            self._runner.kill()

    def _run(self) -> None:
        told = self._bus.subscribe()
        try:
            while True:
                wait = self._catch_up()
                if told.lost:  # there were too many; what they were lies on the disk
                    told = self._bus.subscribe()
                else:
                    self._wait(told, wait)
        except StoreClosed:
            return
        finally:
            told.close()

    def _catch_up(self) -> float | None:
        """Index all there is; seconds until it is tried again, or None. Raises StoreClosed."""
        try:
            while self._database.read(search.is_behind):
                began = self._clock()
                self._database.write(lambda db: search.index_some(db, ROWS))
                gevent.sleep(self._clock() - began)  # as long it is others' turn
        except StoreClosed:
            raise
        except StoreError as error:
            log.warning("the search index is not up to date: %s", error)
            return RETRY
        return None

    def _wait(self, told: Subscription, most: float | None) -> None:
        """Until something was said, or it is time to try again; and then until it is quiet."""
        events = told.get(timeout=most)
        while events and not any(isinstance(event, MessageAdded) for event in events):
            events = told.get(timeout=most)
        end = self._clock() + AT_MOST
        while self._clock() < end and told.get(timeout=QUIET):
            pass

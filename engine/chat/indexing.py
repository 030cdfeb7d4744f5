"""Keeps the search index up to date: when people are quiet, a few messages at a time.

A message is on the disk and on the screen long before it is in the index, since putting it in takes
several times as long as storing it. While many arrive, the index lags behind; whoever searches has
it brought up to date first (searching.py). The words of a long text leave the index in the same
way: its deletion is done at once, and they are gone some seconds later.
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

import gevent

from engine.chat.events import (
    ChatRemoved,
    Event,
    EventBus,
    GroupRemoved,
    MessageAdded,
    MessageChanged,
    MessageRemoved,
    Subscription,
)
from engine.store import search
from engine.store.database import Database, Db, StoreClosed, StoreError

log = logging.getLogger(__name__)

QUIET: Final = 0.3  # seconds without an event
AT_MOST: Final = 3.0  # seconds that it is waited for quiet
ROWS: Final = 100  # in one mutation: others wait for it
BUSY: Final = 0.0
IDLE: Final = 60.0  # seconds until it is looked anyway
RETRY: Final = 10.0  # seconds after the disk did not take it

_WORDS_CHANGED: Final = (MessageAdded, MessageChanged, MessageRemoved, ChatRemoved, GroupRemoved)


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
                wait = self._catch_up(told)
                if told.lost:  # there were too many; what they were lies on the disk
                    told.close()
                    told = self._bus.subscribe()
                elif wait != BUSY:
                    self._listen(told, IDLE if wait is None else wait)
                self._wait_for_quiet(told)
        except StoreClosed:
            return
        finally:
            told.close()

    def _catch_up(self, told: Subscription) -> float | None:
        """Index all there is, or until somebody says something more (BUSY); seconds until it is
        tried again, None when there is no need. Raises StoreClosed."""
        try:
            while self._database.read(search.is_fading):
                self._give_way_after(search.fade_some)
            while self._database.read(search.is_behind):
                self._give_way_after(lambda db: search.index_some(db, ROWS))
                if _tell_of_words(told.get(timeout=0)):
                    return BUSY
        except StoreClosed:
            raise
        except StoreError as error:
            log.warning("the search index is not up to date: %s", error)
            return RETRY
        return None

    def _give_way_after(self, mutation: Callable[[Db], object]) -> None:
        began = self._clock()
        self._database.write(mutation)
        gevent.sleep(self._clock() - began)  # as long it is others' turn

    def _listen(self, told: Subscription, most: float) -> None:
        """Until something was said, or it is time to try again."""
        events = told.get(timeout=most)
        while events and not any(isinstance(event, _WORDS_CHANGED) for event in events):
            events = told.get(timeout=most)

    def _wait_for_quiet(self, told: Subscription) -> None:
        end = self._clock() + AT_MOST
        while self._clock() < end and told.get(timeout=QUIET):
            pass


def _tell_of_words(events: Iterable[Event]) -> bool:
    return any(isinstance(event, MessageAdded) for event in events)

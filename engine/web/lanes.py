"""Run many waiting jobs at once, started in the order they were given.

A message is answered only when it is committed, and a commit is shared by all that wait for it:
so a tab's commands must wait together, and still keep their order. A fresh greenlet for each costs
twenty times what one that is kept and parked costs, hence this small pool.

    run(job) ──► an idle lane, or a new one, or wait until one of ``most`` is free

gevent's loop runs callbacks first come, first served: that is what keeps the order.
"""

import logging
from collections.abc import Callable
from typing import Any

import gevent
from gevent.hub import Waiter
from gevent.lock import Semaphore

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Lanes:
    """At most ``most`` jobs in work; `run` waits while all lanes are taken."""

    def __init__(self, most: int) -> None:
        self._free = Semaphore(most)
        self._idle: list[Waiter[Any]] = []
        self._loop = gevent.get_hub().loop

    def run(self, job: Job) -> None:
        """Start ``job`` after every job given before it. What it raises is logged."""
        self._free.acquire()
        if self._idle:
            self._loop.run_callback(self._idle.pop().switch, job)
        else:
            gevent.spawn_raw(self._lane, job)

    def close(self) -> None:
        """Send the idle lanes home; those at work finish first."""
        while self._idle:
            self._loop.run_callback(self._idle.pop().switch, None)

    def _lane(self, job: Job | None) -> None:
        parked: Waiter[Any] = Waiter()
        while job is not None:
            try:
                job()
            except Exception:
                log.exception("a command failed")
            parked.clear()
            self._idle.append(parked)
            self._free.release()
            job = parked.get()

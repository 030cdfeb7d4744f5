"""Slow work, done in a native thread while everybody else goes on.

What an event loop must not wait for: a passphrase (a second and 256 MiB), reading and writing large
files. gevent's threads print what is raised in them, so errors are carried over.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import gevent

T = TypeVar("T")


def run(work: Callable[[], T]) -> T:
    """Return what ``work`` returns; only the calling greenlet waits. Raises what it raises."""

    def carry() -> tuple[T | None, BaseException | None]:
        try:
            return work(), None
        except Exception as error:  # noqa: BLE001  # raised again below, in the greenlet
            return None, error

    value, error = gevent.get_hub().threadpool.apply(carry)
    if error is not None:
        raise error
    return cast("T", value)

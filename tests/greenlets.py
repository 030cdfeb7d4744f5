"""No greenlet may die unseen: gevent would only print why, and the test would stay green."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent


@contextmanager
def no_greenlet_dies() -> Iterator[list[BaseException]]:
    """Fail at the end if one did. The list fills meanwhile; a test that means it may clear it."""
    hub = gevent.get_hub()
    died: list[BaseException] = []

    def note(context: Any, kind: Any, value: Any, traceback: Any) -> None:
        if not issubclass(kind, hub.NOT_ERROR):
            died.append(value if isinstance(value, BaseException) else kind(value))

    before = hub.handle_error
    hub.handle_error = note
    try:
        yield died
    finally:
        hub.handle_error = before
    if died:
        raise AssertionError(f"{len(died)} greenlets died: {died[:3]}") from died[0]

"""No greenlet may die unseen: gevent would only print why, and the test would stay green."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent


class _Exceptions(logging.Handler):
    """Takes what ``log.exception`` reports."""

    def __init__(self, died: list[BaseException]) -> None:
        super().__init__()
        self._died = died

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self._died.append(record.exc_info[1])


@contextmanager
def no_greenlet_dies() -> Iterator[list[BaseException]]:
    """Fail at the end if one did, or logged that it nearly did. The list fills meanwhile; a test
    that means it may clear it."""
    hub = gevent.get_hub()
    died: list[BaseException] = []

    def note(context: Any, kind: Any, value: Any, traceback: Any) -> None:
        if not issubclass(kind, hub.NOT_ERROR):
            died.append(value if isinstance(value, BaseException) else kind(value))

    before, logged = hub.handle_error, _Exceptions(died)
    hub.handle_error = note
    logging.getLogger().addHandler(logged)
    try:
        yield died
    finally:
        logging.getLogger().removeHandler(logged)
        hub.handle_error = before
    if died:
        raise AssertionError(f"{len(died)} greenlets died: {died[:3]}") from died[0]

"""Erase an identity: every file of it, the key first of all.

Without the key nobody reads the database, so the key file is written over before it goes. That is
the best a program can do: a drive may keep old blocks, and a backup elsewhere stays what it is.
"""

import contextlib
import logging
import os
import shutil
from pathlib import Path
from typing import Final

from engine import system
from engine.store.places import Places

log = logging.getLogger(__name__)

_MOST: Final = 64 * 1_024  # bytes written over: a key file has some 400


def erase(places: Places) -> list[Path]:
    """Delete everything but the lock; the files that are still there. The program is closed."""
    with contextlib.suppress(OSError):
        _write_over(places.key)
    for path in places.everything():
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.error("a file cannot be deleted: %s", error.strerror)
    shutil.rmtree(places.files, ignore_errors=True)
    with contextlib.suppress(OSError):
        system.sync_folder(places.key.parent)
    return [path for path in (*places.everything(), places.files) if os.path.lexists(path)]


def _write_over(path: Path) -> None:
    fd = system.open_no_follow(path, os.O_WRONLY)
    try:
        size = os.fstat(fd).st_size
        os.write(fd, os.urandom(min(size, _MOST)))
        system.sync_file(fd)
    finally:
        os.close(fd)

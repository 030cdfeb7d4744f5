"""Processes that write until they are killed, one after the other, and say what is on disk.

    python -m tests.store.endless_writer DATABASE

Each line that comes in, the name of a turn, starts one. It says its process id and then every name
that a write returned for; when it is dead, an empty line follows. They are forked from a process
that has imported everything, because twenty starts would take twenty times as long.
"""

import os
import sys
from itertools import count
from pathlib import Path

import gevent

from engine.store.database import Database
from tests.store.conftest import KEY, put

GREENLETS = 30  # that write at once, so that commits are shared


def write_endlessly(path: Path, turn: str) -> None:
    os.write(1, f"{os.getpid()}\n".encode())
    database = Database(path, KEY)
    numbers = count()

    def write() -> None:
        for number in numbers:
            name = f"{turn} {number:06}"
            database.write(put(name, "x" * (number % 7 * 100)))
            os.write(1, f"{name}\n".encode())

    gevent.joinall([gevent.spawn(write) for _ in range(GREENLETS)], raise_error=True)


def main() -> None:
    for turn in sys.stdin:
        child = os.fork()
        if child == 0:
            write_endlessly(Path(sys.argv[1]), turn.strip())
        os.waitpid(child, 0)
        os.write(1, b"\n")


if __name__ == "__main__":
    main()

"""A database of its own for each test, closed at its end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.store.database import Database
from identity import Secret

KEY = Secret(bytes(range(32)))


@pytest.fixture
def open_database(tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """Open ``tmp_path/a.db``, or another; every one is closed at the end."""
    opened: list[Database] = []

    def open_one(name: str = "a.db", key: Secret = KEY) -> Database:
        opened.append(Database(tmp_path / name, key))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def database(open_database: Callable[..., Database]) -> Database:
    return open_database()


def put(name: str, value: str = "x") -> Callable[..., object]:
    """A mutation that writes a setting."""
    return lambda db: db.execute("INSERT INTO setting VALUES (?, ?)", (name, value))


def names(db) -> list[str]:
    """A query for what ``put`` wrote, in order."""
    return [name for (name,) in db.execute("SELECT name FROM setting ORDER BY name")]


def bytes_of(folder: Path) -> dict[str, bytes]:
    """What is kept: neither SQLite's index of the journal nor an empty journal holds anything."""
    found = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return {name: data for name, data in found.items() if data and not name.endswith("-shm")}

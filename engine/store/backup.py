"""Make a backup: a copy of the database as it is at one moment, and its bytes for one file.

    database ──VACUUM INTO──> copy beside it, under a new key ──sealed chunks──> whoever asked

The copy is of one moment while everybody goes on writing, and holds no page that was given up: what
was deleted before is not in it. It is encrypted like the database, under a key of its own that
stands in the backup alone. It is gone when the last byte was read, or at the next start.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import apsw

from engine import system
from engine.store import backupformat, opening
from engine.store.keyformat import Cost, Keys
from engine.store.opening import StoreError
from engine.store.places import Places, shown
from identity import KEY_SIZE, IdentityError, Secret

LEAST_PASSPHRASE: Final = 8  # characters: whoever finds the file can guess for ever

_READ_ONLY: Final = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
_ONE: Final = backupformat.PART.size


class BackupFull(StoreError):
    """There is no room for the copy; the database was not touched."""


@dataclass(slots=True)
class Backup:
    """One that is ready to be read, once. ``close`` it, whatever happens."""

    size: int  # bytes
    _copy: Path
    _file: BinaryIO
    _chunks: Iterator[bytes]

    def read(self, pieces: int = 16) -> bytes:
        """The next bytes, about a mebibyte; b"" at the end. Blocks. Raises OSError."""
        found = []
        for chunk in self._chunks:
            found.append(chunk)
            if len(found) == pieces:
                break
        return b"".join(found)

    def close(self) -> None:
        """Harmless when done twice."""
        self._file.close()
        self._copy.unlink(missing_ok=True)


def make(
    places: Places,
    *,
    seed: Secret,
    database_key: Secret,
    protected: bool,
    passphrase: Secret,
    cost: Cost = Cost(),  # noqa: B008 - frozen
    random: Callable[[int], bytes] = os.urandom,
) -> Backup:
    """Copy the database and stand ready to be read. Blocks for as long as the copy takes.

    Raises BackupFull, StoreError, IdentityError.
    """
    header, key = backupformat.new_header(passphrase, cost=cost, random=random)
    fresh = Secret(random(KEY_SIZE))
    copy = places.copy_of_database()
    try:
        _copy_database(places.database, database_key, copy, fresh)
        size = copy.stat().st_size
        file = copy.open("rb")
    except BaseException:
        _remove(copy)
        raise
    keys = backupformat.keys_part(Keys(seed, fresh), protected=protected)
    content = _content(keys, size, file)
    chunks = _with_header(header.raw, backupformat.seal(header, key, content))
    return Backup(backupformat.sealed_size(len(keys) + _ONE + size), copy, file, chunks)


class Readable(Protocol):
    def read(self) -> bytes: ...


def write_file(backup: Readable, target: Path) -> None:
    """Read it into a new private file of this name. Raises IdentityError, and leaves nothing."""
    try:
        fd = system.open_no_follow(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except OSError as error:
        raise IdentityError(f"{shown(target)} cannot be made: {error.strerror}") from None
    try:
        with open(fd, "wb") as file:
            while piece := backup.read():
                file.write(piece)
            file.flush()
            system.sync_file(fd)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise IdentityError(f"{shown(target)} cannot be written: {error.strerror}") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _copy_database(path: Path, key: Secret, copy: Path, fresh: Secret) -> None:
    """What may go wrong is told without the text of SQLite's error, in which the new key stands."""
    # Made before SQLite does, so that it is never readable by others.
    os.close(system.open_no_follow(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL))
    into = f"{copy.absolute().as_uri()}?cipher=chacha20&key=raw:{fresh.hex()}"
    db = opening.connect(path, key, _READ_ONLY)
    try:
        db.execute("VACUUM INTO ?", (into,))
    except (apsw.FullError, apsw.IOError):
        raise BackupFull("there is no room for a copy of the database beside it") from None
    except apsw.Error as error:
        raise StoreError(f"the database cannot be copied: {type(error).__name__}") from None
    finally:
        db.close()


def _content(keys: bytes, size: int, file: BinaryIO) -> Iterator[bytes]:
    yield keys
    yield backupformat.PART.pack(backupformat.DATABASE, size)
    while piece := file.read(backupformat.CHUNK):
        yield piece


def _with_header(header: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield header
    yield from chunks


def _remove(copy: Path) -> None:
    for rest in ("", "-journal"):
        copy.with_name(copy.name + rest).unlink(missing_ok=True)

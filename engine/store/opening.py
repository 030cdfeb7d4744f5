"""Open the database file, or refuse it in one sentence and leave every byte as it was.

    nothing there      make it beside its name, give it the name when it is whole
    something there    read it through, without being able to write, before it is opened

The file is encrypted by SQLite3 Multiple Ciphers (ChaCha20-Poly1305, a tag on every page) under
the random key of the key file; plain ``apsw`` would write plain text in silence, so its cipher is
asked for by name.
"""

import os
from pathlib import Path
from typing import Final

import apsw

from engine import system
from engine.store import journal, migrations
from identity import Secret

CHECKED_BYTES: Final = 256 << 20  # a larger file is not read through at start
WRITABLE: Final = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
BUSY_TIMEOUT: Final = 5_000  # milliseconds
Db = apsw.Connection


class StoreError(Exception):
    """The store cannot do what was asked; nothing of it was done."""


class StoreUnreadable(StoreError):
    """The database cannot be opened; it was left as it is. The text is for the user."""


def open_both(path: Path, key: Secret) -> tuple[Db, Db]:
    """A connection to write with and one to read with. Raises StoreUnreadable."""
    opened: list[Db] = []
    try:
        if not os.path.lexists(path):  # a link to a disk that is away is no missing database
            _make(path, key)
        status = path.stat()
        if not system.is_regular(status):
            raise StoreUnreadable(f"{path} is no ordinary file")
        if not status.st_size:  # SQLite would take it for a new one
            raise StoreUnreadable(_damaged(path))
        _check(path, key)
        opened.append(connect(path, key))
        if opened[0].readonly("main"):  # SQLite says nothing, and then refuses each message
            raise StoreUnreadable(
                f"{path} cannot be written to; nothing was changed. Check its permissions and the "
                "disk, or use another --identity"
            )
        opened[0].pragma("journal_mode", "wal")
        migrations.migrate(opened[0])
        opened.append(connect(path, key))
        opened[1].pragma("query_only", True)
    except (apsw.Error, OSError, StoreUnreadable) as error:
        for db in opened:
            db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            db.close()
        raise _refusal(path, error) from None
    return opened[0], opened[1]


def connect(path: Path, key: Secret, flags: int = WRITABLE) -> Db:
    """A connection as every one has to be. Raises apsw.Error, StoreUnreadable."""
    db = apsw.Connection(str(path), flags=flags)
    if db.pragma("cipher") is None:
        db.close()
        raise StoreUnreadable("the installed apsw cannot encrypt: install apsw-sqlite3mc instead")
    db.pragma("cipher", "chacha20")
    db.pragma("key", f"raw:{key.hex()}")
    set_up(db)
    return db


def set_up(db: Db) -> None:
    """What every connection needs besides its key."""
    db.set_busy_timeout(BUSY_TIMEOUT)
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA temp_store=memory")
    db.execute("PRAGMA secure_delete=on")
    db.execute("PRAGMA foreign_keys=on")


def _check(path: Path, key: Secret) -> None:
    """Read it through before anything is written: what a crash left behind stays as it is too.

    A connection that may write would, when it is closed, move the journal into a database that
    turned out to be damaged.
    """
    log = _journal_of(path)
    if log.exists() and journal.is_damaged(log):
        raise StoreUnreadable(
            f"{log}, the latest messages, is damaged; nothing was changed. Put back a copy of it "
            f"and of {path.name}, or move it away to go on without what is in it"
        )
    db = connect(path, key, apsw.SQLITE_OPEN_READONLY)
    try:
        if db.pragma("user_version") > migrations.NEWEST:
            raise StoreUnreadable(
                f"{path} was written by a newer version of p2pchat: update p2pchat; "
                "nothing was changed"
            )
        if path.stat().st_size <= CHECKED_BYTES and db.pragma("quick_check") != "ok":
            raise StoreUnreadable(_damaged(path))
    finally:
        db.close()


def _make(path: Path, key: Secret) -> None:
    """Make a database, which gets its name when it is whole: an empty file is never a new one."""
    log = _journal_of(path)
    if log.exists() and log.stat().st_size:  # the last messages: SQLite would drop them
        raise StoreUnreadable(
            f"{path} is missing, but {log.name}, a part of it, is there; nothing was "
            "changed. Put the database back, or move that file away to begin with an empty history"
        )
    fresh = path.with_name(f".{path.name}.new")
    _sweep(fresh)  # of a start that was cut off
    try:
        # Made before SQLite does, so that it is never readable by others; -wal and -shm follow it.
        os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        db = connect(fresh, key)
        try:
            db.pragma("journal_mode", "wal")
            migrations.migrate(db)
        finally:
            db.close()
        fresh.rename(path)
    except (apsw.Error, OSError, StoreUnreadable):
        _sweep(fresh)
        raise
    system.sync_folder(path.parent)


def _sweep(fresh: Path) -> None:
    for rest in ("", "-journal", "-wal", "-shm"):
        fresh.with_name(fresh.name + rest).unlink(missing_ok=True)


def _journal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _refusal(path: Path, error: apsw.Error | OSError | StoreUnreadable) -> StoreUnreadable:
    match error:
        case StoreUnreadable():
            return error
        case OSError():
            return StoreUnreadable(f"{path} cannot be opened: {error.strerror}")
        case apsw.FullError() | apsw.IOError():
            # Not "damaged": whoever moved it away because of that would lose it for want of room.
            return StoreUnreadable(
                f"{path} cannot be opened: the disk is full, or fails; nothing was changed"
            )
        case apsw.CantOpenError() | apsw.ReadOnlyError() | apsw.PermissionsError():
            return StoreUnreadable(f"{path} cannot be opened for reading and writing")
        case apsw.BusyError() | apsw.LockedError():
            return StoreUnreadable(f"{path} is in use by another program")
        case _:
            return StoreUnreadable(_damaged(path))


def _damaged(path: Path) -> str:
    return (
        f"{path} cannot be read: it is damaged, or belongs to another key file; nothing was "
        "changed. Put back a copy, or move it away to begin with an empty history"
    )

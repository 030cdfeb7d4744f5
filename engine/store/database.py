"""One encrypted SQLite file, one native thread that writes it, another that reads it.

    greenlets --write()--> queue --(all that waits, ONE transaction)--> writer thread --> fsync
        ^                                                                     |
        +--------- results, in the order of the commits <---------------------+

An fsync takes longer than a hundred inserts: what waits while one commit runs shares the next,
and the hub never stands still for a disk. ``synchronous=FULL`` makes a returned ``write`` mean "on
disk". A mutation that fails undoes itself alone: the batch is then done again, each with a
savepoint of its own. So a mutation may run twice, and must do nothing but use its connection.

The file is encrypted by SQLite3 Multiple Ciphers (ChaCha20-Poly1305, a tag on every page) under
the random key of the key file; plain ``apsw`` would write plain text in silence, so its cipher is
asked for by name.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import apsw
import gevent
from gevent.event import AsyncResult
from gevent.queue import SimpleQueue
from gevent.threadpool import ThreadPool

from engine import system
from engine.store import migrations
from identity import Secret

log = logging.getLogger(__name__)

MAX_BATCH: Final = 512  # mutations that share one commit: some 30 ms of inserts
CHECKED_BYTES: Final = 256 << 20  # a larger file is not read through at start
WRITABLE: Final = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
T = TypeVar("T")
Db = apsw.Connection


class StoreError(Exception):
    """The store cannot do what was asked; nothing of it was done."""


class StoreUnreadable(StoreError):
    """The database cannot be opened; it was left as it is. The text is for the user."""


class StoreFull(StoreError):
    """There is no room to store this, so it was not accepted."""


class StoreClosed(StoreError):
    """The program is stopping."""


class _Job:
    __slots__ = ("mutation", "outcome", "result", "then")

    def __init__(self, mutation: Callable[[Db], Any], then: Callable[[Any], None] | None) -> None:
        self.mutation = mutation
        self.then = then
        self.result: AsyncResult[Any] = AsyncResult()
        self.outcome: tuple[Any, BaseException | None] = (None, None)


class Database:
    def __init__(self, path: Path, key: Secret) -> None:
        """Open or make the database. Raises StoreUnreadable, and then changed nothing."""
        self._path = path
        self._writer_pool = ThreadPool(1)
        self._reader_pool = ThreadPool(1)
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closed = False
        try:
            self._writer = _run_in(self._writer_pool, _open, path, key)
            self._reader = _run_in(self._reader_pool, _connect, path, key)
        except StoreError:
            self._writer_pool.kill()
            self._reader_pool.kill()
            raise
        self._committer = gevent.spawn(self._commit_loop)

    def write(self, mutation: Callable[[Db], T], then: Callable[[T], None] | None = None) -> T:
        """Run ``mutation`` in a transaction; return its result once that is on disk.

        Calls are committed in the order they were made. ``then`` is called with the result after
        the commit, in that same order, before this returns; it must not wait. What ``mutation``
        raises is raised here, and undone. Raises StoreFull, StoreClosed, StoreError.
        """
        return cast("T", self.submit(mutation, then).get())

    def submit(
        self, mutation: Callable[[Db], T], then: Callable[[T], None] | None = None
    ) -> "AsyncResult[T]":
        """As ``write``, without waiting."""
        if self._closed:
            raise StoreClosed("the program is stopping")
        job = _Job(mutation, then)
        self._queue.put_nowait(job)
        return job.result

    def read(self, query: Callable[[Db], T]) -> T:
        """Run a query on the reading thread; it sees everything committed before."""
        if self._closed:
            raise StoreClosed("the program is stopping")
        return _run_in(self._reader_pool, query, self._reader)

    def close(self) -> None:
        """Commit what waits, then close the file. Calling it twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self._queue.put_nowait(None)
        self._committer.join()
        _run_in(self._reader_pool, self._reader.close)
        _run_in(self._writer_pool, self._writer.close)
        self._reader_pool.kill()
        self._writer_pool.kill()

    def _commit_loop(self) -> None:
        while True:
            job = self._queue.get()
            batch = []
            while job is not None:
                batch.append(job)
                if len(batch) == MAX_BATCH or self._queue.empty():
                    break
                job = self._queue.get_nowait()
            if batch:
                self._writer_pool.apply(_commit, (self._writer, batch))
                for done in batch:
                    _finish(done)
            if job is None:
                return


def _run_in(pool: ThreadPool, function: Callable[..., T], *arguments: Any) -> T:
    """Run in the pool's thread. gevent prints what is raised there, so it is carried over."""

    def carry() -> tuple[T | None, Exception | None]:
        try:
            return function(*arguments), None
        except Exception as error:  # noqa: BLE001  # raised again below, in the greenlet
            return None, error

    value, error = pool.apply(carry)
    if error is not None:
        raise _translated(error)
    return cast("T", value)


def _finish(job: _Job) -> None:
    value, error = job.outcome
    if error is not None:
        job.result.set_exception(error)
        return
    if job.then is not None:
        try:
            job.then(value)
        except Exception:  # one listener's bug must not stop everybody's commits
            log.exception("what follows a commit failed")
    job.result.set(value)


def _commit(db: Db, batch: list[_Job]) -> None:
    """In the writer thread: all of ``batch`` in one transaction, without those that fail."""
    try:
        if len(batch) == 1 or not _all_at_once(db, batch):
            _one_by_one(db, batch)
    except Exception as error:  # noqa: BLE001  # nothing of it is on disk: everybody is told
        if db.in_transaction:
            db.execute("ROLLBACK")
        for job in batch:
            job.outcome = (None, _translated(error))


def _all_at_once(db: Db, batch: list[_Job]) -> bool:
    """The common case, without a savepoint for each. False, and undone, when one of them fails."""
    db.execute("BEGIN IMMEDIATE")
    try:
        for job in batch:
            job.outcome = (job.mutation(db), None)
    except Exception:  # noqa: BLE001  # whose fault it is will show one by one
        if db.in_transaction:
            db.execute("ROLLBACK")
        return False
    db.execute("COMMIT")
    return True


def _one_by_one(db: Db, batch: list[_Job]) -> None:
    """One that fails undoes itself alone."""
    db.execute("BEGIN IMMEDIATE")
    for job in batch:
        db.execute("SAVEPOINT job")
        try:
            job.outcome = (job.mutation(db), None)
        except Exception as error:  # it is handed to whoever waits for it
            if not db.in_transaction:
                raise  # SQLite gave up the whole transaction (disk full, I/O)
            db.execute("ROLLBACK TO job")
            job.outcome = (None, _translated(error))
        db.execute("RELEASE job")
    db.execute("COMMIT")


def _translated(error: Exception) -> Exception:
    if isinstance(error, apsw.FullError):
        return StoreFull("the disk is full")
    if isinstance(error, apsw.IOError):
        return StoreFull("the disk does not take what is written to it")
    if isinstance(error, apsw.Error):
        return StoreError(f"the database failed: {type(error).__name__}")
    return error


def _connect(path: Path, key: Secret, flags: int = WRITABLE) -> Db:
    db = apsw.Connection(str(path), flags=flags)
    if db.pragma("cipher") is None:
        raise StoreUnreadable("the installed apsw cannot encrypt: install apsw-sqlite3mc instead")
    db.pragma("cipher", "chacha20")
    db.pragma("key", f"raw:{key.hex()}")
    db.set_busy_timeout(5_000)
    db.execute("PRAGMA synchronous=FULL")
    db.execute("PRAGMA temp_store=memory")
    db.execute("PRAGMA secure_delete=on")
    db.execute("PRAGMA foreign_keys=on")
    return db


def _open(path: Path, key: Secret) -> Db:
    db = None
    try:
        if not os.path.lexists(path):  # a link to a disk that is away is no missing database
            _make(path, key)
        elif not path.stat().st_size:  # SQLite would take it for a new one
            raise StoreUnreadable(_damaged(path))
        _check(path, key)
        db = _connect(path, key)
        db.pragma("journal_mode", "wal")
        migrations.migrate(db)
    except (apsw.Error, OSError) as error:
        if db is not None:
            db.close()
        if isinstance(error, apsw.FullError):
            raise StoreUnreadable(f"{path} cannot be opened: the disk is full") from None
        raise StoreUnreadable(_damaged(path)) from None
    except StoreUnreadable:
        if db is not None:
            db.close()
        raise
    return db


def _check(path: Path, key: Secret) -> None:
    """Read it through before anything is written: what a crash left behind stays as it is too.

    A connection that may write would, when it is closed, move the journal into a database that
    turned out to be damaged.
    """
    db = _connect(path, key, apsw.SQLITE_OPEN_READONLY)
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
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size:  # the last messages: SQLite would drop them
        raise StoreUnreadable(
            f"{path} is missing, but {wal.name}, a part of it, is there; nothing was "
            "changed. Put the database back, or move that file away to begin with an empty history"
        )
    fresh = path.with_name(f".{path.name}.new")
    for rest in ("", "-journal", "-wal", "-shm"):  # of a start that was cut off
        fresh.with_name(fresh.name + rest).unlink(missing_ok=True)
    # Made before SQLite does, so that it is never readable by others; -wal and -shm follow it.
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    db = _connect(fresh, key)
    try:
        db.pragma("journal_mode", "wal")
        migrations.migrate(db)
    finally:
        db.close()
    fresh.rename(path)
    system.sync_folder(path.parent)


def _damaged(path: Path) -> str:
    return (
        f"{path} cannot be read: it is damaged, or belongs to another key file; nothing was "
        "changed. Put back a copy, or move it away to begin with an empty history"
    )

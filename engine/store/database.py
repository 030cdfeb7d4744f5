"""One encrypted SQLite file, one native thread that writes it, another that reads it.

    greenlets --write()--> queue --(all that waits, ONE transaction)--> writer thread --> fsync
        ^                                                                     |
        +--------- results, in the order of the commits <---------------------+

An fsync takes longer than a hundred inserts: what waits while one commit runs shares the next,
and the hub never stands still for a disk. ``synchronous=FULL`` makes a returned ``write`` mean "on
disk". A mutation that fails undoes itself alone: the batch is then done again, each with a
savepoint of its own. So a mutation may run twice, and must do nothing but use its connection.
How the file is opened, and when it is refused, is said in opening.py.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import apsw
import gevent
from gevent.event import AsyncResult
from gevent.queue import SimpleQueue
from gevent.threadpool import ThreadPool

from engine.store import opening, traces
from engine.store.opening import Db, StoreError, StoreUnreadable
from identity import Secret

__all__ = ["Database", "Db", "StoreClosed", "StoreError", "StoreFull", "StoreUnreadable"]

log = logging.getLogger(__name__)

MAX_BATCH: Final = 512  # mutations that share one commit: some 30 ms of inserts
SCRUB_AGAIN: Final = 30.0  # seconds at most until the journal is tried to be emptied again
T = TypeVar("T")


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
            self._writer, self._reader = _run_in(self._writer_pool, opening.open_both, path, key)
        except StoreError:
            self._writer_pool.kill()
            self._reader_pool.kill()
            raise
        self._is_dirty = False
        self._scrubber: gevent.Greenlet[..., None] | None = None
        self._committer = gevent.spawn(self._commit_loop)
        self.scrub()  # a program that was killed may have left words behind

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
        """Run a query on the reading thread; it sees everything committed before.

        All of its statements see the same moment. Raises StoreClosed, StoreError.
        """
        if self._closed:
            raise StoreClosed("the program is stopping")
        return cast("T", _run_in(self._reader_pool, _at_one_moment, query, self._reader))

    def scrub(self) -> None:
        """Soon nothing of what was deleted before is left in the journal either: it is written
        into the database, where deleted bytes are overwritten, and emptied. Does not wait."""
        self._is_dirty = True
        if self._scrubber is None or self._scrubber.ready():
            self._scrubber = gevent.spawn(self._scrub)

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

    def _scrub(self) -> None:
        wait = 0.0
        while self._is_dirty and not self._closed:  # closing empties the journal, too
            self._is_dirty = False
            if not self._writer_pool.apply(_empty_journal, (self._writer,)):
                self._is_dirty, wait = True, min(2 * wait + 0.1, SCRUB_AGAIN)
                gevent.sleep(wait)

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
                if traces.taken_from(self._writer):
                    self.scrub()
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
        for job in batch:
            job.outcome = (None, _translated(error))
        _roll_back(db)


def _all_at_once(db: Db, batch: list[_Job]) -> bool:
    """The common case, without a savepoint for each. False, and undone, when one of them fails."""
    db.execute("BEGIN IMMEDIATE")
    try:
        for job in batch:
            job.outcome = (job.mutation(db), None)
    except Exception:  # noqa: BLE001  # whose fault it is will show one by one
        _roll_back(db)
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


def _empty_journal(db: Db) -> bool:
    """In the writer thread. False while somebody reads, or the disk does not take it."""
    db.set_busy_timeout(0)  # nobody's message waits for a reader
    try:
        db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.Error:
        return False
    finally:
        db.set_busy_timeout(opening.BUSY_TIMEOUT)
    return True


def _roll_back(db: Db) -> None:
    """Never raises: the next transaction would tell, and this thread has to go on."""
    try:
        if db.in_transaction:
            db.execute("ROLLBACK")
    except apsw.Error as error:
        log.error("a transaction could not be undone: %s", type(error).__name__)


def _at_one_moment(query: Callable[[Db], T], db: Db) -> T:
    """In the reader thread."""
    db.execute("BEGIN")
    try:
        return query(db)
    finally:
        _roll_back(db)


def _translated(error: Exception) -> Exception:
    if isinstance(error, apsw.FullError):
        return StoreFull("the disk is full")
    if isinstance(error, apsw.IOError):
        return StoreFull("the disk does not take what is written to it")
    if isinstance(error, apsw.Error):
        return StoreError(f"the database failed: {type(error).__name__}")
    return error

"""The database: what was returned is on disk, what fails undoes itself, nothing is readable."""

import threading

import apsw
import gevent
import pytest

from engine.store import database as databases
from engine.store import opening
from engine.store.database import StoreClosed, StoreError, StoreFull
from tests.helpers import until
from tests.store.conftest import KEY, names, put

CANARY = "a word that nobody may find"


def test_what_was_written_is_read_and_is_there_after_opening_again(open_database):
    first = open_database()
    first.write(put("one"))
    assert first.read(names) == ["one"]
    first.close()
    assert open_database().read(names) == ["one"]


def test_what_many_greenlets_write_at_once_shares_a_few_commits(database):
    said, told = [], []

    def trace(_cursor, sql, _bindings):
        said.append(sql)
        return True

    database.write(lambda db: setattr(db, "exec_trace", trace))
    said.clear()
    writers = [
        gevent.spawn(database.write, put(f"{number:04}"), lambda _done: told.append(len(said)))
        for number in range(1_000)
    ]
    gevent.joinall(writers, raise_error=True)
    commits = [at for at, sql in enumerate(said) if sql == "COMMIT"]
    assert sum(sql.startswith("INSERT") for sql in said) == 1_000
    assert len(commits) <= 1_000 // databases.MAX_BATCH + 2
    # How many were in each, and that what follows a commit was called after it.
    done = [0, *(sum(sql.startswith("INSERT") for sql in said[:at]) for at in commits)]
    for before, after, at in zip(done, done[1:], commits, strict=False):
        assert after - before <= databases.MAX_BATCH
        assert all(seen > at for seen in told[before:after])


def test_a_write_waits_for_the_disk_and_not_only_for_the_system(database):
    assert database.write(lambda db: db.pragma("synchronous")) == 2, "FULL"
    assert database.write(lambda db: db.pragma("journal_mode")) == "wal"


def test_results_and_what_follows_come_in_the_order_of_the_calls(database):
    told = []
    results = [
        database.submit(lambda db, number=number: number, told.append) for number in range(700)
    ]
    assert [result.get() for result in results] == list(range(700))
    assert told == list(range(700))


def test_what_follows_a_commit_is_called_after_it(database):
    seen = []

    def then(_result):
        seen.append(plain.execute("SELECT count(*) FROM setting").get)

    plain = opening.connect(database._path, KEY)
    database.write(put("one"), then)
    plain.close()
    assert seen == [1]


@pytest.mark.parametrize("together", [True, False])
def test_a_mutation_that_fails_undoes_itself_alone(database, together):
    def fail(db):
        put("half done")(db)
        raise ValueError("on purpose")

    jobs = [put("one"), fail, put("two")]
    if together:
        results = [database.submit(job) for job in jobs]
        with pytest.raises(ValueError, match="on purpose"):
            results[1].get()
        results[0].get()
        results[2].get()
    else:
        database.write(jobs[0])
        with pytest.raises(ValueError, match="on purpose"):
            database.write(jobs[1])
        database.write(jobs[2])
    assert sorted(database.read(names)) == ["one", "two"]


def test_a_failing_listener_stops_nobody(database, caplog):
    told = []

    def then(result):
        told.append(result)
        if len(told) == 2:
            raise RuntimeError("a bug")

    results = [database.submit(lambda _db, number=number: number, then) for number in range(4)]
    assert [result.get() for result in results] == told == [0, 1, 2, 3]
    assert caplog.text.count("what follows a commit failed") == 1


def test_what_failed_is_followed_by_nothing(database):
    told = []

    def fail(_db):
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        database.write(fail, told.append)
    assert told == []


def test_what_follows_a_commit_may_submit_more(database):
    def then(_result):
        more.append(database.submit(put("two")))

    more = []
    database.write(put("one"), then)
    more[0].get()
    assert sorted(database.read(names)) == ["one", "two"]


def test_a_transaction_that_cannot_be_undone_stops_nobody(database, caplog):
    """SQLite may refuse even that on a failing disk. Everybody is told; nobody waits for ever."""

    def refuse(_cursor, sql, _bindings):
        if sql == "ROLLBACK":
            raise apsw.IOError("disk I/O error")
        return True

    def fail(db):
        db.exec_trace = refuse
        raise apsw.FullError("database or disk is full")

    failing = [database.submit(fail), database.submit(put("one"))]
    for result in failing:
        with pytest.raises(StoreError):
            result.get(timeout=5)
    assert "could not be undone" in caplog.text


def test_an_error_of_the_database_is_told_without_its_words(database):
    with pytest.raises(StoreError) as raised:
        database.write(lambda db: db.execute(f"INSERT INTO nowhere VALUES ('{CANARY}')"))
    assert CANARY not in str(raised.value)
    with pytest.raises(StoreError):
        database.read(lambda db: db.execute("SELECT * FROM nowhere").get)


def test_closing_commits_what_waits_and_then_refuses(open_database):
    first = open_database()
    results = [first.submit(put(str(number))) for number in range(100)]
    first.close()
    first.close()
    assert all(result.ready() for result in results)
    for use in (first.write, first.submit, first.read):
        with pytest.raises(StoreClosed):
            use(names)
    assert len(open_database().read(names)) == 100


def test_who_reads_while_it_closes_gets_an_answer_or_is_told(open_database):
    database = open_database()
    database.write(put("one"))
    readers = [gevent.spawn(database.read, names) for _ in range(50)]
    gevent.sleep(0)
    database.close()
    gevent.joinall(readers, timeout=5)
    assert [reader.value for reader in readers] == [["one"]] * 50


def test_all_of_a_query_sees_the_same_moment(database):
    database.write(put("one"))
    seen = []

    def query(db):
        seen.append(names(db))
        waiting.set()
        while not written:
            pass  # in the reader's thread; the hub writes meanwhile
        return names(db)

    waiting, written = threading.Event(), []
    reader = gevent.spawn(database.read, query)
    until(waiting.is_set)
    database.write(put("two"))
    written.append(True)
    assert reader.get(timeout=5) == seen[0] == ["one"]
    assert database.read(names) == ["one", "two"]


def test_a_query_can_change_nothing(database):
    with pytest.raises(StoreError):
        database.read(put("one"))
    assert database.read(names) == []


def test_the_hub_goes_on_while_a_slow_mutation_runs(database):
    ticks, may_end = [], []

    def slow(db):
        while not may_end:  # in the writer's thread: the hub has to end it
            db.execute("SELECT 1").fetchall()

    writing = gevent.spawn(database.write, slow)
    while len(ticks) < 5:
        ticks.append(gevent.sleep(0.001))
    may_end.append(True)
    until(writing.ready)


def test_full_disk_means_not_accepted_and_goes_on_when_there_is_room(database, monkeypatch):
    def full(db):
        raise apsw.FullError("database or disk is full")

    with pytest.raises(StoreFull):
        database.write(full)
    database.write(put("one"))
    assert database.read(names) == ["one"]


def test_a_commit_that_fails_is_told_to_everybody_in_it(database):
    limit = database.read(lambda db: db.pragma("page_count")) + 2
    database.write(lambda db: db.pragma("max_page_count", limit))
    results = [database.submit(put(str(number), "x" * 3_000)) for number in range(20)]
    outcomes = []
    for result in results:
        try:
            result.get()
            outcomes.append(True)
        except StoreFull:
            outcomes.append(False)
    assert not all(outcomes)
    database.write(lambda db: db.pragma("max_page_count", 1 << 30))
    kept = set(database.read(names))
    assert kept == {str(number) for number, done in enumerate(outcomes) if done}
    database.write(put("after"))
    assert "after" in database.read(names)


def test_files_are_private_and_hold_no_plain_text(database, tmp_path):
    database.write(put(CANARY, CANARY))
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["a.db", "a.db-shm", "a.db-wal"]
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert CANARY.encode() not in path.read_bytes()
    database.close()
    assert CANARY.encode() not in (tmp_path / "a.db").read_bytes()

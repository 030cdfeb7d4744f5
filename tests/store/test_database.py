"""The database: what was returned is on disk, what fails undoes itself, nothing is readable."""

import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import apsw
import gevent
import pytest

from engine.store import database as databases
from engine.store.database import (
    Database,
    StoreClosed,
    StoreError,
    StoreFull,
    StoreUnreadable,
)
from identity import Secret
from tests.helpers import until
from tests.store.conftest import KEY

ROOT = Path(__file__).parents[2]
CANARY = "a word that nobody may find"


def put(name: str, value: str = "x"):
    return lambda db: db.execute("INSERT INTO setting VALUES (?, ?)", (name, value))


def names(db) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM setting")]


def test_what_was_written_is_read_and_is_there_after_opening_again(open_database):
    first = open_database()
    first.write(put("one"))
    assert first.read(names) == ["one"]
    first.close()
    assert open_database().read(names) == ["one"]


def test_what_waits_together_shares_a_commit(database, monkeypatch):
    batches = []
    commit = databases._commit
    monkeypatch.setattr(
        databases, "_commit", lambda db, batch: (batches.append(len(batch)), commit(db, batch))
    )
    results = [database.submit(put(f"{number:04}")) for number in range(1_000)]
    for result in results:
        result.get()
    assert sum(batches) == 1_000
    assert len(batches) < 20
    assert max(batches) <= databases.MAX_BATCH


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

    plain = databases._connect(database._path, KEY)
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
    def then(_result):
        raise RuntimeError("a bug")

    database.write(put("one"), then)
    database.write(put("two"))
    assert sorted(database.read(names)) == ["one", "two"]
    assert "what follows a commit failed" in caplog.text


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


def bytes_of(folder: Path) -> dict[str, bytes]:
    """What is kept: neither SQLite's index of the journal nor an empty journal holds anything."""
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {name: data for name, data in found.items() if data and not name.endswith("-shm")}


def refused_untouched(folder: Path, key: Secret = KEY) -> str:
    before = bytes_of(folder)
    with pytest.raises(StoreUnreadable) as raised:
        Database(folder / "a.db", key)
    assert bytes_of(folder) == before
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_another_key_is_refused(database, tmp_path):
    database.close()
    assert "another key" in refused_untouched(tmp_path, Secret(bytes(32)))


def test_a_plain_database_is_refused(tmp_path):
    plain = sqlite3.connect(tmp_path / "a.db")
    plain.execute("CREATE TABLE setting (name, value)")
    plain.commit()
    plain.close()
    refused_untouched(tmp_path)


def test_a_database_of_a_newer_version_is_refused(database, tmp_path):
    database.write(lambda db: db.pragma("user_version", 999))
    database.close()
    assert "newer version" in refused_untouched(tmp_path)


def test_an_apsw_that_cannot_encrypt_is_refused(tmp_path, monkeypatch):
    class Plain(apsw.Connection):
        def pragma(self, name, *value, **options):
            return None if name == "cipher" else super().pragma(name, *value, **options)

    monkeypatch.setattr(apsw, "Connection", Plain)
    with pytest.raises(StoreUnreadable, match="apsw-sqlite3mc"):
        Database(tmp_path / "a.db", KEY)


def filled(folder: Path) -> Path:
    """A database with content in the file and in the journal, as a crash leaves it."""
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from engine.store.database import Database\n"
        "from identity import Secret\n"
        "database = Database(Path(sys.argv[1]), Secret(bytes(range(32))))\n"
        "def fill(start, count):\n"
        "    for n in range(start, start + count):\n"
        "        database.write(lambda db: db.execute(\n"
        "            'INSERT INTO setting VALUES (?, ?)', (str(n), 'x' * 500)))\n"
        "fill(0, 60)\n"
        "database.read(lambda db: None)\n"
        "database.write(lambda db: None)\n"
        "database._writer_pool.apply(lambda: database._writer.wal_checkpoint())\n"
        "fill(60, 20)\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder / "a.db")], cwd=ROOT, check=False)
    return folder / "a.db"


def test_a_killed_program_leaves_everything_it_returned(tmp_path, open_database):
    filled(tmp_path)
    assert len(open_database().read(names)) == 80


def test_damaged_files_are_opened_whole_or_refused_untouched(tmp_path):
    """200 damaged copies. A damaged journal ends where the damage is: that is SQLite's rule."""
    whole = tmp_path / "whole"
    whole.mkdir()
    filled(whole)
    chance = random.Random(1)
    opened = refused = 0
    for number in range(200):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        target = folder / chance.choice(["a.db", "a.db", "a.db-wal"])
        data = bytearray(target.read_bytes())
        at = chance.randrange(len(data))
        match chance.choice(["flip", "cut", "zero"]):
            case "flip":
                data[at] ^= 1 << chance.randrange(8)
            case "cut":
                del data[at:]
            case "zero":
                data[at : at + 512] = bytes(len(data[at : at + 512]))
        target.write_bytes(data)
        before = bytes_of(folder)
        try:
            database = Database(folder / "a.db", KEY)
        except StoreUnreadable:
            refused += 1
            assert bytes_of(folder) == before
        else:
            opened += 1
            found = sorted(database.read(names), key=int)
            database.close()
            # In order, from the first: nothing is missing in between, nothing is made up.
            assert found == [str(n) for n in range(len(found))]
            if target.name == "a.db":
                assert len(found) == 80
        shutil.rmtree(folder)
    assert opened
    assert refused > 50

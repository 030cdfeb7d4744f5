"""A database is opened whole, or refused in one sentence with every byte left as it was."""

import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from engine.store import migrations, opening
from engine.store.database import Database
from engine.store.opening import StoreUnreadable
from identity import Secret
from tests.store.conftest import KEY, bytes_of, names, put

ROOT = Path(__file__).parents[2]
CANARY = "a word that nobody may find"


def refused_untouched(folder: Path, key: Secret = KEY) -> str:
    before = bytes_of(folder)
    with pytest.raises(StoreUnreadable) as raised:
        Database(folder / "a.db", key)
    assert bytes_of(folder) == before
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is None
    return str(raised.value)


@pytest.fixture(scope="module")
def crashed(tmp_path_factory) -> Path:
    """A database with 80 settings, 60 in the file and 20 in its log, as a crash leaves it."""
    folder = tmp_path_factory.mktemp("crashed")
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from engine.store.database import Database\n"
        "from tests.store.conftest import KEY, put\n"
        "database = Database(Path(sys.argv[1]), KEY)\n"
        "for number in range(80):\n"
        "    if number == 60:\n"
        "        database._writer_pool.apply(lambda: database._writer.wal_checkpoint())\n"
        "    database.write(put(f'{number:02}', 'x' * 500))\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder / "a.db")], cwd=ROOT, check=False)
    assert (folder / "a.db-wal").stat().st_size > 20 * 4_096
    return folder


@pytest.fixture
def alice(crashed, tmp_path) -> Path:
    """A folder with a copy of the crashed database."""
    return Path(shutil.copytree(crashed, tmp_path / "alice"))


# -- what opens


def test_a_new_database_is_private_and_whole_under_its_name(database, tmp_path):
    assert database.read(lambda db: db.pragma("user_version")) == migrations.NEWEST
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.db", "a.db-shm", "a.db-wal"]
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_no_file_holds_plain_text(database, tmp_path):
    for number in range(50):
        database.write(put(f"{CANARY} {number}", f"{CANARY} {number}"))
    for words in (CANARY.encode(), b"SQLite format 3", b"CREATE TABLE", bytes(KEY)):
        for path in tmp_path.iterdir():
            assert words not in path.read_bytes(), path
    database.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]
    assert CANARY.encode() not in (tmp_path / "a.db").read_bytes()


def test_what_is_deleted_is_written_over(database):
    assert database.write(lambda db: db.pragma("secure_delete")) == 1


def test_a_killed_program_leaves_everything_it_returned(alice):
    database = Database(alice / "a.db", KEY)
    assert database.read(names) == [f"{number:02}" for number in range(80)]
    database.close()


def test_a_start_that_was_cut_off_leaves_nothing_in_the_way(open_database, tmp_path):
    for rest in ("", "-journal", "-wal", "-shm"):
        (tmp_path / f".a.db.new{rest}").write_bytes(b"half of it")
    open_database().write(put("one"))
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("version", range(1, migrations.NEWEST))
def test_a_database_of_an_older_version_is_brought_up_with_what_is_in_it(tmp_path, version):
    older = opening.connect(tmp_path / "a.db", KEY)
    older.pragma("journal_mode", "wal")
    for step in migrations.STEPS[:version]:
        older.execute(step)
    older.pragma("user_version", version)
    put("one")(older)
    older.close()
    database = Database(tmp_path / "a.db", KEY)
    assert database.read(lambda db: db.pragma("user_version")) == migrations.NEWEST
    assert database.read(names) == ["one"]
    database.close()


# -- what is refused


def test_another_key_is_refused(alice):
    assert "another key" in refused_untouched(alice, Secret(bytes(32)))


def test_a_plain_database_is_refused(tmp_path):
    plain = sqlite3.connect(tmp_path / "a.db")
    plain.execute("CREATE TABLE setting (name, value)")
    plain.commit()
    plain.close()
    assert "damaged" in refused_untouched(tmp_path)


def test_a_database_of_a_newer_version_is_refused_also_with_a_log(alice):
    newer = opening.connect(alice / "a.db", KEY)
    newer.pragma("user_version", migrations.NEWEST + 1)
    newer.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    newer.close()
    assert (alice / "a.db-wal").stat().st_size
    assert "newer version" in refused_untouched(alice)


def test_a_migration_that_fails_leaves_the_older_version(alice, monkeypatch):
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, "CREATE TABLE half (a); oh no"))
    monkeypatch.setattr(migrations, "NEWEST", migrations.NEWEST + 1)
    refused_untouched(alice)
    monkeypatch.undo()
    database = Database(alice / "a.db", KEY)
    assert database.read(lambda db: db.pragma("user_version")) == migrations.NEWEST
    assert len(database.read(names)) == 80
    database.close()


def test_an_apsw_that_cannot_encrypt_writes_nothing(tmp_path, monkeypatch):
    class Plain(apsw.Connection):
        def pragma(self, name, *value, **options):
            return None if name == "cipher" else super().pragma(name, *value, **options)

    monkeypatch.setattr(apsw, "Connection", Plain)
    with pytest.raises(StoreUnreadable, match="apsw-sqlite3mc"):
        Database(tmp_path / "a.db", KEY)
    assert not list(tmp_path.iterdir())


def test_an_empty_file_or_a_link_to_nowhere_is_no_new_database(tmp_path):
    (tmp_path / "a.db").touch()
    assert "damaged" in refused_untouched(tmp_path)
    (tmp_path / "a.db").unlink()
    (tmp_path / "a.db").symlink_to(tmp_path / "elsewhere")
    assert "No such file" in refused_untouched(tmp_path)
    (tmp_path / "a.db").unlink()
    (tmp_path / "a.db").mkdir()
    assert "no ordinary file" in refused_untouched(tmp_path)


def test_a_log_without_its_database_is_not_dropped(alice):
    (alice / "a.db").unlink()
    assert "a.db-wal" in refused_untouched(alice)


def test_a_damaged_log_is_said_to_be_what_is_damaged(alice):
    log = bytearray((alice / "a.db-wal").read_bytes())
    log[5_000] ^= 1
    (alice / "a.db-wal").write_bytes(log)
    said = refused_untouched(alice)
    assert "a.db-wal" in said
    assert "latest messages" in said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (apsw.FullError("full"), "disk is full"),
        (apsw.IOError("disk I/O error"), "disk is full, or fails"),
        (apsw.BusyError("database is locked"), "in use by another program"),
        (apsw.ReadOnlyError("readonly"), "reading and writing"),
        (apsw.CantOpenError("cannot open"), "cannot be opened"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (apsw.CorruptError("malformed"), "damaged"),
        (apsw.NotADBError("no database"), "another key"),
        (apsw.NoMemError("memory"), "cannot be read"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_nobody_is_sent_to_move_away_what_is_not_damaged(alice, monkeypatch, error, said):
    def fail(_db):
        raise error

    monkeypatch.setattr(migrations, "migrate", fail)
    text = refused_untouched(alice)
    assert said in text
    assert str(alice / "a.db") in text


# -- damage


def spoilt(data: bytes, chance: random.Random) -> tuple[bytes, bool]:
    """A damaged copy, and whether it was only cut short."""
    whole, copy = data, bytearray(data)
    while copy == whole:
        at = chance.randrange(len(copy))
        match chance.choice(["flip", "cut", "zero"]):
            case "flip":
                copy[at] ^= 1 << chance.randrange(8)
            case "cut":
                return bytes(copy[:at]), True
            case "zero":
                copy[at : at + 512] = bytes(len(copy[at : at + 512]))
    return bytes(copy), False


@pytest.mark.parametrize("which", ["a.db", "a.db-wal"])
def test_100_damaged_copies_are_opened_whole_or_refused_untouched(crashed, tmp_path, which):
    """Of a log, the end may be missing: it looks as a crash in the last commit does."""
    chance = random.Random(which)
    opened = refused = 0
    for number in range(100):
        folder = Path(shutil.copytree(crashed, tmp_path / str(number)))
        (folder / "a.db-shm").unlink()
        damaged, is_cut = spoilt((folder / which).read_bytes(), chance)
        (folder / which).write_bytes(damaged)
        before = bytes_of(folder)
        try:
            database = Database(folder / "a.db", KEY)
        except StoreUnreadable:
            refused += 1
            assert bytes_of(folder) == before
        else:
            opened += 1
            found = database.read(names)
            assert database.read(lambda db: db.pragma("integrity_check")) == "ok"
            database.close()
            # In order, from the first: nothing is missing in between, nothing is made up.
            assert found == [f"{number:02}" for number in range(len(found))]
            least = 80 if which == "a.db" else 60 if is_cut else 78
            assert len(found) >= least
        shutil.rmtree(folder)
    assert opened
    assert refused > 20

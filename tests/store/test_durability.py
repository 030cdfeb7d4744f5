"""R4 and R8: `kill -9` loses nothing that was accepted, and a full disk accepts nothing."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import gevent
import pytest

from engine.store.database import Database, StoreFull, StoreUnreadable
from tests.store.conftest import KEY, bytes_of, names, put

ROOT = Path(__file__).parents[2]
KILLS = 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_killed_20_times_every_write_that_returned_is_there(tmp_path):
    path, chance, returned = tmp_path / "a.db", random.Random(1), set()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.endless_writer", path],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writers:
        for turn in range(KILLS):
            print(f"turn {turn:02}", file=writers.stdin, flush=True)
            writer = int(writers.stdout.readline())
            said = [writers.stdout.readline() for _ in range(chance.randint(1, 300))]
            os.kill(writer, signal.SIGKILL)
            while (line := writers.stdout.readline()) != "\n":
                said.append(line)
            returned |= {line.strip() for line in said}
            database = Database(path, KEY)
            kept = database.read(names)
            assert database.read(lambda db: db.pragma("integrity_check")) == "ok"
            database.close()
            assert returned <= set(kept), "a write returned, and is gone"
    assert len(returned) > 10 * KILLS


# -- a disk without room


def test_files_that_may_not_grow_accept_nothing_and_go_on_when_they_may(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "tests.store.full_disk_writer", tmp_path / "a.db"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    told = json.loads(ended.stdout)
    assert told["refused"]
    assert told["accepted"]
    assert told["readable"] == told["accepted"], "what was accepted can be read on a full disk"
    database = Database(tmp_path / "a.db", KEY)
    assert database.read(names) == [*told["accepted"], "after"]
    database.close()


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1,000 KiB. Making one needs root."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=1000k,mode=700", "none", str(disk)]
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a small disk can be made on Linux by root alone")
    if subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("this root may not mount")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Leave not one byte of room; return what takes it."""
    filler = disk / "filler"
    fd = os.open(filler, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(fd, bytes(4_096))
    except OSError:
        return filler
    finally:
        os.close(fd)


def write_until_full(database: Database, name: str) -> list[str]:
    """Write until it is refused ten times; return what was accepted."""
    accepted, refused = [], 0
    while refused < 10:
        one = f"{name} {len(accepted) + refused:04}"
        try:
            database.write(put(one, "x" * 900))
        except StoreFull:
            refused += 1
        else:
            accepted.append(one)
        assert len(accepted) < 2_000
    return accepted


def test_a_full_disk_accepts_nothing_and_goes_on_when_there_is_room(small_disk):
    database = Database(small_disk / "a.db", KEY)
    accepted = write_until_full(database, "first")
    assert database.read(names) == accepted
    filler = fill(small_disk)
    with pytest.raises(StoreFull, match="disk is full"):
        database.write(put("no room", "x" * 9_000))
    assert database.read(names) == accepted
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=2m", str(small_disk)], check=True)
    more = write_until_full(database, "second")
    assert more
    database.close()
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    database = Database(small_disk / "a.db", KEY)
    assert database.read(names) == accepted + more
    database.close()


def test_all_that_share_a_commit_are_told_that_the_disk_is_full(small_disk):
    database = Database(small_disk / "a.db", KEY)
    results = {name: database.submit(put(name, "x" * 900)) for name in map(str, range(900))}
    gevent.wait(list(results.values()))
    accepted = {name for name, result in results.items() if result.successful()}
    refused = [result.exception for result in results.values() if not result.successful()]
    assert refused
    assert all(isinstance(error, StoreFull) for error in refused)
    assert set(database.read(names)) == accepted
    database.close()


def test_a_start_on_a_full_disk_is_not_taken_for_damage(small_disk):
    database = Database(small_disk / "a.db", KEY)
    database.write(put("one"))
    database.close()
    filler = fill(small_disk)
    before = bytes_of(small_disk)
    with pytest.raises(StoreUnreadable, match="disk is full"):
        Database(small_disk / "a.db", KEY)
    assert bytes_of(small_disk) == before
    filler.unlink()
    database = Database(small_disk / "a.db", KEY)
    assert database.read(names) == ["one"]
    database.close()


def test_a_first_start_on_a_full_disk_leaves_nothing_behind(small_disk):
    filler = fill(small_disk)
    with pytest.raises(StoreUnreadable, match=r"disk is full|No space left"):
        Database(small_disk / "a.db", KEY)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    filler.unlink()
    Database(small_disk / "a.db", KEY).close()

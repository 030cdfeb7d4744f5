"""Names beside the key file, and the lock: one process for each identity (R7)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.store.places import IdentityLock, Places, default_key, shown
from identity import AlreadyRunning, IdentityError
from tests.helpers import until

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from engine.store.places import IdentityLock
lock = IdentityLock.acquire(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of tmp_path."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / "alice.lock"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_all_files_of_an_identity_take_their_name_from_the_key_file():
    places = Places.beside(Path("data/alice.key"))
    assert places.key == Path("data/alice.key")
    assert places.database == Path("data/alice.db")
    assert places.files == Path("data/alice.files")
    assert places.lock == Path("data/alice.lock")
    assert places.api == Path("data/alice.api")


@pytest.mark.parametrize("name", ["alice.db", "alice.lock", "alice.api", "alice.files", "", "/"])
def test_a_key_file_cannot_have_a_name_that_another_file_needs(name):
    with pytest.raises(IdentityError, match=r"Choose one that ends in \.key"):
        Places.beside(Path(name))


@pytest.mark.parametrize("name", ["alice", "alice.v2.key", "Älice.key", "a b.key"])
def test_other_names_are_the_persons_choice(name):
    places = Places.beside(Path(name))
    assert len({places.key, places.database, places.files, places.lock, places.api}) == 5


def test_the_default_key_lies_in_a_checkout_or_in_the_systems_folder(tmp_path):
    outside = default_key(tmp_path)
    assert outside.name == "me.key"
    assert tmp_path not in outside.parents
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / ".gitignore").write_text("*\n")
    assert default_key(tmp_path) == tmp_path / "data" / "me.key"


def test_a_second_process_is_told_who_holds_the_identity(tmp_path, holder):
    with pytest.raises(AlreadyRunning, match=f"by process {holder.pid};") as caught:
        IdentityLock.acquire(tmp_path / "alice.lock")
    assert "\n" not in str(caught.value)


def test_the_kernel_frees_the_lock_of_a_process_that_was_killed(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(5)
    IdentityLock.acquire(tmp_path / "alice.lock").release()


def test_within_one_process_too_there_is_one_holder(tmp_path):
    lock = IdentityLock.acquire(tmp_path / "alice.lock")
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        IdentityLock.acquire(tmp_path / "alice.lock")
    IdentityLock.acquire(tmp_path / "bob.lock").release()
    lock.release()


def test_a_released_lock_can_be_taken_again_and_releasing_twice_is_harmless(tmp_path):
    first = IdentityLock.acquire(tmp_path / "alice.lock")
    first.release()
    second = IdentityLock.acquire(tmp_path / "alice.lock")
    first.release()
    with pytest.raises(AlreadyRunning):
        IdentityLock.acquire(tmp_path / "alice.lock")
    second.release()


def test_the_lock_file_outlives_its_lock(tmp_path):
    """Deleted, it could be held twice: once by the name that is gone, once by the new one."""
    path = tmp_path / "alice.lock"
    lock = IdentityLock.acquire(path)
    assert path.read_text() == f"{os.getpid()}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    number = path.stat().st_ino
    lock.release()
    assert path.stat().st_ino == number
    assert path.read_text() == ""


def test_the_lock_does_not_pass_to_programs_that_we_start(tmp_path):
    """A browser that we opened must not keep the identity locked when we are gone."""
    lock = IdentityLock.acquire(tmp_path / "alice.lock")
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        lock.release()
        IdentityLock.acquire(tmp_path / "alice.lock").release()
        child.kill()


def test_a_lock_makes_its_folder_private(tmp_path):
    lock = IdentityLock.acquire(tmp_path / "new" / "alice.lock")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    lock.release()


def test_a_symbolic_link_is_no_lock(tmp_path):
    (tmp_path / "target").write_text("precious")
    (tmp_path / "alice.lock").symlink_to(tmp_path / "target")
    with pytest.raises(IdentityError, match="symbolic link") as caught:
        IdentityLock.acquire(tmp_path / "alice.lock")
    assert not isinstance(caught.value, AlreadyRunning)
    assert (tmp_path / "target").read_text() == "precious"


def test_a_folder_in_the_locks_place_is_one_clear_line(tmp_path):
    (tmp_path / "alice.lock").mkdir()
    with pytest.raises(IdentityError, match="nothing was changed") as caught:
        IdentityLock.acquire(tmp_path / "alice.lock")
    assert "\n" not in str(caught.value)


def test_what_stands_in_the_lock_file_does_not_matter(tmp_path, holder):
    (tmp_path / "alice.lock").write_bytes(b"\xff not a number" * 100)
    with pytest.raises(AlreadyRunning, match="in use;"):
        IdentityLock.acquire(tmp_path / "alice.lock")


def test_of_many_processes_started_at_once_one_gets_the_lock(tmp_path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", HOLD, tmp_path / "alice.lock"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(5)
    ]
    try:
        until(lambda: sum(process.poll() is not None for process in processes) == 4, 30)
        [winner] = [process for process in processes if process.poll() is None]
        assert winner.stdout.readline() == b"held\n"
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_a_path_with_odd_characters_stays_on_one_line():
    assert shown(Path("data/alice.key")) == "data/alice.key"
    assert "\n" not in shown(Path("a\nb\x1b[31m.key"))
    assert "\x1b" not in shown(Path("a\nb\x1b[31m.key"))

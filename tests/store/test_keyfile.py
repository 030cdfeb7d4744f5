"""The key file on the disk: made once, and refused in one line when anything is wrong (R6)."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import system
from engine.store import keyfile, keyformat
from engine.store.keyformat import Cost, WrongPassphrase
from identity import IdentityError, Secret
from tests.helpers import seeded

ROOT = Path(__file__).parents[2]
CHEAP = Cost(passes=1, kibibytes=64 * 1_024)
PASSPHRASE = Secret(b"correct horse")
is_root = os.geteuid() == 0


def never_asked():
    raise AssertionError("nobody may be asked for a passphrase here")


@pytest.fixture
def key(tmp_path):
    return tmp_path / "alice.key"


@pytest.fixture
def start(key):
    """Start the program's identity, as p2pchat.py does."""

    def start(passphrase=None, **others):
        ask = never_asked if passphrase is None else lambda: Secret(passphrase)
        return keyfile.load_or_create(
            key, ask_passphrase=ask, database=key.with_suffix(".db"), **others
        )

    return start


def refuses(start, key, reason, **how):
    """The start is refused in one clear line, and neither the file nor its folder has changed."""

    def state():
        files = {path.name: path.lstat() for path in key.parent.iterdir()}
        kinds = {name: (status.st_mode, status.st_ino) for name, status in files.items()}
        return kinds, key.read_bytes() if key.is_file() else None

    before = state()
    with pytest.raises(IdentityError, match=reason) as caught:
        start(**how)
    line = str(caught.value)
    assert "\n" not in line
    assert "nothing was changed" in line
    assert str(key) in line
    assert state() == before
    return caught.value


# -- making it


def test_the_first_start_makes_a_key_file_and_every_other_start_finds_the_same_person(start, key):
    first = start()
    assert not first.protected
    assert start() == first
    assert start() == first
    assert os.listdir(key.parent) == ["alice.key"]


def test_a_new_key_file_is_for_its_owner_only_whatever_the_umask(start, key):
    old = os.umask(0)
    try:
        start()
    finally:
        os.umask(old)
    assert key.stat().st_mode & 0o777 == 0o600


def test_missing_folders_are_made_private_and_existing_ones_left_as_they_are(tmp_path):
    tmp_path.chmod(0o755)
    key = tmp_path / "a" / "b" / "alice.key"
    keyfile.load_or_create(key, ask_passphrase=never_asked, database=key.with_suffix(".db"))
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_the_new_keys_are_random(tmp_path):
    people = [
        keyfile.load_or_create(
            tmp_path / f"{number}.key", ask_passphrase=never_asked, database=tmp_path / "no.db"
        )
        for number in range(3)
    ]
    assert len({person.peer for person in people}) == 3
    assert len({person.database_key for person in people}) == 3


def test_another_program_that_is_faster_by_a_moment_wins(start):
    """Between our look and our making, the other one made it: both must be the same person."""
    others = []

    def chance(size):
        if not others:
            others.append(start())
        return os.urandom(size)

    assert start(random=chance) == others[0]


def test_many_programs_started_at_once_are_one_person(tmp_path):
    code = """
import sys
from pathlib import Path
from engine.store import keyfile
path = Path(sys.argv[1])
sys.stdin.readline()
print(keyfile.load_or_create(path, ask_passphrase=lambda: 1 / 0, database=path / "no").peer.address)
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, tmp_path / "data" / "alice.key"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    addresses = {process.communicate(timeout=30)[0] for process in processes}
    assert len(addresses) == 1
    assert len(addresses.pop()) == 57
    assert os.listdir(tmp_path / "data") == ["alice.key"]


def test_the_new_file_is_on_the_disk_before_it_has_its_name(start, key, monkeypatch):
    """A power cut leaves no file or a whole one; then the name itself must be on the disk."""
    done = []
    sync, link = os.fsync, os.link

    def fsync(fd):
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "file")
        sync(fd)

    def make_link(*names, **how):
        done.append("name")
        link(*names, **how)

    monkeypatch.setattr(system.os, "fsync", fsync)
    monkeypatch.setattr(system.os, "link", make_link)
    start()
    assert done == ["file", "name", "folder"]


def test_a_full_disk_at_the_first_start_is_one_line_and_leaves_nothing(start, key, monkeypatch):
    def full(_fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(system, "sync_file", full)
    refuses(start, key, "No space left on device")


def test_a_place_where_nothing_can_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("x")
    key = tmp_path / "file" / "alice.key"
    with pytest.raises(IdentityError, match=r"Not a directory.*nothing was changed"):
        keyfile.load_or_create(key, ask_passphrase=never_asked, database=key.with_suffix(".db"))


# -- refusing it


def test_no_new_identity_is_made_over_an_existing_database(start, key):
    key.with_suffix(".db").write_bytes(b"somebody's history")
    refuses(start, key, "is missing")
    assert not key.exists()


@pytest.mark.parametrize("name", ["folder", "dangling link"])
def test_whatever_has_the_databases_name_counts_as_a_database(start, key, name):
    if name == "folder":
        key.with_suffix(".db").mkdir()
    else:
        key.with_suffix(".db").symlink_to("nowhere")
    refuses(start, key, "is missing")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666, 0o610, 0o601])
def test_a_key_file_open_to_others_is_refused(start, key, mode):
    start()
    key.chmod(mode)
    refuses(start, key, "others can read or change it.*chmod 600")


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_other_modes_for_the_owner_alone_are_good(start, key, mode):
    first = start()
    key.chmod(mode)
    assert start() == first


@pytest.mark.skipif(not is_root, reason="only root can give a file away")
def test_a_key_file_of_somebody_else_is_refused(start, key):
    start()
    os.chown(key, 12_345, -1)
    refuses(start, key, "belongs to somebody else")


@pytest.mark.skipif(is_root, reason="root can read everything")
def test_a_key_file_that_we_may_not_read_is_refused(start, key):
    start()
    key.chmod(0)
    refuses(start, key, "Permission denied")


@pytest.mark.parametrize("target", ["real.key", "nowhere.key"])
def test_a_symbolic_link_is_refused_also_one_that_leads_nowhere(start, key, target):
    real = key.with_name("real.key")
    keyfile.load_or_create(real, ask_passphrase=never_asked, database=key.with_suffix(".db"))
    key.symlink_to(key.with_name(target))
    refuses(start, key, "symbolic link")
    assert not key.with_name("nowhere.key").exists()


def test_a_folder_is_no_key_file(start, key):
    key.mkdir()
    refuses(start, key, "folder")


def test_a_pipe_is_refused_and_does_not_make_us_wait(start, key):
    os.mkfifo(key, 0o600)
    refuses(start, key, "no ordinary file")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"hello\n", "no key file"), (b"x" * 1_025, "too long")],
)
def test_something_else_of_that_name_is_refused(start, key, content, reason):
    key.write_bytes(content)
    key.chmod(0o600)
    refuses(start, key, reason)


@pytest.mark.parametrize("protected", [False, True], ids=["plain", "sealed"])
def test_a_damaged_key_file_is_refused_before_anybody_is_asked(start, key, protected):
    start()
    if protected:
        keyfile.change_passphrase(key, current=None, new=PASSPHRASE, cost=CHEAP)
    whole = key.read_bytes()
    for place in range(0, len(whole), 7):
        key.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        refuses(start, key, "it is damaged|it is no key file")
    key.write_bytes(whole[: len(whole) // 2])
    refuses(start, key, "damaged")


# -- the passphrase


def test_a_passphrase_is_set_changed_and_removed_and_the_person_stays_the_same(start, key):
    first = start()
    set_ = keyfile.change_passphrase(key, current=None, new=PASSPHRASE, cost=CHEAP)
    assert (set_.peer, set_.protected) == (first.peer, True)
    assert start(PASSPHRASE) == set_
    changed = keyfile.change_passphrase(key, current=PASSPHRASE, new=Secret(b"new"), cost=CHEAP)
    assert start(b"new") == changed == set_
    with pytest.raises(WrongPassphrase):
        start(PASSPHRASE)
    removed = keyfile.change_passphrase(key, current=Secret(b"new"), new=None)
    assert start() == removed == first
    assert os.listdir(key.parent) == ["alice.key"]
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("current", [None, Secret(b"wrong")])
def test_without_the_current_passphrase_it_cannot_be_changed(start, key, current):
    start()
    keyfile.change_passphrase(key, current=None, new=PASSPHRASE, cost=CHEAP)

    def change():
        keyfile.change_passphrase(key, current=current, new=None)

    assert isinstance(refuses(change, key, "passphrase"), WrongPassphrase)


@pytest.mark.parametrize("empty", [b"", b"  ", b"\n"])
def test_an_empty_passphrase_is_refused(start, key, empty):
    first = start()
    with pytest.raises(IdentityError, match="protects nothing"):
        keyfile.change_passphrase(key, current=None, new=Secret(empty), cost=CHEAP)
    assert start() == first


def test_a_missing_file_gets_no_passphrase(key):
    def change():
        keyfile.change_passphrase(key, current=None, new=PASSPHRASE, cost=CHEAP)

    with pytest.raises(IdentityError, match="is missing"):
        change()
    assert not key.exists()


def test_a_wrong_passphrase_is_told_from_damage_and_shown_to_nobody(start, key, caplog):
    start()
    keyfile.change_passphrase(key, current=None, new=PASSPHRASE, cost=CHEAP)
    error = refuses(start, key, "does not open", passphrase=b"incorrect pony")
    assert isinstance(error, WrongPassphrase)
    assert "incorrect pony" not in str(error) + repr(error) + caplog.text
    assert error.__cause__ is None


def test_a_failed_change_leaves_the_old_file(start, key, monkeypatch):
    first = start()

    def full(_fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(system, "sync_file", full)

        def change():
            keyfile.change_passphrase(key, current=None, new=PASSPHRASE, cost=CHEAP)

        refuses(change, key, "No space left")
    assert start() == first


def test_the_slow_work_can_be_done_elsewhere(start, key):
    start()
    keyfile.change_passphrase(key, current=None, new=PASSPHRASE, cost=CHEAP)
    ran = []

    def run(work):
        ran.append("here")
        return work()

    start(PASSPHRASE, run=run)
    assert ran == ["here"]


def test_the_standard_cost_works_on_this_machine(start, key):
    start()
    set_ = keyfile.change_passphrase(key, current=None, new=PASSPHRASE)
    assert b"argon2id 3 262144 1 " in key.read_bytes()
    assert start(PASSPHRASE) == set_


def test_the_same_chance_makes_the_file_of_the_specification(tmp_path):
    key = tmp_path / "alice.key"
    chance = seeded("new person")
    keyfile.load_or_create(key, ask_passphrase=never_asked, database=tmp_path / "no", random=chance)
    again = seeded("new person")
    keys = keyformat.Keys(Secret(again(32)), Secret(again(32)))
    assert key.read_bytes() == keyformat.write_plain(keys)

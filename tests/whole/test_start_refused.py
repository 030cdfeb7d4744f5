"""What cannot be started is said in one line, with exit code 2, and nothing is changed by it."""

import os
import re
import shutil
import socket
import subprocess
from contextlib import contextmanager

import apsw
import pytest

from engine.store import keyfile
from engine.store.keyformat import Cost
from identity import Secret
from tests.programs import HERE_ALONE, PROGRAM, READY_WITHIN, Program, environment

# Root reads what nobody may read: without these powers file modes count for it too.
POWERLESS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
AS_ANYBODY = POWERLESS if os.geteuid() == 0 else ()


def start(program, *more, before=()):
    return subprocess.run(
        [*before, *PROGRAM, "--identity", str(program.key), *HERE_ALONE,
         "--port=0", "--web-port=0", *more],
        capture_output=True,
        text=True,
        timeout=READY_WITHIN,
        stdin=subprocess.DEVNULL,
        env=environment(program.home),
    )  # fmt: skip


def refused(program, *more, before=()):
    """Start what must be refused; return the one line it says."""
    ended = start(program, *more, before=before)
    assert ended.returncode == 2, ended
    assert ended.stdout == ""
    assert re.fullmatch(r"p2pchat: [^\n]+\n", ended.stderr), ended.stderr
    assert not program.beside(".api").exists()
    return ended.stderr


def refused_untouched(program, *more, before=()):
    """The same, and key and database are what they were, to the last bit."""
    kept = states(program)
    said = refused(program, *more, before=before)
    assert states(program) == kept
    return said


def states(program):
    found = {}
    for path in (program.key, program.beside(".db"), program.beside(".db-wal")):
        if os.path.lexists(path):
            status = path.lstat()
            if path.suffix == ".db-wal" and not status.st_size:
                continue  # whoever reads a database makes one, and nothing stands in it
            found[path] = (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns)
    return found


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    """A folder in which Alice has run once, and the address she has."""
    program = Program(tmp_path_factory.mktemp("past"), "alice", "--name", "Alice")
    try:
        address = program.start().address
        program.stop()
    finally:
        program.end()
    return program.home, address


@pytest.fixture
def alice(programs, past, tmp_path):
    """Alice, who was here before and does not run now."""
    shutil.copytree(past[0], tmp_path / "data")
    return programs(key=tmp_path / "data" / "alice.key")


def works_again(program, past):
    """What was in the way is gone: the same Alice, with what she had."""
    me = program.start().call("GET", "/me")
    return (me["address"], me["name"]) == (past[1], "Alice")


# -- addresses, ports, options


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1.evil", ""])
def test_the_page_is_served_nowhere_but_here(programs, host):
    alice = programs()
    assert "127.0.0.1" in refused(alice, "--web-host", host)
    assert not alice.key.exists()


@pytest.mark.parametrize("option", ["--port", "--web-port"])
def test_a_taken_port_that_was_asked_for_is_an_error(alice, past, option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused(alice, option, port)
    assert port in said
    assert "in use" in said
    assert works_again(alice, past)


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.name.invalid"])
def test_a_host_that_is_not_this_machine_is_an_error(alice, host):
    assert host in refused(alice, "--host", host)


@pytest.mark.parametrize("options", ["--port 65536", "--web-port -1", "--what"])
def test_an_option_that_makes_no_sense_is_an_error(alice, options):
    ended = start(alice, *options.split())
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("usage: p2pchat")
    assert ended.stderr.splitlines()[-1].startswith("p2pchat: error: ")


def test_a_name_without_a_visible_character_is_an_error(alice):
    assert "visible" in refused(alice, "--name", "\u202e \u200b")


# -- the key file


def test_a_missing_key_beside_its_database_is_not_made_anew(alice, past):
    kept = alice.key.rename(alice.home / "kept")
    assert "alice.db" in refused_untouched(alice)
    assert not alice.key.exists()
    kept.rename(alice.key)
    assert works_again(alice, past)


def test_a_damaged_key_is_left_alone(alice, past):
    whole = alice.key.read_bytes()
    for damaged in (
        b"",
        whole[: len(whole) // 2],
        whole + whole,
        whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
        bytes(len(whole)),
        whole * 1_000,
    ):
        alice.key.write_bytes(damaged)
        assert "alice.key" in refused_untouched(alice)
        assert alice.key.read_bytes() == damaged
    alice.key.write_bytes(whole)
    assert works_again(alice, past)


@pytest.mark.parametrize("mode", [0o640, 0o602])
def test_a_key_that_others_can_reach_is_not_used(alice, mode):
    alice.key.chmod(mode)
    assert "chmod 600" in refused_untouched(alice)


def test_a_key_that_cannot_be_read_is_left_alone(alice):
    alice.key.chmod(0)
    assert "Permission denied" in refused_untouched(alice, before=AS_ANYBODY)


def test_a_folder_that_cannot_be_written_to_is_said(programs, tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    alice = programs(key=tmp_path / "shut" / "alice.key")
    assert "Permission denied" in refused(alice, before=AS_ANYBODY)
    assert list((tmp_path / "shut").iterdir()) == []


def test_a_key_behind_a_symbolic_link_is_not_used(alice):
    alice.key.symlink_to(alice.key.rename(alice.home / "real.key"))
    assert "symbolic link" in refused_untouched(alice)


def test_what_is_no_file_is_not_taken_for_a_key(programs):
    alice = programs()
    alice.key.mkdir()
    assert "folder" in refused(alice)
    alice.key.rmdir()
    os.mkfifo(alice.key, 0o600)  # nobody writes to it: it must not be waited for
    assert "alice.key" in refused(alice)


def test_a_lock_behind_a_symbolic_link_is_not_followed(alice):
    target = alice.home / "precious"
    target.write_text("precious")
    alice.beside(".lock").unlink()
    alice.beside(".lock").symlink_to(target)
    assert "symbolic link" in refused_untouched(alice)
    assert target.read_text() == "precious"


# -- its passphrase


def test_a_passphrase_opens_the_key_and_nothing_else_does(alice, past):
    cheap = Cost(passes=1, kibibytes=64 * 1_024)
    keyfile.change_passphrase(alice.key, current=None, new=Secret(b"let me in"), cost=cheap)
    file = alice.home / "passphrase"
    assert "--passphrase-file" in refused_untouched(alice)  # there is no terminal to ask on
    assert str(file) in refused_untouched(alice, "--passphrase-file", str(file))
    for wrong in (b"let me out\n", b"let me in \n", b"\n"):
        file.write_bytes(wrong)
        file.chmod(0o600)
        said = refused_untouched(alice, "--passphrase-file", str(file))
        assert wrong.decode().strip() not in said or wrong == b"\n"
    file.write_bytes(b"let me in\n")
    file.chmod(0o644)
    assert "chmod 600" in refused_untouched(alice, "--passphrase-file", str(file))
    file.chmod(0o600)
    alice.options = ("--passphrase-file", str(file))
    assert works_again(alice, past)
    assert alice.call("GET", "/me")["protected"] is True


# -- the database


def test_a_damaged_database_is_left_alone(alice, past):
    database = alice.beside(".db")
    whole = database.read_bytes()
    for damaged in (
        b"",
        b"not a database at all",
        whole[: len(whole) // 2],
        bytes(4_096) + whole[4_096:],
        whole[:5_000] + bytes([whole[5_000] ^ 1]) + whole[5_001:],
        whole[:-100] + bytes(100),
    ):
        database.write_bytes(damaged)
        assert "alice.db" in refused_untouched(alice)
        assert database.read_bytes() == damaged
    database.write_bytes(whole)
    assert works_again(alice, past)


def test_a_database_that_is_away_is_not_begun_anew(alice):
    database = alice.beside(".db")
    database.rename(alice.home / "kept")
    alice.beside(".db-wal").write_bytes(b"the last messages")
    assert "alice.db-wal" in refused_untouched(alice)
    alice.beside(".db-wal").unlink()
    database.symlink_to(alice.home / "a disk that is not mounted" / "alice.db")
    assert "alice.db" in refused_untouched(alice)
    database.unlink()
    database.mkdir()
    assert "alice.db" in refused(alice)


def test_a_database_that_cannot_be_written_to_is_said_at_start(alice):
    alice.beside(".db").chmod(0o400)
    assert "alice.db cannot be written to" in refused_untouched(alice, before=AS_ANYBODY)


def test_the_database_of_another_key_is_left_alone(alice, programs):
    bob = programs("bob").start()
    bob.stop()
    shutil.copy(bob.beside(".db"), alice.beside(".db"))
    assert "another key" in refused_untouched(alice)


def test_a_database_of_a_newer_version_is_left_alone(alice, past):
    with opened(alice) as db:
        version = db.pragma("user_version")
        db.pragma("user_version", version + 1)
    assert "newer version" in refused_untouched(alice)
    with opened(alice) as db:
        db.pragma("user_version", version)
    assert works_again(alice, past)


@contextmanager
def opened(program):
    """The program's database, through its key."""
    database = program.beside(".db")
    me = keyfile.load_or_create(program.key, ask_passphrase=Secret, database=database)
    db = apsw.Connection(str(database))
    db.pragma("cipher", "chacha20")
    db.pragma("key", f"raw:{me.database_key.hex()}")
    try:
        yield db
    finally:
        db.close()

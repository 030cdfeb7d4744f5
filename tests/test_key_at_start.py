"""A key file that cannot be used: one clear line, exit code 2, and nothing is touched (R6)."""

import random
import subprocess

import pytest

from engine.store import keyfile
from engine.store.keyformat import Cost
from identity import Secret
from tests.programs import HERE_ALONE, PROGRAM

CHEAP = Cost(passes=1, kibibytes=64 * 1_024)
ENDS_WITHIN = 60  # seconds, against hanging


@pytest.fixture
def key(tmp_path):
    """A good key file, with a passphrase."""
    path = tmp_path / "alice.key"
    keyfile.load_or_create(path, ask_passphrase=Secret, database=path.with_suffix(".db"))
    keyfile.change_passphrase(path, current=None, new=Secret(b"correct horse"), cost=CHEAP)
    return path


def refusal(key, *options):
    """Start it, see that it refuses and touches nothing, and return its one line."""

    def state():
        # The lock is taken first, so that nobody else can be at these files.
        files = {path for path in key.parent.iterdir() if path.suffix != ".lock"}
        return {path: (path.read_bytes(), path.stat().st_mode) for path in files}

    before = state()
    ended = subprocess.run(
        [*PROGRAM, *HERE_ALONE, "--port", "0", "--web-port", "0", "--identity", key, *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith("p2pchat: ")
    assert state() == before
    return ended.stderr


@pytest.mark.parametrize("seed", range(2))
def test_damaged_key_files_are_refused(key, seed):
    chance = random.Random(seed)
    whole = key.read_bytes()
    for number in range(5):
        place = chance.randrange(len(whole))
        flipped = bytes([whole[place] ^ 1 << chance.randrange(8)])
        key.write_bytes(whole[:place] + (flipped + whole[place + 1 :] if number else b""))
        assert str(key) in refusal(key)


def test_a_missing_key_is_not_made_anew_over_its_database(key):
    key.unlink()
    key.with_suffix(".db").write_bytes(b"somebody's history")
    assert "is missing" in refusal(key)
    assert not key.exists()


def test_a_key_that_others_can_read_is_refused(key):
    key.chmod(0o644)
    assert "chmod 600" in refusal(key)


def test_a_wrong_passphrase_from_a_file_is_refused_and_not_shown(key, tmp_path):
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("incorrect pony\n")
    passphrase.chmod(0o600)
    line = refusal(key, "--passphrase-file", passphrase)
    assert "does not open" in line
    assert "pony" not in line


def test_without_a_terminal_nobody_waits_for_a_passphrase(key):
    assert "--passphrase-file" in refusal(key)


def test_a_passphrase_file_that_others_can_read_is_refused(key, tmp_path):
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse\n")
    passphrase.chmod(0o640)
    assert "chmod 600" in refusal(key, "--passphrase-file", passphrase)

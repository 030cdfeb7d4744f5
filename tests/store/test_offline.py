"""Backup and restore on the command line, without a running program."""

import shutil

import pytest

from engine.store import keyfile, offline, restore
from engine.store.database import Database
from engine.store.keyformat import Cost
from engine.store.places import IdentityLock, Places
from identity import AlreadyRunning, IdentityError, Secret
from tests.store.conftest import names, put

CHEAP = Cost(passes=1, kibibytes=64 * 1_024)


@pytest.fixture
def places(tmp_path):
    """Alice, with one setting."""
    places = Places.beside(tmp_path / "alice.key")
    me = keyfile.load_or_create(places.key, ask_passphrase=None, database=places.database)
    database = Database(places.database, me.database_key)
    database.write(put("kept"))
    database.close()
    return places


@pytest.fixture
def secret(tmp_path):
    return write_secret(tmp_path / "secret", "longer secret")


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch):
    monkeypatch.setattr(offline.sys.stdin, "isatty", lambda: False, raising=False)


def write_secret(path, text):
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return path


def nobody(_passphrase):
    return None


def test_there_and_back_again(places, secret, tmp_path, capsys):
    assert offline.back_up(places, tmp_path / "out", secret, nobody) == 0
    assert "do not run the old copy any more" in capsys.readouterr().out
    elsewhere = Places.beside(tmp_path / "new" / "b.key")
    assert offline.bring_back(elsewhere, tmp_path / "out", secret) == 0
    assert "do not run the old copy any more" in capsys.readouterr().out
    me = keyfile.load_or_create(elsewhere.key, ask_passphrase=None, database=elsewhere.database)
    database = Database(elsewhere.database, me.database_key)
    assert database.read(names) == ["kept", "restored"]
    database.close()
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600


def test_the_running_program_is_asked_first(places, secret, tmp_path):
    class Running:
        pieces = iter([b"from ", b"it", b""])
        closed = False

        def read(self):
            return next(self.pieces)

        def close(self):
            self.closed = True

    asked, running = [], Running()
    offline.back_up(places, tmp_path / "out", secret, lambda word: (asked.append(word), running)[1])
    assert asked == [b"longer secret"]
    assert (tmp_path / "out").read_bytes() == b"from it"
    assert running.closed


def test_a_protected_key_is_opened_with_the_same_passphrase(places, secret, tmp_path, capsys):
    keyfile.change_passphrase(places.key, current=None, new=Secret(b"longer secret"), cost=CHEAP)
    offline.back_up(places, tmp_path / "out", secret, nobody)
    elsewhere = Places.beside(tmp_path / "b.key")
    offline.bring_back(elsewhere, tmp_path / "out", secret)
    assert "from now on, the backup's opens it" in capsys.readouterr().out


def test_a_protected_key_with_another_passphrase_is_asked_for(places, secret, tmp_path):
    keyfile.change_passphrase(places.key, current=None, new=Secret(b"another"), cost=CHEAP)
    with pytest.raises(IdentityError, match="has a passphrase"):
        offline.back_up(places, tmp_path / "out", secret, nobody)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("short", ["seven77", "  seven77  "])
def test_a_short_passphrase_is_refused(places, tmp_path, short):
    with pytest.raises(IdentityError, match="at least 8"):
        offline.back_up(places, tmp_path / "out", write_secret(tmp_path / "s", short), nobody)


def test_nothing_is_written_over_and_nobody_is_made_up(places, secret, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(IdentityError, match="exists"):
        offline.back_up(places, tmp_path / "out", secret, nobody)
    with pytest.raises(IdentityError, match="missing"):
        offline.back_up(Places.beside(tmp_path / "x.key"), tmp_path / "o", secret, nobody)
    with pytest.raises(IdentityError, match="exists"):
        offline.bring_back(places, tmp_path / "out", secret)
    with pytest.raises(IdentityError, match="no such file"):
        offline.bring_back(Places.beside(tmp_path / "x.key"), tmp_path / "none", secret)
    assert not (tmp_path / "x.key").exists()


def cut_off_before_the_key(places, to):
    """What a restore of this identity leaves that was cut off between its two names."""
    to.key.parent.mkdir(exist_ok=True)
    shutil.copy(places.database, to.database)
    shutil.copy(places.key, to.restored_key)


def test_what_was_cut_off_is_finished_before_a_backup_is_made(places, secret, tmp_path):
    cut = Places.beside(tmp_path / "new" / "b.key")
    cut_off_before_the_key(places, cut)
    assert offline.back_up(cut, tmp_path / "out", secret, nobody) == 0
    assert cut.key.read_bytes() == places.key.read_bytes()
    assert not cut.restored_key.exists()


def test_what_was_cut_off_is_finished_before_another_restore_is_refused(places, secret, tmp_path):
    cut = Places.beside(tmp_path / "new" / "b.key")
    cut_off_before_the_key(places, cut)
    with pytest.raises(IdentityError, match="exists"):
        offline.bring_back(cut, tmp_path / "out", secret)
    assert cut.key.read_bytes() == places.key.read_bytes()


def test_two_at_once_are_refused(places, secret, tmp_path):
    lock = IdentityLock.acquire(places.lock)
    with pytest.raises(AlreadyRunning):
        offline.back_up(places, tmp_path / "out", secret, nobody)
    lock.release()


def test_at_a_terminal_the_passphrase_is_asked_for_twice(monkeypatch):
    answers = iter(["longer secret", "longer secret", "longer secret", "another secret"])
    monkeypatch.setattr(offline.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(offline.getpass, "getpass", lambda _question: next(answers))
    assert offline.ask_new(None) == Secret(b"longer secret")
    with pytest.raises(IdentityError, match="differ"):
        offline.ask_new(None)


def test_without_a_terminal_it_says_what_is_needed():
    with pytest.raises(IdentityError, match="--passphrase-file"):
        offline.ask_new(None)


def test_restore_is_where_the_rules_are(places):
    with pytest.raises(IdentityError, match="nothing is restored over it"):
        restore.refuse_to_replace(places)

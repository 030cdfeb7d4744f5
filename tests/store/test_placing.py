"""However a restore is cut off, the next start has one whole identity: the old or the new."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from engine import system
from engine.store import erasing, keyfile, opening, placing, restore
from engine.store.database import Database
from engine.store.keyformat import Cost, Keys
from engine.store.places import Places
from identity import IdentityError, Secret
from tests.helpers import person
from tests.store.conftest import names, put

CHEAP = Cost(passes=1, kibibytes=64 * 1_024)
OLD, NEW = person(1), person(2)
WAS_OLD, IS_NEW, NOBODY = (OLD.peer, ["in the journal", "old"]), (NEW.peer, ["new"]), None
MOST_STEPS = 40  # against a loop without an end


class Crash(BaseException):
    """The machine stops: whatever would still be done is not."""


class Disk:
    """Counts what changes names, and stops for good before the ``left``-th of it."""

    def __init__(self, left, monkeypatch):
        self.left = left
        for owner, name in (
            (Path, "replace"),
            (Path, "unlink"),
            (system, "sync_folder"),
        ):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, real):
        def call(*arguments, **options):
            if self.left == 0:
                raise Crash
            self.left -= 1
            return real(*arguments, **options)

        return call


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An old identity that was killed, with words in its journal alone; a new one's database."""
    folder = tmp_path_factory.mktemp("made")
    places = Places.beside(folder / "a.key")
    keyfile.write_key_file(places.key, Keys(OLD.seed, OLD.database_key), passphrase=None)
    for path, me, name in ((places.database, OLD, "old"), (folder / "new", NEW, "new")):
        database = Database(path, me.database_key)
        database.write(put(name))
        database.close()
    db = opening.connect(places.database, OLD.database_key)
    db.config(opening.apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    put("in the journal")(db)
    db.close()
    assert places.database.with_name("a.db-wal").stat().st_size
    return folder


def lay_out(made, folder, *, with_old):
    """The files as a restore finds them when its copy was checked."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    places = Places.beside(folder / "a.key")
    for path in made.glob("a.*") if with_old else ():
        shutil.copy(path, folder)
    copy = places.copy_of_database()
    shutil.copy(made / "new", copy)
    return places, copy


def put_in_place(places, copy):
    placing.place(places, copy, Keys(NEW.seed, NEW.database_key), passphrase=None, cost=CHEAP)


def cut_off(work, steps):
    """Do it until the machine stops; say whether it was done before."""
    with pytest.MonkeyPatch.context() as patch:
        Disk(steps, patch)
        try:
            work()
        except Crash:
            return False
        return True


def start(places):
    """As a program does; who it is, and what the database holds."""
    placing.finish(places)
    places.sweep()
    left = {path.name for path in places.key.parent.iterdir()}
    assert left <= {"a.key", "a.db", "a.db-wal", "a.db-shm"}, "nothing else is left"
    if not left:
        return NOBODY
    me = keyfile.load_or_create(places.key, ask_passphrase=None, database=places.database)
    database = Database(places.database, me.database_key)
    found = database.read(names)
    database.close()
    return me.peer, found


@pytest.mark.parametrize("with_old", [True, False])
def test_wherever_it_is_cut_off_the_next_start_has_one_whole_identity(made, tmp_path, with_old):
    before = WAS_OLD if with_old else NOBODY
    found = []
    for steps in range(MOST_STEPS):
        places, copy = lay_out(made, tmp_path / "x", with_old=with_old)
        is_done = cut_off(lambda places=places, copy=copy: put_in_place(places, copy), steps)
        found.append(start(places))
        if is_done:
            break
    decided = found.index(IS_NEW)
    assert found == [before] * decided + [IS_NEW] * (len(found) - decided)
    assert decided > 1
    assert len(found) - decided > 5, "it was cut off on both sides of the decision"


def test_a_start_that_is_cut_off_is_finished_by_the_one_after_it(made, tmp_path):
    whole = 0
    for steps in range(MOST_STEPS):
        for more in range(MOST_STEPS):
            places, copy = lay_out(made, tmp_path / "x", with_old=True)
            was_done = cut_off(lambda places=places, copy=copy: put_in_place(places, copy), steps)
            is_done = cut_off(lambda places=places: placing.finish(places), more)
            assert start(places) in (WAS_OLD, IS_NEW)
            whole += 1
            if is_done:
                break
        if was_done:
            break
    assert was_done
    assert whole > 40


def test_a_start_with_nothing_to_finish_changes_nothing(made, tmp_path, caplog):
    places, copy = lay_out(made, tmp_path / "x", with_old=True)
    copy.unlink()
    before = {path: path.read_bytes() for path in places.key.parent.iterdir()}
    placing.finish(places)
    assert {path: path.read_bytes() for path in places.key.parent.iterdir()} == before
    assert not caplog.records


def failing(name, ends):
    real = getattr(Path, name)

    def call(self, *arguments, **options):
        if str(arguments[0] if arguments else self).endswith(ends):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(self, *arguments, **options)

    return call


@pytest.mark.parametrize("target", ["a.db", "a.db.restored", "a.key.restored"])
def test_what_fails_before_the_database_has_its_name_is_undone(made, tmp_path, monkeypatch, target):
    places, copy = lay_out(made, tmp_path / "x", with_old=True)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing("replace", target))
        with pytest.raises(IdentityError, match="nothing was changed"):
            put_in_place(places, copy)
    copy.unlink(missing_ok=True)
    assert {path.name for path in places.key.parent.iterdir()} == {
        path.name for path in made.glob("a.*")
    }
    assert start(places) == WAS_OLD


def test_what_fails_later_goes_on_at_the_next_start(made, tmp_path, monkeypatch, caplog):
    places, copy = lay_out(made, tmp_path / "x", with_old=True)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing("replace", "a.key"))
        with pytest.raises(IdentityError, match="the next start goes on with it"):
            put_in_place(places, copy)
        with pytest.raises(IdentityError, match="the next start goes on with it"):
            placing.finish(places)
    assert start(places) == IS_NEW
    assert "a restore that was cut off is finished" in caplog.text


def test_a_waiting_key_without_a_database_makes_nobody_new(made, tmp_path):
    places, copy = lay_out(made, tmp_path / "x", with_old=False)
    cut_off(lambda: put_in_place(places, copy), 5)
    assert places.restored_key.exists()
    places.restored_database.unlink(missing_ok=True)
    places.database.unlink(missing_ok=True)
    with pytest.raises(IdentityError, match="missing; nothing was changed"):
        placing.finish(places)
    assert places.restored_key.exists()


def test_after_a_cut_the_backup_may_be_restored_again(made, tmp_path):
    places, copy = lay_out(made, tmp_path / "x", with_old=False)
    cut_off(lambda: put_in_place(places, copy), 2)
    assert start(places) is NOBODY
    restore.refuse_to_replace(places)


def test_erasing_takes_what_a_cut_left_as_well(made, tmp_path):
    for steps in range(MOST_STEPS):
        places, copy = lay_out(made, tmp_path / "x", with_old=True)
        is_done = cut_off(lambda places=places, copy=copy: put_in_place(places, copy), steps)
        assert erasing.erase(places) == []
        assert os.listdir(places.key.parent) == []
        if is_done:
            return


def test_the_passphrase_guards_the_key_that_waits(made, tmp_path):
    places, copy = lay_out(made, tmp_path / "x", with_old=True)
    word = Secret(b"longer secret")
    keys = Keys(NEW.seed, NEW.database_key)
    cut_off(lambda: placing.place(places, copy, keys, passphrase=word, cost=CHEAP), 5)
    assert bytes(NEW.seed) not in places.restored_key.read_bytes()
    placing.finish(places)
    me = keyfile.load_or_create(places.key, ask_passphrase=lambda: word, database=places.database)
    assert (me.peer, me.protected) == (NEW.peer, True)

"""A backup holds the database as it is at one moment, and nothing that was deleted before."""

from pathlib import Path

import apsw
import pytest

from engine.store import backup, opening
from engine.store.backup import BackupFull
from engine.store.keyformat import Cost
from engine.store.opening import StoreError
from engine.store.places import Places
from engine.store.restore import restore
from identity import Identity, IdentityError, Secret
from tests.helpers import person
from tests.store.conftest import names, put

PASSPHRASE = Secret(b"correct horse")
CHEAP = Cost(passes=1, kibibytes=64 * 1_024)
ME = person(1)
CANARY = "aWordThatWasDeleted"


@pytest.fixture
def places(tmp_path):
    return Places.beside(tmp_path / "a.key")


@pytest.fixture
def database(open_database):
    return open_database("a.db", ME.database_key)


def make(places):
    return backup.make(
        places,
        seed=ME.seed,
        database_key=ME.database_key,
        protected=False,
        passphrase=PASSPHRASE,
        cost=CHEAP,
    )


def written(places, target):
    made = make(places)
    try:
        backup.write_file(made, target)
    finally:
        made.close()
    assert target.stat().st_size == made.size
    return target


def restored(file, folder) -> tuple[Identity, apsw.Connection]:
    places = Places.beside(folder / "b.key")
    folder.mkdir()
    me = restore(places, file, PASSPHRASE, now=1)
    return me, opening.connect(places.database, me.database_key)


def test_it_holds_what_is_there_while_writing_goes_on(places, database, tmp_path):
    database.write(put("before", "x" * 500_000))
    made = make(places)
    database.write(put("after"))
    with (tmp_path / "out").open("wb") as out:
        while piece := made.read(2):
            out.write(piece)
    made.close()
    me, db = restored(tmp_path / "out", tmp_path / "b")
    assert me.peer == ME.peer
    assert names(db) == ["before", "restored"]
    db.close()


def test_it_is_encrypted_under_a_key_of_its_own(places, database, tmp_path):
    me, db = restored(written(places, tmp_path / "out"), tmp_path / "b")
    db.close()
    assert me.database_key != ME.database_key
    assert me.seed == ME.seed


def test_the_copy_beside_the_database_is_private_and_goes(places, database, tmp_path):
    made = make(places)
    [copy] = tmp_path.glob(".a.db.*.copy")
    assert copy.stat().st_mode & 0o777 == 0o600
    made.read()
    made.close()
    made.close()
    assert not list(tmp_path.glob(".a.db.*"))


def test_what_a_crash_left_is_swept_away(places, database, tmp_path):
    make(places)._file.close()  # and nobody closes it: the program was killed
    (tmp_path / ".a.db.0.copy-journal").write_bytes(b"x")
    assert list(tmp_path.glob(".a.db.*"))
    places.sweep()
    assert not list(tmp_path.glob(".a.db.*"))
    assert places.database.exists()


def test_a_deleted_word_is_not_in_it(places, database, tmp_path):
    """Also not in a page that is free, which a copy of the file would still hold."""
    database.write(put("kept"))
    database.close()
    careless = opening.connect(places.database, ME.database_key)
    careless.execute("PRAGMA secure_delete=off")
    for number in range(100):
        put(f"{number}", CANARY * 100)(careless)
    careless.execute("DELETE FROM setting WHERE name <> 'kept'")
    assert careless.pragma("freelist_count") > 10, "else there is nothing to be left out"
    careless.close()
    _, db = restored(written(places, tmp_path / "out"), tmp_path / "b")
    assert names(db) == ["kept", "restored"]
    assert db.pragma("freelist_count") == 0
    path = Path(db.filename)
    db.pragma("rekey", "")  # decrypted, so that its very bytes can be looked at
    db.close()
    assert b"kept" in path.read_bytes()
    assert CANARY.encode() not in path.read_bytes()


def test_where_there_is_no_room_nothing_is_left(places, database, tmp_path, monkeypatch):
    database.write(put("x", "x" * 500_000))

    class Full:
        def execute(self, *_):
            raise apsw.FullError(f"no room for file:...key=raw:{'0' * 64}")

        def close(self):
            pass

    monkeypatch.setattr(opening, "connect", lambda *_: Full())
    with pytest.raises(BackupFull) as raised:
        make(places)
    assert "raw" not in str(raised.value)
    assert raised.value.__suppress_context__
    assert not list(tmp_path.glob(".a.db.*"))


def test_no_error_names_the_key(places, database, tmp_path, monkeypatch):
    monkeypatch.setattr(Places, "copy_of_database", lambda _: tmp_path / "a.db.gone" / "x")
    with pytest.raises((StoreError, OSError)) as raised:
        make(places)
    assert "key=" not in str(raised.value)


def test_a_file_is_never_written_over(places, database, tmp_path):
    target = tmp_path / "out"
    target.write_bytes(b"something else")
    made = make(places)
    with pytest.raises(IdentityError, match="cannot be made"):
        backup.write_file(made, target)
    made.close()
    assert target.read_bytes() == b"something else"


def test_a_file_that_cannot_be_finished_is_taken_away(places, database, tmp_path, monkeypatch):
    made = make(places)
    monkeypatch.setattr(backup.system, "sync_file", lambda _fd: (_ for _ in ()).throw(OSError(28)))
    with pytest.raises(IdentityError, match="cannot be written"):
        backup.write_file(made, tmp_path / "out")
    made.close()
    assert not (tmp_path / "out").exists()

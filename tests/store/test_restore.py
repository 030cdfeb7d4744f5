"""A backup comes back whole, under any name; whatever is wrong with it changes nothing."""

import io
import os
import random

import pytest

from engine.store import backup, backupformat, groups, history, keyfile, migrations, opening
from engine.store import restore as restoring
from engine.store.backupformat import BadBackup
from engine.store.database import Database
from engine.store.groups import Standing
from engine.store.keyformat import Cost, Keys, WrongPassphrase
from engine.store.places import Places
from engine.store.restore import LEAP, restore
from identity import IdentityError, Secret
from tests.helpers import person
from tests.store.conftest import bytes_of, put

PASSPHRASE = Secret(b"correct horse")
CHEAP = Cost(passes=1, kibibytes=64 * 1_024)
ME, BOB, CAROL = person(1), person(2).peer, person(3).peer
GROUP, ANOTHER, IGNORED = bytes(32), b"a" * 32, b"i" * 32


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A backup with a chat, a group, an invite."""
    folder = tmp_path_factory.mktemp("alice")
    return make_backup(folder, protected=False)


def make_backup(folder, *, protected):
    places = Places.beside(folder / "a.key")
    database = Database(places.database, ME.database_key)
    database.write(fill)
    made = backup.make(
        places,
        seed=ME.seed,
        database_key=ME.database_key,
        protected=protected,
        passphrase=PASSPHRASE,
        cost=CHEAP,
    )
    backup.write_file(made, folder / "out")
    made.close()
    database.close()
    return folder / "out"


def fill(db):
    history.open_chat(db, BOB, history.DIRECT, 1)
    history.open_chat(db, GROUP, history.GROUP, 1)
    db.execute("UPDATE chat SET lamport = 40")
    db.execute("INSERT INTO forgotten_chat VALUES (?, 40)", (CAROL,))
    groups.open_group(db, GROUP, Standing.MEMBER, 1)
    groups.open_group(db, IGNORED, Standing.IGNORED, 1)
    db.execute(
        "INSERT INTO invite (pass, made_at, ends_at, spent_by)"
        " VALUES (?, 1, 2, NULL), (?, 1, 2, ?)",
        (bytes(16), b"s" * 16, bytes(BOB)),
    )
    put("more", "x" * 300_000)(db)


@pytest.fixture
def places(tmp_path):
    (tmp_path / "new").mkdir()
    return Places.beside(tmp_path / "new" / "b.key")


def test_the_identity_comes_back_under_another_name(file, places):
    me = restore(places, file, PASSPHRASE, now=7)
    assert me.peer == ME.peer
    assert not me.protected
    again = keyfile.load_or_create(places.key, ask_passphrase=None, database=places.database)
    assert again == me
    Database(places.database, me.database_key).close()
    assert sorted(os.listdir(places.key.parent)) == ["b.db", "b.key"]
    for path in (places.key, places.database):
        assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_said_since_is_allowed_for(file, places):
    me = restore(places, file, PASSPHRASE, now=7)
    db = opening.connect(places.database, me.database_key)
    assert dict(db.execute("SELECT kind, lamport FROM chat")) == {
        history.DIRECT: 40 + LEAP,
        history.GROUP: 40,
    }
    assert db.execute("SELECT lamport FROM forgotten_chat").get == 40 + LEAP
    assert db.execute("SELECT pass FROM invite").get == b"s" * 16  # a used one lets in one person
    rows = {row.gid: row.restored for row in groups.load(db)}
    assert rows == {GROUP: True, IGNORED: False}
    own = groups.open_group(db, ANOTHER, Standing.MEMBER, 1)
    assert not groups.is_restored(db, own), "one that we make has no history elsewhere"
    brought = groups.open_group(db, b"b" * 32, Standing.CANDIDATE, 1, BOB)
    assert groups.is_restored(db, brought)
    db.close()


def test_a_group_that_somebody_brings_is_new_to_whoever_was_never_restored(database):
    number = database.write(lambda db: groups.open_group(db, ANOTHER, Standing.CANDIDATE, 1, BOB))
    assert not database.read(lambda db: groups.is_restored(db, number))


def test_what_a_passphrase_guarded_is_guarded_by_the_backups(tmp_path, places, monkeypatch):
    monkeypatch.setattr(keyfile.keyformat, "stretch", cheap_stretch())
    me = restore(places, make_backup(tmp_path, protected=True), PASSPHRASE, now=7)
    assert me.protected
    again = keyfile.load_or_create(
        places.key, ask_passphrase=lambda: PASSPHRASE, database=places.database
    )
    assert again == me


def test_where_the_key_cannot_be_made_nothing_is_changed(file, places, monkeypatch):
    def full(*_, **__):
        raise IdentityError("no space; nothing was changed")

    monkeypatch.setattr(keyfile, "write_key_file", full)
    refused(places, file)


def cheap_stretch():
    real = keyfile.keyformat.stretch
    return lambda passphrase, salt, _cost, size=32: real(passphrase, salt, CHEAP, size=size)


def refused(places, file, passphrase=PASSPHRASE, kind=IdentityError):
    before = bytes_of(places.key.parent)
    with pytest.raises(kind) as raised:
        restore(places, file, passphrase, now=7)
    assert bytes_of(places.key.parent) == before
    assert os.listdir(places.key.parent) == sorted(before)
    told = str(raised.value)
    assert "nothing was changed" in told
    assert "\n" not in told
    assert PASSPHRASE.decode() not in told
    return told


def test_a_wrong_passphrase_changes_nothing(file, places):
    assert "passphrase" in refused(places, file, Secret(b"wrong horse"), WrongPassphrase)


@pytest.mark.parametrize("name", ["b.key", "b.db", "b.db-wal"])
def test_nothing_is_restored_over_what_exists(file, places, name):
    path = places.key.parent / name
    path.write_bytes(b"mine")
    assert "exists" in refused(places, file)


def test_damage_anywhere_changes_nothing(file, places, tmp_path, monkeypatch):
    monkeypatch.setattr(backupformat, "stretch", remembering(backupformat.stretch))
    data = file.read_bytes()
    chance = random.Random(3)
    for place in (0, 16, 20, 60, 88, 89, len(data) - 1, *chance.sample(range(len(data)), 25)):
        damaged = bytearray(data)
        damaged[place] ^= 0x40
        (tmp_path / "bad").write_bytes(damaged)
        refused(places, tmp_path / "bad", kind=BadBackup)


def test_a_cut_anywhere_changes_nothing(file, places, tmp_path, monkeypatch):
    monkeypatch.setattr(backupformat, "stretch", remembering(backupformat.stretch))
    data = file.read_bytes()
    whole_chunks = [89 + count * 65_552 for count in range(len(data) // 65_552)]
    for length in (0, 5, 88, *whole_chunks, len(data) - 1, 1_000, 100_000):
        (tmp_path / "bad").write_bytes(data[:length])
        refused(places, tmp_path / "bad", kind=BadBackup)


def remembering(real):
    """Argon2id once for all of the same."""
    known = {}

    def stretch(passphrase, salt, cost, *, size):
        key = (bytes(passphrase), salt, cost, size)
        return known.get(key) or known.setdefault(key, real(passphrase, salt, cost, size=size))

    return stretch


def test_another_file_and_none_are_refused_in_words(places, tmp_path):
    (tmp_path / "photo").write_bytes(b"\x89PNG" * 100)
    assert "is no backup" in refused(places, tmp_path / "photo", kind=BadBackup)
    assert "cannot be read" in refused(places, tmp_path / "none")


def parts(*content, passphrase=PASSPHRASE):
    header, key = backupformat.new_header(passphrase, cost=CHEAP)
    return io.BytesIO(header.raw + b"".join(backupformat.seal(header, key, content)))


def keys_part():
    return backupformat.keys_part(Keys(ME.seed, ME.database_key), protected=False)


def part(kind, content):
    return backupformat.PART.pack(kind, len(content)) + content


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ([b""], "no identity"),
        ([keys_part()], "no identity"),
        ([keys_part(), part(3, b"?")], "newer version"),
        ([keys_part(), keys_part()], "newer version"),
        ([part(backupformat.DATABASE, b"x")], "newer version"),
        ([keys_part()[:-1]], "damaged"),
        ([keys_part(), part(backupformat.DATABASE, b"x")[:-1]], "damaged"),
        ([keys_part(), b"\x02"], "damaged"),
        ([keys_part(), part(backupformat.DATABASE, b"x" * 8_192)], "database in it is damaged"),
        ([part(backupformat.KEYS, b"x" * 100_000_000)[:50]], "no keys"),
    ],
)
def test_a_backup_of_another_kind_is_refused(places, content, what):
    with pytest.raises(BadBackup, match=what):
        restoring.stage(places, parts(*content), PASSPHRASE, now=1)
    assert os.listdir(places.key.parent) == []


def test_what_only_a_later_version_knows_may_be_skipped(file, places, tmp_path):
    database = opening_bytes(file)
    source = parts(keys_part_of(database), part(200, b"?" * 70_000), part(2, database[1]))
    staged = restoring.stage(places, source, PASSPHRASE, now=1)
    assert staged.identity.peer == ME.peer
    staged.discard()
    assert os.listdir(places.key.parent) == []


def opening_bytes(file):
    with file.open("rb") as source:
        header = backupformat.read_header(source.read(backupformat.HEADER.size))
        content = b"".join(backupformat.unseal(header, header.open(PASSPHRASE), source.read))
    return content[:74], content[74 + 9 :]


def keys_part_of(found):
    return found[0]


def changed(file, places, sql):
    """The same backup, made by somebody who did this to the database in it."""
    keys, database = opening_bytes(file)
    path = places.key.parent / "changed"
    path.write_bytes(database)
    db = opening.connect(path, backupformat.read_keys(keys[9:])[0].database_key)
    db.execute(sql)
    db.close()
    database = path.read_bytes()
    path.unlink()
    return parts(keys, part(2, database))


def test_a_database_of_a_newer_version_is_refused(file, places):
    newer = changed(file, places, f"PRAGMA user_version = {migrations.NEWEST + 1}")
    with pytest.raises(BadBackup, match="newer version"):
        restoring.stage(places, newer, PASSPHRASE, now=1)
    assert os.listdir(places.key.parent) == []


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE kept (x); CREATE TRIGGER keep BEFORE UPDATE OF body ON message"
        " BEGIN INSERT INTO kept VALUES (old.body); END",
        "DROP TABLE receipt",
        "ALTER TABLE chat DROP COLUMN read_there",
    ],
)
def test_a_database_that_brings_a_schema_of_its_own_is_refused(file, places, sql):
    with pytest.raises(BadBackup, match="not one that p2pchat makes; nothing was changed") as told:
        restoring.stage(places, changed(file, places, sql), PASSPHRASE, now=1)
    assert "\n" not in str(told.value)
    assert os.listdir(places.key.parent) == []


def test_an_older_version_is_made_new_but_not_with_a_trigger_of_its_own(places):
    ran = []

    def stage(more):
        path = places.key.parent / "older"
        db = opening.connect(path, ME.database_key)
        with db:
            for step in migrations.STEPS[:5]:
                db.execute(step)
            db.pragma("user_version", 5)
            history.open_chat(db, BOB, history.DIRECT, 1)
            db.execute("UPDATE chat SET lamport = 40")
            db.execute(more)
        db.close()
        database = path.read_bytes()
        path.unlink()
        return restoring.stage(places, parts(keys_part(), part(2, database)), PASSPHRASE, now=7)

    staged = stage("")
    db = opening.connect(staged.copy, ME.database_key)
    assert db.pragma("user_version") == migrations.NEWEST
    assert db.execute("SELECT lamport FROM chat").get == 40 + LEAP
    db.close()
    staged.discard()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "migrate", ran.append)
        with pytest.raises(BadBackup, match="not one that p2pchat makes"):
            stage("CREATE TRIGGER own AFTER UPDATE ON person BEGIN DELETE FROM message; END")
    assert ran == []
    assert os.listdir(places.key.parent) == []

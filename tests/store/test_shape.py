"""A database from elsewhere is ours to the last trigger, or it is refused before anything runs."""

import apsw
import pytest

from engine.store import backup, migrations, opening, shape
from engine.store.backupformat import BadBackup
from engine.store.database import Database
from tests.store.conftest import KEY, put


@pytest.fixture
def file(tmp_path):
    """A database as a backup holds it."""
    database = Database(tmp_path / "a.db", KEY)
    database.write(put("kept"))
    database.close()
    backup._copy_database(tmp_path / "a.db", KEY, tmp_path / "copy", KEY)
    return tmp_path / "copy"


def changed(path, sql):
    db = opening.connect(path, KEY)
    db.config(apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1)
    db.execute(sql)
    db.close()
    return path


def test_a_database_of_ours_is_good_and_stays_as_it_is(file):
    before = file.read_bytes()
    shape.check(file, KEY)
    assert file.read_bytes() == before


def older(path, version, *, at_once=False):
    db = opening.connect(path, KEY)
    steps = migrations.STEPS[:version]
    with db:
        for step in [";".join(steps)] if at_once else steps:
            db.execute(step)
        db.pragma("user_version", version)
    return db


def test_every_older_version_is_good_and_becomes_what_is_made_today(tmp_path):
    for version in range(1, migrations.NEWEST + 1):
        older(tmp_path / str(version), version).close()
        shape.check(tmp_path / str(version), KEY)
        db = opening.connect(tmp_path / str(version), KEY)
        migrations.migrate(db)
        db.close()
        shape.check(tmp_path / str(version), KEY)


def test_all_steps_at_once_and_one_after_the_other_make_the_same(tmp_path):
    at_once = older(tmp_path / "at once", migrations.NEWEST, at_once=True)
    one_by_one = opening.connect(tmp_path / "one by one", KEY)
    migrations.migrate(one_by_one)
    assert shape.shape_of(at_once) == shape.shape_of(one_by_one)
    at_once.close()
    one_by_one.close()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TRIGGER more BEFORE DELETE ON message BEGIN INSERT INTO setting VALUES (1, 1); END",
        "CREATE TRIGGER more AFTER INSERT ON message BEGIN SELECT 1; END",
        "CREATE TABLE more (a)",
        "CREATE VIEW more AS SELECT * FROM message",
        "CREATE INDEX more ON message (ts)",
        "CREATE VIRTUAL TABLE more USING fts5 (a)",
        "ANALYZE",
        "DROP TABLE receipt",
        "DROP TRIGGER message_gone",
        "DROP INDEX message_by_id",
        "DROP TABLE vocabulary",
        "ALTER TABLE chat DROP COLUMN read_there",
        "ALTER TABLE chat ADD COLUMN more",
        "ALTER TABLE chat RENAME COLUMN lamport TO moment",
        "ALTER TABLE invite RENAME TO invitation",
        "DROP TABLE forgotten_chat; CREATE VIEW forgotten_chat AS SELECT 1 AS key, 2 AS lamport",
        "UPDATE sqlite_schema SET sql = replace(sql, 'length(id) = 16', 'length(id) > 16')",
        "UPDATE sqlite_schema SET sql = replace(sql, 'TEXT NOT NULL', 'TEXT')",
        "UPDATE sqlite_schema SET sql = replace(sql, '''unicode61', '''porter unicode61')",
        "UPDATE sqlite_schema SET sql = replace(sql, 'DEFAULT ''''', 'DEFAULT ''/**/''')",
        "PRAGMA user_version = 1",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
    ],
)
def test_any_difference_is_refused(file, sql):
    with pytest.raises(BadBackup, match="not one that p2pchat makes"):
        shape.check(changed(file, sql), KEY)


def test_a_newer_version_is_told_from_a_foreign_database(file):
    changed(file, f"CREATE TABLE more (a); PRAGMA user_version = {migrations.NEWEST + 1}")
    with pytest.raises(BadBackup, match="newer version"):
        shape.check(file, KEY)


def test_bytes_behind_its_last_page_are_refused(file):
    with file.open("ab") as more:
        more.write(bytes(4_096))
    with pytest.raises(BadBackup, match="damaged"):
        shape.check(file, KEY)


def test_a_page_that_lost_what_stood_in_it_is_damage(file):
    changed(file, "UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'message'")
    with pytest.raises((BadBackup, apsw.CorruptError)):
        shape.check(file, KEY)


@pytest.mark.parametrize("version", [0, -1])
def test_a_version_that_no_program_of_ours_writes_is_refused(tmp_path, version):
    """Else a step would be done that was done already, or all of them to nobody's database."""
    db = older(tmp_path / "a", migrations.NEWEST + version if version else 0)
    db.pragma("user_version", version)
    db.close()
    with pytest.raises(BadBackup, match="not one that p2pchat makes"):
        shape.check(tmp_path / "a", KEY)


def test_it_is_looked_at_with_the_guards_up(file, monkeypatch):
    real, seen = shape.shape_of, {}

    def looked_at(db):
        if db.filename:
            for guard in ("DEFENSIVE", "TRUSTED_SCHEMA", "ENABLE_TRIGGER", "ENABLE_VIEW"):
                seen[guard] = db.config(getattr(apsw, f"SQLITE_DBCONFIG_{guard}"), -1)
        return real(db)

    monkeypatch.setattr(shape, "shape_of", looked_at)
    shape.check(file, KEY)
    assert seen == {"DEFENSIVE": 1, "TRUSTED_SCHEMA": 0, "ENABLE_TRIGGER": 0, "ENABLE_VIEW": 0}


def words(sql):
    db = apsw.Connection(":memory:")
    db.execute(sql)
    return shape.shape_of(db)


def test_comments_and_spaces_say_nothing_and_strings_are_kept():
    plain = words("CREATE TABLE a (b TEXT DEFAULT '--', c)")
    assert plain == words("CREATE TABLE a (b TEXT -- why\n  DEFAULT '--', /* and */ c)")
    assert plain != words("CREATE TABLE a (b TEXT DEFAULT '-- ', c)")
    assert plain != words("CREATE TABLE a (b TEXT DEFAULT '--' CHECK (b > '--'), c)")
    assert plain != words('CREATE TABLE a (b TEXT DEFAULT "--", c)')


def test_the_tables_that_sqlite_makes_for_the_index_are_those_of_every_past_version():
    """Where this fails a newer SQLite words them otherwise, and older backups would be refused."""
    db = apsw.Connection(":memory:")
    migrations.migrate(db)
    made = {name: sql for kind, name, _, sql in shape.shape_of(db) if kind == "table"}
    assert {name: sql for name, sql in made.items() if name.startswith("words_")} == {
        "words_data": "CREATE TABLE 'words_data'(id INTEGER PRIMARY KEY, block BLOB)",
        "words_idx": "CREATE TABLE 'words_idx'"
        "(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID",
        "words_docsize": "CREATE TABLE 'words_docsize'(id INTEGER PRIMARY KEY, sz BLOB)",
        "words_config": "CREATE TABLE 'words_config'(k PRIMARY KEY, v) WITHOUT ROWID",
    }

"""Databases of every older version are brought to the newest, whole or not at all."""

import apsw
import pytest

from engine.store import migrations


def shape(db) -> list[tuple]:
    return list(db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name"))


def test_every_version_leads_to_the_same_shape():
    newest = apsw.Connection(":memory:")
    migrations.migrate(newest)
    assert newest.pragma("user_version") == migrations.NEWEST
    for version in range(migrations.NEWEST):
        older = apsw.Connection(":memory:")
        for step in migrations.STEPS[:version]:
            older.execute(step)
        older.pragma("user_version", version)
        migrations.migrate(older)
        assert shape(older) == shape(newest)


def test_migrating_twice_changes_nothing():
    db = apsw.Connection(":memory:")
    migrations.migrate(db)
    before = shape(db)
    migrations.migrate(db)
    assert shape(db) == before


def test_a_step_that_fails_leaves_the_version_before_it(monkeypatch):
    steps = (*migrations.STEPS, "CREATE TABLE half (a); CREATE TABLE half (a);")
    monkeypatch.setattr(migrations, "STEPS", steps)
    db = apsw.Connection(":memory:")
    with pytest.raises(apsw.SQLError):
        migrations.migrate(db)
    assert db.pragma("user_version") == migrations.NEWEST
    assert not [line for line in shape(db) if line[1] == "half"]

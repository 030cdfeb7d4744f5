"""Databases of every older version are brought to the newest, whole or not at all."""

import apsw
import pytest

from engine.store import history, migrations
from engine.store.history import DIRECT
from identity import PeerId


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


def test_an_older_history_stays_and_groups_find_room_beside_it():
    bob = PeerId(b"b" * 32)
    db = apsw.Connection(":memory:")
    for step in migrations.STEPS[:6]:
        db.execute(step)
    db.pragma("user_version", 6)
    history.open_chat(db, bob, DIRECT, 0)
    db.execute(
        "INSERT INTO message (chat, author, id, kind, lamport, ts, body, state)"
        " VALUES (1, ?, ?, 1, 1, 0, ?, 2)",
        (bob, bytes(16), b"before groups"),
    )
    migrations.migrate(db)
    assert [one.body for one in history.page(db, bob, None, 9)] == [b"before groups"]
    for table in ("gathering", "event", "event_link", "event_heard", "member_place"):
        assert db.execute(f"SELECT count(*) FROM {table}").get == 0

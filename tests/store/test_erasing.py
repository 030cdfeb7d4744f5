"""Erasing leaves nothing of the identity, and everything of its neighbours."""

import os

import pytest

from engine.store import erasing
from engine.store.places import Places


@pytest.fixture
def places(tmp_path):
    return Places.beside(tmp_path / "alice.key")


def fill(places, tmp_path):
    names = (
        *("alice.key", "alice.db", "alice.db-wal", "alice.db-shm", "alice.db-journal", "alice.api"),
        *(".alice.key.1a2b.new", ".alice.db.1a2b.copy", ".alice.db.new", ".alice.api.1a2b.new"),
    )
    for name in names:
        (tmp_path / name).write_bytes(b"secret")
    (tmp_path / "alice.files" / "inner").mkdir(parents=True)
    (tmp_path / "alice.files" / "inner" / "photo").write_bytes(b"secret")
    others = ("bob.key", "bob.db", "alice.txt", ".alice.keys", "alice.lock")
    for name in others:
        (tmp_path / name).write_bytes(b"mine")
    return set(others)


def test_every_file_goes_and_the_neighbours_stay(places, tmp_path):
    others = fill(places, tmp_path)
    assert erasing.erase(places) == []
    assert set(os.listdir(tmp_path)) == others


def test_the_key_is_written_over_before_it_goes(places, tmp_path):
    fill(places, tmp_path)
    os.link(places.key, tmp_path / "kept")  # what a drive may keep
    erasing.erase(places)
    left = (tmp_path / "kept").read_bytes()
    assert len(left) == len(b"secret")
    assert left != b"secret"


def test_a_link_to_somebody_elses_file_is_not_followed(places, tmp_path):
    (tmp_path / "precious").write_bytes(b"precious")
    places.key.symlink_to(tmp_path / "precious")
    assert erasing.erase(places) == []
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_what_cannot_be_deleted_is_named(places, tmp_path):
    places.database.mkdir()  # no file, so unlink fails
    assert erasing.erase(places) == [places.database]


def test_erasing_nothing_is_no_error(places):
    assert erasing.erase(places) == []

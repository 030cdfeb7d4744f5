"""One-time passes on disk: used once, kept for whoever used them, and never too many."""

import pytest

from engine.store import invites
from engine.store.database import StoreError
from engine.store.invites import MAX_INVITES, Invite
from identity import Secret
from tests.helpers import person

BOB, CAROL = person(2).peer, person(3).peer


def invite(number: int = 1, made_at: int = 0) -> Invite:
    return Invite(Secret(number.to_bytes(16, "big")), made_at, made_at + 1_000)


def test_what_was_added_is_loaded_in_the_order_it_was_made(database):
    made = [invite(3), invite(1, made_at=500), invite(2, made_at=100)]
    for one in made:
        database.write(lambda db, one=one: invites.add(db, one))
    assert database.read(invites.load) == made


def test_a_pass_is_spent_once_and_says_on_whom(database):
    database.write(lambda db: invites.add(db, invite()))
    assert database.write(lambda db: invites.spend(db, invite().knock_pass, BOB))
    assert not database.write(lambda db: invites.spend(db, invite().knock_pass, CAROL))
    assert not database.write(lambda db: invites.spend(db, invite().knock_pass, BOB))
    assert [one.spent_by for one in database.read(invites.load)] == [BOB]


def test_what_is_not_there_cannot_be_spent_and_is_dropped_without_a_word(database):
    assert not database.write(lambda db: invites.spend(db, invite().knock_pass, BOB))
    database.write(lambda db: invites.drop(db, invite().knock_pass))


def test_a_dropped_pass_is_gone(database):
    database.write(lambda db: invites.add(db, invite()))
    database.write(lambda db: invites.drop(db, invite().knock_pass))
    assert database.read(invites.load) == []


def test_of_too_many_the_first_made_goes_whatever_the_clock_says(database):
    for number in range(MAX_INVITES + 2):
        one = invite(number, made_at=-number)
        database.write(lambda db, one=one: invites.add(db, one))
    kept = [one.knock_pass for one in database.read(invites.load)]
    assert kept == [invite(number).knock_pass for number in range(2, MAX_INVITES + 2)]


def test_a_pass_of_another_size_is_a_mistake(database):
    with pytest.raises(StoreError, match="database failed"):
        database.write(lambda db: invites.add(db, Invite(Secret(b"short"), 0, 1)))


def test_an_invite_does_not_show_its_pass():
    assert "knock_pass" not in repr(invite())

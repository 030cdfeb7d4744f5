"""One-time passes in a running program: the clock, the memory, the disk."""

from contextlib import suppress

import pytest

from engine.chat.invites import CLOCK_SLACK, GOOD_FOR, Invites
from engine.store import invites as stored
from engine.store.database import Database, StoreError
from engine.store.invites import MAX_INVITES
from tests.helpers import person, seeded

BOB, CAROL = person(2).peer, person(3).peer
NOON = 1_700_000_000_000


class Clock:
    now = NOON

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "a.db", person(1).database_key)
    yield database
    database.close()


@pytest.fixture
def started(database, clock):
    """Start the program, as often as wanted."""
    chance = seeded("passes")

    def start():
        database.write(lambda _db: None)  # what was dropped before is off the disk
        return Invites(database, new_pass=lambda: chance(16), now=clock)

    return start


@pytest.fixture
def invites(started):
    return started()


def spend(invites, database, invite, peer):
    with invites.spending(invite.knock_pass, peer) as spent:
        database.write(spent)


def test_an_invite_is_good_for_a_day_and_no_longer(invites, clock):
    invite = invites.make()
    assert (invite.made_at, invite.ends_at) == (NOON, NOON + 24 * 3_600_000)
    assert len(invite.knock_pass) == 16
    clock.now = invite.ends_at - 1
    assert invites.passes() == [invite.knock_pass]
    assert invites.is_good(invite.knock_pass)
    clock.now = invite.ends_at
    assert not invites.is_good(invite.knock_pass)
    assert invites.passes() == []


def test_nobody_gets_in_by_a_pass_that_was_never_made(invites):
    invites.make()
    assert not invites.is_good(bytes(16))


def test_a_restart_keeps_what_is_good_and_drops_what_is_not(started, database, clock):
    old = started().make()
    clock.now += GOOD_FOR // 2
    new = started().make()
    assert started().passes() == [old.knock_pass, new.knock_pass]
    clock.now = old.ends_at
    assert started().passes() == [new.knock_pass]
    started()
    assert [one.knock_pass for one in database.read(stored.load)] == [new.knock_pass]


def test_a_used_pass_opens_the_door_to_its_user_until_both_are_linked(started, database):
    invites = started()
    invite = invites.make()
    spend(invites, database, invite, BOB)
    for one in (invites, started()):
        assert one.passes() == [invite.knock_pass]
        assert not one.is_good(invite.knock_pass)
    invites.drop_of(CAROL)
    assert invites.passes() == [invite.knock_pass]
    invites.drop_of(BOB)
    assert invites.passes() == []
    assert started().passes() == []


def test_a_pass_is_as_good_as_before_when_nothing_was_stored(invites, database):
    invite = invites.make()
    with suppress(StoreError), invites.spending(invite.knock_pass, BOB):
        assert not invites.is_good(invite.knock_pass)
        raise StoreError("the disk is full")
    assert invites.is_good(invite.knock_pass)


def test_a_pass_that_the_disk_knows_to_be_used_makes_no_second_contact(started, database):
    before, after = started(), None
    invite = before.make()
    after = started()
    spend(before, database, invite, BOB)
    with pytest.raises(StoreError, match="used already"):
        spend(after, database, invite, CAROL)
    assert [one.spent_by for one in database.read(stored.load)] == [BOB]


def test_a_clock_set_back_brings_nothing_back(invites, started, clock):
    invite = invites.make()
    clock.now = invite.ends_at
    assert invites.passes() == []
    clock.now = NOON + 1
    assert invites.passes() == []
    assert started().passes() == []


def test_what_the_clock_says_to_be_made_later_does_not_count_yet(invites, clock):
    invite = invites.make()
    clock.now = NOON - CLOCK_SLACK
    assert invites.passes() == [invite.knock_pass]
    assert invites.is_good(invite.knock_pass)
    clock.now -= 1
    assert invites.passes() == []
    assert not invites.is_good(invite.knock_pass)


def test_no_more_than_so_many_are_good_at_once(invites, started):
    made = [invites.make().knock_pass for _ in range(MAX_INVITES + 3)]
    assert invites.passes() == made[3:] == started().passes()


def test_invites_on_a_full_disk_are_not_made(invites, database):
    database.close()
    with pytest.raises(StoreError):
        invites.make()
    assert invites.passes() == []

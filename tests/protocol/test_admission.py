"""Strangers at the door are few and slow, whatever they do; contacts get in past them."""

import random
from collections import Counter

import pytest

from engine.protocol import admission
from engine.protocol.admission import (
    KEPT_FOR_CONTACTS,
    KNOCKS_PER_SECOND,
    KNOCKS_PER_SECOND_PER_HOST,
    MAX_HALF_OPEN,
    MAX_HALF_OPEN_PER_HOST,
    MAX_HOSTS,
    Door,
)

NOON = 5_000.0
HOME = "192.168.1.7"


def hosts(count):
    """Addresses that no contact was ever reached at."""
    return [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(count)]


def strangers(door, count, now):
    """As many as get in of ``count`` strangers, each from a place of their own."""
    return [
        slot for host in hosts(count) if (slot := door.enter(host, is_known=False, now=now))
    ]  # fmt: skip


def knocks(door, host, times, now, *, is_known=False):
    """How often one host gets in when it comes and goes ``times`` times."""
    entered = 0
    for _ in range(times):
        slot = door.enter(host, is_known=is_known, now=now)
        if slot is not None:
            entered += 1
            door.leave(slot)
    return entered


@pytest.fixture
def door():
    return Door(NOON)


def test_sixty_four_strangers_are_under_way_and_not_one_more(door):
    inside = strangers(door, 100, NOON)
    assert len(inside) == MAX_HALF_OPEN == 64
    assert door.enter("10.9.9.9", is_known=False, now=NOON + 60) is None
    door.leave(inside[0])
    assert door.enter("10.9.9.9", is_known=False, now=NOON + 60)


@pytest.mark.parametrize("is_known", [True, False])
def test_four_from_one_address_and_not_one_more(door, is_known):
    inside = [door.enter(HOME, is_known=is_known, now=NOON) for _ in range(6)]
    assert [slot is not None for slot in inside] == [True] * MAX_HALF_OPEN_PER_HOST + [False] * 2
    assert door.enter("192.168.1.8", is_known=False, now=NOON)
    door.leave(inside[0])
    assert door.enter(HOME, is_known=is_known, now=NOON)


def test_an_address_knocks_twenty_times_a_second(door):
    assert knocks(door, HOME, 100, NOON) == KNOCKS_PER_SECOND_PER_HOST == 20
    assert knocks(door, HOME, 1, NOON + 0.04) == 0
    assert knocks(door, HOME, 100, NOON + 0.5) == 10
    assert knocks(door, HOME, 100, NOON + 1_000) == 20, "tokens are not saved up"


def test_who_is_refused_for_being_too_many_has_not_used_up_the_knocks(door):
    inside = [door.enter(HOME, is_known=False, now=NOON) for _ in range(4)]
    for _ in range(100):
        assert door.enter(HOME, is_known=False, now=NOON) is None
    for slot in inside:
        door.leave(slot)
    assert knocks(door, HOME, 100, NOON) == 16


def test_strangers_knock_two_hundred_times_a_second_in_all(door):
    entered = sum(knocks(door, host, 1, NOON) for host in hosts(1_000))
    assert entered == KNOCKS_PER_SECOND == 200
    assert sum(knocks(door, host, 1, NOON + 0.5) for host in hosts(1_000)) == 100


def test_contacts_get_in_past_a_flood_of_strangers(door):
    """All places for strangers are taken, and all their knocks are used up."""
    inside = strangers(door, 5_000, NOON)
    assert len(inside) == MAX_HALF_OPEN
    assert door.enter("10.9.9.9", is_known=False, now=NOON) is None
    places = [f"192.168.1.{number}" for number in range(40)]
    entered = [door.enter(place, is_known=True, now=NOON) for place in places]
    assert [slot is not None for slot in entered].count(True) == KEPT_FOR_CONTACTS
    assert all(entered[:KEPT_FOR_CONTACTS])


def test_contacts_places_are_never_given_to_strangers(door):
    strangers(door, 5_000, NOON)
    for second in range(1, 100):
        assert strangers(door, 50, NOON + second) == []


def test_many_contacts_may_use_the_strangers_places_too(door):
    places = [f"192.168.1.{number}" for number in range(200)]
    entered = [door.enter(place, is_known=True, now=NOON) for place in places]
    assert len([slot for slot in entered if slot]) == KEPT_FOR_CONTACTS + MAX_HALF_OPEN


def test_a_contacts_address_is_held_to_its_own_limits(door):
    assert knocks(door, HOME, 100, NOON, is_known=True) == 20


def test_whoever_leaves_frees_exactly_what_they_took(door):
    """A long day at the door, with every kind of refusal: at its end all places are free."""
    chance = random.Random(1)
    inside, now = [], NOON
    contacts, others = hosts(60)[:30], hosts(60)[30:]
    for _ in range(20_000):
        now += chance.choice((0, 0, 0.001, 0.1))
        if inside and chance.random() < 0.5:
            door.leave(inside.pop(chance.randrange(len(inside))))
        else:
            is_known = chance.random() < 0.3
            host = chance.choice(contacts if is_known else others)
            slot = door.enter(host, is_known=is_known, now=now)
            if slot is not None:
                inside.append(slot)
        kinds = Counter(slot.kept_for_contacts for slot in inside)
        assert kinds[True] <= KEPT_FOR_CONTACTS
        assert kinds[False] <= MAX_HALF_OPEN
        assert max(Counter(slot.host for slot in inside).values(), default=0) <= 4
    for slot in inside:
        door.leave(slot)
    now += 60
    assert len(strangers(door, 100, now)) == MAX_HALF_OPEN
    known = [door.enter(f"192.168.1.{n}", is_known=True, now=now) for n in range(100)]
    assert len([slot for slot in known if slot]) == KEPT_FOR_CONTACTS


def test_an_address_is_forgotten_after_4096_others_and_not_before(door, monkeypatch):
    """Memory is bounded; a flood from elsewhere forgets the longest unheard first."""
    monkeypatch.setattr(admission, "KNOCKS_PER_SECOND", 1e9)
    door = Door(NOON)
    others = hosts(MAX_HOSTS)
    assert knocks(door, HOME, 100, NOON) == 20
    for host in others[:-1]:
        knocks(door, host, 1, NOON)
    assert knocks(door, HOME, 1, NOON) == 0, "it is remembered, and by this becomes the latest"
    for host in others:
        knocks(door, host, 1, NOON)
    assert knocks(door, HOME, 100, NOON) == 20, "it was forgotten, and so was its debt"

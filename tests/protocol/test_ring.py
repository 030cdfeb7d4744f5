"""The ring: everybody sees the same one, and it leads to everybody."""

import hashlib

import pytest

from engine.protocol import ring
from identity import PeerId
from tests.helpers import seeded

GID = bytes(range(32))


def people(count):
    chance = seeded("ring")
    return [PeerId(chance(32)) for _ in range(count)]


def nobody(_peer):
    return False


def test_everybody_stands_in_the_order_of_a_hash_that_all_work_out_alike():
    members = people(10)
    order = sorted(members, key=lambda peer: hashlib.sha256(GID + peer).digest())
    for at, me in enumerate(order):
        assert ring.around(GID, me, members) == order[at + 1 :] + order[:at]


def test_the_ring_follows_who_comes_and_who_goes_and_which_group_it_is():
    members = people(10)
    me, newcomer, *rest = members
    before = ring.around(GID, me, [me, *rest])
    assert set(ring.around(GID, me, members)) == {newcomer, *rest}
    assert ring.around(GID, me, [me, *rest]) == before
    assert ring.around(GID, me, rest) == before
    assert ring.around(bytes(32), me, [me, *rest]) != before


def test_what_a_caller_does_with_the_answer_is_nobody_elses_ring():
    me, *rest = people(10)
    before = ring.around(GID, me, rest)
    ring.around(GID, me, rest).clear()
    assert ring.around(GID, me, rest) == before


def test_the_nearest_three_on_each_side_are_kept():
    me, *rest = people(20)
    order = ring.around(GID, me, rest)
    assert ring.neighbours(GID, me, rest, nobody) == [*order[:3], *order[-3:]]


def test_who_is_lost_makes_room_for_the_next():
    me, *rest = people(20)
    order = ring.around(GID, me, rest)
    lost = {order[0], order[-2]}
    chosen = ring.neighbours(GID, me, rest, lost.__contains__)
    assert chosen == [*order[1:4], order[-4], order[-3], order[-1]]


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_in_a_small_group_everybody_is_a_neighbour_and_nobody_twice(count):
    me, *rest = people(count)
    chosen = ring.neighbours(GID, me, [me, *rest], nobody)
    assert sorted(chosen) == sorted(rest)


def test_a_large_group_has_links_that_halve_the_way_around():
    members = people(ring.LARGE + 1)
    me = members[0]
    order = ring.around(GID, me, members)
    chosen = ring.neighbours(GID, me, members, nobody)
    assert chosen[6:] == [order[50], order[25], order[12], order[6]]
    assert len(ring.neighbours(GID, me, members[:-1], nobody)) == 6

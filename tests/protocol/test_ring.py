"""The ring: everybody works out the same one, and a link on it is wanted by both."""

import pytest

from engine.protocol.ring import around, neighbours
from identity import PeerId

GID = b"g" * 32


def people(count):
    return [PeerId(number.to_bytes(32, "big")) for number in range(1, count + 1)]


def everybody(_peer):
    return False


def test_everybody_sees_the_same_ring():
    members = people(20)
    first = around(GID, members[0], members)
    for at, other in enumerate(first):
        theirs = around(GID, other, members[::-1])
        assert theirs == [*first[at + 1 :], members[0], *first[:at]]


def test_another_group_has_another_ring():
    members = people(20)
    assert around(GID, members[0], members) != around(b"h" * 32, members[0], members)


@pytest.mark.parametrize(("count", "links"), [(1, 0), (2, 1), (5, 4), (7, 6), (8, 6), (100, 6)])
def test_three_on_each_side_are_chosen(count, links):
    members = people(count)
    for me in members[:10]:
        chosen = neighbours(GID, me, members, everybody)
        assert len(chosen) == len(set(chosen)) == links
        assert me not in chosen
        ring = around(GID, me, members)
        assert set(chosen) == {*ring[:3], *ring[-3:]}


def test_up_to_100_members_a_link_is_wanted_from_both_ends():
    members = people(40)
    wanted = {me: set(neighbours(GID, me, members, everybody)) for me in members}
    assert all(me in wanted[other] for me in members for other in wanted[me])


def test_who_cannot_be_reached_is_passed_over():
    members = people(20)
    ring = around(GID, members[0], members)
    chosen = neighbours(GID, members[0], members, lambda peer: peer in ring[:2])
    assert chosen == [*ring[2:5], *ring[-3:]]


def test_above_100_members_some_far_away_are_added():
    members = people(1_000)
    chosen = neighbours(GID, members[0], members, everybody)
    ring = around(GID, members[0], members)
    assert {499, 249, 124, 62, 31, 15, 7} <= {ring.index(peer) for peer in chosen}
    assert 6 + 7 <= len(chosen) <= 6 + 9


def test_whoever_is_not_in_it_yet_finds_a_place():
    members = people(20)
    assert len(neighbours(GID, PeerId(b"\xff" * 32), members, everybody)) == 6

"""What shows somebody that they are no member: enough for them to see it, and nothing after it."""

import pytest

from engine.protocol import groupproof, membership
from engine.protocol.groupacts import Role
from tests.protocol.groups import Replica
from tests.protocol.test_grouppast import laid_out


def shown(teller, told):
    """What ``told`` gets on top of what they have."""
    acts = laid_out(teller)
    has = [event_id for event_id in told.known if event_id in acts]
    return groupproof.proof(acts, has, told.peer)


def sees(teller, told, ids):
    """The members in the eyes of ``told``, who gets these with all before them."""
    acts = laid_out(teller)
    bits = acts.past_of([*told.known, *ids])
    return membership.judge(acts.only(bits)).members


def test_a_removal_that_stands_on_what_they_know_is_all():
    alice = Replica.founded_by(1)
    bob = alice.joined_by(2)
    removal = alice.removes(bob)
    alice.joined_by(3)
    alice.names("without Bob")
    assert shown(alice, bob) == [removal.id]


def test_who_knows_it_gets_nothing():
    alice = Replica.founded_by(1)
    bob = alice.joined_by(2)
    alice.removes(bob)
    bob.hears(alice)
    alice.names("without Bob")
    assert shown(alice, bob) == []


def test_what_made_a_junior_senior_belongs_to_it():
    alice = Replica.founded_by(1)
    bob, carol, dave = (alice.joined_by(number, Role.ADMIN) for number in (2, 3, 4))
    dave.hears(alice)
    dave.removes(carol)
    for one in (alice, bob, carol):
        one.hears(dave)
    assert carol.peer in carol.members()
    raised = bob.adds(dave)
    bob.names("without Carol")
    assert carol.peer not in bob.members()
    assert shown(bob, carol) == [raised.id]


def test_what_voids_that_which_would_void_the_removal_belongs_to_it():
    alice = Replica.founded_by(1)
    bob, dave, carol = (alice.joined_by(number, Role.ADMIN) for number in (2, 3, 4))
    bob.hears(alice)
    dave.hears(alice)
    dave.removes(carol)
    bob.removes(dave)  # beside it: Carol stays
    carol.hears(alice, bob, dave)
    assert carol.peer in carol.members()
    beside = alice.removes(bob)  # beside that: what Bob did is void, what Dave did counts
    alice.hears(bob, dave)
    assert carol.peer not in alice.members()
    alice.names("without Carol")
    assert shown(alice, carol) == [beside.id]


def test_several_that_work_together_are_found_one_by_one():
    alice = Replica.founded_by(1)
    bob, dave, carol, eve = (alice.joined_by(number, Role.ADMIN) for number in (2, 3, 4, 5))
    for one in (bob, dave, eve):
        one.hears(alice)
    first, unrelated, second = alice.removes(carol), eve.names("beside"), bob.removes(eve)
    carol.hears(alice)
    carol.known.pop(first.id)
    alice.hears(bob, eve)
    assert shown(alice, carol) == [first.id]
    assert {unrelated.id, second.id}.isdisjoint(shown(alice, carol))


@pytest.mark.parametrize("most", [0, 8])
def test_what_would_take_long_to_find_is_all_that_came_until_then(most, monkeypatch):
    monkeypatch.setattr(groupproof, "MAX_ROUNDS", most)
    alice = Replica.founded_by(1)
    bob = alice.joined_by(2)
    before, removal, after = alice.names("one"), alice.removes(bob), alice.names("two")
    ids = shown(alice, bob)
    assert bob.peer not in sees(alice, bob, ids)
    assert after.id not in ids
    assert ids == ([before.id, removal.id] if most == 0 else [removal.id])


def test_who_has_nothing_at_all_needs_no_proof():
    alice = Replica.founded_by(1)
    bob = alice.joined_by(2)
    alice.removes(bob)
    bob.known.clear()
    assert shown(alice, bob) == []

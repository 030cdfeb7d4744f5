"""Membership: whoever holds the same events sees the same members, and no junior rules a senior."""

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.protocol import groupacts, groupevent, membership
from engine.protocol.groupacts import Role
from engine.protocol.groupevent import BadEvent
from tests.helpers import person
from tests.protocol.groups import Replica

MEMBER, ADMIN = Role.MEMBER, Role.ADMIN


@pytest.fixture
def alice():
    return Replica.founded_by(1)


def together(*replicas):
    """Everybody hears everything; what they all see."""
    for one in replicas:
        one.hears(*replicas)
    views = [one.view() for one in replicas]
    assert all(view == views[0] for view in views)
    return views[0]


def peers(*replicas):
    return {one.peer for one in replicas}


def test_a_group_begins_with_its_creator_alone(alice):
    view = alice.view()
    assert set(view.members) == {alice.peer}
    assert (view.creator, view.name, view.is_admin(alice.peer)) == (alice.peer, "Friends", True)


def test_without_its_first_event_there_is_no_group(alice):
    bob = alice.joined_by(2)
    del bob.known[next(iter(alice.known))]
    with pytest.raises(BadEvent):
        bob.view()


def test_who_is_added_is_a_member_and_who_is_removed_is_not(alice):
    bob = alice.joined_by(2)
    assert alice.members() == peers(alice, bob)
    alice.removes(bob)
    assert alice.members() == peers(alice)
    alice.adds(bob)
    assert alice.members() == peers(alice, bob)


def test_a_member_who_is_no_admin_changes_nothing(alice):
    bob, carol = alice.joined_by(2), Replica(person(3))
    bob.adds(carol)
    bob.names("Bob's")
    bob.gives(bob, ADMIN)
    view = together(alice, bob)
    assert set(view.members) == peers(alice, bob)
    assert view.name == "Friends"
    assert not view.is_admin(bob.peer)


def test_an_admin_adds_removes_and_names(alice):
    bob = alice.joined_by(2, ADMIN)
    carol = bob.joined_by(3)
    dewi = bob.joined_by(4)
    bob.removes(dewi)
    bob.names("Kelas B")
    view = together(alice, bob)
    assert set(view.members) == peers(alice, bob, carol)
    assert view.name == "Kelas B"
    assert view.members[carol.peer].added_by == bob.peer


def test_no_junior_removes_or_demotes_a_senior(alice):
    bob = alice.joined_by(2, ADMIN)
    carol = bob.joined_by(3, ADMIN)
    for senior in (alice, bob):
        carol.removes(senior)
        carol.gives(senior, MEMBER)
    view = together(alice, bob, carol)
    assert set(view.members) == peers(alice, bob, carol)
    assert view.is_admin(bob.peer)


def test_of_two_who_remove_each_other_the_senior_stays(alice):
    bob = alice.joined_by(2, ADMIN)
    carol = alice.joined_by(3, ADMIN)
    bob.hears(alice)
    bob.removes(carol)
    carol.removes(bob)
    assert set(together(alice, bob, carol).members) == peers(alice, bob)


def test_the_creator_and_an_admin_remove_each_other_and_the_creator_stays(alice):
    bob = alice.joined_by(2, ADMIN)
    alice.removes(bob)
    bob.removes(alice)
    assert set(together(alice, bob).members) == peers(alice)


def test_what_somebody_does_beside_their_removal_does_not_count(alice):
    bob = alice.joined_by(2, ADMIN)
    carol = bob.joined_by(3)  # before: counts
    alice.hears(bob)
    alice.removes(bob)
    dewi = bob.joined_by(4)  # beside it: does not
    view = together(alice, bob, carol, dewi)
    assert set(view.members) == peers(alice, carol)


def test_what_somebody_did_before_their_removal_counts_on(alice):
    bob = alice.joined_by(2, ADMIN)
    carol = bob.joined_by(3)
    alice.hears(bob)
    alice.removes(bob)
    assert alice.members() == peers(alice, carol)


def test_events_dated_back_before_a_removal_change_nothing(alice):
    bob = alice.joined_by(2, ADMIN)
    early = list(bob.known.values())
    alice.hears(bob)
    alice.removes(bob)
    bob.hears(alice)
    puppet = Replica(person(5))
    body = groupacts.add_body(groupacts.Add(puppet.peer, ADMIN, "", (), history=True))
    bob.act(groupevent.ADD, body, past=early)
    bob.act(groupevent.REMOVE, groupacts.remove_body(alice.peer), past=early)
    assert set(together(alice, bob).members) == peers(alice)


def test_an_admin_who_is_demoted_beside_an_act_did_not_do_it(alice):
    bob = alice.joined_by(2, ADMIN)
    alice.gives(bob, MEMBER)
    carol = bob.joined_by(3)
    view = together(alice, bob, carol)
    assert set(view.members) == peers(alice, bob)
    assert not view.is_admin(bob.peer)


def test_of_two_roles_given_at_once_the_lesser_counts(alice):
    bob = alice.joined_by(2, ADMIN)
    carol = alice.joined_by(3)
    bob.hears(alice)
    alice.gives(carol, MEMBER)
    bob.gives(carol, ADMIN)
    view = together(alice, bob, carol)
    assert not view.is_admin(carol.peer)
    alice.gives(carol, ADMIN)
    assert together(alice, bob, carol).is_admin(carol.peer)


def test_of_two_names_given_at_once_all_see_the_same(alice):
    bob = alice.joined_by(2, ADMIN)
    one, other = alice.names("one"), bob.names("other")
    last = max((one, other), key=lambda event: event.order)
    assert together(alice, bob).name == ("one" if last is one else "other")


def test_who_leaves_is_gone_and_may_be_called_back(alice):
    bob = alice.joined_by(2)
    bob.leaves()
    assert set(together(alice, bob).members) == peers(alice)
    alice.adds(bob)
    assert set(together(alice, bob).members) == peers(alice, bob)


def test_a_creator_who_left_acts_no_more_and_the_group_lives(alice):
    bob = alice.joined_by(2, ADMIN)
    alice.leaves()
    alice.names("still mine")
    carol = bob.joined_by(3)
    view = together(alice, bob)
    assert set(view.members) == peers(bob, carol)
    assert view.name == "Friends"


def test_somebody_added_by_two_at_once_is_as_senior_as_the_better_of_them_says(alice):
    dewi = alice.joined_by(4, ADMIN)
    bob = alice.joined_by(2, ADMIN)
    carol = Replica(person(3))
    bob.adds(carol, ADMIN)
    carol.hears(bob)
    carol.names("by Bob's word")  # before she hears that Dewi, who is senior to him, added her too
    dewi.adds(carol, ADMIN)
    view = together(alice, bob, carol, dewi)
    assert view.members[carol.peer].added_by == dewi.peer
    assert view.members[carol.peer].seniority < view.members[bob.peer].seniority
    assert view.name == "Friends"  # nor was it hers to name a group on the word of a junior
    bob.removes(carol)
    carol.names("Carol's")
    assert together(alice, bob, carol, dewi).name == "Carol's"


def test_a_removed_member_is_a_member_again_only_by_an_add_that_knows_of_the_removal(alice):
    bob = alice.joined_by(2, ADMIN)
    carol = alice.joined_by(3)
    bob.hears(alice)
    alice.removes(carol)
    bob.adds(carol)  # beside it: it does not know
    assert set(together(alice, bob, carol).members) == peers(alice, bob)
    bob.adds(carol)
    assert set(together(alice, bob, carol).members) == peers(alice, bob, carol)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (groupevent.ADD, b""),
        (groupevent.ADD, b"\x91\xc0"),
        (groupevent.REMOVE, b"\x91\xc4\x01x"),
        (groupevent.ROLE, groupacts.role_body(person(2).peer, MEMBER)[:-1] + b"\x07"),
        (groupevent.META, b"\xc1"),
        (9, b"\x90"),
    ],
)
def test_what_cannot_be_read_counts_for_nothing(alice, kind, body):
    bob = alice.joined_by(2)
    event = alice.act(kind, body)
    view = together(alice, bob)
    assert set(view.members) == peers(alice, bob)
    assert event.id not in view.valid


# -- any history


def a_history(rng, steps):
    """Up to six people, who do what they like and hear of each other now and then."""
    people = [Replica.founded_by(1)]
    people += [Replica(person(number)) for number in range(2, 7)]
    for other in people[1:]:
        other.hears(people[0])
    for _ in range(steps):
        actor, target = rng.sample(people, 2)
        match rng.randrange(10):
            case 0 | 1 | 2:
                actor.adds(target, rng.choice((MEMBER, ADMIN, ADMIN)))
            case 3:
                actor.removes(target)
            case 4:
                actor.gives(target, rng.choice((MEMBER, ADMIN)))
            case 5 if rng.random() < 0.3:
                actor.leaves()
            case 6:
                actor.names(f"name {rng.randrange(9)}")
            case 7:  # dated back: only some of what they know
                known = sorted(actor.known.values(), key=lambda event: event.order)
                past = [known[0], *(one for one in known[1:] if rng.random() < 0.5)]
                body = groupacts.remove_body(target.peer)
                actor.act(groupevent.REMOVE, body, past=past)
            case _:
                actor.hears(target)
    return people


def test_somebody_removed_gains_nothing_by_adding_themselves(alice):
    bob, carol = alice.joined_by(2, ADMIN), alice.joined_by(3)
    alice.hears(carol)
    alice.removes(bob)
    bob.hears(alice)
    bob.adds(bob, ADMIN)  # void; and no reason for what he does on top of it
    puppet = bob.joined_by(4, ADMIN)
    bob.removes(carol)
    puppet.hears(bob)
    puppet.removes(carol)
    assert set(together(alice, bob, carol, puppet).members) == peers(alice, carol)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_any_order_of_the_same_events_gives_the_same_members(seed, steps):
    rng = random.Random(seed)
    people = a_history(rng, steps)
    people[0].hears(*people)
    events = list(people[0].known.values())
    view = membership.resolve(events)
    for _ in range(3):
        rng.shuffle(events)
        assert membership.resolve(events) == view


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_no_act_that_counts_is_a_juniors_or_beside_its_authors_removal(seed, steps):
    rng = random.Random(seed)
    people = a_history(rng, steps)
    people[0].hears(*people)
    events = {event.id: event for event in people[0].known.values()}
    view = membership.resolve(events.values())
    pasts = {}
    for event in sorted(events.values(), key=lambda one: one.order):
        pasts[event.id] = set(event.auth).union(*(pasts[one] for one in event.auth))
    says = {event.id: groupacts.meaning(event) for event in events.values()}
    rank = {peer: one.seniority for peer, one in view.members.items()}
    removals = [events[one] for one in view.valid if events[one].type == groupevent.REMOVE]
    for removal in removals:
        [target] = says[removal.id]
        assert target != view.creator
        if removal.author in rank and target in rank:
            assert rank[removal.author] < rank[target]
        for act in view.valid:
            if events[act].author == target and events[act].type != groupevent.LEAVE:
                assert act in pasts[removal.id] or removal.id in pasts[act]
    assert not any(
        events[act].type == groupevent.REMOVE and says[act] == [view.creator] for act in view.valid
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_removed_member_can_change_nothing_any_more(seed):
    """Whatever they sign, whatever past they claim, with whatever puppets."""
    rng = random.Random(seed)
    people = a_history(rng, 25)
    alice, *others = people
    alice.hears(*others)
    for other in others:
        alice.removes(other)
    before = alice.view()
    assume(alice.peer in before.members)  # else her removals are no more than words
    known = sorted(alice.known.values(), key=lambda event: event.order)
    for _ in range(12):
        rogue, target = rng.choice(others), rng.choice(people)
        rogue.hears(alice)
        past = [known[0], *(one for one in known[1:] if rng.random() < 0.7)]
        body = rng.choice(
            [
                (groupevent.REMOVE, groupacts.remove_body(target.peer)),
                (groupevent.META, groupacts.name_body("mine now")),
                (
                    groupevent.ADD,
                    groupacts.add_body(groupacts.Add(target.peer, ADMIN, "", (), history=True)),
                ),
                (groupevent.ROLE, groupacts.role_body(target.peer, ADMIN)),
            ]
        )
        rogue.act(*body, past=past)
        alice.hears(rogue)
    after = alice.view()
    assert set(after.members) == set(before.members) == {alice.peer}
    assert after.name == before.name

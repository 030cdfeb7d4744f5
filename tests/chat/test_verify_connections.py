"""A verification lives on one connection: what becomes of it when that is lost, or replaced."""

import random

import pytest

from engine.chat.errors import Refused
from engine.protocol.sas_records import Outcome, SasEnd
from tests.chat.comparing import (
    Verifier,
    carry,
    connect,
    cut,
    refusal,
    settle,
    two_comparing,
    two_linked,
)


@pytest.fixture
def linked():
    return two_linked()


@pytest.fixture
def comparing():
    return two_comparing()


@pytest.mark.parametrize("carried", range(4))
def test_a_lost_connection_cancels_the_run_at_every_step(linked, carried):
    alice, bob, link = linked
    alice.verification.start(bob.me)
    for turn in range(carried):
        carry(link.other if turn == 1 else link)
    cut(link)
    assert alice.states[-1] == "cancelled"
    assert bob.states[-1:] == ["cancelled"] * (carried > 0)
    assert {one.events[-1].reason for one in (alice, bob) if one.events} == {"connection_lost"}
    assert refusal(alice.verification.same, bob.me) == "not_found"
    assert alice.verification.unfinished() == bob.verification.unfinished() == []
    new = connect(alice, bob, b"i" * 32)
    bob.verification.start(alice.me)
    settle(new)
    assert alice.states[-1] == bob.states[-1] == "compare"
    assert alice.emoji == bob.emoji


def test_a_cut_connection_takes_back_neither_same_nor_different(comparing):
    alice, bob, link = comparing
    alice.verification.same(bob.me)
    cut(link)
    assert alice.states[-1] == "verified"
    assert bob.states[-1] == "cancelled"
    bob.verification.different(alice.me)
    assert bob.states[-1] == "different"
    assert "different" in bob.did
    alice.verification.different(bob.me)
    assert alice.states[-1] == "different"


def test_a_run_begins_on_the_link_there_is_now(linked):
    """Emoji of two connections would differ, and nobody would be in between."""
    alice, bob, link = linked
    alice.verification.start(bob.me)
    new = connect(alice, bob, b"i" * 32)
    alice.verification.start(bob.me)
    settle(link)
    settle(new)
    assert alice.states == ["waiting", "cancelled", "waiting", "compare"]
    assert alice.emoji == bob.emoji
    cut(link)
    assert alice.states[-1] == bob.states[-1] == "compare"
    alice.verification.same(bob.me)
    assert alice.states[-1] == "verified"


def test_a_run_on_another_connection_than_the_one_in_use_is_declined(comparing):
    alice, bob, link = comparing
    second = connect(alice, bob, b"i" * 32)
    bob.links[alice.me] = link.other  # to Bob the first one is still the link
    alice.verification.start(bob.me)
    [start] = second.wire
    carry(second)
    assert list(second.other.wire) == [SasEnd(start.commit, Outcome.CANCELLED)]
    settle(second)
    settle(link)
    assert alice.states[-1] == bob.states[-1] == "cancelled"


def test_a_run_on_a_connection_that_was_replaced_makes_way(comparing):
    alice, bob, link = comparing
    new = connect(alice, bob, b"i" * 32)
    alice.verification.start(bob.me)
    settle(new)  # before Bob hears that the run on the older one is over
    assert alice.states[2:] == bob.states[2:] == ["cancelled", "waiting", "compare"]
    settle(link)
    assert alice.states[-1] == bob.states[-1] == "compare"
    assert alice.emoji == bob.emoji


def test_different_is_heard_on_an_older_connection_too(comparing):
    alice, bob, link = comparing
    alice.verification.same(bob.me)
    new = connect(alice, bob, b"i" * 32)
    alice.verification.start(bob.me)
    bob.verification.different(alice.me)
    carry(link.other)
    assert alice.states[-1] == "different"
    cut(new)
    cut(link)
    assert alice.states[-1] == "different"
    assert alice.did.count("different") == bob.did.count("different") == 1


def test_nothing_is_held_of_connections_that_are_over():
    alice, bob = Verifier(1), Verifier(2)
    for number in range(5):
        link = connect(alice, bob, number.to_bytes(32))
        alice.verification.start(bob.me)
        settle(link)
        cut(link)
    for one in (alice, bob):
        assert one.verification._machines == {}
        assert len(one.verification._runs) == 1


def test_somebody_forgotten_leaves_nothing(comparing):
    alice, bob, link = comparing
    alice.verification.forget(bob.me)
    settle(link)
    assert bob.hear()[-1].reason == "by_them"
    assert alice.verification.shown(bob.me) is None
    bob.verification.different(alice.me)
    settle(link)
    assert "different" not in alice.did
    cut(link)


def test_whatever_happens_two_who_compare_on_one_connection_see_the_same():
    chance = random.Random(1)
    compared = 0
    for _ in range(150):
        alice, bob = Verifier(1), Verifier(2)
        ends, number = [], 0
        for _ in range(60):
            one, other = chance.sample([alice, bob], 2)
            act = chance.randrange(9)
            try:
                match act:
                    case 0 if len(ends) < 3:
                        number += 1
                        ends.append(connect(alice, bob, number.to_bytes(32)))
                        if chance.random() < 0.3:  # they do not agree yet which one is the link
                            one.links[other.me] = chance.choice(one.ends)
                    case 1 if ends and chance.random() < 0.2:
                        cut(ends.pop(chance.randrange(len(ends))))
                    case 2 | 3:
                        one.verification.start(other.me)
                    case 4 if chance.random() < 0.3:
                        one.verification.cancel(other.me)
                    case 5 if chance.random() < 0.3:
                        one.verification.same(other.me)
                    case _ if ends:
                        end = chance.choice(ends)
                        carry(chance.choice([end, end.other]), most=3)
            except Refused:
                continue
            one.now = other.now = one.now + 5
            here, there = alice.verification._runs.get(bob.me), bob.verification._runs.get(alice.me)
            if here is None or there is None or here.connection.other is not there.connection:
                continue
            if here.shown.state == there.shown.state == "compare":
                compared += 1
                assert here.shown.emoji == there.shown.emoji
        for end in ends:
            settle(end)
            assert all(
                one.verification.unfinished() in ([], one.hear()[-1:]) for one in (alice, bob)
            )
            cut(end)
        assert alice.verification.unfinished() == bob.verification.unfinished() == []
    assert compared > 100

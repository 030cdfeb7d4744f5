"""Verifying somebody: what the person sees, what is kept, and on which connection it happens."""

import json
import logging

import pytest

from engine.chat import verify
from engine.chat.verify import MAX_HEARD, MAX_STARTED, STARTS_EVERY, TooManyRuns
from engine.protocol.sas import BrokenCommitment
from engine.protocol.sas_emoji import EMOJI
from engine.protocol.sas_records import Outcome, SasAnswer, SasEnd, SasReveal, SasStart
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


class DiskFull(Exception):
    pass


@pytest.fixture
def linked():
    return two_linked()


@pytest.fixture
def comparing():
    return two_comparing()


def fail(_peer):
    raise DiskFull


# -- a run


def test_both_see_the_same_seven_and_who_began(comparing):
    alice, bob, _link = comparing
    assert alice.emoji == bob.emoji
    assert len(alice.emoji) == 7
    assert [event.started_by_me for event in alice.events] == [True, True]
    assert [event.started_by_me for event in bob.events] == [False, False]
    assert alice.verification.shown(bob.me) == alice.events[-1]
    assert alice.did == ["told waiting", "told compare"], "nothing is kept of a run"


def test_an_event_is_what_the_page_needs(comparing):
    alice, bob, _link = comparing
    told = json.loads(json.dumps(alice.events[-1].as_json()))
    assert told == {
        "type": "sas.changed",
        "person": bob.me.address,
        "state": "compare",
        "emoji": [
            {"number": number, "emoji": EMOJI[number].character, "name": EMOJI[number].name}
            for number in alice.emoji
        ],
        "started_by_me": True,
        "reason": "",
    }
    assert alice.events[0].as_json()["emoji"] == []


def test_my_same_verifies_on_my_side_alone(comparing):
    alice, bob, link = comparing
    alice.verification.same(bob.me)
    alice.hear()
    assert alice.did[2:] == ["told same_said", "verified", "told verified"]
    settle(link)
    assert bob.states == ["waiting", "compare"]
    bob.verification.cancel(alice.me)
    settle(link)
    assert alice.states[-1] == "verified"


def test_different_turns_both_red_and_is_kept_before_it_is_told(comparing):
    alice, bob, link = comparing
    alice.verification.different(bob.me)
    settle(link)
    for one, reason in ((alice, "by_me"), (bob, "by_them")):
        one.hear()
        assert one.did[2:] == ["different", "told different", "drop"]
        assert one.events[-1].reason == reason
        assert len(one.events[-1].emoji) == 7
    cut(link)
    assert alice.states[-1] == bob.states[-1] == "different"


def test_different_counts_after_both_said_same(comparing):
    alice, bob, link = comparing
    alice.verification.same(bob.me)
    bob.verification.same(alice.me)
    bob.verification.different(alice.me)
    settle(link)
    for one in (alice, bob):
        assert one.states[-2:] == ["verified", "different"]
        assert one.did[-3:] == ["different", "told different", "drop"]


def test_cancel_ends_it_on_both_sides(comparing):
    alice, bob, link = comparing
    alice.verification.cancel(bob.me)
    alice.verification.cancel(bob.me)
    settle(link)
    assert [event.reason for event in (alice.hear()[-1], bob.hear()[-1])] == ["by_me", "by_them"]
    assert alice.states == bob.states == ["waiting", "compare", "cancelled"]
    alice.verification.start(bob.me)
    settle(link)
    assert alice.states[-1] == bob.states[-1] == "compare"
    assert alice.emoji == bob.emoji
    assert alice.events[-1].reason == ""


def test_both_may_begin_at_once(linked):
    alice, bob, link = linked
    alice.verification.start(bob.me)
    bob.verification.start(alice.me)
    settle(link)
    assert alice.states[-1] == bob.states[-1] == "compare"
    assert alice.emoji == bob.emoji


def test_beginning_again_while_it_runs_shows_what_there_is(comparing):
    alice, bob, link = comparing
    assert alice.verification.start(bob.me) == alice.events[-1]
    assert bob.verification.start(alice.me) == bob.events[-1]
    assert not link.wire
    assert alice.states == ["waiting", "compare"]


def test_a_page_that_opens_now_is_shown_what_is_not_over(comparing):
    alice, bob, _link = comparing
    assert alice.verification.unfinished() == [alice.events[-1]]
    alice.verification.same(bob.me)
    assert alice.verification.unfinished() == []
    assert alice.verification.shown(bob.me).state == "verified"
    assert alice.verification.shown(alice.me) is None


# -- what is declined


def test_only_a_contact_who_is_connected_can_be_verified():
    alice, bob = Verifier(1), Verifier(2)
    assert refusal(alice.verification.start, bob.me) == "not_connected"
    link = connect(alice, bob)
    link.is_open = False
    assert refusal(alice.verification.start, bob.me) == "not_connected"
    link.is_open = True
    alice.strangers.add(bob.me)
    assert refusal(alice.verification.start, bob.me) == "not_contact"
    assert alice.hear() == []


def test_there_must_be_something_to_compare(linked):
    alice, bob, link = linked
    for _ in range(2):
        assert refusal(alice.verification.same, bob.me) == "not_found"
        assert refusal(alice.verification.different, bob.me) == "not_found"
        alice.verification.cancel(bob.me)
        alice.verification.start(bob.me)
    settle(link)
    alice.verification.same(bob.me)
    assert refusal(alice.verification.same, bob.me) == "not_found"
    assert alice.did.count("verified") == 1


def test_nobody_but_a_contact_is_answered(linked):
    alice, bob, link = linked
    bob.strangers.add(alice.me)
    alice.verification.start(bob.me)
    settle(link)
    assert bob.hear() == []
    assert not link.other.wire
    assert alice.states == ["waiting"]


def test_records_that_nothing_was_begun_for_change_nothing(linked):
    alice, _bob, link = linked
    for record in (
        SasAnswer(b"c" * 32, b"n" * 32),
        SasReveal(b"n" * 32, b"n" * 32),
        SasEnd(b"c" * 32, Outcome.CANCELLED),
        SasEnd(b"c" * 32, Outcome.DIFFERENT),
    ):
        alice.verification.heard(link, record)
    assert alice.hear() == []
    assert alice.did == []
    assert not link.wire


def test_nobody_begins_without_end(linked):
    alice, bob, link = linked
    for _ in range(MAX_STARTED):
        alice.verification.start(bob.me)
        alice.verification.cancel(bob.me)
    assert refusal(alice.verification.start, bob.me) == "too_many"
    settle(link)
    alice.now += STARTS_EVERY
    alice.verification.start(bob.me)
    settle(link)
    assert alice.states[-1] == "compare"


def test_who_begins_more_often_than_a_person_can_is_hung_up_on_wherever_they_do():
    """Each run is a guess for whoever sits between; new connections do not buy new guesses."""
    alice, bob = Verifier(1), Verifier(2)
    for number in range(MAX_HEARD):
        link = connect(alice, bob, number.to_bytes(32))
        bob.verification.heard(link.other, SasStart(number.to_bytes(32)))
        cut(link)
    link = connect(alice, bob)
    with pytest.raises(TooManyRuns):
        bob.verification.heard(link.other, SasStart(b"c" * 32))
    assert not link.other.wire
    bob.now += STARTS_EVERY
    bob.verification.heard(link.other, SasStart(b"c" * 32))
    assert len(link.other.wire) == 1


def test_a_broken_promise_is_told_and_ends_the_connection(linked):
    alice, bob, link = linked
    alice.verification.start(bob.me)
    carry(link)
    [answer] = link.other.wire
    with pytest.raises(BrokenCommitment):
        bob.verification.heard(link.other, SasReveal(answer.nonce, b"another".ljust(32)))
    cut(link)
    assert bob.states == ["waiting", "cancelled"]
    assert bob.events[-1].reason == "broken_commitment"


# -- what is kept may fail, and takes its time


def test_same_that_cannot_be_kept_is_not_shown_as_verified(comparing):
    alice, bob, _link = comparing
    alice.on_verified = fail
    with pytest.raises(DiskFull):
        alice.verification.same(bob.me)
    assert alice.states[2:] == ["same_said", "cancelled"]
    assert alice.events[-1].reason == "not_stored"


@pytest.mark.parametrize("talker", ["alice", "bob"])
def test_different_that_cannot_be_kept_is_red_all_the_same(comparing, talker):
    alice, bob, link = comparing
    alice.on_different = fail
    if talker == "bob":
        bob.verification.different(alice.me)
    with pytest.raises(DiskFull):
        settle(link) if talker == "bob" else alice.verification.different(bob.me)
    settle(link)
    assert alice.states[-1] == bob.states[-1] == "different"
    assert "drop" in alice.did


def test_different_that_comes_while_same_is_being_kept_has_the_last_word(comparing):
    alice, bob, link = comparing

    def keep_slowly(_peer):
        alice.note("verified")
        bob.verification.different(alice.me)
        settle(link)

    alice.on_verified = keep_slowly
    alice.verification.same(bob.me)
    assert alice.states[2:] == ["same_said", "different"]
    assert [one for one in alice.did if one in ("verified", "different")] == [
        "verified",
        "different",
    ]


def test_a_connection_lost_while_same_is_being_kept_changes_nothing(comparing):
    alice, bob, link = comparing
    alice.on_verified = lambda _peer: cut(link)
    alice.verification.same(bob.me)
    assert alice.states[-1] == "verified"


# -- what gets out


def test_neither_emoji_nor_nonces_reach_the_log(linked, caplog):
    alice, bob, link = linked
    caplog.set_level(logging.DEBUG)
    nonces = []
    for one in (alice, bob):
        one.chance = lambda size: nonces.append(bytes([len(nonces) + 65]) * size) or nonces[-1]
    alice.verification.start(bob.me)
    settle(link)
    alice.verification.same(bob.me)
    bob.verification.different(alice.me)
    settle(link)
    assert caplog.text.count(verify.__name__.rpartition(".")[2])
    assert len(nonces) == 2
    for nonce in nonces:
        assert nonce.hex() not in caplog.text
        assert nonce.decode() not in caplog.text
    for number in alice.emoji:
        assert EMOJI[number].name not in caplog.text
        assert EMOJI[number].character not in caplog.text

"""The seven emoji: the same for two people, and a defined end to everything that can happen."""

import pytest

from engine.protocol import sas
from engine.protocol.errors import LocalProtocolError, RemoteProtocolError
from engine.protocol.sas import Begun, BrokenCommitment, Cancelled, Derived, Differed, Reason, State
from engine.protocol.sas_records import Outcome, SasAnswer, SasEnd, SasReveal, SasStart
from tests.protocol.sas_pair import HASH, LARGE, SMALL, Pair, Side, compared

BY_ME, BY_THEM = [Cancelled(Reason.BY_ME)], [Cancelled(Reason.BY_THEM)]


# -- a run


@pytest.mark.parametrize("starter", ["small", "large"])
def test_either_side_may_begin_and_both_see_the_same_seven(starter):
    pair = Pair()
    one = getattr(pair, starter)
    two = pair.other(one)
    assert one.start() == [Begun(by_me=True)]
    assert pair.carry(one) == [Begun(by_me=False)]
    [shown_here] = pair.carry(two)
    [shown_there] = pair.carry(one)
    assert shown_here == shown_there
    assert len(shown_here.numbers) == 7
    assert all(0 <= number < 64 for number in shown_here.numbers)
    assert one.sas.state is two.sas.state is State.COMPARING
    assert not one.wire
    assert not two.wire


def test_the_commit_shows_nothing_and_the_nonce_goes_out_only_after_the_answer():
    pair = Pair()
    pair.small.start()
    nonce = bytes(pair.small.sas._run.nonce)
    [start] = pair.small.wire
    assert nonce not in start.commit
    pair.carry(pair.small)
    [answer] = pair.large.wire
    pair.carry(pair.large)
    [reveal] = pair.small.wire
    assert reveal == SasReveal(answer.nonce, nonce)


def test_when_both_begin_at_once_the_smaller_key_leads():
    pair = Pair()
    pair.small.start()
    pair.large.start()
    assert pair.carry(pair.large) == [], "the smaller key goes on with its own"
    assert pair.carry(pair.small) == [Begun(by_me=False)]
    pair.settle()
    assert pair.small.events[-1] == pair.large.events[-1] == Derived(pair.small.numbers)
    assert pair.small.events[0] == Begun(by_me=True)


def test_the_smaller_key_hears_of_a_run_the_larger_gave_up_and_stays():
    pair = Pair()
    pair.small.start()
    pair.large.start()
    pair.carry(pair.small)
    assert [type(record) for record in pair.large.wire] == [SasStart, SasEnd, SasAnswer]
    for _ in range(2):
        assert pair.carry(pair.large) == []
    assert isinstance(pair.carry(pair.large)[0], Derived)


def test_each_run_has_emoji_of_its_own():
    pair = compared()
    first = pair.small.numbers
    pair.small.cancel()
    pair.settle()
    pair.large.start()
    pair.settle()
    assert pair.small.numbers == pair.large.numbers != first


def test_beginning_twice_is_beginning_once():
    pair = Pair()
    pair.small.start()
    assert pair.small.start() == []
    pair.settle()
    for side in (pair.small, pair.large):
        assert side.start() == []
        assert not side.wire
        assert side.sas.state is State.COMPARING


# -- what people say


def test_same_ends_it_here_and_nothing_is_said_of_it():
    pair = compared()
    pair.small.sas.same()
    assert not pair.small.sas.records_to_send()
    assert pair.small.sas.state is State.IDLE
    assert pair.large.sas.state is State.COMPARING
    pair.large.cancel()
    assert pair.carry(pair.large) == [], "mine counts for me"


@pytest.mark.parametrize("step", ["nothing", "waiting", "cancelled", "same", "different", "lost"])
def test_same_can_only_be_said_while_there_is_something_to_compare(step):
    pair = Pair()
    side = pair.small
    if step != "nothing":
        side.start()
    if step not in ("nothing", "waiting"):
        pair.settle()
        acts = {"same": side.sas.same, "lost": side.sas.connection_lost, "cancelled": side.cancel}
        acts.get(step, side.different)()
    with pytest.raises(LocalProtocolError):
        side.sas.same()


@pytest.mark.parametrize("who", ["small", "large"])
def test_different_turns_both_red_for_good(who):
    pair = compared()
    one = getattr(pair, who)
    two = pair.other(one)
    assert one.different() == [Differed(by_me=True)]
    assert pair.carry(one) == [Differed(by_me=False)]
    for side in (one, two):
        assert side.sas.state is State.DIFFERENT
        assert side.different() == side.start() == side.cancel() == []
        assert side.hear(SasStart(b"c" * 32)) == []
        assert side.sas.connection_lost() == []
        assert not side.wire
        assert side.sas.state is State.DIFFERENT


def test_different_counts_after_either_said_same_and_when_both_say_it_at_once():
    for talker in ("small", "large"):
        pair = compared()
        pair.small.sas.same()
        pair.large.sas.same()
        assert getattr(pair, talker).different() == [Differed(by_me=True)]
        pair.settle()
        assert pair.small.sas.state is pair.large.sas.state is State.DIFFERENT
    pair = compared()
    pair.small.different()
    pair.large.different()
    pair.settle()
    assert pair.small.events[-1] == pair.large.events[-1] == Differed(by_me=True)


def test_different_of_a_run_that_is_over_counts_even_within_the_next():
    pair = compared()
    pair.small.sas.same()
    pair.small.start()  # while the other still looks at the first emoji
    assert pair.large.different() == [Differed(by_me=True)]
    assert pair.carry(pair.large) == [Differed(by_me=False)]
    pair.settle()
    assert pair.small.sas.state is pair.large.sas.state is State.DIFFERENT


def test_different_can_be_said_when_the_connection_is_gone():
    """Who sits in the middle must not get away by pulling the cable."""
    pair = compared()
    assert pair.small.sas.connection_lost() == [Cancelled(Reason.CONNECTION_LOST)]
    assert pair.small.different() == [Differed(by_me=True)]


def test_different_means_nothing_where_no_emoji_were_ever_shown():
    pair = Pair()
    for _ in range(2):
        with pytest.raises(LocalProtocolError):
            pair.small.different()
        assert pair.small.hear(SasEnd(b"c" * 32, Outcome.DIFFERENT)) == []
        pair.small.start()


def test_a_run_that_is_called_different_before_it_had_emoji_is_cancelled():
    pair = Pair()
    pair.small.start()
    [start] = pair.small.wire
    assert pair.small.hear(SasEnd(start.commit, Outcome.DIFFERENT)) == BY_THEM


# -- ends before the end


@pytest.mark.parametrize("carried", range(4))
@pytest.mark.parametrize("who", ["small", "large"])
def test_cancelling_at_every_step_ends_it_on_both_sides(carried, who):
    pair = Pair()
    pair.small.start()
    for turn in range(carried):
        pair.carry(pair.large if turn == 1 else pair.small)
    one = getattr(pair, who)
    two = pair.other(one)
    if (carried, who) == (0, "large"):
        assert one.cancel() == [], "nothing began there yet"
        return
    assert one.cancel() == BY_ME
    assert one.cancel() == []
    pair.settle()
    assert pair.small.sas.state is pair.large.sas.state is State.IDLE
    assert two.events[-1:] == BY_THEM


@pytest.mark.parametrize("carried", range(4))
def test_a_lost_connection_at_every_step_ends_it_on_both_sides(carried):
    pair = Pair()
    pair.small.start()
    for turn in range(carried):
        pair.carry(pair.large if turn == 1 else pair.small)
    for side in (pair.small, pair.large):
        ran = side.sas.is_running
        assert side.sas.connection_lost() == [Cancelled(Reason.CONNECTION_LOST)] * ran
        assert side.sas.connection_lost() == []
        assert side.sas.records_to_send() == []
        assert side.sas.state is State.IDLE


def test_records_of_a_run_that_was_cancelled_do_not_spoil_the_next():
    """An ANSWER that is late would else be taken for the answer to the next START."""
    pair = Pair()
    pair.small.start()
    pair.carry(pair.small)
    pair.small.cancel()
    pair.small.start()
    pair.settle()
    assert pair.small.sas.state is pair.large.sas.state is State.COMPARING
    assert pair.small.numbers == pair.large.numbers


def test_a_run_begun_anew_by_the_other_side_takes_the_place_of_the_old():
    pair = compared()
    pair.small.sas.same()
    assert pair.small.start() == [Begun(by_me=True)]
    assert pair.carry(pair.small) == [Begun(by_me=False)]
    pair.settle()
    assert pair.small.numbers == pair.large.numbers
    assert pair.large.events.count(pair.large.events[-1]) == 1


def test_late_repeated_and_unexpected_records_are_passed_over():
    pair = Pair()
    seen = {pair.small: [], pair.large: []}
    pair.small.start()
    for side in (pair.small, pair.large, pair.small):
        seen[pair.other(side)].append(side.wire[0])
        pair.carry(side)
    stray = [
        SasAnswer(b"c" * 32, b"n" * 32),
        SasReveal(b"a" * 32, b"n" * 32),
        SasEnd(b"c" * 32, Outcome.CANCELLED),
    ]
    for side, records in seen.items():
        before = side.numbers
        for record in [*records, *stray]:
            assert side.hear(record) == []
        assert not side.wire
        assert side.sas.state is State.COMPARING
        assert side.numbers == before


def test_a_reveal_of_an_earlier_answer_is_passed_over_and_the_true_one_still_counts():
    pair = Pair()
    pair.small.start()
    pair.carry(pair.small)
    assert pair.large.hear(SasReveal(b"a" * 32, b"n" * 32)) == []
    assert pair.large.sas.state is State.WAITING
    pair.settle()
    assert pair.large.numbers == pair.small.numbers


def test_our_own_records_sent_back_to_us_are_passed_over():
    pair = Pair()
    pair.small.start()
    [start] = pair.small.wire
    assert pair.small.hear(start) == []
    pair.carry(pair.small)
    [answer] = pair.large.wire
    assert pair.large.hear(answer) == []
    pair.carry(pair.large)
    [reveal] = pair.small.wire
    assert pair.small.hear(reveal) == []
    pair.settle()
    assert pair.small.numbers == pair.large.numbers


def test_only_the_first_answer_counts():
    pair = Pair()
    pair.small.start()
    pair.carry(pair.small)
    [answer] = pair.large.wire
    pair.settle()
    first = pair.small.numbers
    assert pair.small.hear(SasAnswer(answer.commit, b"other".ljust(32))) == []
    assert not pair.small.wire
    assert pair.small.numbers == first


# -- a broken promise


def test_another_nonce_than_committed_to_ends_the_connection():
    pair = Pair()
    pair.small.start()
    pair.carry(pair.small)
    [answer] = pair.large.wire
    with pytest.raises(BrokenCommitment) as caught:
        pair.large.hear(SasReveal(answer.nonce, b"another".ljust(32)))
    assert isinstance(caught.value, RemoteProtocolError)
    assert pair.large.sas.state is State.IDLE
    assert pair.large.numbers is None
    pair.carry(pair.large)
    assert pair.carry(pair.small) == [], "the true one comes too late"


@pytest.mark.parametrize("bit", [0, 100, 255])
def test_one_bit_of_the_nonce_breaks_the_promise(bit):
    pair = Pair()
    pair.small.start()
    pair.carry(pair.small)
    pair.carry(pair.large)
    [reveal] = pair.small.wire
    nonce = bytearray(reveal.nonce)
    nonce[bit // 8] ^= 1 << bit % 8
    with pytest.raises(BrokenCommitment):
        pair.large.hear(SasReveal(reveal.answer, bytes(nonce)))


@pytest.mark.parametrize("changed", ["handshake_hash", "starter"])
def test_a_commit_made_for_another_channel_or_person_is_broken(changed):
    values = {"handshake_hash": HASH, "starter": SMALL, "nonce": b"n" * 32} | {changed: b"x" * 32}
    bob = Side(LARGE, SMALL)
    bob.hear(SasStart(sas.commitment(**values)))
    with pytest.raises(BrokenCommitment):
        bob.hear(SasReveal(bob.wire[0].nonce, b"n" * 32))


# -- what gets out


def test_no_nonce_can_be_printed():
    pair = Pair()
    pair.small.start()
    run = pair.small.sas._run
    assert bytes(run.nonce).hex() not in repr(run) + repr(vars(pair.small.sas))
    assert repr(bytes(run.nonce)) not in repr(run)

"""What becomes of a message: the same from the same acts, whatever their order, however often."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol.contents import Delete, Edit, Gone, Pin, React, Unreadable
from engine.protocol.life import UNTOUCHED, Done, live
from tests.helpers import person

AUTHOR, OTHER, THIRD = (person(number).peer for number in (1, 2, 3))
TARGET = bytes(16)


def done(content, *, by=AUTHOR, lamport=1, id_=b"a" * 16):
    return Done(by, (lamport, bytes(by), id_), lamport * 1_000, content)


def edit(text, **at):
    return done(Edit(TARGET, text), **at)


acts = st.builds(
    done,
    st.one_of(
        st.builds(Edit, st.just(TARGET), st.sampled_from(["one", "two"])),
        st.builds(React, st.just(TARGET), st.sampled_from(["👍", "🎂", ""])),
        st.builds(Pin, st.just(TARGET), st.booleans()),
        st.just(Gone(TARGET)),
        st.just(Unreadable()),
    ),
    by=st.sampled_from([AUTHOR, OTHER, THIRD]),
    lamport=st.integers(1, 4),
    id_=st.binary(min_size=16, max_size=16),
)


@given(st.lists(acts, max_size=12, unique_by=lambda act: act.order), st.randoms())
def test_the_order_of_arrival_and_repeats_change_nothing_but_edits_heard_twice(some, chance):
    shuffled = [*some]
    chance.shuffle(shuffled)
    assert live(AUTHOR, shuffled) == live(AUTHOR, some)
    others = [act for act in some if not isinstance(act.content, Edit)]
    assert live(AUTHOR, [*shuffled, *others]) == live(AUTHOR, some)


@given(st.lists(acts, max_size=8), st.integers(0, 8))
def test_a_deletion_by_the_author_ends_all_of_it_whenever_it_comes(some, at):
    gone = live(AUTHOR, [*some[:at], done(Delete(TARGET)), *some[at:]])
    assert gone.deleted
    assert (gone.edits, gone.reactions, gone.pinned) == ((), (), False)


def test_what_nobody_touched_is_as_it_was_said():
    assert live(AUTHOR, []) == UNTOUCHED


def test_the_latest_edit_is_the_text_and_the_others_its_history():
    later, sooner = edit("later", lamport=3), edit("sooner", lamport=2)
    assert [one.text for one in live(AUTHOR, [later, sooner]).edits] == ["sooner", "later"]


@pytest.mark.parametrize("content", [Edit(TARGET, "mine now"), Delete(TARGET)])
def test_what_others_have_no_right_to_is_passed_over(content):
    assert live(AUTHOR, [done(content, by=OTHER)]) == UNTOUCHED


def test_of_two_at_the_same_count_the_higher_key_and_id_is_the_later():
    first, second = sorted([AUTHOR, OTHER])
    pins = [done(Pin(TARGET, on), by=by) for by, on in ((first, True), (second, False))]
    assert not live(AUTHOR, pins).pinned
    pins = [done(Pin(TARGET, on), id_=id_) for id_, on in ((b"b" * 16, True), (b"a" * 16, False))]
    assert live(AUTHOR, pins).pinned


def test_one_reaction_of_each_counts_and_an_empty_one_takes_it_back():
    given_ = [
        done(React(TARGET, "👍"), lamport=1),
        done(React(TARGET, "🎂"), lamport=2),
        done(React(TARGET, "👍"), by=OTHER, lamport=1),
        done(React(TARGET, ""), by=OTHER, lamport=2),
    ]
    assert live(AUTHOR, given_).reactions == ((AUTHOR, "🎂"),)


def test_a_repr_says_how_long_and_not_what():
    assert "secret" not in repr(live(AUTHOR, [edit("secret")]))

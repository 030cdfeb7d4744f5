"""Waits between attempts: random over the whole interval, growing to a minute, never beyond."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol.backoff import Backoff


def test_the_longest_waits_double_up_to_a_minute():
    backoff = Backoff(random=lambda: 1.0)
    assert [backoff.next_delay() for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_wait_may_be_anything_below_the_longest():
    """Full jitter: a whole office that comes back together does not knock together."""
    backoff = Backoff(random=lambda: 0.0)
    assert [backoff.next_delay() for _ in range(9)] == [0.0] * 9
    chance = random.Random(1)
    waits = [Backoff(first=10, random=chance.random).next_delay() for _ in range(1_000)]
    for low in range(10):
        assert sum(low <= wait < low + 1 for wait in waits) > 50


def test_success_starts_the_series_again():
    backoff = Backoff(random=lambda: 1.0)
    for _ in range(5):
        backoff.next_delay()
    backoff.reset()
    assert [backoff.next_delay() for _ in range(3)] == [1, 2, 4]


@pytest.mark.parametrize(
    ("first", "most", "expected"), [(0.5, 3.0, [0.5, 1, 2, 3, 3]), (9.0, 2.0, [2, 2, 2, 2, 2])]
)
def test_first_and_longest_wait_can_be_chosen(first, most, expected):
    backoff = Backoff(first=first, most=most, random=lambda: 1.0)
    assert [backoff.next_delay() for _ in range(5)] == expected
    backoff.reset()
    assert backoff.next_delay() == expected[0]


def test_years_of_attempts_are_no_overflow():
    backoff = Backoff(random=lambda: 1.0)
    assert max(backoff.next_delay() for _ in range(100_000)) == 60


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=50))
def test_no_wait_is_negative_or_over_a_minute(chances):
    draw = iter(chances)
    backoff = Backoff(random=lambda: next(draw))
    assert all(0 <= backoff.next_delay() <= 60 for _ in chances)

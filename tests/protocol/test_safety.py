"""The safety number is Signal's numeric fingerprint, and the same whoever computes it."""

from itertools import combinations

import pytest

from engine.protocol import safety
from tests.helpers import person

# The published vector of libsignal (its fingerprint tests, version 1): keys with a type byte,
# telephone numbers as identifiers.
ALICE_KEY = bytes.fromhex("0506863bc66d02b40d27b8d49ca7c09e9239236f9d7d25d6fcca5ce13c7064d868")
BOB_KEY = bytes.fromhex("05f781b6fb32fed9ba1cf2de978d4d5da28dc34046ae814402b5c0dbd96fda907b")
PUBLISHED = "300354477692869396892869876765458257569162576843440918079131"


def test_both_halves_match_libsignals_published_vector():
    alice = safety.thirty_digits(ALICE_KEY, identifier=b"+14152222222")
    bob = safety.thirty_digits(BOB_KEY, identifier=b"+14153333333")
    assert "".join(sorted([alice, bob])) == PUBLISHED


def test_both_people_see_the_same_sixty_digits():
    alice, bob = person(1).peer, person(2).peer
    number = safety.safety_number(alice, bob)
    assert number == safety.safety_number(bob, alice)
    assert len(number) == 60
    assert number.isascii()
    assert number.isdecimal()


def test_our_number_is_the_general_form_with_the_key_as_identifier():
    alice, bob = person(1).peer, person(2).peer
    halves = [safety.thirty_digits(bytes(key), identifier=bytes(key)) for key in (alice, bob)]
    assert safety.safety_number(alice, bob) == min(halves) + max(halves)


def test_every_pair_of_people_has_a_number_of_its_own():
    people = [person(number).peer for number in range(6)]
    numbers = {safety.safety_number(a, b) for a, b in combinations(people, 2)}
    assert len(numbers) == 15


@pytest.mark.parametrize("bit", [0, 7, 100, 255])
def test_one_bit_of_a_key_changes_its_half_beyond_recognition(bit):
    key = bytearray(person(1).peer)
    before = safety.thirty_digits(bytes(key), identifier=bytes(key))
    key[bit // 8] ^= 1 << bit % 8
    after = safety.thirty_digits(bytes(key), identifier=bytes(key))
    assert sum(a == b for a, b in zip(before, after, strict=True)) < 15


def test_groups_keep_their_leading_zeros():
    halves = [safety.thirty_digits(bytes([n]), identifier=b"") for n in range(20)]
    assert all(len(half) == 30 for half in halves)
    assert any(half[start] == "0" for half in halves for start in range(0, 30, 5))


# -- reading one


@pytest.mark.parametrize(
    "text",
    [
        PUBLISHED,
        f"  {PUBLISHED}\n",
        " ".join(PUBLISHED[at : at + 5] for at in range(0, 60, 5)),
        "\r\n".join(PUBLISHED[at : at + 20] for at in range(0, 60, 20)),
        "\u00a0".join(PUBLISHED),
        PUBLISHED.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)}),
    ],
)
def test_a_number_is_read_however_it_is_spaced(text):
    assert safety.read_number(text) == PUBLISHED


@pytest.mark.parametrize(
    "text",
    [
        "",
        PUBLISHED[:-1],
        PUBLISHED + "0",
        PUBLISHED[:-1] + "x",
        PUBLISHED[:-1] + "\u0660",
        PUBLISHED[:-1] + "\u2460\u2461",
        "-" + PUBLISHED[1:],
        " " * 1_000 + PUBLISHED,
        "p2pchat:" + PUBLISHED,
    ],
)
def test_what_is_no_number_is_not_read(text):
    assert safety.read_number(text) is None

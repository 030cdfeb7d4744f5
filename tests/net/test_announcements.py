"""What stands in a TXT record."""

from hypothesis import given
from hypothesis import strategies as some

from engine.net.announcements import MAX_PAIRS, MAX_TEXT, read_pairs


def txt(*strings: bytes) -> bytes:
    return b"".join(bytes([len(one)]) + one for one in strings)


def test_pairs_are_read_with_their_bytes():
    assert read_pairs(txt(b"v=1", b"r=\x00\xff=\n")) == {"v": b"1", "r": b"\x00\xff=\n"}
    assert read_pairs(txt(b"n=")) == {"n": b""}


def test_an_empty_record_has_no_pairs():
    assert read_pairs(b"") == {}
    assert read_pairs(b"\0") == {}


def test_of_two_pairs_with_one_key_the_first_counts_in_any_case():
    assert read_pairs(txt(b"K=first", b"k=second")) == {"k": b"first"}


def test_what_is_no_pair_is_passed_over():
    assert read_pairs(txt(b"flag", b"v=1", b"\xff=x")) == {"v": b"1"}


def test_a_string_that_runs_over_the_end_is_cut_there():
    assert read_pairs(b"\xffn=Al") == {"n": b"Al"}


def test_a_record_that_is_too_large_is_not_read():
    assert read_pairs(bytes(MAX_TEXT)) == {}
    assert read_pairs(bytes(MAX_TEXT + 1)) is None


@given(some.binary(max_size=MAX_TEXT + 50))
def test_any_bytes_give_few_pairs(data):
    pairs = read_pairs(data)
    assert (pairs is None) == (len(data) > MAX_TEXT)
    assert len(pairs or {}) <= MAX_PAIRS
    assert all(key == key.lower() and len(value) <= 254 for key, value in (pairs or {}).items())


def test_too_many_pairs_are_cut():
    assert len(read_pairs(txt(*(b"%d=" % number for number in range(100)))) or {}) == MAX_PAIRS

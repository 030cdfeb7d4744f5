"""What a stranger wrote is read strictly: within the limits, of the right types, and to the end."""

import msgpack
import pytest

from engine.protocol import strict
from engine.protocol.errors import BadRecord
from engine.protocol.groupevent import BadEvent

LIMITS = {"array": 3, "text": 4, "binary": 5}


@pytest.mark.parametrize(
    "value", [[], [1, 2, 3], "abcd", "aä€"[:2], bytes(5), [[b"", "", 1]], None]
)
def test_what_is_within_the_limits_is_read(value):
    assert strict.unpack(msgpack.packb(value), **LIMITS) == value


@pytest.mark.parametrize(
    "value",
    [[1, 2, 3, 4], "abcde", "€€", bytes(6), {}, {"a": 1}, [{1: 2}], msgpack.ExtType(1, b"")],
    ids=repr,
)
def test_what_is_beyond_them_is_refused(value):
    with pytest.raises(BadRecord):
        strict.unpack(msgpack.packb(value), **LIMITS)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x90\x90", b"\x92\x01", b"\xc1", b"\xa1\xff", b"\x91" * 2_000 + b"\x90"],
    ids=["nothing", "two values", "too short", "no type", "no UTF-8", "without end"],
)
def test_what_is_not_one_whole_value_is_refused(data):
    with pytest.raises(BadRecord, match="is not msgpack"):
        strict.unpack(data, **LIMITS)


def test_no_limit_is_no_room():
    for value in ("a", b"a"):
        with pytest.raises(BadRecord):
            strict.unpack(msgpack.packb(value), array=1)


@pytest.mark.parametrize("value", [[], [1], [1, 2, 3], 2, "ab", None])
def test_an_array_of_another_length_has_the_wrong_shape(value):
    with pytest.raises(BadRecord, match="a record's body has the wrong shape"):
        strict.unpack_list(msgpack.packb(value), 2, **LIMITS)
    assert strict.unpack_list(b"\x92\x01\x02", 2, **LIMITS) == [1, 2]


def test_the_reader_says_what_it_was_and_which_error_it_is():
    for data in (b"\xc1", b"\x90"):
        with pytest.raises(BadEvent, match="an event"):
            strict.unpack_list(data, 1, array=1, error=BadEvent, what="an event")


def test_the_error_holds_nothing_of_the_data():
    with pytest.raises(BadRecord) as caught:
        strict.unpack(b"\xa6secret" + b"more", array=1, text=10)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_number_is_within_its_bounds_and_no_boolean():
    assert strict.is_int(0, 0, 1)
    assert strict.is_int(1, 0, 1)
    assert not strict.is_int(2, 0, 1)
    assert not strict.is_int(-1, 0, 1)
    assert not any(strict.is_int(value, 0, 1) for value in (True, 1.0, "1", None))


def test_bytes_have_their_size_and_text_its_bytes():
    assert strict.is_bytes(b"ab", 2)
    assert not any(strict.is_bytes(value, 2) for value in (b"a", b"abc", "ab", bytearray(2), None))
    assert strict.is_text("ä", 2)
    assert not any(strict.is_text(value, 2) for value in ("ää", b"a", None))

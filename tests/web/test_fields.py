"""What a request says, read strictly: every mistake is one sentence, never an exception."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from engine.chat.errors import Refused
from engine.web import fields


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b'"text"',
        b"1",
        b"{",
        b"{}{}",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"b": {"a": 1, "a": 2}}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": ' + b"[" * 100_000,
        b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"a":' * 50_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
        b'{"a": "\x00"}',
        b"\x00",
        b" ",
    ],
)
def test_what_is_not_one_plain_json_object_is_refused_with_a_sentence(body):
    with pytest.raises(Refused) as caught:
        fields.parse_body(body)
    assert caught.value.code == "bad_request"
    assert caught.value.sentence.endswith(".")


def test_a_pair_of_surrogates_is_one_character():
    assert fields.parse_body(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}


def test_no_body_is_an_empty_object():
    assert fields.parse_body(b"") == {}


@settings(max_examples=500, deadline=None)
@given(some.binary(max_size=200) | some.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_an_object_or_refused(body):
    with contextlib.suppress(Refused):
        assert isinstance(fields.parse_body(body), dict)


@settings(max_examples=500, deadline=None)
@given(some.text(max_size=60, alphabet="a=&%;+é\ud800\0 1"))
def test_any_query_is_fields_or_refused(query):
    with contextlib.suppress(Refused):
        assert isinstance(fields.parse_query(query), dict)


@pytest.mark.parametrize("query", ["a=1&a=2", "a", "a=%ff", "&".join(["a=1"] * 20)])
def test_a_query_that_can_be_read_two_ways_is_refused(query):
    with pytest.raises(Refused):
        fields.parse_query(query)


@pytest.mark.parametrize("value", [1, True, [], {}, 1.5])
def test_a_text_is_a_text(value):
    with pytest.raises(Refused, match="text"):
        fields.optional_text({"name": value}, "name")


def test_a_missing_text_is_named():
    with pytest.raises(Refused, match="“name” is missing"):
        fields.text({}, "name")
    assert fields.optional_text({"name": None}, "name") is None


@pytest.mark.parametrize("value", [0, 1, "true", []])
def test_a_flag_is_true_or_false(value):
    with pytest.raises(Refused):
        fields.optional_flag({"blocked": value}, "blocked")


@pytest.mark.parametrize("value", ["0", "201", "-1", "1.0", "١", "²", "", "1" * 5000, "0x10", " 5"])
def test_a_number_is_digits_within_its_bounds(value):
    with pytest.raises(Refused):
        fields.number_in({"limit": value}, "limit", default=50, least=1, most=200)


def test_a_number_within_its_bounds_is_taken():
    for value in (1, 200):
        asked = {"limit": str(value)}
        assert fields.number_in(asked, "limit", default=50, least=1, most=200) == value
    assert fields.number_in({}, "limit", default=50, least=1, most=200) == 50


def test_a_flag_in_a_query_is_spelled_out():
    assert fields.flag_in({"history": "true"}, "history") is True
    assert fields.flag_in({}, "history") is False
    with pytest.raises(Refused):
        fields.flag_in({"history": "1"}, "history")


def test_a_list_of_texts_is_taken_as_it_is_and_may_be_absent():
    assert fields.texts({"add": ["a", "b"]}, "add") == ["a", "b"]
    assert fields.texts({"add": []}, "add") == []
    assert fields.optional_texts({"add": None}, "add") is None
    assert fields.optional_texts({}, "add") is None
    with pytest.raises(Refused, match="“add” is missing"):
        fields.texts({}, "add")


@pytest.mark.parametrize("value", ["ab", 1, True, {}, {"a": "b"}, [1], [None], ["a", ["b"]]])
def test_a_list_of_texts_is_a_list_of_texts(value):
    with pytest.raises(Refused, match="“add” must be a list of texts"):
        fields.texts({"add": value}, "add")


def test_a_list_has_nothing_twice_and_no_more_than_so_much():
    with pytest.raises(Refused, match="“add” must have each text once"):
        fields.texts({"add": ["a", "b", "a"]}, "add")
    most = [str(number) for number in range(fields.MAX_LISTED)]
    assert fields.texts({"add": most}, "add") == most
    with pytest.raises(Refused, match="at most 256"):
        fields.texts({"add": [*most, "one more"]}, "add")
    with pytest.raises(Refused, match="at most 256"):
        fields.optional_table({"roles": dict.fromkeys([*most, "x"], "a")}, "roles", ("a",))


def test_a_table_has_only_the_values_that_are_allowed():
    allowed = ("admin", "member")
    good = {"a": "admin", "b": "member"}
    assert fields.optional_table({"roles": good}, "roles", allowed) == good
    assert fields.optional_table({"roles": None}, "roles", allowed) is None
    for bad in ([], "admin", True):
        with pytest.raises(Refused, match="“roles” must be an object"):
            fields.optional_table({"roles": bad}, "roles", allowed)
    for value in ("creator", "", None, ["admin"], {}, 1):
        with pytest.raises(Refused, match="must be admin or member"):
            fields.optional_table({"roles": {"a": value}}, "roles", allowed)

"""The calls about messages: each part of what is asked arrives, and what is wrong says so."""

import pytest

from engine.chat.errors import Refused
from engine.web.api import Api, Ask
from engine.web.sessions import Sessions
from tests.web.fake_node import BOB, NOBODY, FakeNode


@pytest.fixture
def api():
    return Api(FakeNode(), Sessions(api_token="ab" * 32), lambda ticket: ticket)


@pytest.fixture
def said(api):
    return api.send(Ask({"text": "halo"}, {}), BOB).id


def code(act, *arguments):
    with pytest.raises(Refused) as refused:
        act(*arguments)
    return refused.value.code


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ({"draft": {"text": "and"}}, ("draft", ("and", None))),
        ({"draft": {"text": "", "reply_to": "ab"}}, ("draft", ("", "ab"))),
        ({"timer": 0}, ("timer", 0)),
        ({"timer": 3_600}, ("timer", 3_600)),
        ({"typing": False}, ("typing", False)),
    ],
)
def test_a_chat_is_changed_in_one_of_its_parts(api, body, change):
    assert api.change_chat(Ask(body, {}), BOB) == {}
    assert ("chat", BOB, *change) in api._node.changes


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ({"receipts": False}, (False, None)),
        ({"typing": True}, (None, True)),
        ({"receipts": True, "typing": False}, (True, False)),
    ],
)
def test_it_is_said_whether_others_are_told_of_reading_and_writing(api, body, change):
    api.change_me(Ask(body, {}))
    assert api._node.changes == [("attention", *change)]
    assert code(api.change_me, Ask({"typing": "yes"}, {})) == "bad_request"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"draft": "text"}, {"draft": {}}, {"draft": {"text": 1}}, {"timer": -1},
        {"timer": 2_419_201}, {"timer": True}, {"timer": "60"}, {"typing": "yes"}, {"read": 7},
    ],
)  # fmt: skip
def test_a_change_of_a_chat_that_is_none_is_declined(api, body):
    assert code(api.change_chat, Ask(body, {}), BOB) == "bad_request"


def test_a_message_is_edited_reacted_to_or_pinned(api, said):
    mention = {"start": 0, "length": 4, "address": BOB}
    assert api.change_message(Ask({"text": "new", "mentions": [mention]}, {}), BOB, said).edited_at
    api.change_message(Ask({"reaction": ""}, {}), BOB, said)
    assert api.change_message(Ask({"pinned": True}, {}), BOB, said).pinned
    assert api._node.changes == [
        ("edit", BOB, said, "new", [(0, 4, BOB)]),
        ("react", BOB, said, ""),
        ("pin", BOB, said, True),
    ]


@pytest.mark.parametrize(
    "body",
    [{}, {"text": "a", "pinned": True}, {"reaction": 1}, {"pinned": "true"}, {"text": None}],
)
def test_one_thing_is_done_with_a_message_at_a_time(api, said, body):
    assert code(api.change_message, Ask(body, {}), BOB, said) == "bad_request"


@pytest.mark.parametrize("whom", [None, "", "all", "Everyone"])
def test_a_deletion_says_for_whom(api, said, whom):
    query = {} if whom is None else {"for": whom}
    assert code(api.delete_message, Ask({}, query), BOB, said) == "bad_request"
    for known in ("me", "everyone"):
        api.delete_message(Ask({}, {"for": known}), BOB, said)
    assert [one[-1] for one in api._node.changes] == [False, True]


def test_a_text_of_another_chat_is_said_again(api, said):
    again = api.send(Ask({"forward": {"chat": BOB, "id": said}, "key": "k"}, {}), BOB)
    assert (again.text, again.id != said) == ("halo", True)


@pytest.mark.parametrize(
    "body",
    [
        {"forward": "id"}, {"forward": {}}, {"forward": {"chat": BOB}},
        {"forward": {"chat": BOB, "id": "x"}, "text": "and"},
        {"text": "hi", "mentions": {}}, {"text": "hi", "mentions": [1]},
        {"text": "hi", "mentions": [{"start": 0, "length": 1}]},
        {"text": "hi", "mentions": [{"start": 0, "address": NOBODY}]},
        {"text": "hi", "mentions": [{"start": -1, "length": 1, "address": NOBODY}]},
        {"text": "hi", "mentions": [{"start": 0, "length": 0, "address": NOBODY}]},
        {"text": "hi", "mentions": [{"start": 0, "length": 1, "address": NOBODY}] * 17},
    ],
)  # fmt: skip
def test_what_is_sent_must_be_whole(api, body):
    assert code(api.send, Ask(body, {}), BOB) == "bad_request"


def test_what_it_read_and_what_is_pinned_are_told(api, said):
    assert [one.text for one in api.edits(Ask({}, {}), BOB, said)] == ["halo"]
    assert api.pins(Ask({}, {}), BOB) == []

"""Looking back over HTTP: what is found, and how a call may be wrong."""

import pytest

from tests.web.fake_node import BOB, NOBODY

PATH = "/api/v1"


@pytest.fixture
def said(serving):
    texts = ("satu dua", "dua", "tiga")
    path = f"{PATH}/chats/{BOB}/messages"
    return [serving.ask("POST", path, {"text": text}).json["id"] for text in texts]


def test_hits_are_messages_with_a_snippet(serving, said):
    found = serving.ask("GET", f"{PATH}/search?q=dua").json
    assert [one["id"] for one in found[:2]] == [said[1], said[0]]
    assert found[0]["snippet"] == [{"text": "dua", "hit": True}]
    assert (found[0]["text"], found[0]["chat"]) == ("dua", BOB)


def test_hits_come_page_by_page_and_chat_by_chat(serving, said):
    found = serving.ask("GET", f"{PATH}/search?q=dua&chat={BOB}&limit=1&before={said[1]}").json
    assert [one["id"] for one in found] == [said[0]]
    assert serving.ask("GET", f"{PATH}/search?q=dua&chat={NOBODY}").code == "not_found"
    for nothing in ("", "?q=", "?chat="):
        answer = serving.ask("GET", f"{PATH}/search{nothing}")
        assert answer.status == 404 or answer.json == []


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "q=%ff", "q=a&q=b"])
def test_a_search_that_cannot_be_read_is_declined(serving, query):
    assert serving.ask("GET", f"{PATH}/search?{query}").code == "bad_request"


def test_an_export_is_a_file_that_comes_in_pieces_with_all_that_guards_an_answer(serving, said):
    answer = serving.ask("GET", f"{PATH}/export?chat={BOB}&format=jsonl")
    assert answer.status == 200
    assert answer.body.startswith(b"begin ")
    assert answer.body.endswith(b"satu duaduatiga")
    headers = answer.headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"] == 'attachment; filename="p2pchat.jsonl"'
    assert headers["transfer-encoding"] == "chunked"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert serving.ask("GET", f"{PATH}/export").headers["content-disposition"].endswith('html"')
    assert serving.ask("GET", f"{PATH}/export?format=pdf").code == "bad_request"
    assert serving.ask("GET", f"{PATH}/export?chat={NOBODY}").code == "not_found"
    assert serving.ask("GET", f"{PATH}/export", token=None).code == "unauthorized"

"""The application behind the gate: which route answers what, with which status and type."""

import json

import pytest

from engine.web.api import PREFIX, Api
from engine.web.app import make_app
from engine.web.handler import BODY
from engine.web.pages import Pages
from engine.web.sessions import Sessions
from tests.web.fake_groups import GROUP
from tests.web.fake_node import BOB, ME, NOBODY, NOW, FakeNode
from tests.web.serving import ROOT


@pytest.fixture
def ask():
    sessions = Sessions(api_token="ab" * 32)
    app = make_app(Api(FakeNode(), sessions, lambda ticket: f"#{ticket}"), Pages(ROOT))

    def call(method, path, body=None, query=""):
        told = {}

        def start_response(status, headers, exc_info=None):
            told.update({name.lower(): value for name, value in headers})
            told["status"] = int(status.split()[0])

        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            BODY: b"" if body is None else json.dumps(body).encode(),
        }
        content = b"".join(app(environ, start_response))
        return told, content

    return call


def test_a_new_message_is_201_and_a_change_is_200(ask):
    chat = f"{PREFIX}/chats/{BOB}"
    told, content = ask("POST", f"{chat}/messages", {"text": "halo"})
    assert told["status"] == 201
    assert told["content-type"] == "application/json"
    message = json.loads(content)
    told, content = ask("POST", chat, {"read": message["id"]})
    assert (told["status"], content) == (200, b"{}")


def test_lists_are_lists_and_views_have_their_fields(ask):
    [person] = json.loads(ask("GET", f"{PREFIX}/people")[1])
    assert person["address"] == BOB
    assert person["hosts"] == ["127.0.0.1:6001"]
    [chat] = json.loads(ask("GET", f"{PREFIX}/chats")[1])
    assert chat["last"] is None


def test_pages_of_messages_end_where_they_are_told_to(ask):
    path = f"{PREFIX}/chats/{BOB}/messages"
    ids = [json.loads(ask("POST", path, {"text": str(n)})[1])["id"] for n in range(5)]

    def page(query):
        return [message["id"] for message in json.loads(ask("GET", path, query=query)[1])]

    assert page("") == ids
    assert page("limit=2") == ids[3:]
    assert page(f"limit=2&before={ids[3]}") == ids[1:3]
    assert page(f"limit=2&after={ids[1]}") == ids[2:4]
    assert page(f"limit=3&around={ids[2]}") == ids[1:4]
    assert page(f"limit=2&at={NOW + 3}") == ids[3:]
    for query in (f"before={ids[1]}&at=5", f"after={ids[1]}&around={ids[1]}", "at=x", "at=-1"):
        told, content = ask("GET", path, query=query)
        assert (told["status"], json.loads(content)["error"]) == (400, "bad_request")


def test_an_unknown_address_is_404_and_a_wrong_method_405_with_what_is_right(ask):
    for path in ("/nothing", f"{PREFIX}/nothing", f"{PREFIX}/people/a/b", "/static/no.js"):
        told, content = ask("GET", path)
        assert (told["status"], json.loads(content)["error"]) == (404, "not_found")
        assert told["content-type"] == "application/json"
    told, content = ask("DELETE", f"{PREFIX}/me")
    assert (told["status"], json.loads(content)["error"]) == (405, "method_not_allowed")
    assert set(told["allow"].replace(" ", "").split(",")) == {"GET", "POST"}


def test_a_refusal_is_json_with_its_status(ask):
    told, content = ask("POST", f"{PREFIX}/session", {"ticket": "no"})
    assert (told["status"], json.loads(content)["error"]) == (401, "bad_ticket")
    told, content = ask("POST", f"{PREFIX}/connect", {"address": "127.0.0.1:2"})
    assert (told["status"], json.loads(content)["error"]) == (504, "timeout")


def test_a_fault_of_ours_is_left_to_the_handler(ask, monkeypatch):
    monkeypatch.setattr(FakeNode, "people", lambda node: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask("GET", f"{PREFIX}/people")


def test_the_page_is_html_and_its_files_have_their_types(ask):
    assert ask("GET", "/")[0]["content-type"] == "text/html; charset=utf-8"
    told, content = ask("GET", "/static/js/main.js")
    assert told["content-type"] == "text/javascript; charset=utf-8"
    assert content == (ROOT / "static/js/main.js").read_bytes()


def test_a_group_is_made_changed_left_and_deleted(ask):
    told, content = ask("POST", f"{PREFIX}/groups", {"name": "Kelas B", "members": [BOB]})
    assert told["status"] == 201
    group = json.loads(content)
    assert (group["chat"], group["name"], group["role"]) == (GROUP, "Kelas B", "creator")
    assert [member["address"] for member in group["members"]] == [ME, BOB]
    assert json.loads(ask("GET", f"{PREFIX}/groups")[1]) == [group]
    path = f"{PREFIX}/groups/{GROUP}"
    assert json.loads(ask("GET", path)[1]) == group
    changes = {"name": "Kelas C", "roles": {BOB: "admin"}, "muted": True}
    changed = json.loads(ask("POST", path, changes)[1])
    assert (changed["name"], changed["muted"]) == ("Kelas C", True)
    assert changed["members"][1]["role"] == "admin"
    assert ask("DELETE", path)[0]["status"] == 409
    assert json.loads(ask("POST", path, {"leave": True})[1])["standing"] == "left"
    assert ask("POST", path, {"name": "again"})[0]["status"] == 409
    assert ask("DELETE", path)[1] == b"{}"
    assert ask("GET", path)[0]["status"] == 404


def test_whoever_is_added_gets_what_was_said_before_unless_told_otherwise(ask, monkeypatch):
    asked = []
    monkeypatch.setattr(
        FakeNode, "change_group", lambda _node, chat, **changes: asked.append((chat, changes))
    )
    for body in ({"add": [BOB]}, {"add": [BOB], "history": False}, {"answer": "accept"}):
        assert ask("POST", f"{PREFIX}/groups/{GROUP}", body)[0]["status"] == 200
    nothing = dict.fromkeys(("name", "add", "remove", "roles", "muted", "answer"))
    nothing |= {"history": True, "leave": False}
    assert asked == [
        (GROUP, nothing | {"add": [BOB]}),
        (GROUP, nothing | {"add": [BOB], "history": False}),
        (GROUP, nothing | {"answer": "accept"}),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"answer": "maybe"},
        {"roles": {BOB: "creator"}},
        {"roles": [BOB]},
        {"add": BOB},
        {"remove": [BOB, BOB]},
        {"leave": "true"},
        {"muted": 1},
        {"history": "no", "add": [NOBODY]},
    ],
)
def test_a_change_that_cannot_be_understood_changes_nothing(ask, body):
    ask("POST", f"{PREFIX}/groups", {"name": "Kelas B", "members": [BOB]})
    before = ask("GET", f"{PREFIX}/groups/{GROUP}")[1]
    told, content = ask("POST", f"{PREFIX}/groups/{GROUP}", body)
    assert (told["status"], json.loads(content)["error"]) == (400, "bad_request")
    assert ask("GET", f"{PREFIX}/groups/{GROUP}")[1] == before


def test_who_has_a_message_of_a_group_is_asked_by_its_id(ask):
    ask("POST", f"{PREFIX}/groups", {"name": "Kelas B", "members": [BOB]})
    path = f"{PREFIX}/chats/{GROUP}/messages"
    message = json.loads(ask("POST", path, {"text": "halo"})[1])
    told, content = ask("GET", f"{path}/{message['id']}/seen")
    assert told["status"] == 200
    seen = {"seen": [{"address": BOB, "name": "Bob"}], "waiting": [], "read": []}
    assert json.loads(content) == seen
    assert ask("GET", f"{path}/nothing/seen")[0]["status"] == 404

"""A chat, or all of them, taken along: complete, in its order, page by page."""

import json

import pytest

from engine.chat import exporting
from engine.chat.errors import Refused
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.helpers import until


@pytest.fixture
def pair(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    return alice, bob


def whole(attachment):
    return b"".join(attachment.pieces).decode()


def lines(who, chat=None):
    return [json.loads(line) for line in whole(who.node.export(chat, form="jsonl")).splitlines()]


def test_json_lines_are_the_messages_as_the_api_has_them(pair, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 3)
    alice, bob = pair
    first = alice.says(bob, "satu\u2028\nbaris")
    for number in range(8):
        alice.says(bob, f"kata {number}", reply_to=first.id)
    until(lambda: set(alice.states(bob)) == {"delivered"})
    head, *told = lines(alice, bob.address)
    assert told == [one.as_json() for one in alice.history(bob)]
    assert len(told) == 9
    assert (head["p2pchat"], head["chat"], head["name"]) == (1, bob.address, "Bob")
    assert lines(bob, alice.address)[1]["text"] == "satu\u2028\nbaris"


def test_everything_is_all_chats_one_after_the_other(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob, "from Alice")
    become_friends(alice, carol)
    room = Room.made_by(alice, "Kelas <b>", bob)
    room.says(alice, "kata di kelas")
    told = lines(alice)
    chats = [one["chat"] for one in told if "p2pchat" in one]
    assert chats == [one.chat for one in alice.node.chats()]
    assert [one["text"] for one in told if one.get("chat") == room.chat and "text" in one][-1] == (
        "kata di kelas"
    )
    html = whole(alice.node.export(form="html"))
    for number, chat in enumerate(alice.node.chats(), 1):
        assert f'<a href="#chat-{number}">' in html
        assert f'<section id="chat-{number}">' in html
        assert chat.name == "Kelas <b>" or chat.name in html
    assert "Kelas &lt;b&gt;" in html
    assert "made the group" in html
    assert "kata di kelas" in html


def test_a_page_of_one_chat_holds_nothing_of_the_others(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    alice.says(bob, "untuk bob")
    alice.says(carol, "untuk carol")
    html = whole(alice.node.export(bob.address, form="html"))
    assert "untuk bob" in html
    assert "untuk carol" not in html
    assert "Carol" not in html
    assert "<nav" not in html


def test_nothing_is_read_before_it_is_sent_and_no_more_than_a_page(pair, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 2)
    alice, bob = pair
    for number in range(6):
        alice.says(bob, f"kata {number}")
    pieces = iter(alice.node.export(bob.address, form="jsonl").pieces)
    assert json.loads(next(pieces))["name"] == "Bob"
    assert next(pieces).count(b"\n") == 2
    alice.says(bob, "meanwhile")
    rest = b"".join(pieces)
    assert rest.count(b"\n") == 5
    assert b"meanwhile" in rest
    alice.node.export(bob.address, form="html").pieces.close()


def test_what_disappears_is_named_and_its_words_are_left_out(pair):
    alice, bob = pair
    alice.node.change_chat(bob.address, timer=3_600)
    said = alice.says(bob, "rahasia sejam")
    alice.node.change_chat(bob.address, timer=0)
    alice.says(bob, "jawaban", reply_to=said.id)
    for form in exporting.FORMATS:
        text = whole(alice.node.export(bob.address, form=form))
        assert "rahasia" not in text
        assert "jawaban" in text
    assert "disappears" in whole(alice.node.export(bob.address, form="html"))
    [told] = [one for one in lines(alice, bob.address) if one.get("id") == said.id]
    assert (told["text"], told["timer"]) == ("", 3_600)


def test_the_file_is_named_after_the_chat_and_the_day(pair):
    alice, bob = pair
    alice.node.change_person(bob.address, name='Böb/../"\r\n<x>')
    name = alice.node.export(bob.address, form="html").name
    assert name.startswith("p2pchat-B-b-"), name
    assert name.endswith(".html")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
    assert alice.node.export(form="jsonl").name.startswith("p2pchat-all-chats-20")


def test_what_cannot_be_exported_is_declined_before_anything_is_sent(pair):
    alice, bob = pair
    with pytest.raises(Refused, match="bad_request"):
        alice.node.export(bob.address, form="pdf")
    for chat in ("x", alice.address, "a" * 52):
        with pytest.raises(Refused, match="not_found"):
            alice.node.export(chat, form="html")
    assert whole(alice.node.export(form="jsonl")).count("\n") == 1, "a chat without a message"

"""What a tab may say: answered after the commit, in order, and a mistake ends nothing."""

import json

import pytest

from engine.web.framing import TEXT
from engine.web.limits import MAX_COMMANDS
from tests.helpers import until
from tests.web.fake_node import BOB, NOBODY
from tests.web.frames import client_frame
from tests.web.tab import Tab


def send(ref, text="halo", chat=BOB, **more):
    return {"type": "message.send", "ref": ref, "chat": chat, "text": text, **more}


def test_a_message_is_accepted_after_its_commit_and_told_to_every_tab(serving):
    with Tab(serving) as one, Tab(serving) as other:
        one.hear()
        other.hear()
        serving.tell("hold send")
        one.say(**send({"my": ["ref"]}, "text", reply_to="m000001"))
        serving.tell("event")
        assert one.hear()["type"] == "request.added"  # the commit is still awaited
        serving.tell("free send")
        accepted = one.hear_type("message.accepted")
        assert accepted["ref"] == {"my": ["ref"]}
        assert accepted["message"]["text"] == "text"
        assert accepted["message"]["reply_to"] == "m000001"
        assert other.hear_type("message.added")["message"] == accepted["message"]


def test_thousands_of_messages_in_flight_keep_their_order(serving):
    with Tab(serving) as tab:
        tab.hear()
        count = 10 * MAX_COMMANDS
        before = len(serving.tell("sent"))
        commands = [json.dumps(send(number, f"text {number}")) for number in range(count)]
        tab.sendall(b"".join(client_frame(TEXT, command.encode()) for command in commands))
        accepted = [tab.hear_type("message.accepted") for _ in range(count)]
        assert [told["ref"] for told in accepted] == list(range(count))
        assert serving.tell("sent")[before:] == [f"text {number}" for number in range(count)]


def test_no_more_than_so_many_commands_wait_at_once(serving):
    with Tab(serving) as tab:
        tab.hear()
        serving.tell("hold send")
        before = len(serving.tell("sent"))
        for number in range(MAX_COMMANDS + 50):
            tab.say(**send(number))
        # The node is asked for no more than this; the rest waits in the socket.
        until(lambda: len(serving.tell("sent")) - before >= MAX_COMMANDS)
        assert len(serving.tell("sent")) - before == MAX_COMMANDS
        serving.tell("free send")
        refs = [tab.hear_type("message.accepted")["ref"] for _ in range(MAX_COMMANDS + 50)]
        assert refs == list(range(MAX_COMMANDS + 50))


@pytest.mark.parametrize(
    ("ref", "code", "text"),
    [
        (None, "bad_request", "not json"),
        (None, "bad_request", ""),
        (None, "bad_request", "[" * 100_000),
        (None, "bad_request", '{"type":"message.send","ref":1,"ref":2}'),
        (None, "bad_request", '{"type":"message.send","ref":"\\ud800"}'),
        (7, "bad_request", '{"ref":7}'),
        (7, "bad_request", '{"ref":7,"type":["message.send"]}'),
        (7, "bad_request", '{"ref":7,"type":"message.read"}'),
        (7, "bad_request", '{"ref":7,"type":"message.send"}'),
        (7, "bad_request", json.dumps(send(7, text=5))),
        (7, "bad_request", json.dumps(send(7, chat=None))),
        (7, "bad_request", json.dumps(send(7, key={}))),
        (7, "bad_request", json.dumps(send(7, reply_to=[]))),
        (7, "bad_request", json.dumps(send(7, text=""))),
        (7, "not_found", json.dumps(send(7, chat=NOBODY))),
        (7, "too_long", json.dumps(send(7, text="ä" * 40_000))),
    ],
)
def test_a_command_that_cannot_be_carried_out_is_answered_and_the_tab_lives_on(
    serving, ref, code, text
):
    with Tab(serving) as tab:
        tab.hear()
        tab.say_text(text)
        told = tab.hear()
        assert (told["type"], told["ref"], told["error"]) == ("error", ref, code)
        assert told["message"].endswith(".")
        tab.say(**send("next"))
        assert tab.hear_type("message.accepted")["ref"] == "next"


def test_the_same_key_sends_once(serving):
    with Tab(serving) as tab:
        tab.hear()
        tab.say(**send(1, "once", key="k1"))
        tab.say(**send(2, "once", key="k1"))
        first, second = (tab.hear_type("message.accepted") for _ in range(2))
        assert first["message"]["id"] == second["message"]["id"]

"""Two people meet and talk through the API alone: from their names to the delivered tick."""

import socket

import pytest

from tests.helpers import until
from tests.programs import HEARD_WITHIN, ApiError, make_friends


def last_state(program, other):
    return program.messages(other)[-1]["state"]


def wait_delivered(program, other):
    until(lambda: last_state(program, other) == "delivered", HEARD_WITHIN, "the delivered tick")


def test_from_two_names_to_the_delivered_tick_and_over_a_restart(programs):
    alice, bob = programs("alice").start(), programs("bob").start()
    hers, his = alice.listen(), bob.listen()
    hello = his.wait_type("hello")
    assert hello["me"]["address"] == bob.address

    # names
    assert alice.call("POST", "/me", {"name": "Alice"})["name"] == "Alice"
    assert bob.call("POST", "/me", {"name": "Bob \N{PANDA FACE}"})["name"] == "Bob \N{PANDA FACE}"
    assert hers.wait_type("me.changed")["me"] == alice.call("GET", "/me")

    # a stranger's request, with its first words
    told = alice.call("POST", "/connect", {"address": bob.place, "text": "hi Bob"})
    assert (told["address"], told["contact"], told["state"]) == (bob.address, False, "requested")
    request = his.wait_type("request.added")["request"]
    assert (request["address"], request["name"], request["text"]) == (
        alice.address,
        "Alice",
        "hi Bob",
    )
    assert bob.call("GET", "/requests") == [request]
    assert bob.call("GET", "/chats") == []

    # accepted: both are contacts, the chat is open, the first words are its first message
    assert bob.call("POST", f"/requests/{alice.address}", {"action": "accept"}) == {}
    his.wait_type("request.removed", address=alice.address)
    assert bob.call("GET", "/requests") == []
    first = his.wait_type("message.added", chat=alice.address)["message"]
    assert (first["text"], first["own"]) == ("hi Bob", False)
    until(lambda: alice.sees(bob, contact=True, online=True), HEARD_WITHIN)
    until(lambda: bob.sees(alice, contact=True, online=True), HEARD_WITHIN)
    assert alice.person(bob)["name"] == "Bob \N{PANDA FACE}"
    assert bob.person(alice)["name"] == "Alice"
    hers.wait_type("message.state", chat=bob.address, id=first["id"], state="delivered")

    # both talk, both see the tick
    said = alice.say(bob, "How are you?\nA second line.", key="one")
    assert (said["own"], said["kind"], said["author"]) == (True, "text", alice.address)
    assert said["state"] in ("waiting", "sent")
    hers.wait_type("message.state", chat=bob.address, id=said["id"], state="delivered")
    came = his.wait(lambda event: event.get("message", {}).get("id") == said["id"])["message"]
    assert (came["text"], came["own"]) == ("How are you?\nA second line.", False)
    answer = bob.say(alice, "Fine \N{GRINNING FACE} ‮ 好", reply_to=said["id"])
    his.wait_type("message.state", chat=alice.address, id=answer["id"], state="delivered")
    back = hers.wait(lambda event: event.get("message", {}).get("id") == answer["id"])["message"]
    assert (back["text"], back["reply_to"]) == ("Fine \N{GRINNING FACE} ‮ 好", said["id"])
    assert alice.say(bob, "How are you?\nA second line.", key="one")["id"] == said["id"]
    ids = [message["id"] for message in alice.messages(bob)]
    assert ids == [first["id"], said["id"], answer["id"]]
    assert [message["id"] for message in bob.messages(alice)] == ids

    # unread and read
    [chat] = bob.call("GET", "/chats")
    assert (chat["unread"], chat["first_unread"]) == (2, first["id"])
    assert bob.call("POST", f"/chats/{alice.address}", {"read": said["id"]}) == {}
    assert bob.call("GET", "/chats")[0]["unread"] == 0

    # the same number for both; marked on her side
    mine = alice.call("GET", f"/people/{bob.address}/safety")
    assert mine["number"] == bob.call("GET", f"/people/{alice.address}/safety")["number"]
    assert len(mine["number"]) == 60
    assert mine["number"].isdecimal()
    assert mine["qr"].startswith("<svg")
    assert alice.person(bob)["level"] == 0
    assert alice.call("POST", f"/people/{bob.address}", {"verified": True})["level"] == 2
    assert bob.person(alice)["level"] == 0

    # one side restarts; what is written meanwhile arrives
    fingerprint = bob.call("GET", "/me")["fingerprint"]
    bob.stop()
    hers.wait(lambda event: event["type"] == "person.changed" and not event["person"]["online"])
    waiting = alice.say(bob, "written while you were away")
    assert waiting["state"] == "waiting"
    bob.start()
    hers.wait_type("message.state", chat=bob.address, id=waiting["id"], state="delivered")
    assert bob.call("GET", "/me")["fingerprint"] == fingerprint
    assert bob.texts(alice)[-1] == "written while you were away"
    assert bob.call("GET", "/me")["name"] == "Bob \N{PANDA FACE}"
    assert alice.person(bob)["level"] == 2
    numbers = [event["seq"] for event in hers.events]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_request_can_be_ignored_and_nobody_is_told(programs):
    alice, bob = programs("alice", "--name", "Alice").start(), programs("bob").start()
    alice.call("POST", "/connect", {"address": bob.place})
    until(lambda: bob.call("GET", "/requests"), HEARD_WITHIN)
    bob.call("POST", f"/requests/{alice.address}", {"action": "ignore"})
    assert bob.call("GET", "/requests") == []
    assert alice.call("POST", "/connect", {"address": bob.place})["state"] == "requested"
    assert alice.sees(bob, contact=False, relation="asked")
    bob.restart()
    until(lambda: alice.sees(bob, online=True), HEARD_WITHIN)
    assert bob.call("GET", "/requests") == []
    with pytest.raises(ApiError, match="not_found"):
        bob.call("POST", f"/requests/{alice.address}", {"action": "accept"})


def test_both_may_ask_at_once(programs):
    alice, bob = programs("alice").start(), programs("bob").start()
    alice.call("POST", "/connect", {"address": bob.place, "text": "from Alice"})
    bob.call("POST", "/connect", {"address": alice.place, "text": "from Bob"})
    for one, other in ((alice, bob), (bob, alice)):
        until(lambda o=one, p=other: o.sees(p, contact=True, online=True), HEARD_WITHIN)
        until(lambda o=one, p=other: len(o.messages(p)) == 2, HEARD_WITHIN)
    assert alice.texts(bob) == bob.texts(alice)
    assert alice.call("GET", "/requests") == bob.call("GET", "/requests") == []


def test_a_request_waits_for_somebody_who_is_away(programs):
    alice, bob = programs("alice", "--name", "Alice").start(), programs("bob").start()
    alice.call("POST", "/connect", {"address": bob.place, "text": "are you there?"})
    until(lambda: bob.call("GET", "/requests"), HEARD_WITHIN)
    alice.stop()
    bob.call("POST", f"/requests/{alice.address}", {"action": "accept"})
    bob.say(alice, "now I am")
    alice.start()
    until(lambda: alice.texts(bob) == ["are you there?", "now I am"], HEARD_WITHIN)
    wait_delivered(bob, alice)
    assert alice.messages(bob)[0]["state"] == "delivered"


def test_who_is_blocked_is_not_heard_until_unblocked(friends):
    alice, bob = friends
    bob.say(alice, "heard")
    wait_delivered(bob, alice)
    assert alice.call("POST", f"/people/{bob.address}", {"blocked": True})["blocked"] is True
    for path, body in (
        (f"/chats/{bob.address}/messages", {"text": "to a blocked person"}),
        ("/connect", {"address": bob.place}),
    ):
        with pytest.raises(ApiError, match="blocked") as refused:
            alice.call("POST", path, body)
        assert refused.value.status == 403
    until(lambda: bob.sees(alice, online=False), HEARD_WITHIN)
    bob.say(alice, "not heard yet")
    bob.call("POST", "/connect", {"address": alice.place})  # an answer that tells nothing
    assert alice.texts(bob) == ["heard"]
    assert last_state(bob, alice) in ("waiting", "sent")
    alice.call("POST", f"/people/{bob.address}", {"blocked": False})
    until(lambda: alice.texts(bob) == ["heard", "not heard yet"], HEARD_WITHIN)
    wait_delivered(bob, alice)
    alice.say(bob, "again")
    wait_delivered(alice, bob)


def test_who_is_forgotten_is_a_stranger_again(friends):
    alice, bob = friends
    alice.say(bob, "old words")
    wait_delivered(alice, bob)
    alice.call("DELETE", f"/people/{bob.address}?history=true")
    assert alice.person(bob) is None
    assert alice.call("GET", "/chats") == []
    with pytest.raises(ApiError, match="not_contact"):
        alice.say(bob, "to nobody")
    bob.call("POST", "/connect", {"address": alice.place, "text": "do you remember me?"})
    bob.say(alice, "hello?")
    [request] = until(lambda: alice.call("GET", "/requests"), HEARD_WITHIN)
    assert request["address"] == bob.address
    alice.call("POST", f"/requests/{bob.address}", {"action": "accept"})
    until(lambda: alice.texts(bob)[-1:] == ["hello?"], HEARD_WITHIN)
    wait_delivered(bob, alice)
    assert "old words" not in alice.texts(bob)


def test_my_name_for_somebody_stays_mine(friends):
    alice, bob = friends
    path = f"/people/{bob.address}"
    assert alice.call("POST", path, {"name": "Bobby"})["name"] == "Bobby"
    assert alice.call("GET", "/chats")[0]["name"] == "Bobby"
    bob.call("POST", "/me", {"name": "Robert"})
    until(lambda: alice.sees(bob, own_name="Robert"), HEARD_WITHIN)
    assert alice.person(bob)["name"] == "Bobby"
    assert alice.call("POST", path, {"name": ""})["name"] == "Robert"
    assert bob.call("GET", "/me")["name"] == "Robert"


def test_the_longest_texts_and_every_kind_of_character_arrive(friends):
    alice, bob = friends
    texts = [
        "x" * 60_000,
        "好" * 20_000,
        "\N{FAMILY}" * 15_000,
        "\u0000\u0001\u007f\u0085\u2028\u202e\ufeff\uffff\U0010ffff",
        " \t\r\n ",
        "e\u0301 \u00e9 \u212b \u00c5",  # never normalised
    ]
    for text in texts:
        alice.say(bob, text)
    wait_delivered(alice, bob)
    assert bob.texts(alice) == texts
    for text, code in (
        ("x" * 60_001, "too_long"),
        ("好" * 20_001, "too_long"),
        ("", "bad_request"),
    ):
        with pytest.raises(ApiError, match=code):
            alice.say(bob, text)
    assert len(alice.messages(bob)) == len(texts)


def test_what_cannot_be_reached_is_told_apart(programs):
    alice = programs("alice").start()
    other = programs("other").start()
    stranger = other.address
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and does not listen
        hosts = {
            f"127.0.0.1:{closed.getsockname()[1]}": (502, "refused"),
            f"127.0.0.1:{alice.port}": (400, "self"),
            alice.address: (400, "self"),
            f"127.0.0.1:{other.web_port}": (502, "not_p2pchat"),
            f"p2pchat:{alice.address[:-1]}": (400, "bad_address"),
            "no address at all": (400, "bad_address"),
            "127.0.0.1:0": (400, "bad_address"),
            "127.0.0.1:70000": (400, "bad_address"),
            "": (400, "bad_address"),
            stranger: (404, "not_found"),
        }
        for address, (status, code) in hosts.items():
            with pytest.raises(ApiError) as refused:
                alice.call("POST", "/connect", {"address": address})
            assert (refused.value.status, refused.value.code) == (status, code), address
            assert " " in refused.value.sentence, address
    assert alice.call("GET", "/people") == []


def test_another_person_behind_a_known_address_is_not_taken_for_them(programs):
    alice, bob, eve = (programs(name).start() for name in ("alice", "bob", "eve"))
    with pytest.raises(ApiError, match="wrong_identity") as refused:
        alice.call("POST", "/connect", {"address": f"p2pchat:{bob.address}?h={eve.place}"})
    assert refused.value.status == 409
    assert eve.call("GET", "/requests") == []
    told = alice.call("POST", "/connect", {"address": f"p2pchat:{bob.address}?h={bob.place}"})
    assert told["address"] == bob.address


def test_two_talk_over_ipv6(programs):
    with socket.socket(socket.AF_INET6) as sock:
        try:
            sock.bind(("::1", 0))
        except OSError as error:
            pytest.skip(f"no IPv6 here: {error.strerror}")
    alice = programs("alice", "--host", "::1").start()
    bob = programs("bob", "--host", "::1").start()
    make_friends(alice, bob, at=f"[::1]:{bob.port}")
    alice.say(bob, "over six")
    wait_delivered(alice, bob)
    bob.restart()
    alice.restart()
    bob.say(alice, "and back")
    wait_delivered(bob, alice)
    assert alice.texts(bob) == ["over six", "and back"]

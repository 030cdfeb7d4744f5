"""Somebody between two real programs, with keys of her own, who passes on whatever she can."""

import pytest

from identity import PeerId
from tests.faults.mallory import Mallory
from tests.helpers import person, until
from tests.programs import HEARD_WITHIN, ApiError, make_friends

SECRET = "the key is under the mat"
MALLORY = person(66)


def wait(condition):
    until(condition, HEARD_WITHIN)


def befriend_through(mallory, alice, bob):
    """Alice types an address where Mallory listens; each takes her for the other."""
    told = alice.call("POST", "/connect", {"address": mallory.place, "text": "hi Bob"})
    assert told["address"] == MALLORY.peer.address
    assert told["name"] == "Bob"
    wait(lambda: [one["name"] for one in bob.call("GET", "/requests")] == ["Alice"])
    bob.call("POST", f"/requests/{MALLORY.peer.address}", {"action": "accept"})
    for program in (alice, bob):
        wait(lambda program=program: hers(program)["contact"] and hers(program)["online"])


def hers(program):
    """What ``program`` shows of whom it believes to be the other."""
    [found] = [
        one for one in program.call("GET", "/people") if one["address"] == MALLORY.peer.address
    ]
    return found


def compare(alice, bob):
    """The emoji that each of them is shown."""
    lives = [alice.listen(), bob.listen()]
    alice.call("POST", f"/people/{MALLORY.peer.address}/sas", {"action": "start"})
    shown = [live.wait_type("sas.changed", state="compare")["emoji"] for live in lives]
    assert [len(emoji) for emoji in shown] == [7, 7]
    return shown


def test_numbers_and_emoji_differ_on_both_sides_and_saying_so_holds_her(programs):
    alice = programs("alice", "--name", "Alice").start()
    bob = programs("bob", "--name", "Bob").start()
    with Mallory(MALLORY, bob.port) as mallory:
        befriend_through(mallory, alice, bob)
        alice.call("POST", f"/chats/{MALLORY.peer.address}/messages", {"text": SECRET})
        wait(lambda: any(SECRET.encode() in text for text in mallory.texts()))  # it is real
        assert hers(alice)["level"] == hers(bob)["level"] == 0

        numbers = [
            program.call("GET", f"/people/{MALLORY.peer.address}/safety")["number"]
            for program in (alice, bob)
        ]
        assert numbers[0] != numbers[1]
        seen_by_alice, seen_by_bob = compare(alice, bob)
        assert seen_by_alice != seen_by_bob

        # She keeps it from Alice that Bob saw others; Alice sees it by herself.
        for program in (bob, alice):
            told = program.call(
                "POST", f"/people/{MALLORY.peer.address}/sas", {"action": "different"}
            )
            assert told["state"] == "different"
            assert hers(program)["held"]
            with pytest.raises(ApiError, match="held"):
                program.call(
                    "POST", f"/chats/{MALLORY.peer.address}/messages", {"text": "still there?"}
                )
        known = len(mallory.texts())
        wait(lambda: not hers(alice)["online"] and not hers(bob)["online"])
        assert len(mallory.texts()) == known


def test_a_contact_is_not_reached_through_her_and_she_learns_nothing(programs):
    alice = programs("alice", "--name", "Alice").start()
    bob = programs("bob", "--name", "Bob").start()
    make_friends(alice, bob)
    bob.stop()
    wait(lambda: not alice.person(bob)["online"])
    with Mallory(MALLORY, alice.port, port=bob.port) as mallory:
        said = alice.say(bob, SECRET)
        wait(lambda: alice.person(bob)["reason"] == "wrong_identity")
        assert mallory.called
        assert not mallory.met
        assert not mallory.texts()
        with pytest.raises(ApiError, match="wrong_identity"):
            alice.call("POST", "/connect", {"address": f"p2pchat:{bob.address}?h={mallory.place}"})
        [waiting] = [one for one in alice.messages(bob) if one["id"] == said["id"]]
        assert waiting["state"] == "waiting"
        captured = bytes(mallory.captured)
        assert len(captured) > 1_000  # there was something to look at
        for secret in (
            SECRET.encode(),
            b"Alice",
            bytes(PeerId.from_address(alice.address)),
            alice.address.encode(),
        ):
            assert secret not in captured
    bob.start()
    wait(lambda: [one["text"] for one in bob.messages(alice)][-1:] == [SECRET])

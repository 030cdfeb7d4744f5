"""The network changes under two who talk: they find each other again, and nothing is lost."""

from tests.lan.lan import BOB_AT, renumber
from tests.net.namespaces import CARD


def test_a_new_address_is_found_and_a_waiting_message_arrives(lan):
    alice, bob = lan.connect().start_friends()
    renumber(lan.b, BOB_AT, "10.99.0.12")
    alice.say(bob, "where are you?")
    bob.waits_for_texts(alice, "where are you?")
    alice.waits_for_tick(bob, "where are you?")
    bob.say(alice, "in another room")
    alice.waits_for_texts(bob, "where are you?", "in another room")
    assert any(host.startswith("10.99.0.12:") for host in alice.person(bob)["hosts"])


def test_a_pulled_cable_is_said_in_words_and_what_was_written_meanwhile_arrives_once(lan):
    alice, bob = lan.connect().start_friends()
    lan.b.ip("link", "set", CARD, "down")
    for one, other in ((alice, bob), (bob, alice)):
        one.waits_for(other, online=False, link="reconnecting", nearby=False)
    alice.say(bob, "written in the dark")
    assert [one["state"] for one in alice.messages(bob)] == ["waiting"]
    lan.b.ip("link", "set", CARD, "up")
    alice.waits_for_tick(bob, "written in the dark")
    for one, other in ((alice, bob), (bob, alice)):
        one.waits_for(other, online=True, link="online")
    bob.say(alice, "there you are")
    alice.waits_for_texts(bob, "written in the dark", "there you are")
    assert bob.texts(alice) == ["written in the dark", "there you are"]

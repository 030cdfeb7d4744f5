"""What a stranger may not do, what is answered badly, and what people are called."""

import pytest

from contacts import Level
from engine.chat import events
from engine.chat.trust import MAX_REQUEST_TEXT
from engine.protocol import records
from engine.store.people import MAX_REQUESTS
from tests.chat.people import Wire, become_friends, friend, stranger
from tests.chat.saying import refusal, request
from tests.helpers import until
from tests.net.talking import hello

# -- how much a stranger may do


def test_the_65th_request_is_not_kept_and_comes_again_when_there_is_room(people, monkeypatch):
    monkeypatch.setattr("engine.store.people.MAX_REQUESTS", 3)
    bob = people("Bob")
    talkers = [stranger(bob, number) for number in range(10, 14)]
    for number, talker in enumerate(talkers):
        talker.say(request(number))
        assert talker.is_understood()
    assert len(bob.node.requests()) == 3
    bob.node.answer_request(talkers[0].address, "ignore")
    talkers[3].say(request(3))
    until(lambda: len(bob.hear(events.RequestAdded)) == 4)
    assert MAX_REQUESTS == 64


def test_a_stranger_who_asks_without_end_on_one_connection_is_heard_twice_at_most(people):
    """Once, and once more with the words."""
    bob = people("Bob")
    talker = stranger(bob, 9)
    for number in range(50):
        talker.say(request(number, text=f"say {number}"))
    assert talker.is_understood()
    assert len(bob.hear(events.RequestAdded)) == 2


def test_a_request_longer_than_allowed_ends_the_connection(people):
    bob = people("Bob")
    talker = stranger(bob, 9)
    talker.say(request(text="é" * (MAX_REQUEST_TEXT + 1)))
    assert talker.is_over()
    assert bob.node.requests() == []


def test_a_request_of_exactly_a_thousand_characters_of_any_script_arrives(people):
    bob = people("Bob")
    talker = stranger(bob, 9)
    talker.say(request(text="𝄞" * MAX_REQUEST_TEXT))
    [asked] = until(bob.node.requests)
    assert asked.text == "𝄞" * MAX_REQUEST_TEXT
    bob.accepts(talker)
    [message] = bob.node.messages(talker.address)
    assert message.text == asked.text


def test_the_name_of_a_stranger_is_cleaned_before_anybody_sees_it(people):
    bob = people("Bob")
    talker = stranger(bob, 9)
    talker.say(request(name="\u202eevil\u2066\x00\n x"))
    [asked] = until(bob.node.requests)
    assert asked.name == "evil x"


def test_a_logical_time_from_the_far_future_in_a_request_is_not_believed(people):
    bob = people("Bob")
    talker = stranger(bob, 9)
    talker.say(request(text="hello", lamport=2**53 - 1))
    until(bob.node.requests)
    bob.accepts(talker)
    talker.hear(records.Hello)
    talker.say(hello(accepts=True))
    bob.node.send(talker.address, "answer")
    assert talker.hear(records.Message).lamport <= 2**32 + 1


@pytest.mark.parametrize("relation", ["nobody", "stranger", "asker", "ignored asker"])
def test_messages_of_whoever_is_no_contact_are_neither_kept_nor_acknowledged(people, relation):
    bob = people("Bob")
    talker = stranger(bob, 9)
    if "asker" in relation:
        talker.say(request())
        until(bob.node.requests)
    if "ignored" in relation:
        bob.node.answer_request(talker.address, "ignore")
    talker.say(records.Message(1, b"m" * 16, 1, 1, 0, b"\x91\xa2hi"), records.Ack(0))
    talker.say(records.Bye())
    heard = talker.hear_all()
    assert not any(isinstance(one, records.Ack) for one in heard)
    assert bob.node.chats() == []
    assert bob.node.people() == []


# -- answering badly


def test_there_is_nothing_to_answer_when_nobody_asked(people):
    alice, bob = people("Alice", "Bob")
    for action in ("accept", "ignore", "block"):
        assert refusal(alice.node.answer_request, bob.address, action) == "not_found"
    alice.meets(bob)
    until(bob.node.requests)
    assert refusal(bob.node.answer_request, alice.address, "marry") == "bad_request"
    bob.node.answer_request(alice.address, "ignore")
    for action in ("accept", "ignore"):
        assert refusal(bob.node.answer_request, alice.address, action) == "not_found"


def test_no_address_is_nobodys(people):
    alice = people("Alice")
    for text in ("", "x", alice.address[:-1], alice.address + "a", "127.0.0.1:6000"):
        assert refusal(alice.node.answer_request, text, "accept") == "not_found"
        assert refusal(alice.node.forget_person, text) == "not_found"
        assert refusal(alice.node.change_person, text, name="x") == "not_found"
        assert refusal(alice.node.safety, text) == "not_found"


# -- names and levels


def test_our_name_for_somebody_stands_before_their_own_and_can_be_taken_back(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    assert alice.node.change_person(bob.address, name=" Uncle\u202e Bob ").name == "Uncle Bob"
    assert alice.node.chats()[0].name == "Uncle Bob"
    bob.node.set_name("Robert")
    until(lambda: alice.sees(bob).own_name == "Robert")
    assert alice.sees(bob).name == "Uncle Bob"
    assert alice.node.change_person(bob.address, name="").name == "Robert"


def test_a_new_name_is_told_to_whoever_is_linked_and_cleaned_there(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.node.set_name("Robert\u202e")
    until(lambda: alice.sees(bob).name == "Robert")
    assert any(
        event.person.name == "Robert"
        for event in alice.hear(events.PersonChanged)
        if event.person.address == bob.address
    )
    talker = friend(alice, 9)
    talker.say(hello(accepts=True, name="\u2067\x1b[31mMallory\u200b\n"))
    until(lambda: alice.sees(talker).name == "[31mMallory")


def test_verifying_and_taking_it_back_is_kept_with_its_time(people):
    alice, bob = people("Alice", "Bob", now=lambda: 1_234)
    become_friends(alice, bob)
    verified = alice.node.change_person(bob.address, verified=True)
    assert (verified.level, verified.verified_at) == (Level.VERIFIED, 1_234)
    alice.restart()
    assert alice.sees(bob).level == Level.VERIFIED
    assert alice.node.safety(bob.address) == bob.node.safety(alice.address)
    undone = alice.node.change_person(bob.address, verified=False)
    assert (undone.level, undone.verified_at) == (Level.FIRST_USE, None)


def test_a_wire_is_only_a_way(people, wire_to):
    """The test's own tool: a conversation through it is like any other."""
    alice, bob = people("Alice", "Bob")
    wire: Wire = wire_to(bob)
    alice.meets(wire, "hello")
    until(bob.node.requests)
    bob.accepts(alice)
    until(lambda: alice.states(bob) == ["delivered"])

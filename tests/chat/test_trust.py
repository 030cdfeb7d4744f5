"""From strangers to contacts: requests, their answers, and what is never told."""

import pytest

from engine.chat import events
from engine.protocol import records
from tests.chat.people import agree, at_once, become_friends, friend
from tests.chat.saying import refusal
from tests.helpers import until

# -- asking and answering


def test_a_request_arrives_with_its_name_and_words(people):
    alice, bob = people("Alice", "Bob")
    told = alice.meets(bob, "hello Bob")
    assert (told.state, told.contact, told.address) == ("requested", False, bob.address)
    [asked] = until(bob.node.requests)
    assert (asked.name, asked.text, asked.address) == ("Alice", "hello Bob", alice.address)
    assert [event.request for event in bob.hear(events.RequestAdded)] == [asked]
    assert bob.sees(alice) is None, "a stranger who asks is not a person of ours yet"
    assert alice.sees(bob).relation == "asked"
    assert alice.states(bob) == ["waiting"]


def test_accepting_makes_contacts_and_the_words_the_first_message_on_both_sides(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello Bob")
    until(bob.node.requests)
    assert alice.states(bob) == ["waiting"]
    bob.accepts(alice)
    until(lambda: alice.sees(bob).contact)
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["hello Bob"]
    assert agree(alice, bob)
    assert bob.node.requests() == []
    assert bob.hear(events.RequestRemoved)
    assert [event.message.text for event in bob.hear(events.MessageAdded)] == ["hello Bob"]
    assert bob.sees(alice).name == "Alice"
    assert alice.sees(bob).name == "Bob"


def test_a_request_without_words_leaves_an_empty_chat(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    assert alice.history(bob) == bob.history(alice) == []
    assert [chat.chat for chat in bob.node.chats()] == [alice.address]


def test_the_first_message_after_asking_becomes_the_words_of_the_request(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob)
    until(bob.node.requests)
    alice.says(bob, "it is me")
    until(lambda: [asked.text for asked in bob.node.requests()] == ["it is me"])
    bob.accepts(alice)
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["it is me"]
    assert agree(alice, bob)


def test_messages_written_while_asked_wait_and_go_in_order_after_acceptance(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "0")
    until(bob.node.requests)
    for number in range(1, 20):
        alice.says(bob, str(number))
    assert bob.node.chats() == []
    bob.accepts(alice)
    until(lambda: alice.states(bob) == ["delivered"] * 20)
    assert bob.read(alice) == [str(number) for number in range(20)]
    assert [event.message.text for event in bob.hear(events.MessageAdded)] == bob.read(alice)
    assert agree(alice, bob)


@pytest.mark.parametrize("restarted", ["asker", "accepter", "both"])
def test_accepting_while_the_asker_is_away_completes_when_both_are_there(people, restarted):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    until(bob.node.requests)
    alice.stop()
    bob.accepts(alice)
    assert bob.read(alice) == ["hello"]
    if restarted in ("accepter", "both"):
        bob.restart()
    if restarted == "accepter":
        alice.start()
    else:
        alice.start()
        alice.restart()
    until(lambda: alice.sees(bob).contact)
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["hello"]


def test_a_request_waits_over_restarts_of_the_asker_until_the_other_is_there(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    until(bob.node.requests)
    bob.node.answer_request(alice.address, "block")
    bob.node.change_person(alice.address, blocked=False)  # the request went with the block
    assert bob.node.requests() == []
    alice.restart()
    until(bob.node.requests)
    bob.accepts(alice)
    until(lambda: alice.states(bob) == ["delivered"])


@pytest.mark.parametrize("words", [("from Alice", "from Bob"), ("", "from Bob"), ("", "")])
def test_whoever_ask_each_other_at_once_become_contacts_and_lose_no_word(people, words):
    alice, bob = people("Alice", "Bob")
    at_once(lambda: alice.meets(bob, words[0]), lambda: bob.meets(alice, words[1]))
    until(lambda: alice.sees(bob).contact and bob.sees(alice).contact)
    until(lambda: set(alice.states(bob) + bob.states(alice)) <= {"delivered"})
    until(lambda: sorted(alice.read(bob)) == sorted(word for word in words if word))
    assert agree(alice, bob)
    assert alice.node.requests() == bob.node.requests() == []


def test_connecting_to_somebody_who_asked_is_the_answer_and_keeps_their_words(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "from Alice")
    until(bob.node.requests)
    assert bob.meets(alice, "from Bob").state == "connected"
    until(lambda: alice.states(bob) == bob.states(alice) == ["delivered"])
    assert sorted(bob.read(alice)) == ["from Alice", "from Bob"]
    assert agree(alice, bob)
    assert bob.node.requests() == []


def test_a_request_repeated_does_not_double(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    until(bob.node.requests)
    for _ in range(3):
        alice.meets(bob)
        broken = alice.link(bob)
        alice.cut(bob)
        until(lambda broken=broken: alice.link(bob) is not broken)  # the next may stand at once
    until(lambda: alice.is_linked(bob))
    alice.says(bob, "this one comes after the words")
    assert [(one.name, one.text) for one in bob.node.requests()] == [("Alice", "hello")]
    assert len(bob.hear(events.RequestAdded)) == 1
    bob.accepts(alice)
    until(lambda: alice.states(bob) == ["delivered"] * 2)
    assert bob.read(alice) == ["hello", "this one comes after the words"]


def test_accepting_twice_at_once_makes_one_contact_and_one_message(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    until(bob.node.requests)
    assert None in at_once(lambda: bob.accepts(alice), lambda: bob.accepts(alice))
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["hello"]


def test_a_request_from_somebody_we_hold_as_a_contact_completes_at_once(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob, "before")
    alice.node.forget_person(bob.address, history=True)
    assert alice.meets(bob, "again").state == "connected"
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["before", "again"]
    assert bob.node.requests() == []


def test_asking_somebody_who_forgot_us_is_a_new_request(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.node.forget_person(alice.address)
    # Not one that was on its way while he forgot: there she heard "welcome" first.
    until(lambda: alice.is_linked(bob) and not alice.link(bob).session.hello.accepts)
    assert alice.meets(bob, "do you remember?").state == "requested"
    until(lambda: [asked.text for asked in bob.node.requests()] == ["do you remember?"])
    bob.accepts(alice)
    until(lambda: alice.states(bob) == ["delivered"])


# -- ignoring, blocking, forgetting


def test_an_ignored_request_stays_silent_and_tells_the_asker_nothing(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    until(bob.node.requests)
    bob.node.answer_request(alice.address, "ignore")
    assert bob.node.requests() == []
    alice.restart()  # asks once more
    until(lambda: bob.is_linked(alice))
    alice.says(bob, "please")
    until(lambda: alice.link(bob).session.hello)
    bob.restart()
    until(lambda: alice.is_linked(bob) and bob.is_linked(alice))
    assert bob.node.requests() == []
    assert len(bob.hear(events.RequestAdded)) == 1
    assert alice.sees(bob).relation == "asked"
    assert set(alice.states(bob)) == {"waiting"}


def test_whoever_ignored_may_still_ask_themselves_and_the_words_come_then(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    until(bob.node.requests)
    bob.node.answer_request(alice.address, "ignore")
    bob.meets(alice)
    until(lambda: alice.sees(bob).contact and bob.sees(alice).contact)
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["hello"]


def test_a_blocked_person_is_a_stranger_whose_request_nobody_hears(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    until(bob.node.requests)
    bob.node.answer_request(alice.address, "block")
    assert bob.node.requests() == []
    assert bob.sees(alice).blocked
    assert bob.sees(alice).name == "Alice", "a list of blocked keys helps nobody"
    alice.restart()
    until(lambda: alice.is_linked(bob) and bob.is_linked(alice))
    link = alice.link(bob)
    assert not link.session.hello.accepts
    assert bob.node.requests() == []
    assert len(bob.hear(events.RequestAdded)) == 1
    assert alice.sees(bob).relation == "asked"


def test_blocking_a_contact_ends_the_link_and_hears_nothing_more(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    old = bob.link(alice)
    bob.node.change_person(alice.address, blocked=True)
    until(lambda: bob.link(alice) is not old)
    alice.says(bob, "are you there?")
    until(lambda: alice.is_linked(bob))  # as a stranger
    assert not alice.link(bob).session.hello.accepts
    assert bob.read(alice) == []
    assert alice.states(bob) == ["waiting"]
    assert refusal(bob.says, alice, "no") == "blocked"
    assert refusal(bob.meets, alice) == "blocked"


def test_lifting_a_block_brings_back_what_waited(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.node.change_person(alice.address, blocked=True)
    alice.says(bob, "while blocked")
    bob.node.change_person(alice.address, blocked=False)
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["while blocked"]


def test_lifting_a_block_takes_effect_on_a_link_that_came_meanwhile(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.node.change_person(alice.address, blocked=True)
    until(lambda: alice.is_linked(bob) and not alice.link(bob).session.hello.accepts)
    link = alice.link(bob)
    alice.says(bob, "while blocked")
    bob.node.change_person(alice.address, blocked=False)
    bob.says(alice, "back again")
    until(lambda: alice.states(bob) == bob.states(alice) == ["delivered"])
    assert alice.link(bob) is link


def test_nothing_is_said_to_somebody_whom_we_asked_and_then_blocked(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob)
    alice.node.change_person(bob.address, blocked=True)
    assert refusal(alice.says, bob, "hello") == "blocked"
    assert alice.history(bob) == []


def test_forgetting_takes_the_person_and_on_request_the_history(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob, "hello")
    alice.node.forget_person(bob.address)
    assert alice.sees(bob) is None
    assert alice.read(bob) == ["hello"]
    assert alice.hear(events.PersonRemoved)
    bob.node.forget_person(alice.address, history=True)
    assert bob.node.chats() == []
    assert bob.hear(events.ChatRemoved)
    assert refusal(bob.history, alice) == "not_found"
    for one in (alice, bob):
        one.restart()
        assert one.node.people() == []


def test_what_waited_for_a_forgotten_person_has_failed(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    alice.says(bob, "too late")
    alice.node.forget_person(bob.address)
    assert alice.states(bob) == ["failed"]


def test_words_of_a_request_to_a_forgotten_person_have_failed(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    alice.node.forget_person(bob.address)
    assert alice.states(bob) == ["failed"]


def test_a_message_forgotten_here_does_not_come_back_when_it_is_sent_again(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    message = records.Message(1, b"m" * 16, 1, 2, 0, b"\x91\xa5hello")
    talker.say(message)
    assert talker.hear(records.Ack).seq == 1
    bob.node.forget_person(talker.address, history=True)
    assert talker.is_over()
    again = friend(bob, 9)
    again.say(message)
    assert again.hear(records.Ack).seq == 1
    assert bob.node.messages(talker.address) == []

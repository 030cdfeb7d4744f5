"""Chats as a script asks for them; what test_node.py and test_direct.py show is not said again."""

import pytest

from engine.chat.errors import Refused
from tests.chat.people import become_friends


def test_a_chat_that_was_forgotten_is_gone_with_its_messages(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob, "hi")
    assert [chat.chat for chat in alice.node.chats()] == [bob.address]
    alice.node.forget_person(bob.address, history=True)
    assert alice.node.chats() == []
    with pytest.raises(Refused, match="not_found"):
        alice.node.messages(bob.address)


def test_what_was_read_stays_read_after_a_restart(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob, "hi")
    [heard] = bob.history(alice)
    assert bob.node.chats()[0].unread == 1
    bob.node.change_chat(alice.address, read=heard.id)
    bob.restart()
    assert bob.node.chats()[0].unread == 0

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


def test_any_part_of_a_chat_can_be_read(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    sent = [alice.says(bob, str(number)) for number in range(7)]
    ids = [one.id for one in sent]

    def part(**where):
        return [one.text for one in alice.node.messages(bob.address, **where)]

    assert part(limit=2) == ["5", "6"]
    assert part(before=ids[3], limit=2) == ["1", "2"]
    assert part(after=ids[3], limit=2) == ["4", "5"]
    assert part(around=ids[3], limit=4) == ["1", "2", "3", "4"]
    assert part(at=sent[5].at) == [one.text for one in sent if one.at >= sent[5].at]
    assert part(at=sent[6].at + 1_000_000) == []
    for where in ({"before": ids[0], "at": 1}, {"after": ids[0], "around": ids[0]}):
        with pytest.raises(Refused, match="bad_request"):
            part(**where)
    for name in ("before", "after", "around"):
        for mark in ("", "00" * 16):
            with pytest.raises(Refused, match="not_found"):
                part(**{name: mark})

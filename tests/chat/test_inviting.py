"""Two people become contacts in one step, because one gave the other an invite."""

import base64
import logging

import gevent
import pytest

from contacts import Level
from engine.chat.errors import Refused
from engine.chat.events import ChatChanged
from engine.chat.invites import GOOD_FOR
from engine.protocol.invite import HostPort, make_invite, parse_target
from engine.store import invites as stored
from tests.chat.people import become_friends, break_off
from tests.chat.test_connect import refusal
from tests.chat.test_log_canary import spellings, whole_log
from tests.helpers import person, until
from tests.net.talking import Talker

NOON = 1_700_000_000_000


def invite(someone) -> str:
    """A fresh one, that leads to where they are."""
    made = someone.node._invites.make()
    place = HostPort("127.0.0.1", someone.port)
    return make_invite(someone.me.peer, (place,), someone.name, made.knock_pass)


def use(someone, link, text=""):
    return someone.node.connect(link, text)


def are_contacts(one, other, level=Level.INVITED) -> bool:
    seen = one.sees(other), other.sees(one)
    return all(view is not None and view.contact and view.level == level for view in seen)


def kept(someone) -> list:
    someone.node._database.write(lambda _db: None)
    return someone.node._database.read(stored.load)


# -- both at once


def test_an_invite_makes_both_contacts_in_one_step(people):
    alice, bob = people("Alice", "Bob")
    told = use(bob, invite(alice))
    assert (told.address, told.name, told.contact) == (alice.address, "Alice", True)
    assert (told.state, told.invite) == ("connected", "accepted")
    until(lambda: are_contacts(alice, bob))
    until(lambda: alice.sees(bob).name == "Bob")
    assert alice.asked_by() == bob.asked_by() == []


def test_the_chat_is_open_on_both_sides_and_carries_words(people):
    alice, bob = people("Alice", "Bob")
    use(bob, invite(alice), "thanks for the link")
    until(lambda: alice.read(bob) == ["thanks for the link"])
    alice.says(bob, "you are welcome")
    until(lambda: bob.read(alice) == ["thanks for the link", "you are welcome"])
    for one, other in ((alice, bob), (bob, alice)):
        assert other.address in [event.chat.chat for event in one.hear(ChatChanged)]


def test_without_a_word_the_chat_is_open_on_both_sides_too(people):
    alice, bob = people("Alice", "Bob")
    use(bob, invite(alice))
    assert [chat.chat for chat in bob.node.chats()] == [alice.address]
    assert [chat.chat for chat in alice.node.chats()] == [bob.address]


def test_both_stay_contacts_over_restarts_and_come_back_by_themselves(people):
    alice, bob = people("Alice", "Bob")
    use(bob, invite(alice))
    until(lambda: are_contacts(alice, bob))
    bob.restart()
    until(lambda: alice.is_linked(bob) and bob.is_linked(alice))
    alice.restart()
    until(lambda: alice.is_linked(bob) and bob.is_linked(alice))
    assert are_contacts(alice, bob)
    alice.says(bob, "still there")
    until(lambda: bob.read(alice) == ["still there"])


def test_an_invite_opens_a_door_that_is_closed_to_strangers(people):
    alice, bob = people("Alice", "Bob")
    alice.node.set_visibility("contacts")
    assert refusal(bob.meets, alice).code == "not_p2pchat"
    assert use(bob, invite(alice)).invite == "accepted"
    until(lambda: are_contacts(alice, bob))


def test_an_invite_without_a_pass_asks_as_anybody_may(people):
    alice, bob = people("Alice", "Bob")
    link = make_invite(alice.me.peer, (HostPort("127.0.0.1", alice.port),), "Alice", None)
    told = use(bob, link)
    assert (told.contact, told.state, told.invite) == (False, "requested", "")
    until(lambda: alice.asked_by() == ["Bob"])


# -- once


def test_a_used_invite_makes_no_second_contact_and_the_request_is_sent(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    link = invite(alice)
    use(bob, link)
    until(lambda: kept(alice) == [])
    told = use(carol, link, "may I?")
    assert (told.contact, told.state, told.invite) == (False, "requested", "not_accepted")
    until(lambda: alice.asked_by() == ["Carol"])
    assert carol.sees(alice).level == Level.FIRST_USE
    assert alice.sees(carol) is None


def test_two_who_use_one_invite_at_the_same_moment_are_not_both_let_in(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    link = invite(alice)
    both = [gevent.spawn(use, one, link) for one in (bob, carol)]
    gevent.joinall(both, raise_error=True)
    assert sorted(one.value.invite for one in both) == ["accepted", "not_accepted"]
    assert sum(bool(seen and seen.contact) for seen in map(alice.sees, (bob, carol))) == 1


def test_whoever_used_it_may_use_it_again_and_nothing_changes(people):
    alice, bob = people("Alice", "Bob")
    link = invite(alice)
    use(bob, link)
    until(lambda: are_contacts(alice, bob))
    assert use(bob, link).invite == "accepted"
    bob.cut(alice)
    assert use(bob, link).invite == "accepted"
    assert are_contacts(alice, bob)
    assert len(alice.node.people()) == len(bob.node.people()) == 1


def test_an_invite_that_is_too_old_asks_as_a_stranger(people):
    now = [NOON]
    alice = people("Alice", now=lambda: now[0])
    bob = people("Bob")
    link = invite(alice)
    now[0] += GOOD_FOR
    assert use(bob, link).invite == "not_accepted"
    until(lambda: alice.asked_by() == ["Bob"])


def test_an_old_invite_at_a_closed_door_is_silence(people):
    now = [NOON]
    alice = people("Alice", now=lambda: now[0])
    bob = people("Bob")
    alice.node.set_visibility("contacts")
    link = invite(alice)
    now[0] += GOOD_FOR
    assert refusal(use, bob, link).code == "not_p2pchat"
    assert alice.node.people() == alice.node.requests() == []


def test_a_pass_that_was_altered_asks_as_a_stranger(people):
    alice, bob = people("Alice", "Bob")
    target = parse_target(invite(alice))
    link = make_invite(target.peer, target.hosts, target.name, bytes(16)[:-1] + b"x")
    assert use(bob, link).invite == "not_accepted"
    until(lambda: alice.asked_by() == ["Bob"])
    assert len(kept(alice)) == 1


def test_an_invite_that_leads_to_somebody_else_is_not_used_up_there(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    target = parse_target(invite(alice))
    wrong = make_invite(
        alice.me.peer, (HostPort("127.0.0.1", carol.port),), "Alice", target.knock_pass
    )
    assert refusal(use, bob, wrong).code == "wrong_identity"
    assert bob.node.people() == carol.node.people() == []


# -- who has a history


def test_whoever_is_blocked_gets_nothing_by_an_invite_and_it_is_not_spent(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    alice.node.change_person(bob.address, blocked=True)
    link = invite(alice)
    assert use(bob, link).invite == "not_accepted"
    assert not alice.sees(bob).level
    assert alice.asked_by() == []
    assert use(carol, link).invite == "accepted"


def test_whoever_is_held_gets_nothing_by_an_invite(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node._trust.hold(bob.me.peer)
    alice.node._peers.drop(bob.me.peer)
    until(lambda: not bob.is_linked(alice))
    assert use(bob, invite(alice)).invite == "not_accepted"
    assert alice.sees(bob).held
    assert alice.sees(bob).level == Level.FIRST_USE
    assert [one.spent_by for one in kept(alice)] == [None]


def test_a_contact_who_uses_one_rises_and_whoever_was_verified_stays_so(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    use(bob, invite(alice))
    assert bob.sees(alice).level == Level.INVITED
    bob.node.change_person(alice.address, verified=True)
    use(bob, invite(alice))
    assert bob.sees(alice).level == Level.VERIFIED


def test_a_request_that_waits_is_answered_by_an_invite_and_its_words_are_kept(people):
    alice, bob = people("Alice", "Bob")
    bob.meets(alice, "it is me, Bob")
    until(lambda: alice.asked_by() == ["Bob"])
    told = use(bob, invite(alice))
    assert (told.state, told.invite) == ("connected", "accepted")
    until(lambda: alice.read(bob) == ["it is me, Bob"])
    until(lambda: are_contacts(alice, bob))
    assert alice.asked_by() == []
    until(lambda: bob.states(alice) == ["delivered"])


def test_whom_we_asked_comes_by_our_invite(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello?")
    until(lambda: bob.asked_by() == ["Alice"])
    assert use(bob, invite(alice)).invite == "accepted"
    until(lambda: are_contacts(alice, bob))
    until(lambda: bob.read(alice) == ["hello?"])
    assert bob.asked_by() == []
    until(lambda: alice.states(bob) == ["delivered"])


# -- when something breaks in between


def test_a_greeting_that_is_lost_after_the_pass_was_spent_loses_nothing(people, monkeypatch):
    """Alice's disk knows Bob, and Bob heard nothing of it: the same link still works for him."""
    alice, bob, carol = people("Alice", "Bob", "Carol")
    alice.node.set_visibility("contacts")
    link = invite(alice)
    knocked = alice.node._links.knocked

    def and_the_wire_breaks(peer, passed):
        knocked(peer, passed)
        for connection in alice.connections(bob):
            break_off(connection)

    monkeypatch.setattr(alice.node._links, "knocked", and_the_wire_breaks)
    assert refusal(use, bob, link).code == "not_p2pchat"
    assert bob.node.people() == []
    assert alice.sees(bob).contact
    monkeypatch.undo()
    alice.restart()
    assert use(carol, link).invite == "not_accepted"
    assert use(bob, link).invite == "accepted"
    until(lambda: are_contacts(alice, bob))
    until(lambda: kept(alice) == [])


@pytest.mark.parametrize("how", ["blocked", "forgotten"])
def test_whoever_is_let_go_before_they_knew_does_not_come_in_by_the_same_pass(people, how):
    alice, bob = people("Alice", "Bob")
    made = alice.node._invites.make()
    with alice.node._invites.spending(made.knock_pass, bob.me.peer) as spend:
        alice.node._trust.invited(bob.me.peer, spend=spend)
    assert made.knock_pass in alice.node._invites.passes()
    if how == "blocked":
        alice.node.change_person(bob.address, blocked=True)
    else:
        alice.node.forget_person(bob.address)
    assert alice.node._invites.passes() == []
    assert kept(alice) == []


def test_whoever_knocks_with_a_pass_that_somebody_else_spent_is_a_stranger(people):
    alice, bob = people("Alice", "Bob")
    made = alice.node._invites.make()
    with alice.node._invites.spending(made.knock_pass, bob.me.peer) as spend:
        alice.node._database.write(spend)
    talker = Talker.dial(alice.port, person(9), knock_pass=made.knock_pass)
    assert not talker.open(name="Nine").accepts
    assert alice.sees(talker) is None


def test_a_pass_is_as_good_as_before_when_the_disk_was_full(people):
    alice, bob = people("Alice", "Bob")
    link = invite(alice)
    with alice.full_disk():
        assert use(bob, link).invite == "not_accepted"
        assert alice.sees(bob) is None
    carol = people("Carol")
    assert use(carol, link).invite == "accepted"


def test_an_invite_is_still_good_after_a_restart(people):
    alice, bob = people("Alice", "Bob")
    link = invite(alice)
    alice.restart()
    assert use(bob, link).invite == "accepted"
    until(lambda: are_contacts(alice, bob))


def test_no_pass_of_an_invite_reaches_the_log_or_a_printed_object(people, caplog):
    caplog.set_level(logging.DEBUG)
    alice, bob, carol = people("Alice", "Bob", "Carol")
    link = invite(alice)
    knock_pass = bytes(parse_target(link).knock_pass)
    printed = repr(alice.node._invites._kept)
    use(bob, link)
    use(carol, link)
    for connection in (alice.link(bob), alice.link(carol)):
        printed += repr(connection) + repr(connection.channel)
    alice.restart()
    with pytest.raises(Refused) as refused:
        use(carol, link[:-3])
    printed += repr(refused.value) + str(refused.value)
    assert "came by an invite" in caplog.text
    written = base64.b32encode(knock_pass).decode().lower()
    for spelling in (*spellings(knock_pass), written[:12], link):
        assert spelling not in whole_log(caplog)
        assert spelling not in printed

"""Verifying over real connections: two programs in this process, and one with Mallory between."""

from contacts import Level
from engine.chat.events import SasChanged
from engine.protocol import records
from engine.protocol.sas import Sas, emoji_numbers
from engine.protocol.sas_records import SasAnswer, SasReveal, SasStart
from tests.chat.people import become_friends, friend, stranger
from tests.helpers import until


def states(someone):
    return [event.state for event in someone.hear(SasChanged)]


def test_two_programs_compare_and_both_are_verified(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node.verify_by_emoji(bob.address, "start")
    until(lambda: states(alice)[-1:] == states(bob)[-1:] == ["compare"])
    assert alice.hear(SasChanged)[-1].emoji == bob.hear(SasChanged)[-1].emoji
    alice.node.verify_by_emoji(bob.address, "same")
    bob.node.verify_by_emoji(alice.address, "same")
    assert alice.sees(bob).level == bob.sees(alice).level == Level.VERIFIED
    alice.restart()
    assert alice.sees(bob).level == Level.VERIFIED


def test_both_begin_at_once(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node.verify_by_emoji(bob.address, "start")
    bob.node.verify_by_emoji(alice.address, "start")
    until(lambda: states(alice)[-1:] == states(bob)[-1:] == ["compare"])
    assert alice.hear(SasChanged)[-1].emoji == bob.hear(SasChanged)[-1].emoji


def test_different_reaches_the_other_side_and_both_hold(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node.verify_by_emoji(bob.address, "start")
    until(lambda: states(bob)[-1:] == ["compare"])
    bob.node.verify_by_emoji(alice.address, "same")
    alice.node.verify_by_emoji(bob.address, "different")
    until(lambda: states(bob)[-1:] == ["different"])
    assert states(alice)[-1] == "different"
    assert alice.sees(bob).level == bob.sees(alice).level == Level.FIRST_USE
    until(lambda: not alice.connections(bob) and not bob.connections(alice))


def test_a_cut_cancels_it_on_both_sides(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node.verify_by_emoji(bob.address, "start")
    until(lambda: states(bob)[-1:] == ["compare"])
    alice.cut(bob)
    until(lambda: states(alice)[-1:] == states(bob)[-1:] == ["cancelled"])
    until(lambda: alice.is_linked(bob) and bob.is_linked(alice))
    bob.node.verify_by_emoji(alice.address, "start")
    until(lambda: states(alice)[-1:] == states(bob)[-1:] == ["compare"])


def test_a_broken_promise_ends_the_real_connection(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    talker.say(SasStart(b"c" * 32))
    answer = talker.hear(SasAnswer)
    talker.say(SasReveal(answer.nonce, b"n" * 32))
    assert talker.is_over()
    assert states(bob) == ["waiting", "cancelled"]


def test_a_peer_from_the_outside_derives_the_same(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    bob.node.verify_by_emoji(talker.address, "start")
    start = talker.hear(SasStart)
    talker.say(SasAnswer(start.commit, b"n" * 32))
    reveal = talker.hear(SasReveal)
    numbers = emoji_numbers(
        handshake_hash=talker.channel.handshake_hash,
        starter=bob.me.peer,
        other=talker.me.peer,
        starter_nonce=reveal.nonce,
        other_nonce=b"n" * 32,
    )
    assert numbers == tuple(one.number for one in bob.hear(SasChanged)[-1].emoji)


def test_a_stranger_gets_no_answer(people):
    bob = people("Bob")
    talker = stranger(bob, 9)
    talker.say(SasStart(b"c" * 32))
    talker.say(records.Bye())
    assert not any(isinstance(one, SasAnswer) for one in talker.hear_all())
    assert states(bob) == []


def test_with_mallory_between_the_two_programs_show_different_emoji(people):
    """She is a contact of both under her own key, and plays the other one to each."""
    alice, bob = people("Alice", "Bob")
    shown = []
    for someone in (alice, bob):
        mallory = friend(someone, 9)
        someone.node.verify_by_emoji(mallory.address, "start")
        hers = Sas(
            me=mallory.me.peer,
            peer=someone.me.peer,
            handshake_hash=mallory.channel.handshake_hash,
            new_nonce=lambda: bytes(32),
        )
        hers.receive(mallory.hear(SasStart))
        mallory.say(*hers.records_to_send())
        [derived] = hers.receive(mallory.hear(SasReveal))
        until(lambda someone=someone: states(someone)[-1:] == ["compare"])
        shown.append(tuple(one.number for one in someone.hear(SasChanged)[-1].emoji))
        assert shown[-1] == derived.numbers
    assert shown[0] != shown[1]

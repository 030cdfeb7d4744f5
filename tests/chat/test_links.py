"""What a link means: whom we greet how, whom we keep dialling, and what happens when it breaks."""

import gc

import gevent
import pytest

from engine.chat import events
from engine.net import rivals
from engine.net.redial import NO_PASS
from engine.protocol import records
from tests.chat.people import become_friends, calls_again, free_port, friend, stranger
from tests.helpers import person, until
from tests.net.talking import DoorOf, NoHandshake, Talker, hello


def redial_loops() -> list[gevent.Greenlet]:
    return [
        one
        for one in gc.get_objects()
        if isinstance(one, gevent.Greenlet) and not one.ready() and "Redial._loop" in repr(one)
    ]


def the_link(one, other):
    """The only connection of both; None while they differ."""
    mine, theirs = one.connections(other), other.connections(one)
    if len(mine) != 1 or len(theirs) != 1 or one.link(other) is not mine[0]:
        return None
    if other.link(one) is not theirs[0] or not (mine[0].is_open and theirs[0].is_open):
        return None
    same = mine[0].channel.handshake_hash == theirs[0].channel.handshake_hash
    return mine[0].channel.handshake_hash if same else None


# -- what HELLO says to whom


def test_a_stranger_is_told_our_name_and_no_pass(people):
    bob = people("Bob")
    talker = Talker.dial(bob.port, person(9))
    said = talker.open()
    assert (said.name, said.accepts, said.knock_pass, said.port) == ("Bob", False, b"", bob.port)


def test_a_contact_is_told_that_they_are_welcome_and_a_pass_of_their_own(people):
    bob = people("Bob")
    first, second = friend(bob, 9), friend(bob, 10)
    said = []
    for talker in (first, second):
        talker.hang_up()
        until(lambda talker=talker: not bob.is_linked(talker))
        said.append(Talker.dial(bob.port, talker.me).open())
    assert all(one.accepts for one in said)
    assert len({one.knock_pass for one in said} - {b"", NO_PASS}) == 2


def test_a_blocked_person_is_told_what_any_stranger_is(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    bob.node.change_person(talker.address, blocked=True)
    assert talker.is_over()
    said = Talker.dial(bob.port, person(9)).open()
    assert said == Talker.dial(bob.port, person(8)).open()
    assert (said.accepts, said.knock_pass) == (False, b"")


def test_the_pass_of_a_contact_opens_the_door_until_they_are_blocked_or_forgotten(people):
    bob = people("Bob")

    def knock(pass_):
        return Talker.dial(bob.port, person(9), knock_pass=pass_).open()

    friend(bob, 9).hang_up()
    pass_ = knock(NO_PASS).knock_pass
    assert knock(pass_).accepts
    bob.node.change_person(person(9).peer.address, blocked=True)
    with pytest.raises(NoHandshake):
        knock(pass_)
    bob.node.change_person(person(9).peer.address, blocked=False)
    newer = knock(NO_PASS).knock_pass
    assert newer != pass_
    bob.node.forget_person(person(9).peer.address)
    with pytest.raises(NoHandshake):
        knock(newer)


def test_a_contact_is_knocked_at_with_the_pass_they_gave(people):
    alice = people("Alice")
    door = DoorOf(person(9))
    talker = friend(alice, 9, port=door.place.port, knock_pass=b"their own pass!!")
    only = DoorOf(person(9), passes=lambda: (b"their own pass!!",))
    talker.say(hello(accepts=True, port=only.place.port, knock_pass=b"their own pass!!"))
    talker.hang_up()
    calls_again(alice, 9, port=only.place.port, knock_pass=b"their own pass!!").hang_up()
    door.close()
    assert only.meet().open(accepts=True).accepts


def test_a_contact_who_moved_is_reached_at_the_new_place(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    bob.port = free_port()
    bob.start()
    until(lambda: the_link(alice, bob))
    until(lambda: alice.sees(bob).hosts[0] == bob.place)
    bob.stop()
    bob.start()
    until(lambda: the_link(alice, bob))


# -- one link


def test_both_calling_at_once_end_with_one_link_and_messages_flow(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    for number in range(5):
        alice.cut(bob)  # both notice, and both dial
        until(lambda: the_link(alice, bob))
        alice.says(bob, f"a{number}")
        bob.says(alice, f"b{number}")
        until(lambda: set(alice.states(bob) + bob.states(alice)) == {"delivered"})
    assert len(alice.history(bob)) == len(bob.history(alice)) == 10


def test_a_dead_link_is_replaced_when_the_other_calls_and_its_messages_arrive(
    people, wire_to, monkeypatch
):
    monkeypatch.setattr(rivals, "SIGN_OF_LIFE_WITHIN", 0.05)
    alice, bob = people("Alice", "Bob")
    wire = wire_to(bob)
    alice.meets(wire)
    until(bob.node.requests)
    bob.accepts(alice)
    until(lambda: alice.sees(bob).contact and alice.is_linked(bob) and bob.is_linked(alice))
    wire.hold()  # the cable is out, and nobody has noticed
    alice.says(bob, "into the dark")
    bob.says(alice, "me too")
    bob.node._peers.dial(
        bob.node._book.get(alice.me.peer).places[0], expected=alice.me.peer, knock_pass=NO_PASS
    )
    until(lambda: set(alice.states(bob) + bob.states(alice)) == {"delivered"})
    assert sorted(bob.read(alice)) == ["into the dark", "me too"]


def test_one_identity_in_two_programs_is_told_to_the_person_on_the_other_side(people):
    bob = people("Bob")
    first = friend(bob, 9, stream=b"program1")
    second = Talker.dial(bob.port, person(9))
    second.open(accepts=True, stream=b"program2")
    first.hear(records.Ping)
    first.say(records.Pong())
    until(lambda: [notice.code for notice in bob.hear(events.Notice)] == ["runs_twice"])
    assert second.is_understood()


# -- how it stands


def test_a_link_and_its_loss_are_told(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    assert (alice.sees(bob).online, alice.sees(bob).link) == (True, "online")
    bob.stop()
    until(lambda: alice.sees(bob).link == "reconnecting")
    until(lambda: alice.sees(bob).reason == "refused")
    seen = alice.sees(bob)
    assert not seen.online
    told = [event.person.link for event in alice.hear(events.PersonChanged)]
    assert "online" in told
    assert "connecting" in told
    assert told[-1] in ("connecting", "reconnecting")
    bob.start()
    until(lambda: alice.sees(bob).link == "online")
    assert alice.sees(bob).reason == ""
    assert alice.sees(bob).next_try_at is None
    until(lambda: alice.hear(events.PersonChanged)[-1].person.link == "online")


def test_the_next_attempt_is_told_as_a_time_of_this_machine(people):
    alice, bob = people("Alice", "Bob", now=lambda: 1_000_000, jitter=lambda: 0.5)
    become_friends(alice, bob)
    bob.stop()
    until(lambda: alice.sees(bob).next_try_at is not None)
    waits = [0.5, 1.0, 2.0]  # the jitter's share of 1, 2, 4 seconds
    assert alice.sees(bob).next_try_at in [1_000_000 + int(wait * 1_000) for wait in waits]
    assert alice.sees(bob).last_seen_at == 1_000_000


def test_somebody_whose_address_nobody_knows_is_said_to_have_none(people):
    bob = people("Bob")
    talker = friend(bob, 9)  # listens nowhere
    talker.hang_up()
    until(lambda: bob.sees(talker).reason == "no_address")


def test_an_unanswered_request_is_dialled_like_a_contact(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob)
    bob.stop()
    until(lambda: alice.sees(bob).reason == "refused")
    assert alice.sees(bob).relation == "asked"
    bob.start()
    until(lambda: alice.is_linked(bob))


@pytest.mark.parametrize("how", ["forget", "block"])
def test_whoever_is_forgotten_or_blocked_is_dialled_no_more(people, how):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    until(lambda: alice.sees(bob).reason == "refused")
    if how == "forget":
        alice.node.forget_person(bob.address)
    else:
        alice.node.change_person(bob.address, blocked=True)
        seen = alice.sees(bob)
        assert (seen.link, seen.next_try_at, seen.reason) == ("offline", None, "")
    until(lambda: not redial_loops())
    alice.restart()
    assert not redial_loops()


def test_a_program_that_stops_leaves_no_greenlet_behind(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    until(lambda: alice.sees(bob).reason == "refused")
    alice.stop()
    until(lambda: not redial_loops())
    until(lambda: not alice.node._peers._everyone and not bob.node._peers._everyone)
    gc.collect()
    ours = ("engine", "Connection", "Redial", "Rivals", "Direct", "Database")
    left = [
        repr(one)
        for one in gc.get_objects()
        if isinstance(one, gevent.Greenlet)
        and not one.ready()
        and any(f"method {name}" in repr(one) for name in ours)
    ]
    assert left == []


def test_stopping_says_goodbye_so_that_the_others_see_it_at_once(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    stopping = gevent.spawn(bob.stop)
    assert talker.hear_all()[-1] == records.Bye()
    talker.hang_up()
    stopping.get(timeout=10)


# -- how little a peer can make us do


def test_a_hello_without_news_costs_no_commit(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    talker.say(hello(accepts=True, name="Nine"))
    until(lambda: bob.sees(talker).name == "Nine")
    assert talker.is_understood()
    told = len(bob.hear(events.PersonChanged))
    for _ in range(100):
        talker.say(hello(accepts=True, name="Nine"))
    assert talker.is_understood()
    assert len(bob.hear(events.PersonChanged)) == told


def test_a_request_is_not_said_again_at_every_hello(people):
    alice = people("Alice")
    talker = stranger(alice, 9)
    alice.node.connect(talker.address)
    talker.hear(records.Request)
    for number in range(50):
        talker.say(hello(name=f"Nine {number}"))
    assert talker.is_understood()
    assert len([one for one in talker.heard_ever if isinstance(one, records.Request)]) == 1


def test_strangers_who_came_and_went_leave_nothing_in_memory(people):
    bob = people("Bob")
    for number in range(10, 20):
        talker = stranger(bob, number)
        talker.say(records.Ack(0), records.Message(1, bytes(16), 1, 1, 0, b"x"))
        assert talker.is_understood()
        talker.hang_up()
        until(lambda: not bob.node._peers._everyone)
    direct = bob.node._direct
    assert not direct._boxes
    assert not direct._positions
    assert not direct._expected
    assert not bob.node._links._status
    assert not bob.node._peers._links


def test_a_full_disk_does_not_keep_a_link_from_standing(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    with bob.full_disk():
        alice.cut(bob)
        until(lambda: the_link(alice, bob))
    alice.says(bob, "hello")
    until(lambda: alice.states(bob) == ["delivered"])


def test_an_acceptance_that_cannot_be_kept_now_is_kept_later(people):
    alice, bob = people("Alice", "Bob")
    alice.meets(bob, "hello")
    until(bob.node.requests)
    with alice.full_disk():
        bob.accepts(alice)
        until(lambda: alice.hear(events.Notice))
        assert not alice.sees(bob).contact
    until(lambda: alice.sees(bob).contact)
    until(lambda: alice.states(bob) == ["delivered"])


def test_whoever_forgot_us_and_accepts_us_again_is_heard_at_once(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.node.forget_person(alice.address)
    until(lambda: alice.is_linked(bob) and not alice.link(bob).session.hello.accepts)
    alice.says(bob, "waits")
    bob.meets(alice, "it is me again")
    until(lambda: set(alice.states(bob) + bob.states(alice)) == {"delivered"})
    assert sorted(alice.read(bob)) == sorted(bob.read(alice)) == ["it is me again", "waits"]


def test_addresses_where_people_were_reached_are_known_at_the_door(people):
    """Strangers cannot take the places at the door that are kept for them."""
    alice, bob = people("Alice", "Bob")
    links = alice.node._links
    assert not links.is_known_host("127.0.0.1")
    become_friends(alice, bob)
    assert links.is_known_host("127.0.0.1")
    assert not links.is_known_host("127.0.0.2")

"""People as the page sees them: strangers on this network, and those who are held."""

import pytest

from engine.chat.errors import Refused
from engine.chat.events import PersonChanged, PersonRemoved, SasChanged
from engine.net.announcements import Sighting
from engine.protocol import beacon, records
from engine.protocol.invite import HostPort
from tests.chat.people import at_once, become_friends, calls_again, free_port, friend
from tests.helpers import until


def sighting(someone, name, *places, instance="one"):
    """What ``someone`` says of themselves on the network."""
    return Sighting(instance, places or (there(someone),), beacon.write_open(someone.me.peer, name))


def there(someone):
    return HostPort("127.0.0.1", someone.port)


def refusal(act, *arguments, **named):
    with pytest.raises(Refused) as refused:
        act(*arguments, **named)
    return refused.value.code


def differ(one, other):
    """Both compare emoji, and ``one`` sees others there."""
    one.node.verify_by_emoji(other.address, "start")
    until(lambda: [run.state for run in other.hear(SasChanged)][-1:] == ["compare"])
    until(lambda: [run.state for run in one.hear(SasChanged)][-1:] == ["compare"])
    one.node.verify_by_emoji(other.address, "different")


def test_a_stranger_on_this_network_is_shown_as_what_they_claim(people):
    alice, bob = people("Alice", "Bob")
    alice.node._lookout.nearby.seen(sighting(bob, "Bob\u202e the 1st"))
    [told] = alice.hear(PersonChanged)
    [seen] = alice.node.people()
    assert told.person == seen
    assert (seen.name, seen.relation, seen.nearby, seen.online) == (
        "Bob the 1st",
        "none",
        True,
        False,
    )
    assert (seen.contact, seen.level, seen.chat) == (False, 0, None)
    assert seen.hosts == (bob.place,)
    alice.node._lookout.nearby.gone("one")
    assert alice.node.people() == []
    assert [event.address for event in alice.hear(PersonRemoved)] == [bob.address]


def test_nothing_is_stored_of_somebody_who_is_only_seen(people):
    alice, bob = people("Alice", "Bob")
    alice.node._lookout.nearby.seen(sighting(bob, "Bob"))
    assert alice.sees(bob)
    alice.restart()
    assert alice.sees(bob) is None


def test_somebody_nearby_is_reached_by_their_bare_address(people):
    alice, bob = people("Alice", "Bob")
    alice.node._lookout.nearby.seen(sighting(bob, "Bob"))
    assert alice.node.connect(bob.address, "hi").state == "requested"
    until(lambda: alice.name in bob.asked_by())
    bob.accepts(alice)
    until(lambda: alice.sees(bob).contact and bob.read(alice) == ["hi"])


def test_a_claim_changes_nothing_of_a_contact(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    before = alice.sees(bob)
    alice.node._lookout.nearby.seen(sighting(bob, "Mallory", HostPort("10.0.0.9", 1)))
    after = alice.sees(bob)
    assert (after.name, after.hosts, after.level) == (before.name, before.hosts, before.level)
    assert after.nearby


def test_a_contact_is_found_again_at_the_place_they_announce(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    for someone in (alice, bob):  # neither knows where the other is now
        someone.stop()
        someone.port = free_port()
    alice.start()
    bob.start()
    until(lambda: alice.sees(bob).reason == "refused" and bob.sees(alice).reason == "refused")
    alice.node._lookout.nearby.seen(sighting(bob, "Bob"))
    until(lambda: alice.is_linked(bob))
    until(lambda: alice.sees(bob).hosts[0] == bob.place)


def test_a_place_where_somebody_else_answers_counts_no_more(people):
    alice, bob, mallory = people("Alice", "Bob", "Mallory")
    become_friends(alice, bob)
    bob.stop()
    until(lambda: not alice.is_linked(bob))
    alice.node._lookout.nearby.seen(sighting(bob, "Bob", there(mallory)))
    until(lambda: not alice.node._lookout.nearby.places(bob.me.peer))
    assert not alice.is_linked(mallory)
    assert alice.sees(bob).hosts == (bob.place,)


def test_somebody_forgotten_who_is_here_is_a_stranger_again(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node._lookout.nearby.seen(sighting(bob, "Bob"))
    alice.node.forget_person(bob.address)
    assert alice.sees(bob).relation == "none"
    told = [event for event in alice.hear() if isinstance(event, PersonChanged | PersonRemoved)]
    assert isinstance(told[-2], PersonRemoved)
    assert told[-1].person.relation == "none"


def test_a_stranger_nearby_can_be_blocked(people):
    alice, bob = people("Alice", "Bob")
    alice.node._lookout.nearby.seen(sighting(bob, "Bob"))
    assert alice.node.change_person(bob.address, blocked=True).blocked
    assert refusal(alice.node.connect, bob.address) == "blocked"


# -- held


def test_emoji_that_differ_hold_the_person_on_both_sides(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node.change_person(bob.address, verified=True)
    differ(alice, bob)
    until(lambda: bob.sees(alice).held)
    seen = alice.sees(bob)
    assert (seen.held, seen.level, seen.verified_how) == (True, 0, "")
    until(lambda: not alice.connections(bob) and not bob.connections(alice))
    for one, other in ((alice, bob), (bob, alice)):
        assert refusal(one.node.send, other.address, "hi") == "held"
        assert refusal(one.node.connect, other.place) == "held"
        assert one.node._redial._wanted == {}


def test_a_hold_lasts_until_it_is_lifted(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    differ(alice, bob)
    until(lambda: bob.sees(alice).held)
    alice.restart()
    assert alice.sees(bob).held
    alice.node.change_person(bob.address, held=False)
    bob.node.change_person(alice.address, held=False)
    assert alice.sees(bob).level == 0
    until(lambda: alice.is_linked(bob) and bob.is_linked(alice))
    alice.says(bob, "again")
    until(lambda: bob.read(alice) == ["again"])


def test_nothing_is_said_to_a_held_person_who_comes_by_themselves(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    alice.says(bob, "waits")
    alice.node._trust.hold(bob.me.peer)
    bob.start()
    until(lambda: bob.is_linked(alice))
    until(lambda: bob.link(alice).session.hello is not None)
    hello = bob.link(alice).session.hello
    assert (hello.accepts, hello.knock_pass, hello.your_position) == (False, b"", 0)
    alice.node.change_person(bob.address, held=False)
    until(lambda: bob.read(alice) == ["waits"])


def test_what_a_held_person_sends_is_not_heard(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    bob.node._trust.hold(talker.me.peer)
    bob.node._peers.drop(talker.me.peer)
    until(lambda: not bob.connections(talker))
    again = calls_again(bob, 9)
    again.say(records.Request(bytes(16), 1, 0, "Talker", "let me in"))
    again.say(records.Message(1, bytes(16), 1, 1, 0, b"\x91\xa2hi"))
    assert again.is_understood()
    assert bob.sees(talker).held
    assert bob.asked_by() == []
    assert bob.read(talker) == []


def test_a_hold_cannot_be_put_on_or_verified_away_by_hand(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    assert refusal(alice.node.change_person, bob.address, held=True) == "bad_request"
    alice.node._trust.hold(bob.me.peer)
    assert refusal(alice.node.change_person, bob.address, verified=True) == "held"
    assert alice.sees(bob).level == 0


def test_unblocking_does_not_lift_a_hold(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node._trust.hold(bob.me.peer)
    alice.node.change_person(bob.address, blocked=True)
    alice.node.change_person(bob.address, blocked=False)
    assert alice.sees(bob).held
    assert alice.node._book.get(bob.me.peer).pass_for_them is None


@pytest.mark.parametrize(("how", "kept"), [(None, "number"), ("number", "number"), ("qr", "qr")])
def test_how_somebody_was_verified_is_kept(people, how, kept):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    named = {} if how is None else {"how": how}
    alice.node.change_person(bob.address, verified=True, **named)
    alice.restart()
    assert (alice.sees(bob).level, alice.sees(bob).verified_how) == (2, kept)
    alice.node.change_person(bob.address, verified=False)
    assert (alice.sees(bob).level, alice.sees(bob).verified_how) == (0, "")


def test_an_unknown_way_to_verify_and_an_unknown_act_are_refused(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    assert refusal(alice.node.change_person, bob.address, verified=True, how="x") == "bad_request"
    assert refusal(alice.node.verify_by_emoji, bob.address, "nod") == "bad_request"
    assert refusal(alice.node.verify_by_emoji, bob.address, "cancel") == "not_found"


def test_a_hold_that_cannot_be_stored_holds_nevertheless(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node.change_person(bob.address, verified=True)
    alice.node.verify_by_emoji(bob.address, "start")
    until(lambda: [run.state for run in alice.hear(SasChanged)][-1:] == ["compare"])
    with alice.full_disk():
        assert refusal(alice.node.verify_by_emoji, bob.address, "different") == "disk_full"
        assert (alice.sees(bob).held, alice.sees(bob).level) == (True, 0)
        assert refusal(alice.node.send, bob.address, "hi") == "held"
        assert alice.node._redial._wanted == {}
    alice.node.change_person(bob.address, name="Not Bob?")  # the next change takes it along
    alice.restart()
    assert alice.sees(bob).held


def test_a_hold_that_could_not_be_stored_is_stored_at_the_second_try(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node.verify_by_emoji(bob.address, "start")
    until(lambda: [run.state for run in alice.hear(SasChanged)][-1:] == ["compare"])
    with alice.full_disk():
        assert refusal(alice.node.verify_by_emoji, bob.address, "different") == "disk_full"
    assert alice.node.verify_by_emoji(bob.address, "different").state == "different"
    alice.restart()
    assert alice.sees(bob).held


def test_verifying_while_a_hold_is_being_stored_verifies_nobody(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    said = at_once(
        lambda: alice.node._trust.hold(bob.me.peer),
        lambda: alice.node.change_person(bob.address, verified=True),
    )
    assert said[1].code == "held"
    assert (alice.sees(bob).held, alice.sees(bob).level) == (True, 0)


def test_a_held_person_changes_nothing_of_how_they_are_kept(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    bob.node._trust.hold(talker.me.peer)
    bob.node._peers.drop(talker.me.peer)
    until(lambda: not bob.connections(talker))
    before = bob.node._book.get(talker.me.peer)
    again = calls_again(bob, 9, name="Honest Budi", port=4321, knock_pass=bytes(16))
    assert again.is_understood()
    after = bob.node._book.get(talker.me.peer)
    assert (after.contact.own_name, after.places) == (before.contact.own_name, before.places)
    assert after.pass_from_them == before.pass_from_them


# -- who could be taken for somebody else


def cautions(shown):
    return [(one.code, one.address) for one in shown.warnings]


def test_a_new_key_under_a_known_name_is_a_stranger_with_a_warning(people):
    alice, bob, mallory = people("Alice", "Bob", "Mallory")
    become_friends(alice, bob)
    alice.node.change_person(bob.address, verified=True)
    alice.node._lookout.nearby.seen(sighting(mallory, "Bob"))
    seen = alice.sees(mallory)
    assert cautions(seen) == [("same_name", bob.address)]
    assert (seen.level, seen.contact) == (0, False)
    assert cautions(alice.sees(bob)) == []
    mallory.node.set_name("Bob")
    mallory.meets(alice, "it is me")
    until(lambda: alice.node.requests())
    [request] = alice.node.requests()
    assert cautions(request) == [("same_name", bob.address)]
    assert request.warnings[0].name == "Bob"


def test_a_name_that_looks_like_a_known_one_or_like_mine_has_a_warning(people):
    alice, bob, mallory = people("Alice", "Bob", "Mallory")
    become_friends(alice, bob)
    alice.node._lookout.nearby.seen(sighting(mallory, "В0b"))  # that is the point
    assert cautions(alice.sees(mallory)) == [("look_alike", bob.address)]
    alice.node._lookout.nearby.seen(sighting(mallory, "aIice"))
    assert cautions(alice.sees(mallory)) == [("look_alike", alice.address)]
    alice.node.set_name("Dewi")
    assert cautions(alice.sees(mallory)) == []


def test_a_new_key_where_somebody_was_reached_has_a_warning(people):
    alice, bob, mallory = people("Alice", "Bob", "Mallory")
    become_friends(alice, bob)
    alice.node._lookout.nearby.seen(sighting(mallory, "Mallory", there(bob)))
    assert cautions(alice.sees(mallory)) == [("same_place", bob.address)]


def test_a_warning_follows_what_becomes_of_the_other(people):
    alice, bob, mallory = people("Alice", "Bob", "Mallory")
    become_friends(alice, bob)
    alice.node._lookout.nearby.seen(sighting(mallory, "Bob"))
    alice.node.change_person(bob.address, name="Bobby")
    assert cautions(alice.sees(mallory)) == [("same_name", bob.address)]  # his own name still
    alice.node.forget_person(bob.address)
    assert cautions(alice.sees(mallory)) == []

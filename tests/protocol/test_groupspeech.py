"""Whose words count, and which are in doubt."""

from engine.protocol import membership
from engine.protocol.groupacts import Role
from engine.protocol.groupspeech import doubts
from tests.helpers import person
from tests.protocol.groups import Replica
from tests.protocol.test_grouppast import laid_out


def judged(event, *replicas):
    acts = laid_out(*replicas)
    found = doubts(acts, membership.judge(acts), event.author, event.auth)
    return None if found is None else {act.event.id for act in found}


def people():
    alice = Replica.founded_by(1)
    return alice, alice.joined_by(2), alice.joined_by(3)


def test_a_members_words_are_in_no_doubt():
    alice, bob, _carol = people()
    assert judged(bob.says("hi"), alice, bob) == set()
    assert judged(alice.says("hi"), alice, bob) == set()


def test_words_of_somebody_never_added_do_not_count():
    alice, bob, _carol = people()
    stranger = Replica(person(9), bob.known.values())
    assert judged(stranger.says("hi"), alice, bob, stranger) is None


def test_words_beside_a_removal_are_in_doubt():
    alice, bob, _carol = people()
    removal = alice.removes(bob)
    assert judged(bob.says("hi"), alice, bob) == {removal.id}


def test_words_of_who_knew_to_be_removed_do_not_count():
    alice, bob, _carol = people()
    alice.removes(bob)
    bob.hears(alice)
    assert judged(bob.says("still here"), alice, bob) is None


def test_who_was_called_back_speaks_again():
    alice, bob, _carol = people()
    alice.removes(bob)
    alice.adds(bob)
    bob.hears(alice)
    assert judged(bob.says("hi again"), alice, bob) == set()


def test_a_creator_who_left_has_nothing_more_to_say():
    alice, bob, _carol = people()
    beside = alice.known.copy()
    left = alice.leaves()
    assert judged(alice.says("one more"), alice, bob) is None
    alice.known = beside
    assert judged(alice.says("at once"), alice, bob, Replica(alice.me, [left])) == {left.id}


def test_words_said_in_good_faith_stay_when_their_author_turns_out_to_be_senior():
    """Bob added Carol; Dewi, who is senior to Bob, did so at the same moment: Bob's ADD is void."""
    alice = Replica.founded_by(1)
    dewi, bob = alice.joined_by(2, Role.ADMIN), alice.joined_by(3, Role.ADMIN)
    carol = bob.joined_by(4)
    words = carol.says("hi")
    dewi.adds(carol)
    alice.hears(bob, carol, dewi)
    assert judged(words, alice) == set()
    alice.removes(carol)
    carol.hears(alice)
    puppet_add = bob.adds(carol)  # from somebody junior to her, after her removal
    carol.hears(bob)
    alice.hears(carol)
    assert puppet_add.id not in alice.view().valid
    assert judged(carol.says("again"), alice, carol) is None

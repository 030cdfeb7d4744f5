"""Which acts came before which, and whom an author names as what they knew."""

from engine.protocol import groupevent
from engine.protocol.grouppast import Acts
from tests.helpers import person
from tests.protocol.groups import Replica


def laid_out(*replicas):
    acts = Acts()
    known = {event.id: event for one in replicas for event in one.known.values()}
    for event in sorted(known.values(), key=lambda event: event.order):
        acts.add(event)
    return acts


def act_of(acts, event):
    [found] = [one for one in acts.by[event.author] if one.event == event]
    return found


def test_what_an_author_knew_came_before_and_what_they_did_not_stands_beside():
    alice = Replica.founded_by(1)
    bob = alice.joined_by(2)
    known = alice.names("one")
    bob.hears(alice)
    after, beside = bob.leaves(), alice.names("two")
    acts = laid_out(alice, bob)
    assert act_of(acts, known).is_before(act_of(acts, after))
    assert not act_of(acts, after).is_before(act_of(acts, known))
    assert act_of(acts, after).is_beside(act_of(acts, beside))
    assert not act_of(acts, after).is_beside(act_of(acts, after))


def test_an_act_added_twice_is_one_and_words_are_none():
    alice = Replica.founded_by(1)
    acts = laid_out(alice)
    acts.add(alice.says("hi"))
    for event in alice.known.values():
        acts.add(event)
    assert len(acts) == 1


def test_a_copy_goes_its_own_way():
    alice = Replica.founded_by(1)
    acts = laid_out(alice)
    before = acts.heads(8)
    other = acts.copy()
    other.add(alice.names("new"))
    assert (len(acts), len(other)) == (1, 2)
    assert acts.heads(8) == before != other.heads(8)


def test_nobody_was_called_but_who_is_named_and_the_creator():
    alice = Replica.founded_by(1)
    bob = alice.joined_by(2)
    acts = laid_out(alice, bob)
    everything = acts.past_of(acts.heads(8))
    assert acts.is_called(alice.peer, everything)
    assert acts.is_called(bob.peer, everything)
    assert not acts.is_called(person(3).peer, everything)
    assert not acts.is_called(bob.peer, acts.past_of([alice.view().creator]))


def test_many_heads_of_a_liar_silence_nobody():
    """Without her own reason among the heads that she names, her words would be refused."""
    alice = Replica.founded_by(1)
    mallory = alice.joined_by(2)
    carol = alice.joined_by(3)
    past = list(mallory.known.values())
    high = 1 + max(event.lamport for event in alice.known.values())
    acts = laid_out(alice)
    for face in range(12):
        forged = groupevent.write(
            person(20 + face), gid=past[0].gid, seq=1, prev=None, parents=[past[0].id],
            auth=[past[-1].id], lamport=high + face, ts=face, kind=groupevent.META,
        )  # fmt: skip
        acts.add(forged)
    assert not acts.is_called(carol.peer, acts.past_of(acts.heads(8)))
    named = acts.heads(8, acts.called[carol.peer])
    assert len(named) == 8
    assert acts.is_called(carol.peer, acts.past_of(named))


def test_many_faces_of_one_person_take_one_place_among_the_heads():
    alice = Replica.founded_by(1)
    mallory = alice.joined_by(2)
    carol = alice.joined_by(3)
    past = list(mallory.known.values())
    acts = laid_out(alice)
    newest = acts.heads(8)
    for face in range(12):
        forged = groupevent.write(
            mallory.me, gid=past[0].gid, seq=1, prev=None, parents=[past[0].id],
            auth=[past[-1].id], lamport=90 + face, ts=face, kind=groupevent.LEAVE,
        )  # fmt: skip
        acts.add(forged)
    named = acts.heads(8)
    assert len(named) == 8
    assert set(newest) <= set(named)
    assert acts.is_called(carol.peer, acts.past_of(named))

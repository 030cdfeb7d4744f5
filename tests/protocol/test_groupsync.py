"""Bringing each other up to date: little when equal, everything once, and nothing for outsiders."""

import pytest

from engine.protocol import groupbatch, groupevent, grouplog, groupstate, groupsync
from engine.protocol.grouprecords import (
    GroupEvents,
    GroupState,
    GroupVector,
    GroupWant,
    Tip,
)
from tests.protocol.groupworld import FIRST_WORDS, World


def a_group(people, *, members=None):
    """The first made it and added the others; all are linked and know everything."""
    world = World(people)
    world.stations[0].founds()
    for other in world.stations[1 : members or people]:
        world.stations[0].adds(other)
    world.link_all(world.stations[: members or people])
    world.run(30)
    world.log = []
    return world, *world.stations


def said(world, kind, sender=None, receiver=None):
    return [
        record
        for one, other, record in world.log
        if isinstance(record, kind) and sender in (None, one) and receiver in (None, other)
    ]


def test_equal_digests_end_it():
    world, alice, bob = a_group(2)
    world.cut(alice, bob)
    world.link(alice, bob)
    world.run(20)
    assert [type(record) for _one, _other, record in world.log] == [GroupState, GroupState]


def test_who_is_behind_asks_and_gets_what_is_missing_and_nothing_else():
    world, alice, bob = a_group(2)
    world.cut(alice, bob)
    missing = [alice.says(f"words {number}").id for number in range(5)]
    world.link(alice, bob)
    world.run(20)
    got = [groupevent.read(wire).id for one in said(world, GroupEvents) for wire in one.wires]
    assert got == missing
    assert len(said(world, GroupVector)) == 1
    assert bob.texts() == alice.texts()
    assert bob.sync.is_up_to_date(alice.peer)
    assert alice.sync.is_up_to_date(bob.peer)


def test_both_get_what_they_lack():
    world, alice, bob = a_group(2)
    world.cut(alice, bob)
    alice.says("from Alice")
    bob.says("from Bob")
    world.link(alice, bob)
    world.run(20)
    assert len(alice.texts()) == 2
    assert alice.shown() == bob.shown()


def test_after_an_agreement_only_authors_heard_since_are_named():
    world, alice, bob, _carol = a_group(3)
    world.run(5)
    world.queues[alice.peer, bob.peer].clear()
    alice.says("lost")
    world.queues[alice.peer, bob.peer].clear()  # and with it what would be said about it
    world.run(20)
    world.cut(alice, bob)
    world.link(alice, bob)
    world.run(10)
    world.log.clear()
    event = alice.makes(FIRST_WORDS, content=grouplog.pack_content(bytes(16), b"unheard"))
    alice.shelf.add([event])
    world.run(310)
    vectors = said(world, GroupVector)
    assert vectors
    assert all(vector.base is not None and len(vector.tips) <= 1 for vector in vectors)
    assert bob.texts() == alice.texts()


def test_an_unknown_base_is_answered_by_asking_for_the_whole_vector():
    world, alice, bob = a_group(2)
    alice.sync.heard(bob.peer, GroupVector(alice.shelf.gid, b"?" * 32, False, ()), world.now)
    world.run(5)
    assert said(world, GroupWant, alice, bob) == [GroupWant(alice.shelf.gid, ())]
    [vector] = said(world, GroupVector, bob, alice)
    assert vector.base is None
    assert len(vector.tips) == 1


def test_words_that_somebody_did_not_bring_along_are_asked_for_elsewhere():
    world, alice, bob, carol = a_group(3)
    event = alice.makes(FIRST_WORDS, content=grouplog.pack_content(bytes(16), b"the words"))
    signed, signature, _words = groupevent.parts(event)
    alice.shelf.add([event])
    bob.hears(carol.peer, GroupEvents(event.gid, (groupevent.join(signed, signature, None),)))
    assert bob.texts() == []
    world.run(20)
    assert bob.texts() == ["the words"]


def test_who_has_no_words_that_are_missing_is_asked_once():
    world, alice, bob, carol = a_group(3)
    event = alice.makes(FIRST_WORDS, content=grouplog.pack_content(bytes(16), b"the words"))
    signed, signature, _words = groupevent.parts(event)
    empty = groupevent.join(signed, signature, None)
    for one in (alice, bob, carol):  # nobody has them any more
        one.shelf.add([groupevent.read(empty)])
    world.run(20)
    world.log.clear()
    later = alice.says("later").id
    world.run(5)
    event = alice.makes(FIRST_WORDS, content=grouplog.pack_content(bytes(16), b"lost, too"))
    signed, signature, _words = groupevent.parts(event)
    lost = groupevent.join(signed, signature, None)
    alice.shelf.add([groupevent.read(lost)])
    bob.hears(carol.peer, GroupEvents(event.gid, (lost,)))
    world.log.clear()
    world.run(60)
    wants = [len(one.ids) for one in said(world, GroupWant, bob, alice) if later not in one.ids]
    assert wants == [2]


def test_a_vector_of_several_parts_is_one(monkeypatch):
    monkeypatch.setattr(groupbatch, "MAX_TIPS", 1)
    world, alice, bob, carol = a_group(3)
    for one in (alice, bob, carol):
        one.says("before")
    world.run(10)
    world.cut(alice, bob)
    alice.says("missed")
    world.log.clear()
    world.cut(bob, carol)
    world.link(alice, bob)
    world.run(20)
    parts = said(world, GroupVector, bob, alice)
    assert [part.more for part in parts] == [True, True, False]
    wires = [wire for one in said(world, GroupEvents, alice, bob) for wire in one.wires]
    assert len(wires) == 1
    assert bob.texts() == alice.texts()


def test_a_history_of_many_batches_arrives_whole_and_once(monkeypatch):
    monkeypatch.setattr(groupbatch, "BATCH", 700)
    world, alice, bob = a_group(2)
    world.cut(alice, bob)
    for number in range(60):
        alice.says(f"words {number}")
    world.link(alice, bob)
    world.run(20)
    wires = [wire for one in said(world, GroupEvents) for wire in one.wires]
    assert len(wires) == len(set(wires)) == 60
    assert len(said(world, GroupEvents)) >= 20
    assert bob.texts() == alice.texts()


def test_a_link_lost_in_the_middle_of_serving_begins_again(monkeypatch):
    monkeypatch.setattr(groupbatch, "BATCH", 700)
    world, alice, bob = a_group(2)
    world.cut(alice, bob)
    for number in range(60):
        alice.says(f"words {number}")
    for _ in range(4):
        world.link(alice, bob)
        world.hand_over(14)
        world.cut(alice, bob)
    assert 0 < len(bob.texts()) < 60
    world.link(alice, bob)
    world.run(20)
    assert bob.texts() == alice.texts()
    assert not bob.page.shown_twice


def test_who_was_asked_and_says_nothing_is_asked_again():
    world, alice, bob = a_group(2)
    world.cut(alice, bob)
    alice.says("hi")
    bob.sync.linked(alice.peer)  # Bob's half of a link; Alice is not there yet
    sent = []
    bob.world = type("Wire", (), {
        "now": world.now, "send": lambda _self, _one, _peer, record: sent.append(record)
    })()  # fmt: skip
    bob.sync.heard(alice.peer, GroupState(bob.shelf.gid, b"?" * 32, 0, False), world.now)
    bob.sync.tick(world.now)
    assert sum(isinstance(record, GroupVector) for record in sent) == 1
    bob.sync.tick(world.now + groupsync.ANSWER_WITHIN + 1)
    assert sum(isinstance(record, GroupVector) for record in sent) == 2


def test_vain_questions_become_rarer():
    """Somebody says to have what they never send: for a day."""
    world, _alice, bob = a_group(2)
    asked = []
    bob.sync._send = lambda _peer, record: asked.append((now, record))
    alice = world.stations[0].peer
    gid = bob.shelf.gid
    now = world.now
    for _ in range(3_000):
        bob.sync.heard(alice, GroupState(gid, b"?" * 32, 0, end=True), now)
        bob.sync.tick(now)
        now = max(now + 0.1, min(bob.sync.next_deadline(), now + 60))
    times = [at for at, record in asked if isinstance(record, GroupVector)]
    assert 5 < len(times) < 3_000
    assert times[-1] - times[-2] >= 59


def test_orphans_that_never_fit_are_asked_about_more_and_more_rarely():
    world, alice, bob = a_group(2)
    vectors = []
    bob.sync._send = lambda _peer, record: vectors.append(record)
    now = world.now
    for number in range(300):
        orphan = alice.makes(
            FIRST_WORDS, content=bytes(16), parents=[number.to_bytes(32, "big")], lamport=999
        )
        bob.sync.heard_events(alice.peer, [orphan], now)
        bob.sync.heard(alice.peer, GroupState(bob.shelf.gid, b"?" * 32, 0, end=True), now)
        bob.sync.tick(now)
        now += 1
    assert sum(isinstance(record, GroupVector) for record in vectors) < 30


def test_a_forged_orphan_costs_nobody_else_anything():
    """Mallory's waits for Alice's event and does not fit: Alice did nothing wrong."""
    world, alice, bob, mallory = a_group(3)
    world.partition([[alice], [bob, mallory]])
    real = alice.says("real")
    forged = mallory.makes(FIRST_WORDS, content=bytes(16), parents=[real.id], lamport=999)
    bob.sync.heard_events(mallory.peer, [forged], world.now)
    assert bob.sync.heard_events(alice.peer, [real], world.now) == [real]
    assert bob.texts() == ["real"]


def test_one_who_speaks_two_ways_divides_nobody():
    world, alice, bob, mallory = a_group(3)
    faces = [
        mallory.makes(FIRST_WORDS, content=grouplog.pack_content(bytes(16), face))
        for face in (b"yes", b"no")
    ]
    alice.sync.heard_events(mallory.peer, [faces[0]], world.now)
    bob.sync.heard_events(mallory.peer, [faces[1]], world.now)
    for one in (alice, bob):
        one.settle()
    world.run(20)
    assert sorted(alice.texts()) == ["no", "yes"]
    assert alice.shown() == bob.shown() == mallory.shown()
    for one in (alice, bob):
        assert one.shelf.two_faced == {mallory.peer}
        one.starts_again()
        assert one.shelf.two_faced == {mallory.peer}


def test_asking_for_everything_again_and_again_grows_nothing():
    world, alice, bob = a_group(2)
    for number in range(20):
        alice.says(f"words {number}")
    ids = tuple(event.id for event in alice.events())
    world.cut(alice, bob)
    alice.sync.linked(bob.peer)
    for _ in range(500):
        alice.sync.heard(bob.peer, GroupWant(alice.shelf.gid, ids), world.now)
    assert len(alice.sync._peers[bob.peer].plan) == len(ids)


def test_the_whole_vector_is_told_a_few_times_within_seconds_and_no_more():
    world, alice, bob = a_group(2)
    for _ in range(100):
        alice.sync.heard(bob.peer, GroupWant(alice.shelf.gid, ()), world.now)
    world.run(1)
    assert len(said(world, GroupVector, alice, bob)) == groupstate.MAX_WHOLES


def test_while_a_vector_is_answered_no_other_is():
    world, alice, bob = a_group(2)
    asked = []
    real = alice.shelf.lacking
    alice.shelf.lacking = lambda *values: asked.append(values) or real(*values)
    for _ in range(100):
        alice.sync.heard(bob.peer, GroupVector(alice.shelf.gid, None, False, ()), world.now)
    assert len(asked) == 1


def test_what_somebody_says_to_have_is_missing_until_they_had_their_time():
    world, alice, bob, carol = a_group(3)
    tip = Tip(carol.peer, 2**53 - 1, b"?" * 32)
    world.cut(alice, bob)
    alice.sync.linked(bob.peer)
    alice.sync.heard(bob.peer, GroupVector(alice.shelf.gid, None, False, (tip,)), world.now)
    assert alice.sync.missing() == {carol.peer: (2**53 - 1, [bob.peer])}
    alice.sync.tick(world.now + groupsync.ANSWER_WITHIN + 1)
    assert alice.sync.missing() == {}


@pytest.mark.parametrize("count", [12_001, 13_000])
def test_a_vector_without_end_is_not_collected(count):
    world, alice, bob = a_group(2)
    tips = tuple(Tip(number.to_bytes(32, "big"), 1, b"?" * 32) for number in range(800))
    for _ in range(count // 800 + 1):
        alice.sync.heard(bob.peer, GroupVector(alice.shelf.gid, None, True, tips), world.now)
        assert len(alice.sync._peers[bob.peer].tips) <= groupsync.MAX_VECTOR

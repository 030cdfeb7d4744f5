"""A member with valid keys who does what no program does: others converge, and stay small.

Alice, Bob and Mallory are members; what Mallory sends is made by hand.
"""

import random
import tracemalloc

import pytest

from engine.protocol import groupacts, groupevent, grouplog
from engine.protocol.groupacts import Add, Role
from engine.protocol.groupevent import BadEvent
from engine.protocol.grouprecords import (
    GroupEvents,
    GroupIds,
    GroupState,
    GroupVector,
    GroupWant,
    Tip,
)
from tests.helpers import person
from tests.protocol.groupworld import FIRST_WORDS, World

MIB = 1 << 20


class Attack:
    def __init__(self):
        self.world = World(3)
        self.alice, self.bob, self.mallory = self.world.stations
        self.alice.founds()
        self.alice.adds(self.bob)
        self.alice.adds(self.mallory)
        self.world.link_all()
        self.world.run(10)
        self.world.partition([[self.alice, self.bob], [self.mallory]])
        for one in (self.alice, self.bob):
            one.sync.linked(self.mallory.peer)  # what comes from her, the test says
        self.refused = 0

    @property
    def gid(self):
        return self.alice.shelf.gid

    def sends(self, *events, to=None):
        for one in (self.alice, self.bob) if to is None else [to]:
            for at in range(0, len(events), 200):
                wires = tuple(event.wire for event in events[at : at + 200])
                try:
                    one.hears(self.mallory.peer, GroupEvents(self.gid, wires))
                except BadEvent:  # she would have lost her link
                    self.refused += 1

    def chain(self, count, kind=FIRST_WORDS):
        """So many events in a row, well made."""
        last = self.mallory.makes(kind, **body_of(kind, 0))
        yield last
        for number in range(1, count):
            last = groupevent.write(
                self.mallory.me, gid=self.gid, seq=last.seq + 1, prev=last.id, parents=[last.id],
                auth=last.auth, lamport=last.lamport + 1, ts=0, kind=kind, **body_of(kind, number),
            )  # fmt: skip
            yield last

    def still_well(self):
        """Alice and Bob go on as if nothing were: at once, and with nothing twice."""
        mine, yours = self.alice.says("are you there?"), self.bob.says("I am")
        self.world.run(5)
        assert self.alice.shelf.digest == self.bob.shelf.digest
        assert self.alice.view == self.bob.view
        lines = self.alice.shown()
        assert lines == self.bob.shown()
        assert {mine.id[:16], yours.id[:16]} <= {line[0] for line in lines}
        assert len({line[0] for line in lines}) == len(lines)
        for one in (self.alice, self.bob):
            assert not one.page.shown_twice
            assert one.page.ids == [line[0] for line in lines]


def body_of(kind, number):
    if kind >= groupevent.FIRST_CONTENT:
        return {"content": grouplog.pack_content(bytes(16), b"spam %d" % number)}
    return {"body": groupacts.name_body(f"mine {number}")}


@pytest.fixture
def attack():
    return Attack()


def flood(attack, count):
    batch = []
    for event in attack.chain(count):
        batch.append(event)
        if len(batch) == 200:
            attack.sends(*batch, to=attack.alice)
            attack.world.hand_over()
            batch = []
    attack.sends(*batch, to=attack.alice)
    attack.world.run(60)
    assert len(attack.bob.events()) == len(attack.alice.events()) >= count


def test_2_000_events_are_a_history_like_any_other(attack):
    flood(attack, 2_000)
    attack.still_well()


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("count", [10_000, 100_000])
def test_so_many_events_are_a_history_like_any_other(attack, count):
    flood(attack, count)
    attack.still_well()


def test_what_is_not_well_made_is_refused_and_nothing_of_it_kept(attack):
    honest = attack.mallory.makes(FIRST_WORDS, **body_of(FIRST_WORDS, 0))
    names = ("gid", "seq", "prev", "parents", "auth", "lamport", "ts")
    values = {name: getattr(honest, name) for name in names}
    words = body_of(FIRST_WORDS, 0)
    before = attack.alice.shelf.digest

    def made(me=attack.mallory.me, **wrong):
        return groupevent.write(me, kind=FIRST_WORDS, **(values | words | wrong))

    parents = [number.to_bytes(32, "big") for number in range(1_000)]
    forged = [
        made(lamport=2**53 - 1),
        made(lamport=honest.lamport + 1),
        made(seq=7, prev=attack.alice.events()[-1].id),
        made(gid=b"g" * 32),
        made(me=person(77), seq=1, prev=None),
        made(me=person(2), seq=1, prev=None, auth=[attack.gid]),
    ]
    for event in forged:
        attack.sends(event)
    assert attack.refused == 2 * len(forged)
    for bad in ({"parents": parents}, {"auth": parents[:9]}, {"lamport": 2**53}, {"seq": 0}):
        with pytest.raises(BadEvent):
            groupevent.read(made(**bad).wire)
    assert attack.alice.shelf.digest == before
    attack.still_well()


def test_re_signed_copies_of_others_words_are_mallorys_or_nothing(attack):
    words = attack.bob.says("from Bob")
    attack.world.run(5)
    signed, _signature, content = groupevent.parts(words)
    stolen = groupevent.join(signed, attack.mallory.me.sign(b"x"), content)
    with pytest.raises(BadEvent):
        groupevent.read(stolen)
    copy = attack.mallory.makes(FIRST_WORDS, content=content)
    attack.sends(copy)
    attack.world.run(5)
    shown = [line for line in attack.alice.shown() if line[2] == b"from Bob"]
    assert len(shown) == 2
    stored = {event.id: event for event in attack.alice.events()}
    assert stored[words.id].author == attack.bob.peer
    assert stored[copy.id].author == attack.mallory.peer
    attack.still_well()


def test_missing_parents_and_cycles_wait_and_are_forgotten(attack):
    guesses = [number.to_bytes(32, "big") for number in range(3_000)]
    orphans = [
        attack.mallory.makes(
            FIRST_WORDS, **body_of(FIRST_WORDS, number), parents=guesses[number : number + 16],
            lamport=9,
        )
        for number in range(2_900)
    ]  # fmt: skip
    attack.sends(*orphans)
    for one in (attack.alice, attack.bob):
        assert 0 < len(one.sync._orphans) <= 1_000
    attack.still_well()
    for one in (attack.alice, attack.bob):
        one.hears(attack.mallory.peer, GroupState(attack.gid, b"?" * 32, 0, end=True))
        assert len(one.sync._orphans) == 0


def test_a_stream_of_orphans_grows_nothing(attack):
    """20 MB of them, 1,000 times the share of a sender in events and 20 times in bytes."""
    grown, sent = stream(attack, 20 * MIB)
    assert sent >= 20 * MIB
    assert grown < 30 * MIB
    attack.still_well()


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_100_mb_of_orphans_grow_nothing(attack):
    grown, _sent = stream(attack, 100 * MIB)
    assert grown < 30 * MIB
    attack.still_well()


def stream(attack, size):
    chance = random.Random(1)
    parents = [chance.randbytes(32) for _ in range(16)]
    model = attack.mallory.makes(FIRST_WORDS, content=bytes(16), parents=parents, lamport=9)
    names = [name for name in model.__slots__ if name not in ("id", "parents", "wire")]
    values = {name: getattr(model, name) for name in names}
    sent = 0
    tracemalloc.start()
    try:
        while sent < size:  # signatures are checked before: these stand for events well signed
            wire = chance.randbytes(chance.choice((1_000, 1_000, 60_000)))
            sent += len(wire)
            orphan = type(model)(
                id=chance.randbytes(32), wire=wire,
                parents=tuple(chance.randbytes(32) for _ in range(16)), **values,
            )  # fmt: skip
            attack.alice.sync.heard_events(attack.mallory.peer, [orphan], attack.world.now)
        grown, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return grown, sent


def test_vectors_and_wants_and_claims_without_end_grow_nothing(attack):
    for number in range(50):
        attack.alice.says(f"words {number}")
    attack.world.run(5)
    chance = random.Random(1)
    ids = tuple(event.id for event in attack.alice.events())
    mallory, alice = attack.mallory.peer, attack.alice
    claims = (Tip(attack.bob.peer, 2**53 - 1, b"?" * 32), Tip(mallory, 2**53 - 1, b"?" * 32))
    tracemalloc.start()
    try:
        for turn in range(300):
            tips = tuple(Tip(chance.randbytes(32), 2**53 - 1, b"?" * 32) for _ in range(100))
            for record in (
                GroupVector(attack.gid, None, turn % 150 != 149, tips),
                GroupVector(attack.gid, None, False, claims),
                GroupVector(attack.gid, chance.randbytes(32), False, ()),
                GroupWant(attack.gid, ids),
                GroupWant(attack.gid, ()),
                GroupIds(attack.gid, tuple(chance.randbytes(32) for _ in range(100))),
                GroupState(attack.gid, chance.randbytes(32), 2**53 - 1, bool(turn % 2)),
            ):
                alice.hears(mallory, record)
            alice.sync.serve(mallory)
        grown, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 10 * MIB
    assert len(alice.sync._peers[mallory].plan) <= len(ids)
    assert not set(alice.states.values()) & {5} or alice.shelf.heard[mallory] <= 60
    attack.still_well()


def test_what_is_said_after_the_removal_is_not_shown(attack):
    before = attack.mallory.says("before")
    attack.sends(before)
    attack.world.run(5)
    attack.alice.removes(attack.mallory)
    attack.world.run(5)
    back_dated = list(attack.chain(30))
    attack.sends(*back_dated)
    attack.world.run(5)
    for one in (attack.alice, attack.bob):
        assert [text for text in one.texts() if "spam" in text] == []
        assert "before" in one.texts()
        assert attack.mallory.peer not in one.members()
        assert not {event.id for event in back_dated} & {event.id for event in one.events()}
    attack.still_well()


def test_a_thousand_faces_and_puppets_change_nobody_else(attack):
    mallory = attack.mallory
    forks = [
        mallory.makes(FIRST_WORDS, ts=face, **body_of(FIRST_WORDS, face)) for face in range(200)
    ]
    acts = [mallory.makes(groupevent.META, groupacts.name_body("x"), ts=n) for n in range(100)]
    puppets = []
    for number in range(20):
        add = Add(person(200 + number).peer, Role.ADMIN, "", (), history=True)
        puppets.append(mallory.makes(groupevent.ADD, groupacts.add_body(add), ts=number))
    attack.sends(*forks[:100], to=attack.alice)
    attack.sends(*forks[100:], to=attack.bob)
    attack.sends(*acts, *puppets)
    assert attack.refused == 2  # she never was an admin: no disk takes these
    attack.world.run(60)
    assert attack.alice.members() == {one.peer for one in attack.world.stations}
    assert attack.alice.view.name == "Friends"
    assert attack.alice.shelf.two_faced == {mallory.peer}
    attack.still_well()


def test_nine_heads_at_once_silence_nobody(attack):
    """Carol was added after Mallory's acts were dated: her words have to name why she speaks."""
    carol = person(50)
    given = attack.alice.gives(attack.mallory, Role.ADMIN)
    attack.alice.adds(carol)
    attack.world.run(5)
    high = attack.alice.events()[-1]
    lies = [
        groupevent.write(
            attack.mallory.me, gid=attack.gid, seq=1, prev=None, parents=[high.id],
            auth=[given.id], lamport=high.lamport + 1, ts=face, kind=groupevent.META,
            body=groupacts.name_body("x"),
        )
        for face in range(30)
    ]  # fmt: skip
    attack.sends(*lies)
    attack.world.run(60)
    assert len(attack.alice.shelf.stand.acts.heads(99)) > 30
    acts = attack.alice.shelf.stand.acts
    assert acts.is_called(carol.peer, acts.past_of(acts.heads(8)))
    attack.still_well()

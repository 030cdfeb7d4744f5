"""Events of a group: what was signed is read, and nothing else is."""

import random

import msgpack
import pytest

from engine.protocol import groupevent
from engine.protocol.groupevent import BadEvent
from tests.helpers import person
from tests.protocol.groups import Replica

ALICE = person(1)


@pytest.fixture
def alice():
    return Replica.founded_by(1)


def fields_of(event):
    return msgpack.unpackb(msgpack.unpackb(event.wire)[0])


def signed(fields, me=ALICE, content=None):
    """The wire of an event with these fields, well signed."""
    event = msgpack.packb(fields)
    signature = me.sign(b"p2pchat/1 event-sig\0" + groupevent.event_id(event))
    return msgpack.packb([event, signature, content])


def test_what_was_written_is_read_and_goes_on_as_the_same_bytes(alice):
    bob = alice.joined_by(2)
    for event in (*alice.known.values(), bob.says("halo"), bob.leaves()):
        assert groupevent.read(event.wire) == event
        assert groupevent.read(event.wire).wire is event.wire


def test_a_group_is_named_by_its_first_event(alice):
    [first] = alice.known.values()
    assert first.gid == first.id
    assert alice.says("hi").gid == first.id


def test_content_may_be_missing_but_not_another(alice):
    event = alice.says("halo")
    wire, signature, content = msgpack.unpackb(event.wire)
    assert groupevent.read(msgpack.packb([wire, signature, None])).id == event.id
    for other in (content + b"!", content[:-1], b"", b"x" * 15, 7):
        with pytest.raises(BadEvent):
            groupevent.read(msgpack.packb([wire, signature, other]))


def test_somebody_elses_signature_is_refused(alice):
    wire, _, content = msgpack.unpackb(alice.says("halo").wire)
    forged = person(2).sign(b"p2pchat/1 event-sig\0" + groupevent.event_id(wire))
    with pytest.raises(BadEvent, match="did not sign"):
        groupevent.read(msgpack.packb([wire, forged, content]))


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, 2),
        (0, True),
        (1, b"short"),
        (1, groupevent.NO_GROUP),
        (2, bytes(32)),
        (2, person(2).peer[:31]),
        (3, 0),
        (3, 1),
        (4, None),
        (5, []),
        (5, [bytes(32)] * 2),
        (5, [b"\2" * 32, b"\1" * 32]),
        (5, [bytes([n]) * 32 for n in range(17)]),
        (6, []),
        (6, [bytes([n]) * 32 for n in range(9)]),
        (7, 0),
        (7, 2**53),
        (8, -1),
        (9, 0),
        (9, 256),
        (9, 1),
        (10, "text"),
        (10, bytes(31)),
        (10, bytes(3_000)),
    ],
)
def test_every_field_is_looked_at(alice, at, value):
    alice.says("one")
    fields = fields_of(alice.says("two"))
    groupevent.read(signed(fields))
    fields[at] = value
    with pytest.raises(BadEvent):
        groupevent.read(signed(fields))


@pytest.mark.parametrize(
    ("at", "value"), [(3, 2), (5, [bytes(32)]), (6, [bytes(32)]), (7, 2), (1, b"g" * 32)]
)
def test_a_first_event_stands_on_nothing(alice, at, value):
    [first] = alice.known.values()
    fields = fields_of(first)
    fields[at] = value
    if at == 3:
        fields[4] = bytes(32)
    with pytest.raises(BadEvent):
        groupevent.read(signed(fields))


@pytest.mark.parametrize("wire", [b"", b"\x90", b"\xc1", b"\x93\xc0\xc0\xc0", b"\x91" * 5_000])
def test_what_is_no_event_is_refused(wire):
    with pytest.raises(BadEvent):
        groupevent.read(wire)


def test_what_is_too_large_is_refused_before_it_is_read():
    with pytest.raises(BadEvent, match="62001 bytes"):
        groupevent.read(bytes(62_001))


def test_damage_is_refused_or_leaves_the_event_as_it_was(alice):
    event = alice.says("halo")
    chance = random.Random(1)
    for _ in range(3_000):
        damaged = bytearray(event.wire)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.choice((0, 1, 8))] = chance.randbytes(chance.choice((0, 1, 8)))
        try:
            found = groupevent.read(bytes(damaged))
        except BadEvent:
            continue
        assert found.id == event.id


def test_no_event_shows_its_words(alice):
    assert "halo" not in repr(alice.says("halo"))

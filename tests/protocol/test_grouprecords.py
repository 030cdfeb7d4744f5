"""The records of groups: what is written is read, and nothing else is."""

import random

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.protocol import grouprecords, records
from engine.protocol.errors import BadRecord
from engine.protocol.grouprecords import (
    GroupEvents,
    GroupIds,
    GroupState,
    GroupVector,
    GroupWant,
    Tip,
)

GID, ID, KEY = b"g" * 32, b"i" * 32, b"k" * 32
TOP = 2**53 - 1
EXAMPLES = [
    GroupState(GID, ID, 0, end=False),
    GroupState(GID, ID, TOP, end=True),
    GroupVector(GID, None, more=False, tips=()),
    GroupVector(GID, ID, more=True, tips=(Tip(KEY, 1, ID), Tip(KEY, TOP, GID))),
    GroupVector(GID, None, more=False, tips=(Tip(KEY, TOP, ID),) * grouprecords.MAX_TIPS),
    GroupEvents(GID, (b"wire",)),
    GroupEvents(GID, (b"",) * grouprecords.MAX_EVENTS),
    GroupEvents(GID, (bytes(62_000),)),
    GroupWant(GID, ()),
    GroupWant(GID, (ID,) * grouprecords.MAX_IDS),
    GroupIds(GID, (ID, KEY)),
]


@pytest.mark.parametrize("record", EXAMPLES, ids=lambda record: type(record).__name__)
def test_what_is_written_is_read_and_fits_into_a_frame(record):
    kind, body = records.encode(record)
    assert records.decode(kind, body) == record
    assert len(body) <= 65_515


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (32, [GID, ID, 0]),
        (32, [GID, ID, 0, 0]),
        (32, [GID, ID, True, True]),
        (32, [GID, ID, -1, True]),
        (32, [GID, ID, 2**53, True]),
        (32, [GID, ID, 1.0, True]),
        (32, [GID[:31], ID, 0, True]),
        (32, [GID, None, 0, True]),
        (32, [GID, ID, 0, True, 0]),
        (33, [GID, b"short", False, []]),
        (33, [GID, None, 0, []]),
        (33, [GID, None, False, None]),
        (33, [GID, None, False, [[KEY, 0, ID]]]),
        (33, [GID, None, False, [[KEY, True, ID]]]),
        (33, [GID, None, False, [[KEY, 2**53, ID]]]),
        (33, [GID, None, False, [[KEY, 1]]]),
        (33, [GID, None, False, [[KEY, 1, ID, 0]]]),
        (33, [GID, None, False, [[KEY[:31], 1, ID]]]),
        (33, [GID, None, False, [KEY]]),
        (33, [GID, None, False, [[KEY, 1, ID]] * 801]),
        (34, [GID, []]),
        (34, [GID, [b"x"] * 257]),
        (34, [GID, ["text"]]),
        (34, [GID, [bytes(62_001)]]),
        (34, [GID]),
        (34, [7, [b"x"]]),
        (35, [GID, [ID] * 257]),
        (35, [GID, [ID[:31]]]),
        (35, [GID, [None]]),
        (35, [GID, ID]),
        (36, [GID, [ID + b"x"]]),
        (36, [[], [ID]]),
        (36, {}),
        (36, 7),
    ],
)
def test_everything_else_is_refused(kind, said):
    with pytest.raises(BadRecord):
        records.decode(kind, msgpack.packb(said))


@given(some.integers(32, 36), some.binary(max_size=120))
def test_no_bytes_are_read_but_those_that_would_be_written(kind, body):
    try:
        record = grouprecords.decode(kind, body)
    except BadRecord:
        return
    assert grouprecords.encode(record)[0] == kind


def test_20_000_damaged_bodies_are_records_or_refused():
    chance = random.Random(1)
    samples = [
        records.encode(record) for record in EXAMPLES if len(records.encode(record)[1]) < 9_999
    ]
    read = 0
    for turn in range(20_000):
        kind, body = samples[turn % len(samples)]
        data = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] ^= 1 << chance.randrange(8)
                case 1:
                    data[at] = chance.choice((0x80, 0x90, 0x9F, 0xC0, 0xC3, 0xC4, 0xC7, 0xCF, 0xDD))
                case 2:
                    data[at:at] = chance.randbytes(chance.choice((1, 2, 9)))
                case _:
                    del data[at : at + chance.choice((1, 2, 8))]
        try:
            record = records.decode(kind, bytes(data))
        except BadRecord:
            continue
        read += 1
        assert records.decode(*records.encode(record)) == record
    assert 0 < read < 15_000


def test_no_repr_of_events_shows_what_is_in_them():
    assert "secret" not in repr(GroupEvents(GID, (b"secret words",)))

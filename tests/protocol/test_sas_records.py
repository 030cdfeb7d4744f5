"""The records of a verification: every honest one comes through, and nothing else does."""

import random

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import frames, sas_records
from engine.protocol.errors import BadRecord
from engine.protocol.sas_records import Outcome, SasAnswer, SasEnd, SasReveal, SasStart

COMMIT, NONCE = b"c" * 32, b"n" * 32
EXAMPLES = (
    SasStart(COMMIT),
    SasAnswer(COMMIT, NONCE),
    SasReveal(NONCE, NONCE),
    SasEnd(COMMIT, Outcome.CANCELLED),
    SasEnd(COMMIT, Outcome.DIFFERENT),
)

hashes = st.binary(min_size=32, max_size=32)
honest = st.one_of(
    st.builds(SasStart, hashes),
    st.builds(SasAnswer, hashes, hashes),
    st.builds(SasReveal, hashes, hashes),
    st.builds(SasEnd, hashes, st.sampled_from(Outcome)),
)


def fields(record):
    return msgpack.unpackb(sas_records.encode(record)[1])


@given(honest)
def test_every_record_an_honest_program_makes_comes_through_unchanged(record):
    kind, body = sas_records.encode(record)
    assert 16 <= kind <= 19
    assert len(body) <= frames.MAX_RECORD_BODY
    again = sas_records.decode(kind, body)
    assert again == record
    assert type(again) is type(record)


def test_an_outcome_is_an_outcome_again():
    for outcome in Outcome:
        end = sas_records.decode(*sas_records.encode(SasEnd(COMMIT, outcome)))
        assert end.outcome is outcome


def spoilt():
    no_hash = ("x" * 32, 1, None, [], True, b"", bytes(31), bytes(33), {})
    no_outcome = (2, -1, 255, 2**63, True, False, 0.0, 1.0, None, "0", b"\0", [])
    for record in EXAMPLES[:4]:
        yield from ((record, 0, value) for value in no_hash)
    for record in EXAMPLES[1:3]:
        yield from ((record, 1, value) for value in no_hash)
    yield from ((EXAMPLES[3], 1, value) for value in no_outcome)


@pytest.mark.parametrize(
    "case", list(spoilt()), ids=lambda case: f"{type(case[0]).__name__}-{case[1]}-{case[2]!r:.12}"
)
def test_one_wrong_value_refuses_the_record(case):
    record, at, value = case
    values = fields(record)
    values[at] = value
    with pytest.raises(BadRecord):
        sas_records.decode(sas_records.encode(record)[0], msgpack.packb(values))


@pytest.mark.parametrize("record", EXAMPLES, ids=repr)
def test_a_record_has_exactly_its_fields_and_nothing_behind_them(record):
    kind, body = sas_records.encode(record)
    values = fields(record)
    for wrong in ([*values, COMMIT], values[:-1], [], {}, COMMIT, None):
        with pytest.raises(BadRecord):
            sas_records.decode(kind, msgpack.packb(wrong))
    for wrong in (body + b"\0", body + body, body[:-1], b"", b"\xc1", b"\x90\x90"):
        with pytest.raises(BadRecord):
            sas_records.decode(kind, wrong)


def test_no_record_is_taken_for_one_of_another_type():
    """But ANSWER and REVEAL look alike: two times 32 bytes each."""
    for record in EXAMPLES:
        kind, body = sas_records.encode(record)
        for other in {16, 17, 18, 19} - ({17, 18} if kind in (17, 18) else {kind}):
            with pytest.raises(BadRecord):
                sas_records.decode(other, body)


HOSTILE = {
    "arrays within arrays": b"\x91" * 65_000,
    "a wide array": b"\xdc\xff\xff" + b"\x01" * 65_000,
    "an array of four thousand million": b"\xdd\xff\xff\xff\xff",
    "bytes of four thousand million": b"\x91\xc6\xff\xff\xff\xff" + b"x" * 1_000,
    "text that is no UTF-8": b"\x91\xa2\xff\xfe",
    "a map": b"\x91\x81\x01\x02",
    "an extension": b"\x91\xd4\x01\x00",
    "a time": b"\x91\xd6\xff" + bytes(4),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", range(16, 20))
def test_no_body_makes_the_reader_stumble(kind, body):
    with pytest.raises(BadRecord):
        sas_records.decode(kind, body)


def test_30_000_damaged_bodies_are_records_or_refused():
    chance = random.Random(1)
    samples = [sas_records.encode(record) for record in EXAMPLES]
    read = 0
    for turn in range(30_000):
        kind, body = samples[turn % len(samples)]
        data = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] ^= 1 << chance.randrange(8)
                case 1:
                    data[at:at] = chance.randbytes(chance.choice((1, 2, 9)))
                case _ if len(data) > 8:
                    del data[at : at + chance.choice((1, 2, 8))]
        try:
            record = sas_records.decode(kind, bytes(data))
        except BadRecord:
            continue
        read += 1
        assert sas_records.decode(*sas_records.encode(record)) == record
    assert 0 < read < 30_000


def test_no_repr_shows_a_nonce():
    shown = repr([SasAnswer(COMMIT, NONCE), SasReveal(NONCE, NONCE)])
    assert "nnn" not in shown
    assert NONCE.hex() not in shown


@pytest.mark.parametrize("kind", range(16, 20))
def test_no_refusal_quotes_what_it_refuses(kind):
    for body in (b"canary", b"\x91\xa6canary", b"\x92\xc4\x06canary\xc4\x06canary"):
        with pytest.raises(BadRecord) as caught:
            sas_records.decode(kind, body)
        assert "canary" not in str(caught.value) + repr(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None

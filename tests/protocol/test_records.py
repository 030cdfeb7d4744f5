"""The records inside a channel: every honest one comes through, and nothing else does."""

import random
from dataclasses import replace

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import errors, records
from engine.protocol.records import Ack, BadRecord, Bye, Hello, Message, Ping, Pong, Request

CANARY = "canary words"
HELLO = Hello(b"s" * 8, True, 6000, "Alice", b"p" * 16, b"t" * 8, 7)
REQUEST = Request(b"i" * 16, 1, 1_700_000_000_000, "Alice", "may I?")
MESSAGE = Message(1, b"i" * 16, 1, 1, 1_700_000_000_000, b"body")
EXAMPLES = (HELLO, REQUEST, MESSAGE, Ack(3), Ping(), Pong(), Bye())

counts = st.integers(1, records.MAX_INTEGER)
times = st.integers(0, records.MAX_TIME)
ids = st.binary(min_size=records.ID_SIZE, max_size=records.ID_SIZE)
streams = st.binary(min_size=records.STREAM_SIZE, max_size=records.STREAM_SIZE)
names = st.text(max_size=64)
honest = st.one_of(
    st.builds(
        Hello,
        stream=streams,
        accepts=st.booleans(),
        port=st.integers(0, 65_535),
        name=names,
        knock_pass=st.just(b"") | st.binary(min_size=16, max_size=16),
        your_stream=streams,
        your_position=st.integers(0, records.MAX_INTEGER),
    ),
    st.builds(Request, ids, counts, times, names, st.text(max_size=1_000)),
    st.builds(Message, counts, ids, st.integers(0, 255), counts, times, st.binary(max_size=2_000)),
    st.builds(Ack, st.integers(0, records.MAX_INTEGER)),
    st.sampled_from([Ping(), Pong(), Bye()]),
)


def fields(record):
    """The array that stands for ``record`` on the wire, to be spoiled."""
    return msgpack.unpackb(records.encode(record)[1])


def packed(values):
    return msgpack.packb(values, unicode_errors="surrogatepass")


@given(honest)
def test_every_record_an_honest_program_makes_comes_through_unchanged(record):
    kind, body = records.encode(record)
    assert records.decode(kind, body) == record


@pytest.mark.parametrize(
    "record",
    [
        replace(MESSAGE, body=bytes(records.MAX_BODY)),
        replace(MESSAGE, seq=records.MAX_INTEGER, kind=255, lamport=records.MAX_INTEGER, ts=0),
        replace(REQUEST, name="𝕬" * 64, text="🜁" * 1_000, ts=records.MAX_TIME),
        replace(HELLO, name="", knock_pass=b"", port=0, your_position=0),
    ],
    ids=repr,
)
def test_the_largest_and_the_smallest_still_fit(record):
    kind, body = records.encode(record)
    assert len(body) <= 65_519 - 4, "a record has to fit into one frame"
    assert records.decode(kind, body) == record


def test_what_could_not_be_packed_spoils_nothing_behind_it():
    with pytest.raises(UnicodeEncodeError):
        records.encode(replace(REQUEST, text="half \ud800"))
    assert records.decode(*records.encode(HELLO)) == HELLO


# -- refused


def spoilt():
    """(record, position, what stands there instead): each is one thing no honest program sends."""
    no_bytes = ("text", 1, None, [], True, 1.5)
    no_text = (b"bytes", 1, None, [], False)
    no_count = (True, False, 1.0, "1", b"1", None, [], -1, 2**53, 2**64 - 1)
    no_id = (*no_bytes, b"", bytes(15), bytes(17))
    for at in (0, 3, 4):
        yield from ((MESSAGE, at, value) for value in no_count)
    yield from ((MESSAGE, at, 0) for at in (0, 3))
    yield from ((MESSAGE, 1, value) for value in no_id)
    yield from ((MESSAGE, 2, value) for value in (*no_count, 256))
    yield from ((MESSAGE, 4, records.MAX_TIME + 1), (REQUEST, 2, records.MAX_TIME + 1))
    yield from ((MESSAGE, 5, value) for value in (*no_bytes, bytes(records.MAX_BODY + 1)))
    yield from ((Ack(1), 0, value) for value in no_count)
    yield from ((REQUEST, 0, value) for value in no_id)
    yield from ((REQUEST, at, value) for at in (1, 2) for value in no_count)
    yield REQUEST, 1, 0
    yield from ((REQUEST, at, value) for at in (3, 4) for value in no_text)
    yield from ((REQUEST, 3, "x" * 257), (REQUEST, 3, "𝕬" * 65))
    yield from ((REQUEST, 4, "x" * 4_001), (REQUEST, 4, "🜁" * 1_001))
    for at in (0, 5):
        yield from ((HELLO, at, value) for value in (*no_bytes, b"", bytes(7), bytes(9)))
    yield from ((HELLO, 1, value) for value in (0, 1, None, "true", b"\1", []))
    yield from ((HELLO, 2, value) for value in (*no_count, 65_536))
    yield from ((HELLO, 3, value) for value in (*no_text, "x" * 257))
    yield from ((HELLO, 4, value) for value in (*no_bytes, bytes(15), bytes(17), bytes(32)))
    yield from ((HELLO, 6, value) for value in no_count)
    for record in (HELLO, REQUEST):
        yield record, 3, "half \ud800"
    yield REQUEST, 4, "\udfff"


@pytest.mark.parametrize(
    "case", list(spoilt()), ids=lambda case: f"{type(case[0]).__name__}-{case[1]}-{case[2]!r:.12}"
)
def test_one_wrong_value_refuses_the_record(case):
    record, at, value = case
    values = fields(record)
    values[at] = value
    with pytest.raises(BadRecord):
        records.decode(records.encode(record)[0], packed(values))


@pytest.mark.parametrize("record", EXAMPLES, ids=repr)
def test_a_record_has_exactly_its_fields_and_nothing_behind_them(record):
    kind, body = records.encode(record)
    values = fields(record)
    for wrong in ([*values, 1], values[:-1] or None, {}, dict.fromkeys(map(str, range(3)), 1)):
        with pytest.raises(BadRecord):
            records.decode(kind, packed(wrong))
    for wrong in (body + b"\0", body + body, body[:-1], b"", b"\xc1", b"\x90\x90"):
        with pytest.raises(BadRecord):
            records.decode(kind, wrong)


HOSTILE = {
    "arrays within arrays": b"\x91" * 65_000,
    "arrays within arrays, ended": b"\x91" * 60_000 + b"\x01",
    "wide arrays within wide arrays": b"\x9f" * 65_000,
    "maps within maps": b"\x81\x01" * 32_000,
    "an array of four thousand million": b"\xdd\xff\xff\xff\xff",
    "an array of 65,535": b"\xdc\xff\xff" + b"\x01" * 65_000,
    "an array of 17": b"\xdc\x00\x11" + b"\x01" * 17,
    "bytes of four thousand million": b"\x91\xc6\xff\xff\xff\xff" + b"x" * 1_000,
    "text of four thousand million": b"\x91\xdb\xff\xff\xff\xff" + b"x" * 1_000,
    "text longer than any field": b"\x91\xda\x0f\xa1" + b"x" * 4_001,
    "a map of four thousand million": b"\xdf\xff\xff\xff\xff",
    "a map": b"\x96\x81\x01\x02" + b"\x01" * 5,
    "an empty map": b"\x91\x80",
    "a map whose key is an array": b"\x91\x81\x91\x01\x02",
    "an extension": b"\x91\xd4\x01\x00",
    "an empty extension": b"\x91\xc7\x00\x05",
    "an extension of four thousand million": b"\x91\xc9\xff\xff\xff\xff\x01",
    "a time": b"\x91\xd6\xff" + bytes(4),
    "an empty time": b"\x91\xc7\x00\xff",
    "text that is no UTF-8": b"\x91\xa2\xff\xfe",
    "a float": b"\x91\xcb" + bytes(8),
    "the byte that means nothing": b"\x91\xc1",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", range(1, 8))
def test_no_body_makes_the_reader_stumble(kind, body):
    with pytest.raises(BadRecord):
        records.decode(kind, body)


@pytest.mark.parametrize("kind", [0, 8, 9, 10, 11, 127])
def test_an_unknown_type_of_today_ends_the_connection(kind):
    with pytest.raises(BadRecord):
        records.decode(kind, b"\x90")


@pytest.mark.parametrize("kind", [128, 200, 255])
@pytest.mark.parametrize("body", [b"", b"\x90", b"\xc1", b"\x91" * 60_000])
def test_a_type_of_the_future_is_passed_over_unread(kind, body):
    assert records.decode(kind, body) is None


def damaged(body, chance):
    data = bytearray(body)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):  # another kind of value, or another announced size
                data[at] = chance.choice((0x80, 0x90, 0x9F, 0xC0, 0xC3, 0xC4, 0xC7, 0xCF, 0xDD))
            case 2:
                del data[at : at + chance.choice((1, 2, 8))]
            case 3:
                data[at:at] = chance.randbytes(chance.choice((1, 2, 9)))
            case _:
                data[at:at] = data[at : at + 20]
    return bytes(data)


def test_100_000_damaged_bodies_are_records_or_refused():
    chance = random.Random(1)
    samples = [
        *map(records.encode, EXAMPLES),
        records.encode(replace(MESSAGE, seq=2**40, lamport=2**33, body=bytes(300))),
        records.encode(replace(REQUEST, name="Ǻļîçé", text="мир " * 60)),
    ]
    read = 0
    for turn in range(100_000):
        kind, body = samples[turn % len(samples)]
        try:
            record = records.decode(kind, damaged(body, chance))
        except BadRecord:
            continue
        read += 1
        # What was let in is as good as honest: it can be said again.
        assert records.decode(*records.encode(record)) == record
    assert 0 < read < 50_000


# -- nothing of what was written gets into a log


def test_no_repr_shows_names_texts_or_passes():
    secret = replace(HELLO, name=CANARY, knock_pass=CANARY.encode().ljust(16)[:16])
    shown = repr(secret)
    shown += repr(replace(REQUEST, name=CANARY, text=CANARY))
    shown += repr(replace(MESSAGE, body=CANARY.encode()))
    assert CANARY not in shown
    assert CANARY.encode().hex() not in shown


@pytest.mark.parametrize(
    "body",
    [
        packed([CANARY]),
        packed({CANARY: 1}),
        packed([CANARY] * 5),
        packed([{CANARY: CANARY}] * 5),
        packed([CANARY.encode()] * 6) + b"\0",
        b"\x91\xac" + CANARY.encode()[:-1] + b"\xff",
        CANARY.encode(),
    ],
)
@pytest.mark.parametrize("kind", [1, 5, 6, 7])
def test_no_refusal_quotes_what_it_refuses(kind, body):
    with pytest.raises(BadRecord) as caught:
        records.decode(kind, body)
    assert "canary" not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_bad_record_is_the_same_mistake_as_in_a_frame():
    """One class: whoever catches the one of errors.py catches this one too."""
    assert BadRecord is errors.BadRecord

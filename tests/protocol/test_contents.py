"""What a message holds: any Unicode up to 60,000 bytes; the rest can be kept but not shown."""

import random

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import contents, grouplog, records
from engine.protocol.contents import (
    MAX_TEXT,
    TEXT,
    Delete,
    Edit,
    Gone,
    Mention,
    Pin,
    React,
    Text,
    Timer,
    Unreadable,
)
from engine.protocol.errors import LocalProtocolError
from tests.helpers import person

ID = bytes(range(16))


@given(st.text(), st.none() | st.binary(min_size=16, max_size=16))
def test_any_text_comes_through_unchanged(text, reply_to):
    assert contents.decode(TEXT, contents.encode_text(text, reply_to)) == Text(text, reply_to)


@pytest.mark.parametrize("letter", ["a", "ß", "は", "🜁", "\0", "\u202e"])
def test_exactly_60_000_bytes_fit_and_one_more_does_not(letter):
    text = letter * (MAX_TEXT // len(letter.encode()))
    assert len(text.encode()) == MAX_TEXT
    body = contents.encode_text(text, ID)
    assert contents.decode(TEXT, body) == Text(text, ID)
    assert len(body) <= records.MAX_BODY, "what may be written may also be sent"
    with pytest.raises(LocalProtocolError, match="limit"):
        contents.encode_text(text + "a")


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ude00\ud83d", "x" * 60_001 + "\ud800"])
def test_half_a_character_is_refused(text):
    with pytest.raises(LocalProtocolError) as caught:
        contents.encode_text(text)
    assert caught.value.__suppress_context__, "the text must not reach a log"


@pytest.mark.parametrize("reply_to", [b"", bytes(15), bytes(17)])
def test_what_the_other_could_not_read_is_not_written(reply_to):
    with pytest.raises(LocalProtocolError):
        contents.encode_text("yes", reply_to)


@pytest.mark.parametrize("kind", [0, 2, 3, 255])
def test_a_kind_of_the_future_is_unreadable(kind):
    assert contents.decode(kind, contents.encode_text("hello")) == Unreadable()


GARBAGE = {
    "nothing": b"",
    "too long a text": msgpack.packb(["x" * (MAX_TEXT + 1)]),
    "too long in bytes": msgpack.packb(["ß" * 30_001]),
    "too long with a reply": msgpack.packb(["x" * (MAX_TEXT + 1), ID]),
    "no array": msgpack.packb("hello"),
    "a map": msgpack.packb({"text": "hello"}),
    "no text": msgpack.packb([b"hello"]),
    "no values": msgpack.packb([]),
    "too many values": msgpack.packb(["hello", ID, 1]),
    "far too many values": msgpack.packb(["hello"] * 1_000),
    "an id that is too short": msgpack.packb(["hello", ID[:15]]),
    "an id that is text": msgpack.packb(["hello", "i" * 16]),
    "something behind it": msgpack.packb(["hello"]) + b"\0",
    "something missing": msgpack.packb(["hello"])[:-1],
    "a lone surrogate": msgpack.packb(["\ud800"], unicode_errors="surrogatepass"),
    "no UTF-8": b"\x91\xa2\xff\xfe",
    "arrays within arrays": b"\x91" * 61_000,
    "an announced array": b"\xdd\xff\xff\xff\xff",
    "an announced text": b"\x91\xdb\xff\xff\xff\xff",
    "an extension": b"\xd5\x01\x00\x00",
    "an extension in an array": b"\x92\xa1a\xd8\x01" + bytes(16),
    "an impossible time": b"\x91\xd7\xff" + b"\xff" * 8,
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_unreadable_and_raises_nothing(body):
    assert contents.decode(TEXT, body) == Unreadable()


def test_50_000_damaged_bodies_are_texts_or_unreadable():
    chance = random.Random(1)
    samples = [contents.encode_text("hello"), contents.encode_text("мир " * 50, ID)]
    texts = 0
    for turn in range(50_000):
        body = bytearray(samples[turn % 2])
        for _ in range(chance.randint(1, 3)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        content = contents.decode(TEXT, bytes(body))
        if isinstance(content, Text):
            texts += 1
            assert contents.decode(TEXT, contents.encode_text(content.text, content.reply_to))
        else:
            assert content == Unreadable()
    assert 0 < texts < 50_000


def test_a_repr_says_how_long_and_not_what():
    assert repr(Text("secret", ID)) == "Text(6 characters)"


# -- what acts upon a message, and the rest


BOB = person(2).peer
TARGET = bytes(range(16, 32))
ALL = [
    Text("hi", timer=60),
    Text("hi", ID, forwarded=True),
    Text("@Bob!", mentions=(Mention(0, 4, BOB),)),
    Text("@B@B", ID, True, 5, (Mention(0, 2, BOB), Mention(2, 2, BOB))),
    Edit(TARGET, "new"),
    Edit(TARGET, "@Bob", (Mention(0, 4, BOB),)),
    Delete(TARGET),
    Delete(TARGET, (ID, TARGET)),
    React(TARGET, "👩🏽‍❤️‍💋‍👨🏽"),
    React(TARGET, ""),
    Pin(TARGET, on=True),
    Pin(TARGET, on=False),
    Timer(0),
    Timer(contents.MAX_TIMER),
    Gone(),
    Gone(TARGET),
]


@pytest.mark.parametrize("content", ALL, ids=repr)
def test_everything_that_can_be_said_comes_through_unchanged(content):
    kind, body = contents.encode(content)
    assert contents.decode(kind, body) == content
    assert "hi" not in repr(content)


@pytest.mark.parametrize("content", ALL, ids=repr)
def test_what_acts_upon_a_message_is_told_from_a_line(content):
    acts = isinstance(content, Edit | Delete | React | Pin) or content == Gone(TARGET)
    assert contents.is_act(content) == acts
    assert (contents.target_of(content) == TARGET) == acts


MISSHAPEN = [
    (1, ["hi", None, False, 0]),
    (1, ["hi", None, 0, 0, []]),
    (1, ["hi", ID[:15], False, 0, []]),
    (1, ["hi", None, False, True, []]),
    (1, ["hi", None, False, -1, []]),
    (1, ["hi", None, False, contents.MAX_TIMER + 1, []]),
    (1, ["hi", None, False, 0, None]),
    (1, ["hi", None, False, 0, [[0, 3, bytes(BOB)]]]),
    (1, ["hi", None, False, 0, [[0, 0, bytes(BOB)]]]),
    (1, ["hi", None, False, 0, [[-1, 1, bytes(BOB)]]]),
    (1, ["hi", None, False, 0, [[True, 1, bytes(BOB)]]]),
    (1, ["hi", None, False, 0, [[0, 1, bytes(BOB)[:31]]]]),
    (1, ["hi", None, False, 0, [[1, 1, bytes(BOB)], [0, 1, bytes(BOB)]]]),
    (1, ["hi" * 20, None, False, 0, [[at, 1, bytes(BOB)] for at in range(17)]]),
    (2, [TARGET, "", []]),
    (2, [TARGET, "new"]),
    (2, [TARGET[:15], "new", []]),
    (2, [TARGET, "x" * 60_001, []]),
    (3, [TARGET]),
    (3, [TARGET, [ID[:15]]]),
    (3, [TARGET, [ID] * 65]),
    (4, [TARGET, "yes"]),
    (4, [TARGET, " "]),
    (4, [TARGET, "\n"]),
    (4, [TARGET, "👍" * 17]),
    (4, [TARGET, None]),
    (5, [TARGET, 1]),
    (5, [TARGET, None]),
    (6, [True]),
    (6, [-1]),
    (6, [contents.MAX_TIMER + 1]),
    (6, []),
    (8, [None]),
    (8, [TARGET[:15]]),
]


@pytest.mark.parametrize(("kind", "values"), MISSHAPEN, ids=repr)
def test_what_is_misshapen_is_unreadable(kind, values):
    assert contents.decode(kind, msgpack.packb(values)) == Unreadable()


@pytest.mark.parametrize(
    "content",
    [
        Edit(TARGET, ""),
        Edit(TARGET, "\ud800"),
        React(TARGET, "yes"),
        Timer(-1),
        Pin(b"short", on=True),
        Text("hi", mentions=(Mention(1, 5, BOB),)),
        Delete(TARGET, (ID,) * 65),
    ],
)
def test_nothing_is_said_that_the_other_could_not_read(content):
    with pytest.raises(LocalProtocolError):
        contents.encode(content)


def test_the_longest_text_with_all_that_goes_with_it_fits_into_a_record_and_an_event():
    named = tuple(Mention(at * 2, 1, BOB) for at in range(contents.MAX_MENTIONS))
    kind, body = contents.encode(Text("a" * MAX_TEXT, ID, True, contents.MAX_TIMER, named))
    assert len(body) <= records.MAX_BODY
    assert grouplog.pack_content(bytes(16), body)
    assert kind == TEXT


def test_20_000_damaged_acts_are_read_or_unreadable():
    chance = random.Random(2)
    samples = [contents.encode(content) for content in ALL]
    for turn in range(20_000):
        kind, body = samples[turn % len(samples)]
        damaged = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        content = contents.decode(kind, bytes(damaged))
        if not isinstance(content, Unreadable):
            assert contents.decode(*contents.encode(content)) == content

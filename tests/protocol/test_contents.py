"""What a message holds: any Unicode up to 60,000 bytes; the rest can be kept but not shown."""

import random

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import contents, records
from engine.protocol.contents import MAX_TEXT, TEXT, Text, Unreadable
from engine.protocol.errors import LocalProtocolError

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

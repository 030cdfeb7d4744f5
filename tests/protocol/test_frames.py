"""Frames: sizes, padding, records, and a splitter that any chunking leaves unmoved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import frames, symmetric
from engine.protocol.errors import (
    BadFrameSize,
    BadRecord,
    BodyTooLong,
    DecryptionFailed,
    LocalProtocolError,
)
from engine.protocol.frames import MAX_PLAINTEXT, MAX_RECORD_BODY, Record

BUCKETS = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65519]

record_lists = st.lists(
    st.tuples(st.integers(1, 255), st.one_of(st.binary(max_size=200), st.binary(max_size=70_000))),
    min_size=1,
    max_size=12,
).filter(lambda records: all(len(body) <= MAX_RECORD_BODY for _, body in records))


def directions():
    """The two ends of one direction, under the same key."""
    return [symmetric.CipherState(symmetric.AES_GCM, bytes(range(32))) for _ in range(2)]


def body_of(plaintext_size):
    return bytes(plaintext_size - 4)


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_plaintext_fills_the_smallest_bucket_that_holds_it(bucket):
    [full] = frames.pack([(1, body_of(bucket))])
    assert len(full) == bucket
    if bucket < MAX_PLAINTEXT:
        [next_bigger] = frames.pack([(1, body_of(bucket + 1))])
        assert len(next_bigger) == BUCKETS[BUCKETS.index(bucket) + 1]


def test_padding_and_headers_are_these_very_bytes():
    [plaintext] = frames.pack([(7, b"hi"), (255, b"")])
    assert plaintext == bytes.fromhex("070000026869ff000000").ljust(64, b"\0")


@given(record_lists)
def test_what_is_packed_comes_out_in_order(records):
    plaintexts = frames.pack(records)
    assert all(len(plaintext) in BUCKETS for plaintext in plaintexts)
    opened = [record for plaintext in plaintexts for record in frames.unpack(plaintext)]
    assert opened == [Record(*record) for record in records]


@given(record_lists)
def test_sealing_and_opening_are_packing_with_a_key_per_frame(records):
    sending, receiving = directions()
    opened = []
    for wire, plaintext in zip(frames.seal(records, sending), frames.pack(records), strict=True):
        assert wire[:2] == (len(plaintext) + 16).to_bytes(2, "big")
        assert len(wire) == 2 + len(plaintext) + 16
        opened += frames.open_one(memoryview(wire)[2:], receiving)
    assert opened == [Record(*record) for record in records]


def test_a_large_frame_holds_nothing_of_the_one_sealed_before_it():
    """The buffers of large frames are used again and again."""
    sending, receiving = directions()
    for body in (b"\xaa" * MAX_RECORD_BODY, b"\xbb" * 33_000):
        [wire] = frames.seal([(1, body)], sending)
        assert frames.open_one(memoryview(wire)[2:], receiving) == [Record(1, body)]
    # unpack() above has refused any padding that is not zero; see it once with own eyes too.
    aead = symmetric.CipherState(symmetric.AES_GCM, bytes(range(32)))
    aead.encrypt(None, b"")
    aead.rekey()
    assert aead.decrypt(None, wire[2:])[33_004:] == bytes(MAX_PLAINTEXT - 33_004)


def test_records_share_a_frame_until_it_is_full():
    almost_half = body_of(MAX_PLAINTEXT // 2)
    assert len(frames.pack([(1, almost_half), (2, almost_half)])) == 1
    assert len(frames.pack([(1, almost_half), (2, almost_half), (3, b"")])) == 2
    assert frames.pack([]) == []


def test_what_does_not_fit_a_frame_is_our_own_mistake_and_seals_nothing():
    sending, receiving = directions()
    assert len(frames.pack([(1, bytes(MAX_RECORD_BODY))])[0]) == MAX_PLAINTEXT
    with pytest.raises(BodyTooLong):
        frames.seal([(1, b"fits"), (1, bytes(MAX_RECORD_BODY + 1))], sending)
    for kind in (0, 256, -1):
        with pytest.raises(LocalProtocolError):
            frames.seal([(1, b"fits"), (kind, b"")], sending)
    [wire] = frames.seal([(1, b"first")], sending)  # the counter has not moved
    assert frames.open_one(memoryview(wire)[2:], receiving) == [Record(1, b"first")]


def padded(data, size=64):
    return data.ljust(size, b"\0")


@pytest.mark.parametrize(
    "plaintext",
    [
        pytest.param(bytes(64), id="no record at all"),
        pytest.param(padded(bytes.fromhex("0000000568656c6c6f")), id="a type of 0 with a body"),
        pytest.param(padded(b"\x01\x01\x00\x00"), id="second byte not 0"),
        pytest.param(padded(b"\x01\x00\x00\x3d"), id="body one byte too long"),
        pytest.param(padded(b"\x01\x00\xff\xff"), id="body far too long"),
        pytest.param(b"\x01\x00\x00\x38" + bytes(56) + b"\x01\x00\x00\x01", id="second too long"),
        pytest.param(b"\x01\x00\x00\x39" + bytes(57) + b"\x01\x00\x00", id="header cut"),
        pytest.param(padded(b"\x01\x00\x00\x00" + b"\0\0\0\x01"), id="padding with a word in it"),
        pytest.param(b"\x01\x00\x00\x00" + bytes(59) + b"\x01", id="last padding byte not 0"),
    ],
)
def test_a_malformed_plaintext_is_refused(plaintext):
    assert len(plaintext) == 64
    for form in (plaintext, memoryview(plaintext)):
        with pytest.raises(BadRecord):
            frames.unpack(form)


@pytest.mark.parametrize("at", [33_005, 50_000, MAX_PLAINTEXT - 1])
def test_padding_of_a_large_frame_is_looked_at_too(at):
    plaintext = bytearray(frames.pack([(1, bytes(33_000))])[0])
    assert frames.unpack(memoryview(plaintext)) == [Record(1, bytes(33_000))]
    plaintext[at] = 1
    with pytest.raises(BadRecord):
        frames.unpack(memoryview(plaintext))


@pytest.mark.parametrize("size", [64, 65519])
def test_a_frame_with_one_flipped_byte_does_not_open(size):
    for at in range(0, size + 16, max(1, size // 64)):
        sending, receiving = directions()
        [wire] = frames.seal([(1, body_of(size))], sending)
        damaged = bytearray(wire)
        damaged[2 + at] ^= 1
        with pytest.raises(DecryptionFailed):
            frames.open_one(memoryview(damaged)[2:], receiving)


def split_all(splitter, data, sizes=frames.FRAME_SIZES):
    """Feed and take out; frames are copied, since they may lie in the fed data."""
    splitter.feed(data)
    found = []
    while (frame := splitter.next(sizes)) is not None:
        found.append(bytes(frame))
    return found


@given(st.data())
def test_any_chunking_gives_the_same_frames(data):
    whole = [
        bytes([number]) * (data.draw(st.sampled_from(BUCKETS[:6])) + 16)
        for number in range(data.draw(st.integers(1, 6)))
    ]
    stream = b"".join(map(frames.join, whole))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=40)))
    splitter, found = frames.Splitter(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += split_all(splitter, stream[start:end])
    assert found == whole


def test_a_large_frame_that_comes_byte_by_byte_is_still_one_frame():
    frame = bytes(65_535)
    splitter, found = frames.Splitter(), []
    for byte in frames.join(frame):
        found += split_all(splitter, bytes([byte]))
    assert found == [frame]


def test_a_length_no_honest_peer_sends_is_refused_before_anything_behind_it_is_kept():
    for size in set(range(65_536)) - frames.FRAME_SIZES:
        splitter = frames.Splitter()
        splitter.feed(size.to_bytes(2, "big"))
        with pytest.raises(BadFrameSize):
            splitter.next(frames.FRAME_SIZES)

    splitter = frames.Splitter()
    assert split_all(splitter, b"\x30") == []
    splitter.feed(b"\x39" + bytes(60_000))
    with pytest.raises(BadFrameSize):
        splitter.next(frames.FRAME_SIZES)
    assert len(splitter._gathered) == 2


def test_a_record_says_its_size_and_never_its_words():
    record = Record(6, b"the secret words")
    assert "secret" not in f"{record!r} {record} {[record]}"

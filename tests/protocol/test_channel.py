"""The open channel: what gets through, what ends it, and a key for every frame."""

import itertools

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.protocol import frames, symmetric
from engine.protocol.channel import (
    MAX_RECORD_BODY,
    ZERO_PASS,
    Channel,
    Closed,
    Opened,
    Record,
    State,
)
from engine.protocol.errors import (
    BadFrameSize,
    BadRecord,
    BodyTooLong,
    DecryptionFailed,
    LocalProtocolError,
    NotOpen,
)
from tests.protocol.wire import (
    ALICE,
    BOB,
    ChannelPair,
    Script,
    assert_refused,
    error_of,
    open_pair,
    pieces,
    wire_of,
)


@pytest.mark.parametrize("chunk", [1, 7, 1_000, 65_536])
def test_records_arrive_in_order_both_ways_however_they_are_chunked(chunk):
    pair = ChannelPair()
    pair.settle(chunk=chunk)
    sent = [(1, b"hello"), (200, bytes(3_000)), (255, b""), (7, b"x" * MAX_RECORD_BODY)]
    pair.alice.send(sent)
    pair.bob.send(sent[::-1])
    pair.bob.send([(9, b"later")])
    seen_by_alice, seen_by_bob = pair.settle(chunk=chunk)
    assert seen_by_bob == [Record(*record) for record in sent]
    assert seen_by_alice == [Record(*record) for record in [*sent[::-1], (9, b"later")]]


def test_what_is_sent_together_shares_a_frame():
    pair = open_pair()
    assert len(wire_of(pair.alice, *[(1, b"short")] * 7)) == 2 + 64 + 16
    assert len(wire_of(pair.alice, *[(1, b"short")] * 8)) == 2 + 128 + 16


def test_length_on_the_wire_tells_only_the_bucket():
    pair = open_pair()
    assert {len(wire_of(pair.alice, (1, bytes(size)))) for size in range(61)} == {82}


def test_sending_needs_an_open_channel():
    pair = ChannelPair()
    for channel in (pair.alice, pair.bob):
        with pytest.raises(NotOpen):
            channel.send([(1, b"early")])
    pair.settle()
    pair.bob.receive_data(b"")
    with pytest.raises(NotOpen):
        pair.bob.send([(1, b"late")])


def test_our_own_mistake_sends_nothing_and_breaks_nothing():
    pair = open_pair()
    with pytest.raises(BodyTooLong):
        pair.alice.send([(1, b"fits"), (1, bytes(MAX_RECORD_BODY + 1))])
    with pytest.raises(LocalProtocolError):
        pair.alice.send([(1, b"fits"), (0, b"")])
    assert pair.alice.data_to_send() == b""
    assert pair.bob.receive_data(wire_of(pair.alice, (1, b"well"))) == [Record(1, b"well")]


def test_sending_nothing_says_nothing():
    pair = open_pair()
    pair.alice.send([])
    assert pair.alice.data_to_send() == b""


def test_what_is_handed_out_is_handed_out_once():
    pair = open_pair()
    pair.alice.send([(1, b"once")])
    assert pair.alice.data_to_send()
    assert pair.alice.data_to_send() == b""


# --- the end -----------------------------------------------------------------------------


def test_hanging_up_is_an_end_without_an_error_and_said_once():
    pair = open_pair()
    assert pair.bob.receive_data(b"") == [Closed(None)]
    assert pair.bob.receive_data(b"") == []
    assert pair.bob.receive_data(b"anything") == []
    assert pair.bob.state is State.CLOSED


def test_a_closed_channel_keeps_neither_keys_nor_output():
    pair = open_pair()
    pair.bob.send([(1, b"never sent")])
    pair.bob.receive_data(b"\xff\xff" + bytes(65_535))
    assert pair.bob.data_to_send() == b""
    assert pair.bob._sending is pair.bob._receiving is None


def test_a_stream_cut_at_any_byte_gives_whole_records_only():
    script = Script()
    records = [(number, b"word" * number) for number in range(1, 6)]
    _, alice = reopened(script)
    wires = [wire_of(alice, record) for record in records]
    stream = b"".join(wires)
    ends = list(itertools.accumulate(map(len, wires)))
    for size in range(1, len(stream)):
        bob, _ = reopened(script)
        whole = sum(end <= size for end in ends)
        assert bob.receive_data(stream[:size]) == [Record(*record) for record in records[:whole]]
        assert bob.receive_data(b"") == [Closed(None)]


def reopened(script):
    """The scripted pair, open; the same keys each time."""
    bob, alice = script.bob(heard=1), script.alice()
    alice.data_to_send()
    alice.receive_data(script.message[2])
    alice.data_to_send()
    [opened] = bob.receive_data(script.message[3])
    assert isinstance(opened, Opened)
    return bob, alice


# --- Mallory on the wire -----------------------------------------------------------------


def test_a_tampered_frame_ends_the_channel_and_keeps_what_came_before():
    script = Script()
    _, alice = reopened(script)
    good, target, after = (wire_of(alice, (1, word)) for word in (b"good", b"hit", b"after"))
    for at in range(2, len(target)):
        bob, _ = reopened(script)
        damaged = bytearray(target)
        damaged[at] ^= 1 << (at % 8)
        bob.send([(1, b"not sent any more")])
        events = bob.receive_data(good + bytes(damaged) + after)
        assert events[:-1] == [Record(1, b"good")]
        assert type(error_of(events)) is DecryptionFailed
        assert bob.data_to_send() == b""
        assert bob.receive_data(after) == []


def test_a_tampered_length_ends_the_channel_at_once():
    pair = open_pair()
    wire = wire_of(pair.alice, (1, b"word"))
    [closed] = pair.bob.receive_data(bytes([wire[0], wire[1] ^ 1]))
    assert type(closed.error) is BadFrameSize


@pytest.mark.parametrize(
    "order",
    [
        pytest.param([0, 0], id="replayed"),
        pytest.param([0, 1, 0], id="an old one replayed"),
        pytest.param([1, 0], id="reordered"),
        pytest.param([0, 2], id="one dropped"),
        pytest.param([1], id="the first dropped"),
    ],
)
def test_frames_out_of_place_are_refused(order):
    pair = open_pair()
    wires = [wire_of(pair.alice, (1, b"%d" % number)) for number in range(3)]
    events = pair.bob.receive_data(b"".join(wires[number] for number in order))
    honest = 0
    while honest < len(order) and order[honest] == honest:
        honest += 1
    assert events[:-1] == [Record(1, b"%d" % number) for number in range(honest)]
    assert type(error_of(events)) is DecryptionFailed


def test_a_frame_thrown_back_is_refused():
    pair = open_pair()
    [closed] = pair.alice.receive_data(wire_of(pair.alice, (1, b"mine")))
    assert type(closed.error) is DecryptionFailed


def test_a_frame_of_one_connection_is_nothing_in_another():
    first, second = open_pair(), open_pair()
    [closed] = second.bob.receive_data(wire_of(first.alice, (1, b"word")))
    assert type(closed.error) is DecryptionFailed


def test_an_authentic_peer_may_not_hide_words_in_the_padding():
    pair = open_pair()
    plaintext = b"\x01\x00\x00\x02hi".ljust(63, b"\0") + b"!"
    ciphertext = pair.alice._sending.encrypt(None, plaintext)
    [closed] = pair.bob.receive_data(frames.join(ciphertext))
    assert type(closed.error) is BadRecord


def test_the_responder_speaks_only_to_whom_it_has_proven():
    """Frames right behind message 3 count; frames before it are not even looked at."""
    pair = ChannelPair()
    pair.bob.receive_data(pair.alice.data_to_send())
    pair.alice.receive_data(pair.bob.data_to_send())
    pair.alice.send([(1, b"at once")])
    message_3_and_more = pair.alice.data_to_send()
    assert len(message_3_and_more) == 322 + 82
    opened, record = pair.bob.receive_data(message_3_and_more)
    assert isinstance(opened, Opened)
    assert record == Record(1, b"at once")

    early = ChannelPair()
    early.bob.receive_data(early.alice.data_to_send())
    early.bob.data_to_send()
    assert_refused(early.bob, early.bob.receive_data(message_3_and_more[322:]), BadFrameSize)


# --- a key for every frame ---------------------------------------------------------------


class Spied:
    """A pair whose sender's keys are all written down."""

    def __init__(self):
        self.keys = []
        self.wires = []
        spying = symmetric.Cipher(self._new, symmetric.AES_GCM.nonce, symmetric.AES_GCM.rekey_nonce)
        sending = symmetric.CipherState(spying, bytes(range(32)))
        for number in range(4):
            self.wires += frames.seal([(1, b"%d" % number)], sending)

    def _new(self, key):
        self.keys.append(bytes(key))
        return AESGCM(key)


def test_every_key_opens_one_frame_and_no_other():
    spied = Spied()
    assert len(spied.keys) == len(spied.wires) + 1
    for key_number, key in enumerate(spied.keys):
        for frame_number, wire in enumerate(spied.wires):
            receiving = symmetric.CipherState(symmetric.AES_GCM, key)
            receiving._n = frame_number  # a thief knows how many frames there were
            if key_number == frame_number:
                [record] = frames.open_one(memoryview(wire)[2:], receiving)
                assert record.body == b"%d" % frame_number
            else:
                with pytest.raises(DecryptionFailed):
                    frames.open_one(memoryview(wire)[2:], receiving)


def test_each_direction_has_keys_of_its_own():
    pair = open_pair()
    wire = wire_of(pair.alice, (1, b"word"))
    with pytest.raises(DecryptionFailed):
        frames.open_one(memoryview(wire)[2:], pair.bob._sending)


# --- what a dialer may tell the person ---------------------------------------------------


def test_progress_tells_how_far_the_other_side_went():
    pair = ChannelPair()
    assert pair.alice.last_progress == pair.bob.last_progress == "nothing"
    pair.alice.receive_data(b"HTTP/1.1 400 Bad Request\r\n")
    assert pair.alice.last_progress == "bytes"

    script = Script()
    alice = script.alice()
    alice.receive_data(script.message[2][:-1] + b"\0")
    assert alice.last_progress == "msg2"
    bob = script.bob(heard=1)
    assert bob.last_progress == "msg1"
    bob.receive_data(script.message[3])
    assert bob.last_progress == "open"


def test_a_server_of_another_kind_is_left_at_its_first_two_bytes():
    for greeting in (b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 400\r\n", b"220 mail\r\n", b"\x15\x03"):
        alice = ChannelPair().alice
        alice.data_to_send()
        assert_refused(alice, alice.receive_data(greeting[:2]), BadFrameSize)


# --- anything at all ---------------------------------------------------------------------

SCRIPT = Script()


def waiting(state):
    """A channel in one of its states of waiting, always with the same keys."""
    if state == "initiator":
        return SCRIPT.alice()
    if state == "responder":
        return SCRIPT.bob()
    if state == "responder, message 3 due":
        return SCRIPT.bob(heard=1)
    return reopened(SCRIPT)[0]


STATES = ["initiator", "responder", "responder, message 3 due", "open"]


@pytest.mark.parametrize("state", STATES)
@given(data=st.data())
def test_random_bytes_never_raise(state, data):
    channel = waiting(state)
    for chunk in data.draw(st.lists(st.binary(max_size=3_000), max_size=5)):
        events = channel.receive_data(chunk)
        assert not any(isinstance(event, Opened | Record) for event in events)


@pytest.mark.parametrize("state", STATES)
@given(data=st.data())
@settings(max_examples=50)
def test_any_chunking_gives_the_same_events(state, data):
    _, alice = reopened(SCRIPT)
    records = data.draw(
        st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=500)), min_size=1, max_size=6)
    )
    stream = {
        "initiator": SCRIPT.message[2],
        "responder": SCRIPT.message[1] + SCRIPT.message[3],
        "responder, message 3 due": SCRIPT.message[3],
        "open": b"",
    }[state]
    if state != "initiator":
        stream += b"".join(wire_of(alice, record) for record in records)
    stream += data.draw(st.binary(max_size=100))  # and, perhaps, something wrong at the end
    expected = waiting(state).receive_data(stream)

    channel = waiting(state)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=30)))
    seen = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        if start < end:
            seen += channel.receive_data(stream[start:end])
    assert list(map(comparable, seen)) == list(map(comparable, expected))


def comparable(event):
    """Errors are equal when they are of one kind."""
    return type(event.error) if isinstance(event, Closed) else event


def test_many_small_frames_in_one_piece_are_all_there():
    pair = open_pair()
    stream = b"".join(wire_of(pair.alice, (1, b"%d" % number)) for number in range(5_000))
    records = pair.bob.receive_data(stream)
    assert [int(record.body) for record in records] == list(range(5_000))
    [wire] = pieces(wire_of(pair.alice, (1, b"and on")), 100)
    assert pair.bob.receive_data(wire) == [Record(1, b"and on")]


def test_strangers_may_knock_unless_told_otherwise():
    alice = Channel(identity=ALICE, initiator=True)
    bob = Channel(identity=BOB, initiator=False)
    alice.start()
    bob.receive_data(alice.data_to_send())
    alice.receive_data(bob.data_to_send())
    [opened] = bob.receive_data(alice.data_to_send())
    assert opened.passed == ZERO_PASS

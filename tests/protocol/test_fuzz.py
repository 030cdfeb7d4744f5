"""A hundred thousand damaged inputs, the same in every run: none raises, none gets in.

Where an attacker can mend a checksum (the open knock, a seal of her own) the
mutator mends it too, so that the damage reaches what lies behind.
"""

import random

from engine.protocol import frames, symmetric
from engine.protocol.channel import Opened, Record
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.handshake import check_ident, make_ident
from tests.protocol.attack import HEAD, knocking
from tests.protocol.wire import BOB, Script

SCRIPT = Script()


def damaged(sample, chance):
    """One to four times: bits flipped, bytes set, cut, doubled, moved, or foreign ones put in."""
    data = bytearray(sample)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((1, 1, 2, 4, 16, 256)))
        match chance.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.choice((0, 1, 127, 128, 254, 255))
            case 2:
                del data[at:end]
            case 3:
                data[at:at] = data[at:end]
            case 4:
                data[at:end] = data[at:end][::-1]
            case _:
                data[at:at] = chance.randbytes(chance.choice((1, 2, 4, 64)))
    return bytes(data)


def fed(channel, stream, chance):
    """Everything the channel made of the stream, fed in one to three pieces."""
    cuts = sorted(chance.randrange(len(stream) + 1) for _ in range(chance.randrange(3)))
    events = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        if start < end:
            events += channel.receive_data(stream[start:end])
    return events


def test_60_000_damaged_plaintexts_are_records_or_refused():
    chance = random.Random(1)
    samples = frames.pack([(1, b"a"), (200, bytes(30)), (255, b"")])
    samples += frames.pack([(number, bytes([number]) * number) for number in range(1, 40)])
    opened = 0
    for turn in range(60_000):
        plaintext = damaged(samples[turn % len(samples)], chance)
        try:
            records = frames.unpack(plaintext)
        except RemoteProtocolError:
            continue
        opened += 1
        assert 4 * len(records) + sum(len(record.body) for record in records) <= len(plaintext)
        # Nothing is lost and nothing is made up: packed again it is the same, but for padding.
        [again] = frames.pack(records)
        assert again.rstrip(b"\0") == plaintext.rstrip(b"\0")
    assert 0 < opened < 60_000


def test_25_000_damaged_streams_open_only_what_was_sealed():
    chance = random.Random(2)
    sent = [Record(number, bytes([number]) * (number * 30)) for number in range(1, 9)]
    stream = sealed(sent)
    for _ in range(25_000):
        data = damaged(stream, chance)
        receiving = symmetric.CipherState(symmetric.AES_GCM, bytes(32))
        splitter, seen = frames.Splitter(), []
        try:
            for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
                splitter.feed(piece)
                while (frame := splitter.next(frames.FRAME_SIZES)) is not None:
                    seen += frames.open_one(frame, receiving)
        except RemoteProtocolError:
            pass
        assert seen == sent[: len(seen)]


def sealed(records):
    sending = symmetric.CipherState(symmetric.AES_GCM, bytes(32))
    return b"".join(wire for record in records for wire in frames.seal([record], sending))


def test_4_000_damaged_messages_1_are_refused_at_the_knock():
    chance = random.Random(3)
    for _ in range(4_000):
        data = damaged(SCRIPT.message[1], chance)
        if data.startswith(SCRIPT.message[1]):
            continue  # message 1 itself, and something behind it
        bob = SCRIPT.bob()
        assert nothing_but_an_error(fed(bob, data, chance))
        assert bob.data_to_send() == b""


def test_2_000_damaged_messages_1_with_the_knock_mended_open_nothing():
    chance = random.Random(4)
    head = SCRIPT.message[1][2 : 2 + HEAD]
    for _ in range(2_000):
        damaged_head = damaged(head, chance)[:HEAD].ljust(HEAD, b"\0")
        if damaged_head == head:
            continue
        bob = SCRIPT.bob()
        assert nothing_but_an_error(fed(bob, knocking(damaged_head) + SCRIPT.message[3], chance))
        assert bob.data_to_send() == b""


def nothing_but_an_error(events):
    return not any(isinstance(event, Opened | Record) for event in events)


def test_4_000_damaged_messages_2_open_nothing():
    chance = random.Random(5)
    for _ in range(4_000):
        data = damaged(SCRIPT.message[2], chance)
        if data.startswith(SCRIPT.message[2]):
            continue  # message 2 itself, and something behind it
        alice = SCRIPT.alice()
        alice.data_to_send()
        assert nothing_but_an_error(fed(alice, data, chance))
        assert alice.data_to_send() == b""


def test_2_000_damaged_messages_3_open_nothing():
    chance = random.Random(6)
    for _ in range(2_000):
        data = damaged(SCRIPT.message[3], chance)
        if data.startswith(SCRIPT.message[3]):
            continue
        bob = SCRIPT.bob(heard=1)
        assert nothing_but_an_error(fed(bob, data, chance))
        assert bob.data_to_send() == b""


def test_5_000_damaged_identities_prove_nobody_but_their_owner():
    chance = random.Random(7)
    h = bytes(range(32))
    ident = make_ident(BOB, h, initiator=True)
    for _ in range(5_000):
        data = damaged(ident, chance)
        try:
            peer = check_ident(data, h, initiator=True)
        except RemoteProtocolError:
            continue
        assert peer == BOB.peer
        assert data[:96] == ident[:96]

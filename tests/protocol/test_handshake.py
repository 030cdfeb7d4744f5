"""The handshake: exact bytes, every one of them guarded, and the knock before it."""

import pytest

from engine.protocol import frames
from engine.protocol.channel import ZERO_PASS, Channel, Closed, Kit, Opened
from engine.protocol.errors import (
    BadFrameSize,
    BadKey,
    DecryptionFailed,
    KnockRefused,
    LocalProtocolError,
)
from engine.protocol.handshake import MESSAGE_SIZES, Handshake
from tests.protocol.attack import HEAD, dialling, knocking, listening
from tests.protocol.wire import (
    ALICE,
    BOB,
    ChannelPair,
    Script,
    assert_refused,
    error_of,
    open_pair,
)


def flip(message, at):
    """The message with one bit changed in this byte; a different bit for each byte."""
    damaged = bytearray(message)
    damaged[at] ^= 1 << (at % 8)
    return bytes(damaged)


# --- the honest case ---------------------------------------------------------------------


def test_the_messages_have_exactly_the_promised_sizes():
    script = Script()
    assert [len(script.message[number]) for number in (1, 2, 3)] == [1234, 1458, 322]
    assert MESSAGE_SIZES == (1232, 1456, 320)


def test_both_sides_open_agree_and_know_each_other():
    [alice_saw], [bob_saw] = ChannelPair().settle()
    assert alice_saw == Opened(BOB.peer, alice_saw.handshake_hash, b"")
    assert bob_saw == Opened(ALICE.peer, alice_saw.handshake_hash, ZERO_PASS)


def test_no_two_handshakes_share_anything():
    assert open_pair().alice.handshake_hash != open_pair().alice.handshake_hash


def test_an_initiator_who_expects_nobody_learns_who_is_there():
    alice = dialling(expected=None)
    bob = listening()
    bob.receive_data(alice.data_to_send())
    [opened] = alice.receive_data(bob.data_to_send())
    assert opened.peer == BOB.peer


def test_only_the_initiator_starts_and_only_once():
    alice, bob = dialling(), listening()
    for channel in (alice, bob):
        with pytest.raises(LocalProtocolError):
            channel.start()


# --- every byte --------------------------------------------------------------------------


def test_every_flipped_byte_of_message_1_is_refused_by_the_knock():
    """Noise itself would notice only at message 2; the knock covers all of message 1."""
    script = Script()
    for at in range(2, len(script.message[1])):
        bob = script.bob()
        assert_refused(bob, bob.receive_data(flip(script.message[1], at)), KnockRefused)


def test_a_flipped_message_1_with_a_mended_knock_is_noticed_by_the_initiator():
    """Anybody can knock with the open pass. The responder answers, but to another message 1."""
    script = Script()
    head = script.message[1][2 : 2 + HEAD]
    answered = 0
    for at in range(HEAD):
        bob, alice = script.bob(), script.alice()
        events = bob.receive_data(knocking(flip(head, at)))
        answer = bob.data_to_send()
        if events:  # no ML-KEM key has these bytes
            assert_refused(bob, events, BadKey)
            continue
        answered += 1
        assert_refused(alice, alice.receive_data(answer), DecryptionFailed)
    assert answered > HEAD // 2


def test_the_bit_that_x25519_ignores_is_not_ignored():
    script = Script()
    head = bytearray(script.message[1][2 : 2 + HEAD])
    head[31] ^= 0x80
    bob, alice = script.bob(), script.alice()
    assert bob.receive_data(knocking(bytes(head))) == []
    assert_refused(alice, alice.receive_data(bob.data_to_send()), DecryptionFailed)


def test_every_flipped_byte_of_message_2_is_refused_by_the_initiator():
    script = Script()
    for at in range(2, len(script.message[2])):
        alice = script.alice()
        alice.data_to_send()
        assert_refused(alice, alice.receive_data(flip(script.message[2], at)), DecryptionFailed)


def test_every_flipped_byte_of_message_3_is_refused_by_the_responder():
    script = Script()
    for at in range(2, len(script.message[3])):
        bob = script.bob(heard=1)
        assert_refused(bob, bob.receive_data(flip(script.message[3], at)), DecryptionFailed)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_any_other_length_is_refused_before_the_message_is_kept(number):
    script = Script()
    due = MESSAGE_SIZES[number - 1]
    for size in (*range(2000), 32_784, 65_535):
        if size == due:
            continue
        victim = script.alice() if number == 2 else script.bob(heard=number // 2)
        victim.data_to_send()
        assert_refused(victim, victim.receive_data(size.to_bytes(2, "big")), BadFrameSize)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_message_cut_at_any_byte_opens_nothing_and_is_answered_by_nothing(number):
    script = Script()
    for size in range(1, len(script.message[number])):
        victim = script.alice() if number == 2 else script.bob(heard=number // 2)
        victim.data_to_send()
        assert victim.receive_data(script.message[number][:size]) == []
        assert victim.data_to_send() == b""
        assert victim.receive_data(b"") == [Closed(None)]


# --- the knock ---------------------------------------------------------------------------

LIVE = [bytes([number]) * 16 for number in range(1, 201)]


def knock_at(knock_pass, passes):
    pair = ChannelPair(knock_pass=knock_pass, passes=lambda: passes)
    _, seen_by_bob = pair.settle()
    return pair.bob, seen_by_bob


def test_a_stranger_is_heard_where_strangers_are_welcome():
    _, [opened] = knock_at(ZERO_PASS, [*LIVE, ZERO_PASS])
    assert opened.passed == ZERO_PASS


def test_a_stranger_hears_nothing_where_only_contacts_are_welcome():
    assert_refused(*knock_at(ZERO_PASS, LIVE), KnockRefused)
    assert_refused(*knock_at(ZERO_PASS, []), KnockRefused)


@pytest.mark.parametrize("number", [0, 99, 199])
def test_the_one_live_pass_of_200_is_found(number):
    _, [opened] = knock_at(LIVE[number], LIVE)
    assert opened.passed == LIVE[number]


def test_a_wrong_pass_is_refused_even_where_strangers_are_welcome():
    """Else a deleted pass would still let in whom I blocked, as a stranger or not."""
    assert_refused(*knock_at(b"\xee" * 16, [*LIVE, ZERO_PASS]), KnockRefused)


def test_the_passes_are_asked_for_at_the_knock_and_not_before():
    passes = []
    bob = listening(passes=lambda: passes)
    passes.append(LIVE[7])
    alice = Channel(identity=ALICE, initiator=True, knock_pass=LIVE[7])
    alice.start()
    assert bob.receive_data(alice.data_to_send()) == []
    assert bob.data_to_send()


def test_an_onlooker_cannot_use_a_knock_for_keys_of_his_own():
    script = Script(knock_pass=LIVE[0])
    mallorys = dialling()
    head = mallorys.data_to_send()[2 : 2 + HEAD]
    bob = script.bob()
    stolen = script.message[1][2 + HEAD :]
    assert_refused(bob, bob.receive_data(frames.join(head + stolen)), KnockRefused)


def test_a_refused_knock_costs_no_key_of_ours():
    """Nothing asymmetric is done for whom we do not answer."""

    def never():
        raise AssertionError("made a key for a stranger")

    bob = listening(
        passes=lambda: LIVE, kit=Kit(new_dh_key=never, new_kem_key=never, encapsulate=never)
    )
    assert_refused(bob, bob.receive_data(dialling().data_to_send()), KnockRefused)


def test_neither_pass_nor_hash_is_in_what_an_event_or_error_says():
    pair = ChannelPair(knock_pass=LIVE[3], passes=lambda: LIVE)
    [alice_saw], [bob_saw] = pair.settle()
    said = f"{alice_saw} {bob_saw!r}"
    for secret in (LIVE[3], pair.alice.handshake_hash):
        assert repr(secret)[2:-1] not in said
        assert secret.hex() not in said
    refused = error_of(knock_at(b"\xee" * 16, LIVE)[1])
    assert "ee" * 16 not in str(refused)


def test_a_handshake_can_be_run_under_another_prologue_for_healing_later():
    def side(identity, initiator, prologue):
        return Handshake(
            identity=identity,
            initiator=initiator,
            expected=None,
            knock_pass=ZERO_PASS,
            passes=lambda: (ZERO_PASS,),
            kit=Kit(),
            prologue=prologue,
        )

    alice, bob = side(ALICE, True, b"other"), side(BOB, False, b"other")
    assert bob.receive(alice.receive(bob.receive(alice.start()))) == b""
    assert alice.hash == bob.hash
    assert alice.is_finished
    assert bob.is_finished

"""Whatever Mallory stole, recorded or made up, nobody is impersonated and nobody answers her."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from engine.protocol import frames
from engine.protocol.channel import State
from engine.protocol.errors import (
    BadFrameSize,
    BadIdentity,
    BadKey,
    BadSignature,
    DecryptionFailed,
    SelfConnect,
    WrongPeer,
)
from engine.protocol.handshake import IDENT_SIZE, MESSAGE_SIZES, check_ident, make_ident
from identity import PeerId
from tests.protocol.attack import Attack, FalseStatic, dialling, impostor, knocking, listening
from tests.protocol.wire import (
    ALICE,
    BOB,
    MALLORY,
    ChannelPair,
    Script,
    assert_refused,
    error_of,
)

P = 2**255 - 19
SMALL_ORDER_X25519 = [
    number.to_bytes(32, "little")
    for number in (
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        P - 1,
        P,
        P + 1,
    )
]
BAD_ED25519 = {
    "the neutral element": (1).to_bytes(32, "little"),
    "order 2": (P - 1).to_bytes(32, "little"),
    "order 4": bytes(32),
    "order 8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    "neutral, not canonical": (P + 1).to_bytes(32, "little"),
    "order 4, not canonical": P.to_bytes(32, "little"),
    "not canonical": (P + 9).to_bytes(32, "little"),
    "not on the curve": (2).to_bytes(32, "little"),
    "all ones": b"\xff" * 32,
}


# --- who is there ------------------------------------------------------------------------


def test_the_wrong_peer_is_recognised_before_message_3_names_us():
    alice = dialling(expected=BOB.peer)
    mallory = listening(MALLORY)
    mallory.receive_data(alice.data_to_send())
    events = alice.receive_data(mallory.data_to_send())
    assert_refused(alice, events, WrongPeer)
    assert error_of(events).found == MALLORY.peer


def test_dialling_oneself_is_recognised():
    pair = ChannelPair(alice=ALICE, bob=ALICE)
    events, _ = pair.settle()
    assert_refused(pair.alice, events, SelfConnect)
    assert pair.bob.state is State.HANDSHAKE  # it has heard nothing that tells who was there


def test_somebody_with_our_own_identity_is_not_let_in():
    events = Attack(
        initiator=True, ident=lambda h: make_ident(BOB, h, initiator=True)
    ).against_responder(listening())
    assert type(error_of(events)) is SelfConnect


@pytest.mark.parametrize("prologue", [b"", b"p2pchat/2", b"p2pchat/1\0"])
def test_another_prologue_is_another_protocol(prologue):
    attack = Attack(initiator=False, prologue=prologue)
    alice = dialling(expected=None)
    assert_refused(alice, attack.against_initiator(alice), DecryptionFailed)


# --- reflection --------------------------------------------------------------------------


def test_no_message_can_be_thrown_back_at_its_author():
    script = Script()

    alice = script.alice()
    assert_refused(silent(alice), alice.receive_data(script.message[1]), BadFrameSize)

    bob = script.bob(heard=1)
    assert_refused(bob, bob.receive_data(script.message[2]), BadFrameSize)

    alice = script.alice()
    alice.data_to_send()
    alice.receive_data(script.message[2])
    assert alice.data_to_send() == script.message[3]
    [closed] = alice.receive_data(script.message[3])
    assert type(closed.error) is BadFrameSize


def silent(channel):
    """The channel, with what it has said so far taken off."""
    channel.data_to_send()
    return channel


def test_thrown_back_at_the_same_persons_other_side_it_is_a_self_connect():
    """Mallory joins Alice's dialling side to Alice's own listener."""
    alice, alice_listens = dialling(), listening(ALICE)
    alice_listens.receive_data(alice.data_to_send())
    assert_refused(alice, alice.receive_data(alice_listens.data_to_send()), SelfConnect)


def test_a_signature_of_one_role_is_none_of_the_other():
    events = Attack(
        initiator=False, ident=lambda h: make_ident(BOB, h, initiator=True)
    ).against_initiator(dialling())
    assert type(error_of(events)) is BadSignature


# --- replay ------------------------------------------------------------------------------


def test_a_replayed_message_1_is_answered_but_leads_nowhere():
    """Who can knock may knock again; without the ephemeral keys nothing more comes of it."""
    script = Script()
    bob = listening()
    assert bob.receive_data(script.message[1]) == []
    assert len(bob.data_to_send()) == 1458
    assert_refused(bob, bob.receive_data(script.message[3]), DecryptionFailed)


def test_a_replayed_message_2_is_refused():
    script = Script()
    alice = silent(dialling())
    assert_refused(alice, alice.receive_data(script.message[2]), DecryptionFailed)


def test_a_recorded_signature_is_worth_nothing_in_another_handshake():
    seen = {}

    def recording(h):
        seen["ident"] = make_ident(BOB, h, initiator=False)
        return seen["ident"]

    bobs_key = X25519PrivateKey.from_private_bytes(BOB.noise_key)
    honest = dialling()
    Attack(initiator=False, ident=recording, static=bobs_key).against_initiator(honest)
    assert honest.state is State.OPEN  # it was a good one, once
    victim = dialling()
    replay = Attack(initiator=False, ident=lambda _: seen["ident"], static=bobs_key)
    assert_refused(victim, replay.against_initiator(victim), BadSignature)


# --- stolen keys -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(
            lambda h, i: make_ident(dataclasses.replace(ALICE, peer=BOB.peer), h, initiator=i),
            id="signed by Alice",
        ),
        pytest.param(
            lambda h, i: make_ident(dataclasses.replace(MALLORY, peer=BOB.peer), h, initiator=i),
            id="signed by Mallory",
        ),
        pytest.param(
            lambda h, i: (bytes(BOB.peer) + bytes(64)).ljust(IDENT_SIZE, b"\0"),
            id="signature of zeros",
        ),
    ],
)
@pytest.mark.parametrize(
    "thief_has", [ALICE.noise_key, MALLORY.noise_key], ids=["Alice's static", "own static"]
)
@pytest.mark.parametrize("thief_dials", [True, False])
def test_who_stole_all_of_alices_keys_is_not_bob_to_alice(forge, thief_has, thief_dials):
    """Key-compromise impersonation: Alice's own secrets say nothing about Bob."""
    attack = Attack(
        initiator=thief_dials,
        ident=lambda h: forge(h, thief_dials),
        static=X25519PrivateKey.from_private_bytes(thief_has),
    )
    if thief_dials:
        victim = listening(ALICE)
        events = attack.against_responder(victim)
    else:
        victim = dialling()
        events = attack.against_initiator(victim)
    assert_refused(victim, events, BadSignature)


@pytest.mark.parametrize("thief_dials", [True, False])
def test_showing_bobs_static_key_without_having_it_is_noticed(thief_dials):
    """Everybody Bob ever talked to knows his public static key; Alice's are stolen besides."""
    bobs = X25519PrivateKey.from_private_bytes(BOB.noise_key).public_key().public_bytes_raw()
    attack = Attack(
        initiator=thief_dials,
        ident=lambda h: make_ident(BOB, h, initiator=thief_dials),  # as if he signed anything
        static=FalseStatic(bobs, ALICE.noise_key),
    )
    victim = listening(ALICE) if thief_dials else dialling()
    events = (attack.against_responder if thief_dials else attack.against_initiator)(victim)
    assert_refused(victim, events, DecryptionFailed)


@pytest.mark.parametrize("thief_dials", [True, False])
def test_a_stolen_static_key_alone_impersonates_nobody(thief_dials):
    """Mallory has Alice's X25519 key, and not the key that signs."""
    attack = Attack(
        initiator=thief_dials,
        ident=impostor(ALICE.peer, initiator=thief_dials),
        static=X25519PrivateKey.from_private_bytes(ALICE.noise_key),
    )
    if thief_dials:
        victim = listening(BOB)
        events = attack.against_responder(victim)
    else:
        victim = dialling(expected=ALICE.peer, identity=BOB)
        events = attack.against_initiator(victim)
    assert_refused(victim, events, BadSignature)


# --- keys nobody should use --------------------------------------------------------------


@pytest.mark.parametrize("point", SMALL_ORDER_X25519, ids=lambda p: p.hex()[:8])
def test_an_ephemeral_key_of_small_order_is_refused_by_both_sides(point):
    kem_key = MLKEM768PrivateKey.generate().public_key().public_bytes_raw()
    bob = listening()
    assert_refused(bob, bob.receive_data(knocking(point + kem_key)), BadKey)

    alice = silent(dialling())
    answer = frames.join(point + bytes(MESSAGE_SIZES[1] - 32))
    assert_refused(alice, alice.receive_data(answer), BadKey)


@pytest.mark.parametrize("point", SMALL_ORDER_X25519, ids=lambda p: p.hex()[:8])
@pytest.mark.parametrize("attacker_dials", [True, False])
def test_a_static_key_of_small_order_is_refused_by_both_sides(point, attacker_dials):
    with pytest.raises(ValueError):  # it is one: its secret is known to everybody
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(point))
    attack = Attack(initiator=attacker_dials, static=FalseStatic(point, MALLORY.noise_key))
    victim = listening() if attacker_dials else dialling(expected=None)
    events = (attack.against_responder if attacker_dials else attack.against_initiator)(victim)
    assert_refused(victim, events, BadKey)


@pytest.mark.parametrize("key", BAD_ED25519.values(), ids=BAD_ED25519)
@pytest.mark.parametrize("attacker_dials", [True, False])
def test_an_identity_key_that_is_nobodys_is_refused_by_both_sides(key, attacker_dials):
    """Under a key of small order one signature fits many texts."""
    one = (1).to_bytes(32, "little")
    for signature in (one + bytes(32), bytes(64), key + bytes(32)):
        ident = (key + signature).ljust(IDENT_SIZE, b"\0")
        attack = Attack(initiator=attacker_dials, ident=lambda _, ident=ident: ident)
        victim = listening() if attacker_dials else dialling(expected=PeerId(key))
        events = (attack.against_responder if attacker_dials else attack.against_initiator)(victim)
        assert_refused(victim, events, BadKey)


@pytest.mark.parametrize(
    "kem_key",
    [b"\xff" * 1184, b"\xff" * 3 + bytes(1181)],
    ids=["all coefficients too large", "one coefficient too large"],
)
def test_what_is_no_ml_kem_key_is_refused(kem_key):
    e = X25519PrivateKey.generate().public_key().public_bytes_raw()
    bob = listening()
    assert_refused(bob, bob.receive_data(knocking(e + kem_key)), BadKey)


def test_an_ident_of_another_size_is_refused():
    for ident in (b"", bytes(255), bytes(257)):
        with pytest.raises(BadIdentity):
            check_ident(ident, bytes(32), initiator=True)


def test_what_follows_the_signature_is_room_for_later_versions():
    h = bytes(32)
    ident = make_ident(BOB, h, initiator=False)
    assert ident[96:] == bytes(160)
    assert check_ident(ident[:96] + b"\xff" * 160, h, initiator=False) == BOB.peer

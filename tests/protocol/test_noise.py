"""The Noise core against published vectors, of plain XX and of XXhfs with ML-KEM-768."""

import functools
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from engine.protocol import noise, symmetric
from engine.protocol.errors import (
    BadKey,
    DecryptionFailed,
    LocalProtocolError,
)

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())["vectors"]
PLAIN = [vector for vector in VECTORS if "XXhfs" not in vector["protocol_name"]]
[HYBRID] = [vector for vector in VECTORS if "XXhfs" in vector["protocol_name"]]

PATTERNS = {"XX": noise.XX, "XXhfs": noise.XX_HFS}
CIPHERS = {"AESGCM": symmetric.AES_GCM, "ChaChaPoly": symmetric.CHACHA_POLY}


def suite(name):
    _, pattern, _, cipher, _ = name.split("_")
    return noise.Suite(name.encode(), PATTERNS[pattern], CIPHERS[cipher])


def key(vector, name):
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(vector[name]))


def party(vector, side, encapsulate=None):
    kit = noise.Kit(
        new_dh_key=lambda: key(vector, f"{side}_ephemeral"),
        new_kem_key=lambda: MLKEM768PrivateKey.from_seed_bytes(
            bytes.fromhex(vector["init_kem_seed"])
        ),
        encapsulate=encapsulate or noise.Kit().encapsulate,
    )
    return noise.HandshakeState(
        suite(vector["protocol_name"]),
        initiator=side == "init",
        static=key(vector, f"{side}_static"),
        prologue=bytes.fromhex(vector["prologue"]),
        kit=kit,
    )


def vector_id(vector):
    return f"{vector['source']}-{vector['protocol_name']}"


def public(private):
    return private.public_key().public_bytes_raw()


@pytest.mark.parametrize("vector", PLAIN, ids=vector_id)
def test_plain_xx_is_the_published_vector_byte_for_byte(vector):
    initiator, responder = writer, reader = party(vector, "init"), party(vector, "resp")
    for message in vector["messages"][:3]:
        payload = bytes.fromhex(message["payload"])
        sealed = writer.write(payload)
        assert sealed.hex() == message["ciphertext"]
        assert reader.read(sealed) == payload
        writer, reader = reader, writer
    if "handshake_hash" in vector:
        assert initiator.hash.hex() == responder.hash.hex() == vector["handshake_hash"]
    assert initiator.remote_static == public(key(vector, "resp_static"))
    assert responder.remote_static == public(key(vector, "init_static"))

    (to_bob, from_bob), (to_alice, from_alice) = initiator.split(), responder.split()
    directions = [(to_alice, from_bob), (to_bob, from_alice)]  # the responder speaks next
    for turn, message in enumerate(vector["messages"][3:]):
        sending, receiving = directions[turn % 2]
        sealed = sending.encrypt(None, bytes.fromhex(message["payload"]))
        assert sealed.hex() == message["ciphertext"]
        assert receiving.decrypt(None, sealed).hex() == message["payload"]


def test_the_hybrid_initiator_is_the_published_vector_byte_for_byte():
    initiator = party(HYBRID, "init")
    first, second, third = (bytes.fromhex(m["ciphertext"]) for m in HYBRID["messages"])
    assert initiator.write() == first
    assert initiator.read(second) == b""
    assert initiator.write() == third
    assert initiator.hash.hex() == HYBRID["handshake_hash"]
    assert initiator.remote_static == public(key(HYBRID, "resp_static"))


def test_the_hybrid_responder_is_the_published_vector_byte_for_byte():
    first, second, third = (bytes.fromhex(m["ciphertext"]) for m in HYBRID["messages"])
    responder = party(HYBRID, "resp", encapsulate=lambda _: kem_answer_of_the_vector())
    assert responder.read(first) == b""
    assert responder.write() == second
    assert responder.read(third) == b""
    assert responder.hash.hex() == HYBRID["handshake_hash"]


@functools.cache
def kem_answer_of_the_vector():
    """(secret, ciphertext) as the published responder drew them, read out of its message 2."""
    seen = {}
    initiator = party(HYBRID, "init")
    initiator.write()
    real = initiator._e1

    class Spy:
        def decapsulate(self, ciphertext):
            seen["ciphertext"], seen["secret"] = ciphertext, real.decapsulate(ciphertext)
            return seen["secret"]

    initiator._e1 = Spy()
    initiator.read(bytes.fromhex(HYBRID["messages"][1]["ciphertext"]))
    return seen["secret"], seen["ciphertext"]


def test_the_hybrid_splits_into_the_published_keys():
    keys = []

    def recording(new_key):
        keys.append(bytes(new_key))
        return ChaCha20Poly1305(new_key)

    initiator = party(HYBRID, "init")
    initiator._symmetric._cipher = symmetric.Cipher(
        recording, symmetric.CHACHA_POLY.nonce, symmetric.CHACHA_POLY.rekey_nonce
    )
    initiator.write()
    initiator.read(bytes.fromhex(HYBRID["messages"][1]["ciphertext"]))
    initiator.write()
    initiator.split()
    assert [used.hex() for used in keys[-2:]] == HYBRID["keys"]


def test_the_kem_secret_is_in_every_key_after_it():
    """With another KEM secret, all that the responder says afterwards stays closed."""
    secret, ciphertext = kem_answer_of_the_vector()
    other = bytes([secret[0] ^ 1]) + secret[1:]
    responder = party(HYBRID, "resp", encapsulate=lambda _: (other, ciphertext))
    responder.read(bytes.fromhex(HYBRID["messages"][0]["ciphertext"]))
    initiator = party(HYBRID, "init")
    initiator.write()
    with pytest.raises(DecryptionFailed):
        initiator.read(responder.write())


@pytest.mark.parametrize("vector", VECTORS, ids=vector_id)
def test_nobody_speaks_out_of_turn(vector):
    initiator, responder = party(vector, "init"), party(vector, "resp")
    for act in (responder.write, lambda: initiator.read(bytes(2000)), initiator.split):
        with pytest.raises(LocalProtocolError):
            act()


@pytest.mark.parametrize("vector", VECTORS, ids=vector_id)
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_message_cut_anywhere_is_refused(vector, number):
    message = bytes.fromhex(vector["messages"][number - 1]["ciphertext"])
    end = len(message)
    if number == 1:
        # Its payload is open text; that a caller misses some of it is for the caller to notice.
        end -= len(vector["messages"][0]["payload"]) // 2
    for size in range(0, end, 5):
        with pytest.raises((DecryptionFailed, BadKey)):
            waiting_for(number, vector).read(message[:size])


def waiting_for(number, vector):
    """The side that is to hear this message, having said and heard all before it."""
    side = "init" if number == 2 else "resp"
    kem_answer = (lambda _: kem_answer_of_the_vector()) if vector is HYBRID else None
    reader = party(vector, side, kem_answer)
    for turn, message in enumerate(vector["messages"][: number - 1]):
        if reader.initiator == (turn % 2 == 0):
            reader.write(bytes.fromhex(message["payload"]))
        else:
            reader.read(bytes.fromhex(message["ciphertext"]))
    return reader

"""Keys, addresses and signatures; what is derived is checked against second implementations."""

import base64
import copy
import hashlib
import hmac
import logging
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import example, given
from hypothesis import strategies as st
from nacl import bindings

from identity import BadAddress, Identity, PeerId, Secret, is_valid_public_key, verify
from tests.helpers import person, seeded

ALICE = person(1)
P = 2**255 - 19  # the field of edwards25519
L = 2**252 + 27742317777372353535851937790883648493  # the order of its large group
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")


def encoded(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


Y_8 = int.from_bytes(ORDER_8, "little")
SMALL_ORDER = [encoded(y, s) for y in (0, 1, P - 1, Y_8, P - Y_8) for s in (0, 1)]
NOT_CANONICAL = [encoded(P + y, s) for y in range(19) for s in (0, 1)]
MIXED_ORDER = bindings.crypto_core_ed25519_add(ALICE.peer, ORDER_8)
OFF_THE_CURVE = encoded(2)


def hkdf(seed: bytes, label: bytes) -> bytes:
    """RFC 5869 in two lines, for 32 bytes and no salt."""
    extracted = hmac.digest(bytes(32), seed, "sha256")
    return hmac.digest(extracted, label + b"\x01", "sha256")


# -- keys


def test_one_seed_gives_the_two_keys_by_hkdf():
    seed, database_key = Secret(bytes(range(32))), Secret(bytes(32))
    identity = Identity.from_seed(seed, database_key, protected=True)
    assert identity.signing_key == hkdf(seed, b"p2pchat/1 identity signing key")
    assert identity.noise_key == hkdf(seed, b"p2pchat/1 identity noise key")
    key = Ed25519PrivateKey.from_private_bytes(identity.signing_key)
    assert identity.peer == key.public_key().public_bytes_raw()
    assert identity.database_key == database_key
    assert identity.protected


def test_the_same_seed_is_the_same_person_and_another_seed_another():
    assert person(1) == ALICE
    assert person(2).peer != ALICE.peer


def test_a_new_person_takes_seed_and_database_key_from_chance():
    first, second = (Identity.generate(seeded("x")) for _ in range(2))
    assert first == second
    assert first.database_key != first.signing_key
    assert Identity.generate().peer != Identity.generate().peer


@pytest.mark.parametrize(("seed", "database_key"), [(31, 32), (33, 32), (32, 31), (0, 32)])
def test_keys_of_another_size_are_a_mistake(seed, database_key):
    with pytest.raises(ValueError, match="32 bytes"):
        Identity.from_seed(Secret(bytes(seed)), Secret(bytes(database_key)), protected=False)


# -- nothing secret is ever printed


def test_a_secret_shows_only_its_size(caplog):
    caplog.set_level(logging.DEBUG)
    secret = Secret(b"correct horse")
    logging.getLogger().debug("%s %r %s", secret, secret, {"key": [secret]})
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r:>20}", "%s" % secret, caplog.text]  # noqa: UP031
    for text in shown:
        assert "correct" not in text
        assert "13 bytes" in text


def test_an_identity_shows_no_key():
    text = repr(ALICE) + str(ALICE)
    assert ALICE.peer.short in text
    for key in (ALICE.signing_key, ALICE.noise_key, ALICE.database_key):
        assert repr(bytes(key))[2:-1] not in text
        assert key.hex() not in text


def test_a_secret_is_still_the_same_bytes():
    assert Secret(b"x") == b"x"
    assert hmac.compare_digest(Secret(b"x"), b"x")
    assert copy.copy(Secret(b"x")) == b"x"


# -- addresses


def test_an_address_is_key_checksum_and_version_in_base32():
    checksum = hashlib.sha3_256(b"p2pchat id checksum" + ALICE.peer + b"\x01").digest()[:2]
    expected = base64.b32encode(ALICE.peer + checksum + b"\x01").decode().lower()
    assert ALICE.peer.address == expected
    assert len(expected) == 56


def test_short_form_and_fingerprint_are_the_address_in_pieces():
    peer = ALICE.peer
    assert peer.short == peer.address[:7]
    groups = peer.fingerprint.split(" ")
    assert [len(group) for group in groups] == [7] * 8
    assert "".join(groups) == peer.address
    assert repr(peer) == str(peer) == f"PeerId({peer.short})"


@given(st.integers(min_value=0))
def test_every_address_reads_back_as_its_key(number):
    peer = person(number).peer
    assert PeerId.from_address(peer.address) == peer


@pytest.mark.parametrize(
    "written",
    [
        ALICE.peer.address.upper(),
        ALICE.peer.fingerprint,
        ALICE.peer.fingerprint.upper().replace(" ", "-"),
        ALICE.peer.fingerprint.replace(" ", "\n\t "),
        f"  {ALICE.peer.address}\r\n",
    ],
)
def test_an_address_may_be_written_as_people_write(written):
    assert PeerId.from_address(written) == ALICE.peer


def test_no_single_wrong_character_passes():
    right = ALICE.peer.address
    for place in range(56):
        for letter in "abcdefghijklmnopqrstuvwxyz234567":
            if letter != right[place]:
                with pytest.raises(BadAddress):
                    PeerId.from_address(right[:place] + letter + right[place + 1 :])


def test_no_two_swapped_neighbours_pass():
    right = ALICE.peer.address
    for place in range(55):
        swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
        if swapped != right:
            with pytest.raises(BadAddress):
                PeerId.from_address(swapped)


def address_of(key: bytes, version: bytes = b"\x01") -> str:
    checksum = hashlib.sha3_256(b"p2pchat id checksum" + key + version).digest()[:2]
    return base64.b32encode(key + checksum + version).decode().lower()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has 56 characters; this has 0"),
        (ALICE.peer.address[:-1], "has 56 characters; this has 55"),
        (ALICE.peer.address + "a", "has 56 characters; this has 57"),
        ("a" * 201, "far longer"),
        (ALICE.peer.address[:-1] + "1", "no '1'"),
        (ALICE.peer.address[:-1] + "ı", "no 'ı'"),
        (ALICE.peer.address.replace("k", "\u212a"), "no '\u212a'"),  # Kelvin sign
        (ALICE.peer.address[:-1] + "\ud800", r"no '\\ud800'"),
        (address_of(ALICE.peer, b"\x02"), "of a kind"),
        (address_of(SMALL_ORDER[0]), "no key"),
        (address_of(MIXED_ORDER), "no key"),
    ],
)
def test_a_bad_address_is_refused_with_its_reason(text, reason):
    with pytest.raises(BadAddress, match=reason) as caught:
        PeerId.from_address(text)
    sentence = str(caught.value)
    assert sentence[0].isupper()
    assert sentence.endswith(".")


@given(st.text(max_size=300))
@example("𝟚" * 56)
@example("²" * 56)
def test_no_text_raises_anything_but_bad_address(text):
    try:
        peer = PeerId.from_address(text)
    except BadAddress:
        return
    assert peer.address in text.lower().replace(" ", "")


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_peer_id_has_32_bytes(size):
    with pytest.raises(ValueError, match="32 bytes"):
        PeerId(bytes(size))


def test_a_peer_id_survives_copying():
    for twin in (copy.deepcopy(ALICE.peer), pickle.loads(pickle.dumps(ALICE.peer))):
        assert twin == ALICE.peer
        assert isinstance(twin, PeerId)


# -- signatures


def test_signatures_agree_with_another_library():
    signature = ALICE.sign(b"words")
    key = Ed25519PrivateKey.from_private_bytes(ALICE.signing_key)
    assert signature == key.sign(b"words")
    assert verify(ALICE.peer, signature, b"words")


def test_any_flipped_bit_spoils_a_signature():
    signature = ALICE.sign(b"words")
    for bit in range(512):
        flipped = bytearray(signature)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not verify(ALICE.peer, bytes(flipped), b"words")
    assert not verify(ALICE.peer, signature, b"word")
    assert not verify(person(2).peer, signature, b"words")


@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_size_is_false_and_no_error(size):
    assert not verify(ALICE.peer, bytes(size), b"words")


def test_a_signature_has_one_form_only():
    """Adding the group's order to S gives the same point: it must not give a second signature."""
    signature = ALICE.sign(b"words")
    s = int.from_bytes(signature[32:], "little") + L
    assert not verify(ALICE.peer, signature[:32] + s.to_bytes(32, "little"), b"words")


def test_nobody_signs_for_everybody_with_a_key_of_small_order():
    neutral = encoded(1)
    forged = neutral + bytes(32)  # R is the neutral element, S is 0: fits whatever was said
    Ed25519PublicKey.from_public_bytes(neutral).verify(forged, b"words")  # a lax verifier takes it
    assert not verify(PeerId(neutral), forged, b"words")


@pytest.mark.parametrize("key", [*SMALL_ORDER, *NOT_CANONICAL, MIXED_ORDER, OFF_THE_CURVE])
def test_keys_that_nobody_can_own_are_refused(key):
    assert not is_valid_public_key(key)


def test_keys_of_people_are_valid_and_other_sizes_are_not():
    assert all(is_valid_public_key(person(number).peer) for number in range(20))
    assert not is_valid_public_key(ALICE.peer[:-1])
    assert not is_valid_public_key(ALICE.peer + b"\0")
    assert not is_valid_public_key(b"")

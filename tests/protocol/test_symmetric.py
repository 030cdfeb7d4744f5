"""Keys, counters and the running hash, against the primitives used by hand."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from engine.protocol import symmetric
from engine.protocol.errors import DecryptionFailed, KeyExhausted
from engine.protocol.symmetric import AES_GCM, CipherState, SymmetricState

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("cipher", "aead", "order"),
    [(symmetric.AES_GCM, AESGCM, "big"), (symmetric.CHACHA_POLY, ChaCha20Poly1305, "little")],
    ids=["AESGCM", "ChaChaPoly"],
)
def test_rekey_is_the_papers_and_leaves_the_counter(cipher, aead, order):
    state = CipherState(cipher, KEY)
    state.encrypt(None, b"one")
    state.rekey()
    new_key = aead(KEY).encrypt(bytes(4) + b"\xff" * 8, bytes(32), None)[:32]
    nonce = bytes(4) + (1).to_bytes(8, order)
    assert state.encrypt(None, b"two") == aead(new_key).encrypt(nonce, b"two", None)


def test_a_counter_never_reaches_the_number_kept_for_rekey():
    state = CipherState(symmetric.AES_GCM, bytes(32))
    state._n = 2**64 - 1
    with pytest.raises(KeyExhausted):
        state.encrypt(None, b"")


@pytest.mark.parametrize("size", [0, 1, 15, 16, 100, 65_519])
def test_the_two_ways_to_seal_are_one(size):
    plaintext = bytes(size)
    sealed = CipherState(AES_GCM, KEY).encrypt(None, plaintext)
    buffer = bytearray(size + 16)
    CipherState(AES_GCM, KEY).encrypt_into(bytearray(plaintext), memoryview(buffer))
    assert buffer == sealed
    opened = bytearray(size)
    CipherState(AES_GCM, KEY).decrypt_into(memoryview(sealed), opened)
    assert opened == CipherState(AES_GCM, KEY).decrypt(None, sealed) == plaintext


@pytest.mark.parametrize("ciphertext", [b"", bytes(15), bytes(16), bytes(80)])
def test_what_is_not_authentic_is_refused_whatever_its_size(ciphertext):
    with pytest.raises(DecryptionFailed):
        CipherState(AES_GCM, KEY).decrypt(None, ciphertext)
    if len(ciphertext) >= 16:
        with pytest.raises(DecryptionFailed):
            CipherState(AES_GCM, KEY).decrypt_into(
                memoryview(ciphertext), bytearray(len(ciphertext) - 16)
            )


def test_associated_data_is_authentic_too():
    sealed = CipherState(AES_GCM, KEY).encrypt(b"here", b"words")
    with pytest.raises(DecryptionFailed):
        CipherState(AES_GCM, KEY).decrypt(b"there", sealed)


@pytest.mark.parametrize("name", [b"short", b"x" * 32, b"x" * 33])
def test_the_hash_begins_with_the_name_and_the_prologue(name):
    """A name of up to 32 bytes is filled up with zeros, a longer one is hashed."""
    first = name.ljust(32, b"\0") if len(name) <= 32 else hashlib.sha256(name).digest()
    assert (
        SymmetricState(name, AES_GCM, b"prologue").h == hashlib.sha256(first + b"prologue").digest()
    )


def test_keys_come_from_the_papers_hkdf():
    """HMAC by hand: two outputs of the chaining key and the secret."""
    state = SymmetricState(b"name", AES_GCM, b"")
    temporary = hmac.digest(b"name".ljust(32, b"\0"), b"secret", "sha256")
    chaining_key = hmac.digest(temporary, b"\x01", "sha256")
    key = hmac.digest(temporary, chaining_key + b"\x02", "sha256")
    state.mix_key(b"secret")
    h = state.h
    assert state.encrypt_and_hash(b"words") == AESGCM(key).encrypt(bytes(12), b"words", h)

    temporary = hmac.digest(chaining_key, b"", "sha256")
    first = hmac.digest(temporary, b"\x01", "sha256")
    second = hmac.digest(temporary, first + b"\x02", "sha256")
    for cipher_state, expected in zip(state.split(), (first, second), strict=True):
        assert cipher_state.encrypt(None, b"x") == AESGCM(expected).encrypt(bytes(12), b"x", None)


def test_before_the_first_secret_everything_is_open_and_hashed():
    state = SymmetricState(b"name", AES_GCM, b"")
    before = state.h
    assert state.encrypt_and_hash(b"open") == b"open"
    assert state.h == hashlib.sha256(before + b"open").digest()
    assert state.sealed_size(5) == 5
    state.mix_key(b"secret")
    assert state.sealed_size(5) == 21

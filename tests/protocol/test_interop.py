"""Live, in both roles, against two Noise libraries written by others (plain XX)."""

import warnings

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from engine.protocol import noise, symmetric

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # both are unmaintained, and only used here
    from dissononce.cipher.aesgcm import AESGCMCipher
    from dissononce.cipher.chachapoly import ChaChaPolyCipher
    from dissononce.dh.x25519.x25519 import X25519DH
    from dissononce.hash.sha256 import SHA256Hash
    from dissononce.processing.handshakepatterns.interactive.XX import XXHandshakePattern
    from dissononce.processing.impl.cipherstate import CipherState
    from dissononce.processing.impl.handshakestate import HandshakeState
    from dissononce.processing.impl.symmetricstate import SymmetricState
    from noise.connection import Keypair, NoiseConnection

PROLOGUE = b"p2pchat/1"
CIPHERS = {
    "AESGCM": (symmetric.AES_GCM, AESGCMCipher),
    "ChaChaPoly": (symmetric.CHACHA_POLY, ChaChaPolyCipher),
}


class OfNoiseprotocol:
    def __init__(self, cipher, *, initiator):
        self._noise = NoiseConnection.from_name(f"Noise_XX_25519_{cipher}_SHA256".encode())
        (self._noise.set_as_initiator if initiator else self._noise.set_as_responder)()
        private = X25519PrivateKey.generate().private_bytes_raw()
        self._noise.set_keypair_from_private_bytes(Keypair.STATIC, private)
        self._noise.set_prologue(PROLOGUE)
        self._noise.start_handshake()

    def write(self, payload):
        return bytes(self._noise.write_message(payload))

    def read(self, message):
        return bytes(self._noise.read_message(message))

    @property
    def hash(self):
        return self._noise.get_handshake_hash()

    def encrypt(self, plaintext):
        return self._noise.encrypt(plaintext)

    def decrypt(self, ciphertext):
        return self._noise.decrypt(ciphertext)

    def rekey(self):
        self._noise.rekey_inbound_cipher()
        self._noise.rekey_outbound_cipher()


class OfDissononce:
    def __init__(self, cipher, *, initiator):
        self._initiator = initiator
        symmetric_state = SymmetricState(CipherState(CIPHERS[cipher][1]()), SHA256Hash())
        self._state = HandshakeState(symmetric_state, X25519DH())
        self._symmetric = symmetric_state
        static = X25519DH().generate_keypair()
        self._state.initialize(XXHandshakePattern(), initiator, PROLOGUE, s=static)
        self._ciphers = None

    def write(self, payload):
        buffer = bytearray()
        self._ciphers = self._state.write_message(payload, buffer) or self._ciphers
        return bytes(buffer)

    def read(self, message):
        buffer = bytearray()
        self._ciphers = self._state.read_message(message, buffer) or self._ciphers
        return bytes(buffer)

    @property
    def hash(self):
        return self._symmetric.get_handshake_hash()

    def encrypt(self, plaintext):
        return self._ciphers[not self._initiator].encrypt_with_ad(b"", plaintext)

    def decrypt(self, ciphertext):
        return self._ciphers[self._initiator].decrypt_with_ad(b"", ciphertext)


def ours(cipher, *, initiator):
    name = f"Noise_XX_25519_{cipher}_SHA256".encode()
    return noise.HandshakeState(
        noise.Suite(name, noise.XX, CIPHERS[cipher][0]),
        initiator=initiator,
        static=X25519PrivateKey.generate(),
        prologue=PROLOGUE,
    )


@pytest.mark.parametrize("we_start", [True, False], ids=["we start", "they start"])
@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("library", [OfNoiseprotocol, OfDissononce])
def test_we_shake_hands_and_talk_with_other_peoples_noise(library, cipher, we_start):
    us, them = ours(cipher, initiator=we_start), library(cipher, initiator=not we_start)
    writer, reader = (us, them) if we_start else (them, us)
    for payload in (b"", b"two", b"three" * 50):
        assert reader.read(writer.write(payload)) == payload
        writer, reader = reader, writer
    assert us.hash == them.hash
    sending, receiving = us.split()
    for turn in range(5):
        words = b"words %d" % turn
        assert them.decrypt(sending.encrypt(None, words)) == words
        assert receiving.decrypt(None, them.encrypt(words)) == words
        if library is OfNoiseprotocol:  # the other one forgets to cut the new key to 32 bytes
            sending.rekey()
            receiving.rekey()
            them.rekey()

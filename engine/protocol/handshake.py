"""From two strangers' first bytes to two proven identities: three messages, exact sizes.

    msg1  I -> R   e[32] || e1[1184] || knock[16]                                    1232 bytes
    msg2  R -> I   e[32] || enc(ct)[1104] || enc(s)[48] || enc(ident)[272]           1456 bytes
    msg3  I -> R   enc(s)[48] || enc(ident)[272]                                      320 bytes

The knock comes first: without a pass that is accepted here, the responder does
nothing costly and says nothing, so nobody can find out that somebody is here.
Noise's static keys are never trusted; each side signs the fresh handshake hash
with its identity key, so a stolen static key alone impersonates nobody.
"""

from collections.abc import Callable, Iterable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.hmac import HMAC

from engine.protocol import noise, symmetric
from engine.protocol.errors import (
    BadIdentity,
    BadKey,
    BadSignature,
    KnockRefused,
    LocalProtocolError,
    SelfConnect,
    WrongPeer,
)
from identity import Identity, PeerId, is_valid_public_key, verify

SUITE: Final = noise.Suite(
    name=b"Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256",  # MLKEM768 without a hyphen: it is hashed
    pattern=noise.XX_HFS,
    cipher=symmetric.AES_GCM,
)
PROLOGUE: Final = b"p2pchat/1"
PASS_SIZE: Final = 16  # bytes
ZERO_PASS: Final = bytes(PASS_SIZE)  # what everybody knows: a stranger's pass
KNOCK_SIZE: Final = 16  # bytes

SIGNATURE_SIZE: Final = 64  # bytes; Ed25519
IDENT_SIZE: Final = 256  # bytes; always, whatever is in it, so that its size says nothing
_LABELS: Final = {
    True: b"p2pchat/1 handshake initiator\0",
    False: b"p2pchat/1 handshake responder\0",
}

_HEAD_SIZE: Final = noise.DH_SIZE + noise.KEM_KEY_SIZE  # e || e1
_SEALED_PROOF: Final = noise.DH_SIZE + IDENT_SIZE + 2 * symmetric.TAG_SIZE  # enc(s) || enc(ident)
MESSAGE_SIZES: Final = (
    _HEAD_SIZE + KNOCK_SIZE,
    noise.DH_SIZE + noise.KEM_CIPHERTEXT_SIZE + symmetric.TAG_SIZE + _SEALED_PROOF,
    _SEALED_PROOF,
)


def make_knock(knock_pass: bytes, head: bytes) -> bytes:
    """The proof of knowing ``knock_pass``, bound to the ephemeral keys in ``head``."""
    digest = Hash(SHA256())
    digest.update(b"p2pchat/1 knock" + knock_pass)
    mac = HMAC(digest.finalize(), SHA256())
    mac.update(head)
    return mac.finalize()[:KNOCK_SIZE]


def find_pass(passes: Iterable[bytes], head: bytes, knock: bytes) -> bytes:
    """The pass that was knocked with. Raises KnockRefused."""
    for candidate in passes:
        if bytes_eq(make_knock(candidate, head), knock):
            return candidate
    raise KnockRefused("the knock fits no pass")


def make_ident(identity: Identity, handshake_hash: bytes, *, initiator: bool) -> bytes:
    """Who we are and the proof: key, signature, then zeros (room for features)."""
    signature = identity.sign(_LABELS[initiator] + handshake_hash)
    return (bytes(identity.peer) + signature).ljust(IDENT_SIZE, b"\0")


def check_ident(ident: bytes, handshake_hash: bytes, *, initiator: bool) -> PeerId:
    """Who proves to be there; ``initiator`` says in which role. Raises RemoteProtocolError.

    What follows the signature is not looked at: it is the room in which a later
    version may say what it can do.
    """
    if len(ident) != IDENT_SIZE:
        raise BadIdentity("identity payload has the wrong size")
    key = ident[:32]
    if not is_valid_public_key(key):
        raise BadKey("identity key is not canonical or of small order")
    peer = PeerId(key)
    if not verify(peer, ident[32 : 32 + SIGNATURE_SIZE], _LABELS[initiator] + handshake_hash):
        raise BadSignature("identity did not sign this handshake")
    return peer


class Handshake:
    """One side of the three messages; feed it each message whole.

    ``due_size`` is the one length that is acceptable next (None: no message is
    due). Whoever gets an exception must end the connection and say nothing.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        initiator: bool,
        expected: PeerId | None,
        knock_pass: bytes,
        passes: Callable[[], Iterable[bytes]],
        kit: noise.Kit,
        prologue: bytes = PROLOGUE,
    ) -> None:
        self.due_size: int | None = None if initiator else MESSAGE_SIZES[0]
        self.peer: PeerId | None = None
        self.passed = b""
        self._identity = identity
        self._initiator = initiator
        self._expected = expected
        self._knock_pass = knock_pass
        self._passes = passes
        self._noise = noise.HandshakeState(
            SUITE,
            initiator=initiator,
            static=X25519PrivateKey.from_private_bytes(identity.noise_key),
            prologue=prologue,
            kit=kit,
        )

    @property
    def hash(self) -> bytes:
        return self._noise.hash

    @property
    def is_finished(self) -> bool:
        return self._noise.is_finished

    def split(self) -> tuple[symmetric.CipherState, symmetric.CipherState]:
        """The (sending, receiving) states of the finished handshake."""
        return self._noise.split()

    def start(self) -> bytes:
        """The initiator's first message."""
        if not self._initiator:
            raise LocalProtocolError("only the initiator starts")
        head = self._noise.write_tokens()
        self.due_size = MESSAGE_SIZES[1]
        return head + self._noise.write_payload(make_knock(self._knock_pass, head))

    def receive(self, message: bytes) -> bytes:
        """Take the message that is due; returns the answer, b"" when there is none."""
        if self._initiator:
            # Who is there is checked before msg3 is made: it names us to the other side.
            self._read_proof(message)
            self.due_size = None
            return self._write_proof()
        if self.due_size == MESSAGE_SIZES[0]:
            self.passed = find_pass(self._passes(), message[:_HEAD_SIZE], message[_HEAD_SIZE:])
            self._noise.read(message)
            self.due_size = MESSAGE_SIZES[2]
            return self._write_proof()
        self._read_proof(message)
        self.due_size = None
        return b""

    def _write_proof(self) -> bytes:
        """Tokens up to our sealed static key, then the identity that vouches for it."""
        tokens = self._noise.write_tokens()
        ident = make_ident(self._identity, self._noise.hash, initiator=self._initiator)
        return tokens + self._noise.write_payload(ident)

    def _read_proof(self, message: bytes) -> None:
        sealed = self._noise.read_tokens(message)
        signed = self._noise.hash
        ident = self._noise.read_payload(sealed)
        peer = check_ident(ident, signed, initiator=not self._initiator)
        if peer == self._identity.peer:
            raise SelfConnect("the other side is ourselves")
        if self._expected is not None and peer != self._expected:
            raise WrongPeer("somebody else than the expected peer answered", found=peer)
        self.peer = peer

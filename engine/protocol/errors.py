"""Everything that can go wrong in the protocol, in two families.

    ProtocolError
    ├── RemoteProtocolError       the peer broke the rules: drop the connection
    │   ├── FrameTooLong          a length above what the state allows
    │   ├── FrameTooShort         a length no honest frame can have
    │   ├── BadHandshakeSize      not exactly the size of the expected message
    │   ├── KnockRefused          no pass of ours fits the knock
    │   ├── BadKey                an ephemeral, KEM or identity key that must not be used
    │   ├── DecryptionFailed      a tag did not fit: tampered, replayed, out of order
    │   ├── BadIdentity           the identity payload is malformed
    │   ├── BadSignature          the identity is claimed, not proven
    │   ├── WrongPeer             proven to be somebody else than the one dialled
    │   ├── SelfConnect           we reached ourselves, or our own words came back
    │   ├── BadRecord             a frame opened, but what is in it is malformed
    │   └── Truncated             the stream ended in the middle of a frame
    └── LocalProtocolError        we broke the rules: a bug in this program
        ├── NotOpen
        ├── BodyTooLong
        └── KeyExhausted

Reading raises the first family and sending the second, so nobody has to guess
whose fault it was. Any other exception out of ``engine.protocol`` is a bug.

Messages never hold keys, passes or anything the peer wrote.
"""


# ruff: noqa: N818 - the names say what happened; the two bases say whose fault it was


class ProtocolError(Exception):
    """Base of every error raised by ``engine.protocol``."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that no honest peer would send."""


class FrameTooLong(RemoteProtocolError):
    """The announced length is above the limit of the present state."""


class FrameTooShort(RemoteProtocolError):
    """The announced length is below what the smallest frame needs."""


class BadHandshakeSize(RemoteProtocolError):
    """The announced length is not the one of the handshake message that is due."""


class KnockRefused(RemoteProtocolError):
    """The first message does not show a pass that is accepted here."""


class BadKey(RemoteProtocolError):
    """A public key or key exchange that would make the result predictable."""


class DecryptionFailed(RemoteProtocolError):
    """An authentication tag does not fit."""


class BadIdentity(RemoteProtocolError):
    """The identity payload of the handshake is not of the agreed form."""


class BadSignature(RemoteProtocolError):
    """The identity did not sign this handshake."""


class WrongPeer(RemoteProtocolError):
    """Somebody else than the expected peer answered."""


class SelfConnect(RemoteProtocolError):
    """The other side is ourselves, or an echo of us."""


class BadRecord(RemoteProtocolError):
    """The contents of an authentic frame are not of the agreed form."""


class Truncated(RemoteProtocolError):
    """The stream ended inside a frame."""


class LocalProtocolError(ProtocolError):
    """This program asked for something the protocol does not allow."""


class NotOpen(LocalProtocolError):
    """Sending needs an open channel."""


class BodyTooLong(LocalProtocolError):
    """A record body must fit into one frame."""


class KeyExhausted(LocalProtocolError):
    """A nonce would be used twice."""

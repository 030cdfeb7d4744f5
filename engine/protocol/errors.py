"""Everything that can go wrong in the protocol, in two families.

    ProtocolError
    ├── RemoteProtocolError       the peer broke the rules: drop the connection
    │   ├── BadFrameSize          a length no honest peer sends at this point
    │   ├── KnockRefused          no pass of ours fits the knock
    │   ├── BadKey                an ephemeral, KEM or identity key that must not be used
    │   ├── DecryptionFailed      a tag did not fit: tampered, replayed, out of order
    │   ├── BadIdentity           the identity payload is malformed
    │   ├── BadSignature          the identity is claimed, not proven
    │   ├── WrongPeer             proven to be somebody else than the one dialled
    │   ├── SelfConnect           we reached ourselves
    │   └── BadRecord             a frame opened, but what is in it is malformed
    └── LocalProtocolError        we broke the rules: a bug in this program
        ├── NotOpen
        ├── BodyTooLong
        └── KeyExhausted

Reading raises the first family and sending the second, so nobody has to guess
whose fault it was. Any other exception out of ``engine.protocol`` is a bug.

Messages never hold keys, passes or anything the peer wrote.
"""

from identity import PeerId


class ProtocolError(Exception):
    """Base of every error raised by ``engine.protocol``."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that no honest peer would send."""


class BadFrameSize(RemoteProtocolError):
    """The announced length is not one that an honest peer sends at this point."""


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
    """Somebody else than the expected peer answered; ``found`` is who, proven."""

    def __init__(self, message: str, found: PeerId) -> None:
        super().__init__(message)
        self.found = found


class SelfConnect(RemoteProtocolError):
    """The other side holds our own identity."""


class BadRecord(RemoteProtocolError):
    """The contents of an authentic frame are not of the agreed form."""


class LocalProtocolError(ProtocolError):
    """This program asked for something the protocol does not allow."""


class NotOpen(LocalProtocolError):
    """Sending needs an open channel."""


class BodyTooLong(LocalProtocolError):
    """A record body must fit into one frame."""


class KeyExhausted(LocalProtocolError):
    """A nonce would be used twice."""

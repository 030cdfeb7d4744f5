"""One event of a group: signed, hash-linked, and the same bytes on every disk and every wire.

    event   = msgpack [1, gid, author, seq, prev | null, parents, auth, lamport, ts, type, body]
    id      = SHA-256("p2pchat/1 event\\0" || event)
    wire    = msgpack [event, Ed25519("p2pchat/1 event-sig\\0" || id), content | null]

    parents   every head the author knew, at most 16     prev   the author's event before this one
    auth      the heads among the membership events they knew, at most 8

Types below 16 are about membership and say everything in ``body``; from 16 up an event holds
content, of which only a salted hash is signed: the words can be erased and the history stays whole.
Words that disappear have their time, in seconds, signed behind the hash: whoever gets such an event
without words, late, knows that they are not kept back.
Bytes are kept and passed on as they came, never encoded again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import msgpack

from engine.protocol import strict
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.records import MAX_INTEGER, MAX_TIME
from engine.protocol.strict import is_int
from identity import Identity, PeerId, is_valid_public_key, verify

VERSION: Final = 1
CREATE: Final = 1
ADD: Final = 2
REMOVE: Final = 3
ROLE: Final = 4
LEAVE: Final = 5
META: Final = 6
FIRST_CONTENT: Final = 16

HASH_SIZE: Final = 32  # bytes
TIMER_SIZE: Final = 4  # bytes, of words that disappear
MAX_TIMER: Final = 31_536_000  # seconds: a year
SIGNATURE_SIZE: Final = 64  # bytes
NO_GROUP: Final = bytes(HASH_SIZE)  # in CREATE, whose own id becomes the group's
MAX_PARENTS: Final = 16
MAX_AUTH: Final = 8
MAX_EVENT: Final = 4_096  # bytes, without content
MAX_WIRE: Final = 62_000  # bytes, with it
MAX_BODY: Final = 2_048  # bytes
SALT_SIZE: Final = 16  # bytes

_ID_LABEL: Final = b"p2pchat/1 event\0"
_SIGNATURE_LABEL: Final = b"p2pchat/1 event-sig\0"
_BODY_LABEL: Final = b"p2pchat/1 body\0"


class BadEvent(RemoteProtocolError):
    """An event that no honest member makes."""


@dataclass(frozen=True, slots=True)
class GroupEvent:
    """One event, read and found to be signed by its author. ``ts`` is for display only."""

    id: bytes
    gid: bytes
    author: PeerId
    seq: int
    prev: bytes | None
    parents: tuple[bytes, ...]
    auth: tuple[bytes, ...]
    lamport: int
    ts: int
    type: int
    body: bytes
    wire: bytes  # as it came, and as it goes on

    @property
    def is_membership(self) -> bool:
        return self.type < FIRST_CONTENT

    @property
    def is_without_words(self) -> bool:
        return not self.is_membership and parts(self)[2] is None

    @property
    def timer(self) -> int:
        """Seconds that its words stay once they were seen; 0 for ever."""
        return 0 if self.is_membership else int.from_bytes(self.body[HASH_SIZE:])

    @property
    def order(self) -> tuple[int, bytes]:
        """Where it stands in what everybody sees."""
        return self.lamport, self.id

    def __repr__(self) -> str:
        return f"GroupEvent({self.id[:4].hex()}, type={self.type}, lamport={self.lamport})"


def event_id(event: bytes) -> bytes:
    return hashlib.sha256(_ID_LABEL + event).digest()


def peek_id(wire: bytes) -> bytes:
    """The id of an event that was not looked at yet, to see whether it is known. Raises
    BadEvent."""
    if len(wire) > MAX_WIRE:
        raise BadEvent(f"an event of {len(wire)} bytes")
    event = _unpack(wire, 3)[0]
    if type(event) is not bytes:
        raise BadEvent("an event's bytes are missing or too many")
    return event_id(event)


def content_hash(content: bytes) -> bytes:
    """What an event signs of its content."""
    return hashlib.sha256(_BODY_LABEL + content).digest()


def write(
    me: Identity,
    *,
    gid: bytes,
    seq: int,
    prev: bytes | None,
    parents: Sequence[bytes],
    auth: Sequence[bytes],
    lamport: int,
    ts: int,
    kind: int,
    body: bytes = b"",
    content: bytes | None = None,
    timer: int = 0,
) -> GroupEvent:
    """Make and sign an event. The values are not looked at, but put in order."""
    signed = body
    if content is not None:
        signed = content_hash(content) + (timer.to_bytes(TIMER_SIZE) if timer else b"")
    event: bytes = msgpack.packb(
        [
            VERSION, gid, bytes(me.peer), seq, prev, sorted(parents), sorted(auth), lamport, ts,
            kind, signed,
        ]
    )  # fmt: skip
    signature = me.sign(_SIGNATURE_LABEL + event_id(event))
    return _event(event, join(event, signature, content))


def write_first(me: Identity, body: bytes, *, ts: int = 0) -> GroupEvent:
    """Make a group: its CREATE, which stands on nothing."""
    return write(
        me,
        gid=NO_GROUP,
        seq=1,
        prev=None,
        parents=(),
        auth=(),
        lamport=1,
        ts=ts,
        kind=CREATE,
        body=body,
    )


def read(wire: bytes) -> GroupEvent:
    """Read an event from the network. Raises BadEvent.

    Sizes are checked before anything is unpacked, and the signature before anything is believed.
    """
    if len(wire) > MAX_WIRE:
        raise BadEvent(f"an event of {len(wire)} bytes")
    values = _unpack(wire, 3)
    event, signature, content = values
    if type(event) is not bytes or len(event) > MAX_EVENT:
        raise BadEvent("an event's bytes are missing or too many")
    if type(signature) is not bytes or len(signature) != SIGNATURE_SIZE:
        raise BadEvent("an event without a signature")
    if content is not None and (type(content) is not bytes or len(content) < SALT_SIZE):
        raise BadEvent("the content of an event is not bytes")
    found = _event(event, wire)
    is_same = content is not None and content_hash(content) == found.body[:HASH_SIZE]
    if content is not None and (found.is_membership or not is_same):
        raise BadEvent("the content of an event is not what was signed")
    if not verify(found.author, signature, _SIGNATURE_LABEL + found.id):
        raise BadEvent("an event that its author did not sign")
    return found


def parts(event: GroupEvent) -> tuple[bytes, bytes, bytes | None]:
    """The signed bytes, the signature and the content, as they are kept."""
    signed, signature, content = _unpack(event.wire, 3)
    return signed, signature, content


def kept(signed: bytes, signature: bytes, content: bytes | None) -> GroupEvent:
    """An event that was read before, out of its parts."""
    return _event(signed, join(signed, signature, content))


def join(signed: bytes, signature: bytes, content: bytes | None) -> bytes:
    """The wire of an event; without its content where that is withheld or erased."""
    packed: bytes = msgpack.packb([signed, signature, content])
    return packed


def _event(event: bytes, wire: bytes) -> GroupEvent:
    version, gid, author, seq, prev, parents, auth, lamport, ts, kind, body = _unpack(event, 11)
    if type(version) is not int or version != VERSION:
        raise BadEvent("an event of another version")
    if not (
        _is_hash(gid)
        and _is_hash(author)
        and is_int(seq, 1, MAX_INTEGER)
        and (prev is None or _is_hash(prev))
        and is_int(lamport, 1, MAX_INTEGER)
        and is_int(ts, 0, MAX_TIME)
        and is_int(kind, 1, 255)
        and type(body) is bytes
        and len(body) <= MAX_BODY
    ):
        raise BadEvent("malformed event")
    if not _can_be_somebody(author):
        raise BadEvent("an event whose author can be nobody")
    if not _are_hashes(parents, MAX_PARENTS) or not _are_hashes(auth, MAX_AUTH):
        raise BadEvent("an event whose links are not in order")
    if (prev is None) != (seq == 1):
        raise BadEvent("an event that does not follow its author's last one")
    is_first = kind == CREATE
    fits = gid == NO_GROUP and seq == 1 and not parents and not auth and lamport == 1
    if is_first != (gid == NO_GROUP) or (is_first and not fits):
        raise BadEvent("a group begins with its first event, and only there")
    if not is_first and not (parents and auth):
        raise BadEvent("an event that stands on nothing")
    if kind >= FIRST_CONTENT and not _signs_content(body):
        raise BadEvent("an event that signs no content")
    id_ = event_id(event)
    return GroupEvent(
        id=id_,
        gid=id_ if is_first else gid,
        author=PeerId(author),
        seq=seq,
        prev=prev,
        parents=tuple(parents),
        auth=tuple(auth),
        lamport=lamport,
        ts=ts,
        type=kind,
        body=body,
        wire=wire,
    )


def _unpack(data: bytes, length: int) -> list[Any]:
    return strict.unpack_list(
        data, length, array=MAX_PARENTS, binary=MAX_WIRE, error=BadEvent, what="an event"
    )


def _signs_content(body: bytes) -> bool:
    """A hash, and perhaps a time, of which 0 is told by none."""
    if len(body) == HASH_SIZE + TIMER_SIZE:
        return 0 < int.from_bytes(body[HASH_SIZE:]) <= MAX_TIMER
    return len(body) == HASH_SIZE


@lru_cache(maxsize=4_096)  # a group has few authors, and this costs as much as all else here
def _can_be_somebody(author: bytes) -> bool:
    return is_valid_public_key(author)


def _is_hash(value: Any) -> bool:
    return strict.is_bytes(value, HASH_SIZE)


def _are_hashes(values: Any, most: int) -> bool:
    """Say whether these are hashes in order, none of them twice."""
    if type(values) is not list or len(values) > most or not all(map(_is_hash, values)):
        return False
    return all(one < other for one, other in pairwise(values))

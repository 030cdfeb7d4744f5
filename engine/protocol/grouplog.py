"""When an event may be stored: the same answer on every disk that holds what came before it.

    links unknown -> wait for them        all known -> does it fit? -> store, or it is forged

Only the event's own past is asked, never what else is known or in which order it came: an event
that one honest member takes is taken by all.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import msgpack

from engine.protocol.errors import LocalProtocolError
from engine.protocol.groupevent import FIRST_CONTENT, LEAVE, SALT_SIZE, BadEvent, GroupEvent
from engine.protocol.grouppast import Acts
from identity import PeerId

MAX_ACTS: Final = 2_048  # about membership, in the chain of one author
MAX_CONTENT: Final = 60_800  # bytes, with salt and packing

Find = Callable[[bytes], "Stub | None"]


@dataclass(frozen=True, slots=True)
class Stub:
    """What an event must know of one before it."""

    author: PeerId
    seq: int
    lamport: int
    is_membership: bool
    acts: int  # about membership in its author's chain, up to and with it


def links(event: GroupEvent) -> set[bytes]:
    """Every event that this one names."""
    named = {*event.parents, *event.auth}
    if event.prev is not None:
        named.add(event.prev)
    return named


def check(event: GroupEvent, find: Find, acts: Acts) -> int:
    """Say how many events about membership its author's chain has, with it. All links must be
    known to ``find`` and ``acts``. Raises BadEvent for what no honest member makes."""
    if event.prev is None and not event.parents:
        return 1  # CREATE, whose form was checked when it was read
    before = None if event.prev is None else find(event.prev)
    if before is not None and (before.author, before.seq + 1) != (event.author, event.seq):
        raise BadEvent("an event that does not follow its author's last one")
    parents = [stub for stub in map(find, event.parents) if stub is not None]
    if event.lamport != 1 + max(stub.lamport for stub in parents):
        raise BadEvent("an event whose count does not follow from its parents")
    if before is not None and before.lamport >= event.lamport:
        raise BadEvent("an event that does not come after its author's last one")
    for known in event.auth:
        stub = find(known)
        assert stub is not None, "links are known before an event is checked"
        if not stub.is_membership or stub.lamport >= event.lamport:
            raise BadEvent("an event that rests on something else than membership")
    past = acts.past_of(event.auth)
    if not acts.is_called(event.author, past):
        raise BadEvent("an event of somebody whom nobody added")
    is_change = event.is_membership and event.type != LEAVE
    if is_change and not acts.is_trusted(event.author, past):
        raise BadEvent("a change of members by somebody who never was an admin")
    count = (0 if before is None else before.acts) + event.is_membership
    if count > MAX_ACTS:
        raise BadEvent(f"more than {MAX_ACTS} changes of members by one person")
    return count


def digest(heads: Iterable[bytes]) -> bytes:
    """What somebody holds, in 32 bytes: whoever has the same heads has all that came before."""
    return hashlib.sha256(b"".join(sorted(heads))).digest()


def pack_content(salt: bytes, body: bytes) -> bytes:
    """What an event holds beside what is signed. The salt keeps short words from being guessed
    from their hash once they are erased."""
    if len(salt) != SALT_SIZE:
        raise LocalProtocolError(f"a salt of {len(salt)} bytes, not {SALT_SIZE}")
    packed: bytes = msgpack.packb([salt, body])
    if len(packed) > MAX_CONTENT:
        raise LocalProtocolError(f"a content of {len(packed)} bytes, limit {MAX_CONTENT}")
    return packed


def unpack_content(content: bytes) -> bytes:
    """The body, as the kinds of direct messages have it; empty when there is none to be read."""
    try:
        values = msgpack.unpackb(content, max_array_len=4, max_map_len=0, max_ext_len=0)
    except (ValueError, msgpack.UnpackException, RecursionError):
        return b""
    match values:
        case [bytes(salt), bytes(body)] if len(salt) == SALT_SIZE:
            return body
        case _:
            return b""


def knock_pass(gid: bytes) -> bytes:
    """The pass by which members come in at each other's doors, contacts or not."""
    return hashlib.sha256(b"p2pchat/1 pass" + gid).digest()[:16]


def kind_of(event_type: int) -> int:
    """The kind of message that an event of this type holds (contents.py)."""
    return event_type - FIRST_CONTENT

"""What callers hand in as text, read; and what the store declines, said in words."""

import base64
import logging
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, ParamSpec, TypeVar

from engine.chat.errors import Refused
from engine.protocol import records
from engine.store.database import StoreClosed, StoreError, StoreFull
from identity import BadAddress, PeerId

log = logging.getLogger(__name__)

GROUP_ID: Final = 52  # characters

P = ParamSpec("P")
R = TypeVar("R")


def answers(method: Callable[P, R]) -> Callable[P, R]:
    """What the store declines, ``method`` declines: with Refused, in words for a person."""

    @wraps(method)
    def answering(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return method(*arguments, **named)
        except StoreError as error:
            raise _refusal(error) from None

    return answering


def read_peer(address: str) -> PeerId:
    """Raises Refused("not_found")."""
    try:
        return _read_address(address)
    except BadAddress as error:
        raise Refused("not_found", f"That is no address: {error}") from None


def group_id(gid: bytes) -> str:
    """A group as the API names it: 52 characters of base32."""
    return base64.b32encode(gid).decode().rstrip("=").lower()


def is_group(chat: str) -> bool:
    """Say whether a chat's id is a group's; a person's address is longer."""
    return len(chat) == GROUP_ID


def read_group(chat: str) -> bytes:
    """Raises Refused("not_found")."""
    try:
        gid = base64.b32decode(chat.upper() + "====") if is_group(chat) else b""
    except ValueError:
        gid = b""
    if len(gid) != 32 or group_id(gid) != chat:
        raise Refused("not_found", "There is no such group here.")
    return gid


def read_message_id(text: str) -> bytes:
    """Raises Refused("not_found")."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != records.ID_SIZE or len(text) != 2 * records.ID_SIZE:
        raise Refused("not_found", "That is no message id.")
    return found


@lru_cache(maxsize=4_096)  # every call of the page names somebody
def _read_address(text: str) -> PeerId:
    return PeerId.from_address(text)


def _refusal(error: StoreError) -> Refused:
    match error:
        case StoreFull():
            return Refused("disk_full", "The disk is full: nothing more can be stored.")
        case StoreClosed():
            return Refused("stopping", "p2pchat is stopping.")
        case _:
            log.error("the store failed: %s", error)
            return Refused("store_failed", "This cannot be stored now. Nothing was changed.")

"""What callers hand in as text, read; and what the store declines, said in words."""

import logging
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from engine.chat.errors import Refused
from engine.protocol import records
from engine.store.database import StoreClosed, StoreError, StoreFull
from identity import BadAddress, PeerId

log = logging.getLogger(__name__)

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

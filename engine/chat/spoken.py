"""A message of a direct chat that was stored just now, and what the page is told of it."""

from dataclasses import dataclass

from engine.chat.deeds import Content
from engine.chat.trust import MAX_REQUEST_TEXT
from engine.protocol import contents
from engine.store import history, life, people, wholes
from engine.store.database import Db
from engine.store.history import OpenChat, Stored
from engine.store.wholes import Whole
from identity import PeerId


@dataclass(frozen=True, slots=True)
class Came:
    """A message that is stored now, and what the page is told: it, or the one it acts upon."""

    stored: Stored
    whole: Whole | None


@dataclass(frozen=True, slots=True)
class Said:
    """What we said, its place in the queue, and as in ``Came``."""

    stored: Stored
    row: int | None  # None: it was said before
    whole: Whole | None


def came(db: Db, chat: OpenChat, stored: Stored) -> Came:
    """Do what a message asks for that was stored just now."""
    changed = life.follow(db, chat, stored)
    if changed is not None:
        return Came(stored, wholes.whole(db, changed))
    return Came(stored, wholes.fresh(db, stored) if stored.target is None else None)


def request_id(db: Db, peer: PeerId, content: Content) -> bytes | None:
    """The id of a request that waits for its words, if these can be them."""
    if not isinstance(content, contents.Text) or content.reply_to is not None:
        return None
    request = people.waiting_request(db, peer)
    if request is None or len(content.text) > MAX_REQUEST_TEXT:
        return None
    return None if history.by_id(db, peer, request) is not None else request

"""What was said, found again: in all chats or in one, as people type it."""

import logging
from dataclasses import fields
from typing import Final

from engine.chat.answering import answers, read_message_id
from engine.chat.direct import check_text
from engine.chat.errors import Refused
from engine.chat.events import EventBus
from engine.chat.grouping import Grouping
from engine.chat.indexing import Indexing
from engine.chat.shown import Shown
from engine.chat.talks import Talks
from engine.chat.views import Hit, Message, Piece
from engine.store import finding, history, search
from engine.store.database import Database, Db, StoreClosed, StoreError
from engine.store.finding import Found

log = logging.getLogger(__name__)

MOST_TYPED: Final = 1_000  # characters
MOST_HITS: Final = 100  # in one answer
MOST_BATCHES: Final = 4  # for the index, before a search: who just said something finds it

_FIELDS: Final = tuple(field.name for field in fields(Message))


class Searching:
    def __init__(
        self, *, database: Database, bus: EventBus, shown: Shown, grouping: Grouping, talks: Talks
    ) -> None:
        self._database = database
        self._indexing = Indexing(database, bus)
        self.start, self.stop = self._indexing.start, self._indexing.stop
        self._shown = shown
        self._live = grouping.live
        self._group_shown = grouping.shown
        self._talks = talks

    @answers
    def search(
        self, typed: str, *, chat: str | None = None, before: str | None = None, limit: int = 50
    ) -> list[Hit]:
        """Messages that hold every word of ``typed``, or words that begin so: the last to arrive
        first. ``before`` is the last hit of the page before. After a very busy time, or with a
        new index, what came last may not be found for a while (indexing.py)."""
        check_text(typed)
        if len(typed) > MOST_TYPED:
            raise Refused("bad_request", f"At most {MOST_TYPED:,} characters can be looked for.")
        if not 1 <= limit <= MOST_HITS:
            raise Refused("bad_request", f"limit is from 1 to {MOST_HITS}.")
        key = None if chat is None else self._talks.key_of(chat)
        mark = None if before is None else read_message_id(before)
        if not typed.strip():
            return []
        self._catch_up()

        def query(db: Db) -> list[tuple[Found, bool]]:
            groups = dict(_groups(db))
            hidden = {number for gid, number in groups.items() if not self._is_shown(gid)}
            only = None
            if key is not None:
                asked = history.find_chat(db, key)
                if asked is None or asked.number in hidden:
                    raise Refused("not_found", "There is no such chat.")
                only = asked.number
            row = None
            if mark is not None:
                row = db.execute("SELECT max(row) FROM message WHERE id = ?", (mark,)).get
                if row is None:
                    raise Refused("not_found", "There is no such message.")
            found = finding.find(db, typed, only=only, never=hidden, before=row, limit=limit)
            return [(one, one.whole.stored.chat_key in groups) for one in found]

        hits = (self._hit(*one) for one in self._database.read(query))
        return [hit for hit in hits if hit is not None]

    def _catch_up(self) -> None:
        """Bring the index up to date, if that takes no time to speak of."""
        try:
            for _ in range(MOST_BATCHES):
                if not self._database.read(search.is_behind):
                    return
                self._database.write(search.index_some)
        except StoreClosed:
            raise
        except StoreError as error:  # a full disk: what is in the index is found all the same
            log.info("the search index is not up to date: %s", error)

    def _is_shown(self, gid: bytes) -> bool:
        live = self._live.get(gid)
        return live is not None and live.is_shown

    def _hit(self, found: Found, in_group: bool) -> Hit | None:
        if not in_group:
            message = self._shown.message(found.whole)
        else:
            live = self._live.get(found.whole.stored.chat_key)
            if live is None:  # it was deleted while this was read
                return None
            message = self._group_shown.message(live, found.whole)
        told = {name: getattr(message, name) for name in _FIELDS}
        return Hit(**told, snippet=tuple(Piece(one.text, one.hit) for one in found.snippet))


def _groups(db: Db) -> list[tuple[bytes, int]]:
    return list(db.execute("SELECT key, id FROM chat WHERE kind = ?", (history.GROUP,)))

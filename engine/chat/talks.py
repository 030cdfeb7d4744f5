"""Chats and their messages, as the page and scripts ask for them and add to them."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

import gevent

from engine.chat import deeds
from engine.chat.answering import answers, is_group, read_message_id, read_peer
from engine.chat.book import Book
from engine.chat.direct import Direct, check_text
from engine.chat.errors import Refused
from engine.chat.events import ChatChanged, EventBus
from engine.chat.grouping import Grouping
from engine.chat.lifetimes import Lifetimes
from engine.chat.receipts import Receipts
from engine.chat.shown import Shown
from engine.chat.typings import Typings
from engine.chat.views import Chat, Message
from engine.store import chats, history, wholes, windows
from engine.store.database import Database, Db, StoreError
from engine.store.history import Stored
from engine.store.wholes import Whole
from identity import PeerId

log = logging.getLogger(__name__)

LEAST_TIMER: Final = 5  # seconds
MOST_TIMER: Final = 28 * 86_400  # seconds: four weeks
MAX_PAGE: Final = 200  # messages in one answer


class Talks:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        book: Book,
        bus: EventBus,
        shown: Shown,
        direct: Direct,
        grouping: Grouping,
        receipts: Receipts,
        typings: Typings,
        lifetimes: Lifetimes,
    ) -> None:
        self._me = me
        self._database = database
        self._book = book
        self._bus = bus
        self._shown = shown
        self._direct = direct
        self._receipts, self._typings, self._lifetimes = receipts, typings, lifetimes
        self._groups = grouping.groups
        self._voice = grouping.voice
        self._live = grouping.live
        self._group_shown = grouping.shown
        self._group_news = grouping.news

    @answers
    def chats(self) -> list[Chat]:
        rows = self._database.read(lambda db: chats.chats(db, self._me))
        shown = []
        for row in rows:
            live = self._live.get(row.key) if row.kind == history.GROUP else None
            if live is not None and live.is_shown:
                shown.append(self._group_shown.chat(live, row))
            elif row.kind == history.DIRECT:
                shown.append(self._shown.chat(row, self._book.get(PeerId(row.key))))
        return shown

    @answers
    def messages(
        self,
        chat: str,
        *,
        before: str | None = None,
        after: str | None = None,
        around: str | None = None,
        at: int | None = None,
        limit: int = 50,
    ) -> list[Message]:
        """Oldest first: the newest, or those next to a message, or from a time on."""
        key = self.key_of(chat)
        if not 1 <= limit <= MAX_PAGE:
            raise Refused("bad_request", f"limit is from 1 to {MAX_PAGE}.")
        marks = [one for one in (before, after, around, at) if one is not None]
        if len(marks) > 1:
            raise Refused("bad_request", "Only one of before, after, around and at can be told.")

        def query(db: Db) -> list[Whole] | None:
            page = _page(db, key, before, after, around, at, limit)
            return None if page is None else wholes.wholes(db, page)

        found = self._database.read(query)
        if found is None:
            raise Refused("not_found", "There is no such chat.")
        return self.shown_here(key, found)

    @answers
    def pins(self, chat: str) -> list[Message]:
        """What is pinned, the last that was pinned first."""
        key = self.key_of(chat)

        def query(db: Db) -> list[Whole]:
            opened = history.find_chat(db, key)
            if opened is None:
                raise Refused("not_found", "There is no such chat.")
            return wholes.wholes(db, wholes.pinned(db, opened))

        return self.shown_here(key, self._database.read(query))

    @answers
    def change(
        self,
        chat: str,
        *,
        read: str | None = None,
        draft: tuple[str, str | None] | None = None,
        timer: int | None = None,
        typing: bool | None = None,
    ) -> None:
        key = self.key_of(chat)
        if read is not None:
            self._read(key, read_message_id(read))
        if draft is not None:
            self._draft(key, *draft)
        if timer is not None:
            self._set_timer(key, timer)
        if typing is not None:
            self._typings.tell(key, on=typing)

    def key_of(self, chat: str) -> bytes:
        """By which the store knows it. Raises Refused("not_found")."""
        return self._groups.find(chat).gid if is_group(chat) else bytes(read_peer(chat))

    def shown_here(self, key: bytes, found: Sequence[Whole]) -> list[Message]:
        """Messages of the chat with this key, as the page shows them."""
        live = self._live.get(key)
        if live is not None:
            return [self._group_shown.message(live, one) for one in found]
        return [self._shown.message(one) for one in found]

    def tell_soon(self, key: bytes) -> None:
        """A chat looks different in the list. Does not wait."""
        gevent.spawn(self._tell_key, key)

    def tell(self, peer: PeerId) -> None:
        """The chat with ``peer`` looks different now."""
        for row in self._database.read(lambda db: chats.chats(db, self._me, peer)):
            self._bus.tell(ChatChanged(self._shown.chat(row, self._book.get(peer))))

    # -- inside

    def _read(self, key: bytes, message: bytes) -> None:
        if not self._receipts.mark_read(key, message):
            raise Refused("not_found", "There is no such message in this chat.")
        self._lifetimes.wake()
        self._tell_key(key)

    def _draft(self, key: bytes, text: str, reply_to: str | None) -> None:
        check_text(text)
        answered = None if reply_to is None else read_message_id(reply_to)
        if self._database.write(lambda db: chats.set_draft(db, key, text, answered)):
            self._tell_key(key)

    def _set_timer(self, key: bytes, seconds: int) -> None:
        if seconds and not LEAST_TIMER <= seconds <= MOST_TIMER:
            raise Refused("bad_request", "Messages stay from 5 seconds to 4 weeks, or for ever.")
        if self._database.read(lambda db: chats.timer_of(db, key)) == seconds:
            return
        live = self._live.get(key)
        if live is not None:
            self._voice.post(live, deeds.timer(seconds))
        else:
            self._direct.say(PeerId(key), deeds.timer(seconds))
        self._tell_key(key)

    def _tell_key(self, key: bytes) -> None:
        live = self._live.get(key)
        try:
            if live is None:
                self.tell(PeerId(key))
            else:
                self._group_news.tell_chat(live)
        except StoreError as error:
            log.info("how a chat looks now cannot be read: %s", error)


def _page(
    db: Db,
    key: bytes,
    before: str | None,
    after: str | None,
    around: str | None,
    at: int | None,
    limit: int,
) -> list[Stored] | None:
    if at is not None:
        return windows.since(db, key, at, limit)
    told = next((one for one in (before, after, around) if one is not None), None)
    if told is None:
        return history.page(db, key, None, limit)
    mark = history.by_id(db, key, read_message_id(told))
    if mark is None or mark.target is not None:
        raise Refused("not_found", "There is no such message in this chat.")
    if after is not None:
        return history.following(db, key, mark, limit)
    if around is not None:
        return windows.around(db, key, mark, limit)
    return history.page(db, key, mark, limit)


def forget_chat(peer: PeerId) -> Callable[[Db], None]:
    """A mutation that deletes the chat with ``peer`` and what was said in it."""
    return lambda db: history.forget_chat(db, peer)

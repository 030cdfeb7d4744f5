"""Chats and their messages, as the page and scripts ask for them and add to them."""

from collections.abc import Callable
from typing import Final

from engine.chat.answering import answers, is_group, read_group, read_message_id, read_peer
from engine.chat.book import Book
from engine.chat.direct import Direct, check_text
from engine.chat.errors import Refused
from engine.chat.events import ChatChanged, EventBus
from engine.chat.grouping import Grouping
from engine.chat.links import Links
from engine.chat.shown import Shown
from engine.chat.views import Chat, Message
from engine.protocol import contents
from engine.store import history
from engine.store.database import Database, Db
from engine.store.history import Stored
from identity import PeerId

MAX_SEND_KEY: Final = 200  # characters
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
        links: Links,
        grouping: Grouping,
    ) -> None:
        self._me = me
        self._database = database
        self._book = book
        self._bus = bus
        self._shown = shown
        self._direct = direct
        self._links = links
        self._groups = grouping.groups
        self._live = grouping.live
        self._group_shown = grouping.shown
        self._group_news = grouping.news

    @answers
    def chats(self) -> list[Chat]:
        rows = self._database.read(lambda db: history.chats(db, self._me))
        shown = []
        for row in rows:
            live = self._live.get(row.key) if row.kind == history.GROUP else None
            if live is not None and live.is_shown:
                shown.append(self._group_shown.chat(live, row))
            elif row.kind == history.DIRECT:
                shown.append(self._shown.chat(row, self._book.get(PeerId(row.key))))
        return shown

    @answers
    def messages(self, chat: str, *, before: str | None = None, limit: int = 50) -> list[Message]:
        live = self._groups.find(chat) if is_group(chat) else None
        key: bytes = read_peer(chat) if live is None else live.gid
        if not 1 <= limit <= MAX_PAGE:
            raise Refused("bad_request", f"limit is from 1 to {MAX_PAGE}.")

        def query(db: Db) -> list[Stored] | None:
            mark = None
            if before is not None:
                mark = history.by_id(db, key, read_message_id(before))
                if mark is None:
                    raise Refused("not_found", "There is no such message in this chat.")
            return history.page(db, key, mark, limit)

        found = self._database.read(query)
        if found is None:
            raise Refused("not_found", "There is no such chat.")
        if live is not None:
            return [self._group_shown.message(live, stored) for stored in found]
        return [self._shown.message(stored) for stored in found]

    @answers
    def send(
        self, chat: str, text: str, *, reply_to: str | None = None, key: str | None = None
    ) -> Message:
        if not text:
            raise Refused("bad_request", "An empty message says nothing.")
        check_text(text)
        if key is not None and not 1 <= len(key) <= MAX_SEND_KEY:
            raise Refused("bad_request", f"A key has 1 to {MAX_SEND_KEY} characters.")
        answered = None if reply_to is None else read_message_id(reply_to)
        if is_group(chat):
            live = self._groups.find(chat)
            body = contents.encode_text(text, answered)
            stored = self._groups.post(live, contents.TEXT, body, key, answered)
            return self._group_shown.message(live, stored)
        peer = read_peer(chat)
        message = self._direct.send(peer, text, reply_to=answered, key=key)
        self._links.ask_again(peer, message.id)
        return message

    @answers
    def mark_read(self, chat: str, message: str) -> None:
        key = read_group(chat) if is_group(chat) else read_peer(chat)
        message_id = read_message_id(message)
        if not self._database.write(lambda db: history.mark_read(db, key, message_id)):
            raise Refused("not_found", "There is no such message in this chat.")
        live = self._live.get(key)
        if live is None:
            self.tell(PeerId(key))
        else:
            self._group_news.tell_chat(live)

    def tell(self, peer: PeerId) -> None:
        """The chat with ``peer`` looks different now."""
        for row in self._database.read(lambda db: history.chats(db, self._me, peer)):
            self._bus.tell(ChatChanged(self._shown.chat(row, self._book.get(peer))))


def forget_chat(peer: PeerId) -> Callable[[Db], None]:
    """A mutation that deletes the chat with ``peer`` and what was said in it."""
    return lambda db: history.forget_chat(db, peer)

"""A chat, or all of them, to take along: as a page to read, or as JSON Lines for programs.

It is made while it is sent: a page of messages is read (in the reading thread), written, and
forgotten, so a chat of any length takes no more memory than a short one. What is said meanwhile at
the end comes along. Messages that disappear are named, and their words are left out: a file knows
no timer.
"""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Final

from engine.chat.answering import answers
from engine.chat.errors import Refused
from engine.chat.exportpage import ExportPage, Titled
from engine.chat.safekeeping import plain_name
from engine.chat.talks import Talks
from engine.chat.views import Attachment, Chat, Message
from engine.store import history, wholes
from engine.store.database import Database, Db
from engine.store.history import Stored
from engine.store.wholes import Whole

FORMATS: Final = ("html", "jsonl")
PAGE: Final = 200  # messages that are in memory at a time
FORMAT_VERSION: Final = 1

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# JSON leaves these as they are, and some readers take them for the end of a line.
_LINE_ENDS: Final = {number: f"\\u{number:04x}" for number in (0x85, 0x2028, 0x2029)}


@dataclass(frozen=True, slots=True)
class _Part:
    """One chat of an export."""

    key: bytes
    chat: Chat
    titled: Titled


class Exporting:
    def __init__(
        self,
        *,
        database: Database,
        talks: Talks,
        own_name: Callable[[], str],
        now: Callable[[], int],
        zone: tzinfo | None = None,
    ) -> None:
        self._database = database
        self._talks = talks
        self._own_name = own_name
        self._now = now
        self._zone = zone

    @answers
    def export(self, chat: str | None = None, *, form: str) -> Attachment:
        """One chat, or all that are shown, as a file of the format ``form``."""
        if form not in FORMATS:
            raise Refused("bad_request", f"The format is {' or '.join(FORMATS)}.")
        parts = [
            _Part(self._talks.key_of(one.chat), one, Titled(number, one.name))
            for number, one in enumerate(self._talks.chats(), 1)
            if chat in (None, one.chat)
        ]
        if chat is not None and not parts:
            raise Refused("not_found", "There is no such chat.")
        now = self._now()
        title = "p2pchat" if chat is None else parts[0].chat.name
        pieces = self._page(parts, title, now) if form == "html" else self._jsonl(parts, now)
        day = datetime.fromtimestamp(now / 1_000, self._zone).date().isoformat()
        name = "all-chats" if chat is None else plain_name(title)
        return Attachment(f"p2pchat-{name}-{day}.{form}", None, pieces)

    # -- the two forms

    def _page(self, parts: Sequence[_Part], title: str, now: int) -> Generator[bytes, None, None]:
        page = ExportPage(self._own_name(), now, self._zone)
        listed = [part.titled for part in parts] if len(parts) != 1 else []
        yield page.beginning(title, listed).encode()
        for part in parts:
            yield page.heading(part.titled).encode()
            for messages in self._messages(part.key):
                yield page.lines(part.titled, messages).encode()
            yield page.chat_ending().encode()
        yield page.ending().encode()

    def _jsonl(self, parts: Sequence[_Part], now: int) -> Generator[bytes, None, None]:
        for part in parts:
            head = {
                "p2pchat": FORMAT_VERSION,
                "chat": part.chat.chat,
                "kind": part.chat.kind,
                "name": part.chat.name,
                "exported_at": now,
            }
            yield _json_lines([head])
            for messages in self._messages(part.key):
                yield _json_lines([one.as_json() for one in messages])

    def _messages(self, key: bytes) -> Iterator[list[Message]]:
        """All of a chat, a page at a time."""
        last: Stored | None = None
        while True:
            found = self._database.read(_page_after(key, last))
            if not found:
                return
            last = found[-1].stored
            shown = self._talks.shown_here(key, found)
            yield [_for_keeps(*pair) for pair in zip(shown, found, strict=True)]


def _json_lines(told: Iterable[dict[str, Any]]) -> bytes:
    return "".join(f"{_encode(one).translate(_LINE_ENDS)}\n" for one in told).encode()


def _page_after(key: bytes, last: Stored | None) -> Callable[[Db], list[Whole]]:
    return lambda db: wholes.wholes(db, history.following(db, key, last, PAGE))


def _for_keeps(message: Message, whole: Whole) -> Message:
    """Without the words of what disappears."""
    if message.quote is not None and whole.quoted is not None and whole.quoted.stored.timer:
        message = replace(message, quote=replace(message.quote, text=""))
    if message.timer:
        message = replace(message, text="", quote=None, mentions=(), reactions=())
    return message

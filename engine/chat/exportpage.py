"""Messages as one page that any browser opens, now and in many years, without network or script.

    beginning   head, styles, title, list of chats when there are several
    heading     once for each chat
    lines       of some messages; a line for each new day among them
    ending

Whatever people wrote or are called is text: it is escaped, and stands in an element of its own
direction, so that signs that turn the writing around end with it. The page forbids itself, by its
own policy, everything but its styles.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from typing import Final

from engine.chat.views import Message, Quote, Reaction

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"

_STYLES: Final = """
:root { color-scheme: light dark; --ink: light-dark(#1c1b22, #eceaf2);
  --soft: light-dark(#5d5a68, #aaa6b8); --paper: light-dark(#fdfcff, #17161c);
  --card: light-dark(#f0eef5, #25232d); --own: light-dark(#e2ecfb, #1f2d42); }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2 { line-height: 1.25; } h2 { margin-top: 3rem; }
h3 { color: var(--soft); font-size: .9rem; font-weight: 600; margin: 2rem 0 .5rem;
  text-align: center; }
ol { list-style: none; margin: 0; padding: 0; }
li.message { background: var(--card); border-radius: .6rem; margin: .5rem 0;
  padding: .5rem .8rem; width: fit-content; max-width: 85%; box-sizing: border-box; }
li.own { background: var(--own); margin-inline-start: auto; }
li.system { background: none; color: var(--soft); margin-inline: auto; text-align: center; }
li:target { outline: 2px solid var(--ink); }
.text { white-space: pre-wrap; }
.about, .note, .reactions, header p, a { color: var(--soft); } .note { font-style: italic; }
.about, .reactions, blockquote { font-size: .85rem; }
.about b { color: var(--ink); }
blockquote { border-inline-start: 3px solid var(--soft); margin: .25rem 0;
  padding-inline-start: .6rem; }
.reactions { list-style: none; margin: .25rem 0 0; padding: 0; }
.reactions li { display: inline-block; margin-inline-end: .8rem; }
@media print { body { max-width: none; } li.message { break-inside: avoid; } }
"""

_NOTES: Final = {
    "deleted": "This message was deleted.",
    "unknown": "This message cannot be shown by this version of p2pchat.",
    "missing": "This message is not here.",
}
_DISAPPEARING: Final = "This message disappears, so it was not exported."
_NOT_OVER: Final = {"waiting": "not delivered yet", "failed": "not delivered"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EVER: Final = range(253_000_000_000_000)  # milliseconds that a date can hold


@dataclass(frozen=True, slots=True)
class Titled:
    """A chat's number on the page, and what the page calls it."""

    number: int
    name: str


class ExportPage:
    def __init__(self, own_name: str, exported_at: int, zone: tzinfo | None = None) -> None:
        """``zone``: of the times that are shown; None: this computer's."""
        self._own_name = own_name or "You"
        self._exported_at = exported_at
        self._zone = zone
        self._day = ""
        self._is_list_open = False

    def beginning(self, title: str, chats: Sequence[Titled]) -> str:
        listed = "".join(
            f'<li><a href="#chat-{chat.number}">{_named(chat.name)}</a></li>\n' for chat in chats
        )
        at = self._at(self._exported_at)
        when = "" if at is None else f"{_day(at)}, {at:%H:%M}"
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="referrer" content="no-referrer">\n'
            f"<title>{_text(title)}</title>\n<style>{_STYLES}</style>\n</head>\n<body>\n"
            f"<header>\n<h1>{_named(title)}</h1>\n<p>Exported from p2pchat on {when}.</p>\n"
            "</header>\n"
            + (f'<nav aria-label="Chats">\n<ol>\n{listed}</ol>\n</nav>\n' if listed else "")
            + "<main>\n"
        )

    def heading(self, chat: Titled) -> str:
        self._day = ""
        return f'<section id="chat-{chat.number}">\n<h2>{_named(chat.name)}</h2>\n'

    def lines(self, chat: Titled, messages: Iterable[Message]) -> str:
        return "".join(self._lines(chat, messages))

    def chat_ending(self) -> str:
        return self._close_list() + "</section>\n"

    def ending(self) -> str:
        return "</main>\n</body>\n</html>\n"

    # -- inside

    def _lines(self, chat: Titled, messages: Iterable[Message]) -> Iterator[str]:
        for message in messages:
            at = self._at(message.at)
            day = "" if at is None else _day(at)
            if day and day != self._day:
                self._day = day
                yield f"{self._close_list()}<h3>{day}</h3>\n"
            if not self._is_list_open:
                self._is_list_open = True
                yield "<ol>\n"
            yield self._line(chat, message, at)

    def _close_list(self) -> str:
        was_open, self._is_list_open = self._is_list_open, False
        return "</ol>\n" if was_open else ""

    def _line(self, chat: Titled, message: Message, at: datetime | None) -> str:
        kind = "system" if message.kind == "system" else "own" if message.own else "other"
        about = [] if kind == "system" else [f"<b>{_named(self._author(chat, message))}</b>"]
        if at is not None:
            stamp = at.isoformat(timespec="seconds")
            about.append(f'<time datetime="{stamp}">{at:%H:%M}</time>')
        about += [_text(one) for one in _remarks(message)]
        return (
            f'<li class="message {kind}" id="m-{chat.number}-{_text(message.id)}">\n'
            f'<div class="about">{" · ".join(about)}</div>\n'
            + ("" if message.quote is None else self._quote(chat, message.quote))
            + _body(message)
            + self._reactions(message.reactions)
            + "</li>\n"
        )

    def _author(self, chat: Titled, message: Message) -> str:
        return self._own_name if message.own else message.author_name or chat.name

    def _quote(self, chat: Titled, quote: Quote) -> str:
        name = self._own_name if quote.own else quote.author_name or chat.name
        said = f'<span class="note">{_NOTES.get(quote.kind, _DISAPPEARING)}</span>'
        if quote.text:
            said = f'<span class="text" dir="auto">{_text(quote.text)}</span>'
        if quote.kind == "missing":
            return f"<blockquote>{said}</blockquote>\n"
        link = f'<a href="#m-{chat.number}-{_text(quote.id)}">{_named(name)}</a>'
        return f"<blockquote>{link}: {said}</blockquote>\n"

    def _reactions(self, reactions: Iterable[Reaction]) -> str:
        listed = "".join(
            f"<li>{_named(one.emoji)} "
            + ", ".join(_named(person.name or self._own_name) for person in one.people)
            + "</li>"
            for one in reactions
        )
        return f'<ul class="reactions">{listed}</ul>\n' if listed else ""

    def _at(self, ms: int) -> datetime | None:
        """None for a time that no calendar has: people's clocks say anything."""
        if ms not in _EVER:
            return None
        return (_EPOCH + timedelta(milliseconds=ms)).astimezone(self._zone)


def _body(message: Message) -> str:
    if message.text:
        return f'<div class="text" dir="auto">{_text(message.text)}</div>\n'
    note = _NOTES.get(message.kind, _DISAPPEARING if message.timer else "")
    return f'<div class="note">{note}</div>\n'


def _remarks(message: Message) -> Iterator[str]:
    if message.forwarded:
        yield "forwarded"
    if message.edited_at is not None:
        yield "edited"
    if message.pinned:
        yield "pinned"
    if message.own and message.state in _NOT_OVER:
        yield _NOT_OVER[message.state]


def _day(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B} {at.year}"


def _named(name: str) -> str:
    return f"<bdi>{_text(name)}</bdi>"


def _text(text: str) -> str:
    """What people wrote, as text between tags or quotes; what no page can hold is a mark."""
    return escape(text.replace("\r\n", "\n").translate(_UNSHOWABLE))


_UNSHOWABLE: Final = {
    number: "\ufffd"
    for number in (*range(32), *range(127, 160), *range(0xD800, 0xE000))
    if chr(number) not in "\n\t"
} | {ord("\r"): "\n"}

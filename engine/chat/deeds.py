"""What a person may do with a message, and what is said to the others for it.

    a wish of the page ──► checked against the chat, in the transaction that stores it ──► content

What is checked here is what honest people may ask for; what counts of what others send is said in
protocol/life.py.
"""

from collections.abc import Callable, Sequence

from engine.chat.errors import Refused
from engine.protocol import contents
from engine.protocol.contents import Delete, Edit, Mention, Pin, React, Text, Timer
from engine.store import chats, history, life, wholes
from engine.store.database import Db
from engine.store.history import OpenChat
from engine.store.wholes import Whole
from identity import PeerId

Content = Text | contents.Act | Timer
Make = Callable[[Db, OpenChat], Content]  # in the transaction; raises Refused


def text(
    said: str, reply_to: bytes | None, mentions: Sequence[Mention] = (), *, forwarded: bool = False
) -> Make:
    """A text, which stays as long as the chat says."""
    check_mentions(said, mentions)

    def make(db: Db, chat: OpenChat) -> Content:
        if reply_to is not None:
            line(db, chat, reply_to, "The message this answers is not in this chat.")
        timer = chats.timer_of(db, chat.key)
        return Text(said, reply_to, forwarded, timer, tuple(mentions))

    return make


def edit(me: PeerId, target: bytes, said: str, mentions: Sequence[Mention]) -> Make:
    check_mentions(said, mentions)

    def make(db: Db, chat: OpenChat) -> Content:
        found = _alive(db, chat, target)
        if found.stored.author != me or found.text is None:
            raise Refused("not_allowed", "Only what you wrote yourself can be changed.")
        if len(life.edits_of(db, chat, found.stored)) >= contents.MAX_EDITS:
            raise Refused("too_many", f"A message can be changed {contents.MAX_EDITS} times.")
        return Edit(target, said, tuple(mentions))

    return make


def react(target: bytes, emoji: str) -> Make:
    if not contents.is_emoji(emoji):
        raise Refused("bad_request", "A reaction is one emoji.")

    def make(db: Db, chat: OpenChat) -> Content:
        _alive(db, chat, target)
        return React(target, emoji)

    return make


def pin(target: bytes, *, on: bool) -> Make:
    def make(db: Db, chat: OpenChat) -> Content:
        _alive(db, chat, target)
        return Pin(target, on)

    return make


def delete(me: PeerId, target: bytes) -> Make:
    """For everyone."""

    def make(db: Db, chat: OpenChat) -> Content:
        found = line(db, chat, target)
        if found.stored.author != me or found.stored.kind >= history.FIRST_LINE:
            raise Refused(
                "not_allowed", "Only what you wrote yourself can be deleted for everyone."
            )
        if found.stored.kind == contents.TIMER:
            raise Refused("not_allowed", "This line cannot be deleted.")
        edits = life.edits_of(db, chat, found.stored)[: contents.MAX_EDITS]
        return Delete(target, tuple(edits))

    return make


def timer(seconds: int) -> Make:
    return lambda _db, _chat: Timer(seconds)


def line(
    db: Db,
    chat: OpenChat,
    message: bytes,
    why: str = "There is no such message in this chat.",
    *,
    every_edit: bool = False,
) -> Whole:
    """A line of this chat as it is now. Raises Refused("not_found")."""
    found = history.by_id(db, chat.key, message)
    if found is None or found.target is not None:
        raise Refused("not_found", why)
    return wholes.whole(db, found, every_edit=every_edit)


def check_mentions(said: str, mentions: Sequence[Mention]) -> None:
    """Raises Refused for parts that are not in the text, or overlap."""
    if len(mentions) > contents.MAX_MENTIONS:
        raise Refused("bad_request", f"A message names {contents.MAX_MENTIONS} people at most.")
    end = 0
    for one in mentions:
        if one.start < end or one.length < 1:
            raise Refused("bad_request", "The parts that name somebody follow one another.")
        end = one.start + one.length
    if end > len(said):
        raise Refused("bad_request", "A part that names somebody is not in the text.")


def _alive(db: Db, chat: OpenChat, message: bytes) -> Whole:
    found = line(db, chat, message)
    if found.is_deleted:
        raise Refused("gone", "This message was deleted.")
    if found.stored.kind >= history.FIRST_LINE or found.stored.kind == contents.TIMER:
        raise Refused("not_allowed", "Nothing can be done with this line.")
    return found

"""What a person does with messages, in direct chats and groups alike.

wish ──► deeds.py says what it becomes ──► direct.py or groups.py stores and sends it ──► view
"""

from collections.abc import Sequence
from typing import Final

from engine.chat import deeds
from engine.chat.answering import answers, group_id, is_group, read_message_id, read_peer
from engine.chat.deeds import Make
from engine.chat.direct import Direct, check_text
from engine.chat.errors import Refused
from engine.chat.events import EventBus, MessageChanged, MessageRemoved
from engine.chat.grouping import Grouping
from engine.chat.links import Links
from engine.chat.shown import Shown
from engine.chat.talks import Talks
from engine.chat.views import Message, Version
from engine.protocol.contents import Mention, Text, decode
from engine.store import history, life
from engine.store.database import Database, Db
from engine.store.history import OpenChat
from engine.store.wholes import Whole
from identity import PeerId

MAX_SEND_KEY: Final = 200  # characters
Named = Sequence[tuple[int, int, str]]  # start, length, address


class Messages:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        bus: EventBus,
        shown: Shown,
        direct: Direct,
        links: Links,
        grouping: Grouping,
        talks: Talks,
    ) -> None:
        self._me = me
        self._database = database
        self._bus = bus
        self._shown = shown
        self._direct = direct
        self._links = links
        self._groups = grouping.groups
        self._voice = grouping.voice
        self._live = grouping.live
        self._group_shown = grouping.shown
        self._talks = talks

    # -- what the API asks

    @answers
    def send(
        self,
        chat: str,
        text: str,
        *,
        reply_to: str | None = None,
        key: str | None = None,
        mentions: Named = (),
    ) -> Message:
        _check(text, key)
        answered = None if reply_to is None else read_message_id(reply_to)
        return self._said(chat, deeds.text(text, answered, _mentions(mentions)), key)

    @answers
    def forward(self, chat: str, source: str, message: str, *, key: str | None = None) -> Message:
        """Say again what a message of any chat says."""
        found = self._at(source, message)
        if found.text is None:
            raise Refused("not_allowed", "Only a text can be forwarded.")
        _check(found.text.text, key)
        return self._said(chat, deeds.text(found.text.text, None, forwarded=True), key)

    @answers
    def edit(self, chat: str, message: str, text: str, mentions: Named = ()) -> Message:
        _check(text, None)
        target = read_message_id(message)
        return self._said(chat, deeds.edit(self._me, target, text, _mentions(mentions)))

    @answers
    def react(self, chat: str, message: str, emoji: str) -> Message:
        return self._said(chat, deeds.react(read_message_id(message), emoji))

    @answers
    def pin(self, chat: str, message: str, *, on: bool) -> Message:
        return self._said(chat, deeds.pin(read_message_id(message), on=on))

    @answers
    def delete(self, chat: str, message: str, *, for_everyone: bool) -> None:
        target = read_message_id(message)
        if for_everyone:
            self._said(chat, deeds.delete(self._me, target))
        else:
            self._forget(chat, target)

    @answers
    def edits(self, chat: str, message: str) -> list[Version]:
        """What a message read, the first text first."""
        found = self._at(chat, message)
        content = decode(found.stored.kind, found.stored.body)
        if found.is_deleted or not isinstance(content, Text):
            raise Refused("gone", "This message was deleted.")
        first = Version(content.text, found.stored.ts)
        return [first, *(Version(one.text, one.ts) for one in found.life.edits)]

    # -- time (lifetimes.py)

    def begun(self, chat: OpenChat, begun: Sequence[Whole]) -> None:
        """The time of these messages began. Does not wait."""
        live = self._live.get(chat.key)
        for one in begun:
            if live is not None:
                shown = self._group_shown.message(live, one)
            else:
                shown = self._shown.message(one)
            self._bus.tell(MessageChanged(shown.chat, shown))

    def gone(self, chat: OpenChat, ids: Sequence[bytes]) -> None:
        """The time of these messages is over. Does not wait."""
        name = group_id(chat.key) if chat.kind == history.GROUP else PeerId(chat.key).address
        for one in ids:
            self._bus.tell(MessageRemoved(name, one.hex()))
        self._talks.tell_soon(chat.key)

    # -- inside

    def _said(self, chat: str, make: Make, key: str | None = None) -> Message:
        if is_group(chat):
            live = self._groups.find(chat)
            return self._group_shown.message(live, self._voice.post(live, make, key))
        peer = read_peer(chat)
        message = self._direct.say(peer, make, key)
        self._links.ask_again(peer, message.id)
        return message

    def _forget(self, chat: str, message: bytes) -> None:
        """Delete it here alone."""
        key = self._talks.key_of(chat)

        def mutation(db: Db) -> None:
            opened = history.find_chat(db, key)
            if opened is None:
                raise Refused("not_found", "There is no such chat.")
            found = deeds.line(db, opened, message).stored
            if found.kind >= history.FIRST_LINE:
                raise Refused("not_allowed", "This line cannot be deleted.")
            life.remove(db, opened, found)

        self._database.write(mutation)
        if not is_group(chat):
            self._direct.erased(PeerId(key))
        self._bus.tell(MessageRemoved(chat, message.hex()))
        self._talks.tell_soon(key)

    def _at(self, chat: str, message: str) -> Whole:
        key, message_id = self._talks.key_of(chat), read_message_id(message)

        def query(db: Db) -> Whole:
            opened = history.find_chat(db, key)
            if opened is None:
                raise Refused("not_found", "There is no such chat.")
            return deeds.line(db, opened, message_id, every_edit=True)

        return self._database.read(query)


def _check(text: str, key: str | None) -> None:
    if not text:
        raise Refused("bad_request", "An empty message says nothing.")
    check_text(text)
    if key is not None and not 1 <= len(key) <= MAX_SEND_KEY:
        raise Refused("bad_request", f"A key has 1 to {MAX_SEND_KEY} characters.")


def _mentions(named: Named) -> tuple[Mention, ...]:
    return tuple(Mention(start, length, read_peer(address)) for start, length, address in named)

"""Having read: told to who wrote it, and shown of what we wrote; by who wants it, both ways.

looked at ──► noted in the same commit ──► told on the link, and again on every new one
they tell ──► the messages' state, COMMIT ──► page
"""

import logging
from collections.abc import Callable
from typing import Final

from engine.chat.answering import group_id
from engine.chat.events import EventBus, MessageState
from engine.chat.lines import STATES
from engine.chat.livegroups import LiveGroups
from engine.net.connection import Connection
from engine.protocol.attention import Seen
from engine.store import chats, history, people, receipts
from engine.store.database import Database, Db, StoreError
from engine.store.history import State
from identity import PeerId

log = logging.getLogger(__name__)

SETTING: Final = "receipts"
MAX_TOLD: Final = 1_000  # messages whose state the page is told at once: what a tab has loaded


class Receipts:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        bus: EventBus,
        live: LiveGroups,
        link: Callable[[PeerId], Connection | None],
        may_hear: Callable[[bytes | None, PeerId], bool],
    ) -> None:
        """``may_hear``: somebody is told, and heard, in a group, or between the two of us."""
        self._me = me
        self._database = database
        self._bus = bus
        self._live = live
        self._link = link
        self._may_hear = may_hear
        self.on = database.read(lambda db: people.setting(db, SETTING)) != "off"

    def turn(self, *, on: bool) -> None:
        """From now on we tell, and are told; or neither."""

        def mutation(db: Db) -> None:
            people.set_setting(db, SETTING, "on" if on else "off")
            if not on:
                receipts.forget_all(db)

        self._database.write(mutation)
        self.on = on

    def mark_read(self, key: bytes, message: bytes) -> bool:
        """We looked at a chat up to this message. False when it is not in this chat."""

        def mutation(db: Db) -> dict[PeerId, bytes] | None:
            seen = chats.mark_read(db, key, message, self._me)
            if seen and self.on:
                receipts.keep(db, key, seen)
            return seen

        seen = self._database.write(mutation)
        if seen and self.on:
            gid = key if self._live.get(key) is not None else None
            for peer, id_ in seen.items():
                self._tell(peer, Seen(gid, id_))
        return seen is not None

    def linked(self, peer: PeerId) -> None:
        """They hear what we looked at while they were away."""
        if not self.on:
            return
        try:
            told = self._database.read(lambda db: receipts.to_tell(db, peer))
        except StoreError as error:
            log.info("what %s wrote cannot be told to be read now: %s", peer.short, error)
            return
        for key, kind, id_ in told:
            self._tell(peer, Seen(key if kind == history.GROUP else None, id_))

    def heard(self, peer: PeerId, said: Seen) -> None:
        """Raises StoreError."""
        if not self.on or not self._may_hear(said.gid, peer):
            return
        if said.gid is None:
            if self._database.read(lambda db: receipts.is_news(db, peer, self._me, said.id)):
                self._database.write(
                    lambda db: receipts.seen_directly(db, peer, self._me, said.id),
                    lambda ids: self._changed(peer.address, ids),
                )
            return
        live = self._live.get(said.gid)
        view = None if live is None else live.shelf.view
        if live is None or view is None:
            return
        number, gid = live.shelf.number, live.gid
        if not self._database.read(
            lambda db: receipts.is_news_in_group(db, number, self._me, peer, said.id)
        ):
            return
        self._database.write(
            lambda db: receipts.seen_in_group(db, number, gid, self._me, view, peer, said.id),
            lambda ids: self._changed(group_id(gid), ids),
        )

    # -- inside

    def _tell(self, peer: PeerId, said: Seen) -> None:
        link = self._link(peer)
        if link is not None and link.is_open and self._may_hear(said.gid, peer):
            link.send(said)

    def _changed(self, chat: str, ids: list[bytes]) -> None:
        for one in ids[-MAX_TOLD:]:
            self._bus.tell(MessageState(chat, one.hex(), STATES[State.READ]))

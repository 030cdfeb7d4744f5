"""Who is writing something now: told to whoever is linked, and forgotten within seconds."""

from collections.abc import Callable, Iterable
from typing import Final

import gevent

from engine.chat.answering import group_id
from engine.chat.events import EventBus, TypingChanged
from engine.chat.livegroups import LiveGroups
from engine.chat.views import Holder
from engine.net.connection import Connection
from engine.protocol.attention import Typing
from engine.store import people
from engine.store.database import Database
from identity import PeerId

SETTING: Final = "typing"
AGAIN: Final = 3.0  # seconds in which the same is not told twice
NOT_SOONER: Final = 1.0  # seconds after they stopped
SHOWN_FOR: Final = 8.0  # seconds since somebody told that they are writing


class Typings:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        bus: EventBus,
        live: LiveGroups,
        link: Callable[[PeerId], Connection | None],
        may_hear: Callable[[bytes | None, PeerId], bool],
        name_of: Callable[[bytes, PeerId], str],
        clock: Callable[[], float],
    ) -> None:
        """``may_hear``: somebody is told, and heard, in a group, or between the two of us;
        ``name_of`` somebody in the chat of this key, as the page calls them."""
        self._me = me
        self._database = database
        self._bus = bus
        self._live = live
        self._link = link
        self._may_hear = may_hear
        self._name_of = name_of
        self._clock = clock
        self._told: dict[bytes, tuple[bool, float]] = {}
        self._stopped: dict[tuple[bytes, PeerId], float] = {}  # when they last did
        self._writing: dict[bytes, dict[PeerId, float]] = {}  # by chat: until when
        self._waiter: gevent.Greenlet[..., None] | None = None
        self.on = database.read(lambda db: people.setting(db, SETTING)) != "off"

    def turn(self, *, on: bool) -> None:
        """From now on we tell, and are told; or neither."""
        self._database.write(lambda db: people.set_setting(db, SETTING, "on" if on else "off"))
        if not on:
            for key in list(self._told):
                self.tell(key, on=False)
            for key in list(self._writing):
                self._writing.pop(key)
                self._show(key)
        self.on = on

    def stop(self) -> None:
        if self._waiter is not None:
            self._waiter.kill()

    def tell(self, key: bytes, *, on: bool) -> None:
        """We are writing something in this chat, or not any more."""
        was, at = self._told.get(key, (False, 0.0))
        if not self.on or (was == on and (not on or self._clock() - at < AGAIN)):
            return
        if on:
            self._told[key] = on, self._clock()
        else:
            self._told.pop(key, None)
        gid = key if self._live.get(key) is not None else None
        for peer in self._listeners(key):
            link = self._link(peer)
            if link is not None and link.is_open:
                link.send(Typing(gid, on))

    def heard(self, peer: PeerId, said: Typing) -> None:
        if not self.on:
            return
        key = bytes(peer) if said.gid is None else said.gid
        if said.on and self._may_hear(said.gid, peer):
            now = self._clock()
            if now - self._stopped.get((key, peer), now - NOT_SOONER) < NOT_SOONER:
                return  # on and off and on: the page has better things to do
            writing = self._writing.setdefault(key, {})
            is_news = peer not in writing
            writing[peer] = now + SHOWN_FOR
            if is_news:
                self._show(key)
            if self._waiter is None or self._waiter.ready():
                self._waiter = gevent.spawn(self._wait)
        elif not said.on:
            self.silent(key, peer)

    def silent(self, key: bytes, peer: PeerId) -> None:
        """They have said it, or think no more of it."""
        if self._writing.get(key, {}).pop(peer, None) is not None:
            self._stopped[key, peer] = self._clock()
            self._show(key)

    def gone(self, peer: PeerId) -> None:
        """Their link is lost."""
        for key in list(self._writing):
            self.silent(key, peer)

    # -- inside

    def _listeners(self, key: bytes) -> Iterable[PeerId]:
        live = self._live.get(key)
        gid = None if live is None else key
        peers = [PeerId(key)] if live is None else live.shelf.members()
        return [peer for peer in peers if self._may_hear(gid, peer)]

    def _wait(self) -> None:
        """Nobody writes for ever without a sign of it."""
        while ends := [at for people_ in self._writing.values() for at in people_.values()]:
            gevent.sleep(max(0.0, min(ends) - self._clock()))
            for key, writing in list(self._writing.items()):
                for peer in [one for one, at in writing.items() if at <= self._clock()]:
                    self.silent(key, peer)

    def _show(self, key: bytes) -> None:
        writing = self._writing.get(key, {})
        if not writing:
            self._writing.pop(key, None)
        live = self._live.get(key)
        chat = PeerId(key).address if live is None else group_id(key)
        people_ = tuple(Holder(peer.address, self._name_of(key, peer)) for peer in writing)
        self._bus.tell(TypingChanged(chat, people_))

"""The running program, as the page and scripts know it: everything a person can do, in one place.

``Node`` introduces the rooms to each other and answers questions with views (views.py). Each method
may be called from any greenlet, and raises ``Refused`` for what it declines.
"""

import io
import logging
import os
import random
import time
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import segno

from contacts import clean_name
from engine.chat.book import Book
from engine.chat.connect import connect
from engine.chat.direct import Direct, check_text
from engine.chat.errors import Refused
from engine.chat.events import (
    ChatChanged,
    ChatRemoved,
    EventBus,
    MeChanged,
    PersonChanged,
    PersonRemoved,
    Subscription,
)
from engine.chat.links import Links
from engine.chat.shown import Shown
from engine.chat.trust import Trust
from engine.chat.views import Chat, Connected, Me, Message, Person, Request, Safety
from engine.net.hosts import own_places
from engine.net.peers import Peers
from engine.net.redial import Redial
from engine.protocol import records
from engine.protocol.safety import safety_number
from engine.store import history, people
from engine.store.database import Database, Db, StoreClosed, StoreError, StoreFull
from engine.store.history import Stored
from engine.store.people import Known
from identity import BadAddress, Identity, PeerId

log = logging.getLogger(__name__)

VERSION: Final = "0.1.0"
NAME_SETTING: Final = "name"
MAX_SEND_KEY: Final = 200  # characters
MAX_PAGE: Final = 200  # messages in one answer


_CHANCE: Final = random.SystemRandom()

P = ParamSpec("P")
R = TypeVar("R")


def _answers(method: Callable[P, R]) -> Callable[P, R]:
    """What the store declines, ``method`` declines: with Refused, in words for a person."""

    @wraps(method)
    def answering(*arguments: P.args, **named: P.kwargs) -> R:
        try:
            return method(*arguments, **named)
        except StoreError as error:
            raise _refusal(error) from None

    return answering


class Node:
    def __init__(
        self,
        me: Identity,
        database_path: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        chance: Callable[[int], bytes] = os.urandom,
        jitter: Callable[[], float] = _CHANCE.random,
    ) -> None:
        """Open the database and stand ready; ``start`` opens the doors. Raises StoreUnreadable."""
        self._me = me
        self._host: str | None = None
        self._database = Database(database_path, me.database_key)
        self._name = self._database.read(lambda db: people.setting(db, NAME_SETTING)) or ""
        self._bus = EventBus()
        self._shown = Shown(me.peer, now)
        self._book = Book(self._database, now, self._person_changed)
        self._links = Links(
            book=self._book,
            bus=self._bus,
            stream=chance(records.STREAM_SIZE),
            own_name=lambda: self._name,
            now=now,
            on_change=self._tell_person,
        )
        self._peers = Peers(me, self._links, clock=clock)
        self._redial = Redial(self._peers, self._links, random=jitter, clock=clock)
        self._trust = Trust(
            me.peer,
            database=self._database,
            book=self._book,
            bus=self._bus,
            shown=self._shown,
            new_id=lambda: chance(records.ID_SIZE),
            now=now,
        )
        self._direct = Direct(
            me.peer,
            database=self._database,
            book=self._book,
            bus=self._bus,
            shown=self._shown,
            new_id=lambda: chance(records.ID_SIZE),
            now=now,
        )
        self._links.introduce(
            peers=self._peers, redial=self._redial, direct=self._direct, trust=self._trust
        )

    def start(self, host: str | None, port: int, *, port_was_asked: bool) -> None:
        """Listen on ``host`` (None: everywhere) and dial every contact. Raises PortTaken."""
        self._host = host
        self._links.port = self._peers.listen(host, port, port_was_asked=port_was_asked)
        self._links.keep_contacts()

    def stop(self) -> None:
        """Say BYE to everybody, store what is under way, close the database."""
        self._redial.stop()
        self._peers.stop()
        self._database.close()

    def subscribe(self) -> Subscription:
        return self._bus.subscribe()

    # -- me

    def me(self) -> Me:
        return Me(
            address=self._me.peer.address,
            name=self._name,
            port=self._links.port,
            fingerprint=self._me.peer.fingerprint,
            protected=self._me.protected,
            visibility="everyone",
            hosts=tuple(str(place) for place in own_places(self._host, self._links.port)),
            version=VERSION,
        )

    @_answers
    def set_name(self, name: str) -> Me:
        cleaned = clean_name(name)
        if not cleaned:
            raise Refused("bad_request", "A name needs at least one visible character.")
        self._database.write(lambda db: people.set_setting(db, NAME_SETTING, cleaned))
        self._name = cleaned
        me = self.me()
        self._bus.tell(MeChanged(me))
        for peer in self._peers.linked():
            self._links.greet_again(peer)
        return me

    # -- people

    def people(self) -> list[Person]:
        return [self._person(known) for known in self._book]

    @_answers
    def connect(self, address: str, text: str = "") -> Connected:
        return connect(
            address,
            text,
            me=self._me.peer,
            book=self._book,
            peers=self._peers,
            links=self._links,
            trust=self._trust,
            direct=self._direct,
        )

    @_answers
    def requests(self) -> list[Request]:
        return self._trust.requests()

    @_answers
    def answer_request(self, address: str, action: str) -> None:
        peer = _peer(address)
        match action:
            case "accept":
                self._trust.accept(peer)
                self._links.greet_again(peer)
            case "ignore":
                self._trust.ignore(peer)
            case "block":
                self._block(peer, blocked=True)
            case _:
                raise Refused("bad_request", "The action is accept, ignore or block.")

    @_answers
    def change_person(
        self,
        address: str,
        *,
        name: str | None = None,
        blocked: bool | None = None,
        verified: bool | None = None,
    ) -> Person:
        peer = _peer(address)
        if name is not None or verified is not None:
            self._book.find(peer)
        if name is not None:
            self._trust.rename(peer, name)
            self._tell_chat(peer)
        if verified is not None:
            self._trust.verify(peer, verified=verified)
        if blocked is not None:
            self._block(peer, blocked=blocked)
        return self._person(self._book.find(peer))

    @_answers
    def forget_person(self, address: str, *, history: bool = False) -> None:
        peer = _peer(address)
        self._book.find(peer)
        self._redial.let_go(peer)
        self._book.remove(peer, _forget_chat(peer) if history else lambda _db: None)
        self._peers.drop(peer)
        if history:
            self._bus.tell(ChatRemoved(peer.address))
        else:
            self._tell_chat(peer)

    def safety(self, address: str) -> Safety:
        number = safety_number(self._me.peer, self._book.find(_peer(address)).peer)
        picture = io.BytesIO()
        segno.make(number, error="m").save(
            picture, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2
        )
        return Safety(number, picture.getvalue().decode())

    # -- chats

    @_answers
    def chats(self) -> list[Chat]:
        rows = self._database.read(lambda db: history.chats(db, self._me.peer))
        return [self._shown.chat(row, self._book.get(PeerId(row.key))) for row in rows]

    @_answers
    def messages(self, chat: str, *, before: str | None = None, limit: int = 50) -> list[Message]:
        key = _peer(chat)
        if not 1 <= limit <= MAX_PAGE:
            raise Refused("bad_request", f"limit is from 1 to {MAX_PAGE}.")

        def query(db: Db) -> list[Stored] | None:
            mark = None
            if before is not None:
                mark = history.by_id(db, key, _message_id(before))
                if mark is None:
                    raise Refused("not_found", "There is no such message in this chat.")
            return history.page(db, key, mark, limit)

        found = self._database.read(query)
        if found is None:
            raise Refused("not_found", "There is no such chat.")
        return [self._shown.message(stored) for stored in found]

    @_answers
    def send(
        self, chat: str, text: str, *, reply_to: str | None = None, key: str | None = None
    ) -> Message:
        peer = _peer(chat)
        if not text:
            raise Refused("bad_request", "An empty message says nothing.")
        check_text(text)
        if key is not None and not 1 <= len(key) <= MAX_SEND_KEY:
            raise Refused("bad_request", f"A key has 1 to {MAX_SEND_KEY} characters.")
        answers = None if reply_to is None else _message_id(reply_to)
        message = self._direct.send(peer, text, reply_to=answers, key=key)
        self._links.ask_again(peer, message.id)
        return message

    @_answers
    def mark_read(self, chat: str, message: str) -> None:
        peer, message_id = _peer(chat), _message_id(message)
        if not self._database.write(lambda db: history.mark_read(db, peer, message_id)):
            raise Refused("not_found", "There is no such message in this chat.")
        self._tell_chat(peer)

    # -- inside

    def _block(self, peer: PeerId, *, blocked: bool) -> None:
        if self._book.get(peer) is None and not any(
            request.address == peer.address for request in self._trust.requests()
        ):
            raise Refused("not_found", "There is nobody of that address here.")
        self._trust.block(peer, blocked=blocked)
        if blocked:
            self._peers.drop(peer)
        else:
            self._links.look_again(peer)  # they may have come while they were blocked

    def _person(self, known: Known) -> Person:
        status, since = self._links.status(known.peer)
        online = self._peers.link(known.peer) is not None
        return self._shown.person(known, online=online, status=status, tried_at=since)

    def _person_changed(self, peer: PeerId) -> None:
        """After the commit of a change to somebody's entry."""
        known = self._book.get(peer)
        if known is None:
            self._direct.forget(peer)
            self._bus.tell(PersonRemoved(peer.address))
        else:
            self._links.keep(known)
            self._tell_person(peer)

    def _tell_person(self, peer: PeerId) -> None:
        known = self._book.get(peer)
        if known is not None:
            self._bus.tell(PersonChanged(self._person(known)))

    def _tell_chat(self, peer: PeerId) -> None:
        for row in self._database.read(lambda db: history.chats(db, self._me.peer, peer)):
            self._bus.tell(ChatChanged(self._shown.chat(row, self._book.get(peer))))


def _peer(address: str) -> PeerId:
    try:
        return _read_address(address)
    except BadAddress as error:
        raise Refused("not_found", f"That is no address: {error}") from None


@lru_cache(maxsize=4_096)  # every call of the page names somebody
def _read_address(text: str) -> PeerId:
    return PeerId.from_address(text)


def _message_id(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != records.ID_SIZE or len(text) != 2 * records.ID_SIZE:
        raise Refused("not_found", "That is no message id.")
    return found


def _forget_chat(peer: PeerId) -> Callable[[Db], None]:
    return lambda db: history.forget_chat(db, peer)


def _refusal(error: StoreError) -> Refused:
    match error:
        case StoreFull():
            return Refused("disk_full", "The disk is full: nothing more can be stored.")
        case StoreClosed():
            return Refused("stopping", "p2pchat is stopping.")
        case _:
            log.error("the store failed: %s", error)
            return Refused("store_failed", "This cannot be stored now. Nothing was changed.")

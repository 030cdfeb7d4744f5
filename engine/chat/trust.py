"""Who may talk to us: requests and answers, blocking, forgetting, verifying.

    stranger --REQUEST--> asked --accept--> contact          a request of somebody we asked
                            |                                ourselves, or hold as a contact,
                            +-- ignore, block                completes both sides

Nobody is told what was decided, except by being accepted (PROTOCOL.md, section 3.5).
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from weakref import WeakKeyDictionary

from contacts import Level, Relation, clean_name, is_shut_out, may_be_written_to
from engine.chat.book import Book, with_contact, with_place
from engine.chat.errors import Refused
from engine.chat.events import (
    ChatChanged,
    EventBus,
    MessageAdded,
    RequestAdded,
    RequestRemoved,
)
from engine.chat.shown import Shown
from engine.chat.views import Request
from engine.net.connection import Connection
from engine.protocol import contents, records
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.invite import HostPort
from engine.store import chats, history, people
from engine.store.database import Database, Db, StoreError
from engine.store.people import Asked, Known
from engine.store.wholes import Whole
from identity import PeerId, Secret

log = logging.getLogger(__name__)

MAX_REQUEST_TEXT: Final = 1_000  # characters
MAX_REQUESTS_HEARD: Final = 2  # on one connection: the request, and its words if they come later

_NOT_VERIFIED: Final[dict[str, Any]] = {
    "level": Level.FIRST_USE,
    "verified_at": None,
    "verified_how": "",
}


class Trust:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        book: Book,
        bus: EventBus,
        shown: Shown,
        new_id: Callable[[], bytes],
        now: Callable[[], int],
    ) -> None:
        self._me = me
        self._database = database
        self._book = book
        self._bus = bus
        self._shown = shown
        self._new_id = new_id
        self._now = now
        self._heard: WeakKeyDictionary[Connection, int] = WeakKeyDictionary()

    # -- our request

    def ask(self, peer: PeerId, name: str, place: HostPort | None) -> None:
        """Ask a stranger; the request waits on disk until they answer. The first message sent to
        them becomes its words (Direct.send)."""
        now, request_id = self._now(), self._new_id()

        def asked(known: Known) -> Known:
            relation = max(known.contact.relation, Relation.ASKED)
            known = with_contact(known, relation=relation, own_name=name or known.contact.own_name)
            known = replace(known, request_id=known.request_id or request_id)
            return known if place is None else with_place(known, place)

        def also(db: Db) -> None:
            history.open_chat(db, peer, history.DIRECT, now)

        self._told(peer, self._book.change(peer, asked, also))

    def request_record(self, known: Known, own_name: str) -> records.Request:
        """Our request to ``known``, to be sent on every link until it is answered."""
        assert known.request_id is not None
        request_id = known.request_id
        stored = self._database.read(lambda db: history.by_id(db, known.peer, request_id))
        text, lamport, ts = "", 1, self._now()
        if stored is not None:
            lamport, ts = stored.lamport, stored.ts
            content = contents.decode(stored.kind, stored.body)
            text = content.text if isinstance(content, contents.Text) else ""
        return records.Request(request_id, lamport, ts, own_name, text)

    def accepted_by(self, peer: PeerId) -> None:
        """They take our messages: our request, if one waits, is answered."""
        self._book.change(peer, self._made_contact, lambda db: people.drop_request(db, peer))
        self._bus.tell(RequestRemoved(peer.address))

    # -- theirs

    def heard_request(self, connection: Connection, asked: records.Request, port: int) -> bool:
        """A request came in. True when it makes a contact. Raises RemoteProtocolError."""
        peer = connection.peer
        assert peer is not None
        if len(asked.text) > MAX_REQUEST_TEXT:
            raise RemoteProtocolError("a request of more than 1,000 characters")
        known = self._book.get(peer)
        if known is not None and is_shut_out(known.contact):
            return False
        heard = self._heard.get(connection, 0)
        if heard >= MAX_REQUESTS_HEARD:
            return False  # the rest is noise
        self._heard[connection] = heard + 1
        request = Asked(
            peer=peer,
            id=asked.id,
            lamport=asked.lamport,
            name=clean_name(asked.name),
            text=asked.text,
            ts=asked.ts,
            at=self._now(),
            place=HostPort(connection.host, port),
            ignored=False,
        )
        if known is not None and known.contact.relation is not Relation.NONE:
            self._welcome(request)
            return True
        is_new = self._database.write(lambda db: people.add_request(db, request))
        known = self._book.get(peer)
        if known is not None and may_be_written_to(known.contact):
            self._welcome(request)  # they were asked, or accepted, while this was being stored
            return True
        if is_new:
            log.info("%s would like to talk", peer.short)
            self._bus.tell(RequestAdded(self._shown.request(request)))
        return False

    def accept(self, peer: PeerId) -> None:
        """Raises Refused("not_found")."""
        self._welcome(self._waiting(peer))
        self._bus.tell(RequestRemoved(peer.address))

    def invited(
        self,
        peer: PeerId,
        *,
        name: str = "",
        place: HostPort | None = None,
        spend: Callable[[Db], None] = lambda _db: None,
    ) -> None:
        """One of us two used the other's invite: contacts at once, whoever asked before.

        ``spend`` is done in the same transaction. A level that is higher already stays.
        """
        asked = self._database.read(lambda db: people.request(db, peer))
        if asked is not None and not asked.ignored:
            self._welcome(asked, _by_invite, spend)
            self._bus.tell(RequestRemoved(peer.address))
            return
        now = self._now()

        def changed(known: Known) -> Known:
            known = _by_invite(self._made_contact(known))
            known = with_contact(known, own_name=name or known.contact.own_name)
            return known if place is None else with_place(known, place)

        def also(db: Db) -> None:
            people.drop_request(db, peer)
            history.open_chat(db, peer, history.DIRECT, now)
            spend(db)

        self._told(peer, self._book.change(peer, changed, also))

    def ignore(self, peer: PeerId) -> None:
        self._waiting(peer)
        self._database.write(lambda db: people.ignore_request(db, peer))
        self._bus.tell(RequestRemoved(peer.address))

    def is_waiting(self, peer: PeerId) -> bool:
        """Somebody asked and has no answer yet."""
        asked = self._database.read(lambda db: people.request(db, peer))
        return asked is not None and not asked.ignored

    def requests(self) -> list[Request]:
        return [self._shown.request(one) for one in self._database.read(people.requests)]

    def _waiting(self, peer: PeerId) -> Asked:
        asked = self._database.read(lambda db: people.request(db, peer))
        if asked is None or asked.ignored:
            raise Refused("not_found", "There is no request from this person.")
        return asked

    def _welcome(
        self,
        asked: Asked,
        more: Callable[[Known], Known] = lambda known: known,
        spend: Callable[[Db], None] = lambda _db: None,
    ) -> None:
        """Make a contact of somebody who asked; their text becomes a message of the chat."""
        now, peer = self._now(), asked.peer

        def changed(known: Known) -> Known:
            known = with_contact(
                self._made_contact(known), own_name=asked.name or known.contact.own_name
            )
            return more(with_place(known, asked.place) if asked.place.port else known)

        def also(db: Db) -> Whole | None:
            spend(db)
            people.drop_request(db, peer)
            chat = history.open_chat(db, peer, history.DIRECT, now)
            if not asked.text:
                return None
            # A leap in their count would be theirs to explain; a request's is simply not believed.
            lamport = min(asked.lamport, 1 << 32)
            body = contents.encode_text(asked.text)
            stored = history.add_received(
                db, chat, peer, asked.id, contents.TEXT, lamport, asked.ts, body
            )
            return None if stored is None else Whole(stored)

        self._told(peer, self._book.change(peer, changed, also))

    # -- the person

    def block(self, peer: PeerId, *, blocked: bool) -> None:
        asked = self._database.read(lambda db: people.request(db, peer))

        def changed(known: Known) -> Known:
            name = known.contact.own_name or ("" if asked is None else asked.name)
            known = with_contact(known, blocked=blocked, own_name=name)
            if blocked:
                return replace(known, pass_for_them=None)
            is_contact = known.contact.relation is Relation.CONTACT and not known.contact.held
            return self._made_contact(known) if is_contact else known

        self._book.change(peer, changed, lambda db: people.drop_request(db, peer))
        if blocked:
            self._bus.tell(RequestRemoved(peer.address))

    def rename(self, peer: PeerId, alias: str) -> None:
        self._book.change(peer, lambda known: with_contact(known, alias=clean_name(alias)))

    def verify(self, peer: PeerId, how: str) -> None:
        """The user compared: by "emoji", "number" or "qr"."""
        changes = {"level": Level.VERIFIED, "verified_at": self._now(), "verified_how": how}

        def changed(known: Known) -> Known:
            if known.contact.held:  # also if that is not yet committed
                raise Refused("held", "Your emoji differed: lift that first, then compare again.")
            return with_contact(known, **changes)

        self._book.change(peer, changed)

    def unverify(self, peer: PeerId) -> None:
        self._book.change(peer, lambda known: with_contact(known, **_NOT_VERIFIED))

    def hold(self, peer: PeerId) -> None:
        """The emoji differed: somebody may sit between us, or be in their place.

        They are held whether it can be stored or not; raises what the store raises.
        """

        def changed(known: Known) -> Known:
            known = with_contact(known, held=True, **_NOT_VERIFIED)
            return replace(known, pass_for_them=None)

        try:
            self._book.change(peer, changed)
        except StoreError:
            self._book.keep_in_memory(peer, changed)
            raise

    def lift(self, peer: PeerId) -> None:
        """The user says that nothing needs holding back any more; nothing is trusted by it."""

        def changed(known: Known) -> Known:
            known = with_contact(known, held=False, **_NOT_VERIFIED)
            is_contact = known.contact.relation is Relation.CONTACT and not known.contact.blocked
            return self._made_contact(known) if is_contact else known

        self._book.change(peer, changed)

    def _made_contact(self, known: Known) -> Known:
        known = with_contact(known, relation=Relation.CONTACT)
        return replace(
            known,
            request_id=None,
            pass_for_them=known.pass_for_them or Secret(self._new_id()),
        )

    def _told(self, peer: PeerId, whole: Whole | None) -> None:
        """A chat came about, perhaps with a first message."""
        for row in self._database.read(lambda db: chats.chats(db, self._me, peer)):
            self._bus.tell(ChatChanged(self._shown.chat(row, self._book.get(peer))))
        if whole is not None:
            self._bus.tell(MessageAdded(peer.address, self._shown.message(whole)))


def _by_invite(known: Known) -> Known:
    if known.contact.held:  # also if that is not yet committed
        return known
    return with_contact(known, level=max(known.contact.level, Level.INVITED))

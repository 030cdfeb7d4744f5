"""What a link to somebody means: whom we greet how, what they may send, whom we keep dialling.

The net room reports here and asks here (its ``Upstairs`` and ``Directory``); what a record means is
decided by who sent it: a contact may send everything, a stranger one request, and a blocked or
held person is a stranger whose request nobody hears (PROTOCOL.md, section 3).
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, zip_longest

from contacts import Relation, is_redialled, is_shut_out, may_send_direct
from engine.chat.book import Book, with_contact
from engine.chat.dialback import DialBacks
from engine.chat.direct import Direct
from engine.chat.events import EventBus, Notice
from engine.chat.grouplinks import GroupLinks
from engine.chat.invites import Invites
from engine.chat.lookout import Lookout
from engine.chat.meeting import is_known, met, place_of, short_of
from engine.chat.receipts import Receipts
from engine.chat.trust import Trust
from engine.chat.typings import Typings
from engine.chat.verify import Verification
from engine.net.connection import Connection
from engine.net.peers import Peers
from engine.net.redial import NO_PASS, Redial, Status
from engine.protocol import records
from engine.protocol.attention import AttentionRecord, Seen, Typing
from engine.protocol.dialback_records import DialBackRecord
from engine.protocol.grouprecords import GroupRecord
from engine.protocol.invite import HostPort
from engine.protocol.sas_records import SasRecord
from engine.protocol.session import Heard
from engine.store.database import StoreClosed, StoreError, StoreFull
from engine.store.people import Known
from identity import PeerId

log = logging.getLogger(__name__)


class Links:
    def __init__(
        self,
        *,
        book: Book,
        bus: EventBus,
        stream: bytes,
        own_name: Callable[[], str],
        now: Callable[[], int],
        on_change: Callable[[PeerId], None],
    ) -> None:
        self._book = book
        self._bus = bus
        self._stream = stream
        self.own_name = own_name
        self._now = now
        self._on_change = on_change
        self._status: dict[PeerId, tuple[Status, int]] = {}
        self.port = 0
        self._told_failing = False

    def introduce(
        self,
        *,
        peers: Peers,
        redial: Redial,
        direct: Direct,
        trust: Trust,
        verification: Verification,
        lookout: Lookout,
        invites: Invites,
        dialbacks: DialBacks,
        groups: GroupLinks,
        receipts: Receipts,
        typings: Typings,
    ) -> None:
        """The rooms know each other only through here, so they are named once all exist."""
        self._receipts, self._typings = receipts, typings
        self._dialbacks, self._groups = dialbacks, groups
        self._peers, self._redial, self._direct, self._trust = peers, redial, direct, trust
        self._verification, self._lookout, self._invites = verification, lookout, invites

    def keep_contacts(self) -> None:
        """Dial everybody we want to be linked to; at the start, and for one whose entry changed."""
        for known in self._book:
            self.keep(known)

    def keep(self, known: Known) -> None:
        if is_redialled(known.contact):
            self._redial.keep(known.peer)
        else:
            self.let_go(known.peer)

    def let_go(self, peer: PeerId) -> None:
        """They are not dialled any more, and what they came with opens nothing to them again."""
        if not self._groups.is_kept(peer):
            self._redial.let_go(peer)
            self._status.pop(peer, None)
        self._invites.drop_of(peer)

    def status(self, peer: PeerId) -> tuple[Status | None, int]:
        """How reaching them stands, and since when."""
        return self._status.get(peer, (None, 0))

    def greet_again(self, peer: PeerId) -> None:
        """Something in our HELLO changed."""
        link = self._peers.link(peer)
        if link is not None and link.is_open:
            link.send(self.hello_for(peer))

    def look_again(self, peer: PeerId) -> None:
        """They are somebody else to us now: tell them, and act on what they told us before."""
        link = self._peers.link(peer)
        if link is not None and link.is_open and link.session and link.session.hello:
            link.send(self.hello_for(peer))
            self._greeted(link, link.session.hello)

    def ask_again(self, peer: PeerId, message: str = "") -> None:
        """Say our request, if one waits; given the id of a message, only if that is its words."""
        link, known = self._peers.link(peer), self._book.get(peer)
        if link is None or known is None or known.request_id is None:
            return
        if message in ("", known.request_id.hex()):
            link.send(self._trust.request_record(known, self.own_name()))

    def hurry(self, peer: PeerId) -> None:
        self._redial.hurry(peer)

    def drop_strangers(self) -> None:
        """End the links with those who could not come in now."""
        for peer in self._peers.linked():
            known = self._book.get(peer)
            if not is_known(known) and not self._groups.is_comember(peer):
                self._peers.drop(peer)

    # -- asked by the net room

    def passes(self) -> Iterable[bytes]:
        if self._is_open():
            yield NO_PASS
        for known in self._book:
            if known.pass_for_them is not None:
                yield known.pass_for_them
        yield from self._invites.passes()
        yield from self._groups.passes()

    def knocked(self, peer: PeerId, passed: bytes) -> None:
        """They are proven, and came in with this pass. One of an invite makes them a contact,
        before we greet them; on whoever is shut out it is not spent."""
        known = self._book.get(peer)
        if (known is not None and is_shut_out(known.contact)) or not self._invites.is_good(passed):
            return
        try:
            with self._invites.spending(passed, peer) as spend:
                self._trust.invited(peer, spend=spend)
        except StoreError as error:
            log.error("an invite that %s used cannot be stored: %s", peer.short, error)
            return  # they are a stranger still, and the invite is as good as before
        log.info("%s came by an invite", peer.short)
        self.greet_again(peer)

    def hello_for(self, peer: PeerId) -> records.Hello:
        known = self._book.get(peer)
        accepts = known is not None and may_send_direct(known.contact)
        pass_ = known.pass_for_them if known is not None and accepts else None
        stream, position = records.NO_STREAM, 0
        if is_known(known):  # whoever is shut out is told what any stranger is, and no less
            stream, position = self._direct.position(peer)
        return records.Hello(
            stream=self._stream,
            accepts=accepts,
            port=self.port,
            name=self.own_name() if self._is_told_our_name(peer) else "",
            knock_pass=bytes(pass_ or b""),
            your_stream=stream,
            your_position=position,
        )

    def is_known_host(self, host: str) -> bool:
        return any(
            place.host == host
            for known in self._book
            if not is_shut_out(known.contact)
            for place in known.places
        )

    def places(self, peer: PeerId) -> Sequence[HostPort]:
        """Where they say to be now and where they were reached, in turns: many lies must not hide
        one true place, nor many old places a new one."""
        known = self._book.get(peer)
        stored = (*(() if known is None else known.places), *self._groups.places(peer))
        turns = chain.from_iterable(zip_longest(self._lookout.nearby.places(peer), stored))
        return tuple(dict.fromkeys(place for place in turns if place is not None))

    def knock_pass(self, peer: PeerId) -> bytes:
        known = self._book.get(peer)
        if known is not None and known.pass_from_them is not None:
            return known.pass_from_them
        return self._groups.knock_pass(peer) or NO_PASS

    def attempt(self, peer: PeerId, status: Status) -> None:
        before, _since = self.status(peer)
        if status.dialling and before is not None:
            status = replace(status, reason=before.reason)  # it holds until this attempt is over
        self._status[peer] = (status, self._now())
        self._on_change(peer)

    def disproved(self, peer: PeerId, place: HostPort) -> None:
        self._lookout.nearby.disproved(peer, place)

    # -- told by the net room

    def link_opened(self, connection: Connection, hello: records.Hello) -> None:
        peer = connection.peer
        assert peer is not None
        self._status.pop(peer, None)
        place = place_of(connection, hello)
        known = self._book.get(peer)
        if not self._may_come_in(connection):
            connection.close()  # the door was closed, or a pass used up, while they came in
            return
        with self._storing(connection):
            if known is not None and is_known(known):
                self._note(peer, lambda one: met(one, hello, place, self._now()))
                waits = known.request_id is not None and is_redialled(known.contact)
                if waits and not hello.accepts:
                    connection.send(self._trust.request_record(known, self.own_name()))
            self._greeted(connection, hello)
            self._groups.link_opened(connection, place)
            self._receipts.linked(peer)
        self._on_change(peer)

    def hello_changed(self, connection: Connection, hello: records.Hello) -> None:
        peer = connection.peer
        assert peer is not None
        known = self._book.get(peer)
        with self._storing(connection):
            if known is not None and is_known(known):
                now = known.contact.last_seen_at or 0  # a HELLO without news is not worth a commit
                if met(known, hello, None, now) != known:
                    self._note(peer, lambda one: met(one, hello, None, self._now()))
            self._greeted(connection, hello)

    def heard(self, connection: Connection, said: Sequence[Heard]) -> None:
        """Raises RemoteProtocolError, which ends the connection."""
        if not self._may_come_in(connection):
            return
        with self._storing(connection):
            self._hear(connection, [one.record for one in said])

    def link_closed(self, peer: PeerId) -> None:
        self._direct.unlinked(peer)
        self._groups.link_closed(peer)
        self._typings.gone(peer)
        if self._book.get(peer) is not None:
            self._note(peer, lambda one: with_contact(one, last_seen_at=self._now()))

    def connection_over(self, connection: Connection) -> None:
        self._direct.connection_over(connection)
        self._verification.connection_over(connection)

    def runs_twice(self, peer: PeerId) -> None:
        log.warning("%s speaks from two running programs", peer.short)
        self._bus.tell(
            Notice("runs_twice", f"{peer.short} runs in two places at once: one copy must stop.")
        )

    # -- inside

    @contextmanager
    def _storing(self, connection: Connection) -> Iterator[None]:
        """Nothing is acknowledged that is not stored: it comes again when there is room."""
        try:
            yield
        except StoreClosed:
            connection.close()
        except StoreError as error:
            log.error("what %s sent cannot be stored: %s", short_of(connection), error)
            connection.close()
            if not self._told_failing:  # once, and not with every attempt
                self._told_failing = True
                code = "disk_full" if isinstance(error, StoreFull) else "store_failed"
                self._bus.tell(
                    Notice(code, "Messages cannot be stored now. Nothing is lost: they come again.")
                )

    def _note(self, peer: PeerId, how: Callable[[Known], Known]) -> None:
        """Keep what is good to know; a conversation does not end because it cannot be kept."""
        try:
            self._book.change(peer, how)
        except StoreError as error:
            log.info("news of %s is not kept: %s", peer.short, error)

    def _greeted(self, connection: Connection, hello: records.Hello) -> None:
        """Act on the peer's HELLO as it is now."""
        peer = connection.peer
        assert peer is not None
        known = self._book.get(peer)
        if known is None or not is_known(known):
            return
        asked = known.contact.relation is Relation.ASKED or known.request_id is not None
        if asked and hello.accepts:
            self._trust.accepted_by(peer)
            log.info("%s accepted us", peer.short)
            self.greet_again(peer)
        if hello.accepts:
            self._invites.drop_of(peer)  # both sides know
        if self._peers.link(peer) is connection:
            self._direct.linked(connection, hello, self._stream)

    def _may_come_in(self, connection: Connection) -> bool:
        assert connection.peer is not None
        if connection.initiator or is_known(self._book.get(connection.peer)):
            return True
        return self._is_open() or self._groups.is_comember(connection.peer)

    def _is_told_our_name(self, peer: PeerId) -> bool:
        known = self._book.get(peer)
        if is_known(known) or self._is_open():
            return True
        is_shut = known is not None and is_shut_out(known.contact)
        return not is_shut and self._groups.is_comember(peer)

    def _is_open(self) -> bool:
        """Whoever comes may come in."""
        return self._lookout.is_open_to_strangers

    def _hear(
        self,
        connection: Connection,
        said: list[
            records.Request
            | records.Message
            | records.Ack
            | AttentionRecord
            | SasRecord
            | DialBackRecord
            | GroupRecord
        ],
    ) -> None:
        peer = connection.peer
        assert peer is not None
        messages: list[records.Message] = []
        for record in said:
            if isinstance(record, records.Message):
                messages.append(record)
                continue
            if messages:
                self._receive(connection, messages)
                messages = []
            if isinstance(record, records.Ack):
                self._direct.acknowledged(peer, record.seq)
            elif isinstance(record, Seen):
                self._receipts.heard(peer, record)
            elif isinstance(record, Typing):
                self._typings.heard(peer, record)
            elif isinstance(record, SasRecord):
                self._verification.heard(connection, record)
            elif isinstance(record, DialBackRecord):
                self._dialbacks.heard(connection, record)
            elif isinstance(record, GroupRecord):
                self._groups.heard(connection, record)
            else:
                hello = connection.session.hello if connection.session else None
                if self._trust.heard_request(connection, record, hello.port if hello else 0):
                    self.greet_again(peer)
        if messages:
            self._receive(connection, messages)

    def _receive(self, connection: Connection, messages: Sequence[records.Message]) -> None:
        self._direct.received(connection, messages)
        self._told_failing = False

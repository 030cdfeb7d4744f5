"""Messages between two people: promise, deliver, receive, acknowledge.

    send      store message + queue row, COMMIT -> MessageAdded -> outbox -> link
    receive   link -> store, COMMIT -> acknowledge -> MessageAdded
    settled   acknowledgement -> queue row deleted, COMMIT -> MessageState "delivered"

Nothing is on the screen or on the wire that is not on the disk; an acknowledgement means "it is on
my disk"; and hearing anything twice is harmless (PROTOCOL.md, section 3).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import gevent
from gevent.event import AsyncResult

from contacts import may_be_written_to, may_send_direct
from engine.chat.book import Book
from engine.chat.deeds import Make
from engine.chat.errors import Refused
from engine.chat.events import EventBus, MessageAdded, MessageChanged, MessageState
from engine.chat.shown import Shown
from engine.chat.spoken import Came, Said, came, request_id
from engine.chat.views import Message
from engine.net.connection import Connection
from engine.protocol import contents, records
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.outbox import MAX_ENTRIES, Entry, Outbox
from engine.store import history, life, pending, wholes
from engine.store.database import Database, Db, StoreError
from identity import PeerId

log = logging.getLogger(__name__)

CHANGES_CHAT: Final = frozenset({contents.EDIT, contents.DELETE, contents.PIN, contents.TIMER})


@dataclass(slots=True)
class Box:
    """What is on its way to one person."""

    outbox: Outbox = field(default_factory=Outbox)
    loaded_row: int = 0  # the place on disk up to which the outbox was filled
    is_behind: bool = False  # more waits on disk
    is_filling: bool = False
    link: Connection | None = None  # where it goes now: greeted, and messages are welcome there


class Direct:
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
        on_sent: Callable[[], None],
        on_heard: Callable[[PeerId], None],
        on_changed: Callable[[PeerId], None],
    ) -> None:
        """``on_sent``: something of ours is on their disk; ``on_heard``: they said something;
        ``on_changed``: their chat looks different in the list."""
        self._me = me
        self._on_sent, self._on_heard, self._on_changed = on_sent, on_heard, on_changed
        self._database = database
        self._book = book
        self._bus = bus
        self._shown = shown
        self._new_id = new_id
        self._now = now
        self._boxes: dict[PeerId, Box] = {}
        self._positions: dict[PeerId, tuple[bytes, int]] = {}  # of their stream, on our disk
        self._expected: dict[Connection, int] = {}  # the number that comes next on a connection
        for peer in database.read(pending.peers_waited_for):
            self._boxes[peer] = Box(is_behind=True)

    # -- sending

    def say(self, peer: PeerId, make: Make, key: str | None = None) -> Message:
        """Promise to deliver what ``make`` makes: the message once it is on disk, or the one that
        it acts upon. Raises Refused.

        The first text to somebody whom we asked has the request's own id: it is what the request
        says, and the other reads it before deciding.
        """
        self._check(peer)
        message_id, now = self._new_id(), self._now()

        def mutation(db: Db) -> Said:
            chat = history.open_chat(db, peer, history.DIRECT, now)
            if key is not None and (same := history.by_send_key(db, chat, key)) is not None:
                return Said(same, None, wholes.whole(db, same))
            content = make(db, chat)
            kind, body = contents.encode(content)
            chosen = request_id(db, peer, content) or message_id
            stored = history.add_own(db, chat, self._me, chosen, kind, now, body, key)
            row = pending.add(db, peer, stored)
            changed = life.follow(db, chat, stored)
            if stored.target is None:
                return Said(stored, row, wholes.fresh(db, stored))
            return Said(stored, row, None if changed is None else wholes.whole(db, changed))

        said = self._database.write(mutation, lambda done: self._promised(peer, done))
        if said.stored.kind == contents.DELETE:
            self.erased(peer)
        if said.whole is None:
            raise Refused("not_found", "There is no such message in this chat.")
        return self._shown.message(said.whole)

    def erased(self, peer: PeerId) -> None:
        """Words are gone from the disk: what of them is still to be sent goes, too."""
        box = self._box(peer)
        box.outbox.replace(self._database.read(_queued_after(peer, 0)))

    def _check(self, peer: PeerId) -> None:
        known = self._book.get(peer)
        if known is not None and known.contact.blocked:
            raise Refused("blocked", "You blocked this person: unblock them to write to them.")
        if known is not None and known.contact.held:
            raise Refused(
                "held", "Your emoji differed, so nothing is sent until you lift the hold."
            )
        if known is None or not may_be_written_to(known.contact):
            raise Refused("not_contact", "This person is not a contact, so nothing can be sent.")

    def pump(self, peer: PeerId) -> None:
        """Send what is due, if the person is linked and takes it."""
        box = self._box(peer)
        link = box.link
        if link is None or not link.is_open or not self._may(peer):
            return
        due = box.outbox.take()
        if due:
            link.send(
                *(
                    records.Message(seq, one.id, one.kind, one.lamport, one.ts, one.body)
                    for seq, one in due
                )
            )
            for _seq, entry in due:
                self._shown.in_flight.add(entry.id)
                self._tell_state(peer, entry.id, "sent")
        if box.is_behind and not box.is_filling and box.outbox.has_room:
            box.is_filling = True
            gevent.spawn(self._fill, peer, box)

    def _promised(self, peer: PeerId, said: Said) -> None:
        """After the commit: the screen, then the wire."""
        stored, row = said.stored, said.row
        if row is None:
            return  # the same key once more: it was promised before
        self._tell(peer, Came(stored, said.whole))
        box = self._box(peer)
        if box.is_behind or box.is_filling or not box.outbox.has_room:
            box.is_behind = True
        elif row > box.loaded_row:  # else it was read from disk before this was told
            box.outbox.add(
                Entry(row, stored.id, stored.kind, stored.lamport, stored.ts, stored.body)
            )
            box.loaded_row = row
        self.pump(peer)

    def _fill(self, peer: PeerId, box: Box) -> None:
        """Take the next piece of the queue on disk into memory."""
        try:
            while box.is_behind and box.outbox.has_room:
                box.is_behind = False  # a message promised from here on sets it again
                entries = self._database.read(_queued_after(peer, box.loaded_row))
                if self._book.get(peer) is None:
                    return  # forgotten meanwhile, and with them what was queued
                for entry in entries:
                    if not box.outbox.has_room:
                        break
                    if not box.outbox.holds(entry.row):
                        box.outbox.add(entry)
                    box.loaded_row = entry.row
                if entries and (len(entries) == MAX_ENTRIES or box.loaded_row < entries[-1].row):
                    box.is_behind = True
        except StoreError as error:
            box.is_behind = True
            log.warning("the queue for %s cannot be read now: %s", peer.short, error)
            return
        finally:
            box.is_filling = False
        self.pump(peer)

    def _box(self, peer: PeerId) -> Box:
        return self._boxes.setdefault(peer, Box())

    def _may(self, peer: PeerId) -> bool:
        known = self._book.get(peer)
        return known is not None and may_send_direct(known.contact)

    def _tell_state(self, peer: PeerId, message_id: bytes, state: str) -> None:
        self._bus.tell(MessageState(peer.address, message_id.hex(), state))

    # -- the link

    def position(self, peer: PeerId) -> tuple[bytes, int]:
        """Their stream as we last heard it, and how far of it is on our disk."""
        return self._positions.get(peer, (records.NO_STREAM, 0))

    def linked(self, connection: Connection, hello: records.Hello, my_stream: bytes) -> None:
        """``connection`` is the link to its peer, and this is their HELLO as it stands now.

        On a new link all that was not acknowledged is due again, and nothing newer may overtake
        it there: an acknowledgement counts for everything before it. Where only a name changed,
        nothing is sent twice.
        """
        peer = connection.peer
        assert peer is not None
        box = self._box(peer)
        link = connection if hello.accepts else None
        if link is box.link:
            return
        box.link = link
        self._due_again(peer, box)
        if hello.your_stream == my_stream:
            self._settle(peer, box, box.outbox.position_told(hello.your_position))
        self.pump(peer)

    def unlinked(self, peer: PeerId) -> None:
        box = self._boxes.get(peer)
        if box is not None:
            box.link = None
            self._due_again(peer, box)

    def connection_over(self, connection: Connection) -> None:
        self._expected.pop(connection, None)

    def forget(self, peer: PeerId) -> None:
        """Nothing is on its way to them any more."""
        box = self._boxes.get(peer)
        if box is not None:
            self._due_again(peer, box)
            box.outbox.abandon()
            box.link, box.is_behind = None, False
        self._positions.pop(peer, None)

    def _due_again(self, peer: PeerId, box: Box) -> None:
        for entry in box.outbox.link_lost():
            self._shown.in_flight.discard(entry.id)
            self._tell_state(peer, entry.id, "waiting")

    # -- receiving

    def acknowledged(self, peer: PeerId, seq: int) -> None:
        """Raises RemoteProtocolError for what was never sent."""
        box = self._boxes.get(peer)
        if box is not None:  # else they never got anything: a stranger, who is not worth a quarrel
            self._settle(peer, box, box.outbox.acknowledged(seq))

    def _settle(self, peer: PeerId, box: Box, entries: list[Entry]) -> None:
        if not entries:
            return

        def committed(_result: None) -> None:
            for entry in entries:
                self._shown.in_flight.discard(entry.id)
                self._tell_state(peer, entry.id, "delivered")
            self._on_sent()

        def failed(result: "AsyncResult[None]") -> None:
            if not result.successful():  # still queued on disk, so it is sent, and settled, again
                box.is_behind = True
                box.loaded_row = min(box.loaded_row, entries[0].row - 1)

        # Not waited for: a crash before this commit only means that it is sent once more.
        self._database.submit(lambda db: pending.settle(db, entries), committed).rawlink(failed)
        self.pump(peer)

    def received(self, connection: Connection, said: Sequence[records.Message]) -> None:
        """Store what came, then acknowledge it. Raises RemoteProtocolError, StoreError."""
        peer = connection.peer
        assert peer is not None
        expected = self._expected.setdefault(connection, said[0].seq)
        if not self._may(peer):
            return  # too early, or no longer welcome: ignored, so it stays due over there
        taken = []
        for message in said:
            # A gap can only follow messages ignored above: all of them will come again.
            if message.seq <= expected:
                taken.append(message)
                expected = max(expected, message.seq + 1)
        if not taken:
            return
        now = self._now()

        def mutation(db: Db) -> list[Came]:
            chat = history.open_chat(db, peer, history.DIRECT, now)
            added = (
                history.add_received(
                    db, chat, peer, one.id, one.kind, one.lamport, one.ts, one.body
                )
                for one in taken
            )
            return [came(db, chat, stored) for stored in added if stored is not None]

        try:
            self._database.write(mutation, lambda arrived: self._came(peer, arrived))
        except history.LamportLeap:
            raise RemoteProtocolError("a logical time no honest count reaches") from None
        self._expected[connection] = expected
        session = connection.session
        if session is not None and session.hello is not None:
            self._positions[peer] = (session.hello.stream, expected - 1)
        connection.send(records.Ack(expected - 1))

    def _came(self, peer: PeerId, arrived: list[Came]) -> None:
        for one in arrived:
            self._tell(peer, one)
        self._on_heard(peer)

    def _tell(self, peer: PeerId, one: Came) -> None:
        if one.whole is None:
            return  # it acts upon something that is not here
        shown = self._shown.message(one.whole)
        if one.stored.target is None:
            self._bus.tell(MessageAdded(peer.address, shown))
        else:
            self._bus.tell(MessageChanged(peer.address, shown))
        if one.stored.kind in CHANGES_CHAT:
            self._on_changed(peer)


def check_text(text: str) -> None:
    """Raises Refused for what cannot be the text of a message."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Refused("bad_request", "The text holds half a character.") from None
    if size > contents.MAX_TEXT:
        raise Refused("too_long", f"A message has at most {contents.MAX_TEXT:,} bytes.")


def _queued_after(peer: PeerId, row: int) -> Callable[[Db], list[Entry]]:
    return lambda db: pending.after(db, peer, row, MAX_ENTRIES)

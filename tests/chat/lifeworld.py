"""Two people's direct chat on real shelves, and a wire between them that loses what is on it.

alice, bob = pair()      wire = Wire(alice, bob)      alice.says("hi")      wire.hand_over(alice)

What the page was told is kept beside what the disk says (``page``, ``screen``): in the end both
must be the same.
"""

import hashlib
from collections import deque
from contextlib import suppress
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

from gevent.event import AsyncResult

from contacts import Relation
from engine.chat import deeds
from engine.chat.book import Book, with_contact
from engine.chat.direct import Direct
from engine.chat.errors import Refused
from engine.chat.events import EventBus, MessageAdded, MessageChanged
from engine.chat.likeness import Likeness
from engine.chat.lines import Lines, Surroundings
from engine.chat.shown import Shown
from engine.protocol import records
from engine.protocol.records import NO_STREAM, Ack, Hello, Message
from engine.store import chats, history, life, pending, search, wholes
from identity import PeerId
from tests.helpers import until
from tests.protocol.groupworld import MemoryDisk, person_of

NOBODY = PeerId(bytes(32))  # in whose eyes all see the same
LINES = Lines(lambda ends: ends)


class Disk(MemoryDisk):
    """As ``Database``, to whoever does not wait."""

    def __init__(self):
        super().__init__()
        self.db.execute("PRAGMA secure_delete=on")

    def submit(self, mutation, then=None):
        result = AsyncResult()
        result.set(self.write(mutation, then))
        return result

    def index(self):
        """Put into the index what is not in it yet."""
        self.write(search.index_some)

    def indexed(self):
        """All words by which something is found."""
        found = self.db.execute("SELECT term FROM vocabulary WHERE term LIKE 'word%'")
        return sorted(word for (word,) in found)

    def traces(self, words):
        """Those of the words of which anything is left, wherever."""
        left, image = set(self.indexed()), self.db.serialize("main")
        return [word for word in words if word in left or word.encode() in image]


def readable(seen):
    """The words on a screen, each once."""
    return sorted({line.text for line in seen[0] if line.kind == "text"})


def screen(disk, key):
    """What everybody must see of a chat: its lines, what is pinned, how long messages stay."""

    def query(db):
        stored = history.page(db, key, None, 1_000_000) or []
        chat = history.find_chat(db, key)
        pins = [one.id.hex() for one in wholes.pinned(db, chat)] if chat else []
        return [line_of(one) for one in wholes.wholes(db, stored)], pins, chats.timer_of(db, key)

    return disk.read(query)


def line_of(whole):
    """A line as everybody must see it."""
    around = Surroundings(
        "", NOBODY, lambda peer: peer.short, author_names=True, system=lambda _stored: None
    )
    return replace(LINES.message(whole, around, ""), ends_at=None)


class Side:
    """One of the two."""

    def __init__(self, number, other):
        self.me, self.peer = person_of(number), person_of(other).peer
        self.disk = Disk()
        self.page = {}  # by id: as the page was told
        self.forgotten = set()  # deleted here alone
        self._ids = count()
        self._streams = count(1)
        Book(self.disk, lambda: 0, lambda _peer: None).change(
            self.peer, lambda known: with_contact(known, relation=Relation.CONTACT)
        )
        self.starts()

    def starts(self):
        """As after a restart of the program: only what is on disk is left."""
        bus = EventBus()
        self._told = bus.subscribe()
        self.stream = next(self._streams).to_bytes(7, "big") + self.me.peer[:1]
        book = Book(self.disk, lambda: 0, lambda _peer: None)
        likeness = Likeness(self.me.peer, own_name=lambda: "", known=lambda: iter(book))
        self._shown = Shown(self.me.peer, lambda: 0, likeness, LINES, lambda peer: peer.short)
        self.direct = Direct(
            self.me.peer,
            database=self.disk,
            book=book,
            bus=bus,
            shown=self._shown,
            new_id=self._new_id,
            now=lambda: 0,
            on_sent=lambda: None,
            on_heard=lambda _peer: None,
            on_changed=lambda _peer: None,
        )

    def _new_id(self):
        return hashlib.sha256(b"%d" % next(self._ids) + self.me.peer).digest()[:16]

    # -- what they do

    def does(self, make):
        """The id of the message that it acts upon, or is; None when it is refused, or is stored
        and acts upon nothing."""
        with suppress(Refused):
            return bytes.fromhex(self.direct.say(self.peer, make).id)
        return None

    def says(self, text, reply_to=None):
        return self.does(deeds.text(text, reply_to))

    def forgets(self, message):
        """Delete it here alone."""

        def mutation(db):
            chat = history.find_chat(db, self.peer)
            life.remove(db, chat, deeds.line(db, chat, message).stored)

        self.disk.write(mutation)
        self.direct.erased(self.peer)
        self.follow()
        self.page.pop(message.hex(), None)
        self.forgotten.add(message)

    def follow(self):
        for event in self._told.get(timeout=0):
            if isinstance(event, MessageAdded):
                assert event.message.id not in self.page, "it is told as new, twice"
            if isinstance(event, MessageAdded | MessageChanged):
                self.page[event.message.id] = event.message

    # -- what they see

    def lines(self):
        """The ids of what is on the screen, with its kind, its author, and what it reads."""
        return self.disk.read(lambda db: history.page(db, self.peer, None, 1_000_000)) or []

    def own_screen(self):
        """As the page shows it: what a change of another line makes of a quote, it sees itself."""

        def query(db):
            return wholes.wholes(db, history.page(db, self.peer, None, 1_000_000) or [])

        return {
            shown.id: _at_rest(shown) for shown in map(self._shown.message, self.disk.read(query))
        }

    def own_page(self):
        self.follow()
        return {id_: _at_rest(shown) for id_, shown in self.page.items()}

    @property
    def waits(self):
        """Say whether something of theirs is not with the other yet."""
        return self.peer in self.disk.read(pending.peers_waited_for)


def _at_rest(shown):
    return replace(shown, state="", quote=None)


class Link:
    """What ``Direct`` asks of a connection."""

    def __init__(self, peer, hello, queue):
        self.peer = peer
        self.is_open = True
        self.session = SimpleNamespace(hello=hello)
        self._queue = queue

    def send(self, *said):
        if self.is_open:
            self._queue.extend(map(records.encode, said))


class Wire:
    """Between two sides: what is sent waits until it is handed over, and is lost with the link."""

    def __init__(self, one, other):
        self.sides = (one, other)
        self.links = {}
        self._queues = {}

    def other(self, side):
        return self.sides[side is self.sides[0]]

    def link(self):
        if self.links:
            return
        hellos = {one: self._hello(one) for one in self.sides}
        for one in self.sides:
            other = self.other(one)
            queue = self._queues[one] = deque()
            self.links[one] = Link(other.me.peer, hellos[other], queue)
        for one in self.sides:
            one.direct.linked(self.links[one], hellos[self.other(one)], one.stream)

    def cut(self):
        links, self.links, self._queues = self.links, {}, {}
        for one, link in links.items():
            link.is_open = False
            one.direct.unlinked(one.peer)
            one.direct.connection_over(link)

    def hand_over(self, sender, most=1, *, twice=False):
        """The next records from ``sender``; how many there were."""
        self._settle()
        queue, receiver = self._queues.get(sender, ()), self.other(sender)
        for done in range(most):
            if not queue:
                return done
            for record in [records.decode(*queue.popleft())] * (1 + twice):
                if isinstance(record, Message):
                    receiver.direct.received(self.links[receiver], [record])
                elif isinstance(record, Ack):
                    receiver.direct.acknowledged(sender.me.peer, record.seq)
            self._settle()
        return most

    def heal(self):
        """A new link, on which everything arrives."""
        self.cut()
        self.link()
        while sum(self.hand_over(one, 1_000) for one in self.sides):
            pass

    def _settle(self):
        """What a side reads from its disk meanwhile is there."""
        for one in self.sides:
            box = one.direct._box(one.peer)
            until(lambda box=box: not box.is_filling)
            one.follow()

    @staticmethod
    def _hello(one):
        stream, position = one.direct.position(one.peer)
        return Hello(one.stream, True, 0, "", b"", stream or NO_STREAM, position)


def pair():
    return Side(1, 2), Side(2, 1)

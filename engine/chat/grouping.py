"""The parts that groups consist of, introduced to each other and to the rest of the node."""

from collections.abc import Callable, Sequence

from contacts import is_redialled, may_send_direct
from engine.chat.book import Book
from engine.chat.events import EventBus
from engine.chat.grouplinks import GroupLinks
from engine.chat.groupnews import GroupNews
from engine.chat.groups import Groups
from engine.chat.groupshown import GroupShown
from engine.chat.groupvoice import GroupVoice
from engine.chat.lines import Lines
from engine.chat.links import Links
from engine.chat.livegroups import LiveGroups
from engine.net.connection import Connection
from engine.net.peers import Peers
from engine.net.redial import Redial
from engine.protocol.grouprecords import GroupRecord
from engine.protocol.invite import HostPort
from engine.store.database import Database
from identity import Identity, PeerId


class Grouping:
    def __init__(
        self,
        me: Identity,
        *,
        database: Database,
        book: Book,
        bus: EventBus,
        peers: Peers,
        redial: Redial,
        links: Links,
        own_name: Callable[[], str],
        own_places: Callable[[], Sequence[HostPort]],
        is_open: Callable[[], bool],
        lines: Lines,
        tells_read: Callable[[], bool],
        on_sent: Callable[[], None],
        chance: Callable[[int], bytes],
        now: Callable[[], int],
        clock: Callable[[], float],
    ) -> None:
        def is_contact(peer: PeerId) -> bool:
            known = book.get(peer)
            return known is not None and may_send_direct(known.contact)

        def send(peer: PeerId, record: GroupRecord) -> None:
            link = peers.link(peer)
            if link is not None and link.is_open:
                link.send(record)

        self.shown = GroupShown(
            me.peer, book=book, lines=lines, is_online=lambda one: bool(peers.link(one))
        )
        self.news = GroupNews(
            me.peer, database=database, bus=bus, shown=self.shown, on_sent=on_sent
        )
        self.live = LiveGroups(
            me.peer,
            database=database,
            is_contact=is_contact,
            send=send,
            on_intake=self.news.taken,
            now=now,
            clock=clock,
        )
        self.links = GroupLinks(
            me.peer,
            database=database,
            book=book,
            live=self.live,
            doors=_Doors(book, peers, redial, links),
            on_look=self.news.look,
            is_open=is_open,
            now=now,
            clock=clock,
        )
        self.voice = GroupVoice(me, links=self.links, chance=chance, now=now)
        self.groups = Groups(
            me,
            database=database,
            book=book,
            bus=bus,
            live=self.live,
            links=self.links,
            shown=self.shown,
            voice=self.voice,
            own_name=own_name,
            own_places=own_places,
            tells_read=tells_read,
            chance=chance,
            now=now,
        )


class _Doors:
    """The links with people, as groups need them."""

    def __init__(self, book: Book, peers: Peers, redial: Redial, links: Links) -> None:
        self._book = book
        self._peers = peers
        self._redial = redial
        self._links = links

    def link(self, peer: PeerId) -> Connection | None:
        return self._peers.link(peer)

    def linked(self) -> list[PeerId]:
        return self._peers.linked()

    def keep(self, peer: PeerId) -> None:
        self._redial.keep(peer)

    def let_go(self, peer: PeerId) -> None:
        self._redial.let_go(peer)

    def is_lost(self, peer: PeerId) -> bool:
        status, _since = self._links.status(peer)
        return self._peers.link(peer) is None and status is not None and bool(status.reason)

    def is_redialled(self, peer: PeerId) -> bool:
        known = self._book.get(peer)
        return known is not None and is_redialled(known.contact)

    def places(self, peer: PeerId) -> Sequence[HostPort]:
        return self._links.places(peer)

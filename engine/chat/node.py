"""The running program, as the page and scripts know it: everything a person can do, in one place.

``Node`` introduces the rooms to each other; what can be done with people is in acquaintances.py,
with chats in talks.py. Answers are views (views.py). Each method may be called from any greenlet,
and raises ``Refused`` for what it declines.
"""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from contacts import is_shut_out, may_send_direct, shown_name
from engine.chat.acquaintances import Acquaintances
from engine.chat.book import Book
from engine.chat.codes import Codes
from engine.chat.consultation import Consultation
from engine.chat.dialback import DialBacks
from engine.chat.direct import Direct
from engine.chat.elsewhere import Elsewhere
from engine.chat.events import EventBus, Subscription
from engine.chat.exporting import Exporting
from engine.chat.grouping import Grouping
from engine.chat.invites import Invites
from engine.chat.lifetimes import Lifetimes, steady
from engine.chat.likeness import Likeness
from engine.chat.lines import Lines
from engine.chat.links import Links
from engine.chat.lookout import Lookout
from engine.chat.messages import Messages
from engine.chat.ourselves import VERSION, VISIBILITY_SETTING, Ourselves, setting
from engine.chat.receipts import Receipts
from engine.chat.safekeeping import Safekeeping
from engine.chat.searching import Searching
from engine.chat.shown import Shown
from engine.chat.talks import Talks
from engine.chat.trust import Trust
from engine.chat.typings import Typings
from engine.chat.verify import Verification
from engine.chat.visibility import Visibility
from engine.net.hosts import invite_places
from engine.net.peers import Peers
from engine.net.redial import Redial
from engine.protocol import records
from engine.protocol.sas_records import NONCE_SIZE
from engine.store.database import Database
from engine.store.groups import Standing
from engine.store.places import Places
from identity import Identity, PeerId

__all__ = ["VERSION", "VISIBILITIES", "Node"]

VISIBILITIES: Final = tuple(Visibility)

_CHANCE: Final = random.SystemRandom()


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
        steady: Callable[[], float] = steady,
        places: Places | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the database and stand ready; ``start`` opens the doors. ``on_end`` is called when
        the person ends the program, in the way that ``safe`` tells. Raises StoreUnreadable."""
        self._me = me
        self._host: str | None = None
        self._database = Database(database_path, me.database_key)
        self._bus = EventBus()
        self._likeness = Likeness(me.peer, own_name=self._own_name, known=lambda: iter(self._book))
        self._lifetimes = Lifetimes(
            me.peer,
            database=self._database,
            now=now,
            on_begun=lambda *told: self._messages.begun(*told),
            on_gone=lambda *told: self._messages.gone(*told),
            clock=steady,
        )
        lines = Lines(self._lifetimes.calendar)
        self._shown = Shown(me.peer, now, self._likeness, lines, self._name_of)
        self._book = Book(self._database, now, lambda peer: self._people.entry_changed(peer))
        self.safe = Safekeeping(
            me,
            places or Places.beside(database_path.with_suffix(".key")),
            database=self._database,
            bus=self._bus,
            on_end=on_end,
            on_change=lambda: self._ourselves.tell(),
            chance=chance,
            now=now,
        )
        self._links = Links(
            book=self._book,
            bus=self._bus,
            stream=chance(records.STREAM_SIZE),
            own_name=self._own_name,
            now=now,
            on_change=lambda peer: self._people.tell(peer),
        )
        self._invites = Invites(self._database, new_pass=lambda: chance(records.PASS_SIZE), now=now)
        self._peers = Peers(me, self._links, clock=clock)
        self._redial = Redial(self._peers, self._links, random=jitter, clock=clock)
        self._lookout = Lookout(
            me.peer,
            Visibility(setting(self._database, VISIBILITY_SETTING) or Visibility.EVERYONE),
            book=self._book,
            name=self._own_name,
            on_change=lambda peer: self._people.nearby_changed(peer),
            on_hope=self._redial.hurry,
            on_networks=self._networks_changed,
            random=chance,
            clock=clock,
            on_own=Elsewhere(me.peer, peers=self._peers, bus=self._bus, clock=clock).seen,
        )
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
            on_sent=self._lifetimes.wake,
            on_heard=lambda peer: self._typings.silent(peer, peer),
            on_changed=lambda peer: self._talks.tell_soon(peer),
        )
        self._verification = Verification(
            me.peer,
            bus=self._bus,
            link=self._peers.link,
            may_compare=self._is_contact,
            send=lambda connection, said: connection.send(*said),
            drop=self._peers.drop,
            on_verified=lambda peer: self._trust.verify(peer, "emoji"),
            on_different=self._trust.hold,
            new_nonce=lambda: chance(NONCE_SIZE),
            clock=clock,
        )
        self._dialbacks = DialBacks(is_contact=self._is_contact, new_token=chance, clock=clock)
        self._grouping = Grouping(
            me,
            database=self._database,
            book=self._book,
            bus=self._bus,
            peers=self._peers,
            redial=self._redial,
            links=self._links,
            own_name=self._own_name,
            own_places=lambda: invite_places(self._host, self._links.port),
            is_open=lambda: self._lookout.is_open_to_strangers,
            lines=lines,
            tells_read=lambda: self._receipts.on,
            on_sent=self._lifetimes.wake,
            chance=chance,
            now=now,
            clock=clock,
        )
        self._receipts = Receipts(
            me.peer,
            database=self._database,
            bus=self._bus,
            live=self._grouping.live,
            link=self._peers.link,
            may_hear=self._may_hear,
        )
        self._typings = Typings(
            me.peer,
            database=self._database,
            bus=self._bus,
            live=self._grouping.live,
            link=self._peers.link,
            may_hear=self._may_hear,
            name_of=self._name_in,
            clock=clock,
        )
        self._links.introduce(
            peers=self._peers,
            redial=self._redial,
            direct=self._direct,
            trust=self._trust,
            verification=self._verification,
            lookout=self._lookout,
            invites=self._invites,
            dialbacks=self._dialbacks,
            groups=self._grouping.links,
            receipts=self._receipts,
            typings=self._typings,
        )
        self._talks = Talks(
            me.peer,
            database=self._database,
            book=self._book,
            bus=self._bus,
            shown=self._shown,
            direct=self._direct,
            grouping=self._grouping,
            receipts=self._receipts,
            typings=self._typings,
            lifetimes=self._lifetimes,
        )
        self._messages = Messages(
            me.peer,
            database=self._database,
            bus=self._bus,
            shown=self._shown,
            direct=self._direct,
            links=self._links,
            grouping=self._grouping,
            talks=self._talks,
        )
        self._searching = Searching(
            database=self._database,
            bus=self._bus,
            shown=self._shown,
            grouping=self._grouping,
            talks=self._talks,
        )
        self._exporting = Exporting(
            database=self._database,
            talks=self._talks,
            own_name=self._own_name,
            now=now,
        )
        self._people = Acquaintances(
            me.peer,
            book=self._book,
            bus=self._bus,
            shown=self._shown,
            peers=self._peers,
            redial=self._redial,
            links=self._links,
            trust=self._trust,
            direct=self._direct,
            talks=self._talks,
            lookout=self._lookout,
            verification=self._verification,
            likeness=self._likeness,
        )
        self._consultation = Consultation(
            book=self._book,
            peers=self._peers,
            lookout=self._lookout,
            dialbacks=self._dialbacks,
            host=lambda: self._host,
        )
        self._codes = Codes(
            me.peer,
            book=self._book,
            invites=self._invites,
            own_name=self._own_name,
            places=lambda: invite_places(self._host, self._links.port),
        )
        self._ourselves = Ourselves(
            me.peer,
            database=self._database,
            bus=self._bus,
            likeness=self._likeness,
            lookout=self._lookout,
            links=self._links,
            peers=self._peers,
            receipts=self._receipts,
            typings=self._typings,
            safe=self.safe,
            host=lambda: self._host,
        )
        self._gather()

    def _gather(self) -> None:
        """What the parts can do, the node can do."""
        ours = self._ourselves
        self.me, self.set_name, self.set_visibility = ours.me, ours.set_name, ours.set_visibility
        self.set_attention, self.seen_restored = ours.set_attention, ours.seen_restored
        self.change_passphrase, self.backup = ours.change_passphrase, ours.backup
        self.people = self._people.people
        self.connect = self._people.connect
        self.requests = self._people.requests
        self.answer_request = self._people.answer_request
        self.change_person = self._people.change_person
        self.forget_person = self._people.forget_person
        self.make_invite = self._codes.make_invite
        self.invite = self._codes.invite
        self.safety = self._codes.safety
        self.compare_safety = self._codes.compare_safety
        self.scan = self._codes.scan
        self.verifications = self._people.verifications
        self.verify_by_emoji = self._people.verify_by_emoji
        self.chats = self._talks.chats
        self.messages = self._talks.messages
        self.change_chat = self._talks.change
        self.pins = self._talks.pins
        self.search, self.export = self._searching.search, self._exporting.export
        deeds = self._messages
        self.send, self.forward, self.edit, self.edits = (
            deeds.send, deeds.forward, deeds.edit, deeds.edits,
        )  # fmt: skip
        self.react, self.pin, self.delete_message = deeds.react, deeds.pin, deeds.delete
        groups = self._grouping.groups
        self.groups, self.group, self.make_group = groups.groups, groups.group, groups.make
        self.change_group, self.delete_group = groups.change, groups.delete
        self.seen = groups.seen
        self.doctor = self._consultation.report
        self.expect_backup, self.restore = self.safe.expect_backup, self.safe.restore
        self.erase = self.safe.erase

    def start(
        self, host: str | None, port: int, *, port_was_asked: bool, discover: bool = False
    ) -> None:
        """Listen on ``host`` (None: everywhere), dial every contact and, if ``discover``, look for
        people on this network and be seen there. Raises PortTaken."""
        self._host = host
        self._links.port = self._peers.listen(host, port, port_was_asked=port_was_asked)
        self._grouping.links.start()
        self._lifetimes.start()
        self._searching.start()
        self._links.keep_contacts()
        if discover:
            self._lookout.start(self._links.port)

    def stop(self) -> None:
        """Say BYE to everybody, store what is under way, close the database."""
        self._grouping.links.stop()
        self._lifetimes.stop()
        self._searching.stop()
        self._typings.stop()
        self._redial.stop()
        self._lookout.stop()
        self._codes.stop()
        self._peers.stop()
        self._database.close()

    def subscribe(self) -> Subscription:
        return self._bus.subscribe()

    # -- inside

    def _networks_changed(self) -> None:
        self._peers.doubt()
        self._redial.hurry_all()
        self._ourselves.tell()

    def _own_name(self) -> str:
        return self._ourselves.name

    def _name_of(self, peer: PeerId) -> str:
        """What the page calls somebody; "" for ourselves."""
        if peer == self._me.peer:
            return ""
        known = self._book.get(peer)
        return peer.short if known is None else shown_name(known.contact)

    def _name_in(self, key: bytes, peer: PeerId) -> str:
        live = self._grouping.live.get(key)
        return self._name_of(peer) if live is None else self._grouping.shown.name_of(live, peer)

    def _is_contact(self, peer: PeerId) -> bool:
        known = self._book.get(peer)
        return known is not None and may_send_direct(known.contact)

    def _may_hear(self, gid: bytes | None, peer: PeerId) -> bool:
        """What somebody looks at, and that they are writing, is for contacts; in a group for its
        other members, while we are one, and not for whom we shut out."""
        if gid is None:
            return self._is_contact(peer)
        known, live = self._book.get(peer), self._grouping.live.get(gid)
        if peer == self._me.peer or (known is not None and is_shut_out(known.contact)):
            return False
        is_ours = live is not None and live.shelf.standing is Standing.MEMBER
        return is_ours and live is not None and live.shelf.is_member(peer)

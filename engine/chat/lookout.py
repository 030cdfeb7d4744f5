"""Looking out for people on this network, and being found by those who may.

    Discovery --who is seen--> Nearby            what others say, for the page and whoever dials
    Discovery <--what to say-- OwnBeacon         what we let others see

Without discovery (--no-discovery, no mDNS on this system) everything here stays empty, and people
are reached by address and by invite as ever.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Final

import gevent

from contacts import may_send_direct
from engine.chat.book import Book
from engine.chat.nearby import Nearby
from engine.chat.visibility import OwnBeacon, Visibility
from engine.net.discovery import Discovery, DiscoveryUnavailable
from engine.protocol.invite import HostPort
from identity import PeerId

log = logging.getLogger(__name__)

TICKS_EVERY: Final = 60.0  # seconds: whether a veiled record grew old


class Lookout:
    def __init__(
        self,
        me: PeerId,
        visibility: Visibility,
        *,
        book: Book,
        name: Callable[[], str],
        on_change: Callable[[PeerId], None],
        on_hope: Callable[[PeerId], None],
        on_networks: Callable[[], None],
        random: Callable[[int], bytes],
        clock: Callable[[], float],
        on_own: Callable[[tuple[HostPort, ...]], None] = lambda _places: None,
    ) -> None:
        """``on_change`` is told of everybody who comes, goes or is told of differently, ``on_hope``
        of somebody whom to dial now seems worth it, ``on_networks`` when we are on other networks
        than before, or have other addresses there."""
        self._book = book
        self._on_networks = on_networks
        self._discovery: Discovery | None = None
        self._ticking: gevent.Greenlet[[], None] | None = None
        self._passes = dict(self._from_them())
        self.state = "off"
        self.networks: tuple[str, ...] = ()
        self.nearby = Nearby(
            me,
            passes=self._from_them,
            on_change=on_change,
            on_hope=on_hope,
            clock=clock,
            on_own=on_own,
        )
        self._own = OwnBeacon(
            me,
            visibility,
            name=name,
            passes=self._for_them,
            announce=self._announce,
            random=random,
            clock=clock,
        )

    @property
    def visibility(self) -> Visibility:
        return self._own.visibility

    @property
    def is_open_to_strangers(self) -> bool:
        """Whoever knocks without a pass is answered; others meet silence."""
        return self.visibility is Visibility.EVERYONE

    def start(self, port: int) -> None:
        """Begin to look and to be seen; ``port`` is where we are reached."""
        discovery = Discovery(
            port=port,
            on_seen=self.nearby.seen,
            on_gone=self.nearby.gone,
            on_moved=self._moved,
        )
        try:
            discovery.start()
        except DiscoveryUnavailable as why:
            log.warning("people on this network are not looked for: %s", why)
            self.state = "unavailable"
            return
        self._discovery = discovery
        self.state = "on"
        self.networks = _named(discovery.looked_at)
        self._own.begin()
        self._ticking = gevent.spawn(self._tick)

    def stop(self) -> None:
        """Say goodbye to the network."""
        if self._ticking is not None:
            self._ticking.kill(block=False)
        if self._discovery is not None:
            self._discovery.stop()

    def change(self, visibility: Visibility) -> None:
        self._own.change(visibility)

    def name_changed(self) -> None:
        self._own.refresh()

    def person_changed(self, peer: PeerId) -> None:
        """Their entry in the book is another, or gone: so may be what we say, and whom we know."""
        made = self._from_them().get(peer)
        if self._passes.get(peer) != made:
            if made is None:
                del self._passes[peer]
            else:
                self._passes[peer] = made
            self.nearby.pass_changed(peer)
        self._own.refresh()

    # -- inside

    def _from_them(self) -> Mapping[PeerId, bytes]:
        return {
            known.peer: known.pass_from_them
            for known in self._book
            if known.pass_from_them is not None
        }

    def _for_them(self) -> list[bytes]:
        return [
            known.pass_for_them
            for known in self._book
            if known.pass_for_them is not None and may_send_direct(known.contact)
        ]

    def _announce(self, txt: dict[str, bytes] | None) -> None:
        if self._discovery is not None:
            is_veiled = self.visibility is Visibility.CONTACTS
            self._discovery.announce(txt, only_here=is_veiled)

    def _moved(self) -> None:
        if self._discovery is not None:  # else where we are is read in a moment
            self.networks = _named(self._discovery.looked_at)
            self._own.renew()
            self._on_networks()

    def _tick(self) -> None:
        while True:
            gevent.sleep(TICKS_EVERY)
            self._own.tick()


def _named(looked_at: tuple[str, ...]) -> tuple[str, ...]:
    """Those that people know by sight: IPv4, or whatever there is."""
    plain = tuple(one for one in looked_at if ":" not in one.rpartition(" ")[2])
    return tuple(dict.fromkeys(plain or looked_at))

"""People on this network, without anybody typing an address.

    engine.net.mdns, in its native thread --Bridge--> greenlet --> on_seen, on_gone

What is seen is a hint and proves nothing: only a handshake tells who answers at a place.
"""

import logging
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Final

import gevent
from gevent.event import AsyncResult
from gevent.event import Event as Flag

from engine.net.announcements import Gone, Sighting
from engine.net.bridge import Bridge

if TYPE_CHECKING:
    from engine.net.mdns import Mdns

__all__ = ["Discovery", "DiscoveryUnavailable", "Sighting"]

log = logging.getLogger(__name__)

START_WITHIN: Final = 5.0  # seconds
STOP_WITHIN: Final = 1.0  # seconds, for goodbyes
_STARTED, _MOVED, _ENDED = "started", "moved", "ended"


class DiscoveryUnavailable(Exception):  # an outcome of the world, not a fault of the program
    """mDNS cannot be used here; the text says why. Everything else works without."""


class Discovery:
    def __init__(
        self,
        *,
        port: int,
        on_seen: Callable[[Sighting], None],
        on_gone: Callable[[str], None],
        on_moved: Callable[[], None] = lambda: None,
        interfaces: Collection[str] | None = None,
    ) -> None:
        """``port`` is where we are reached. ``on_seen`` is told of everybody who appears or
        changes, ``on_gone`` of an instance that left; both in one greenlet, in order. ``on_moved``
        is called when our networks, or our addresses there, are others than before, or may be,
        since this computer slept.
        ``interfaces``: the addresses of this machine to use; None for all but loopback."""
        self._port = port
        self._on_seen = on_seen
        self._on_gone = on_gone
        self._on_moved = on_moved
        self._only = interfaces
        self._looked_at: tuple[str, ...] = ()
        self._mdns: Mdns | None = None
        self._ended = Flag()
        self._started: AsyncResult[str] = AsyncResult()

    @property
    def looked_at(self) -> tuple[str, ...]:
        """The networks we look at now, such as "wlan0 192.168.1.0/24"; none when there is none."""
        return self._looked_at

    def start(self) -> None:
        """Begin to look; somebody may be seen before this returns. Without a network it waits for
        one. Raises DiscoveryUnavailable."""
        try:
            # Here and not above: it costs a tenth of the time the whole program takes to start.
            from engine.net.mdns import Mdns, Report
        except ImportError as error:
            raise DiscoveryUnavailable(f"{error.name or 'a package'} is not installed") from None
        self._news: Bridge[Sighting] = Bridge(self._deliver)
        self._life: Bridge[str] = Bridge(self._live)
        self._mdns = Mdns(
            self._port,
            self._only,
            Report(
                started=lambda why: self._life.put(_STARTED, why),
                looked=self._look,
                changed=self._change,
                ended=lambda: self._life.put(_ENDED, ""),
            ),
        )
        self._mdns.start()
        with gevent.Timeout(START_WITHIN, False):  # type: ignore[arg-type]  # gevent's own idiom
            why = self._started.get()
            if not why:
                return
            self._close()
            raise DiscoveryUnavailable(why)
        self.stop()
        raise DiscoveryUnavailable("the system does not answer")

    def announce(self, txt: dict[str, bytes] | None, *, only_here: bool = False) -> None:
        """Let others see this of us; None: nothing at all. Each time under new, random names.
        ``only_here``: on other networks it is not said; when ``on_moved`` is called it is over."""
        if self._mdns is not None:
            self._mdns.announce(txt, only_here)

    def stop(self) -> None:
        """Say goodbye and end; returns within about a second. Nothing is told any more."""
        if self._mdns is not None:
            self._mdns.stop()
            self._ended.wait(STOP_WITHIN)
            self._close()

    def _close(self) -> None:
        self._mdns = None
        self._news.close()
        self._life.close()

    # -- called in the native thread

    def _look(self, networks: tuple[str, ...]) -> None:
        self._looked_at = networks
        self._life.put(_MOVED, "")

    def _change(self, change: Sighting | Gone) -> None:
        self._news.put(change.instance, change if isinstance(change, Sighting) else None)

    # -- called in greenlets

    def _deliver(self, instance: str, sighting: Sighting | None) -> None:
        if sighting is None:
            self._on_gone(instance)
        else:
            self._on_seen(sighting)

    def _live(self, what: str, why: str | None) -> None:
        if what == _STARTED:
            self._started.set(why or "")
        elif what == _MOVED:
            # The first look is where we are, and no move.
            if self._started.ready():
                self._on_moved()
        else:
            self._ended.set()
            if not self._started.ready():
                self._started.set("it ended at once")

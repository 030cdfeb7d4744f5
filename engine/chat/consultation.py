"""Ask the connection doctor: gather what this program knows and what this computer shows.

    the program: whom it sees, who called it, where it listens   --+
    the computer: engine/net/checkup.py                          --+--> doctor.py --> Report

One check at a time: whoever asks during one gets its result. It takes about three seconds.
"""

import ipaddress
import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, cast

from gevent.event import AsyncResult

from contacts import Relation, is_shut_out
from engine.chat.book import Book
from engine.chat.doctor import Situation, diagnose
from engine.chat.lookout import Lookout
from engine.chat.views import Report
from engine.net import checkup
from engine.net.checkup import Checkup
from engine.net.interfaces import Interface
from engine.net.peers import Peers

DEFAULT_PORT: Final = 6000

# look(port, is_listening=...)
Look = Callable[..., Checkup]


class Consultation:
    def __init__(
        self,
        *,
        book: Book,
        peers: Peers,
        lookout: Lookout,
        host: Callable[[], str | None],
        look: Look = checkup.look,
    ) -> None:
        """``host``: what we listen on, None for everything."""
        self._book = book
        self._peers = peers
        self._lookout = lookout
        self._host = host
        self._look = look
        self._running: AsyncResult[Report] | None = None

    def report(self) -> Report:
        """Look, and say what is wrong; or what a look that is under way will say."""
        if self._running is not None:
            return cast("Report", self._running.get())
        running = self._running = AsyncResult()
        try:
            report = self._examine()
        except BaseException as error:
            running.set_exception(error)
            raise
        finally:
            self._running = None
        running.set(report)
        return report

    def _examine(self) -> Report:
        listener = self._peers.listener
        port = DEFAULT_PORT if listener is None else listener.port
        host = self._host()
        found = self._look(
            port,
            is_listening=listener is not None,
            may_speak=self._lookout.state != "off",  # who does not want it is not made to
            only=_only(host),
        )
        outside = list(self._outside(found.interfaces))
        return diagnose(
            Situation(
                checkup=found,
                port=port,
                here_alone=host is not None and _is_loopback(host),
                discovery=self._lookout.state,
                visibility=self._lookout.visibility.value,
                people=len(self._lookout.nearby.people()) + len(outside),
                called=not all(initiator for _, initiator in outside),
                last_at=self._last_at(found.interfaces),
            )
        )

    def _outside(self, cards: Sequence[Interface]) -> Iterator[tuple[str, bool]]:
        """Links with other computers: their host, and whether it was we who called."""
        own = {str(one.address) for one in cards}
        for peer in self._peers.linked():
            link = self._peers.link(peer)
            if link is not None and link.is_open:
                host = link.host.partition("%")[0]
                if host not in own and not _is_loopback(host):
                    yield host, link.initiator

    def _last_at(self, cards: Sequence[Interface]) -> str:
        """Where a contact who is not here was last, if no contact was ever in our networks."""
        far = ""
        for known in self._book:
            is_wanted = known.contact.relation is Relation.CONTACT and not is_shut_out(
                known.contact
            )
            if not is_wanted or not known.places or self._peers.link(known.peer) is not None:
                continue
            if any(checkup.is_near(place.host, cards) for place in known.places):
                return ""
            far = far or known.places[0].host
        return far


def check_alone(
    port: int = DEFAULT_PORT,
    *,
    host: str | None = None,
    may_speak: bool = True,
    identity: Path | None = None,
    look: Look = checkup.look,
) -> Report:
    """The same without a running program: what this computer alone shows. ``port`` and ``host``
    are where that of ``identity`` would listen."""
    found = look(port, is_listening=False, may_speak=may_speak, only=_only(host))
    start = "python p2pchat.py"
    if identity is not None:
        start += f" --identity {shlex.quote(str(identity))}"
    return diagnose(
        Situation(
            checkup=found,
            port=port,
            is_running=False,
            start=start,
            here_alone=host is not None and _is_loopback(host),
            discovery="on" if may_speak else "off",
        )
    )


def _only(host: str | None) -> tuple[str, ...] | None:
    """The addresses to look at: of a program that listens on one of them, that one."""
    is_all = host is None or host in ("0.0.0.0", "::")  # noqa: S104  # compared, not bound
    return None if is_all or host is None else (host,)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"

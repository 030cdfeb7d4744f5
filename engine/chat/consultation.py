"""Ask the connection doctor: gather what this program knows and what this computer shows.

    the program: whom it sees, who called it, where it listens   --+
    contacts who are connected: can they call us?                --+
    the computer: engine/net/checkup.py                          --+--> doctor.py --> Report

One check at a time: whoever asks during one gets its result. It takes three to eight seconds.
"""

import ipaddress
import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, cast

import gevent
from gevent.event import AsyncResult

from contacts import Relation, is_shut_out, may_send_direct
from engine.chat.book import Book
from engine.chat.dialback import DialBacks, is_own_address
from engine.chat.doctor import diagnose
from engine.chat.errors import Refused
from engine.chat.lookout import Lookout
from engine.chat.situation import DialledBack, Situation
from engine.chat.views import Report
from engine.net import checkup
from engine.net.checkup import Checkup
from engine.net.connection import Connection
from engine.net.interfaces import Interface
from engine.net.peers import Peers
from engine.protocol.dialback_records import Result
from engine.protocol.invite import BadTarget, HostPort, parse_target

DEFAULT_PORT: Final = 6000
MAX_CALLS: Final = 3  # contacts who are asked to call us

# look(port, is_listening=...)
Look = Callable[..., Checkup]


class Consultation:
    def __init__(
        self,
        *,
        book: Book,
        peers: Peers,
        lookout: Lookout,
        dialbacks: DialBacks,
        host: Callable[[], str | None],
        look: Look = checkup.look,
        is_own: Callable[[str], bool] = is_own_address,
    ) -> None:
        """``host``: what we listen on, None for everything. ``is_own`` says whether an address is
        of this very computer: whoever is there proves nothing."""
        self._book = book
        self._peers = peers
        self._lookout = lookout
        self._dialbacks = dialbacks
        self._host = host
        self._look = look
        self._is_own = is_own
        self._running: tuple[str, AsyncResult[Report]] | None = None

    def report(self, address: str = "") -> Report:
        """Look, and say what is wrong; or what a look that is under way will say. ``address`` is
        whom somebody would like to reach. Raises Refused when it is none."""
        asked_for = _places(address)
        while self._running is not None:
            asked, running = self._running
            if asked == address:
                return cast("Report", running.get())
            running.wait()
        running = AsyncResult()
        self._running = address, running
        try:
            report = self._examine(asked_for)
        except BaseException as error:
            running.set_exception(error)
            raise
        finally:
            self._running = None
        running.set(report)
        return report

    def _examine(self, asked_for: Sequence[HostPort]) -> Report:
        listener = self._peers.listener
        port = DEFAULT_PORT if listener is None else listener.port
        host = self._host()
        outside = [one for one in self._links() if not self._is_own(one.host)]
        called_back = gevent.spawn(self._ask_to_call, outside)
        found = self._look(
            port,
            is_listening=listener is not None,
            may_speak=self._lookout.state != "off",  # who does not want it is not made to
            only=_only(host),
        )
        return diagnose(
            Situation(
                checkup=found,
                port=port,
                here_alone=host is not None and _is_loopback(host),
                discovery=self._lookout.state,
                visibility=self._lookout.visibility.value,
                people=len(self._lookout.nearby.people()) + len(outside),
                called=not all(one.initiator for one in outside),
                dialled_back=called_back.get(),
                asked_for=_far(asked_for, found.interfaces),
                last_at=self._last_at(found.interfaces),
            )
        )

    def _links(self) -> Iterator[Connection]:
        for peer in self._peers.linked():
            link = self._peers.link(peer)
            if link is not None and link.is_open:
                yield link

    def _ask_to_call(self, links: Sequence[Connection]) -> tuple[DialledBack, ...]:
        """Let some contacts call us; those of whom something was learnt."""
        names: dict[Connection, str] = {}
        for link in links:
            known = None if link.peer is None else self._book.get(link.peer)
            if known is not None and may_send_direct(known.contact) and len(names) < MAX_CALLS:
                names[link] = known.contact.alias or known.contact.own_name or known.peer.short
        results = self._dialbacks.ask(list(names))
        return tuple(
            DialledBack(name, result.name.lower())
            for name, result in zip(names.values(), results, strict=True)
            if result is not None and result is not Result.NOT_DONE
        )

    def _last_at(self, cards: Sequence[Interface]) -> str:
        """Where a contact who is not here was last, if no contact was ever in our networks."""
        far = ""
        for known in self._book:
            is_wanted = known.contact.relation is Relation.CONTACT and not is_shut_out(
                known.contact
            )
            if not is_wanted or not known.places or self._peers.link(known.peer) is not None:
                continue
            found = _far(known.places, cards)
            if not found:
                return ""
            far = far or found
        return far


def check_alone(
    port: int = DEFAULT_PORT,
    *,
    address: str = "",
    host: str | None = None,
    may_speak: bool = True,
    identity: Path | None = None,
    look: Look = checkup.look,
) -> Report:
    """The same without a running program: what this computer alone shows. ``port`` and ``host``
    are where that of ``identity`` would listen. Raises Refused when ``address`` is none."""
    asked_for = _places(address)
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
            asked_for=_far(asked_for, found.interfaces),
        )
    )


def _places(address: str) -> tuple[HostPort, ...]:
    try:
        return parse_target(address).hosts if address else ()
    except BadTarget as error:
        raise Refused("bad_address", str(error)) from None


def _far(places: Sequence[HostPort], cards: Sequence[Interface]) -> str:
    """The first of these places, if none of them is in our networks."""
    if not places or any(checkup.is_near(place.host, cards) for place in places):
        return ""
    return str(places[0])


def _only(host: str | None) -> tuple[str, ...] | None:
    """The addresses to look at: of a program that listens on one of them, that one."""
    is_all = host is None or host in ("0.0.0.0", "::")  # noqa: S104  # compared, not bound
    return None if is_all or host is None else (host,)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"

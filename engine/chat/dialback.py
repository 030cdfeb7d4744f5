"""Ask contacts to call us back, and call back those who ask.

    us --DIAL_BACK token--> contact --TCP connect, then close--> our address, the port of our HELLO
    us <--DIALLED token, connected | refused | timeout | unreachable | not done-- contact

Whoever calls back must not become a tool against others. So only contacts may ask; nothing is
called but the address that their own connection comes from and the port their HELLO names; never
this very computer; one call in ten seconds for each contact, and few at once for all. A call is one
TCP connection without a word in it (PROTOCOL.md, section 3.8).
"""

import ipaddress
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import gevent
from gevent.event import AsyncResult
from gevent.lock import BoundedSemaphore

from engine.net import interfaces
from engine.net.connection import Connection
from engine.net.dialer import DialFailed, dial
from engine.protocol.dialback_records import (
    TOKEN_SIZE,
    DialBack,
    DialBackRecord,
    Dialled,
    Result,
)
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.invite import HostPort
from identity import PeerId

log = logging.getLogger(__name__)

CALL_WITHIN: Final = 3.0  # seconds for the TCP connection
ANSWER_WITHIN: Final = 5.0  # seconds for the other's answer
EVERY: Final = 10.0  # seconds between two calls for one contact
AT_ONCE: Final = 4  # calls for all contacts together
MAX_ASKED: Final = 20  # questions of one contact within EVERY: no person asks so often
LEAST_PORT: Final = 1_024  # below are the services of the system: p2pchat is none

_RESULTS: Final = {
    "refused": Result.REFUSED,
    "timeout": Result.TIMEOUT,
    "unreachable": Result.UNREACHABLE,
}


@dataclass(frozen=True, slots=True)
class _Question:
    connection: Connection
    answer: "AsyncResult[Result]"


class AskedTooOften(RemoteProtocolError):
    """More calls were asked for than a person could ask for."""


class _Asker:
    """One contact who asks: when we called for them, and how often they asked since."""

    __slots__ = ("asked", "called_at")

    def __init__(self, now: float) -> None:
        self.called_at = now
        self.asked = 1


class DialBacks:
    def __init__(
        self,
        *,
        is_contact: Callable[[PeerId], bool],
        new_token: Callable[[int], bytes],
        clock: Callable[[], float],
        is_own: Callable[[str], bool] | None = None,
    ) -> None:
        """``is_own`` says whether an address is of this very computer."""
        self._is_contact = is_contact
        self._new_token = new_token
        self._clock = clock
        self._is_own = is_own or is_own_address
        self._questions: dict[bytes, _Question] = {}
        self._askers: dict[PeerId, _Asker] = {}
        self._calls = BoundedSemaphore(AT_ONCE)

    def ask(self, connections: Sequence[Connection]) -> list[Result | None]:
        """Let the contacts at the other ends call us; what came of each call. None: no answer."""
        asked: dict[bytes, _Question] = {}
        for connection in connections:
            token = self._new_token(TOKEN_SIZE)
            asked[token] = self._questions[token] = _Question(connection, AsyncResult())
            connection.send(DialBack(token))
        try:
            gevent.wait([one.answer for one in asked.values()], timeout=ANSWER_WITHIN)
            return [one.answer.value for one in asked.values()]
        finally:
            for token in asked:
                del self._questions[token]

    def heard(self, connection: Connection, record: DialBackRecord) -> None:
        """Told by the links, of anybody: strangers are passed over. Raises AskedTooOften."""
        peer = connection.peer
        assert peer is not None
        if not self._is_contact(peer):
            return
        match record:
            case DialBack(token):
                self._answer(connection, peer, token)
            case Dialled(token, result):
                question = self._questions.get(token)
                if question is not None and question.connection is connection:
                    question.answer.set(result)

    # -- inside

    def _answer(self, connection: Connection, peer: PeerId, token: bytes) -> None:
        if self._may_call(peer):
            place = self._place(connection)
            if place is not None and self._calls.acquire(blocking=False):
                gevent.spawn(self._call, connection, place, token)
                return
        connection.send(Dialled(token, Result.NOT_DONE))

    def _may_call(self, peer: PeerId) -> bool:
        """Say whether it is time for a call for them. Raises AskedTooOften."""
        now = self._clock()
        for one in [one for one, asker in self._askers.items() if now - asker.called_at >= EVERY]:
            del self._askers[one]
        asker = self._askers.get(peer)
        if asker is None:
            self._askers[peer] = _Asker(now)
            return True
        asker.asked += 1
        if asker.asked > MAX_ASKED:
            raise AskedTooOften(f"more than {MAX_ASKED} calls in {EVERY:.0f} s")
        return False

    def _place(self, connection: Connection) -> HostPort | None:
        """Where to call, if that may be done."""
        hello = connection.session.hello if connection.session is not None else None
        if hello is None or hello.port < LEAST_PORT or self._is_own(connection.host):
            return None
        if connection.host.startswith("fe80:") and "%" not in connection.host:
            return None  # it is not said through which card, so nobody would be found there
        return HostPort(connection.host, hello.port)

    def _call(self, connection: Connection, place: HostPort, token: bytes) -> None:
        try:
            dial(place, within=CALL_WITHIN).close()
            result = Result.CONNECTED
        except DialFailed as failed:
            result = _RESULTS.get(failed.code, Result.UNREACHABLE)
        finally:
            self._calls.release()
        log.info("called back %s, who asked for it: %s", place.host, result.name.lower())
        if connection.is_open:
            connection.send(Dialled(token, result))


def is_own_address(host: str) -> bool:
    """Say whether this address is of this very computer; True, too, for what is no address."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
        own = interfaces.own_addresses()
    except (ValueError, OSError):
        return True
    return address.is_loopback or address.is_unspecified or address in own

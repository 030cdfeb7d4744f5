"""Who we are connected to: one link per person, kept up as long as somebody wants it.

    dialer / listener --> Connection --HELLO--> tie-break --> the link --lost--> redial

This room decides nothing about people: whom to keep, what to say in HELLO and what a record means
is asked of, or told to, the ``Upstairs`` it is given.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Final, Protocol, cast

import gevent
from gevent import socket
from gevent.event import AsyncResult
from gevent.event import Event as Flag

from engine.net import dialer
from engine.net.connection import Connection, Ended, Event, Opened, host_of
from engine.net.dialer import DialFailed
from engine.net.listener import Listener
from engine.net.rivals import Rivals
from engine.protocol import errors, records, session
from engine.protocol.channel import Channel
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.invite import HostPort
from identity import Identity, PeerId

log = logging.getLogger(__name__)

OPEN_WITHIN: Final = 10.0  # seconds for TCP, handshake and HELLO together
CALLS_REMEMBERED: Final = 256  # of whoever reached our port: to know our own call among them
GOODBYES_WITHIN: Final = 1.0  # seconds for all goodbyes: the program stops within 3 s


class Upstairs(Protocol):
    """What this room asks of, and tells, the one that knows people."""

    def passes(self) -> Iterable[bytes]: ...
    def knocked(self, peer: PeerId, passed: bytes) -> None: ...
    def hello_for(self, peer: PeerId) -> records.Hello: ...
    def is_known_host(self, host: str) -> bool: ...
    def link_opened(self, connection: Connection, hello: records.Hello) -> None: ...
    def hello_changed(self, connection: Connection, hello: records.Hello) -> None: ...
    def heard(self, connection: Connection, said: Sequence[session.Heard]) -> None: ...
    def link_closed(self, peer: PeerId) -> None: ...
    def connection_over(self, connection: Connection) -> None: ...
    def runs_twice(self, peer: PeerId) -> None: ...


class Peers:
    def __init__(self, me: Identity, upstairs: Upstairs, *, clock: Callable[[], float]) -> None:
        self._me = me
        self._upstairs = upstairs
        self._clock = clock
        self._order = count(1)
        self._links: dict[PeerId, Connection] = {}
        self._everyone: set[Connection] = set()
        self._awaited: dict[Connection, AsyncResult[records.Hello]] = {}
        self._rivals = Rivals(me.peer, clock, on_twice=upstairs.runs_twice)
        self._changed: dict[PeerId, Flag] = {}
        self._stopping = False
        self._called_from: deque[tuple[str, int]] = deque(maxlen=CALLS_REMEMBERED)
        self.listener: Listener | None = None
        self.on_elsewhere: Callable[[], None] = lambda: None  # another program proved our key

    def listen(self, host: str | None, port: int, *, port_was_asked: bool) -> int:
        """Let others reach us; the port. Raises PortTaken."""
        self.listener = Listener(
            host,
            port,
            port_was_asked=port_was_asked,
            greet=self._greet,
            is_known_host=self._upstairs.is_known_host,
            clock=self._clock,
        )
        self.listener.start()
        return self.listener.port

    def link(self, peer: PeerId) -> Connection | None:
        """The connection to ``peer`` that is used now, if there is one."""
        return self._links.get(peer)

    def linked(self) -> list[PeerId]:
        return list(self._links)

    def changed(self, peer: PeerId) -> Flag:
        """A flag that is raised whenever a link to ``peer`` comes or goes."""
        return self._changed.setdefault(peer, Flag())

    def dial(
        self, place: HostPort, *, expected: PeerId | None, knock_pass: bytes
    ) -> tuple[Connection, records.Hello]:
        """Connect and wait for the peer's HELLO. Raises DialFailed, with these codes besides the
        dialer's: not_p2pchat, wrong_identity, self."""
        until = self._clock() + OPEN_WITHIN
        sock = dialer.dial(place)
        here = _own_end(sock)
        channel = Channel(
            identity=self._me, initiator=True, expected=expected, knock_pass=knock_pass
        )
        try:
            connection = self._connection(sock, channel)
        except OSError:
            sock.close()
            raise DialFailed("refused") from None
        awaited: AsyncResult[records.Hello] = AsyncResult()
        self._awaited[connection] = awaited
        gevent.spawn(connection.run)
        try:
            with gevent.Timeout(max(0.1, until - self._clock()), DialFailed("timeout")):
                return connection, cast("records.Hello", awaited.get())
        except DialFailed as failed:
            connection.close()
            if failed.code == "self" and here not in self._called_from:
                self.on_elsewhere()
            raise
        except BaseException:  # also when whoever waits for it is no longer wanted
            connection.close()
            raise
        finally:
            self._awaited.pop(connection, None)

    def drop(self, peer: PeerId) -> None:
        """End every connection with ``peer``, orderly."""
        for connection in tuple(self._everyone):
            if connection.peer == peer:
                connection.close()

    def doubt(self) -> None:
        """Our networks changed, and links may have died with them: whoever is silent now is let go,
        a few seconds from now instead of most of a minute. Returns at once."""
        for connection in self._links.values():
            gevent.spawn(self._let_go_if_silent, connection)

    def stop(self) -> None:
        """Say BYE to everybody and end. Whoever does not hang up in time is cut off."""
        self._stopping = True
        if self.listener is not None:
            self.listener.stop()
        for connection in tuple(self._everyone):
            connection.close()
        with gevent.Timeout(GOODBYES_WITHIN, False):  # type: ignore[arg-type]  # gevent's own idiom
            while self._everyone:
                gevent.sleep(0.01)
        for connection in tuple(self._everyone):
            connection.abort()

    def _let_go_if_silent(self, connection: Connection) -> None:
        if not self._rivals.answers(connection):
            connection.abort()

    # -- what connections report

    def _greet(self, sock: socket.socket) -> Connection:
        channel = Channel(identity=self._me, initiator=False, passes=self._upstairs.passes)
        connection = self._connection(sock, channel)
        self._called_from.append((connection.host, connection.port))
        return connection

    def _connection(self, sock: socket.socket, channel: Channel) -> Connection:
        connection = Connection(sock, channel, on_heard=self._on_heard, clock=self._clock)
        connection.order = next(self._order)
        self._everyone.add(connection)
        return connection

    def _on_heard(self, connection: Connection, events: Sequence[Event]) -> None:
        said: list[session.Heard] = []
        for event in events:
            if isinstance(event, session.Heard):
                said.append(event)
                continue
            if said:
                self._upstairs.heard(connection, said)
                said = []
            match event:
                case Opened(peer, _, passed):
                    self._proven(connection, peer, passed)
                case session.HelloHeard(hello, True):
                    self._opened(connection, hello)
                case session.HelloHeard(hello):
                    self._upstairs.hello_changed(connection, hello)
                case session.PongHeard():
                    self._rivals.alive(connection)
                case Ended():
                    self._ended(connection, event)
        if said:
            self._upstairs.heard(connection, said)

    def _proven(self, connection: Connection, peer: PeerId, passed: bytes) -> None:
        if self.listener is not None:
            self.listener.handshake_over(connection)
        log.info(
            "channel with %s %s %s:%d",
            peer.short,
            "to" if connection.initiator else "from",
            connection.host,
            connection.port,
        )
        if not connection.initiator:
            self._upstairs.knocked(peer, passed)  # what they are to us depends on it
            self._greet_with(connection, self._upstairs.hello_for(peer))

    def _greet_with(self, connection: Connection, hello: records.Hello) -> None:
        connection.greeted_with = hello
        connection.send(hello)

    def _opened(self, connection: Connection, hello: records.Hello) -> None:
        peer = connection.peer
        assert peer is not None
        if self._stopping:
            connection.close()
            return
        # What a responder said first may have changed before it was answered: forgotten meanwhile.
        now = self._upstairs.hello_for(peer)
        if connection.greeted_with != now:
            self._greet_with(connection, now)
        older = self._links.get(peer)
        if older is None or self._rivals.newer_wins(older, connection):
            self._links[peer] = connection
            if older is not None:
                self._rivals.retire(older, connection)
        else:
            self._rivals.challenge(older, connection, on_silent=self._promote)
        self._upstairs.link_opened(connection, hello)
        self._tell_changed(peer)
        awaited = self._awaited.get(connection)
        if awaited is not None:
            awaited.set(hello)

    def _promote(self, connection: Connection) -> None:
        """The older link turned out to be dead: this one takes its place."""
        peer, current = connection.peer, connection.session
        if peer is None or current is None or current.hello is None or not connection.is_open:
            return
        self._links[peer] = connection
        self._upstairs.link_opened(connection, current.hello)
        self._tell_changed(peer)

    def _ended(self, connection: Connection, end: Ended) -> None:
        self._everyone.discard(connection)
        self._upstairs.connection_over(connection)
        peer = connection.peer
        awaited = self._awaited.get(connection)
        if awaited is not None and not awaited.ready():
            awaited.set_exception(DialFailed(_why(connection, end.error)))
        _log_end(connection, end)
        if peer is None or self._links.get(peer) is not connection:
            return
        del self._links[peer]
        others = [one for one in self._everyone if one.peer == peer and one.is_open]
        if others:
            self._promote(max(others, key=lambda one: one.order))
        else:
            self._upstairs.link_closed(peer)
        self._tell_changed(peer)

    def _tell_changed(self, peer: PeerId) -> None:
        flag = self._changed.pop(peer, None)
        if flag is not None:
            flag.set()


def _own_end(sock: socket.socket) -> tuple[str, int] | None:
    """As whoever is called sees where the call comes from."""
    try:
        address = sock.getsockname()
    except OSError:
        return None
    return host_of(address), int(address[1])


def _why(connection: Connection, error: RemoteProtocolError | None) -> str:
    match error:
        case errors.WrongPeer():
            return "wrong_identity"
        case errors.SelfConnect():
            return "self"
        case session.Silent():
            return "timeout"
        case _:
            return "not_p2pchat"


def _log_end(connection: Connection, end: Ended) -> None:
    who = connection.peer.short if connection.peer else f"{connection.host}:{connection.port}"
    if connection.peer is None:  # whoever reaches the port could fill the log with warnings
        log.debug("no handshake with %s: %s", who, end.error or "it hung up")
    elif end.error is not None and not isinstance(end.error, session.Silent):
        log.warning("closed the connection with %s: %s", who, end.error)
    elif end.clean:
        log.info("%s said goodbye", who)
    elif connection.is_closing:
        log.info("said goodbye to %s", who)
    else:
        log.info("lost the connection with %s%s", who, f": {end.error}" if end.error else "")

"""Where others reach us: one listening socket, a greenlet per conversation.

``StreamServer`` closes a socket when its handler returns, so the handler is the conversation.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from gevent import socket
from gevent.pool import Pool
from gevent.server import StreamServer

from engine.net.connection import Connection, host_of
from engine.protocol.admission import Door

log = logging.getLogger(__name__)

BACKLOG: Final = 128
TRIES: Final = 50  # ports after the default one that are tried when it is taken
MAX_CONNECTIONS: Final = 4_096  # open conversations; beyond that nobody new is let in


class PortTaken(OSError):
    """The port is in use. The text is for the user."""


class Listener:
    def __init__(
        self,
        host: str | None,
        port: int,
        *,
        port_was_asked: bool,
        greet: Callable[[socket.socket], Connection],
        is_known_host: Callable[[str], bool],
        clock: Callable[[], float],
    ) -> None:
        """Bind. ``host`` None: every address of this machine, IPv4 and IPv6. Raises PortTaken.

        ``greet`` makes a Connection for an accepted socket.
        """
        sock = _bound(host, port, port_was_asked=port_was_asked)
        self.port: int = sock.getsockname()[1]
        self._greet = greet
        self._is_known_host = is_known_host
        self._clock = clock
        self._door = Door(clock())
        self._server = StreamServer(sock, self._converse, spawn=Pool(MAX_CONNECTIONS))

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        """Take nobody new; conversations go on until they are closed."""
        self._server.close()

    def handshake_over(self, connection: Connection) -> None:
        """The peer of ``connection`` is proven: it no longer counts as waiting at the door."""
        slot = connection.slot
        if slot is not None:
            connection.slot = None
            self._door.leave(slot)

    def _converse(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        host = host_of(address)
        slot = self._door.enter(host, is_known=self._is_known_host(host), now=self._clock())
        if slot is None:
            log.debug("too many at the door, closing one from %s", host)
            sock.close()
            return
        try:
            connection = self._greet(sock)
        except OSError:  # it left before we could look at it
            self._door.leave(slot)
            sock.close()
            return
        connection.slot = slot
        try:
            connection.run()
        finally:
            self.handshake_over(connection)


def _bound(host: str | None, port: int, *, port_was_asked: bool) -> socket.socket:
    last = port if port_was_asked or port == 0 else port + TRIES
    for candidate in range(port, last + 1):
        try:
            return _listening(host, candidate)
        except OSError as error:
            if candidate == last:
                where = f"{host or 'this machine'}, port {port}"
                raise PortTaken(f"cannot listen on {where}: {error.strerror}") from None
    raise AssertionError("unreachable")


def _listening(host: str | None, port: int) -> socket.socket:
    if host is None and _has_ipv6():
        sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        address: tuple[str, int] = ("::", port)
    else:
        family = socket.AF_INET6 if host and ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        address = (host or "0.0.0.0", port)  # noqa: S104  # reached from the network by design
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _has_ipv6() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind(("::", 0))
    except OSError:
        return False
    return True

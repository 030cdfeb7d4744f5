"""The server of the page and the API: on 127.0.0.1, with every bound it needs.

WebServer ── Server (pywsgi) ── Handler per connection ──┬── gate
                                                         ├── Bottle ── Api ── Node
                                                         └── Live ── WebSocket per tab
"""

import errno
import logging
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
import gevent.socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from engine.web.api import Api
from engine.web.app import make_app
from engine.web.handler import Handler
from engine.web.limits import MAX_CONNECTIONS, PORTS_TO_TRY, Limits
from engine.web.live import Live
from engine.web.pages import Pages
from engine.web.sessions import Sessions

if TYPE_CHECKING:
    from engine.chat.node import Node

log = logging.getLogger(__name__)

_BACKLOG = 128  # connections the kernel keeps for us while we are busy
_LAST_PORT = 65_535


class Server(WSGIServer):
    """pywsgi's server, with what its handlers need to know."""

    limits: Limits
    sessions: Sessions
    live: Live
    port: int
    busy = 0  # requests in work, and tabs


class WebServer:
    """Serves the page and the API of one node."""

    handler_class: type[Handler] = Handler

    def __init__(
        self,
        node: "Node",
        *,
        port: int,
        port_was_asked: bool,
        root: Path,
        api_token: str = "",
        sessions: Sessions | None = None,
        host: str = "127.0.0.1",
        limits: Limits | None = None,
    ) -> None:
        """``root`` holds ``views/`` and ``static/``. A port that was not asked for may move on.

        ``sessions``: who was let in before this server, and stays so; else only ``api_token`` is.
        """
        if host != "127.0.0.1":
            raise ValueError("the page is served on 127.0.0.1 only")
        self._host = host
        self._port = port
        self._port_was_asked = port_was_asked
        self._limits = limits or Limits()
        self._sessions = sessions or Sessions(
            api_token=api_token, ticket_after=self._limits.ticket_after
        )
        self._live = Live(node)
        self._app = make_app(Api(node, self._sessions, self._link), Pages(root))
        self._server: Server | None = None

    def start(self) -> None:
        """Listen and serve; raise OSError, with a sentence, when no port is to be had."""
        listener = self._listen()
        self._port = listener.getsockname()[1]
        server = Server(
            listener,
            self._app,
            handler_class=self.handler_class,
            spawn=Pool(MAX_CONNECTIONS),
            log=None,
            error_log=None,
            # Given, so that pywsgi does not ask the network for this machine's name.
            environ={"SERVER_NAME": self._host, "SERVER_PORT": str(self._port)},
        )
        server.limits = self._limits
        server.sessions = self._sessions
        server.live = self._live
        server.port = self._port
        self._server = server
        self._live.start()
        server.start()
        log.info("the page is at %s", self.url)

    @property
    def url(self) -> str:
        """Where the page is. The port is certain after `start`."""
        return f"http://{self._host}:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    def new_link(self) -> str:
        """Make a link that opens the page, once, within the next minute."""
        return self._link(self._sessions.new_ticket())

    def stop(self, timeout: float = 1.0) -> None:
        """Accept nobody more, say goodbye to the tabs, let answers finish; then cut."""
        if self._server is None:
            return
        server, self._server = self._server, None
        end = time.monotonic() + timeout
        server.close()
        self._live.stop(timeout)
        while server.busy and time.monotonic() < end:
            gevent.sleep(0.01)
        server.stop(timeout=0)

    def _link(self, ticket: str) -> str:
        # Behind the #: a browser sends that part to nobody, and keeps it out of Referer.
        return f"{self.url}/#k={ticket}"

    def _listen(self) -> Any:
        if self._port == 0 or self._port_was_asked:
            return self._bind(self._port)
        for port in range(self._port, min(self._port + PORTS_TO_TRY, _LAST_PORT + 1)):
            try:
                return self._bind(port)
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
        raise OSError(
            errno.EADDRINUSE, f"no free port for the page from {self._port} upwards ({self._host})"
        )

    def _bind(self, port: int) -> Any:
        listener = gevent.socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if sys.platform != "win32":  # there it would share the port with a stranger
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, port))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            place = f"{self._host}:{port}"
            raise OSError(
                error.errno, f"the page cannot be served on {place}: {error.strerror}"
            ) from error
        listener.setblocking(False)
        return listener

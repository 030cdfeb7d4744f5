"""One connection of the page's server: pywsgi's and gevent-websocket's handlers, put under bounds.

    head (deadline) ──► gate ──┬──► refusal, as JSON
                               ├──► /ws: 101, then the connection is a tab
                               └──► body (deadline) ──► Bottle

pywsgi waits for ever for a head, for a body, for somebody to read an answer, and reads a refused
body to its end. Its own error answers carry none of our headers. All of that is mended here.
"""

import base64
import contextlib
import hashlib
import io
import logging
import socket
from typing import TYPE_CHECKING, Any

import gevent
from gevent.pywsgi import WSGIHandler
from geventwebsocket.handler import WebSocketHandler
from geventwebsocket.websocket import Stream

from engine.web import answers, gate
from engine.web.answers import INTERNAL, Refusal
from engine.web.head import BadHead, read_head
from engine.web.limits import LINGER_BYTES
from engine.web.websocket import WebSocket

if TYPE_CHECKING:
    from engine.web.server import Server

log = logging.getLogger(__name__)

BODY = "p2pchat.body"  # where in the environ the routes find the whole body

_NOT_HTTP = Refusal(400, "bad_request", "This is not a request that HTTP/1.1 knows.")
_TOO_SLOW = Refusal(408, "too_slow", "The request took too long to arrive.")
_LONG_LINE = Refusal(414, "too_long", "This address is too long.")
_HEAD_CODES = {400: "bad_request", 431: "too_long"}


class Handler(WebSocketHandler):  # type: ignore[misc]  # the library has no types
    """Serves one socket, request after request."""

    server: "Server"
    websocket: WebSocket

    def handle(self) -> None:
        # pywsgi sends head and body apart, and the body would wait 40 ms for an acknowledgement.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answered = False
        self._head_refusal = _NOT_HTTP
        # Of the whole head; None while none is awaited.
        self._deadline: gevent.Timeout | None = None
        super().handle()

    # The head

    def handle_one_request(self) -> Any:
        try:
            answer = super().handle_one_request()
        except gevent.Timeout as timeout:
            if timeout is not self._deadline:
                raise
            # Who said nothing at all is hung up on; who began is told.
            self._head_refusal = _TOO_SLOW
            answer = ("408", b"") if self.requestline else None
        finally:
            self._stop_deadline()
        if isinstance(answer, tuple):
            refusal = _LONG_LINE if answer[0] == "414" else self._head_refusal
            self._head_refusal = _NOT_HTTP
            return str(refusal.status), answers.raw(refusal, self.server.port)
        self._answered = True
        return answer

    def read_requestline(self) -> str:
        limits = self.server.limits
        self.requestline = ""
        self.socket.settimeout(None)
        if self._answered:
            # A browser keeps its connection for the next request: that is not a slow head yet.
            self._start_deadline(limits.idle_after)
            self.rfile.peek(1)
            self._stop_deadline()
        self._start_deadline(limits.head_after)
        self.requestline = super().read_requestline()
        return str(self.requestline)

    def read_request(self, raw_requestline: str) -> bool:
        super().read_request(raw_requestline)
        if self.request_version not in ("HTTP/1.1", "HTTP/1.0"):
            raise ValueError("an HTTP version of another time")
        self._stop_deadline()
        self.socket.settimeout(self.server.limits.send_after)
        return True

    def MessageClass(self, rfile: Any, *args: Any) -> Any:  # noqa: N802  # pywsgi's name
        return super().MessageClass(io.BytesIO(read_head(rfile)), *args)

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        if isinstance(ex, BadHead):
            self._head_refusal = Refusal(ex.status, _HEAD_CODES[ex.status], str(ex))
        return ("400", b"")

    # The request

    def handle_one_response(self) -> None:
        self.server.busy += 1
        try:
            super().handle_one_response()
        finally:
            self.server.busy -= 1

    def run_application(self) -> None:
        refusal = self._judge() or self._read_body()
        if refusal is not None:
            self._refuse(refusal)
        elif self.environ["PATH_INFO"] == gate.WEBSOCKET_PATH:
            super().run_application()
        else:
            WSGIHandler.run_application(self)
            if self._is_unread():  # nobody wanted the rest of it
                self.close_connection = True
                self._skip_body()
                self._linger()

    def _judge(self) -> Refusal | None:
        return gate.check(
            self.environ, port=self.server.port, caller_of=self.server.sessions.caller
        )

    def _read_body(self) -> Refusal | None:
        """Read it all before anything acts on it. The gate has bounded it."""
        if gate.is_streamed(self.environ["PATH_INFO"]):
            return None
        body = b""
        if self.content_length:
            try:
                with gevent.Timeout(self.server.limits.body_after) as deadline:
                    body = self.wsgi_input.read()
            except gevent.Timeout as timeout:
                if timeout is not deadline:
                    raise
                return _TOO_SLOW
            except OSError:
                return _NOT_HTTP  # the body ended too early
        self.environ[BODY] = body
        self.environ["wsgi.input"] = io.BytesIO(body)
        return None

    def _refuse(self, refusal: Refusal) -> None:
        body = refusal.body()
        headers = [
            *refusal.headers,
            ("Content-Type", answers.JSON_TYPE),
            ("Content-Length", str(len(body))),
        ]
        unread = self._is_unread()
        if unread:
            headers.append(("Connection", "close"))
            self._skip_body()
        self.start_response(answers.status_line(refusal.status), headers)
        self.write(b"" if self.command == "HEAD" else body)
        if unread:
            self._linger()

    def _is_unread(self) -> bool:
        position: int = self.wsgi_input.position
        return bool(self.wsgi_input.chunked_input) or position < (self.content_length or 0)

    def _skip_body(self) -> None:
        """pywsgi would wait for all of it."""
        self.wsgi_input.chunked_input = False
        self.wsgi_input.position = self.content_length or 0

    def _linger(self) -> None:
        """Read a little more: closed over unread bytes, the kernel would take our answer back."""
        left = LINGER_BYTES
        with (
            gevent.Timeout(self.server.limits.linger_after, False),  # type: ignore[arg-type]  # its stub
            contextlib.suppress(OSError),
        ):
            self.socket.shutdown(socket.SHUT_WR)
            while left > 0:
                data = self.socket.recv(min(left, 65_536))
                if not data:
                    break
                left -= len(data)

    # The answer

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Any:
        every = answers.security_headers(self.server.port)
        return super().start_response(status, [*headers, *every], exc_info)

    def handle_error(self, kind: Any, error: Any, trace: Any) -> None:
        """Our own fault: the log gets it all, the caller gets one sentence."""
        if issubclass(kind, gevent.GreenletExit):
            self.close_connection = True
            return
        if issubclass(kind, OSError):
            log.info("a browser's connection is lost: %s", kind.__name__)
            self.close_connection = True
            return
        log.error("a request failed", exc_info=(kind, error, trace))
        self.close_connection = True
        if not self.headers_sent:
            with contextlib.suppress(OSError):
                self._refuse(INTERNAL)

    def _send_error_response_if_possible(self, error_code: int) -> None:
        self.close_connection = True

    # The WebSocket

    def upgrade_connection(self) -> None:
        """Answer 101 and make our own socket; the gate has checked everything it needs."""
        accept = hashlib.sha1(  # noqa: S324  # the protocol's, no secret
            (self.environ["HTTP_SEC_WEBSOCKET_KEY"].strip() + self.GUID).encode("latin-1")
        )
        self.websocket = WebSocket(self.environ, Stream(self), self, limits=self.server.limits)
        self.environ["wsgi.websocket"] = self.websocket
        headers = [
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", base64.b64encode(accept.digest()).decode()),
            ("Sec-WebSocket-Protocol", gate.SUBPROTOCOL),
        ]
        self.start_response("101 Switching Protocols", headers)

    def run_websocket(self) -> None:
        # What came along with the request waits in rfile; from here on it is bypassed.
        self.socket.settimeout(0.0)
        early = self.rfile.read1(65_536) or b""
        self.socket.settimeout(None)
        self.server.live.serve(self.websocket, early)

    # The log

    @property
    def logger(self) -> logging.Logger:
        return log

    def log_request(self) -> None:
        """No access log: paths name people."""

    def log_error(self, msg: str, *args: Any) -> None:
        """What a caller got wrong is told to the caller."""

    def _start_deadline(self, seconds: float) -> None:
        self._deadline = gevent.Timeout.start_new(seconds)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.close()

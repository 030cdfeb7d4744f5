"""One WebSocket: the library's, with a bounded reader and a single writer.

    receive()   socket ──► FrameReader ──► texts            pings are answered on the way
    send()      frame ──► waiting (bounded) ──► write_all() ──► one sendall per loop turn

The library lets every greenlet call ``sendall``, which may yield half-way: two at once lose half of
their messages. Here a single greenlet writes, and everything queued in one turn of the loop leaves
in one call. A side that does not read is not waited for: it is told to try again, and dropped.
"""

import contextlib
import logging
import socket
import time
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import Event
from geventwebsocket.websocket import WebSocket as LibraryWebSocket

from engine.web import framing
from engine.web.framing import Binary, Closed, Failed, FrameReader, Pinged, Text
from engine.web.limits import MAX_WAITING, Limits

log = logging.getLogger(__name__)

RECV_SIZE = 64 * 1024  # bytes: several hundred commands


class WebSocket(LibraryWebSocket):  # type: ignore[misc]  # the library has no types
    """Made after the 101. One greenlet calls `receive`, another `write_all`; all may `send`."""

    closed: bool  # nothing can be sent any more
    raw_read: None
    raw_write: None

    def __init__(
        self,
        environ: dict[str, Any],
        stream: Any,
        handler: Any,
        *,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(environ, stream, handler)
        # The library's own way to the socket is closed, so that nobody can go around ours.
        self.raw_read = self.raw_write = None
        self._sock = handler.socket
        self._reader = FrameReader(clock=clock)
        self._limits = limits
        self._clock = clock
        self._heard_at = clock()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._ready = Event()
        self._close_sent = False
        self._goodbye = Event()  # theirs was heard, or never will be
        self._ended = Event()  # nothing more comes in
        self._over = False  # the socket is of no use any more

    def receive(self, early: bytes = b"") -> list[str]:
        """Wait for text messages; [] when it is over. ``early`` came along with the request."""
        texts: list[str] = []
        while not texts:
            received, early = early or self._recv(), b""
            if not received:
                self._end()
                break
            self._heard_at = self._clock()
            # After our own goodbye nothing is acted upon; only the other side's is waited for.
            if not self._reader.is_over:
                self._act(self._reader.receive_data(received), texts)
            if self.closed:
                texts.clear()
        return texts

    def send(self, text: str) -> None:
        """Queue one text message."""
        self.send_frames(framing.frame(framing.TEXT, text.encode()))

    def send_frames(self, frames: bytes) -> None:
        """Queue finished frames. A side that lags too far behind is dropped (1013)."""
        if self.closed:
            return
        if self._waiting_bytes + len(frames) > MAX_WAITING:
            log.info("a tab lags %d bytes behind and is dropped", self._waiting_bytes)
            self._waiting.clear()
            self._waiting_bytes = 0
            self.close(framing.TRY_AGAIN, "too slow")
        else:
            self._queue(frames)

    def close(self, code: int = framing.NORMAL, reason: str = "") -> None:
        """Say goodbye after what is queued. Returns at once; harmless when repeated."""
        if not self.closed:
            self._queue(framing.close_frame(code, reason))
            self.closed = True  # nothing is queued behind a close frame

    def give_up(self) -> None:
        """Close without a goodbye; reader and writer end at once."""
        self.closed = self._over = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._ready.set()

    def write_all(self) -> None:
        """Be the one writer, until the goodbye is sent or the socket is lost."""
        ping_at = self._clock() + self._limits.ping_every
        while not self._over and not self._close_sent:
            self._ready.wait(max(0.0, ping_at - self._clock()))
            self._ready.clear()
            now = self._clock()
            if now - self._heard_at >= self._limits.dead_after:
                log.info("a tab gave no sign of life and is dropped")
                self.give_up()
            elif now >= ping_at:
                ping_at = now + self._limits.ping_every
                self._queue(framing.frame(framing.PING, b""))
            self._flush()
        if not self._over:
            self._part()

    def _queue(self, frames: bytes) -> None:
        if not self.closed and not self._over:
            self._waiting.append(frames)
            self._waiting_bytes += len(frames)
            self._ready.set()

    def _flush(self) -> None:
        if not self._waiting or self._over:
            return
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        # Read before the send yields: a goodbye queued meanwhile is for the next round.
        goodbye = self.closed
        try:
            with gevent.Timeout(self._limits.send_after, TimeoutError()):
                self._sock.sendall(data)
        except OSError as error:
            log.info("a tab is lost: %s", type(error).__name__)
            self.give_up()
        self._close_sent = goodbye

    def _act(self, events: list[framing.Event], texts: list[str]) -> None:
        for event in events:
            match event:
                case Text(text):
                    texts.append(text)
                case Pinged(data):
                    self._queue(framing.frame(framing.PONG, data))
                case Binary():
                    self.close(framing.UNSUPPORTED, "text only")
                case Closed(code):
                    self.close(code)
                case Failed(code, reason):
                    log.info("a tab broke the rules: %s", reason)
                    self.close(code, reason)
        if self._reader.is_over:
            self._goodbye.set()

    def _part(self) -> None:
        """Our goodbye is out: wait for theirs, then for their end of the wire.

        Closing at once, with something still unread, would make the kernel throw our last words
        away.
        """
        with gevent.Timeout(self._limits.close_after, False):  # type: ignore[arg-type]  # its stub
            self._goodbye.wait()
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_WR)
            self._ended.wait()
        self.give_up()

    def _recv(self) -> bytes:
        try:
            data: bytes = self._sock.recv(RECV_SIZE)
        except OSError:
            data = b""  # a torn wire and its end are the same here
        return data

    def _end(self) -> None:
        """Nothing more will come in."""
        self._goodbye.set()
        self._ended.set()
        if not self.closed:
            self.give_up()

    def __del__(self) -> None:
        """The library's would write a close frame whenever the collector runs."""

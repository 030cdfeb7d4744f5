"""One TCP connection, kept alive by two greenlets.

    reader   sock.recv --> channel.receive_data --> session.receive --> on_heard(events)
    writer   queue --> channel.send --> channel.data_to_send --> sock.sendall

The protocol room decides what the bytes mean; this file moves them. A single writer owns
``sendall`` and the sealing: two greenlets could interleave frames, and nonce order must be wire
order. The first record of a loop turn goes at once; what comes while it is being sent shares the
next frames.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import gevent
from gevent import socket
from gevent.event import Event as Flag

from engine.protocol import channel as channels
from engine.protocol import records, session
from engine.protocol.admission import Slot
from engine.protocol.channel import Channel
from engine.protocol.errors import LocalProtocolError, NotOpen, RemoteProtocolError
from engine.protocol.session import Session
from identity import PeerId

log = logging.getLogger(__name__)

RECV_SIZE: Final = 256 << 10  # bytes: many frames in one system call
HANDSHAKE_WITHIN: Final = 10.0  # seconds for all of it
FIRST_MESSAGE_WITHIN: Final = 5.0  # seconds for the initiator's first message
FLUSH_WITHIN: Final = 2.0  # seconds a goodbye may take
SEND_WITHIN: Final = 45.0  # seconds one piece may wait for the peer to take it
MAX_QUEUED: Final = 16 << 20  # bytes for a peer that does not read: then the connection ends
RECORDS_AT_ONCE: Final = 256  # sealed together before the writer lets others run
PONG: Final = records.encode(records.Pong())


@dataclass(frozen=True, slots=True)
class Opened:
    """The channel is up and the peer proven; HELLO comes next."""

    peer: PeerId
    handshake_hash: bytes = field(repr=False)
    passed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """Always the last event. ``clean``: the peer said BYE. ``error``: what it did wrong, if so."""

    clean: bool
    error: RemoteProtocolError | None


Event = Opened | session.HelloHeard | session.Heard | session.PongHeard | Ended


class Connection:
    def __init__(
        self,
        sock: socket.socket,
        channel: Channel,
        *,
        on_heard: Callable[["Connection", list[Event]], None],
        clock: Callable[[], float],
    ) -> None:
        """``on_heard`` is called in the reader greenlet, once for all that one recv brought; what
        it waits for, the peer waits for too (that is the flow control). Raises OSError when the
        socket is dead already."""
        address = sock.getpeername()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.host = host_of(address)
        self.port: int = address[1]
        self.channel = channel
        self.session: Session | None = None
        self.order = 0  # set by whoever compares connections: which one is newer
        self.greeted_with: records.Hello | None = None  # our HELLO, before the session was open
        self.slot: Slot | None = None  # its place at the door, while it is a stranger
        self._sock = sock
        self._on_heard = on_heard
        self._clock = clock
        self._queue: deque[tuple[int, bytes]] = deque()
        self._queued = 0  # bytes in it
        self._owes_pong = False
        self._output = Flag()
        self._drained = Flag()
        self._drained.set()
        self._closing = False
        self._ended = False

    @property
    def peer(self) -> PeerId | None:
        return self.channel.peer

    @property
    def initiator(self) -> bool:
        return self.channel.initiator

    @property
    def is_open(self) -> bool:
        if self._closing or self._ended:
            return False
        return self.session is not None and self.session.is_open

    @property
    def is_closing(self) -> bool:
        return self._closing

    def send(self, *bodies: records.Body) -> None:
        """Queue records, in this order. A connection on its way out drops them: they stay due."""
        if self._closing or self._ended:
            return
        encoded = [records.encode(body) for body in bodies]
        self._queue.extend(encoded)
        self._queued += sum(len(body) for _kind, body in encoded)
        self._drained.clear()
        self._output.set()
        if self._queued > MAX_QUEUED:
            log.warning("%s does not read what it asked for", self.host)
            self.abort()

    def wait_until_sent(self) -> None:
        """Wait until all that was queued is on its way, or the connection is over. Who has much to
        send waits between its pieces, so that others get their turn."""
        self._drained.wait()

    def close(self) -> None:
        """Send what is queued, say BYE and end. Returns at once."""
        if not self._closing:
            if self.session is not None:
                self.send(records.Bye())
            self._closing = True
            self._output.set()

    def abort(self) -> None:
        """End at once and without a goodbye, whatever is under way."""
        self._closing = True
        self._sock.close()

    def run(self) -> None:
        """Serve the connection; return when it is over. The last event is Ended."""
        writer = gevent.spawn(self._write_loop)
        clean, error = False, None
        try:
            clean = self._read_loop()
        except RemoteProtocolError as what:
            error = what
        finally:
            self._ended = True
            self._drained.set()
            writer.kill()
            self._sock.close()
            self._on_heard(self, [Ended(clean, error)])

    # -- reading

    def _read_loop(self) -> bool:
        began = self._clock()
        if self.initiator:
            self.channel.start()
            self._output.set()
        while True:
            now = self._clock()
            if self.session is None:
                deadline = began + self._handshake_limit()
                if now >= deadline:
                    raise session.Silent("no handshake in time")
            else:
                if self.session.tick(now):
                    self.send(records.Ping())
                deadline = self.session.next_deadline()
            data = self._recv(max(0.01, deadline - now))
            if data is None:
                continue
            clean, over = self._receive(data)
            if over:
                return clean

    def _handshake_limit(self) -> float:
        # Only a whole first message buys the time for the rest: a single byte costs nothing.
        if self.initiator or self.channel.last_progress == "msg1":
            return HANDSHAKE_WITHIN
        return FIRST_MESSAGE_WITHIN

    def _recv(self, wait: float) -> bytes | None:
        """Bytes; b"" when the connection is over; None when none came in ``wait`` seconds."""
        # Not the socket's own time limit: the writer would share it.
        with gevent.Timeout(wait, False):  # type: ignore[arg-type]  # gevent's own idiom
            try:
                return self._sock.recv(RECV_SIZE)
            except OSError as error:
                log.debug("reading from %s ended: %s", self.host, error.strerror)
                return b""  # to the protocol a torn wire and a hung-up peer are the same
        return None

    def _receive(self, data: bytes) -> tuple[bool, bool]:
        """Hand on what ``data`` says; (the peer said BYE, it is over)."""
        events: list[Event] = []
        clean = over = False
        error: RemoteProtocolError | None = None
        for event in self.channel.receive_data(data):
            match event:
                case channels.Record():
                    try:
                        clean = self._receive_record(event, events)
                    except RemoteProtocolError as what:
                        error = what
                    over = clean or error is not None
                    if over:
                        break
                case channels.Opened(peer, handshake_hash, passed):
                    self.session = Session(initiator=self.initiator, now=self._clock())
                    events.append(Opened(peer, handshake_hash, passed))
                case channels.Closed(what):
                    error, over = what, True
        self._output.set()  # the handshake may have something to say
        if events:  # what came before a fault was honest, and is kept
            self._on_heard(self, events)
        if error is not None:
            raise error
        return clean, over

    def _receive_record(self, record: channels.Record, events: list[Event]) -> bool:
        assert self.session is not None, "the channel gives records only once it is open"
        heard = self.session.receive(record, self._clock())
        match heard:
            case session.PingHeard():
                # One answer to all that were asked meanwhile: who asks without reading the answers
                # must not fill our memory with them.
                self._owes_pong = True
            case session.ByeHeard():
                return True
            case None:
                pass
            case _:
                events.append(heard)
        return False

    # -- writing

    def _write_loop(self) -> None:
        try:
            self._write_all_there_is()
        except (OSError, NotOpen) as error:
            # The reader owns the end: hanging up wakes it.
            log.debug("writing to %s ended: %s", self.host, type(error).__name__)
        except LocalProtocolError:
            self._hang_up()
            raise
        self._hang_up()

    def _write_all_there_is(self) -> None:
        while True:
            self._output.wait()
            self._output.clear()
            while data := self._sealed():
                with gevent.Timeout(SEND_WITHIN, TimeoutError()):
                    self._sock.sendall(data)
            self._drained.set()
            if self._closing:
                return

    def _sealed(self) -> bytes:
        count = min(len(self._queue), RECORDS_AT_ONCE)
        batch = [self._queue.popleft() for _ in range(count)]
        self._queued -= sum(len(body) for _kind, body in batch)
        if self._owes_pong:
            self._owes_pong = False
            batch.append(PONG)  # behind what is queued first: a HELLO may be in it
        if batch:
            self.channel.send(batch)
        return self.channel.data_to_send()

    def _hang_up(self) -> None:
        how = socket.SHUT_WR if self._closing else socket.SHUT_RDWR
        try:
            self._sock.shutdown(how)
        except OSError:
            return  # it is gone already
        if self._closing:
            gevent.sleep(FLUSH_WITHIN)  # the peer hangs up, and the reader ends us; else we do
            self._sock.close()


def host_of(address: tuple[Any, ...]) -> str:
    """Where a socket's other end is, so that it can be dialled: an IPv4 address that came in
    through an IPv6 socket as people write it, a link-local one with its network card."""
    host: str = address[0]
    if "." in host:
        return host.removeprefix("::ffff:")
    scope = address[3] if len(address) > 3 else 0
    return f"{host}%{scope}" if scope and "%" not in host else host

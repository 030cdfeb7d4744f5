"""The other end of a connection, played by the test: it says what it likes, at the time it likes.

Talker.dial(port)            a peer that called us      .say() .say_raw() .hear()
DoorOf(identity).meet()      a peer that we call        .hang_up() .reset() .is_over()
"""

import struct
from collections import deque
from collections.abc import Callable
from typing import TypeVar

import gevent
from gevent import socket

from engine.protocol import records
from engine.protocol.channel import ZERO_PASS, Channel, Closed, Opened, Record
from engine.protocol.invite import HostPort
from identity import Identity, PeerId

T = TypeVar("T", bound=records.Body)

HEARD_WITHIN = 10.0  # seconds; a limit against hanging, nothing is measured by it
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset
STREAM = b"a stream"


def hello(**changes) -> records.Hello:
    """What a stranger says first."""
    words = {
        "stream": STREAM,
        "accepts": False,
        "port": 0,
        "name": "Talker",
        "knock_pass": b"",
        "your_stream": records.NO_STREAM,
        "your_position": 0,
    }
    return records.Hello(**(words | changes))


def listen(host: str = "127.0.0.1", backlog: int = 16) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.bind((host, 0))
    sock.listen(backlog)
    return sock


def place_of(sock: socket.socket) -> HostPort:
    """Where a listening socket is reached."""
    return HostPort(*sock.getsockname()[:2])


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of one TCP connection on this machine."""
    with listen() as door:
        one = socket.create_connection(door.getsockname())
        other, _ = door.accept()
    return one, other


class NoHandshake(Exception):
    """One of the two does not want the other."""


_open: list[socket.socket] = []


def hang_up_all() -> None:
    """At the end of a test: talkers leave and doors are closed."""
    while _open:
        _open.pop().close()


class Talker:
    """One connection, from the handshake on, with nothing done by itself."""

    def __init__(self, sock: socket.socket, channel: Channel, me: Identity) -> None:
        self.me = me
        self.sock = sock
        self.channel = channel
        self.heard_ever: list[records.Body | None] = []
        self._heard: deque[records.Body | None] = deque()
        self._over = False
        _open.append(sock)

    @classmethod
    def dial(
        cls,
        port: int,
        me: Identity,
        *,
        host: str = "127.0.0.1",
        expected: PeerId | None = None,
        knock_pass: bytes = ZERO_PASS,
    ) -> "Talker":
        """Call, and shake hands. Raises NoHandshake."""
        talker = cls(
            socket.create_connection((host, port)),
            Channel(identity=me, initiator=True, expected=expected, knock_pass=knock_pass),
            me,
        )
        talker.channel.start()
        return talker.shake_hands()

    def shake_hands(self) -> "Talker":
        while self.channel.peer is None:
            self._flush()
            if not self._listen():
                self.hang_up()
                raise NoHandshake
        self._flush()
        return self

    @property
    def address(self) -> str:
        return self.me.peer.address

    @property
    def peer(self) -> PeerId:
        assert self.channel.peer is not None
        return self.channel.peer

    def say(self, *bodies: records.Body) -> None:
        self.say_raw(*(records.encode(body) for body in bodies))

    def say_raw(self, *pairs: tuple[int, bytes]) -> None:
        """Records of any type and body, in frames that are in order."""
        self.channel.send(pairs)
        self._flush()

    def open(self, **changes) -> records.Hello:
        """Exchange HELLOs; theirs."""
        if not self.channel.initiator:
            self.say(hello(**changes))
        theirs = self.hear(records.Hello)
        if self.channel.initiator:
            self.say(hello(**changes))
        return theirs

    def hear(self, kind: type[T], *, answer_pings: bool = True) -> T:
        """The next record of this kind; others are passed over."""
        while True:
            while self._heard:
                body = self._heard.popleft()
                if isinstance(body, kind):
                    return body
                if isinstance(body, records.Ping) and answer_pings:
                    self.say(records.Pong())
            assert self._listen(), f"over before a {kind.__name__} came"

    def hear_all(self) -> list[records.Body | None]:
        """Everything until the other side ends the connection."""
        while self._listen():
            pass
        heard = list(self._heard)
        self._heard.clear()
        return heard

    def is_over(self) -> bool:
        """Wait for the other side to end it."""
        self.hear_all()
        return True

    def is_understood(self) -> bool:
        """The other side still answers, and is done with all that was said before."""
        for _ in range(2):  # an answer may overtake what came with its question, but not the next
            self.say(records.Ping())
            self.hear(records.Pong)
        return True

    def hang_up(self) -> None:
        """Without a goodbye, after everything that was said."""
        self.sock.close()

    def reset(self) -> None:
        """As when a cable is pulled and put back: what was under way is gone."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.sock.close()

    def _flush(self) -> None:
        data = self.channel.data_to_send()
        if data:
            self.sock.sendall(data)

    def _listen(self) -> bool:
        """Take what the network brings next; False when it is over."""
        if self._over:
            return False
        with gevent.Timeout(HEARD_WITHIN, AssertionError("the other side says nothing")):
            try:
                data = self.sock.recv(1 << 18)
            except OSError:
                data = b""
        for event in self.channel.receive_data(data):
            match event:
                case Record():
                    body = records.decode(event.type, event.body)
                    self._heard.append(body)
                    self.heard_ever.append(body)
                case Opened():
                    pass
                case Closed():
                    self._over = True
        return not self._over


class DoorOf:
    """A listening peer; ``meet`` takes the next one who calls."""

    def __init__(
        self,
        me: Identity,
        *,
        passes: Callable[[], tuple[bytes, ...]] = lambda: (ZERO_PASS,),
        host: str = "127.0.0.1",
    ) -> None:
        self.me = me
        self._passes = passes
        self._sock = listen(host)
        self.place = place_of(self._sock)
        _open.append(self._sock)

    def meet(self) -> Talker:
        """Raises NoHandshake."""
        with gevent.Timeout(HEARD_WITHIN, AssertionError("nobody calls")):
            sock, _ = self._sock.accept()
        channel = Channel(identity=self.me, initiator=False, passes=self._passes)
        return Talker(sock, channel, self.me).shake_hands()

    def close(self) -> None:
        self._sock.close()

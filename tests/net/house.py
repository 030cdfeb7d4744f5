"""The net room of one program, with a pretend room above it that writes down what it is told."""

from collections.abc import Callable, Iterable, Sequence
from time import monotonic

from engine.net.connection import Connection
from engine.net.peers import Peers
from engine.net.redial import NO_PASS
from engine.protocol import records
from engine.protocol.invite import HostPort
from engine.protocol.session import Heard
from identity import Identity, PeerId
from tests.helpers import person, until
from tests.net.talking import hello


class House:
    """Somebody's ``Peers``; the house itself is its Upstairs."""

    def __init__(self, number: int, *, clock: Callable[[], float] = monotonic) -> None:
        self.me: Identity = person(number)
        self.peers = Peers(self.me, self, clock=clock)
        self.port = self.peers.listen("127.0.0.1", 0, port_was_asked=True)
        self.known_passes: tuple[bytes, ...] = (NO_PASS,)
        self.stream = b"stream %d" % (number % 10)
        self.opened: list[Connection] = []
        self.said: list[tuple[PeerId, records.Body]] = []
        self.hellos: list[records.Hello] = []
        self.closed: list[PeerId] = []
        self.twice: list[PeerId] = []
        self.over: list[Connection] = []
        self.knocks: list[tuple[PeerId, bytes]] = []
        self.on_heard: Callable[[Connection], None] = lambda _connection: None

    @property
    def peer(self) -> PeerId:
        return self.me.peer

    @property
    def place(self) -> HostPort:
        return HostPort("127.0.0.1", self.port)

    def dial(
        self, place: HostPort, *, expected: PeerId | None = None, knock_pass: bytes = NO_PASS
    ) -> tuple[Connection, records.Hello]:
        return self.peers.dial(place, expected=expected, knock_pass=knock_pass)

    def calls(self, other: "House") -> Connection:
        """Wait until both have opened the connection."""
        opened = len(other.opened)
        connection, _ = self.dial(other.place, expected=other.peer)
        until(lambda: len(other.opened) > opened)
        return connection

    def everyone(self) -> set[Connection]:
        return self.peers._everyone

    # -- Upstairs

    def passes(self) -> Iterable[bytes]:
        return self.known_passes

    def knocked(self, peer: PeerId, passed: bytes) -> None:
        self.knocks.append((peer, passed))

    def hello_for(self, peer: PeerId) -> records.Hello:
        return hello(stream=self.stream, port=self.port, name=f"house for {peer.short}")

    def is_known_host(self, host: str) -> bool:
        return False

    def link_opened(self, connection: Connection, hello: records.Hello) -> None:
        self.opened.append(connection)

    def hello_changed(self, connection: Connection, hello: records.Hello) -> None:
        self.hellos.append(hello)

    def heard(self, connection: Connection, said: Sequence[Heard]) -> None:
        self.on_heard(connection)
        assert connection.peer is not None
        self.said += [(connection.peer, one.record) for one in said]

    def link_closed(self, peer: PeerId) -> None:
        self.closed.append(peer)

    def connection_over(self, connection: Connection) -> None:
        self.over.append(connection)

    def runs_twice(self, peer: PeerId) -> None:
        self.twice.append(peer)

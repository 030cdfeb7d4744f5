"""People whose whole programs run in this process, and a wire between them that can be damaged.

alice, bob = people("Alice", "Bob")        become_friends(alice, bob)
alice.says(bob, "hi")    bob.read(alice)   alice.restart()    alice.cut(bob)
wire = Wire(bob)         alice.meets(wire)  wire.hold()        wire.cut()
"""

import os
import socket as plain_socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import gevent
from gevent import socket
from gevent.server import StreamServer

from engine.chat import events
from engine.chat.errors import Refused
from engine.chat.node import Node
from engine.chat.views import Connected, Message, Person
from engine.net.connection import Connection
from engine.protocol import records
from engine.store import database
from identity import Identity, PeerId
from tests.helpers import person, until
from tests.net.talking import Talker, hello

E = TypeVar("E", bound=events.Event)

A_LITTLE: float = 0.01  # of each wait before redialling: soon, and not in a tight loop
# Below those that the system gives to outgoing connections; apart from another run of the tests.
_PORTS = (20_000 + number % 12_000 for number in count(os.getpid() * 997))


def free_port() -> int:
    """A port that stays ours over a restart: no outgoing connection is given it meanwhile."""
    for port in _PORTS:
        with plain_socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


class Someone:
    """One person: their program, and every event since it was made."""

    node: Node

    def __init__(self, folder: Path, number: int, name: str, **options: Any) -> None:
        self.me: Identity = person(number)
        self.name = name
        self.folder = folder
        self.port = free_port()
        self.events: list[events.Event] = []
        self._options: dict[str, Any] = {"jitter": lambda: A_LITTLE} | options
        self._running = False
        self.start()
        self.node.set_name(name)

    # -- their program

    def start(self) -> None:
        assert not self._running
        database_path = self.folder / f"{self.name}.db"
        self.node = Node(self.me, database_path, **self._options)
        self._told = self.node.subscribe()
        self._running = True
        self.node.start("127.0.0.1", self.port, port_was_asked=True)

    def stop(self) -> None:
        if self._running:
            self._running = False
            self.node.stop()
            self.hear()

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def address(self) -> str:
        return self.me.peer.address

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    # -- what they do and see

    def meets(self, other: "Someone | Wire", text: str = "") -> Connected:
        return self.node.connect(other.place, text)

    def accepts(self, other: "Someone | Talker") -> None:
        self.node.answer_request(other.address, "accept")

    def says(self, other: "Someone", text: str, **options: Any) -> Message:
        return self.node.send(other.address, text, **options)

    def history(self, other: "Someone") -> list[Message]:
        """All messages, oldest first."""
        pages = self.node.messages(other.address, limit=200)
        while page := pages and self.node.messages(other.address, before=pages[0].id, limit=200):
            pages = page + pages
        return pages

    def read(self, other: "Someone") -> list[str]:
        return [message.text for message in self.history(other)]

    def states(self, other: "Someone") -> list[str]:
        """Of their own messages, oldest first."""
        return [message.state for message in self.history(other) if message.own]

    def sees(self, other: "Someone | Talker") -> Person | None:
        people = self.node.people()
        return next((one for one in people if one.address == other.address), None)

    def asked_by(self) -> list[str]:
        return [request.name for request in self.node.requests()]

    def hear(self, kind: type[E] = events.Event) -> list[E]:  # type: ignore[assignment]
        """Every event of this kind until now."""
        self.events += self._told.get(timeout=0)
        return [event for event in self.events if isinstance(event, kind)]

    # -- below the floor

    def link(self, other: "Someone | Talker | Identity") -> Connection | None:
        return self.node._peers.link(_peer(other))

    def connections(self, other: "Someone | Talker | Identity") -> list[Connection]:
        """All there are, the links and those on their way out."""
        return [one for one in self.node._peers._everyone if one.peer == _peer(other)]

    def is_linked(self, other: "Someone | Talker | Identity") -> bool:
        link = self.link(other)
        return link is not None and link.is_open

    def cut(self, other: "Someone | Talker") -> None:
        """Every connection with them breaks, without a goodbye."""
        for connection in self.connections(other):
            break_off(connection)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Every commit fails as on a full disk."""

        def fail(_db: Any, batch: list[Any]) -> None:
            for job in batch:
                job.outcome = (None, database.StoreFull("the disk is full"))

        commit = database._commit
        mine = self.node._database._writer

        def choose(db: Any, batch: list[Any]) -> None:
            (fail if db is mine else commit)(db, batch)

        database._commit = choose
        try:
            yield
        finally:
            database._commit = commit


def break_off(connection: Connection) -> None:
    with suppress(OSError):  # it was broken already
        connection._sock.shutdown(socket.SHUT_RDWR)


def become_friends(one: Someone, other: Someone, text: str = "") -> None:
    """Contacts of each other, linked by one connection, with nothing under way."""
    one.meets(other, text)
    until(lambda: one.name in other.asked_by())
    other.accepts(one)
    until(lambda: one.sees(other).contact and one.is_linked(other) and other.is_linked(one))
    until(lambda: set(one.states(other)) <= {"delivered"})


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Begin them all before any of them waits; what each came to, which may be a Refused."""

    def outcome(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Refused as refused:
            return refused

    running = [gevent.spawn(outcome, act) for act in acts]
    gevent.joinall(running, raise_error=True)
    return [one.value for one in running]


def agree(one: Someone, other: Someone) -> bool:
    """Both see the same messages in the same order."""
    mine = [(message.id, message.text) for message in one.history(other)]
    return mine == [(message.id, message.text) for message in other.history(one)]


def stranger(someone: Someone, number: int, **words: Any) -> Talker:
    """Somebody unknown, played by the test, who has said hello to ``someone``."""
    talker = Talker.dial(someone.port, person(number))
    talker.open(**words)
    until(lambda: someone.is_linked(talker))
    return talker


def calls_again(someone: Someone, number: int, **words: Any) -> Talker:
    """A contact, played by the test, who comes back."""
    talker = Talker.dial(someone.port, person(number))
    talker.open(**({"accepts": True} | words))
    until(lambda: someone.is_linked(talker))
    return talker


def friend(someone: Someone, number: int, **words: Any) -> Talker:
    """A contact, played by the test: asked, accepted, greeted, and ready to talk."""
    talker = stranger(someone, number, **words)
    talker.say(records.Request(bytes(16), 1, 0, "Talker", ""))
    until(someone.node.requests)
    someone.node.answer_request(talker.address, "accept")
    assert talker.hear(records.Hello).accepts
    talker.say(hello(accepts=True, **words))
    assert talker.is_understood()
    return talker


class Wire:
    """A way to somebody that can go dead (``hold``) or break (``cut``)."""

    def __init__(self, target: Someone) -> None:
        self._target = target
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._held_there = self._held_back = False
        self._server = StreamServer(("127.0.0.1", free_port()), self._carry)
        self._server.start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    def hold(self, *, back_only: bool = False) -> None:
        """Let nothing through any more (or nothing from the target), and nobody notices."""
        self._held_back = True
        self._held_there = not back_only

    def cut(self) -> None:
        """What was under way is gone; the next to call finds a good wire."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for sock in pair:
                sock.close()
        self._held_there = self._held_back = False

    def close(self) -> None:
        self._server.stop()
        self.cut()

    def _carry(self, near: socket.socket, _address: Any) -> None:
        far = socket.create_connection(("127.0.0.1", self._target.port))
        self._pairs.append((near, far))
        there = gevent.spawn(self._pass_on, near, far, lambda: self._held_there)
        back = gevent.spawn(self._pass_on, far, near, lambda: self._held_back)
        gevent.joinall([there, back])
        far.close()

    def _pass_on(
        self, source: socket.socket, sink: socket.socket, is_held: Callable[[], bool]
    ) -> None:
        try:
            while data := source.recv(1 << 16):
                if not is_held():
                    sink.sendall(data)
            if not is_held():
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            return


def _peer(who: Someone | Talker | Identity) -> PeerId:
    return who.peer if isinstance(who, Identity) else who.me.peer

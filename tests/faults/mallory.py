"""Mallory between two programs: with keys of her own, she plays each to the other.

    Alice's program <--channel--> Mallory <--channel--> Bob's program

She listens where Alice believes Bob to be. What she opens on one side she seals on the other, but
for emoji: those stand for a channel, so she compares with each as well as she can. She keeps every
byte of the network and every record that she could read.
"""

import os
import selectors
import socket
import threading
from dataclasses import dataclass, field

from engine.protocol import records
from engine.protocol.channel import Channel, Closed, Opened, Record
from engine.protocol.sas import Sas
from engine.protocol.sas_records import NONCE_SIZE, SasEnd, SasRecord, SasStart
from identity import Identity


@dataclass
class _Side:
    sock: socket.socket
    channel: Channel
    waiting: list[tuple[int, bytes]] = field(default_factory=list)
    sas: Sas | None = None
    other: "_Side | None" = None


class Mallory:
    """Runs in a thread from ``start`` to ``stop``."""

    def __init__(self, me: Identity, victim_port: int, *, port: int = 0) -> None:
        self.me = me
        self.captured = bytearray()  # what crossed the network, both sides
        self.read: list[records.Body | None] = []  # what she could open
        self.met = 0  # of those who called, how many told her who they are
        self.called = 0  # connections that came in
        self._victim_port = victim_port
        self._door = socket.create_server(("127.0.0.1", port))
        self.place = f"127.0.0.1:{self._door.getsockname()[1]}"
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._door, selectors.EVENT_READ, None)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Mallory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(5)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def texts(self) -> list[bytes]:
        return [body.body for body in self.read if isinstance(body, records.Message)]

    def _run(self) -> None:
        while not self._over.is_set():
            for key, _events in self._selector.select(timeout=0.05):
                if key.data is None:
                    self._meet()
                else:
                    self._hear(key.data)

    def _meet(self) -> None:
        sock, _ = self._door.accept()
        self.called += 1
        hers = _Side(sock, Channel(identity=self.me, initiator=False))
        there = socket.create_connection(("127.0.0.1", self._victim_port))
        his = _Side(there, Channel(identity=self.me, initiator=True))
        hers.other, his.other = his, hers
        his.channel.start()
        for side in (hers, his):
            self._flush(side)
            self._selector.register(side.sock, selectors.EVENT_READ, side)

    def _hear(self, side: _Side) -> None:
        try:
            data = side.sock.recv(1 << 16)
        except OSError:
            data = b""
        self.captured += data
        for event in side.channel.receive_data(data):
            match event:
                case Opened():
                    self.met += not side.channel.initiator
                case Record():
                    self._pass_on(side, event)
                case Closed():
                    self._end(side)
                    return
        self._flush(side)
        if side.channel.peer is not None and side.waiting:
            pairs, side.waiting = side.waiting, []
            self._say(side, pairs)

    def _pass_on(self, side: _Side, record: Record) -> None:
        body = records.decode(record.type, record.body)
        self.read.append(body)
        assert side.other is not None
        if isinstance(body, SasRecord):
            self._compare(side, body)
        else:
            self._say(side.other, [(record.type, record.body)])

    def _compare(self, side: _Side, body: SasRecord) -> None:
        """Each sees emoji, but with her; that somebody saw others is not passed on."""
        assert side.other is not None
        if isinstance(body, SasEnd):
            return
        if isinstance(body, SasStart):
            self._machine(side.other).start()
            self._say_sas(side.other)
        self._machine(side).receive(body)
        self._say_sas(side)

    def _machine(self, side: _Side) -> Sas:
        if side.sas is None:
            assert side.channel.peer is not None
            side.sas = Sas(
                me=self.me.peer,
                peer=side.channel.peer,
                handshake_hash=side.channel.handshake_hash,
                new_nonce=lambda: os.urandom(NONCE_SIZE),
            )
        return side.sas

    def _say_sas(self, side: _Side) -> None:
        self._say(side, [records.encode(one) for one in self._machine(side).records_to_send()])

    def _say(self, side: _Side, pairs: list[tuple[int, bytes]]) -> None:
        if side.channel.peer is None:
            side.waiting += pairs
        elif pairs:
            side.channel.send(pairs)
            self._flush(side)

    def _flush(self, side: _Side) -> None:
        data = side.channel.data_to_send()
        self.captured += data
        if data:
            side.sock.sendall(data)

    def _end(self, side: _Side) -> None:
        for one in (side, side.other):
            assert one is not None
            if one.sock.fileno() != -1:
                self._selector.unregister(one.sock)
                one.sock.close()

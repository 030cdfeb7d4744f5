"""mDNS by hand: packets written and read with nothing but struct, and everything that passes by.

Another implementation than the one under test, and one that can lie.
"""

import select
import socket
import struct
import threading
from collections.abc import Sequence
from contextlib import suppress

from tests.net.namespaces import CARD, Namespace

GROUP, PORT = "224.0.0.251", 5353
TYPE = "_p2pchat._tcp.local"
A, PTR, TXT, AAAA, SRV = 1, 12, 16, 28, 33
IN, FLUSH = 1, 0x8001


def name(text: str) -> bytes:
    labels = [label.encode() for label in text.strip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner: bytes, kind: int, klass: int, life: int, data: bytes) -> bytes:
    return owner + struct.pack(">HHIH", kind, klass, life, len(data)) + data


def message(
    flags: int, questions: Sequence[tuple[bytes, int]], answers: Sequence[bytes] = ()
) -> bytes:
    head = struct.pack(">6H", 0, flags, len(questions), len(answers), 0, 0)
    asked = b"".join(owner + struct.pack(">2H", kind, IN) for owner, kind in questions)
    return head + asked + b"".join(answers)


def announcement(
    instance: str,
    address: str,
    txt: Sequence[bytes],
    *,
    port: int = 6000,
    life: int = 120,
    more: Sequence[bytes] = (),
) -> bytes:
    """All that there is to say of one service, in one packet."""
    service = bytes([len(instance.encode())]) + instance.encode() + name(TYPE)
    host = name(f"{instance}.local")
    answers = [
        record(name(TYPE), PTR, IN, life, service),
        record(service, SRV, FLUSH, life, struct.pack(">HHH", 0, 0, port) + host),
        record(service, TXT, FLUSH, life, b"".join(bytes([len(one)]) + one for one in txt)),
        record(host, A, FLUSH, life, socket.inet_aton(address)),
    ]
    return message(0x8400, [], [*answers, *more])


def question(instance: str = "", kind: int = PTR) -> bytes:
    return message(0, [(name(f"{instance}.{TYPE}" if instance else TYPE), kind)])


class Speaker:
    """A socket that says by multicast what it is given, from an address of the namespace."""

    def __init__(self, space: Namespace, address: str) -> None:
        self._socket = space.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.setsockopt(
            socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address)
        )
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        self._socket.bind((address, PORT))

    def say(self, packet: bytes) -> None:
        self._socket.sendto(packet, (GROUP, PORT))

    def close(self) -> None:
        self._socket.close()


class Wire:
    """Everything that passes the cable at one end of it, from now until ``close``."""

    EVERYTHING = 0x0003  # ETH_P_ALL

    def __init__(self, space: Namespace) -> None:
        # The protocol stands there in network order.
        self._socket = space.socket(
            socket.AF_PACKET, socket.SOCK_RAW, socket.htons(self.EVERYTHING)
        )
        self._socket.bind((CARD, self.EVERYTHING))
        self._socket.setblocking(False)
        self._frames: list[bytes] = []
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    @property
    def frames(self) -> list[bytes]:
        """All that passed until now."""
        self._take()
        return list(self._frames)

    def count(self, text: bytes) -> int:
        """How many frames hold these bytes, in upper or lower case."""
        return sum(text.lower() in frame.lower() for frame in self.frames)

    def close(self) -> None:
        self._closed.set()
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            select.select([self._socket], [], [], 0.1)
            self._take()

    def _take(self) -> None:
        with self._lock, suppress(BlockingIOError):
            while True:
                self._frames.append(self._socket.recv(65_535))

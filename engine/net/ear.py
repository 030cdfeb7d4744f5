"""What to make of each mDNS packet: most are nothing to us, some are lies, a few are news.

    packet --> ours at all? --> from this network? --> not too many? --> read
                 question --> zeroconf answers, when we are announced
                 answer   --> neighbours

zeroconf reads and writes the packets, and answers for us. It is not given the answers of others:
its cache would hold ten thousand records of anybody's making, where the table of neighbours has
room for two hundred. Our own answers, which come back to us, it is given: by them it knows what
it said a moment ago, and does not say it again.
"""

import asyncio
import ipaddress
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from zeroconf import (  # type: ignore[attr-defined]  # public, but not in its __all__
    DNSAddress,
    DNSIncoming,
    DNSPointer,
    DNSService,
    DNSText,
)

from engine.net.announcements import HostAddress, Pointer, Record, Service, Text
from engine.net.interfaces import Address
from engine.net.neighbours import Neighbours
from engine.protocol.bucket import Bucket, HostBuckets

TYPE: Final = "_p2pchat._tcp.local."
SRV: Final = 33  # record types and classes are numbers of the DNS (RFC 1035, RFC 2782)
CLASS_IN: Final = 1

MAX_PACKET: Final = 9_000  # bytes (RFC 6762, section 17)
MAX_RECORDS: Final = 100  # in one packet
MAX_QUESTIONS: Final = 64
PACKETS_PER_SECOND, PACKETS_AT_ONCE = 300.0, 900.0  # worth reading, from everybody
SOURCE_PER_SECOND, SOURCE_AT_ONCE = 20.0, 60.0  # from one address
OWN_REMEMBERED: Final = 4  # announcements of ours, the latest
_LABELS: Final = (b"_p2pchat", b"_dns-sd")  # one of them stands in each packet that matters

Forward = Callable[[bytes, tuple[Any, ...]], None]


class Own:
    """The names and addresses we go by on this network; names in lower case."""

    def __init__(self) -> None:
        # Those of before, too: what we said under them may still be on its way back to us.
        self.instances: deque[str] = deque(maxlen=OWN_REMEMBERED)
        self.hosts: deque[str] = deque(maxlen=OWN_REMEMBERED)
        self.addresses: frozenset[Address] = frozenset()

    def remember(self, instance: str, host: str) -> None:
        self.instances.append(instance.lower())
        self.hosts.append(host.lower())


class Ear:
    def __init__(
        self,
        neighbours: Neighbours,
        own: Own,
        *,
        on_heard: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``on_heard`` is called after each packet that the neighbours were told of."""
        self._neighbours = neighbours
        self._own = own
        self._on_heard = on_heard
        self._clock = clock
        self._all = Bucket(rate=PACKETS_PER_SECOND, burst=PACKETS_AT_ONCE, now=clock())
        self._sources = HostBuckets(rate=SOURCE_PER_SECOND, burst=SOURCE_AT_ONCE)

    def hear(self, data: bytes, sender: tuple[Any, ...], forward: Forward) -> None:
        """Take a packet. ``forward`` gives it to zeroconf. Raises nothing, whatever comes."""
        if len(data) > MAX_PACKET or not self._matters(data):
            return
        source, scope = _address(sender[0]), sender[3] if len(sender) > 3 else 0
        # A socket for IPv6 may hear IPv4 as well, which the other one hears already.
        if source is None or not self._neighbours.is_near(source, scope):
            return
        now = self._clock()
        if not self._sources.take(sender[0], now) or not self._all.take(now):
            return
        message = DNSIncoming(data, sender[:2], scope or None)
        if not message.valid:
            return
        if message.is_query():
            self._hear_query(message, data, sender, forward, now)
            return
        answers = message.answers()
        if len(answers) > MAX_RECORDS:
            return
        if source in self._own.addresses and all(map(self._is_own, answers)):
            forward(data, sender)
            return
        records = [record for answer in answers if (record := _record(answer, scope)) is not None]
        if records:
            self._neighbours.hear(records, source, now)
            self._on_heard()

    def _matters(self, data: bytes) -> bool:
        text = data.lower()
        if any(label in text for label in _LABELS):
            return True
        return any(host.partition(".")[0].encode() in text for host in self._own.hosts)

    def _hear_query(
        self,
        message: DNSIncoming,
        data: bytes,
        sender: tuple[Any, ...],
        forward: Forward,
        now: float,
    ) -> None:
        if len(message.questions) > MAX_QUESTIONS:
            return
        for question in message.questions:
            if question.type == SRV and (instance := _instance(question.name)):
                self._neighbours.heard_question(instance, now)
        if self._own.instances:
            forward(data, sender)

    def _is_own(self, answer: Any) -> bool:
        match answer:
            case DNSPointer():
                return _instance(answer.alias).lower() in self._own.instances
            case DNSService() | DNSText():
                return _instance(answer.name).lower() in self._own.instances
            case _:
                return answer.name.lower() in self._own.hosts


class ListeningLoop(asyncio.SelectorEventLoop):
    """An event loop on which everything that listens for datagrams listens through an Ear."""

    ear: Ear

    async def create_datagram_endpoint(  # type: ignore[override]  # zeroconf's way of calling it
        self, protocol_factory: Callable[[], asyncio.DatagramProtocol], **options: Any
    ) -> tuple[asyncio.DatagramTransport, asyncio.DatagramProtocol]:
        inner = protocol_factory()
        transport, _ = await super().create_datagram_endpoint(
            lambda: _Listener(self.ear, inner), **options
        )
        return transport, inner


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, ear: Ear, inner: asyncio.DatagramProtocol) -> None:
        self._ear = ear
        self._inner = inner

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inner.connection_made(transport)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._ear.hear(data, addr, self._inner.datagram_received)

    def error_received(self, exc: Exception) -> None:
        """Nothing: where multicast is forbidden, that is silence, and no error of ours."""


def _record(answer: Any, scope: int) -> Record | None:
    life = float(answer.ttl)
    match answer:
        case DNSPointer() if answer.name.lower() == TYPE:
            instance = _instance(answer.alias)
            return Pointer(instance, life) if instance else None
        case DNSService() if instance := _instance(answer.name):
            return Service(instance, answer.server, answer.port, life)
        case DNSText() if instance := _instance(answer.name):
            return Text(instance, answer.text, life)
        case DNSAddress():
            address = _address(answer.address)
            if address is not None:
                is_local = address.version == 6 and address.is_link_local
                return HostAddress(answer.name, address, scope if is_local else 0, life)
    return None


def _instance(name: str) -> str:
    """The first part of a service's name; empty when it is no name of our kind."""
    end = len(name) - len(TYPE) - 1
    return name[:end] if end > 0 and name[end:].lower() == "." + TYPE else ""


@lru_cache(maxsize=1_024)
def _address(text: str | bytes) -> Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0] if isinstance(text, str) else text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return None
    return address

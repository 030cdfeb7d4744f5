"""Does multicast work here? Say something on each card, hear oneself say it, and hear who answers.

    us ---- who is here? ----> 224.0.0.251, ff02::fb     every card by itself
    us <--- our own copy ----- this computer             its firewall lets mDNS in
    us <--- an answer -------- anybody                   the network carries it

The question is one that printers, telephones and nearly every other thing with mDNS answers (RFC
6763, section 9), and one about p2pchat, which only other programs of our kind do. Our own copy
comes back inside this computer: it says nothing of the network.
"""

import errno
import ipaddress
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from typing import Final

import gevent
from gevent import socket

from engine.net.interfaces import Address, Interface

MDNS_PORT: Final = 5353
MDNS_GROUPS: Final[Mapping[int, Address]] = {
    4: ipaddress.ip_address("224.0.0.251"),
    6: ipaddress.ip_address("ff02::fb"),
}
LISTEN_FOR: Final = 2.0  # seconds; answers are due within 120 ms, radio may need longer
ASK_AT: Final = (0.0, 0.7)  # seconds: radio loses some
MAX_PACKET: Final = 9_000  # bytes (RFC 6762, section 17)
TTL: Final = 255
TOKEN_SIZE: Final = 8  # random bytes
_PTR, _TXT, _IN = 12, 16, 1
_NAMES: Final = ("_services._dns-sd._udp.local", "_p2pchat._tcp.local")
_IS_ANSWER: Final = 0x80  # in the third byte


class Echo(Enum):
    """What became of our own words on a card."""

    HEARD = "heard"
    SILENT = "silent"
    FORBIDDEN = "forbidden"  # the system refused to send it
    FAILED = "failed"  # it could not be tried


@dataclass(frozen=True, slots=True)
class Multicast:
    """``echoes``: one for each card and kind of address. ``others``: anybody else was heard;
    ``others_of_us``: so was another p2pchat."""

    echoes: tuple[tuple[str, int, Echo], ...] = ()
    others: bool = False
    others_of_us: bool = False


def listen(
    interfaces: Sequence[Interface],
    *,
    within: float = LISTEN_FOR,
    new_token: Callable[[int], str] = secrets.token_hex,
) -> Multicast:
    """Try it on all of them at once; returns after ``within`` seconds. Raises nothing."""
    if not interfaces:
        return Multicast()
    own = frozenset(str(one.address) for one in interfaces)
    ways: dict[tuple[str, int], Interface] = {
        (one.card, one.address.version): one for one in reversed(interfaces)
    }
    tokens = {way: new_token(TOKEN_SIZE) for way in ways}
    heard = _Heard(own, tokens)
    voices: dict[tuple[str, int], tuple[socket.socket, Interface]] = {}
    refused: dict[tuple[str, int], Echo] = {}
    with ExitStack() as stack:
        for way, one in sorted(ways.items()):
            try:
                sock = stack.enter_context(_open(one))
            except OSError:
                refused[way] = Echo.FAILED
                continue
            stack.callback(gevent.spawn(heard.read, sock, way).kill)
            voices[way] = sock, one
        waited = 0.0
        for at in ASK_AT:
            gevent.sleep(max(0.0, min(at, within) - waited))
            waited = at
            for way, (sock, one) in voices.items():
                problem = _ask(sock, one, tokens[way])
                if problem is not None:
                    refused[way] = problem
        gevent.sleep(max(0.0, within - waited))
    echoes = [
        (*way, Echo.HEARD if way in heard.own else refused.get(way, Echo.SILENT)) for way in ways
    ]
    return Multicast(tuple(sorted(echoes)), heard.others, heard.others_of_us)


class _Heard:
    def __init__(
        self, own_addresses: frozenset[str], tokens: Mapping[tuple[str, int], str]
    ) -> None:
        self._own_addresses = own_addresses
        self._tokens = tokens
        self.own: set[tuple[str, int]] = set()
        self.others = False
        self.others_of_us = False

    def read(self, sock: socket.socket, way: tuple[str, int]) -> None:
        while True:
            try:
                data, sender = sock.recvfrom(MAX_PACKET)
            except OSError:
                return
            if sender[0].partition("%")[0] in self._own_addresses:
                if data == question(self._tokens[way]):
                    self.own.add(way)
                continue
            self.others = True
            if len(data) > 2 and data[2] & _IS_ANSWER and b"\x08_p2pchat" in data.lower():
                self.others_of_us = True


def _open(one: Interface) -> socket.socket:
    """A socket that hears the group on this card, and speaks there. Raises OSError."""
    group = str(MDNS_GROUPS[one.address.version])
    is_four = one.address.version == 4
    sock = socket.socket(socket.AF_INET if is_four else socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        for name in ("SO_REUSEADDR", "SO_REUSEPORT"):
            if hasattr(socket, name):
                sock.setsockopt(socket.SOL_SOCKET, getattr(socket, name), 1)
        # Bound to the group, it takes nothing away from others who share the port. Windows
        # cannot do that.
        where = "" if sys.platform == "win32" else group
        if is_four:
            card = one.address.packed
            sock.bind((where, MDNS_PORT))
            join = MDNS_GROUPS[4].packed + card
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, join)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, card)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, TTL)
        else:
            number = one.index.to_bytes(4, sys.byteorder)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((where, MDNS_PORT, 0, one.index))
            join = MDNS_GROUPS[6].packed + number
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, join)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, number)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 1)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, TTL)
    except OSError:
        sock.close()
        raise
    return sock


def _ask(sock: socket.socket, one: Interface, token: str) -> Echo | None:
    """Ask who is there; what went wrong."""
    group = str(MDNS_GROUPS[one.address.version])
    place = (group, MDNS_PORT) if one.address.version == 4 else (group, MDNS_PORT, 0, one.index)
    try:
        sock.sendto(question(token), place)
    except OSError as error:
        return Echo.FORBIDDEN if error.errno in (errno.EPERM, errno.EACCES) else Echo.FAILED
    return None


def question(token: str) -> bytes:
    """A packet that asks; our own copy is known by ``token``, about which it asks.

    Each card has a random token: its name is not said, which may tell whom we work for.
    """
    own = f"{token}.{_NAMES[1]}"
    names = [(name, _PTR) for name in _NAMES] + [(own, _TXT)]
    body = b"".join(
        _encoded(name) + kind.to_bytes(2, "big") + _IN.to_bytes(2, "big") for name, kind in names
    )
    return bytes(4) + len(names).to_bytes(2, "big") + bytes(6) + body


def _encoded(name: str) -> bytes:
    labels = [label.encode()[:63] for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"

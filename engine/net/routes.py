"""Through which card this computer reaches the rest of the world, and whether that is a VPN.

The kernel is asked in two ways: its tables, where it shows them, and which of our addresses it
would speak from to somebody far away. A VPN may keep a table of its own: only the second way tells.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from gevent import socket

from engine.net.interfaces import Interface

PROC: Final = Path("/proc/net")
# Addresses of documentation (RFC 5737, RFC 3849): nothing is sent to them, and nobody is there.
FAR_AWAY: Final = (
    (socket.AF_INET, "203.0.113.1"),
    (socket.AF_INET6, "2001:db8::1"),
)
_UP, _REJECT = 0x1, 0x200  # flags of a route


def cards_to_the_world(interfaces: Sequence[Interface], proc: Path = PROC) -> tuple[str, ...]:
    """Every card that the rest of the world is reached through."""
    found = [*_in_tables(proc)]
    for family, address in FAR_AWAY:
        own = _speaks_from(family, address)
        found += [one.card for one in interfaces if str(one.address) == own]
    return tuple(dict.fromkeys(found))


def _speaks_from(family: int, address: str) -> str:
    try:
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as sock:
            sock.connect((address, 9))  # of a datagram socket: the route is chosen, nothing is sent
            return str(sock.getsockname()[0]).partition("%")[0]
    except OSError:
        return ""


def _in_tables(proc: Path) -> Iterator[str]:
    """Cards of default routes; of half of all addresses, too, which is how VPNs say it."""
    for read, name in ((_four, "route"), (_six, "ipv6_route")):
        for words in _lines(proc / name):
            try:
                card = read(*words)
            except (ValueError, TypeError):  # the head of the table, or none that is known
                continue
            if card:
                yield card


def _four(card: str, destination: str, _gateway: str, flags: str, *rest: str) -> str:
    mask = rest[3]
    prefix = int(mask, 16).bit_count()
    in_half = int(destination, 16) in (0, 0x80)  # its bytes stand in the order of the wire
    return card if prefix <= 1 and in_half and _leads_on(flags) else ""


def _six(destination: str, prefix: str, *rest: str) -> str:
    *_, flags, card = rest
    in_half = destination in ("0" * 32, "8" + "0" * 31)
    return card if int(prefix, 16) <= 1 and in_half and _leads_on(flags) and card != "lo" else ""


def _leads_on(flags: str) -> bool:
    return bool(int(flags, 16) & _UP) and not int(flags, 16) & _REJECT


def _lines(path: Path) -> list[list[str]]:
    try:
        lines = path.read_text("ascii", "replace").splitlines()
    except OSError:
        return []  # not Linux
    return [words for line in lines if len(words := line.split()) >= 10]

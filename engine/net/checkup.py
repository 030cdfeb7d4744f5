"""Look at this computer's network from the inside: everything that can be found out in seconds.

    interfaces   routes   multicast   our own port   firewalls   --> Checkup, facts without opinion

What the facts mean is decided in the chat room. All looks are taken at once, each has its limit of
time, and none raises: what could not be seen is a fact like the others.
"""

import ipaddress
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import gevent

from engine.net import commands, firewalls, interfaces, multicast, routes
from engine.net.commands import Run
from engine.net.dialer import DialFailed, dial
from engine.net.firewalls import Firewalls, Gate
from engine.net.interfaces import Interface
from engine.net.multicast import Multicast
from engine.protocol.invite import HostPort

log = logging.getLogger(__name__)

CONNECT_WITHIN: Final = 2.0  # seconds, to ourselves
MAX_OWN: Final = 16  # addresses of ours that are tried
REACHED: Final = "connected"


@dataclass(frozen=True, slots=True)
class Checkup:
    """``own``: what came of dialling each of our addresses: connected, refused, timeout,
    unreachable; empty when nothing listens. ``to_the_world``: cards of default routes."""

    interfaces: tuple[Interface, ...] = ()
    to_the_world: tuple[str, ...] = ()
    multicast: Multicast = field(default_factory=Multicast)
    own: tuple[tuple[str, str], ...] = ()
    firewalls: Firewalls = field(default_factory=lambda: Firewalls(Gate(), Gate()))


def look(
    port: int,
    *,
    is_listening: bool,
    may_speak: bool = True,
    only: Sequence[str] | None = None,
    run: Run = commands.run,
) -> Checkup:
    """Take every look; about three seconds. ``may_speak``: something may be said to the network.
    ``only``: the addresses of this machine to look at, None for all but loopback."""
    try:
        cards = interfaces.look(only)
    except OSError as error:
        log.info("the system does not tell its networks: %s", error)
        cards = ()
    heard = gevent.spawn(multicast.listen, cards if may_speak else ())
    walls = gevent.spawn(firewalls.inspect, run, cards, port)
    addresses = [_written(one) for one in cards][:MAX_OWN] if is_listening else []
    reached = [gevent.spawn(_reach, address, port) for address in addresses]
    return Checkup(
        interfaces=cards,
        to_the_world=routes.cards_to_the_world(cards),
        multicast=heard.get(),
        own=tuple(zip(addresses, (one.get() for one in reached), strict=True)),
        firewalls=walls.get(),
    )


def is_near(host: str, cards: Sequence[Interface]) -> bool:
    """Say whether this address is in one of our networks. A name, or nonsense, is: it may be."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return True
    return address.is_link_local or any(address in one.network for one in cards)


def _written(one: Interface) -> str:
    is_local = one.address.version == 6 and one.address.is_link_local
    return f"{one.address}%{one.index}" if is_local else str(one.address)


def _reach(host: str, port: int) -> str:
    try:
        sock = dial(HostPort(host, port), within=CONNECT_WITHIN)
    except DialFailed as failed:
        return failed.code
    sock.close()
    return REACHED

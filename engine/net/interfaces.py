"""The networks this machine is on: one entry for each address of each network card.

A card whose cable is pulled keeps its address on Linux, and no list of addresses tells: so the
kernel is asked for the carrier where it answers.
"""

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ifaddr

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_CARDS: Final = Path("/sys/class/net")  # only Linux has it


@dataclass(frozen=True, slots=True)
class Interface:
    """An address of this machine. ``index`` is the card's number, as IPv6 wants it; 0: unknown."""

    card: str
    index: int
    address: Address
    network: Network

    def __str__(self) -> str:
        return f"{self.card} {self.network}"


def look(only: Collection[str] | None = None) -> tuple[Interface, ...]:
    """What this machine is on now, without loopback; or which of the addresses ``only`` it has.

    An IPv6 address may name its card: fe80::1%eth0. Raises OSError when the system does not tell.
    """
    found = []
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            text = _text(one)
            address = ipaddress.ip_address(text)
            interface = Interface(
                card=one.nice_name,
                index=adapter.index or 0,
                address=address,
                network=ipaddress.ip_network(f"{text}/{one.network_prefix}", strict=False),
            )
            wanted = not address.is_loopback if only is None else _is_named(interface, only)
            if wanted and _has_carrier(adapter.name):
                found.append(interface)
    return tuple(sorted(found, key=lambda one: (one.index, one.card, one.address.packed)))


def own_addresses() -> frozenset[Address]:
    """Return every address that reaches this machine from itself: those of cards without a cable,
    such as a bridge for containers that do not run, too. Raises OSError."""
    return frozenset(
        ipaddress.ip_address(_text(one)) for adapter in ifaddr.get_adapters() for one in adapter.ips
    )


def _text(one: ifaddr.IP) -> str:
    return one.ip if isinstance(one.ip, str) else one.ip[0].partition("%")[0]


def unmoved(before: Collection[Interface], after: Collection[Interface]) -> tuple[Interface, ...]:
    """Return those on cards where nothing is otherwise than before.

    A card with even one other address may hang on another network: home and the café may both be
    192.168.1.0/24.
    """
    changed = {_card(one) for one in set(before) ^ set(after)}
    return tuple(one for one in after if _card(one) not in changed)


def _card(one: Interface) -> str:
    return one.card.partition(":")[0]  # eth0:1 is an old way to write a second address of eth0


def _is_named(interface: Interface, only: Collection[str]) -> bool:
    for text in only:
        name, _, scope = text.partition("%")
        try:
            is_it = ipaddress.ip_address(name) == interface.address
        except ValueError:
            continue
        if is_it and scope in ("", interface.card, str(interface.index)):
            return True
    return False


def _has_carrier(card: str) -> bool:
    """Say whether something is at the other end of the cable, or of the radio."""
    try:
        return (_CARDS / card.partition(":")[0] / "carrier").read_text().strip() != "0"
    except FileNotFoundError:
        return True  # not Linux, or nothing that has cables
    except OSError:
        return False  # Linux will not tell of a card that is switched off

"""What a firewall's rules do to a packet: let it pass, drop it, or it cannot be told from here.

    packet --> chain of a hook --> rule, rule, rule ... --> policy
                                     |
                                     +--> another chain, and back

The rules come from nftables.py and iptables.py. A condition that is not understood is neither true
nor false: both ways are followed, and the answer is UNSURE when they end differently. So what is
said to be dropped is dropped.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from engine.net.interfaces import Address, Network

COMING_IN: Final = ("prerouting", "input")
GOING_OUT: Final = ("output", "postrouting")
HOOKS: Final = COMING_IN + GOING_OUT
MAX_DEPTH: Final = 16  # chains within chains, as in the kernel


class Outcome(Enum):
    PASSES = "passes"
    DROPPED = "dropped"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Packet:
    """The first of a conversation. ``source`` is a network: any address in it."""

    protocol: str  # udp, tcp
    port: int  # where it goes to
    source: Network
    destination: Address
    card: str  # through which it comes in, or goes out
    is_leaving: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """``field`` is one of those in ``_holds``; another is one that is not understood.

    Values: names, where * at the end stands for anything, or networks, or pairs of numbers."""

    field: str
    values: tuple[str | Network | tuple[int, int], ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """``verdict``: accept, drop, return, jump, goto, unknown; empty when it decides nothing."""

    conditions: tuple[Condition, ...]
    verdict: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain with a hook is where packets come in; ``policy`` is what happens at its end."""

    name: str
    rules: tuple[Rule, ...] = ()
    hook: str = ""
    policy: str = "accept"


@dataclass(frozen=True, slots=True)
class Table:
    tool: str  # nftables, iptables
    family: str  # inet, ip, ip6
    name: str
    chains: Mapping[str, Chain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """The chain in which a packet is dropped, and where one more rule would save it."""

    table: Table
    chain: Chain


def fate(tables: Sequence[Table], packet: Packet) -> tuple[Outcome, tuple[Place, ...]]:
    """What becomes of ``packet``, and every place where it is dropped.

    Each chain of a hook is asked: to have passed one of them is no help in the next.
    """
    family = "ip" if packet.destination.version == 4 else "ip6"
    hooks = GOING_OUT if packet.is_leaving else COMING_IN
    outcome, places = Outcome.PASSES, []
    for table in tables:
        if table.family not in ("inet", family):
            continue
        for chain in table.chains.values():
            if chain.hook not in hooks:
                continue
            ends = _walk(table, chain, packet, 0)
            if "end" in ends:
                ends = ends - {"end"} | {chain.policy}
            if ends == {"drop"}:
                places.append(Place(table, chain))
            elif "drop" in ends:
                outcome = Outcome.UNSURE
    return (Outcome.DROPPED, tuple(places)) if places else (outcome, ())


def _walk(table: Table, chain: Chain, packet: Packet, depth: int) -> frozenset[str]:
    """Every way the chain may end: accept, drop, or "end" when it decides nothing."""
    possible: set[str] = set()
    for rule in chain.rules:
        applies = _all(_test(condition, packet) for condition in rule.conditions)
        if applies is False or not rule.verdict:
            continue
        ends = _follow(table, rule, packet, depth)
        goes_on = applies is None or (rule.verdict in ("jump", "unknown") and "end" in ends)
        possible |= ends - {"end"} if rule.verdict in ("jump", "unknown") else ends
        if not goes_on:
            return frozenset(possible)
    return frozenset(possible | {"end"})


def _follow(table: Table, rule: Rule, packet: Packet, depth: int) -> frozenset[str]:
    match rule.verdict:
        case "accept" | "drop":
            return frozenset((rule.verdict,))
        case "return":
            return frozenset(("end",))
        case "jump" | "goto" if rule.target in table.chains and depth < MAX_DEPTH:
            return _walk(table, table.chains[rule.target], packet, depth + 1)
        case _:
            return frozenset(("accept", "drop", "end"))


def _all(answers: object) -> bool | None:
    """Three-valued: False if one is, else None if one is unknown."""
    found = list(answers)  # type: ignore[call-overload]
    if False in found:
        return False
    return None if None in found else True


def _test(condition: Condition, packet: Packet) -> bool | None:
    answer = _holds(condition, packet)
    return not answer if condition.negated and answer is not None else answer


def _holds(condition: Condition, packet: Packet) -> bool | None:
    values = condition.values
    match condition.field:
        case "always":
            return True
        case "protocol":
            return packet.protocol in values
        case "family":
            return f"ipv{packet.destination.version}" in values
        case "dport":
            pairs = [one for one in values if isinstance(one, tuple)]
            return any(low <= packet.port <= high for low, high in pairs)
        case "iif":
            return not packet.is_leaving and _is_named(packet.card, values)
        case "oif":
            return packet.is_leaving and _is_named(packet.card, values)
        case "daddr":
            return _is_in(ipaddress.ip_network(packet.destination), values)
        case "saddr":
            return _is_in(packet.source, values)
        case "state":
            return "new" in values
        case "cast":
            return ("multicast" if packet.destination.is_multicast else "unicast") in values
        case "daddr type":  # what the destination is to this machine
            return ("multicast" if packet.destination.is_multicast else "local") in values
        case _:
            return None


def _is_named(card: str, values: Sequence[object]) -> bool:
    names = [one for one in values if isinstance(one, str)]
    return any(card.startswith(name[:-1]) if name.endswith("*") else card == name for name in names)


def _is_in(network: Network, values: Sequence[object]) -> bool | None:
    """None: some addresses of it are in, others are not."""
    others = [
        one
        for one in values
        if isinstance(one, ipaddress.IPv4Network | ipaddress.IPv6Network)
        and one.version == network.version
    ]
    if any(network.subnet_of(one) for one in others):  # type: ignore[arg-type]
        return True
    return None if any(network.overlaps(one) for one in others) else False

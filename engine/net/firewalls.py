"""Do people of this network get through the firewalls of this computer; if not, what mends it?

    what must get in:   mDNS, udp 5353 to a group, by which people appear
                        our port, tcp, by which they reach us

Where the rules are known, packets are followed through them (ruleset.py). A command that mends is
named for the tool that put the rule there: another's would be undone by it.
"""

import ipaddress
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.net import firewalld, walls
from engine.net.cards import outer
from engine.net.commands import Run
from engine.net.interfaces import Interface
from engine.net.multicast import MDNS_GROUPS, MDNS_PORT
from engine.net.ruleset import Outcome, Packet, Place, fate
from engine.net.walls import Told

_SAFE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Gate:
    """What becomes of one kind of packet. ``tool`` drops it, or may; ``command`` lets it in."""

    outcome: Outcome = Outcome.PASSES
    tool: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Firewalls:
    """``active``: the tools that are on; ``look``: how the administrator sees the rules that
    were not shown to us."""

    mdns: Gate
    port: Gate
    active: tuple[str, ...] = ()
    look: str = ""


def inspect(
    run: Run,
    cards: Sequence[Interface],
    port: int,
    *,
    etc: Path = walls.ETC,
    python: str = sys.executable,
) -> Firewalls:
    """Ask them all. ``port`` 0: none of ours is known."""
    told = walls.ask(run, etc)
    inquiry = _Inquiry(outer(cards), told, python)
    mdns = inquiry.gate("udp", MDNS_PORT)
    at_port = inquiry.gate("tcp", port) if port else Gate()
    return Firewalls(mdns, at_port, told.active, told.look)


class _Inquiry:
    def __init__(self, cards: Sequence[Interface], told: Told, python: str) -> None:
        self._cards = cards
        self._tables, self._zones = told.tables, told.zones
        self._active, self._look = told.active, told.look
        self._python = python

    def gate(self, protocol: str, port: int) -> Gate:
        outcomes, places = self._follow(protocol, port)
        if Outcome.DROPPED in outcomes and not places:  # by what firewalld says alone
            return Gate(Outcome.DROPPED, "firewalld", self._mend_firewalld(protocol, port))
        if Outcome.DROPPED in outcomes:
            return Gate(Outcome.DROPPED, *self._mend(protocol, port, places))
        for tool in ("ufw", "macos", "windows"):
            if tool in self._active and (tool != "ufw" or self._look):
                return Gate(Outcome.UNSURE, tool, _general(tool, protocol, port, self._python))
        if Outcome.UNSURE in outcomes or self._look:
            tool = next(iter(self._active), "")
            return Gate(Outcome.UNSURE, tool, self._look or "sudo nft list ruleset")
        return Gate()

    def _follow(self, protocol: str, port: int) -> tuple[set[Outcome], list[Place]]:
        """How it ends on the cards, by IPv4 where there is a choice; where it ends badly."""
        outcomes: set[Outcome] = set()
        places: list[Place] = []
        for card in dict.fromkeys(one.card for one in self._cards):
            addresses = [one for one in self._cards if one.card == card]
            first = min(one.address.version for one in addresses)
            for one in addresses:
                results = [fate(self._tables, packet) for packet in _packets(one, protocol, port)]
                if one.address.version == first:
                    outcomes |= {outcome for outcome, _ in results}
                places += [place for _, some in results for place in some]
            zone = firewalld.zone_of(self._zones, card)
            if zone is not None and not self._tables:
                outcomes.add(zone.fate(protocol, port))
        if Outcome.DROPPED not in outcomes:
            return outcomes, []
        return outcomes, places

    def _mend(self, protocol: str, port: int, places: Iterable[Place]) -> tuple[str, str]:
        """Which tool drops it, and the command that lets it in."""
        tools, commands = [], []
        for place in places:
            tool, command = self._mend_at(place, protocol, port)
            tools.append(tool)
            commands.append(command)
        return tools[0], " && ".join(dict.fromkeys(filter(None, commands)))

    def _mend_at(self, place: Place, protocol: str, port: int) -> tuple[str, str]:
        table, chain = place.table, place.chain
        if self._zones and table.name == "firewalld":
            return "firewalld", self._mend_firewalld(protocol, port)
        if "ufw" in self._active and any(name.startswith("ufw") for name in table.chains):
            return "ufw", _general("ufw", protocol, port, self._python)
        if table.tool == "iptables":
            program = "iptables" if table.family == "ip" else "ip6tables"
            words = f"-I {chain.name} -p {protocol} --dport {port} -j ACCEPT"
            return "iptables", f"sudo {program} {words}" if _is_safe(chain.name) else ""
        if not _is_safe(table.name, chain.name):
            return "nftables", ""
        where = f"{table.family} {table.name} {chain.name}"
        return "nftables", f"sudo nft insert rule {where} {protocol} dport {port} accept"

    def _mend_firewalld(self, protocol: str, port: int) -> str:
        what = "--add-service=mdns" if port == MDNS_PORT else f"--add-port={port}/{protocol}"
        blocking = [
            zone.name
            for card in dict.fromkeys(one.card for one in self._cards)
            if (zone := firewalld.zone_of(self._zones, card)) is not None
            and zone.fate(protocol, port) is not Outcome.PASSES
        ]
        commands = [f"sudo firewall-cmd --zone={name} {what}" for name in dict.fromkeys(blocking)]
        return " && ".join([*commands, "sudo firewall-cmd --runtime-to-permanent"])


def _packets(at: Interface, protocol: str, port: int) -> Iterable[Packet]:
    if protocol == "udp":
        group = MDNS_GROUPS[at.address.version]
        yield Packet("udp", port, at.network, group, at.card)
        own = ipaddress.ip_network(at.address)
        yield Packet("udp", port, own, group, at.card, is_leaving=True)
    else:
        yield Packet("tcp", port, at.network, at.address, at.card)


def _general(tool: str, protocol: str, port: int, python: str) -> str:
    match tool:
        case "ufw":
            return f"sudo ufw allow {port}/{protocol}"
        case "macos":
            program = "sudo /usr/libexec/ApplicationFirewall/socketfilterfw"
            return f'{program} --add "{python}" --unblockapp "{python}"'
        case _:
            rule = "netsh advfirewall firewall add rule name=p2pchat dir=in action=allow"
            return f'{rule} profile=private program="{python}"'


def _is_safe(*names: str) -> bool:
    """Say whether these names can stand in a command without meaning anything else."""
    return all(_SAFE_NAME.fullmatch(name) for name in names)

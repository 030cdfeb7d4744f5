"""Ask the firewalls of this computer whether people of this network get through to us.

    what must get in:   mDNS, udp 5353 to a group, by which people appear
                        our port, tcp, by which they reach us
    who may be asked:   nft and iptables tell the rules, but only to the administrator
                        firewalld tells everybody; ufw tells everybody that it is on
                        macOS and Windows tell that theirs is on, and not what it lets in

Where the rules are known, packets are followed through them (ruleset.py). A command that mends is
named for the tool that put the rule there: another's would be undone by it.
"""

import ipaddress
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import gevent

from engine.net import firewalld, iptables, nftables
from engine.net.commands import Answer, Run
from engine.net.firewalld import Zone
from engine.net.interfaces import Interface
from engine.net.multicast import MDNS_GROUPS, MDNS_PORT
from engine.net.ruleset import Outcome, Packet, Place, Table, fate

R = TypeVar("R")

ETC: Final = Path("/etc")
# Cards of containers, virtual machines and tunnels: nobody of this network is behind them.
_INNER_CARDS: Final = re.compile(
    r"docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|flannel|cali|podman", re.I
)
_SAFE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_RULES: Final = (
    ("nft", "-j", "list", "ruleset"),
    ("iptables", "-S"),
    ("ip6tables", "-S"),
)
_OTHERS: Final = (
    ("ufw", "status"),
    ("socketfilterfw", "--getglobalstate"),
    ("netsh", "advfirewall", "show", "currentprofile"),
)


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
    etc: Path = ETC,
    python: str = sys.executable,
) -> Firewalls:
    """Ask them all, at once. ``port`` 0: none of ours is known."""
    running = gevent.spawn(_firewalld, run)
    questions: list[tuple[str, ...]] = [*_RULES, *_OTHERS]
    asked = [gevent.spawn(run, *words) for words in questions]
    said = {words: one.get() for words, one in zip(questions, asked, strict=True)}
    tables, look = _tables(said)
    zones = running.get()
    active = list(_active(said, zones, tables, etc))
    if zones is not None:
        look = ""  # it keeps the rules, and told them
    ask = _Inquiry(outer(cards), tables, zones or (), active, look, python)
    mdns = ask.gate("udp", MDNS_PORT)
    return Firewalls(mdns, ask.gate("tcp", port) if port else Gate(), tuple(active), look)


def outer(cards: Sequence[Interface]) -> tuple[Interface, ...]:
    """Those behind which people may be; all when there is none such."""
    found = tuple(one for one in cards if not _INNER_CARDS.match(one.card))
    return found or tuple(cards)


class _Inquiry:
    def __init__(
        self,
        cards: Sequence[Interface],
        tables: tuple[Table, ...],
        zones: tuple[Zone, ...],
        active: Sequence[str],
        look: str,
        python: str,
    ) -> None:
        self._cards = cards
        self._tables = tables
        self._zones = zones
        self._active = active
        self._look = look
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


# -- what they say


def _firewalld(run: Run) -> tuple[Zone, ...] | None:
    """None: it does not run here."""
    return firewalld.zones(run) if firewalld.is_running(run) else None


def _tables(said: dict[tuple[str, ...], Answer | None]) -> tuple[tuple[Table, ...], str]:
    """The rules that were shown; and how to see those that were not, when some may exist."""
    nft, *others = (said[words] for words in _RULES)
    found: list[Table] = []
    look = ""
    for answer, family in zip(others, ("ip", "ip6"), strict=True):
        table = _read(answer, partial(iptables.read, family=family))
        if answer is not None and table is None:
            look = f"sudo {'iptables' if family == 'ip' else 'ip6tables'} -S"
        found += (table,) if table is not None else ()
    known = {table.family for table in found}
    modern = _read(nft, nftables.read)
    if nft is not None and modern is None:
        look = "sudo nft list ruleset"
    for table in modern or ():
        # What iptables writes is seen by nft as well, but not understood.
        if not (table.family in known and table.name == "filter" and "INPUT" in table.chains):
            found.append(table)
    return tuple(found), look


def _read(answer: Answer | None, how: Callable[[str], R]) -> R | None:
    """None when there is no such program, or it does not show us its rules."""
    if answer is None or answer.code:
        return None
    try:
        return how(answer.said)
    except ValueError:
        return None


def _active(
    said: dict[tuple[str, ...], Answer | None],
    zones: tuple[Zone, ...] | None,
    tables: Sequence[Table],
    etc: Path,
) -> Iterable[str]:
    ufw, mac, windows = (said[words] for words in _OTHERS)
    if ufw is not None and ufw.code == 0:
        is_on = "Status: active" in ufw.said
    else:
        is_on = ufw_is_enabled(etc)
    if is_on:
        yield "ufw"
    if zones is not None:
        yield "firewalld"
    if mac is not None and re.search(r"State = [12]", mac.said):
        yield "macos"
    if windows is not None and re.search(r"\bON\b", windows.said):
        yield "windows"
    filters = [table for table in tables if any(one.hook for one in table.chains.values())]
    yield from dict.fromkeys(table.tool for table in filters if _decides(table))


def _decides(table: Table) -> bool:
    return any(
        chain.policy == "drop" or any(rule.verdict == "drop" for rule in chain.rules)
        for chain in table.chains.values()
    )


def ufw_is_enabled(etc: Path = ETC) -> bool:
    try:
        text = (etc / "ufw" / "ufw.conf").read_text("utf-8", "replace")
    except OSError:
        return False
    return re.search(r"^\s*ENABLED=[\"']?yes", text, re.M | re.I) is not None

"""What the firewall tools of this computer tell: their rules, or at least whether they are on.

nft, iptables     the rules, but only to the administrator
firewalld         its zones, to everybody
ufw               that it is on, to everybody; its rules are those of iptables
macOS, Windows    that theirs is on, and not what it lets in
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import gevent

from engine.net import firewalld, iptables, nftables
from engine.net.commands import Answer, Run
from engine.net.firewalld import Zone
from engine.net.ruleset import HOOKS, Table

R = TypeVar("R")

ETC: Final = Path("/etc")
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

_Said = Mapping[tuple[str, ...], Answer | None]


@dataclass(frozen=True, slots=True)
class Told:
    """``zones`` are firewalld's. ``active``: the tools that are on. ``look``: how the
    administrator sees the rules that were not shown to us; empty when all were."""

    tables: tuple[Table, ...]
    zones: tuple[Zone, ...]
    active: tuple[str, ...]
    look: str


def ask(run: Run, etc: Path = ETC) -> Told:
    """Ask them all, at once; as long as the slowest takes."""
    running = gevent.spawn(firewalld.zones, run)
    questions: list[tuple[str, ...]] = [*_RULES, *_OTHERS]
    asked = [gevent.spawn(run, *words) for words in questions]
    said = {words: one.get() for words, one in zip(questions, asked, strict=True)}
    zones = running.get()
    tables, look = _tables(said)
    active = tuple(_active(said, zones, tables, etc))
    # firewalld keeps the rules that we may not see, and has told what they are for.
    return Told(tables, zones or (), active, "" if zones else look)


def _tables(said: _Said) -> tuple[tuple[Table, ...], str]:
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
    said: _Said,
    zones: tuple[Zone, ...] | None,
    tables: Sequence[Table],
    etc: Path,
) -> Iterable[str]:
    ufw, mac, windows = (said[words] for words in _OTHERS)
    if ufw is not None and ufw.code == 0:
        is_on = "Status: active" in ufw.said
    else:
        is_on = _ufw_is_enabled(etc)
    if is_on:
        yield "ufw"
    if zones is not None:
        yield "firewalld"
    if mac is not None and re.search(r"State = [12]", mac.said):
        yield "macos"
    if windows is not None and re.search(r"\bON\b", windows.said):
        yield "windows"
    yield from dict.fromkeys(table.tool for table in tables if _drops(table))


def _drops(table: Table) -> bool:
    """Say whether anything at all is dropped here of what comes in or goes out."""
    waiting = [chain for chain in table.chains.values() if chain.hook in HOOKS]
    seen = set()
    while waiting:
        chain = waiting.pop()
        if chain.name in seen:
            continue
        seen.add(chain.name)
        if chain.policy == "drop" or any(rule.verdict == "drop" for rule in chain.rules):
            return True
        targets = {rule.target for rule in chain.rules}
        waiting += [table.chains[name] for name in targets & table.chains.keys()]
    return False


def _ufw_is_enabled(etc: Path) -> bool:
    try:
        text = (etc / "ufw" / "ufw.conf").read_text("utf-8", "replace")
    except OSError:
        return False
    return re.search(r"^\s*ENABLED=[\"']?yes", text, re.M | re.I) is not None

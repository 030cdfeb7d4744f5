"""Ask firewalld what it lets through, which it tells to everybody: it has a zone for each card.

public (active)
  target: default            what is not named is refused; ACCEPT: it is let through
  interfaces: wlan0
  services: dhcpv6-client mdns
  ports: 6000/tcp 1025-65535/udp
  rich rules:                not read: whoever wrote some is not told that nothing is let in
"""

import re
from dataclasses import dataclass
from typing import Final

import gevent

from engine.net.commands import Run
from engine.net.ruleset import Outcome

MDNS_SERVICE: Final = "mdns"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Zone:
    name: str
    cards: frozenset[str]
    target: str
    services: frozenset[str]
    ports: tuple[tuple[int, int, str], ...]  # from, to, protocol
    has_more: bool  # rules of other kinds

    def fate(self, protocol: str, port: int) -> Outcome:
        """What becomes of a packet that somebody sends to this port."""
        service = MDNS_SERVICE if (protocol, port) == ("udp", 5353) else ""
        is_named = service in self.services or any(
            low <= port <= high and protocol == kind for low, high, kind in self.ports
        )
        if is_named or self.target == "ACCEPT":
            return Outcome.PASSES
        return Outcome.UNSURE if self.has_more else Outcome.DROPPED


def zones(run: Run) -> tuple[Zone, ...] | None:
    """The zone for cards that have none first, then the others in use. None: firewalld does not
    run here; empty when it does not tell."""
    questions = ("--state", "--get-default-zone", "--list-all-zones")
    asked = [gevent.spawn(run, "firewall-cmd", words) for words in questions]
    state, default, everything = (one.get() for one in asked)
    if state is None or state.code or "running" not in state.said.split():
        return None
    if default is None or everything is None or default.code or everything.code:
        return ()
    name = default.said.strip()
    used = [zone for zone in read(everything.said) if zone.cards or zone.name == name]
    return tuple(sorted(used, key=lambda zone: zone.name != name))


def read(text: str) -> tuple[Zone, ...]:
    """What ``firewall-cmd --list-all-zones`` says."""
    found = []
    for block in re.split(r"\n(?=\S)", text):
        head, *lines = block.splitlines() or [""]
        name = head.split(" ")[0]
        said = {
            key.strip(): value.strip()
            for key, colon, value in (line.partition(":") for line in lines)
            if colon and key.startswith("  ")
        }
        if _NAME.fullmatch(name) and "target" in said:
            ports = tuple(
                port for word in said.get("ports", "").split() if (port := _ports(word)) is not None
            )
            found.append(
                Zone(
                    name,
                    frozenset(said.get("interfaces", "").split()),
                    said["target"],
                    frozenset(said.get("services", "").split()),
                    ports,
                    has_more=bool(re.search(r"^\s+rule ", block, re.M)),
                )
            )
    return tuple(found)


def zone_of(zones: tuple[Zone, ...], card: str) -> Zone | None:
    """The zone that a card is in: one of its own, or the first."""
    return next((zone for zone in zones if card in zone.cards), zones[0] if zones else None)


def _ports(word: str) -> tuple[int, int, str] | None:
    found = re.fullmatch(r"(\d+)(?:-(\d+))?/(\w+)", word)
    return None if found is None else (int(found[1]), int(found[2] or found[1]), found[3])

"""Everything that the connection doctor's verdict rests on: facts, and what follows from them."""

from dataclasses import dataclass
from typing import Final

from engine.net.cards import is_outer, is_tunnel, outer
from engine.net.checkup import REACHED, Checkup
from engine.net.firewalls import Gate
from engine.net.multicast import Echo

_SYSTEMS: Final = {"macos": "of macOS", "windows": "of Windows"}


@dataclass(frozen=True, slots=True)
class DialledBack:
    """A peer on another computer was asked to call us: the name it goes by here, and what came of
    it: connected, refused, timeout, unreachable."""

    name: str
    result: str

    @property
    def quoted(self) -> str:
        """The name as a sentence holds it: they chose it, so it must not read as our words."""
        inside = self.name.translate({ord(mark): "'" for mark in "“”"})
        return f"“{inside}”"


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the verdict rests on."""

    checkup: Checkup
    port: int
    is_running: bool = True
    start: str = "python p2pchat.py"  # how to
    here_alone: bool = False  # listens on this computer only
    discovery: str = "on"  # on, off, unavailable
    visibility: str = "everyone"
    people: int = 0  # seen on this network, or linked
    called: bool = False  # somebody from another computer called us, and is linked
    dialled_back: tuple[DialledBack, ...] = ()
    asked_for: str = ""  # an address that somebody would like to reach, in none of our networks
    last_at: str = ""  # where a contact was last, in none of our networks

    @property
    def is_reachable(self) -> bool:
        """It was seen that others get through to our port."""
        answers = {one.result for one in self.dialled_back}
        return REACHED in answers if answers else self.called

    @property
    def hears_others(self) -> bool:
        heard = self.checkup.multicast
        return heard.others or heard.others_of_us or self.people > 0

    @property
    def sees_somebody(self) -> bool:
        return self.people > 0 or self.checkup.multicast.others_of_us

    @property
    def tunnels(self) -> tuple[str, ...]:
        return tuple(card for card in self.checkup.to_the_world if is_tunnel(card))

    @property
    def is_offline(self) -> bool:
        """There is no card behind which anybody could be."""
        return not any(is_outer(one.card) for one in self.checkup.interfaces)

    @property
    def networks(self) -> str:
        cards = outer(self.checkup.interfaces)
        found = [str(one.network) for one in cards if one.address.version == 4]
        return ", ".join(dict.fromkeys(found)) or "a network with IPv6 alone"

    @property
    def echoes(self) -> tuple[Echo, ...]:
        """Of the cards behind which people may be."""
        cards = {one.card for one in outer(self.checkup.interfaces)}
        return tuple(
            echo for card, _version, echo in self.checkup.multicast.echoes if card in cards
        )

    @property
    def is_deaf(self) -> bool:
        """Nothing that is said to all comes in, not even our own words."""
        return bool(self.echoes) and Echo.SILENT in self.echoes and Echo.HEARD not in self.echoes

    @property
    def is_mute(self) -> bool:
        return Echo.FORBIDDEN in self.echoes and Echo.HEARD not in self.echoes

    @property
    def answers_nowhere(self) -> bool:
        """Even this computer does not get through to our port."""
        own = [result for _, result in self.checkup.own]
        return "timeout" in own and REACHED not in own


def wall(gate: Gate) -> str:
    """The firewall that a gate is shut by, in words."""
    if not gate.tool:
        return "firewall"
    return f"firewall {_SYSTEMS.get(gate.tool, f'({gate.tool})')}"

"""From facts to one cause: why nobody appears, or why we cannot be reached, and what mends it.

    Situation --CAUSES, the first that holds--> cause, one sentence, a command or a setting
              --findings--------------------->  what is good, bad and unknown, one by one

Pure: what the facts are is found out elsewhere. The order of the table is the advice: what is
certain and here before what is likely and elsewhere; what must be mended first stands first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from engine.chat.views import Finding, Report
from engine.net.checkup import REACHED, Checkup
from engine.net.firewalls import Gate, outer
from engine.net.multicast import Echo
from engine.net.routes import is_tunnel
from engine.net.ruleset import Outcome

ALONE: Final = "alone"


@dataclass(frozen=True, slots=True)
class DialledBack:
    """A peer on another computer was asked to call us: the name it goes by here, and what came of
    it: connected, refused, timeout, unreachable."""

    name: str
    result: str


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
    def networks(self) -> str:
        found = [str(one.network) for one in self.checkup.interfaces if one.address.version == 4]
        return ", ".join(found) or "IPv6 only"

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


@dataclass(frozen=True, slots=True)
class Cause:
    code: str
    holds: Callable[[Situation], bool]
    sentence: Callable[[Situation], str]
    command: Callable[[Situation], str] = field(default=lambda _s: "")


def diagnose(situation: Situation) -> Report:
    """The verdict, and what it rests on."""
    findings = _findings(situation)
    for cause in CAUSES:
        if cause.holds(situation):
            is_ok = cause.code == ALONE
            sentence, command = cause.sentence(situation), cause.command(situation)
            return Report(is_ok, cause.code, sentence, command, findings)
    sentence = "Everything works: people on this network can see you and reach you."
    return Report(ok=True, cause="", sentence=sentence, command="", findings=findings)


# -- the causes


def _both_gates(s: Situation) -> str:
    """The commands for whichever of the two gates is not known to be open."""
    walls = s.checkup.firewalls
    gates = [gate for gate in (walls.mdns, walls.port) if gate.outcome is not Outcome.PASSES]
    return " && ".join(dict.fromkeys(gate.command for gate in gates if gate.command))


def _wall(gate: Gate) -> str:
    names = {"macos": "of macOS", "windows": "of Windows"}
    return f"firewall {names.get(gate.tool, f'({gate.tool})')}" if gate.tool else "firewall"


def _is_suspected(s: Situation) -> bool:
    """A firewall is on whose rules we may not see, and nothing shows that it lets people in."""
    walls = s.checkup.firewalls
    may_block = [
        walls.mdns.outcome is Outcome.UNSURE and not s.hears_others,
        walls.port.outcome is Outcome.UNSURE and not s.is_reachable,
    ]
    return bool(walls.active) and any(may_block) and not s.sees_somebody


def _not_reached(s: Situation) -> list[DialledBack]:
    return [one for one in s.dialled_back if one.result != REACHED]


CAUSES: Final = (
    Cause(
        "no_network",
        lambda s: not s.checkup.interfaces,
        lambda s: "This computer is on no network.",
        lambda s: "Connect to the Wi-Fi, or plug in the network cable",
    ),
    Cause(
        "listens_only_here",
        lambda s: s.here_alone,
        lambda s: "p2pchat was started so that only this computer can reach it.",
        lambda s: "Start p2pchat again without --host",
    ),
    Cause(
        "discovery_off",
        lambda s: s.discovery == "off",
        lambda s: "p2pchat was started without looking for people on this network.",
        lambda s: "Start p2pchat again without --no-discovery",
    ),
    Cause(
        "discovery_unavailable",
        lambda s: s.discovery == "unavailable",
        lambda s: "p2pchat cannot look for people: a part of it is missing, or does not start.",
        lambda s: ".venv/bin/pip install -r requirements.txt",
    ),
    Cause(
        "multicast_blocked_here",
        lambda s: (
            s.checkup.firewalls.mdns.outcome is Outcome.DROPPED
            or s.is_mute
            or (s.is_deaf and not s.hears_others)
        ),
        lambda s: (
            f"The {_wall(s.checkup.firewalls.mdns)} of this computer throws away the announcements "
            "by which people on this network appear."
        ),
        _both_gates,
    ),
    Cause(
        "port_blocked_here",
        lambda s: (
            not s.is_reachable
            and (s.checkup.firewalls.port.outcome is Outcome.DROPPED or s.answers_nowhere)
        ),
        lambda s: (
            f"The {_wall(s.checkup.firewalls.port)} of this computer turns away everybody who "
            f"calls p2pchat (port {s.port})."
        ),
        lambda s: s.checkup.firewalls.port.command,
    ),
    Cause(
        "hidden",
        lambda s: s.visibility == "hidden",
        lambda s: "You are hidden, so nobody on this network sees you.",
        lambda s: "Choose under “Who can see me”: everyone here",
    ),
    Cause(
        "not_reachable_from_peer",
        lambda s: bool(_not_reached(s)) and not s.is_reachable,
        lambda s: (
            f"{_not_reached(s)[0].name} is connected with you, but could not call you: something "
            f"between the two of you, or a firewall here, lets nobody in at port {s.port}."
        ),
        lambda s: s.checkup.firewalls.port.command or f"Open port {s.port}, TCP, in the router",
    ),
    Cause(
        "other_subnet",
        lambda s: bool(s.asked_for),
        lambda s: (
            f"{s.asked_for} is on another network than this computer ({s.networks}), and the two "
            "networks may not be joined."
        ),
        lambda s: "Put both computers on the same Wi-Fi, or the same cable network",
    ),
    Cause(
        "vpn_default_route",
        lambda s: bool(s.tunnels) and not s.hears_others,
        lambda s: (
            f"A VPN is on ({', '.join(s.tunnels)}) and nobody else is heard: many a VPN cuts a "
            "computer off from the network around it."
        ),
        lambda s: "Turn the VPN off, or allow the local network in its settings",
    ),
    Cause(
        "firewall_suspected",
        _is_suspected,
        lambda s: (
            f"A firewall is on ({', '.join(s.checkup.firewalls.active)}), and p2pchat may not see "
            "whether it lets people in."
        ),
        _both_gates,
    ),
    Cause(
        "multicast_not_carried",
        lambda s: not s.hears_others,
        lambda s: (
            "Nothing is heard of any other device: either there is none, or this network keeps "
            "its devices apart, as guest Wi-Fi often does."
        ),
        lambda s: "Type the other person's address instead, or both change to another Wi-Fi",
    ),
    Cause(
        "not_running",
        lambda s: not s.is_running,
        lambda s: "p2pchat is not running, so nobody can see or reach you.",
        lambda s: s.start,
    ),
    Cause(
        "other_subnet",
        lambda s: bool(s.last_at) and not s.sees_somebody,
        lambda s: (
            f"Nobody else runs p2pchat on this network ({s.networks}); your contact was last at "
            f"{s.last_at}, which is another network."
        ),
        lambda s: "Put both computers on the same Wi-Fi, or the same cable network",
    ),
    Cause(
        ALONE,
        lambda s: not s.sees_somebody,
        lambda s: "Everything works here; nobody else runs p2pchat on this network right now.",
        lambda s: "Ask the others to start p2pchat",
    ),
)


# -- the findings


def _finding(code: str, state: bool | None, good: str, bad: str, unknown: str = "") -> Finding:
    """``state`` None: it could not be found out."""
    if state is None:
        return Finding(code, "unknown", unknown)
    return Finding(code, "good", good) if state else Finding(code, "bad", bad)


def _findings(s: Situation) -> tuple[Finding, ...]:
    found = [
        _finding(
            "network",
            bool(s.checkup.interfaces),
            f"This computer is on {s.networks}.",
            "This computer is on no network.",
        )
    ]
    if s.is_running:
        found += _of_the_program(s)
    if not s.checkup.interfaces:
        return tuple(found)
    found += [_multicast(s), _gate("firewall_people", s.checkup.firewalls.mdns, "people appear")]
    found.append(_gate("firewall_port", s.checkup.firewalls.port, f"port {s.port} is reached"))
    if s.checkup.own:
        reached = sum(result == REACHED for _, result in s.checkup.own)
        found.append(
            _finding(
                "own_addresses",
                reached > 0,
                f"p2pchat answers at {reached} of this computer's {len(s.checkup.own)} addresses.",
                "p2pchat answers at none of this computer's own addresses.",
            )
        )
    for one in s.dialled_back:
        found.append(
            _finding(
                "dial_back",
                one.result == REACHED,
                f"{one.name} can call this computer.",
                f"{one.name} could not call this computer ({one.result}).",
            )
        )
    found.append(
        _finding(
            "vpn",
            None if s.tunnels else True,
            "No VPN is in the way.",
            "",
            f"A VPN is on ({', '.join(s.tunnels)}); it may keep this network away.",
        )
    )
    found.append(
        _finding(
            "others",
            True if s.sees_somebody or s.hears_others else None,
            "Other people with p2pchat are here."
            if s.sees_somebody
            else "Other devices are heard on this network, but no other p2pchat.",
            "",
            "No other device was heard on this network.",
        )
    )
    far = s.asked_for or s.last_at
    if far:
        found.append(Finding("subnet", "bad", f"{far} is on another network than this computer."))
    return tuple(found)


def _of_the_program(s: Situation) -> list[Finding]:
    return [
        _finding(
            "listening",
            not s.here_alone,
            f"p2pchat can be called at port {s.port}.",
            "p2pchat can be called from this computer only.",
        ),
        _finding(
            "discovery",
            s.discovery == "on",
            "p2pchat looks for people on this network.",
            "p2pchat does not look for people on this network.",
        ),
        _finding(
            "visibility",
            s.visibility != "hidden",
            "Everyone here can see you."
            if s.visibility == "everyone"
            else "Your contacts can see you, others cannot.",
            "You are hidden: nobody sees you.",
        ),
    ]


def _multicast(s: Situation) -> Finding:
    state: bool | None = Echo.HEARD in s.echoes
    if not s.echoes or set(s.echoes) == {Echo.FAILED}:
        state = None
    return _finding(
        "multicast",
        state,
        "What is announced to this network is heard on this computer.",
        "What is announced to this network is not even heard on this computer.",
        "Whether announcements are heard on this computer could not be tried.",
    )


def _gate(code: str, gate: Gate, what: str) -> Finding:
    states = {Outcome.PASSES: True, Outcome.DROPPED: False, Outcome.UNSURE: None}
    look = (
        f" An administrator sees it with: {gate.command}" if gate.command and not gate.tool else ""
    )
    return _finding(
        code,
        states[gate.outcome],
        f"No firewall of this computer is against it that {what}.",
        f"The {_wall(gate)} of this computer is against it that {what}.",
        f"Whether a firewall is against it that {what} is not shown to p2pchat.{look}",
    )

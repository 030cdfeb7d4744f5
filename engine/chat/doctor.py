"""From facts to one cause: why nobody appears, or why we cannot be reached, and what mends it.

    Situation --CAUSES, the first that holds--> cause, one sentence, a command or a setting
              --findings.py------------------>  what is good, bad and unknown, one by one

Pure: what the facts are is found out elsewhere. The order of the table is the advice: what is
certain and here before what is likely and elsewhere; what must be mended first stands first.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from engine.chat import findings
from engine.chat.situation import DialledBack, Situation, wall
from engine.chat.views import Report
from engine.net.checkup import REACHED
from engine.net.ruleset import Outcome

ALONE: Final = "alone"


@dataclass(frozen=True, slots=True)
class Cause:
    code: str
    holds: Callable[[Situation], bool]
    sentence: Callable[[Situation], str]
    command: Callable[[Situation], str] = field(default=lambda _s: "")


def diagnose(situation: Situation) -> Report:
    """The verdict, and what it rests on."""
    found = findings.of(situation)
    for cause in CAUSES:
        if cause.holds(situation):
            is_ok = cause.code == ALONE
            sentence, command = cause.sentence(situation), cause.command(situation)
            return Report(is_ok, cause.code, sentence, command, found)
    sentence = "Everything works: people on this network can see you and reach you."
    return Report(ok=True, cause="", sentence=sentence, command="", findings=found)


# -- the causes


def _both_gates(s: Situation) -> str:
    """The commands for whichever of the two gates is not known to be open."""
    walls = s.checkup.firewalls
    gates = [gate for gate in (walls.mdns, walls.port) if gate.outcome is not Outcome.PASSES]
    return " && ".join(dict.fromkeys(gate.command for gate in gates if gate.command))


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
        lambda s: s.is_offline,
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
            f"The {wall(s.checkup.firewalls.mdns)} of this computer throws away the announcements "
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
            f"The {wall(s.checkup.firewalls.port)} of this computer turns away everybody who "
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
            f"You are connected with {_not_reached(s)[0].quoted}, who could not call you: "
            "something between the two of you, or a firewall here, lets nobody in at port "
            f"{s.port}."
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

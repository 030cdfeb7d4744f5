"""What the connection doctor looked at, one by one: good, bad, or not to be found out."""

from engine.chat.situation import Situation, wall
from engine.chat.views import Finding
from engine.net.checkup import REACHED
from engine.net.firewalls import Gate
from engine.net.multicast import Echo
from engine.net.ruleset import Outcome


def of(s: Situation) -> tuple[Finding, ...]:
    """All that there is to say, in the order of the reader's questions: am I on a network, ...?"""
    found = [
        _finding(
            "network",
            not s.is_offline,
            f"This computer is on {s.networks}.",
            "This computer is on no network.",
        )
    ]
    if s.is_running:
        found += _of_the_program(s)
    if s.is_offline:
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
                f"This computer can be called by {one.quoted}.",
                f"This computer could not be called by {one.quoted} ({one.result}).",
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


def _finding(code: str, state: bool | None, good: str, bad: str, unknown: str = "") -> Finding:
    """``state`` None: it could not be found out."""
    if state is None:
        return Finding(code, "unknown", unknown)
    return Finding(code, "good", good) if state else Finding(code, "bad", bad)


def _of_the_program(s: Situation) -> list[Finding]:
    return [
        _finding(
            "listening",
            not s.here_alone,
            f"p2pchat waits for calls at port {s.port}.",
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
        f"The {wall(gate)} of this computer is against it that {what}.",
        f"Whether a firewall is against it that {what} is not shown to p2pchat.{look}",
    )

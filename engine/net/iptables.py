"""Read what ``iptables -S`` says into a table of ruleset.py.

    -P INPUT DROP                                             a chain of a hook, and its policy
    -N ufw-user-input                                         a chain of one's own
    -A INPUT -i eth0 -p tcp -m tcp --dport 6000 -j ACCEPT     a rule

An option that is not known makes its rule's condition one that is not understood.
"""

import ipaddress
import shlex
from collections.abc import Iterator
from typing import Final

from engine.net.nftables import HIGHEST_PORT, NEVER, UNKNOWN
from engine.net.ruleset import Chain, Condition, Rule, Table

_HOOKS: Final = {"INPUT": "input", "OUTPUT": "output"}
# Options that do not decide: alone, and with a word after them.
_SAY_NOTHING: Final = {"--rsource", "--set", "--syn"}
_SAY_NOTHING_WITH: Final = {
    *("-m", "--comment", "--reject-with", "--log-prefix", "--log-level", "--limit"),
    *("--limit-burst", "--name", "--mask", "--set-xmark", "--nflog-prefix", "--nflog-group"),
}
_DECIDE_NOTHING: Final = {"LOG", "NFLOG", "MARK", "CONNMARK", "CHECKSUM", "AUDIT", "TCPMSS"}
_VERDICTS: Final = {"ACCEPT": "accept", "DROP": "drop", "REJECT": "drop", "RETURN": "return"}


def read(text: str, family: str) -> Table:
    """The table "filter". ``family``: ip or ip6. Raises ValueError."""
    policies: dict[str, str] = {}
    rules: dict[str, list[Rule]] = {}
    for line in text.splitlines():
        words = shlex.split(line)
        match words:
            case ["-P", name, policy, *_]:
                policies[name] = "accept" if policy == "ACCEPT" else "drop"
                rules.setdefault(name, [])
            case ["-N", name]:
                rules.setdefault(name, [])
            case ["-A", name, *rest]:
                rules.setdefault(name, []).append(_rule(rest))
            case [] | ["#", *_]:
                pass
            case _:
                raise ValueError("not a list of rules")
    chains = {
        name: Chain(name, tuple(found), _HOOKS.get(name, ""), policies.get(name, "accept"))
        for name, found in rules.items()
    }
    return Table("iptables", family, "filter", chains)


def _rule(words: list[str]) -> Rule:
    conditions: list[Condition] = []
    verdict, target = "", ""
    rest = iter(words)
    negated = False
    for word in rest:
        match word:
            case "!":
                negated = True
                continue
            case "-j" | "-g":
                name = next(rest, "")
                if name in _VERDICTS:
                    verdict = _VERDICTS[name]
                elif name not in _DECIDE_NOTHING:
                    # A target of an extension is no chain: what follows a jump there is unsure.
                    verdict, target = ("jump" if word == "-j" else "goto"), name
            case _ if word in _SAY_NOTHING_WITH:
                next(rest, "")
            case _ if word in _SAY_NOTHING:
                pass
            case _:
                conditions += _conditions(word, rest, negated)
        negated = False
    return Rule(tuple(conditions), verdict, target)


def _conditions(word: str, rest: Iterator[str], negated: bool) -> Iterator[Condition]:
    match word:
        case "-p":
            name = next(rest, "")
            yield Condition("always" if name == "all" else "protocol", (name,), negated)
        case "--dport" | "--dports":
            yield Condition("dport", tuple(map(_ports, next(rest, "").split(","))), negated)
        case "-i" | "-o":
            name = next(rest, "")
            name = f"{name[:-1]}*" if name.endswith("+") else name
            yield Condition("iif" if word == "-i" else "oif", (name,), negated)
        case "-s" | "-d":
            network = ipaddress.ip_network(next(rest, ""), strict=False)
            yield Condition("saddr" if word == "-s" else "daddr", (network,), negated)
        case "--state" | "--ctstate":
            yield Condition("state", tuple(next(rest, "").lower().split(",")), negated)
        case "--dst-type":
            yield Condition("daddr type", tuple(next(rest, "").lower().split(",")), negated)
        case "--pkt-type":
            yield Condition("cast", (next(rest, "").lower(),), negated)
        case "--icmp-type" | "--icmpv6-type":
            next(rest, "")
            yield NEVER
        case _:
            yield UNKNOWN


def _ports(text: str) -> tuple[int, int]:
    low, colon, high = text.partition(":")
    return int(low or 0), int(high or HIGHEST_PORT) if colon else int(low)

"""Read what ``nft -j list ruleset`` says into tables of ruleset.py.

Only what decides about a packet that comes from this network is read; what is not understood
becomes a condition, or a verdict, that is unsure. Raises ValueError for what is no such list.
"""

import ipaddress
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.net.interfaces import Network
from engine.net.ruleset import Chain, Condition, Rule, Table

FAMILIES: Final = ("inet", "ip", "ip6")
UNKNOWN: Final = Condition("not understood")
NEVER: Final = Condition("always", negated=True)
HIGHEST_PORT: Final = 65_535

_Sets = Mapping[tuple[str, str, str], Any]
_VERDICTS: Final = ("accept", "drop", "return", "jump", "goto")


def read(text: str) -> tuple[Table, ...]:
    """The tables that filter IP. Raises ValueError."""
    try:
        things = json.loads(text)["nftables"]
        return tuple(_tables(things))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a list of rules ({type(error).__name__})") from None


def _tables(things: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    heads = [thing["table"] for thing in things if "table" in thing]
    sets = {
        (one["family"], one["table"], one["name"]): one.get("elem", [])
        for thing in things
        if (one := thing.get("set") or thing.get("map"))
    }
    for head in heads:
        family, name = head["family"], head["name"]
        if family not in FAMILIES or "dormant" in head.get("flags", ()):
            continue
        here = {"family": family, "table": name}.items()
        chains = {}
        for thing in things:
            chain = thing.get("chain")
            if chain is None or not here <= chain.items() or chain.get("type") == "nat":
                continue
            belongs = here | {"chain": chain["name"]}.items()
            rules = (one["rule"] for one in things if "rule" in one)
            chains[chain["name"]] = Chain(
                name=chain["name"],
                rules=tuple(
                    read_rule
                    for rule in rules
                    if belongs <= rule.items()
                    for read_rule in _rules(rule["expr"], family, name, sets)
                ),
                hook=chain.get("hook", ""),
                policy=chain.get("policy", "accept"),
            )
        yield Table("nftables", family, name, chains)


def _rules(expr: Sequence[Any], family: str, table: str, sets: _Sets) -> Iterator[Rule]:
    """One rule; or several, for one that looks its verdict up in a map."""
    conditions: list[Condition] = []
    decides = has_xt = False
    for statement in expr:
        if not isinstance(statement, dict):  # "accept" alone, in some versions
            statement = {str(statement): None}
        for name, said in statement.items():
            match name:
                case "match":
                    conditions += _conditions(said, family, table, sets)
                case "limit" | "ct count":
                    # Over the limit is what an ordinary packet is not.
                    conditions += [NEVER] if said.get("inv") else []
                case "xt":
                    conditions.append(UNKNOWN)  # iptables' own: read it there
                    has_xt = True
                case "vmap":
                    for value, verdict in _pairs(said["data"], family, table, sets):
                        match_ = {"op": "==", "left": said["key"], "right": value}
                        more = _conditions(match_, family, table, sets)
                        kind, target = _verdict(verdict)
                        yield Rule((*conditions, *more), kind, target)
                case "reject" | "queue":
                    decides = True
                    yield Rule(tuple(conditions), "drop" if name == "reject" else "unknown")
                case _ if name in _VERDICTS:
                    decides = True
                    yield Rule(tuple(conditions), *_verdict(statement))
    if has_xt and not decides:
        yield Rule(tuple(conditions), "unknown")  # its verdict may be one of iptables' own


def _verdict(said: Mapping[str, Any]) -> tuple[str, str]:
    for name in _VERDICTS:
        if name in said:
            target = said[name]["target"] if name in ("jump", "goto") else ""
            return name, target
    return "unknown", ""


def _pairs(data: Any, family: str, table: str, sets: _Sets) -> list[Any]:
    if isinstance(data, str):
        data = sets.get((family, table, data.removeprefix("@")), [])
    return list(data["set"] if isinstance(data, dict) else data)


def _conditions(
    said: Mapping[str, Any], family: str, table: str, sets: _Sets
) -> Iterator[Condition]:
    left, right, op = said["left"], said["right"], said["op"]
    if isinstance(right, str) and right.startswith("@"):
        right = sets.get((family, table, right[1:]))
    negated = op == "!="
    field, kind = "", ""
    match left:
        case {"payload": {"protocol": ("tcp" | "udp") as protocol, "field": name}}:
            yield Condition("protocol", (protocol,))
            field, kind = ("dport", "port") if name == "dport" else ("", "")
        case {"payload": {"protocol": "th", "field": "dport"}}:
            field, kind = "dport", "port"
        case {"payload": {"protocol": ("ip" | "ip6") as protocol, "field": name}}:
            yield Condition("family", ("ipv4" if protocol == "ip" else "ipv6",))
            field = {"saddr": "saddr", "daddr": "daddr"}.get(name, "")
            kind = "network" if field else ""
            if name in ("protocol", "nexthdr"):
                field, kind = "protocol", "name"
        case {"payload": {"protocol": ("icmp" | "icmpv6" | "arp" | "sctp" | "dccp")}}:
            yield NEVER
            return
        case {"meta": {"key": key}}:
            field = {
                "l4proto": "protocol",
                "nfproto": "family",
                "protocol": "family",
                "iif": "iif",
                "iifname": "iif",
                "oif": "oif",
                "oifname": "oif",
                "pkttype": "cast",
            }.get(key, "")
            kind = "name"
            if key == "protocol":
                right = _renamed(right)
        case {"ct": {"key": "state"}}:
            field, kind = "state", "name"
        case {"fib": {"result": "type", "flags": flags}} if "daddr" in flags:
            field, kind = "daddr type", "name"
        case {"fib": {"result": "oif"}} if right is False:
            yield NEVER  # "no way back to who sent it": there is one to this network
            return
    values = _values(right, kind, op) if field else None
    yield UNKNOWN if values is None else Condition(field, values, negated)


def _renamed(right: Any) -> Any:
    names = {"ip": "ipv4", "ip6": "ipv6"}
    return names.get(right, right) if isinstance(right, str) else right


def _values(right: Any, kind: str, op: str) -> tuple[Any, ...] | None:
    """What the condition names; None when that is not understood."""
    if op not in ("==", "!=", "in"):
        return _compared(right, op) if kind == "port" and isinstance(right, int) else None
    if isinstance(right, dict) and "set" in right:
        right = right["set"]
    values = []
    for one in right if isinstance(right, list) else [right]:
        if isinstance(one, dict) and "elem" in one:  # an element with a lifetime or a counter
            one = one["elem"]["val"]
        value = _value(one, kind)
        if value is None:
            return None
        values += value
    return tuple(values)


def _compared(port: int, op: str) -> tuple[tuple[int, int], ...] | None:
    return {
        "<": ((0, port - 1),),
        "<=": ((0, port),),
        ">": ((port + 1, HIGHEST_PORT),),
        ">=": ((port, HIGHEST_PORT),),
    }.get(op)


def _value(one: Any, kind: str) -> list[Any] | None:
    match kind, one:
        case "name", str():
            return [one]
        case "port", int():
            return [(one, one)]
        case "port", {"range": [int(low), int(high)]}:
            return [(low, high)]
        case "port", "mdns":  # nft says numbers, unless it was told to say names
            return [(5353, 5353)]
        case "network", str():
            return [_network(one)]
        case "network", {"prefix": {"addr": address, "len": length}}:
            return [_network(f"{address}/{length}")]
        case "network", {"range": [low, high]}:
            ends = ipaddress.ip_address(low), ipaddress.ip_address(high)
            return list(ipaddress.summarize_address_range(*ends))
        case _:
            return None


def _network(text: str) -> Network:
    return ipaddress.ip_network(text, strict=False)

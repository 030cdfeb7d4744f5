"""Lists of rules as nft writes them, and what is made of them."""

import ipaddress
import json

import pytest

from engine.net import nftables
from engine.net.ruleset import Outcome, Packet, fate

HERE = ipaddress.ip_network("192.168.1.0/24")
CALL = Packet("tcp", 6000, HERE, ipaddress.ip_address("192.168.1.7"), "wlan0")
ANNOUNCEMENT = Packet("udp", 5353, HERE, ipaddress.ip_address("224.0.0.251"), "wlan0")


def port(protocol, right, op="=="):
    left = {"payload": {"protocol": protocol, "field": "dport"}}
    return {"match": {"op": op, "left": left, "right": right}}


def meta(key, right, op="=="):
    return {"match": {"op": op, "left": {"meta": {"key": key}}, "right": right}}


def saddr(right):
    left = {"payload": {"protocol": "ip", "field": "saddr"}}
    return {"match": {"op": "==", "left": left, "right": right}}


def state(*right):
    return {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": list(right)}}


ACCEPT, DROP, REJECT = {"accept": None}, {"drop": None}, {"reject": {"type": "tcp reset"}}
COUNTER = {"counter": {"packets": 3, "bytes": 180}}


def listed(*rules, policy="accept", family="inet", **more):
    """What ``nft -j list ruleset`` says of one table with one chain."""
    chain = {"family": family, "table": "filter", "name": "input", "type": "filter"}
    chain |= {"hook": "input", "prio": 0, "policy": policy} | more
    own = {"family": family, "table": "filter", "name": "own", "handle": 9}
    ports = {"family": family, "table": "filter", "name": "ports", "elem": [80, 6000]}
    verdicts = {"name": "verdicts", "elem": [[22, ACCEPT], [6000, DROP]]}
    at = {"family": family, "table": "filter", "chain": "input"}
    return [
        {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
        {"table": {"family": family, "name": "filter", "handle": 1}},
        {"set": ports | {"type": "inet_service"}},
        {"map": ports | verdicts | {"type": "inet_service", "map": "verdict"}},
        {"chain": chain},
        {"chain": own},
        {"rule": {**at, "chain": "own", "expr": [port("tcp", 6000), DROP]}},
        *({"rule": {**at, "expr": list(expr)}} for expr in rules),
    ]


def outcome(things, packet=CALL):
    tables = nftables.read(json.dumps({"nftables": things}))
    return fate(tables, packet)[0]


@pytest.mark.parametrize(
    "rule",
    [
        [port("tcp", 6000), DROP],
        [port("tcp", 6000), COUNTER, REJECT],
        [port("tcp", {"range": [6000, 6100]}), DROP],
        [port("tcp", {"set": [80, {"range": [5900, 6005]}]}), DROP],
        [port("tcp", "@ports"), DROP],
        [port("tcp", 22, "!="), DROP],
        [port("tcp", 1024, ">="), DROP],
        [port("th", 6000), DROP],
        [meta("l4proto", "tcp"), DROP],
        [meta("l4proto", {"set": ["tcp", "udp"]}), port("th", 6000), DROP],
        [meta("iifname", "wlan0"), DROP],
        [meta("iifname", "lo", "!="), DROP],
        [meta("nfproto", "ipv4"), DROP],
        [meta("protocol", "ip"), DROP],
        [saddr({"prefix": {"addr": "192.168.0.0", "len": 16}}), DROP],
        [saddr({"range": ["192.168.1.0", "192.168.1.255"]}), DROP],
        [state("new", "untracked"), DROP],
        [{"jump": {"target": "own"}}],
        [{"goto": {"target": "own"}}],
        [{"vmap": {"key": port("tcp", 0)["match"]["left"], "data": "@verdicts"}}],
        [{"vmap": {"key": {"meta": {"key": "iifname"}}, "data": {"set": [["wlan0", DROP]]}}}],
    ],
)
def test_a_rule_against_a_call_is_seen(rule):
    assert outcome(listed(rule)) is Outcome.DROPPED


@pytest.mark.parametrize(
    "rule",
    [
        [port("tcp", 6001), DROP],
        [port("udp", 6000), DROP],
        [port("tcp", {"set": []}), DROP],
        [port("tcp", 6000), COUNTER],
        [port("tcp", 6000), {"log": {"prefix": "call"}}],
        [meta("iif", "eth0"), DROP],
        [meta("pkttype", "multicast"), DROP],
        [state("invalid"), DROP],
        [{"limit": {"rate": 10, "per": "second", "inv": True}}, DROP],
        [port("tcp", 6000), ACCEPT],
        [{"match": {"op": "==", "left": {"fib": {"result": "oif", "flags": ["saddr", "iif"]}},
                    "right": False}}, DROP],
        [{"match": {"op": "==", "left": {"payload": {"protocol": "icmp", "field": "type"}},
                    "right": "echo-request"}}, DROP],
    ],
)  # fmt: skip
def test_a_rule_against_something_else_is_not(rule):
    assert outcome(listed(rule)) is Outcome.PASSES


@pytest.mark.parametrize(
    "rule",
    [
        [saddr("192.168.1.9"), DROP],
        [port("tcp", "@no_such_set"), DROP],
        [{"match": {"op": "==", "left": {"meta": {"key": "skuid"}}, "right": 7}}, DROP],
        [{"match": {"op": "==", "left": {"concat": [1, 2]}, "right": [3]}}, DROP],
        [{"match": {"op": "==", "left": {"&": [{"meta": {"key": "mark"}}, 1]}, "right": 1}}, DROP],
        [{"xt": {"type": "match", "name": "multiport"}}, DROP],
        [{"xt": {"type": "target", "name": "SOMETHING"}}],
        [{"queue": {"num": 1}}],
    ],
)
def test_what_is_not_understood_is_not_claimed(rule):
    assert outcome(listed(rule)) is Outcome.UNSURE


def test_a_policy_that_drops_drops_what_no_rule_lets_in():
    usual = [
        [meta("iif", "lo"), ACCEPT],
        [state("established", "related"), ACCEPT],
        [port("tcp", 22), ACCEPT],
    ]
    assert outcome(listed(*usual, policy="drop")) is Outcome.DROPPED
    assert outcome(listed(*usual, policy="drop"), ANNOUNCEMENT) is Outcome.DROPPED
    assert outcome(listed(*usual, [port("tcp", 6000), ACCEPT], policy="drop")) is Outcome.PASSES


def test_tables_that_do_not_filter_here_are_passed_over():
    drop = [port("tcp", 6000), DROP]
    assert outcome(listed(drop, family="ip6")) is Outcome.PASSES
    assert outcome(listed(drop, family="bridge")) is Outcome.PASSES
    assert outcome(listed(drop, type="nat")) is Outcome.PASSES
    asleep = listed(drop)
    asleep[1]["table"]["flags"] = ["dormant"]
    assert outcome(asleep) is Outcome.PASSES


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"nftables": 7}', '{"nftables": [7]}', "[" * 100_000, "\0"]
)
def test_what_is_no_list_of_rules_is_a_value_error(text):
    with pytest.raises(ValueError, match="not a list of rules"):
        nftables.read(text)

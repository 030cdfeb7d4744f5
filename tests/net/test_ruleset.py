"""Rules followed by hand and by the program: what they let pass, drop, or do not tell."""

import ipaddress

import pytest

from engine.net.ruleset import Chain, Condition, Outcome, Packet, Rule, Table, fate

HERE = ipaddress.ip_network("192.168.1.0/24")
US = ipaddress.ip_address("192.168.1.7")
GROUP = ipaddress.ip_address("224.0.0.251")
CALL = Packet("tcp", 6000, HERE, US, "wlan0")
ANNOUNCEMENT = Packet("udp", 5353, HERE, GROUP, "wlan0")

MDNS = (Condition("protocol", ("udp",)), Condition("dport", ((5353, 5353),)))
WHO_KNOWS = Condition("the phase of the moon")


def table(*rules, policy="accept", hook="input", family="inet", **chains):
    base = Chain("input", rules, hook, policy)
    return Table("nftables", family, "filter", {"input": base, **chains})


def outcome(packet, *tables):
    return fate(tables, packet)[0]


def test_without_rules_everything_passes():
    assert outcome(CALL) is Outcome.PASSES
    assert outcome(CALL, table()) is Outcome.PASSES


def test_the_policy_speaks_at_the_end_of_the_chain():
    assert outcome(CALL, table(policy="drop")) is Outcome.DROPPED
    assert outcome(CALL, table(Rule((), "accept"), policy="drop")) is Outcome.PASSES
    assert outcome(CALL, table(Rule((), "return"), policy="drop")) is Outcome.DROPPED


def test_a_rule_counts_only_for_what_it_names():
    rules = table(Rule(MDNS, "drop"))
    assert outcome(ANNOUNCEMENT, rules) is Outcome.DROPPED
    assert outcome(CALL, rules) is Outcome.PASSES


def test_the_first_rule_that_decides_is_the_last_that_is_read():
    rules = table(Rule(MDNS, "accept"), Rule(MDNS, "drop"))
    assert outcome(ANNOUNCEMENT, rules) is Outcome.PASSES


def test_to_have_passed_one_chain_is_no_help_in_the_next():
    assert outcome(CALL, table(Rule((), "accept")), table(policy="drop")) is Outcome.DROPPED
    _, places = fate([table(policy="drop"), table(Rule((), "drop"))], CALL)
    assert len(places) == 2


def test_chains_lead_into_one_another_and_back():
    own = Chain("own", (Rule(MDNS, "drop"),))
    jumps = table(Rule((), "jump", "own"), Rule((), "accept"), policy="drop", own=own)
    assert outcome(ANNOUNCEMENT, jumps) is Outcome.DROPPED
    assert outcome(CALL, jumps) is Outcome.PASSES
    goes = table(Rule((), "goto", "own"), Rule((), "accept"), policy="drop", own=own)
    assert outcome(CALL, goes) is Outcome.DROPPED  # never comes back: the policy


def test_chains_in_a_circle_end():
    own = Chain("own", (Rule((), "jump", "own"),))
    assert outcome(CALL, table(Rule((), "jump", "own"), own=own)) is Outcome.UNSURE


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((Rule((WHO_KNOWS,), "drop"),), Outcome.UNSURE),
        ((Rule((WHO_KNOWS,), "accept"),), Outcome.PASSES),
        ((Rule((WHO_KNOWS,), "accept"), Rule((), "drop")), Outcome.UNSURE),
        ((Rule((WHO_KNOWS,), "drop"), Rule((), "drop")), Outcome.DROPPED),
        ((Rule((WHO_KNOWS, *MDNS), "drop"),), Outcome.PASSES),  # it is no announcement
        ((Rule((), "unknown"),), Outcome.UNSURE),
        ((Rule((), "jump", "nowhere"),), Outcome.UNSURE),
        ((Rule((), "accept"), Rule((WHO_KNOWS,), "drop")), Outcome.PASSES),
    ],
)
def test_what_is_not_understood_is_neither_true_nor_false(rules, expected):
    assert outcome(CALL, table(*rules)) is expected


def test_a_family_and_a_hook_see_only_their_own():
    assert outcome(CALL, table(policy="drop", family="ip6")) is Outcome.PASSES
    assert outcome(CALL, table(policy="drop", family="ip")) is Outcome.DROPPED
    assert outcome(CALL, table(policy="drop", hook="output")) is Outcome.PASSES
    assert outcome(CALL, table(policy="drop", hook="forward")) is Outcome.PASSES
    assert outcome(CALL, table(policy="drop", hook="prerouting")) is Outcome.DROPPED
    leaving = Packet("udp", 5353, HERE, GROUP, "wlan0", is_leaving=True)
    assert outcome(leaving, table(policy="drop", hook="output")) is Outcome.DROPPED
    assert outcome(leaving, table(policy="drop")) is Outcome.PASSES


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition("iif", ("wlan0",)), True),
        (Condition("iif", ("wl*",)), True),
        (Condition("iif", ("lo",)), False),
        (Condition("iif", ("lo",), negated=True), True),
        (Condition("oif", ("wlan0",)), False),
        (Condition("dport", ((1024, 65535),)), True),
        (Condition("dport", ((1, 1023), (7000, 7000))), False),
        (Condition("saddr", (ipaddress.ip_network("192.168.0.0/16"),)), True),
        (Condition("saddr", (ipaddress.ip_network("10.0.0.0/8"),)), False),
        (Condition("saddr", (ipaddress.ip_network("192.168.1.9"),)), None),
        (Condition("saddr", (ipaddress.ip_network("192.168.1.9"),), negated=True), None),
        (Condition("daddr", (ipaddress.ip_network("192.168.1.7"),)), True),
        (Condition("daddr", (ipaddress.ip_network("fe80::/10"),)), False),
        (Condition("state", ("established", "related")), False),
        (Condition("state", ("new",)), True),
        (Condition("cast", ("multicast",)), False),
        (Condition("daddr type", ("local",)), True),
        (Condition("family", ("ipv4",)), True),
        (Condition("always"), True),
        (Condition("always", negated=True), False),
    ],
)
def test_every_condition_is_read_rightly(condition, holds):
    expected = {True: Outcome.DROPPED, False: Outcome.PASSES, None: Outcome.UNSURE}[holds]
    assert outcome(CALL, table(Rule((condition,), "drop"))) is expected

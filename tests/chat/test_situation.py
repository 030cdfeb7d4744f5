"""What follows from the facts, before anybody judges it."""

import dataclasses

import pytest

from engine.chat.situation import wall
from engine.net.firewalls import Gate
from engine.net.multicast import Echo, Multicast
from engine.net.ruleset import Outcome
from tests.chat.test_doctor import BUDI_CALLS, BUDI_FAILS, NOBODY, QUIET, TUNNEL, WLAN, card, facts


def test_what_was_seen_to_work_is_reachable_and_a_fresh_answer_outweighs_an_old_call():
    assert not facts().is_reachable
    assert facts({"called": True}).is_reachable
    assert facts({"dialled_back": BUDI_CALLS}).is_reachable
    assert facts({"dialled_back": BUDI_FAILS + BUDI_CALLS}).is_reachable
    assert not facts({"dialled_back": BUDI_FAILS, "called": True}).is_reachable


def test_anybody_counts_as_heard_and_only_p2pchat_as_seen():
    assert facts(NOBODY).hears_others
    assert not facts(NOBODY).sees_somebody
    assert facts(multicast=QUIET).hears_others
    assert not facts(NOBODY, multicast=QUIET).hears_others
    assert facts(NOBODY, multicast=Multicast(others_of_us=True)).sees_somebody


@pytest.mark.parametrize(
    ("cards", "offline"),
    [
        ((), True),
        ((TUNNEL,), True),
        ((card("docker0", "172.17.0.1/16"),), True),
        ((TUNNEL, WLAN), False),
    ],
)
def test_without_a_card_that_leads_to_people_there_is_no_network(cards, offline):
    assert facts(interfaces=cards).is_offline is offline


def test_the_networks_are_those_with_people():
    docker = card("docker0", "172.17.0.1/16")
    assert facts(interfaces=(WLAN, WLAN, docker, card("wlan0", "fe80::1/64"))).networks == (
        "192.168.1.0/24"
    )
    assert "IPv6" in facts(interfaces=(card("wlan0", "fe80::1/64"),)).networks


@pytest.mark.parametrize(
    ("echoes", "deaf", "mute"),
    [
        ((Echo.HEARD,), False, False),
        ((Echo.SILENT,), True, False),
        ((Echo.SILENT, Echo.HEARD), False, False),
        ((Echo.SILENT, Echo.FAILED), True, False),
        ((Echo.FAILED,), False, False),
        ((Echo.FORBIDDEN,), False, True),
        ((Echo.FORBIDDEN, Echo.HEARD), False, False),
        ((), False, False),
    ],
)
def test_silence_and_refusal_are_told_apart(echoes, deaf, mute):
    heard = Multicast(tuple(("wlan0", 4, echo) for echo in echoes))
    assert (facts(multicast=heard).is_deaf, facts(multicast=heard).is_mute) == (deaf, mute)


def test_cards_that_lead_to_nobody_say_nothing():
    heard = Multicast((("wg0", 4, Echo.SILENT), ("wlan0", 4, Echo.HEARD)))
    situation = facts(interfaces=(WLAN, TUNNEL), multicast=heard)
    assert situation.echoes == (Echo.HEARD,)


@pytest.mark.parametrize(
    ("own", "nowhere"),
    [
        ((), False),
        ((("a", "connected"),), False),
        ((("a", "timeout"),), True),
        ((("a", "timeout"), ("b", "connected")), False),
        ((("a", "unreachable"),), False),
    ],
)
def test_a_port_that_answers_nowhere_is_blocked_even_from_here(own, nowhere):
    assert facts(own=own).answers_nowhere is nowhere


def test_only_tunnels_that_lead_to_the_world_are_in_the_way():
    assert facts(to_the_world=("wlan0", "wg0")).tunnels == ("wg0",)
    assert facts(interfaces=(WLAN, TUNNEL)).tunnels == ()


def test_a_firewall_is_called_by_its_name():
    gate = Gate(Outcome.DROPPED, "ufw")
    assert wall(gate) == "firewall (ufw)"
    assert wall(dataclasses.replace(gate, tool="windows")) == "firewall of Windows"
    assert wall(Gate()) == "firewall"

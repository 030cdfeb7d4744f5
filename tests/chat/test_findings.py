"""What was looked at, line by line."""

import dataclasses

import pytest

from engine.chat import findings
from engine.net.multicast import Echo, Multicast
from tests.chat.test_doctor import (
    BUDI_CALLS,
    BUDI_FAILS,
    LOOK,
    NOBODY,
    QUIET,
    SHUT_MDNS,
    SHUT_PORT,
    facts,
)


def found(situation):
    return {one.code: one for one in findings.of(situation)}


def test_where_all_is_well_every_finding_is_good():
    told = {one.code: one.state for one in findings.of(facts({"dialled_back": BUDI_CALLS}))}
    assert set(told.values()) == {"good"}
    assert set(told) == {
        *("network", "listening", "discovery", "visibility", "multicast"),
        *("firewall_people", "firewall_port", "own_addresses", "dial_back", "vpn", "others"),
    }


@pytest.mark.parametrize(
    ("situation", "code", "state"),
    [
        (facts(interfaces=()), "network", "bad"),
        (facts({"here_alone": True}), "listening", "bad"),
        (facts({"discovery": "off"}), "discovery", "bad"),
        (facts({"discovery": "unavailable"}), "discovery", "bad"),
        (facts({"visibility": "hidden"}), "visibility", "bad"),
        (facts({"visibility": "contacts"}), "visibility", "good"),
        (facts(multicast=Multicast((("wlan0", 4, Echo.SILENT),))), "multicast", "bad"),
        (facts(multicast=Multicast((("wlan0", 4, Echo.FORBIDDEN),))), "multicast", "bad"),
        (facts(multicast=Multicast((("wlan0", 4, Echo.FAILED),))), "multicast", "unknown"),
        (facts(multicast=Multicast()), "multicast", "unknown"),
        (facts(mdns=SHUT_MDNS), "firewall_people", "bad"),
        (facts(mdns=LOOK), "firewall_people", "unknown"),
        (facts(port=SHUT_PORT), "firewall_port", "bad"),
        (facts(port=LOOK), "firewall_port", "unknown"),
        (facts(own=(("192.168.1.7", "refused"),)), "own_addresses", "bad"),
        (facts({"dialled_back": BUDI_FAILS}), "dial_back", "bad"),
        (facts(to_the_world=("wg0",)), "vpn", "unknown"),
        (facts(NOBODY, multicast=QUIET), "others", "unknown"),
        (facts({"asked_for": "10.9.9.9:6000"}), "subnet", "bad"),
        (facts({"last_at": "10.9.9.9"}), "subnet", "bad"),
    ],
)
def test_each_fault_is_a_finding(situation, code, state):
    assert found(situation)[code].state == state


def test_on_no_network_there_is_nothing_more_to_look_at():
    assert set(found(facts({"is_running": False}, interfaces=()))) == {"network"}


def test_a_program_that_does_not_run_is_not_spoken_of():
    assert not {"listening", "discovery", "visibility"} & set(found(facts({"is_running": False})))


def test_rules_that_are_not_shown_come_with_the_command_to_look():
    assert "sudo nft list ruleset" in found(facts(port=LOOK))["firewall_port"].sentence


def test_another_device_is_told_from_another_person():
    assert "no other p2pchat" in found(facts(NOBODY))["others"].sentence
    assert "Other people" in found(facts())["others"].sentence


def test_each_who_called_back_is_named():
    both = (*BUDI_FAILS, dataclasses.replace(BUDI_CALLS[0], name="Dewi"))
    lines = [one.sentence for one in findings.of(facts({"dialled_back": both}))]
    assert "This computer could not be called by “Budi” (timeout)." in lines
    assert "This computer can be called by “Dewi”." in lines

"""The table of who is on this network: who appears, where they are, and when they are gone."""

import random

import pytest

from engine.net import neighbours
from engine.net.announcements import Gone, Pointer, Question, Service, Sighting, Text
from engine.protocol.invite import HostPort
from tests.net.table import HOME, LIFE, TXT, Table, announced, at, interface, places

# -- appearing


def test_whoever_announces_everything_is_seen_at_once():
    table = Table()
    table.hear(*announced("bob", text=b"\x03v=1\x05n=Bob"))
    assert table.news() == [
        Sighting("bob", (HostPort("192.168.1.2", 6000),), {"v": b"1", "n": b"Bob"})
    ]
    assert table.news() == []


def test_records_may_come_in_any_order_and_in_several_packets():
    records = announced("bob", "192.168.1.2", "192.168.1.3")
    for order in range(20):
        table = Table()
        shuffled = random.Random(order).sample(records, len(records))
        table.hear(*shuffled)
        assert places(table.news()) == ["192.168.1.2", "192.168.1.3"]
    table = Table()
    pointer, service, text, *addresses = records
    for record in (pointer, service, text):
        table.hear(record)
        assert table.news() == []
    table.hear(*addresses)
    assert len(table.news()) == 1


def test_who_gives_no_text_is_asked_for_it_then_given_up():
    table = Table()
    table.hear(Pointer("bob", LIFE), Service("bob", "bob.local.", 6000, LIFE))
    assert table.questions() == []  # it may be on its way
    assert table.questions(after=0.5) == [Question("bob", wants_text=True)]
    assert table.questions(after=0.5) == []
    assert table.questions(after=0.5) == [Question("bob", wants_text=True)]
    assert table.news(after=neighbours.INCOMPLETE_FOR) == []
    assert table.neighbours.instances == []


def test_names_are_the_same_in_upper_and_lower_case():
    table = Table()
    table.meet("bob")
    table.hear(*announced("BOB", text=b"\x03v=2"))
    [seen] = table.news(after=1)
    assert isinstance(seen, Sighting)
    assert (seen.instance, seen.txt) == ("bob", {"v": b"2"})


def test_our_own_instance_is_nobody():
    table = Table()
    table.own.append("bob")
    table.hear(*announced("Bob"))
    assert table.news() == []
    assert table.neighbours.instances == []


@pytest.mark.parametrize(("port", "seen"), [(0, 0), (22, 0), (631, 0), (1_023, 0), (1_024, 1)])
def test_a_port_of_the_system_leads_nowhere(port, seen):
    """Else anybody could make us knock at services of other machines."""
    table = Table()
    table.hear(*announced("bob", port=port))
    assert len(table.news()) == seen


def test_who_moves_to_a_port_of_the_system_is_out_of_sight():
    table = Table()
    table.meet("bob")
    table.hear(Service("bob", "bob.local.", 445, LIFE))
    assert table.news(after=1) == [Gone("bob")]


# -- places


def test_places_off_this_network_are_not_believed():
    """Else anybody could make everybody here dial whom they like."""
    table = Table()
    table.hear(*announced("bob", "8.8.8.8", "192.168.1.2", "10.1.1.1", "2001:db8::1", "0.0.0.0"))
    assert places(table.news()) == ["192.168.1.2"]


def test_places_that_are_not_believed_take_no_room_from_others():
    table = Table()
    table.hear(*announced("bob", *(f"8.8.8.{number}" for number in range(15)), "192.168.1.2"))
    assert places(table.news()) == ["192.168.1.2"]


def test_whoever_is_only_elsewhere_is_not_seen():
    table = Table()
    table.hear(*announced("bob", "8.8.8.8", "fe80::2", "::1", "127.0.0.1", "224.0.0.251"))
    assert table.news() == []


def test_the_likeliest_place_comes_first():
    table = Table()
    addresses = ["fe80::2%2", "fd00::2", "192.168.1.2", "192.168.1.3"]
    table.hear(*announced("bob", *addresses), source="192.168.1.3")
    assert places(table.news()) == ["192.168.1.3", "192.168.1.2", "fd00::2", "fe80::2%2"]
    table = Table()
    table.hear(*announced("bob", *addresses), source="fe80::2")
    assert places(table.news()) == ["fe80::2%2", "192.168.1.2", "192.168.1.3", "fd00::2"]


def test_a_link_local_place_names_the_card_it_was_heard_on():
    table = Table()
    table.hear(*announced("bob", "fe80::2"), source="192.168.1.2")  # over IPv4: no card
    assert table.news() == []
    table.hear(at("bob.local.", "fe80::2%2"), source="fe80::2")
    assert places(table.news()) == ["fe80::2%2"]
    table.now += 5
    table.hear(*announced("bob", "fe80::2"), source="192.168.1.2")  # once more: still that card
    assert table.news() == []


def test_a_card_that_we_do_not_have_leads_nowhere():
    table = Table()
    table.hear(*announced("bob", "fe80::2%3"), source="fe80::2")
    assert table.news() == []


def test_an_address_that_is_ours_is_not_somebody_elses():
    """Containers have the same addresses on every machine."""
    table = Table(*HOME, interface("172.17.0.1/16", "docker0", 5))
    table.hear(*announced("bob", "172.17.0.1", "192.168.1.2"), source="192.168.1.2")
    assert places(table.news()) == ["192.168.1.2"]


def test_another_program_on_this_machine_has_our_addresses():
    table = Table()
    table.hear(*announced("bob", "192.168.1.9"), source="192.168.1.9")
    assert places(table.news()) == ["192.168.1.9"]


def test_a_new_set_of_addresses_replaces_the_old_one():
    table = Table()
    table.meet("bob")
    table.now += 5
    table.hear(*announced("bob", "192.168.1.5", "fd00::2"), source="192.168.1.5")
    assert places(table.news()) == ["192.168.1.5", "fd00::2"]


def test_a_set_of_addresses_may_come_in_two_packets():
    table = Table()
    table.hear(*announced("bob", "192.168.1.2"))
    table.now += 0.5
    table.hear(at("bob.local.", "192.168.1.3"))
    assert places(table.news()) == ["192.168.1.2", "192.168.1.3"]


def test_another_host_takes_none_of_the_old_ones_addresses_along():
    table = Table()
    table.meet("bob")
    table.hear(Service("bob", "other.local.", 6000, LIFE))
    assert table.news(after=1) == [Gone("bob")]
    table.hear(at("other.local.", "192.168.1.7"))
    assert places(table.news()) == ["192.168.1.7"]


def test_two_services_of_one_host_share_its_addresses():
    table = Table()
    table.hear(*(Service(name, "host.local.", 6000, LIFE) for name in ("bob", "carol")))
    table.hear(Text("bob", TXT, LIFE), Text("carol", TXT, LIFE), at("host.local.", "192.168.1.2"))
    assert len(table.news()) == 2


def test_when_we_change_networks_the_places_there_are_gone_and_come_back():
    table = Table()
    table.meet("bob")
    table.neighbours.move_to([interface("10.0.0.9/8")])
    assert table.news(after=1) == [Gone("bob")]
    table.neighbours.move_to(HOME)
    assert places(table.news(after=1)) == ["192.168.1.2"]


def test_after_a_move_nobody_is_named_before_they_are_heard_again():
    """The names of those at home, asked for elsewhere, tell who came."""
    table = Table()
    table.meet("bob")
    table.meet("carol", "192.168.1.3")
    assert table.neighbours.complete == ["bob", "carol"]
    table.neighbours.move_to(HOME)
    table.hear(Pointer("carol", LIFE), source="192.168.1.3")
    assert table.neighbours.complete == ["carol"]
    assert table.questions(after=0.9 * LIFE) == [Question("carol", wants_text=False)]
    table.hear(*announced("bob"))
    assert table.neighbours.complete == ["bob", "carol"]


# -- leaving


def test_a_goodbye_is_believed_when_nobody_contradicts():
    table = Table()
    table.meet("bob")
    table.hear(*announced("bob", life=0))
    assert table.news() == []
    assert table.news(after=neighbours.DOUBT_FOR) == [Gone("bob")]
    assert table.neighbours.instances == []


def test_a_goodbye_that_somebody_else_said_changes_nothing():
    table = Table()
    table.meet("bob")
    table.hear(*announced("bob", life=0), source="192.168.1.66")
    assert table.questions(after=neighbours.DOUBT_SPREAD) == [Question("bob", wants_text=False)]
    table.hear(Service("bob", "bob.local.", 6000, LIFE), at("bob.local.", "192.168.1.2"))
    assert table.news(after=neighbours.DOUBT_FOR) == []
    assert table.news(after=LIFE - 3) == []


def test_goodbyes_that_do_not_stop_do_not_hasten_anything():
    table = Table()
    table.meet("bob")
    for _ in range(10):
        table.hear(*announced("bob", life=0))
        table.now += 0.1
    assert table.news() == []
    assert len(table.questions()) == 1


def test_who_falls_silent_is_asked_and_then_gone():
    table = Table()
    table.meet("bob")
    assert table.questions(after=0.75 * LIFE) == []
    assert table.questions(after=0.1 * LIFE) == [Question("bob", wants_text=False)]
    assert table.questions() == []
    assert table.questions(after=neighbours.ASK_EVERY) == [Question("bob", wants_text=False)]
    assert table.news() == []
    assert table.news(after=0.15 * LIFE) == [Gone("bob")]


def test_who_answers_stays():
    table = Table()
    table.meet("bob")
    for _ in range(10):
        assert len(table.questions(after=0.85 * LIFE)) == 1
        table.hear(Service("bob", "bob.local.", 6000, LIFE), at("bob.local.", "192.168.1.2"))
        assert table.news() == []


def test_what_somebody_else_asks_need_not_be_asked_again():
    table = Table()
    table.meet("bob")
    table.now += 0.85 * LIFE
    table.neighbours.heard_question("Bob", table.now)
    table.neighbours.heard_question("nobody", table.now)
    assert table.questions() == []
    assert len(table.questions(after=neighbours.ASK_EVERY)) == 1


def test_the_questions_of_others_do_not_keep_us_from_asking_whom_somebody_sent_away():
    table = Table()
    table.meet("bob")
    table.hear(*announced("bob", life=0), source="192.168.1.66")
    asked = []
    for _ in range(4):
        table.neighbours.heard_question("bob", table.now)
        asked += table.questions(after=0.4)
    assert asked[:1] == [Question("bob", wants_text=False)]


def test_the_questions_of_others_do_not_keep_us_from_asking_whose_life_ends():
    table = Table()
    table.meet("bob")
    asked_at = []
    died_at = table.now + LIFE
    while table.now < died_at:
        table.neighbours.heard_question("bob", table.now)
        asked_at += [table.now for _ in table.questions(after=0.5)]
    assert asked_at[0] <= died_at - neighbours.ASK_OURSELVES_FOR + 0.5
    assert len(asked_at) >= 2, "one packet may be lost"


@pytest.mark.parametrize(("claimed", "lives"), [(1.0, 30.0), (60.0, 60.0), (1e9, 120.0)])
def test_a_life_is_neither_too_short_nor_too_long(claimed, lives):
    table = Table()
    table.hear(*announced("bob", life=claimed))
    table.news()
    assert table.news(after=lives - 0.1) == []
    assert table.news(after=0.1) == [Gone("bob")]


def test_who_comes_back_is_seen_again():
    table = Table()
    table.meet("bob")
    assert table.news(after=LIFE) == [Gone("bob")]
    table.meet("bob")


def test_a_text_that_became_too_long_takes_its_owner_out_of_sight():
    table = Table()
    table.meet("bob")
    table.hear(Text("bob", bytes(1_301), LIFE))
    assert table.news(after=1) == [Gone("bob")]

"""Who could be taken for whom: names as people really have them, and as an impostor writes them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import Contact, Level, Relation, clean_name
from engine.chat.likeness import MAX_CAUTIONS, Familiar, skeletons
from engine.chat.views import Caution
from engine.protocol.invite import HostPort
from engine.store.people import Known
from tests.helpers import person

ME, BUDI, EVE, DEWI = (person(number).peer for number in range(1, 5))
HOME = HostPort("192.168.1.9", 6000)


def known(peer, own_name="Budi", *, places=(), **more):
    contact = {"relation": Relation.CONTACT, "first_seen_at": 1_000} | more
    return Known(Contact(peer=peer, own_name=own_name, **contact), places=places)


def told(people, name, *, peer=EVE, places=()):
    found = Familiar(ME, "Alice", people).cautions(peer, (name,), places)
    return [(one.code, one.address) for one in found]


# -- names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Budi", "budi"),
        ("Budi", "BUDI"),
        ("Budi Santoso", "budi  santoso"),
        ("Budi Santoso", "BudiSantoso"),
        ("Budi", "Budi."),
        ("Budi", "Вudi"),  # a Cyrillic V
        ("budi", "ВUDI"),
        ("Ayu", "Ауu"),
        ("Dewi", "Dewl"),
        ("Dewi", "DewI"),
        ("Ian", "lan"),
        ("Oka", "0ka"),
        ("Rini", "Rìni"),
        ("Rini", "Rini\u0323"),
        ("Mira", "rnira"),
        ("Mira", "МIRA"),
        ("Wayan", "Ｗａｙａｎ"),
        ("Wayan", "𝐖𝐚𝐲𝐚𝐧"),
        ("Nur", "N\u200bu\u202er"),
        ("Straße", "STRASSE"),
        ("Нина", "НИНА"),
        ("Нина", "Hинa"),
        ("محمد", "مـحمد\u200f"),
        ("علي", "على"),
        ("O", "0"),
        ("Al", "AI"),
        ("🦊❤️", "🦊❤"),
    ],
)
def test_what_is_easily_mistaken_looks_alike(one, other):
    assert skeletons(one) & skeletons(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Budi", "Rudi"),
        ("Budi", "Budy"),
        ("Vina", "Nina"),  # through Greek capitals they would meet
        ("Yuli", "Uuli"),
        ("Sri", "Siti"),
        ("Putu 1", "Putu 2"),
        ("A", "B"),
        ("م", "ن"),
        ("حسن", "حسين"),
        ("राम", "रीम"),
        ("田中", "日中"),
        ("か", "が"),
        ("김", "킴"),
        ("🦊", "🐺"),
        ("👍🏻", "👍🏿"),
        ("...", "!!!"),
        ("", ""),
        ("\u202e", "\u200b"),
    ],
)
def test_what_nobody_mistakes_does_not_look_alike(one, other):
    assert not skeletons(one) & skeletons(other)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(NAMES)
def test_every_name_looks_like_itself_in_any_case_and_with_any_space(name):
    if not clean_name(name):
        assert skeletons(name) == frozenset()
        return
    cleaned = clean_name(name)
    assert skeletons(name)
    assert all(skeletons(name))
    assert skeletons(cleaned) & skeletons(f"  {name}\t")
    assert skeletons(cleaned) & skeletons(unicodedata.normalize("NFD", cleaned))


@given(st.text("abcdefghijklmnopqrstuvwxyzàéößşçñабвгдежз ", min_size=1))
def test_the_case_of_a_name_never_makes_another_name(name):
    assert skeletons(name) == skeletons("") or skeletons(name) & skeletons(name.upper())


# -- people


def test_the_same_name_is_told_apart_from_one_that_looks_like_it():
    budi = known(BUDI)
    assert told([budi], "Budi") == [("same_name", BUDI.address)]
    assert told([budi], " Budi\u200b ") == [("same_name", BUDI.address)]
    assert told([budi], "budi") == [("look_alike", BUDI.address)]
    assert told([budi], "Dewi") == []
    assert told([budi], "") == []


def test_our_own_name_for_somebody_counts_as_theirs():
    budi = known(BUDI, "xX_b_Xx", alias="Budi")
    assert told([budi], "Budi") == [("same_name", BUDI.address)]
    assert told([budi], "xX_B_Xx") == [("look_alike", BUDI.address)]
    [caution] = Familiar(ME, "Alice", [budi]).cautions(EVE, ("xX_b_Xx",), ())
    assert caution == Caution("same_name", BUDI.address, "Budi")


def test_whoever_calls_themselves_as_we_do_is_told_of():
    assert told([], "Alice") == [("look_alike", ME.address)]
    assert told([], "A1ice") == [("look_alike", ME.address)]
    assert Familiar(ME, "", []).cautions(EVE, ("",), ()) == ()


def test_the_same_place_needs_the_same_port():
    budi = known(BUDI, places=(HOME,))
    assert told([budi], "Eve", places=(HOME,)) == [("same_place", BUDI.address)]
    assert told([budi], "Eve", places=(HostPort(HOME.host, 6001),)) == []
    both = told([budi], "Budi", places=(HOME, HOME))
    assert both == [("same_name", BUDI.address), ("same_place", BUDI.address)]


def test_nobody_is_compared_with_themselves():
    assert told([known(BUDI, places=(HOME,))], "Budi", peer=BUDI, places=(HOME,)) == []
    assert told([], "Alice", peer=ME) == []


@pytest.mark.parametrize(
    "change", [{"relation": Relation.ASKED}, {"blocked": True}, {"held": True}]
)
def test_a_new_key_under_the_name_of_somebody_shut_out_or_only_asked_is_told_of(change):
    people = [known(BUDI, **change)]
    assert told(people, "Budi") == [("same_name", BUDI.address)]


def test_somebody_who_was_only_seen_is_nobody_to_be_taken_for():
    assert told([known(BUDI, places=(HOME,), relation=Relation.NONE)], "Budi", places=(HOME,)) == []


def test_of_two_contacts_of_one_name_both_are_told_of_and_neither_is_called_new():
    people = [known(BUDI), known(EVE, first_seen_at=2_000, level=Level.INVITED)]
    assert told(people, "Budi", peer=EVE) == [("look_alike", BUDI.address)]
    assert told(people, "Budi", peer=BUDI) == [("look_alike", EVE.address)]


def test_a_contact_is_not_told_of_for_a_namesake_who_is_shut_out_nor_for_a_place():
    people = [known(BUDI, places=(HOME,)), known(EVE, blocked=True, places=(HOME,))]
    assert told(people, "Budi", peer=BUDI, places=(HOME,)) == []


@pytest.mark.parametrize(
    "name", ["Budi \u2713", "\u2705Budi", "Budi \U0001f6e1\ufe0f", "\u0412udi \u2714"]
)
def test_a_sign_of_trust_in_a_name_hides_no_likeness(name):
    assert [code for code, _ in told([known(BUDI)], name)] in (["same_name"], ["look_alike"])


def test_a_name_that_everybody_has_is_not_told_of_without_end():
    people = [known(person(number).peer) for number in range(10, 30)]
    assert len(told(people, "Budi")) == MAX_CAUTIONS


def test_a_full_network_is_compared_with_a_full_book():
    people = [known(person(number).peer, f"Budi {number}") for number in range(10, 510)]
    familiar = Familiar(ME, "Alice", people)
    strangers = [(person(1_000 + number).peer, f"budi {number}") for number in range(400, 600)]
    found = [familiar.cautions(peer, (name,), (HOME,)) for peer, name in strangers]
    assert sum(map(len, found)) == 110

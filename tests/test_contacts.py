"""Names that are safe to show, and the rules of whom we talk to."""

import re
import unicodedata
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contacts import (
    MAX_NAME,
    Contact,
    Level,
    Relation,
    clean_name,
    is_redialled,
    may_be_written_to,
    may_send_direct,
    shown_name,
)
from tests.helpers import person

BOB = Contact(peer=person(2).peer, first_seen_at=1_000)
ZWJ, ZWNJ = "\u200d", "\u200c"


# -- rules


@pytest.mark.parametrize(
    ("relation", "blocked", "direct", "redialled"),
    [
        (Relation.NONE, False, False, False),
        (Relation.ASKED, False, False, True),
        (Relation.CONTACT, False, True, True),
        (Relation.NONE, True, False, False),
        (Relation.ASKED, True, False, False),
        (Relation.CONTACT, True, False, False),
    ],
)
def test_messages_flow_to_contacts_and_wait_for_those_whom_we_asked(
    relation, blocked, direct, redialled
):
    contact = replace(BOB, relation=relation, blocked=blocked)
    assert may_send_direct(contact) is direct
    assert may_be_written_to(contact) is redialled
    assert is_redialled(contact) is redialled


def test_our_name_for_somebody_comes_before_their_own():
    assert shown_name(BOB) == BOB.peer.short
    assert shown_name(replace(BOB, own_name="Robert")) == "Robert"
    assert shown_name(replace(BOB, own_name="Robert", alias="Bob")) == "Bob"


def test_somebody_new_is_nobody_special():
    assert (BOB.relation, BOB.level, BOB.blocked) == (Relation.NONE, Level.FIRST_USE, False)
    assert BOB.verified_at is BOB.last_seen_at is None


def test_stored_values_never_change():
    """They stand in databases, and the level in the API."""
    assert [(level.name, level.value) for level in Level] == [
        ("FIRST_USE", 0),
        ("INVITED", 1),
        ("VERIFIED", 2),
    ]
    assert [(relation.name, relation.value) for relation in Relation] == [
        ("NONE", 0),
        ("ASKED", 1),
        ("CONTACT", 2),
    ]


# -- names


@pytest.mark.parametrize(
    "name",
    [
        "Alice",
        "Siti Nurhaliza",
        "Nguyễn Thị Ánh",
        "Ωραία",
        "Владимир",
        "王小明",
        "محمد",
        "דָּוִד",
        "प्रिया",
        "น้ำฝน",
        "🦊",
        "👩\u200d💻 Ada",
        "🏳\ufe0f\u200d🌈",
        "❤\ufe0f",
        "👍🏽",
        "🇮🇩",
        "می\u200cخواهم",
        "ක්\u200dෂ",
        "O'Brien-Smith (2) <b>&amp;",
    ],
)
def test_honest_names_stay_as_they_are(name):
    name = unicodedata.normalize("NFC", name)
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", ""),
        (" \t\n\u3000 ", ""),
        ("  Alice  \n  Smith ", "Alice Smith"),
        ("Alice\u00a0\u2003Smith", "Alice Smith"),
        ("Alice\u2028Smith\u0085", "Alice Smith"),
        ("Ali\0ce\x1b[31m\x7f", "Alice[31m"),
        ("\u202eecilA\u202c", "ecilA"),  # shown from right to left
        ("\u2066Alice\u2069\u200e\u200f\u061c", "Alice"),
        ("Al\u200bi\u2060c\ufeffe", "Alice"),  # no width
        ("Al\u00adice", "Alice"),  # soft hyphen
        ("Alice\ue000\U000f0000", "Alice"),  # private
        ("Alice\ud800", "Alice"),  # half of a pair
        ("Alice\U0003fffe\u0378", "Alice"),  # unassigned
        ("Alice\U000e0041\U000e007f", "Alice"),  # tags
        ("\u3164\u115f\u2800\uffa0", ""),  # letters that show nothing
        ("Alice\u3164", "Alice"),
        ("A\ufe00l\U000e0100ice", "Alice"),  # variation selectors
        ("\u0301Alice", "Alice"),  # a mark without a letter
        ("Alice \u0301", "Alice"),
        ("\u200c\u0301Alice", "Alice"),
        ("א \u200d\u05b0", "א"),
        ("Al\u200d\u200cice", "Alice"),  # invisible between Latin letters
        ("А\u200dлиса", "Алиса"),
        ("Ngu\u1ec5\u200d\u1ec5n", "Ngu\u1ec5\u1ec5n"),
        ("👩\u200d", "👩"),
        ("\u200d👩", "👩"),
        ("👩\u200d \u200d💻", "👩 💻"),
        ("👩\u200d\u200d\u200c💻", "👩\u200d💻"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
    ],
)
def test_what_cannot_be_seen_or_turns_other_text_around_is_dropped(text, name):
    assert clean_name(text) == name


def test_a_name_has_at_most_64_characters():
    assert clean_name("x" * 64) == "x" * 64
    assert clean_name("x" * 65) == "x" * 64
    assert clean_name("x" * 1_000_000) == "x" * 64
    assert clean_name("x" * 63 + " y") == "x" * 63


@pytest.mark.parametrize("letter", ["q\u0323\u0307", "👩\u200d💻", "👍🏽", "❤\ufe0f"])
def test_the_cut_never_falls_inside_a_letter(letter):
    for before in range(60, 64):
        name = clean_name("x" * before + letter)
        assert name in ("x" * before, "x" * before + letter)
        assert len(name) <= 64
    assert clean_name("x" * 62 + "q\u0323\u0307") == "x" * 62


def test_a_tower_of_marks_is_taken_down():
    assert clean_name("a" + "\u0336" * 500 + "b") == "a" + "\u0336" * 6 + "b"


@given(st.text(max_size=100))
@example("e" + "\u0301" + "\u0336" * 6)
def test_a_name_is_the_same_however_a_system_composes_its_letters(text):
    composed, taken_apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert clean_name(composed) == clean_name(taken_apart)


def test_a_joiner_does_not_let_a_tower_of_marks_grow_on():
    tower = "ש" + ("\u05b0" * 6 + ZWJ) * 5
    assert clean_name(tower) == "ש" + "\u05b0" * 6
    assert clean_name(tower + "ש") == "ש" + "\u05b0" * 6 + ZWJ + "ש"


@settings(max_examples=500)
@given(st.text(max_size=200))
@example("a" * 62 + "e\u0301" * 3)
@example("क" + ZWJ + "\u094d" + ZWNJ + "ष")
@example("\u1100\u1161\u11a8" * 40)
@example("\u0344\u0958\u2126\u212b")
def test_a_clean_name_is_clean_whatever_it_came_from(text):
    name = clean_name(text)
    assert clean_name(name) == name
    assert len(name) <= MAX_NAME
    assert unicodedata.is_normalized("NFC", name)
    assert name == " ".join(name.split())
    for place, char in enumerate(name):
        kind = unicodedata.category(char)
        assert kind not in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
        if kind == "Cf":
            assert char in (ZWJ, ZWNJ)
            before = next(
                char for char in reversed(name[:place]) if unicodedata.category(char)[0] != "M"
            )
            assert before >= "\u0590"
            assert place < len(name) - 1


@settings(max_examples=500)
@given(
    st.text(
        st.sampled_from("שक\u05b0\u05b1\u0336\u094d\u200c\u200d 👩🏽💻e\u0301\u200b"), max_size=80
    )
)
def test_marks_and_joiners_in_any_order_do_no_harm(text):
    name = clean_name(text)
    assert clean_name(name) == name
    kinds = [unicodedata.category(char) for char in name]
    assert not kinds or not kinds[0].startswith("M")
    assert not kinds or "Cf" not in (kinds[0], kinds[-1])
    assert ("Cf", "Cf") not in pairwise(kinds)


def test_the_page_takes_no_sign_out_of_names_that_is_left_in_here():
    """Else what is compared with other names is not what is seen."""
    source = (Path(__file__).parents[1] / "static/js/names.js").read_text("utf-8")
    [listed] = re.findall(r"/\[(.*?)\]\[", source)
    chars = re.sub(r"\\u\{?([0-9a-f]{4,5})\}?", lambda found: chr(int(found[1], 16)), listed)
    signs = re.sub(
        "(.)-(.)",
        lambda found: "".join(map(chr, range(ord(found[1]), ord(found[2]) + 1))),
        chars,
    )
    assert len(signs) > 20
    assert [sign for sign in signs if clean_name(f"Budi {sign}") != "Budi"] == []

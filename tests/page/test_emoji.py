"""The names of the emoji in every language: all there, in the order of their numbers."""

import json
import re
from itertools import permutations
from pathlib import Path

import pytest

from engine.protocol.sas_emoji import EMOJI

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "static" / "js" / "words" / "emoji.js").read_text("utf-8")
LISTS = re.findall(r"^  (\w+): \[\n(.*?),\n  \],$", SOURCE, re.M | re.S)
NAMES = {language: json.loads(f"[{names}]") for language, names in LISTS}
# The same word in both languages, or written the same.
SAME = {"Panda", "Penguin", "Pizza", "Robot", "Pin"}
# Enough of them that a list which slipped by one anywhere would not fit.
KNOWN = {
    0: "Anjing",
    7: "Kelinci",
    14: "Kupu-kupu",
    17: "Kaktus",
    22: "Api",
    26: "Jagung",
    33: "Kacamata",
    37: "Payung",
    46: "Gembok",
    51: "Kereta api",
    60: "Jangkar",
    63: "Pin",
}


def test_every_language_of_the_page_has_its_names():
    spoken = re.search(r"LANGUAGES = (\[.*?\])", (ROOT / "static/js/words.js").read_text("utf-8"))
    assert list(NAMES) == json.loads(spoken[1])


def test_the_english_names_are_the_lists_own_in_its_order():
    assert [name.casefold() for name in NAMES["en"]] == [one.name.casefold() for one in EMOJI]


@pytest.mark.parametrize("language", NAMES)
def test_all_64_have_a_name_that_is_not_the_beginning_of_another(language):
    names = [name.casefold() for name in NAMES[language]]
    assert len(names) == len(EMOJI) == 64
    for one, other in permutations(names, 2):
        assert not other.startswith(one)


@pytest.mark.parametrize("language", NAMES)
def test_a_name_is_a_word_or_a_few_as_in_a_sentence(language):
    for name in NAMES[language]:
        assert re.fullmatch(r"[A-Z][a-z]+([ -][a-z]+){0,2}", name), name


def test_a_name_is_translated_and_stands_at_the_number_of_its_emoji():
    same = {name for name, own in zip(NAMES["en"], NAMES["id"], strict=True) if name == own}
    assert same == SAME
    assert {number: NAMES["id"][number] for number in KNOWN} == KNOWN

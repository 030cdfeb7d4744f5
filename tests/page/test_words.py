"""The catalogues: every sentence in every language, none unused, and none anywhere else."""

import json
import re
from pathlib import Path

import pytest

from engine.chat.errors import CODES

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "static" / "js" / "words"
SOURCES = [file for file in (ROOT / "static" / "js").rglob("*.js") if file.parent != WORDS]
LINE = re.compile(r'^  "(?P<key>[^"]+)": (?:"(?P<one>(?:[^"\\]|\\.)*)"|\{ (?P<many>.*) \}),$')

# The same word in both languages, for a reason.
UNTRANSLATED = {"blank.key", "invite.hint", "message.from", "role.admin", "row.said"}
# The page's own troubles, beside the program's error codes.
OWN_CODES = {"internal", "nowhere", "stopped", "unauthorized", "unknown"}
# Not sentences: classes, attributes, names of keys and headers, languages by their own name.
NO_WORDS = {
    "Aa", "ArrowDown", "ArrowUp", "Authorization", "Bahasa Indonesia", "Content-Type", "End",
    "English", "Tab",
    "Enter", "Escape", "Home", "icon icon-", "noopener noreferrer", "small danger-text",
    "Something in this invite was changed", "The end of this invite is missing",
    "This invite was changed, or its end",
}  # fmt: skip


def catalogue(language: str) -> dict[str, str]:
    """Key to sentence; plural forms are one text."""
    found = {}
    for file in sorted(WORDS.glob(f"{language}-*.js")):
        lines = file.read_text("utf-8").splitlines()
        for line in filter(None, lines[lines.index("export const words = {") + 1 : -1]):
            match = LINE.match(line)
            assert match, f"{file.name}: one key a line, as the others: {line}"
            assert match["key"] not in found, f"{language} has {match['key']} twice"
            found[match["key"]] = match["one"] if match["one"] is not None else match["many"]
    return found


def code(file: Path) -> str:
    """A module without its comments."""
    return re.sub(
        r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", "", file.read_text("utf-8"), flags=re.S | re.M
    )


def literals(source: str) -> list[str]:
    """The strings of a module; the fixed parts of templates."""
    found = re.findall(r'"((?:[^"\\\n]|\\.)*)"', source)
    for template in re.findall(r"`([^`]*)`", source):
        found += re.split(r"\$\{[^}]*\}", template)
    return found


EN, ID = catalogue("en"), catalogue("id")
ALL_CODE = "\n".join(code(file) for file in SOURCES)


def test_both_languages_have_the_same_keys_in_the_same_parts():
    assert EN.keys() == ID.keys()
    assert len(EN) > 100
    parts = re.search(r"PARTS = (\[.*?\])", (ROOT / "static/js/words.js").read_text("utf-8"))
    for language in ("en", "id"):
        files = sorted(WORDS.glob(f"{language}-*.js"))
        assert [file.stem.partition("-")[2] for file in files] == json.loads(parts[1])


@pytest.mark.parametrize("key", EN)
def test_a_sentence_is_translated_and_keeps_its_holes(key):
    assert EN[key]
    assert ID[key]
    if key not in UNTRANSLATED:
        assert EN[key] != ID[key]
    holes = [set(re.findall(r"\{(\w+)\}", said[key])) for said in (EN, ID)]
    assert holes[0] == holes[1]


def test_plural_forms_are_those_of_the_language():
    plural = {key for key in EN if re.match(r'one: ".*", other: ".*"', EN[key])}
    assert plural == {key for key in ID if re.match(r'other: "', ID[key])}
    assert {"unread", "log.new"} <= plural


def test_every_error_of_the_program_is_explained_and_no_other():
    explained = {key.removeprefix("error.") for key in EN if key.startswith("error.")}
    assert explained == CODES | OWN_CODES


def test_every_sentence_is_used():
    said = set(literals(ALL_CODE))
    holed = re.sub(r"\$\{[^`]*?\}", "HOLE", ALL_CODE)
    families = [
        re.escape(template).replace("HOLE", "[a-z_0-9]+")
        for template in re.findall(r"`([a-z]+\.[^`\s]*)`", holed)
        if "HOLE" in template
    ]
    assert any(re.fullmatch(family, "error.self") for family in families)
    unused = [
        key for key in EN if key not in said and not any(re.fullmatch(one, key) for one in families)
    ]
    assert unused == []


def test_every_sentence_that_is_asked_for_exists():
    asked = set(re.findall(r'\b(?:say|phrase)\("([^"]+)"', ALL_CODE))
    roots = {key.split(".")[0] for key in EN if "." in key}
    dotted = {text for text in literals(ALL_CODE) if re.fullmatch(r"[a-z]+(\.[a-z_]+)+", text)}
    asked |= {text for text in dotted if text.split(".")[0] in roots} - events()
    assert len(asked) > 80
    assert asked <= EN.keys()


def events() -> set[str]:
    """Names of events look like keys."""
    told = re.findall(r'type: "([a-z.]+)"', ALL_CODE)
    reducers = "".join(code(ROOT / "static/js" / name) for name in ("state.js", "acts.js"))
    return {*told, *re.findall(r'^  "([a-z.]+)": \(', reducers, re.M)}


def looks_like_words(text: str) -> bool:
    """Two words in a row, or one that begins like a sentence.

    >>> [looks_like_words(text) for text in ("Try again", "Close", "not yet", "a-b", "M3 4l5")]
    [True, True, True, False, False]
    """
    return bool(
        re.search(r"[A-Za-z]{2,},? [A-Za-z]{2,}", text)
        or re.fullmatch(r"[A-Z][a-z]+[.!?…:]?", text)
    )


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_no_sentence_stands_outside_the_catalogues(file):
    source = re.sub(r'\bclass: (?:"[^"]*"|`[^`]*`|[^,}]* \? "[^"]*" : "[^"]*")', "", code(file))
    source = re.sub(
        r'(?:querySelector(?:All)?|matches)\("[^"]*"\)|\b(?:button|answer)\([^()]*?"[a-z -]*"',
        "",
        source,
    )
    assert [
        text for text in literals(source) if looks_like_words(text) and text not in NO_WORDS
    ] == []


def test_the_html_holds_no_sentence():
    html = (ROOT / "views" / "index.html").read_text("utf-8")
    assert re.findall(r">\s*([^<\s][^<]*?)\s*<", html) == ["p2pchat"]  # the title
    assert not re.search(r'\b(?:title|alt|placeholder|aria-label)="', html)

"""The connection check in other languages: every cause and finding of the program, no other."""

import json
import re
from pathlib import Path

import pytest

from engine.chat.doctor import CAUSES

ROOT = Path(__file__).parents[2]
SOURCE = (ROOT / "static/js/words/doctor.js").read_text("utf-8")
LANGUAGES = json.loads(
    re.search(r"LANGUAGES = (\[.*?\])", (ROOT / "static/js/words.js").read_text("utf-8"))[1]
)


def read() -> dict[str, dict[str, dict[str, object]]]:
    """The object of the module; its keys are plain words."""
    inside = SOURCE[SOURCE.index("doctorWords = ") + len("doctorWords = ") :].rstrip().rstrip(";")
    quoted = re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', inside)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", quoted))


def test_every_language_but_the_programs_own_is_there():
    assert set(read()) == set(LANGUAGES) - {"en"}


@pytest.mark.parametrize("language", set(LANGUAGES) - {"en"})
def test_every_cause_is_said_and_no_other(language):
    words = read()[language]
    assert words["causes"].keys() == {cause.code for cause in CAUSES}
    assert words["mends"].keys() <= words["causes"].keys()


@pytest.mark.parametrize("language", set(LANGUAGES) - {"en"})
def test_every_finding_is_said_and_no_other(language):
    named = set(re.findall(r'(?:_finding|_gate|Finding)\(\s*"(\w+)"', _source()))
    assert len(named) > 8
    assert read()[language]["findings"].keys() == named
    for states in read()[language]["findings"].values():
        assert set(states) <= {"good", "bad", "unknown"}


def _source() -> str:
    """Wherever findings are made."""
    rooms = sorted((ROOT / "engine" / "chat").glob("*.py"))
    return "\n".join(
        text for text in (file.read_text("utf-8") for file in rooms) if "Finding(" in text
    )

"""PROTOCOL.md, section 5: an announcement is what the document says, byte for byte."""

import re
from pathlib import Path

from engine.chat import nearby
from engine.net import neighbours
from engine.protocol import beacon
from tests.helpers import person

TEXT = (Path(__file__).parents[2] / "PROTOCOL.md").read_text()
SECTION = TEXT.partition("\n## 5. ")[2].partition("\n## 6. ")[0]
EXAMPLES = [
    dict(line.split(maxsplit=1) for line in example.splitlines())
    for example in re.findall(r"```example\n(.*?)```", SECTION, re.S)
]


def test_what_everyone_may_know_is_as_in_the_example():
    said = beacon.write_open(person(1).peer, "Alice")
    assert {name: value.decode() for name, value in said.items()} == {"v": "1"} | EXAMPLES[0]


def test_what_only_contacts_may_know_is_as_in_the_example():
    chance = iter([bytes(range(0x40, 0x48)), bytes(range(24))])
    said = beacon.write_veiled([bytes(range(16)), bytes(range(16, 32))], lambda _size: next(chance))
    assert said.pop("v") == b"1"
    assert {name: value.hex() for name, value in said.items()} == EXAMPLES[1]


def test_the_limits_are_those_of_the_code():
    for line in (
        f"{neighbours.MAX_NEIGHBOURS}, and {neighbours.MAX_PER_SOURCE} that one address tells of",
        f"| places dialled for one person | {nearby.MAX_PLACES} |",
        f"one in {1 / nearby.HOPES_PER_SECOND:.0f} s, after the first {nearby.HOPES_AT_ONCE:.0f}",
    ):
        assert line in SECTION

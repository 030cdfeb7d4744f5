"""PROTOCOL.md, section 4: what is derived and said is what the document says, byte for byte."""

import hashlib
import hmac
import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.chat import verify
from engine.protocol import sas, sas_records
from engine.protocol.errors import LocalProtocolError
from engine.protocol.sas_emoji import EMOJI
from engine.protocol.sas_records import Outcome, SasAnswer, SasEnd, SasReveal, SasStart
from identity import PeerId
from tests.protocol import test_channel_example as section_1
from tests.protocol.sas_pair import HASH, LARGE, SMALL, Side

DOCUMENT = Path(__file__).parents[2] / "PROTOCOL.md"
hashes = st.binary(min_size=32, max_size=32)


@cache
def section() -> str:
    return re.search(r"^## 4\. .*?(?=^## |\Z)", DOCUMENT.read_text("utf-8"), re.M | re.S)[0]


@cache
def examples() -> dict[str, str]:
    """All lines "name  value" of the example block; a value goes on in lines below."""
    found: dict[str, str] = {}
    [block] = re.findall(r"^```example\n(.*?)^```$", section(), re.M | re.S)
    for line in block.splitlines():
        head, text = re.fullmatch(r"(\S+(?: \S+)*)? {2,}(.+)", line).groups()
        if head:
            assert head not in found
            name, found[head] = head, text
        else:
            found[name] += text
    return found


def value(name: str) -> bytes:
    return bytes.fromhex(examples()[name])


def written(record) -> str:
    kind, body = sas_records.encode(record)
    return (bytes([kind, 0]) + len(body).to_bytes(2) + body).hex()


# -- the worked example


def test_the_people_and_the_channel_are_those_of_section_1():
    assert value("S") == section_1.value("Alice's identity")
    assert value("O") == section_1.value("Bob's identity")
    assert value("h0") == section_1.value("handshake hash")


def test_alice_and_bob_say_and_see_what_the_document_says():
    alice_key, bob_key, h0 = PeerId(value("S")), PeerId(value("O")), value("h0")
    alice = Side(alice_key, bob_key, h0, lambda: value("nS"))
    bob = Side(bob_key, alice_key, h0, lambda: value("nO"))
    alice.start()
    assert written(alice.wire[0]) == examples()["START"]
    bob.hear(alice.wire.popleft())
    assert written(bob.wire[0]) == examples()["ANSWER"]
    alice.hear(bob.wire.popleft())
    assert written(alice.wire[0]) == examples()["REVEAL"]
    bob.hear(alice.wire.popleft())
    assert alice.numbers == bob.numbers == tuple(map(int, examples()["numbers"].split()))
    assert [EMOJI[number].character for number in bob.numbers] == examples()["emoji"].split()
    alice.different()
    assert written(alice.wire[0]) == examples()["END, different"]


def test_the_steps_are_what_the_document_says():
    """Made here with nothing but the standard library."""
    people = value("S") + value("O")
    commit = hashlib.sha256(b"p2pchat/1 sas commit" + value("h0") + value("S") + value("nS"))
    assert commit.digest() == value("c")
    inner = hmac.digest(b"p2pchat/1 sas", value("nS") + value("nO"), "sha256")
    assert inner == value("inner HMAC")
    bits = hmac.digest(inner, value("h0") + people + b"\x01", "sha256")[:6]
    assert bits == value("bits")


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("START", lambda: SasStart(value("c"))),
        ("ANSWER", lambda: SasAnswer(value("c"), value("nO"))),
        ("REVEAL", lambda: SasReveal(value("nO"), value("nS"))),
        ("END, cancelled", lambda: SasEnd(value("c"), Outcome.CANCELLED)),
        ("END, different", lambda: SasEnd(value("c"), Outcome.DIFFERENT)),
    ],
)
def test_the_records_of_the_document_are_read_and_written(name, record):
    assert written(record()) == examples()[name]
    raw = value(name)
    assert sas_records.decode(raw[0], raw[4:]) == record()


def test_the_table_of_record_types_is_the_programs():
    table = dict(re.findall(r"^\| (\d+) \| (SAS_[A-Z]+) \|", section(), re.M))
    known = {name: number for name, number in vars(sas_records).items() if name.startswith("SAS_")}
    assert {name: int(number) for number, name in table.items()} == known
    assert len(known) == 4


def test_the_limits_are_the_programs():
    text = " ".join(section().split())
    within = f"{verify.STARTS_EVERY:.0f} s"
    for sentence in (
        f"begins at most {verify.MAX_STARTED} runs with one person in {within}",
        f"more than {verify.MAX_HEARD} from one person in {within}",
        f"`c` and the nonces have {sas_records.NONCE_SIZE} bytes each",
    ):
        assert sentence in text, sentence


def test_the_list_of_the_document_is_the_programs():
    [block] = re.findall(r"^```emoji\n(.*?)^```$", section(), re.M | re.S)
    found = []
    for line in block.splitlines():
        number, names = line.split(maxsplit=1)
        assert int(number) == len(found)
        found += [tuple(one.split(" ", 1)) for one in names.split(", ")]
    assert found == [tuple(one) for one in EMOJI]


# -- for all other values


@given(hashes, hashes, hashes)
def test_the_emoji_are_what_the_formula_gives(h0, n_s, n_o):
    """PROTOCOL.md's own words, with nothing but the standard library, bit by bit."""
    key = hmac.digest(b"p2pchat/1 sas", n_s + n_o, "sha256")
    digest = hmac.digest(key, h0 + SMALL + LARGE + b"\x01", "sha256")[:6]
    bits = "".join(f"{byte:08b}" for byte in digest)
    assert sas.emoji_numbers(
        handshake_hash=h0, starter=SMALL, other=LARGE, starter_nonce=n_s, other_nonce=n_o
    ) == tuple(int(bits[at : at + 6], 2) for at in range(0, 42, 6))


@given(hashes, hashes)
def test_the_commit_is_what_the_formula_gives(h0, nonce):
    expected = hashlib.sha256(b"p2pchat/1 sas commit" + h0 + LARGE + nonce).digest()
    assert sas.commitment(handshake_hash=h0, starter=LARGE, nonce=nonce) == expected


def test_channel_people_roles_and_nonces_each_change_the_emoji():
    values = {
        "handshake_hash": HASH,
        "starter": SMALL,
        "other": LARGE,
        "starter_nonce": b"s" * 32,
        "other_nonce": b"o" * 32,
    }
    changed = [values | {name: b"x" * 32} for name in values]
    changed.append(values | {"starter": LARGE, "other": SMALL})
    changed.append(values | {"starter_nonce": b"o" * 32, "other_nonce": b"s" * 32})
    found = {sas.emoji_numbers(**given) for given in [values, *changed]}
    assert len(found) == 1 + len(changed)


def test_every_number_comes_up_about_as_often_as_the_others():
    counts = [[0] * 64 for _ in range(sas.SHOWN)]
    for turn in range(6_400):
        numbers = sas.emoji_numbers(
            handshake_hash=HASH,
            starter=SMALL,
            other=LARGE,
            starter_nonce=turn.to_bytes(32),
            other_nonce=bytes(32),
        )
        for place, number in enumerate(numbers):
            counts[place][number] += 1
    assert all(50 < count < 150 for place in counts for count in place)  # 100 is the mean


def test_there_are_no_emoji_without_an_open_channel():
    for length in (0, 31, 33):
        with pytest.raises(LocalProtocolError):
            Side(SMALL, LARGE, bytes(length))

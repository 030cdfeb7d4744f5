"""What a program says of itself to the network, and what others can and cannot read in it."""

import hashlib
import hmac
import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.protocol import beacon
from engine.protocol.beacon import OpenBeacon, VeiledBeacon, matches, parse
from identity import PeerId
from tests.helpers import person, seeded

ALICE, BOB, CAROL = (person(number).peer for number in (1, 2, 3))
TIMES = 100_000  # damaged records


def passes(count: int, kind: str = "pass") -> list[bytes]:
    chance = seeded(f"{kind} {count}")
    return [chance(16) for _ in range(count)]


def tags_of(txt: dict[str, bytes]) -> list[bytes]:
    joined = b"".join(txt.get(part, b"") for part in beacon.PARTS)
    return [joined[start : start + 4] for start in range(0, len(joined), 4)]


# -- everyone may know


def test_an_open_record_names_its_key_and_its_name():
    txt = beacon.write_open(ALICE, "Alice")
    assert txt == {"v": b"1", "k": ALICE.address.encode(), "n": b"Alice"}
    assert parse(txt) == OpenBeacon(ALICE, "Alice")


def test_a_record_without_a_name_has_an_empty_one():
    assert parse({"v": b"1", "k": ALICE.address.encode()}) == OpenBeacon(ALICE, "")


@given(some.text())
def test_any_name_fits_and_is_cut_between_characters(name):
    txt = beacon.write_open(ALICE, name)
    assert len(txt["n"]) <= beacon.MAX_NAME
    read = parse(txt)
    assert isinstance(read, OpenBeacon)
    whole = name.encode(errors="ignore").decode()
    assert whole.startswith(read.name)
    assert read.name == whole or len(txt["n"]) > beacon.MAX_NAME - 4


@pytest.mark.parametrize(
    "changed",
    [
        {"v": b"2"},
        {"v": b""},
        {"k": b""},
        {"k": ALICE.address.upper().encode()},
        {"k": ALICE.address.encode() + b" "},
        {"k": b"a" * 56},
        {"k": b"\xff" * 56},
        {"n": b"x" * 201},
        {"n": b"\xff"},
        {"n": b"\xed\xa0\x80"},  # a surrogate
        {"r": b"12345678"},
    ],
)
def test_an_open_record_that_is_not_exactly_right_is_none(changed):
    assert parse(beacon.write_open(ALICE, "Alice") | changed) is None


def test_a_record_without_a_version_is_none():
    assert parse({"k": ALICE.address.encode(), "n": b""}) is None
    assert parse({}) is None


def test_unknown_pairs_are_passed_over():
    assert parse(beacon.write_open(ALICE, "Alice") | {"x": b"new"}) == OpenBeacon(ALICE, "Alice")


# -- only contacts may know


def test_a_veiled_record_is_made_of_what_the_specification_says():
    """The bytes by the standard library, and not by the code under test."""
    nonce, decoys = bytes(range(8)), bytes(range(0x80, 0x98))
    one, other = bytes(16), bytes(range(16))
    tags = [hmac.digest(key, nonce, hashlib.sha256)[:4] for key in (one, other)]
    spread = [decoys[start : start + 4] for start in range(0, 24, 4)]
    chance = {8: nonce, 24: decoys}
    assert beacon.write_veiled([one, other], chance.__getitem__) == {
        "v": b"1",
        "r": nonce,
        "t0": b"".join(sorted(tags + spread)),
    }


@pytest.mark.parametrize(
    ("contacts", "tags"),
    [(0, 8), (1, 8), (8, 8), (9, 16), (33, 64), (128, 128), (129, 248), (248, 248), (400, 248)],
)
def test_the_number_of_tags_tells_only_roughly_how_many_contacts_there_are(contacts, tags):
    txt = beacon.write_veiled(passes(contacts), seeded("veil"))
    assert len(tags_of(txt)) == tags
    assert isinstance(parse(txt), VeiledBeacon)
    assert all(len(key) + 1 + len(value) <= 255 for key, value in txt.items())
    assert sum(len(key) + 2 + len(value) for key, value in txt.items()) <= 1_300


@given(some.integers(1, 248), some.integers(0, 247), some.binary(min_size=1, max_size=8))
def test_every_contact_finds_the_record(count, which, seed):
    made = passes(count)
    read = parse(beacon.write_veiled(made, seeded(seed.hex())))
    assert isinstance(read, VeiledBeacon)
    mine = made[which % count]
    assert matches(read, {BOB: b"no such pass....", ALICE: mine}) == ALICE


def test_a_stranger_finds_nothing():
    read = parse(beacon.write_veiled(passes(248), seeded("veil")))
    assert isinstance(read, VeiledBeacon)
    others = {person(number).peer: one for number, one in enumerate(passes(40, "strangers"))}
    assert matches(read, others) is None
    assert matches(read, {}) is None


def test_two_records_have_nothing_in_common():
    made = passes(20)
    one, other = (beacon.write_veiled(made, seeded(seed)) for seed in ("one", "two"))
    assert not set(tags_of(one)) & set(tags_of(other))
    assert one["r"] != other["r"]


def test_the_order_of_the_tags_does_not_tell_whose_they_are():
    made = passes(20)
    first = beacon.write_veiled(made, seeded("same"))
    assert first == beacon.write_veiled(made[::-1], seeded("same"))
    assert tags_of(first) == sorted(tags_of(first))


def test_of_too_many_contacts_each_is_named_in_some_record():
    made = passes(300)
    named = {
        one
        for turn in range(20)
        for read in [parse(beacon.write_veiled(made, seeded(f"turn {turn}")))]
        for one in made
        if isinstance(read, VeiledBeacon) and matches(read, {ALICE: one})
    }
    assert named == set(made)


def test_decoys_are_spread_as_evenly_as_tags_are():
    """With so many contacts that some are left out, too: the chosen are not the smallest."""
    tags = tags_of(beacon.write_veiled(passes(2_000), seeded("veil")))
    assert 80 < sum(tag[0] < 0x80 for tag in tags) < 168


VEILED = beacon.write_veiled(passes(100), seeded("veil"))


@pytest.mark.parametrize(
    "changed",
    [
        {"r": b"1234567"},
        {"r": b"123456789"},
        {"t0": VEILED["t0"][:-1]},
        {"t0": VEILED["t0"][:-4]},
        {"t0": b""},
        {"t1": VEILED["t1"] + b"more"},
        {"t3": b"four"},
        {"t2": VEILED["t2"] + b"x" * 480},
        {"t0": VEILED["t1"] + b"1234", "t1": VEILED["t0"][:-4]},
    ],
)
def test_a_veiled_record_that_is_not_exactly_right_is_none(changed):
    assert isinstance(parse(VEILED), VeiledBeacon)
    assert parse(VEILED | changed) is None


def test_a_part_may_not_be_left_out():
    moved = {**VEILED, "t3": VEILED["t2"]}
    del moved["t2"]
    assert parse(moved) is None


# -- whatever comes


@given(
    some.dictionaries(
        some.sampled_from(["v", "k", "n", "r", "t0", "t1", "t2", "t3", "x"]),
        some.one_of(some.just(b"1"), some.just(ALICE.address.encode()), some.binary(max_size=255)),
    )
)
def test_no_record_is_too_strange_to_be_read(txt):
    assert parse(txt) is None or txt["v"] == b"1"


def test_damaged_records_are_none_or_say_exactly_what_stands_in_them():
    chance = random.Random(1)
    samples = [beacon.write_open(ALICE, "Alice"), beacon.write_open(BOB, "Bobé" * 12), VEILED]
    samples += [beacon.write_veiled(passes(count), seeded("veil")) for count in (1, 200)]
    understood = 0
    for _ in range(TIMES):
        txt = dict(chance.choice(samples))
        for _ in range(chance.randint(1, 3)):
            damage(txt, chance)
        read = parse(txt)
        if isinstance(read, OpenBeacon):
            said = {"v": txt["v"], "k": txt["k"], "n": txt.get("n", b"")}
            assert beacon.write_open(read.peer, read.name) == said
        elif isinstance(read, VeiledBeacon):
            assert read.tags == set(tags_of(txt))
            assert read.nonce == txt["r"]
        understood += read is not None
    assert 0 < understood < TIMES


def damage(txt: dict[str, bytes], chance: random.Random) -> None:
    key = chance.choice(list(txt) or ["v"])
    value = txt.get(key, b"")
    at = chance.randrange(len(value) + 1)
    match chance.randrange(6):
        case 0:
            txt.pop(key, None)
        case 1:
            txt[key] = value[:at] + chance.randbytes(1) + value[at + 1 :]
        case 2:
            txt[key] = value[:at]
        case 3:
            txt[key] = value + value[:at]
        case 4:
            txt[chance.choice(["v", "k", "n", "r", *beacon.PARTS])] = value
        case 5:
            txt[key] = value[at:] + value[:at]


def test_peers_in_a_beacon_are_whole_keys():
    read = parse(beacon.write_open(CAROL, ""))
    assert isinstance(read, OpenBeacon)
    assert isinstance(read.peer, PeerId)

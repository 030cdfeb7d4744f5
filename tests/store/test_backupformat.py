"""A backup's bytes are read back whole, or not at all."""

import io
import random

import pytest
from nacl import bindings

from engine.store import backupformat
from engine.store.backupformat import CHUNK, HEADER, TAG, BadBackup
from engine.store.keyformat import Cost, Keys, WrongPassphrase
from identity import Secret
from tests.helpers import seeded

PASSPHRASE = Secret(b"correct horse")
CHEAP = Cost(passes=1, kibibytes=64 * 1_024)
CONTENT = random.Random(5).randbytes(3 * CHUNK)


@pytest.fixture(scope="module")
def opened():
    return backupformat.new_header(PASSPHRASE, cost=CHEAP, random=seeded("backup"))


def sealed(opened, content=CONTENT):
    return opened[0].raw + b"".join(backupformat.seal(*opened, [content[:100], content[100:]]))


def unsealed(opened, data):
    source = io.BytesIO(data)
    header = backupformat.read_header(source.read(HEADER.size))
    return b"".join(backupformat.unseal(header, opened[1], source.read))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK])
def test_what_was_sealed_is_read_back(opened, size):
    data = sealed(opened, CONTENT[:size])
    assert len(data) == backupformat.sealed_size(size)
    assert unsealed(opened, data) == CONTENT[:size]


def test_the_passphrase_is_known_by_the_header(opened):
    header, key = opened
    assert backupformat.read_header(header.raw) == header
    assert header.open(PASSPHRASE) == key
    with pytest.raises(WrongPassphrase):
        header.open(Secret(b"correct horsf"))


def test_a_flipped_bit_anywhere_is_found(opened):
    data = sealed(opened)
    chance = random.Random(1)
    places = {*range(HEADER.size), *(chance.randrange(len(data)) for _ in range(200))}
    for place in places:
        damaged = bytearray(data)
        damaged[place] ^= 1 << chance.randrange(8)
        with pytest.raises(BadBackup):
            unsealed(opened, bytes(damaged))


def test_a_cut_anywhere_is_found(opened):
    data = sealed(opened)
    whole = [HEADER.size + count * (CHUNK + TAG) for count in range(3)]
    chance = random.Random(2)
    for length in (0, 1, HEADER.size - 1, *whole, len(data) - 1, *chance.sample(range(10**5), 20)):
        with pytest.raises(BadBackup):
            unsealed(opened, data[:length])


def test_chunks_in_another_order_left_out_twice_or_added_are_found(opened):
    data = sealed(opened)
    head, rest = data[: HEADER.size], data[HEADER.size :]
    one, two, three = (rest[at : at + CHUNK + TAG] for at in range(0, len(rest), CHUNK + TAG))
    assert unsealed(opened, head + one + two + three) == CONTENT
    for wrong in (two + one + three, one + three, one + one + two + three, rest + three, one + two):
        with pytest.raises(BadBackup):
            unsealed(opened, head + wrong)


def test_nobody_can_weaken_the_guard_unseen(opened):
    header, _ = opened
    altered = bytearray(header.raw)
    altered[HEADER.size - 60] ^= 1
    altered[-16:] = backupformat._sum(bytes(altered[:-16]))
    with pytest.raises(BadBackup):
        unsealed(opened, bytes(altered) + sealed(opened)[HEADER.size :])


@pytest.mark.parametrize(("passes", "kibibytes"), [(0, 65_536), (11, 65_536), (3, 1), (3, 2**31)])
def test_a_cost_that_protects_nothing_or_takes_all_memory_is_refused(opened, passes, kibibytes):
    before = HEADER.pack(
        backupformat.FIRST_LINE, passes, kibibytes, bytes(16), bytes(16), bytes(16), bytes(16)
    )[:-16]
    with pytest.raises(BadBackup, match="too weak or too costly"):
        backupformat.read_header(before + backupformat._sum(before))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "no backup of p2pchat"),
        (b"SQLite format 3\0" + bytes(200), "no backup of p2pchat"),
        (b"p2pchat key 1\n" + bytes(200), "no backup of p2pchat"),
        (b"p2pchat backup 2\n" + bytes(200), "newer version"),
        (b"p2pchat backup 1\n", "damaged"),
    ],
)
def test_another_file_is_told_from_a_damaged_one(opened, data, what):
    with pytest.raises(BadBackup, match=what):
        backupformat.read_header(data[: HEADER.size])


def test_keys_are_read_back():
    keys = Keys(Secret(bytes(32)), Secret(bytes(range(32))))
    for protected in (True, False):
        part = backupformat.keys_part(keys, protected=protected)
        kind, size = backupformat.PART.unpack(part[: backupformat.PART.size])
        content = part[backupformat.PART.size :]
        assert (kind, size) == (backupformat.KEYS, len(content))
        assert backupformat.read_keys(content) == (keys, protected)
    with pytest.raises(BadBackup):
        backupformat.read_keys(content[:-1])


def test_a_chunk_is_what_the_specification_says(opened):
    header, key = opened
    data = sealed(opened, b"hello")
    nonce = header.nonce + bytes(7) + b"\x01"
    expected = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(b"hello", header.raw, nonce, key)
    assert data == header.raw + expected

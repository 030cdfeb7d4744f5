"""The key file's bytes: one right form, every damage found, the passphrase the only way in."""

import hashlib

import pytest
from nacl import bindings, pwhash

from engine.store import keyformat
from engine.store.keyformat import BadKeyFile, Cost, Keys, Sealed, WrongPassphrase
from identity import IdentityError, Secret
from tests.helpers import mutations, seeded

KEYS = Keys(seed=Secret(bytes(range(32))), database_key=Secret(bytes(range(32, 64))))
CHEAP = Cost(passes=1, kibibytes=64 * 1_024)  # the least that is allowed: these tests seal often
PASSPHRASE = Secret(b"correct horse")


def run_here(work):
    return work()


def sealed(passphrase=PASSPHRASE, keys=KEYS):
    return keyformat.seal(keys, passphrase, run=run_here, cost=CHEAP, random=seeded("seal"))


PLAIN = keyformat.write_plain(KEYS)
SEALED = sealed()


def with_new_checksum(data: bytes) -> bytes:
    """What somebody does who alters a file on purpose."""
    lines = data[: data.rindex(b"checksum")]
    checksum = hashlib.sha256(b"p2pchat/1 key file checksum" + lines).digest()[:16]
    return lines + b"checksum " + checksum.hex().encode() + b"\n"


def test_a_plain_file_is_three_lines():
    first, second, third = PLAIN.decode().splitlines()
    assert first == "p2pchat key 1"
    assert second == "plain " + bytes(range(64)).hex()
    checked = f"p2pchat key 1\n{second}\n".encode()
    checksum = hashlib.sha256(b"p2pchat/1 key file checksum" + checked).digest()
    assert third == "checksum " + checksum[:16].hex()
    assert keyformat.read(PLAIN) == KEYS


def test_a_sealed_file_is_argon2id_and_xchacha20_over_its_first_two_lines():
    first, second, third, _ = SEALED.decode().splitlines()
    chance = seeded("seal")
    salt, nonce = chance(16), chance(24)
    assert first == "p2pchat key 1"
    assert second == f"argon2id 1 65536 1 {salt.hex()}"
    key = pwhash.argon2id.kdf(32, b"correct horse", salt, opslimit=1, memlimit=64 * 1_024 * 1_024)
    box = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes(range(64)), f"{first}\n{second}\n".encode(), nonce, key
    )
    assert third == f"xchacha20poly1305 {nonce.hex()} {box.hex()}"


def test_the_passphrase_opens_a_sealed_file():
    content = keyformat.read(SEALED)
    assert isinstance(content, Sealed)
    assert content.open(PASSPHRASE, run=run_here) == KEYS


def test_nothing_readable_of_the_keys_is_left_in_a_sealed_file():
    assert KEYS.seed.hex().encode() not in SEALED
    assert KEYS.database_key.hex().encode() not in SEALED


def test_each_sealing_takes_fresh_salt_and_nonce():
    twice = [
        keyformat.read(keyformat.seal(KEYS, PASSPHRASE, run=run_here, cost=CHEAP)) for _ in range(2)
    ]
    assert len({(content.salt, content.nonce) for content in twice}) == 2
    assert len({content.salt for content in twice} | {content.nonce for content in twice}) == 4


@pytest.mark.parametrize("wrong", [b"correct horsf", b"Correct horse", b"correct horse ", b"x"])
def test_another_passphrase_opens_nothing(wrong):
    with pytest.raises(WrongPassphrase):
        keyformat.read(SEALED).open(Secret(wrong), run=run_here)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("caf\u00e9", "cafe\u0301"),  # one character or two
        ("two words", "two\u00a0words"),  # an unbreakable space
        ("abc123", "ａｂｃ１２３"),  # an input method's wide letters
        ("rahasia besar", "rahasia besar"),
    ],
)
def test_one_passphrase_opens_however_a_keyboard_writes_it(written, typed):
    content = keyformat.read(sealed(Secret(written.encode())))
    assert content.open(Secret(typed.encode()), run=run_here) == KEYS


def test_a_passphrase_need_not_be_text():
    content = keyformat.read(sealed(Secret(b"\xff\x00\xfe")))
    assert content.open(Secret(b"\xff\x00\xfe"), run=run_here) == KEYS


def test_the_slow_work_is_given_to_the_runner():
    """So that it can be done beside the event loop, and nowhere else."""
    asked = []

    def run(work):
        asked.append(work)
        return work()

    data = keyformat.seal(KEYS, PASSPHRASE, run=run, cost=CHEAP)
    assert len(asked) == 1
    keyformat.read(data).open(PASSPHRASE, run=run)
    assert len(asked) == 2


@pytest.mark.parametrize("data", [PLAIN, SEALED], ids=["plain", "sealed"])
def test_every_flipped_bit_is_noticed(data):
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadKeyFile):
            keyformat.read(bytes(flipped))


@pytest.mark.parametrize("data", [PLAIN, SEALED], ids=["plain", "sealed"])
def test_a_file_cut_anywhere_or_with_anything_added_is_refused(data):
    for size in range(len(data)):
        with pytest.raises(BadKeyFile):
            keyformat.read(data[:size])
    for more in (b"\n", b"x", b"\0", data):
        with pytest.raises(BadKeyFile):
            keyformat.read(data + more)
        with pytest.raises(BadKeyFile):
            keyformat.read(more + data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"p2pchat key 2\nplain 00\n", "this version"),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\n", "this version"),
        (PLAIN.replace(b"0", b"1", 1), "damaged"),
        (PLAIN.replace(b"\n", b"\r\n"), "this version"),
        (with_new_checksum(PLAIN.replace(b"plain", b"plane")), "this version"),
        (with_new_checksum(PLAIN.replace(b"0a0b", b"0A0B")), "this version"),
        (with_new_checksum(PLAIN.replace(b"plain 00", b"plain ")), "this version"),
        (with_new_checksum(b"p2pchat key 1\nchecksum"), "this version"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data, reason):
    with pytest.raises(BadKeyFile, match=reason):
        keyformat.read(data)


def test_altered_on_purpose_every_line_of_a_sealed_file_still_counts():
    """A new checksum is easy to make: then the tag over header and content must refuse."""
    content = keyformat.read(SEALED)
    for value in (content.salt, content.nonce, content.ciphertext):
        start = SEALED.index(value.hex().encode())
        for place in (start, start + len(value), start + 2 * len(value) - 1):
            other = b"0" if SEALED[place : place + 1] != b"0" else b"1"
            altered = with_new_checksum(SEALED[:place] + other + SEALED[place + 1 :])
            with pytest.raises(WrongPassphrase):
                keyformat.read(altered).open(PASSPHRASE, run=run_here)
    harder = with_new_checksum(SEALED.replace(b"argon2id 1 65536", b"argon2id 2 65536"))
    with pytest.raises(WrongPassphrase):
        keyformat.read(harder).open(PASSPHRASE, run=run_here)


def test_the_header_itself_is_under_the_tag():
    content = keyformat.read(SEALED)
    moved = Sealed(
        content.header + b" ", content.cost, content.salt, content.nonce, content.ciphertext
    )
    with pytest.raises(WrongPassphrase):
        moved.open(PASSPHRASE, run=run_here)


@pytest.mark.parametrize(
    "cost",
    [
        b"0 65536 1",
        b"11 65536 1",
        b"1 65535 1",
        b"1 2097153 1",
        b"1 9999999 1",
        b"99 65536 1",
        b"1 65536 2",
        b"01 65536 1",
        b"1 +65536 1",
        b"1 4294967296 1",
    ],
)
def test_a_file_cannot_ask_for_too_little_guard_or_for_all_memory(cost):
    with pytest.raises(BadKeyFile):
        keyformat.read(with_new_checksum(SEALED.replace(b"1 65536 1", cost)))


@pytest.mark.parametrize("cost", [b"10 65536 1", b"1 2097152 1", b"3 262144 1"])
def test_the_allowed_costs_are_read(cost):
    content = keyformat.read(with_new_checksum(SEALED.replace(b"1 65536 1", cost)))
    assert isinstance(content, Sealed)


def test_new_files_cost_three_passes_of_256_mib():
    assert Cost() == Cost(passes=3, kibibytes=262_144)


def test_too_little_memory_is_said_and_is_no_wrong_passphrase(monkeypatch):
    def fails(*_, **__):
        raise MemoryError

    monkeypatch.setattr(keyformat.pwhash.argon2id, "kdf", fails)
    with pytest.raises(IdentityError, match="64 MiB") as caught:
        keyformat.read(SEALED).open(PASSPHRASE, run=run_here)
    assert not isinstance(caught.value, WrongPassphrase)


def test_a_hundred_thousand_damaged_files_raise_nothing_but_bad_key_file():
    samples = [PLAIN.decode(), SEALED.decode()]
    taken = 0
    for text in mutations(samples, 100_000, seed=2):
        data = text.encode(errors="surrogatepass")
        for candidate in (data, with_new_checksum(data) if b"checksum" in data else data):
            try:
                content = keyformat.read(candidate)
            except BadKeyFile:
                continue
            taken += 1
            again = keyformat.write_plain(content) if isinstance(content, Keys) else None
            assert again in (None, candidate), "a second way to write the same keys"
    assert taken

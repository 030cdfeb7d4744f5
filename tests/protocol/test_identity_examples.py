"""PROTOCOL.md, section 2: every worked example is what the program computes."""

import hashlib
import io
import re
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from engine.protocol.invite import HostPort, Target, make_invite, parse_host_port, parse_target
from engine.protocol.safety import safety_number, thirty_digits
from engine.store import backupformat, keyformat
from engine.store.keyformat import Cost, Keys
from identity import Identity, PeerId, Secret, is_valid_public_key, verify

DOCUMENT = Path(__file__).parents[2] / "PROTOCOL.md"


@cache
def examples() -> dict[str, str]:
    """All lines "name  value" of the section's example blocks; a value goes on in lines below."""
    section = re.search(r"^## 2\. .*?(?=^## |\Z)", DOCUMENT.read_text(), re.M | re.S)
    found: dict[str, str] = {}
    for block in re.findall(r"^```example\n(.*?)^```$", section[0], re.M | re.S):
        name = None
        for line in block.splitlines():
            head, value = re.fullmatch(r"(\S+(?: \S+)*)? {2,}(.+)", line).groups()
            if head:
                assert head not in found
                name, found[head] = head, value
            else:
                found[name] += "\n" + value
    return found


def value(name: str) -> bytes:
    return bytes.fromhex(examples()[name])


@pytest.fixture
def alice():
    return Identity.from_seed(Secret(value("seed")), Secret(value("database key")), protected=False)


@pytest.fixture
def keys():
    return Keys(Secret(value("seed")), Secret(value("database key")))


def test_no_example_is_left_out():
    assert set(examples()) == {
        *("seed", "database key", "signing seed", "public key", "noise private", "noise public"),
        *("signed text", "signature", "checksum", "address", "fingerprint"),
        *("plain file", "passphrase", "salt", "nonce", "sealing key", "sealed file"),
        *("places", "name", "pass", "invite"),
        *("other public key", "half", "other half", "number"),
        *("backup salt", "backup nonce", "backup key", "backup check"),
        *("backup content", "backup file"),
    }


def test_the_keys_of_the_example(alice):
    assert alice.signing_key == value("signing seed")
    assert alice.peer == value("public key")
    assert alice.noise_key == value("noise private")
    noise = X25519PrivateKey.from_private_bytes(alice.noise_key)
    assert noise.public_key().public_bytes_raw() == value("noise public")
    text = examples()["signed text"].encode()
    assert alice.sign(text) == value("signature")
    assert verify(alice.peer, value("signature"), text)


def test_the_address_of_the_example(alice):
    digest = hashlib.sha3_256(b"p2pchat id checksum" + value("public key") + b"\x01").digest()
    assert digest[:2] == value("checksum")
    assert alice.peer.address == examples()["address"]
    assert alice.peer.fingerprint == examples()["fingerprint"]
    assert PeerId.from_address(examples()["address"]) == alice.peer


def test_the_plain_key_file_of_the_example(keys):
    data = examples()["plain file"].encode() + b"\n"
    assert keyformat.write_plain(keys) == data
    assert keyformat.read(data) == keys


def test_the_sealed_key_file_of_the_example(keys):
    data = examples()["sealed file"].encode() + b"\n"
    stretched = []

    def run(work):
        stretched.append(work())
        return stretched[-1]

    passphrase = Secret(examples()["passphrase"].encode())
    content = keyformat.read(data)
    assert (content.salt, content.nonce) == (value("salt"), value("nonce"))
    assert content.open(passphrase, run=run) == keys
    chance = iter((value("salt"), value("nonce")))
    again = keyformat.seal(
        keys, passphrase, run=run, cost=Cost(), random=lambda _size: next(chance)
    )
    assert again == data
    assert stretched == [value("sealing key")] * 2


def test_the_invite_of_the_example(alice):
    places = tuple(map(parse_host_port, examples()["places"].split()))
    assert places == (HostPort("192.168.1.7", 6000), HostPort("fe80::1%eth0", 6000))
    name, knock_pass = examples()["name"], value("pass")
    assert make_invite(alice.peer, places, name, knock_pass) == examples()["invite"]
    target = Target(alice.peer, places, name, Secret(knock_pass))
    assert parse_target(examples()["invite"]) == target


def test_the_backup_of_the_example(keys):
    chance = iter((value("backup salt"), value("backup nonce")))
    passphrase = Secret(examples()["passphrase"].encode())
    header, key = backupformat.new_header(passphrase, random=lambda _size: next(chance))
    assert (key, header.check) == (value("backup key"), value("backup check"))
    database = backupformat.PART.pack(backupformat.DATABASE, 8) + b"database"
    content = backupformat.keys_part(keys, protected=False) + database
    assert content == value("backup content")
    whole = header.raw + b"".join(backupformat.seal(header, key, [content]))
    assert whole == value("backup file")
    again = backupformat.read_header(whole[: backupformat.HEADER.size])
    rest = io.BytesIO(whole[backupformat.HEADER.size :])
    assert again.open(passphrase) == key
    assert b"".join(backupformat.unseal(again, key, rest.read)) == content


def test_the_safety_number_of_the_example(alice):
    other = PeerId(value("other public key"))
    assert is_valid_public_key(other)
    assert thirty_digits(alice.peer, identifier=alice.peer) == examples()["half"]
    assert thirty_digits(other, identifier=other) == examples()["other half"]
    assert safety_number(alice.peer, other) == examples()["number"]

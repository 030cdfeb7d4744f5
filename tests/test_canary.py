"""Words that must stay secret are looked for wherever they must not be, in whatever form.

Two real programs talk, one of them behind a passphrase, logging all they can; one is killed, so
that nothing is tidied up. Then their logs, every byte between them, their files and what the
process list shows are searched.
"""

import base64
import json
import os
import random
from pathlib import Path
from urllib.parse import quote

import pytest

from engine.store import keyfile
from engine.store.keyformat import Cost
from identity import Secret
from tests.conftest import Start
from tests.faults import bad_wires
from tests.faults.network import Network
from tests.helpers import until
from tests.programs import HEARD_WITHIN, ApiError, make_friends

MESSAGE = "canary-message-Zq4w7RkT"
ANSWER = "canary-answer-好鳥-Xv9b2LmN"
REQUEST = "canary-request-Pd3y8HsJ"
NAME = "canary name Gt5n1CfV"
ALIAS = "canary alias Wb6k4QzE"
PASSPHRASE = "canary-passphrase-Mh8r3UxA"
TOO_LONG = "canary-too-long-Ye7j5DoS " * 5_000
LINUX = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc here")


def forms(secret: str | bytes) -> list[bytes]:
    """How a secret may look where somebody printed, packed or encoded it."""
    data = secret if isinstance(secret, bytes) else secret.encode()
    found = [data, data.hex().encode(), data.hex().upper().encode(), repr(data)[2:-1].encode()]
    for start in range(3):  # base64 looks different at each of three places
        whole = (len(data) - start) // 3 * 3
        piece = data[start : start + whole]
        found += [base64.b64encode(piece), base64.urlsafe_b64encode(piece)]
    if isinstance(secret, str):
        found += [secret.encode("utf-16-le"), json.dumps(secret)[1:-1].encode()]
        found += [quote(secret).encode(), ascii(secret)[1:-1].encode()]
    return found


def leaks(place: bytes, secrets: dict[str, str | bytes]) -> list[str]:
    return [
        name for name, secret in secrets.items() if any(form in place for form in forms(secret))
    ]


SAID = {
    "message": MESSAGE,
    "answer": ANSWER,
    "request": REQUEST,
    "name": NAME,
    "alias": ALIAS,
    "passphrase": PASSPHRASE,
    "too long": TOO_LONG[:24],
}


@pytest.fixture(scope="module")
def told(lasting_programs: Start):
    """Alice and Bob after a conversation, still running, and every byte between them."""
    alice = lasting_programs("alice", "--log-level", "debug")
    bob = lasting_programs("bob", "--log-level", "debug").start()
    file = alice.home / "passphrase"
    file.touch(mode=0o600)
    file.write_text(PASSPHRASE)
    keyfile.load_or_create(alice.key, ask_passphrase=Secret, database=alice.beside(".db"))
    cheap = Cost(passes=1, kibibytes=64 * 1_024)
    new = Secret(PASSPHRASE.encode())
    keyfile.change_passphrase(alice.key, current=None, new=new, cost=cheap)
    alice.options += ("--passphrase-file", str(file))
    alice.start()
    with Network(alice, bob) as network:
        network.captured = []
        alice.call("POST", "/me", {"name": NAME})
        make_friends(alice, bob, at=network.place(bob), text=REQUEST)
        bob.call("POST", f"/people/{alice.address}", {"name": ALIAS})
        hers, _his = alice.listen(), bob.listen()
        alice.say(bob, MESSAGE, key=MESSAGE)
        hers.send(type="message.send", ref=MESSAGE, chat=bob.address, text=MESSAGE)
        bob.say(alice, ANSWER)
        for path, body in (
            (f"/chats/{bob.address}/messages", {"text": TOO_LONG}),
            (f"/chats/{bob.address}/messages", {"text": MESSAGE, "reply_to": MESSAGE}),
            ("/connect", {"address": MESSAGE}),
            ("/connect", {"address": network.place(bob), "text": TOO_LONG}),
            ("/me", {"name": {"name": NAME}}),
            (f"/chats/{MESSAGE}/messages", {"text": MESSAGE}),
        ):
            with pytest.raises(ApiError):
                alice.call("POST", path, body)
        bob.say(alice, ANSWER * 1_000)
        until(lambda: len(alice.messages(bob)) == 5, HEARD_WITHIN)
        until(lambda: bob.messages(alice)[-1]["state"] == "delivered", HEARD_WITHIN)
        for program, other in ((alice, bob), (bob, alice)):  # unhappy paths talk too
            network.arm(bad_wires.Flip(program.name, 20, random.Random(0)))
            other.say(program, MESSAGE)
            until(lambda p=program: " WARNING " in p.log(), HEARD_WITHIN)
            until(lambda p=program, o=other: p.sees(o, online=True), HEARD_WITHIN)
        yield alice, bob, b"".join(network.captured)


def keys_of(program):
    passphrase = Secret(PASSPHRASE.encode())
    me = keyfile.load_or_create(
        program.key, ask_passphrase=lambda: passphrase, database=program.beside(".db")
    )
    names = ("signing_key", "noise_key", "database_key", "seed")
    return {f"{program.name}'s {name}": bytes(getattr(me, name)) for name in names}


@pytest.mark.parametrize("secret", [MESSAGE, ANSWER, bytes(range(32))], ids=["word", "好", "key"])
def test_the_search_finds_what_is_there(secret):
    for form in forms(secret):
        assert leaks(b"before " + form + b" behind", {"it": secret}) == ["it"]
    for start in range(3):
        packed = base64.b64encode(
            bytes(start) + (secret.encode() if isinstance(secret, str) else secret)
        )
        assert leaks(packed, {"it": secret}) == ["it"]


def test_the_owners_are_told_everything(told):
    alice, bob, _ = told
    shown = json.dumps(
        [bob.messages(alice), bob.call("GET", "/people"), alice.call("GET", "/me")]
    ).encode()
    assert leaks(shown, SAID) == ["message", "answer", "request", "name", "alias"]


def test_nothing_secret_is_in_the_log(told):
    alice, bob, _ = told
    tokens = {"token": alice.token, "token of bob": bob.token}
    for program in (alice, bob):
        log = program.log_file.read_bytes()
        assert b" DEBUG " in log
        assert b" WARNING " in log
        secrets = SAID | keys_of(alice) | keys_of(bob) | tokens
        assert leaks(log, secrets) == []
        ticket = program.ready_line().partition("#k=")[2][:64]
        assert leaks(log, {"ticket": ticket}) == []


def test_nothing_secret_is_on_the_wire(told):
    alice, bob, wire = told
    addresses = {one.name: one.address for one in (alice, bob)}
    public = {
        f"{name}'s key": base64.b32decode(text.upper())[:32] for name, text in addresses.items()
    }
    assert len(wire) > 10_000
    assert leaks(wire, SAID | keys_of(alice) | keys_of(bob) | addresses | public) == []


@LINUX
def test_nothing_secret_is_in_the_process_list(told):
    alice, bob, _ = told
    for program in (alice, bob):
        pid = program.process.pid
        shown = b"".join(
            Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ")
        )
        assert os.fsencode(program.key) in shown
        ticket = program.ready_line().partition("#k=")[2][:64]
        secrets = {"token": program.token, "ticket": ticket} | keys_of(alice) | keys_of(bob)
        assert leaks(shown, SAID | secrets) == []


def test_nothing_secret_is_in_the_files_of_a_program_that_was_killed(told):
    alice, bob, _ = told
    own = keys_of(alice) | keys_of(bob)
    for program in (alice, bob):
        program.kill9()
        assert program.beside(".db-wal").stat().st_size > 0
    searched = set()
    for path in sorted(alice.home.rglob("*")):
        if path.is_file() and path.name != "passphrase" and path.suffix not in (".log", ".out"):
            keys = {name: key for name, key in own.items() if path != bob.key}
            assert leaks(path.read_bytes(), SAID | keys) == [], path
            searched.add(path.suffix)
    assert {".key", ".db", ".db-wal", ".lock", ".api"} <= searched

"""A whole conversation, with everything that goes wrong in one, and not a word of it in the log."""

import gc
import logging
import re
import traceback

import pytest

from engine.chat import events
from engine.chat.errors import Refused
from engine.net import rivals
from engine.protocol import records
from engine.protocol.errors import ProtocolError
from engine.protocol.invite import HostPort, make_invite
from identity import Identity
from tests.chat.people import Someone, become_friends, calls_again, friend, stranger
from tests.helpers import until
from tests.net.talking import Talker, hello

CANARY = "tweety"  # in every text, name and key that a person gives
PASS = b"a tweety's pass!"


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


def spellings(secret: bytes) -> list[str]:
    """How bytes could stand in a text."""
    return [secret.hex(), repr(secret)[2:-1], str(list(secret))]


def secrets_of(one: Identity) -> list[bytes]:
    return [bytes(one.signing_key), bytes(one.noise_key), bytes(one.database_key)]


def passes(someone: Someone) -> list[bytes]:
    return [
        bytes(pass_)
        for known in someone.node._book
        for pass_ in (known.pass_for_them, known.pass_from_them)
        if pass_ is not None
    ]


def assert_says_nothing(text: str, *people: Someone) -> None:
    assert CANARY not in text.lower()
    for spelling in spellings(PASS):
        assert spelling not in text
    for someone in people:
        for secret in secrets_of(someone.me) + passes(someone):
            for spelling in spellings(secret):
                assert spelling not in text
        address = someone.address
        assert address not in text
        assert someone.me.peer.fingerprint not in text
        assert someone.me.peer.hex() not in text
        for start in range(len(address) - 8):  # no more of it than the short form
            assert address[start : start + 9] not in text


def whole_log(caplog) -> str:
    told = [record.getMessage() for record in caplog.records]
    raw = [repr(record.args) for record in caplog.records]
    return "\n".join([caplog.text, *told, *raw])


def test_a_whole_conversation_with_all_its_failures_leaves_no_word_in_the_log(
    people, log, monkeypatch, wire_to
):
    monkeypatch.setattr(rivals, "SIGN_OF_LIFE_WITHIN", 0.02)
    alice, bob = people(f"Alice {CANARY}", f"Bob {CANARY}")
    become_friends(alice, bob, f"{CANARY} hello")
    alice.says(bob, f"{CANARY} one", key=f"{CANARY}")
    bob.node.change_person(alice.address, name=f"{CANARY} A", verified=True)
    bob.node.safety(alice.address)
    alice.cut(bob)
    bob.says(alice, f"{CANARY} two")
    until(lambda: len(alice.history(bob)) == len(bob.history(alice)) == 3)
    bob.restart()
    until(lambda: alice.is_linked(bob) and bob.is_linked(alice))

    # refused, in every way
    invite = make_invite(alice.me.peer, [HostPort("127.0.0.1", 1)], CANARY, PASS)
    for address in (invite, f"{CANARY}:99999", alice.address, bob.place, f"127.0.0.1:1{CANARY}"):
        for act in (alice.node.connect, alice.node.send):
            with pytest.raises(Refused) as refused:
                act(address, "half \ud83d " + CANARY)
            assert_says_nothing(str(refused.value) + repr(refused.value), alice, bob)
    with alice.full_disk(), pytest.raises(Refused):
        alice.says(bob, f"{CANARY} no room")
    with bob.full_disk():
        alice.says(bob, f"{CANARY} no room there")
        until(lambda: bob.hear(events.Notice))

    # strangers and false friends
    asking = stranger(bob, 21, name=CANARY)
    asking.say(records.Request(bytes(16), 1, 0, CANARY, f"{CANARY} let me in"))
    until(bob.node.requests)
    bob.node.answer_request(asking.address, "block")
    for seq, wrong in enumerate(
        (
            (records.MESSAGE, b"\xa6" + CANARY.encode()),
            (records.HELLO, b"\x91\xa6" + CANARY.encode()),
            (
                records.REQUEST,
                records.encode(records.Request(bytes(16), 1, 0, "", CANARY * 170))[1],
            ),
            (99, CANARY.encode()),
            records.encode(records.Ack(77)),
            records.encode(records.Message(1, bytes(16), 1, 2**53 - 1, 0, CANARY.encode())),
        )
    ):
        false = friend(bob, 30 + seq, name=CANARY)
        false.say_raw(wrong)
        assert false.is_over()
        false.hang_up()
    forger = friend(bob, 40, name=CANARY)
    forger.sock.sendall(b"\x00\x50" + CANARY.encode() * 10 + bytes(20))
    assert forger.is_over()
    twice = Talker.dial(bob.port, forger.me)
    twice.open(accepts=True, name=CANARY, stream=b"another!")
    again = calls_again(bob, 40, name=CANARY, knock_pass=PASS, stream=b"athird!!")
    again.say(hello(accepts=True, name=CANARY, stream=b"achange!"))
    assert again.is_over()
    noise = Talker.dial(bob.port, again.me)
    noise.sock.sendall(CANARY.encode())
    assert noise.is_over()

    alice.node.forget_person(bob.address, history=True)
    alice.stop()
    bob.stop()
    log_text = whole_log(log)
    assert alice.me.peer.short in log_text, "the log does speak of people, in short"
    assert_says_nothing(log_text, alice, bob)


def test_the_canary_would_be_found(people, log):
    alice = people("Alice")
    for secret in (CANARY.upper(), alice.address, alice.address[3:12], alice.me.noise_key.hex()):
        with pytest.raises(AssertionError):
            assert_says_nothing(f"... {secret} ...", alice)
    with pytest.raises(AssertionError):
        assert_says_nothing(repr(bytes(alice.me.signing_key)), alice)
    assert_says_nothing(alice.me.peer.short, alice)


def test_nothing_that_lives_in_a_running_program_prints_what_people_wrote(people, wire_to):
    """Whatever a careless log line would name: every object of these rooms, printed."""
    alice, bob = people(f"Alice {CANARY}", f"Bob {CANARY}")
    become_friends(alice, bob, f"{CANARY} hello")
    alice.says(bob, f"{CANARY} one")
    bob.stop()
    alice.says(bob, f"{CANARY} waits")
    asking = stranger(alice, 21, name=CANARY)
    asking.say(records.Request(bytes(16), 1, 0, CANARY, CANARY))
    until(alice.node.requests)
    alice.hear()
    shown = [alice.node.people(), alice.node.chats(), alice.history(bob), alice.node.requests()]
    rooms = re.compile(r"engine\.(net|chat|protocol)\.")
    printed = 0
    for one in gc.get_objects():
        kind = type(one)
        if rooms.match(str(getattr(kind, "__module__", ""))):
            printed += 1
            assert CANARY not in repr(one).lower(), kind
            assert CANARY not in str(one).lower(), kind
    assert printed > 50
    assert CANARY not in repr(shown)


def test_no_exception_of_the_rooms_quotes_what_a_peer_sent():
    wrong = [
        (kind, body)
        for kind in (*range(1, 8), 99)
        for body in (
            CANARY.encode(),
            b"\xa6" + CANARY.encode(),
            b"\x91\xa6" + CANARY.encode(),
            b"\x97" + b"\xa6" + CANARY.encode() * 7,
            b"\x96" + (b"\xa6" + CANARY.encode()) * 6,
            b"\x95" + (b"\xa6" + CANARY.encode()) * 5,
        )
    ]
    for kind, body in wrong:
        with pytest.raises(ProtocolError) as told:
            records.decode(kind, body)
        text = "".join(traceback.format_exception(told.value)) + repr(told.value)
        source = [line for line in text.splitlines() if "tests" not in line]
        assert CANARY not in "\n".join(source)

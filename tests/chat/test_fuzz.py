"""Whoever gets through the handshake may say anything: the program goes on, for everybody else."""

import logging
import random
from itertools import count

import gevent
import msgpack
import pytest

from engine.protocol import admission, records
from engine.protocol.frames import MAX_RECORD_BODY
from engine.protocol.records import MAX_INTEGER
from engine.store.people import MAX_REQUESTS
from tests.chat.people import agree, become_friends, friend
from tests.helpers import person, until
from tests.net.talking import Talker, hello

CONVERSATIONS = 1_000
AT_ONCE = 8
FRIENDS = range(50, 56)  # contacts who say anything, too
STRANGERS = range(60, 100)

NUMBERS = (-1, 0, 1, 2, 3, 255, 256, 2**16, 2**31, 2**32, 2**32 + 1, 2**53 - 1, 2**53, 2**64 - 1)
SIZES = (0, 1, 7, 8, 15, 16, 17, 64, 255, 4_000, 4_001, 60_000, 61_000, 61_001)
NOISE = random.Random(0).randbytes(70_000)
TEXTS = ("", "x", "é" * 64, "\x00", "\u202e", "𝄞" * 1_000, "x" * 1_001, "x" * 4_001)


class Babbler:
    """Says anything; the same for the same number."""

    def __init__(self, number: int) -> None:
        self.chance = random.Random(number)

    def one_of(self, *choices):
        return self.chance.choice(choices)

    def number(self):
        if self.chance.random() < 0.8:
            return self.chance.randrange(1, 20)
        return self.one_of(*NUMBERS, self.chance.randrange(MAX_INTEGER))

    def some_bytes(self, size=None):
        start = self.chance.randrange(1_000)
        return NOISE[start : start + (self.one_of(*SIZES) if size is None else size)]

    def record(self) -> records.Body:
        """Well-formed as often as not."""
        some_id = self.some_bytes(self.one_of(16, 16, 16, 0, 15))
        match self.chance.randrange(7):
            case 0:
                body = self.one_of(lambda: b"\x91\xa2hi", self.some_bytes, self.value_packed)()
                return records.Message(
                    self.number(), some_id, self.one_of(0, 1, 2, 255), self.number(), 0, body
                )
            case 1:
                return records.Message(
                    self.chance.randrange(1, 9), self.some_bytes(16), 1, 1, 1, b"\x91\xa2hi"
                )
            case 2:
                return records.Ack(self.number())
            case 3:
                return records.Request(
                    some_id, self.number(), self.number(), self.text(), self.text()
                )
            case 4:
                return hello(
                    stream=self.one_of(b"a stream", b"a stream", b"another!", b""),
                    accepts=self.one_of(True, False),
                    port=self.number(),
                    name=self.text(),
                    knock_pass=self.some_bytes(self.one_of(0, 16, 16, 5)),
                    your_position=self.number(),
                )
            case 5:
                return self.one_of(records.Ping(), records.Pong())
            case _:
                return records.Bye()

    def text(self):
        return self.one_of(*TEXTS)

    def value(self, depth=0):
        match self.chance.randrange(10 if depth < 4 else 6):
            case 0:
                return self.one_of(None, True, 1.5)
            case 1 | 2:
                return self.text()
            case 3:
                return self.some_bytes()
            case 4 | 5:
                return self.number()
            case 6:
                return {self.number(): self.value(depth + 1)}
            case _:
                return [self.value(depth + 1) for _ in range(self.chance.randrange(9))]

    def value_packed(self):
        return msgpack.packb(self.value())

    def pair(self) -> tuple[int, bytes]:
        """A record as it goes into a frame."""
        kind, body = self._pair()
        return kind, body[:MAX_RECORD_BODY]

    def _pair(self) -> tuple[int, bytes]:
        kind, body = records.encode(self.record())
        match self.chance.randrange(20):
            case 0:
                return self.chance.randrange(1, 256), body
            case 1:
                return kind, body[: self.chance.randrange(len(body) + 1)]
            case 2:
                damaged = bytearray(body)
                damaged[self.chance.randrange(len(body))] ^= 1 << self.chance.randrange(8)
                return kind, bytes(damaged)
            case 3:
                return kind, body + self.some_bytes(self.chance.randrange(4))
            case 4:
                return kind, self.value_packed()
            case _:
                return kind, body

    def wire(self) -> bytes:
        """Something that is not even a frame."""
        return self.one_of(
            b"\x00\x50" + self.some_bytes(0x50), b"\xff\xff", b"\x00", self.some_bytes()
        )

    def talk(self, talker: Talker) -> None:
        if self.chance.random() < 0.9:
            talker.say(hello(accepts=self.one_of(True, False), name=self.text()[:64]))
        for _ in range(self.chance.randrange(1, 12)):
            talker.say_raw(*(self.pair() for _ in range(self.one_of(1, 1, 2, 20))))
            if self.chance.random() < 0.1:
                gevent.idle()
        if self.chance.random() < 0.2:
            talker.sock.sendall(self.wire())


@pytest.mark.timeout(300)
def test_a_thousand_who_say_anything_disturb_nobody(people, monkeypatch, caplog):
    caplog.set_level(logging.ERROR, "engine")
    monkeypatch.setattr(admission, "KNOCKS_PER_SECOND", 1e9)
    monkeypatch.setattr(admission, "KNOCKS_PER_SECOND_PER_HOST", 1e9)
    monkeypatch.setattr(admission, "MAX_HALF_OPEN_PER_HOST", 2 * AT_ONCE)
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    for number in FRIENDS:
        friend(bob, number).hang_up()
    numbers = count()

    def converse():
        for number in iter(lambda: next(numbers), None):
            if number >= CONVERSATIONS:
                return
            babbler = Babbler(number)
            who = babbler.one_of(babbler.one_of(*FRIENDS), babbler.one_of(*STRANGERS))
            talker = Talker.dial(bob.port, person(who))
            try:
                babbler.talk(talker)
            except OSError:  # it had enough of us
                continue
            finally:
                babbler.one_of(talker.hang_up, talker.reset)()

    talking = [gevent.spawn(converse) for _ in range(AT_ONCE)]
    for number in range(20):
        until(lambda number=number: next(numbers) > number * CONVERSATIONS / 21, seconds=60)
        alice.says(bob, f"a{number}")
        bob.says(alice, f"b{number}")
        until(lambda: set(alice.states(bob) + bob.states(alice)) == {"delivered"}, seconds=30)
    gevent.joinall(talking, raise_error=True)
    until(lambda: len(bob.node._peers._everyone) == 1, seconds=30)
    assert agree(alice, bob)
    assert len(alice.history(bob)) == 40
    contacts = {one.address for one in bob.node.people()}
    assert contacts == {alice.address, *(person(number).peer.address for number in FRIENDS)}
    assert {chat.chat for chat in bob.node.chats()} == contacts
    assert len(bob.node.requests()) <= MAX_REQUESTS
    bob.restart()
    until(lambda: bob.is_linked(alice))
    assert agree(alice, bob)

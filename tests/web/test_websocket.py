"""One WebSocket over a pair of sockets: one writer, bounds, pings, and proper goodbyes."""

from types import SimpleNamespace

import gevent
import gevent.socket
import pytest

from engine.web import framing, websocket
from engine.web.framing import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from engine.web.limits import Limits
from engine.web.websocket import WebSocket
from tests.helpers import until
from tests.web.frames import client_frame


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Pair:
    """A WebSocket whose reader and writer run, and the socket at its other end."""

    def __init__(self, **limits):
        ours, self.theirs = gevent.socket.socketpair()
        self.theirs.settimeout(5)
        self.clock = Clock()
        self.texts = []
        self.tab = WebSocket(
            {},
            SimpleNamespace(read=None, write=None),
            SimpleNamespace(socket=ours),
            limits=Limits(**limits),
            clock=self.clock,
        )
        self._ours = ours
        self._greenlets = [gevent.spawn(self._read), gevent.spawn(self.tab.write_all)]
        gevent.idle()  # both have begun

    def _read(self):
        while texts := self.tab.receive():
            self.texts += texts

    def is_over(self):
        return all(greenlet.dead for greenlet in self._greenlets)

    def say(self, *frames):
        self.theirs.sendall(b"".join(frames))

    def hear(self):
        """The next frame: opcode and payload."""
        first, length = self._exactly(2)
        if length == 126:
            length = int.from_bytes(self._exactly(2), "big")
        elif length == 127:
            length = int.from_bytes(self._exactly(8), "big")
        assert first & 0x80
        return first & 0x0F, self._exactly(length)

    def hear_end(self):
        assert self.theirs.recv(1) == b""

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.theirs.recv(size - len(data))
            assert piece, "the end"
            data += piece
        return data

    def end(self):
        gevent.killall(self._greenlets)
        self._ours.close()
        self.theirs.close()


@pytest.fixture
def pair_of():
    made = []

    def make(**limits):
        made.append(Pair(**limits))
        return made[-1]

    yield make
    for pair in made:
        pair.end()


def test_texts_come_in_and_go_out(pair_of):
    pair = pair_of()
    pair.say(client_frame(TEXT, b"one"), client_frame(TEXT, "zwölf".encode()))
    until(lambda: pair.texts == ["one", "zwölf"])
    pair.tab.send("hello")
    assert pair.hear() == (TEXT, b"hello")


def test_many_writers_at_once_lose_nothing_and_mix_nothing(pair_of):
    pair = pair_of()
    # Far more than the kernel's buffers hold, so that sendall yields half-way.
    texts = [str(writer) * 40_000 for writer in range(10) for _ in range(12)]
    gevent.joinall([gevent.spawn(pair.tab.send, text) for text in texts])
    assert [pair.hear() for _ in texts] == [(TEXT, text.encode()) for text in texts]


def test_what_is_queued_in_one_turn_leaves_in_one_call(pair_of, monkeypatch):
    pair = pair_of()
    calls = []
    send = type(pair._ours).sendall

    def sendall(sock, data, *more):
        if sock is pair._ours:
            calls.append(bytes(data))
        return send(sock, data, *more)

    monkeypatch.setattr(type(pair._ours), "sendall", sendall)
    for number in range(50):
        pair.tab.send(str(number))
    for number in range(50):
        assert pair.hear() == (TEXT, str(number).encode())
    assert len(calls) == 1


def test_a_ping_is_answered_with_what_it_said(pair_of):
    pair = pair_of()
    pair.say(client_frame(PING, b"there?"))
    assert pair.hear() == (PONG, b"there?")


def test_their_goodbye_is_answered_with_its_code_and_ends_it(pair_of):
    pair = pair_of()
    pair.say(client_frame(CLOSE, (4001).to_bytes(2, "big")), client_frame(TEXT, b"late"))
    assert pair.hear() == (CLOSE, (4001).to_bytes(2, "big"))
    pair.hear_end()
    pair.theirs.close()
    until(pair.is_over)
    assert pair.texts == []


def test_their_goodbye_without_a_code_is_answered_without_one(pair_of):
    pair = pair_of()
    pair.say(client_frame(CLOSE, b""))
    assert pair.hear() == (CLOSE, b"")


def test_our_goodbye_waits_for_theirs_and_acts_on_nothing_any_more(pair_of):
    pair = pair_of(close_after=5.0)
    pair.tab.send("last")
    pair.tab.close(1001, "stopping")
    pair.tab.send("too late")
    assert pair.hear() == (TEXT, b"last")
    assert pair.hear() == (CLOSE, (1001).to_bytes(2, "big") + b"stopping")
    pair.say(client_frame(TEXT, b"one more"), client_frame(PING, b""))
    for _ in range(20):
        gevent.idle()
    assert not pair.is_over()
    pair.theirs.settimeout(0.0)
    with pytest.raises(BlockingIOError):  # the wire is still whole
        pair.theirs.recv(1)
    pair.theirs.settimeout(5)
    pair.say(client_frame(CLOSE, (1001).to_bytes(2, "big")))
    pair.hear_end()
    pair.theirs.close()
    until(pair.is_over)
    assert pair.texts == []


def test_who_does_not_answer_our_goodbye_is_left(pair_of):
    pair = pair_of(close_after=0.05)
    pair.tab.close(1000)
    until(pair.is_over)


@pytest.mark.parametrize(
    ("code", "frames"),
    [
        (1002, [client_frame(TEXT, b"hi", mask=None)]),
        (1003, [client_frame(BINARY, b"hi")]),
        (1007, [client_frame(TEXT, b"\xff")]),
        (1008, [client_frame(PING, b"")] * 21),
        (
            1008,
            [client_frame(TEXT, b"", final=False)]
            + [client_frame(CONTINUATION, b"", final=False)] * 64,
        ),
        (1009, [b"\x81\xff" + (1 << 30).to_bytes(8, "big")]),
    ],
)
def test_who_breaks_the_rules_hears_why_before_the_end(pair_of, code, frames):
    pair = pair_of()
    # Unread bytes must not turn our last words into a reset.
    pair.say(*frames, bytes(100_000))
    opcode, payload = pair.hear()
    while opcode == PONG:
        opcode, payload = pair.hear()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (CLOSE, code)
    pair.hear_end()
    pair.say(b"still on its way when we had enough")
    pair.theirs.close()
    until(pair.is_over)


def test_who_does_not_read_is_told_to_try_again_and_dropped(pair_of, monkeypatch):
    monkeypatch.setattr(websocket, "MAX_WAITING", 100_000)
    pair = pair_of(close_after=5.0)
    for _ in range(200):
        pair.tab.send("x" * 1000)
        if pair.tab.closed:
            break
    assert pair.tab.closed
    assert pair.hear() == (CLOSE, (1013).to_bytes(2, "big") + b"too slow")


def test_who_takes_nothing_for_too_long_is_cut_off(pair_of):
    pair = pair_of(send_after=0.05)
    pair.tab.send("x" * 4_000_000)
    until(pair.is_over)
    assert pair.tab.closed


def test_a_torn_wire_ends_reader_and_writer(pair_of):
    pair = pair_of()
    pair.theirs.close()
    until(pair.is_over)
    pair.tab.send("nobody")  # harmless
    pair.tab.close()


def test_it_pings_and_gives_up_without_a_sign_of_life(pair_of):
    pair = pair_of(ping_every=0.01, dead_after=60.0)
    pair.clock.now = 0.01
    assert pair.hear() == (PING, b"")
    pair.clock.now = 59.0
    pair.say(client_frame(PONG, b""))
    until(lambda: pair.tab._heard_at == 59.0)
    pair.clock.now = 118.9
    assert pair.hear() == (PING, b"")
    assert not pair.is_over()
    pair.clock.now = 119.0
    until(pair.is_over)


def test_the_librarys_own_way_to_the_socket_is_closed(pair_of):
    pair = pair_of()
    assert pair.tab.raw_read is None
    assert pair.tab.raw_write is None
    del pair.tab.handler  # what the library's __del__ would need
    pair.tab.__del__()
    pair.tab.send("still there")
    assert pair.hear() == (TEXT, b"still there")


def test_a_close_code_that_may_not_be_sent_is_never_answered():
    assert framing.close_frame(framing.NO_CODE) == b"\x88\x00"

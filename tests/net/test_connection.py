"""One connection against a peer that the test plays."""

from time import monotonic

import gevent
import pytest

from engine.net import connection as connections
from engine.net.connection import Connection, Ended, Opened, host_of
from engine.protocol import records, session
from engine.protocol.channel import Channel
from engine.protocol.errors import BadFrameSize, DecryptionFailed, RemoteProtocolError
from engine.protocol.frames import MAX_RECORD_BODY
from engine.protocol.session import Heard, HelloHeard
from tests.helpers import person, until
from tests.net.talking import Talker, hello, tcp_pair

US, THEM = person(1), person(2)


class Line:
    """A connection of ours, the events it brought, and the talker at the other end."""

    def __init__(self, *, initiator=False, clock=monotonic, on_heard=None):
        ours, theirs = tcp_pair()
        self.seen = []
        self._on_heard = on_heard
        self.ours = Connection(
            ours,
            Channel(identity=US, initiator=initiator),
            on_heard=self._heard,
            clock=clock,
        )
        self.talker = Talker(theirs, Channel(identity=THEM, initiator=not initiator), THEM)
        self.running = gevent.spawn(self.ours.run)

    def _heard(self, connection, events):
        self.seen += events
        if Opened in map(type, events) and not connection.initiator:
            connection.send(hello(name="us"))
        if self._on_heard is not None:
            self._on_heard(connection, events)

    def opened(self, **words):
        if self.talker.channel.initiator:
            self.talker.channel.start()
        self.talker.shake_hands()
        if not self.talker.channel.initiator:
            until(lambda: self.kinds(Opened))
            self.talker.say(hello(**words))
            until(lambda: self.kinds(HelloHeard))
            self.ours.send(hello(name="us"))
            self.talker.hear(records.Hello)
        else:
            self.talker.open(**words)
        until(lambda: self.ours.is_open)
        return self

    def kinds(self, kind):
        return [event for event in self.seen if isinstance(event, kind)]

    def end(self) -> Ended:
        """How it ended; always the last event, and told once."""
        self.running.get(timeout=10)
        [end] = self.kinds(Ended)
        assert self.seen[-1] is end
        return end

    def close(self):
        self.talker.hang_up()
        self.running.join()


@pytest.fixture
def line():
    lines = []

    def make(**options):
        lines.append(Line(**options))
        return lines[-1]

    yield make
    for one in lines:
        one.close()


def text(seq, body=b"x"):
    return records.Message(seq, bytes(15) + bytes([seq % 256]), 1, seq, 0, body)


# -- a conversation


@pytest.mark.parametrize("initiator", [True, False])
def test_a_proven_peer_is_announced_before_anything_it_says(line, initiator):
    one = line(initiator=initiator).opened(name="Bob")
    opened, first = one.seen[:2]
    assert isinstance(opened, Opened)
    assert opened.peer == one.ours.peer == THEM.peer
    assert isinstance(first, HelloHeard)
    assert first.first
    assert first.hello.name == "Bob"


def test_records_arrive_whole_and_in_the_order_they_were_sent(line):
    one = line().opened()
    sent = [text(seq, bytes([seq % 256]) * size) for seq, size in enumerate((0, 1, 60_000, 7), 1)]
    one.talker.say(*sent)
    until(lambda: len(one.kinds(Heard)) == 4)
    assert [heard.record for heard in one.kinds(Heard)] == sent
    for record in sent:
        one.ours.send(record)
    assert [one.talker.hear(records.Message) for _ in sent] == sent


def test_what_one_turn_queues_while_another_piece_is_sent_keeps_its_order(line):
    one = line().opened()
    many = [text(seq, bytes(1_000)) for seq in range(1, 1_001)]
    for record in many:  # more than one sealing takes, more than the kernel's buffers hold at once
        one.ours.send(record)
    assert [one.talker.hear(records.Message) for _ in many] == many


def test_records_of_one_reading_are_handed_on_together(line):
    batches = []
    one = line(on_heard=lambda _connection, events: batches.append(len(events))).opened()
    one.talker.say(*(text(seq) for seq in range(1, 101)))
    until(lambda: len(one.kinds(Heard)) == 100)
    assert 100 in batches


def test_a_ping_is_answered(line):
    one = line().opened()
    one.talker.say(records.Ping())
    assert one.talker.hear(records.Pong, answer_pings=False)


def test_pings_whose_answers_nobody_reads_do_not_pile_up(line):
    one = line().opened()
    one.ours.send(text(1, bytes(60_000)), *(text(seq, bytes(60_000)) for seq in range(2, 100)))
    before = len(one.ours._queue)
    for _ in range(50):
        one.talker.say(*(records.Ping() for _ in range(200)))
    marker = text(1, b"marker")
    one.talker.say(marker)
    until(lambda: marker in [heard.record for heard in one.kinds(Heard)])
    assert len(one.ours._queue) <= before + 1, "one answer says as much as ten thousand"
    assert one.talker.hear(records.Pong)


# -- how it ends


def test_everything_queued_before_closing_arrives_and_then_a_goodbye(line):
    one = line().opened()
    many = [text(seq, bytes(20_000)) for seq in range(1, 101)]
    one.ours.send(*many)
    one.ours.close()
    one.ours.send(text(101))  # too late: it stays due, for another connection
    heard = one.talker.hear_all()
    assert heard == [*many, records.Bye()]
    one.talker.hang_up()
    assert one.end() == Ended(clean=False, error=None)


def test_a_goodbye_of_the_peer_is_a_clean_end(line):
    one = line().opened()
    one.talker.say(text(1), records.Bye(), text(2))
    assert one.end() == Ended(clean=True, error=None)
    assert [heard.record.seq for heard in one.kinds(Heard)] == [1], "nothing counts after BYE"


@pytest.mark.parametrize("how", ["hang_up", "reset"])
def test_an_end_without_goodbye_is_a_lost_connection(line, how):
    one = line().opened()
    getattr(one.talker, how)()
    assert one.end() == Ended(clean=False, error=None)


def test_what_came_before_a_forged_frame_is_kept(line):
    one = line().opened()
    one.talker.channel.send([records.encode(text(1))])
    honest = one.talker.channel.data_to_send()
    one.talker.sock.sendall(honest + b"\x00\x50" + bytes(0x50))
    end = one.end()
    assert [heard.record.seq for heard in one.kinds(Heard)] == [1]
    assert isinstance(end.error, DecryptionFailed)
    assert not end.clean


def test_what_came_before_a_malformed_record_is_kept(line):
    one = line().opened()
    one.talker.say_raw(records.encode(text(1)), (records.MESSAGE, b"\xc1"), (records.BYE, b"\x90"))
    end = one.end()
    assert [heard.record.seq for heard in one.kinds(Heard)] == [1]
    assert isinstance(end.error, records.BadRecord)


def test_whoever_speaks_before_their_hello_is_shut_out(line):
    one = line()
    one.talker.channel.start()
    one.talker.shake_hands()
    one.talker.say(text(1))
    assert isinstance(one.end().error, session.OutOfTurn)
    assert not one.kinds(Heard)


def test_an_objection_from_above_ends_the_connection(line):
    def object_to_messages(_connection, events):
        if any(isinstance(event, Heard) for event in events):
            raise RemoteProtocolError("not like this")

    one = line(on_heard=object_to_messages).opened()
    one.talker.say(text(1))
    assert str(one.end().error) == "not like this"
    assert one.talker.is_over()


def test_something_else_than_a_handshake_ends_it_without_a_byte_in_answer(line):
    one = line()
    one.talker.sock.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    assert isinstance(one.end().error, BadFrameSize)
    assert one.talker.sock.recv(1) == b""


def test_a_record_too_large_to_seal_is_a_loud_bug_and_not_a_silent_loop(line, died):
    one = line().opened()
    one.ours.send(text(1, bytes(MAX_RECORD_BODY + 1)))
    assert one.end() == Ended(clean=False, error=None)
    [bug] = died
    assert "limit" in str(bug)
    died.clear()


def test_after_the_end_nothing_is_queued_any_more(line):
    one = line().opened()
    one.talker.hang_up()
    one.end()
    one.ours.send(text(1))
    assert not one.ours._queue


# -- limits of time: the clock is the test's


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Late:
    """A clock on which, at each look, so many seconds have passed."""

    def __init__(self, *steps):
        self._steps = list(steps)
        self._now = 0.0

    def __call__(self):
        self._now += self._steps.pop(0) if self._steps else 0.0
        return self._now


def test_whoever_sends_nothing_for_five_seconds_is_shut_out(line):
    one = line(clock=Late(0, connections.FIRST_MESSAGE_WITHIN))
    assert isinstance(one.end().error, session.Silent)
    assert one.talker.sock.recv(1) == b""


def test_a_single_byte_does_not_buy_the_time_of_a_first_message(line):
    clock = Clock()
    one = line(clock=clock)
    one.talker.sock.sendall(b"\x04")  # the length of msg1 begins with it
    until(lambda: one.ours.channel.last_progress == "bytes")
    clock.now = connections.FIRST_MESSAGE_WITHIN
    one.talker.sock.sendall(b"\xd0")
    assert isinstance(one.end().error, session.Silent)


def test_whoever_begins_a_handshake_has_ten_seconds_for_all_of_it(line):
    clock = Clock()
    one = line(clock=clock)
    one.talker.channel.start()
    one.talker.sock.sendall(one.talker.channel.data_to_send())
    until(lambda: one.ours.channel.last_progress == "msg1")
    clock.now = connections.FIRST_MESSAGE_WITHIN + 1
    one.talker.sock.sendall(b"\x01")  # the length of msg3 begins with it; and it is not too late
    gevent.idle()
    assert not one.running.ready()
    clock.now = connections.HANDSHAKE_WITHIN
    one.talker.sock.sendall(b"\x40")
    assert isinstance(one.end().error, session.Silent)


def test_whoever_shakes_hands_and_says_no_hello_is_shut_out(line):
    clock = Clock()
    one = line(clock=clock)
    one.talker.channel.start()
    one.talker.shake_hands()
    until(lambda: one.kinds(Opened))
    clock.now = session.HELLO_WITHIN
    one.talker.sock.sendall(b"\x00")
    assert isinstance(one.end().error, session.Silent)


def test_a_quiet_peer_is_asked_for_a_sign_of_life_and_lost_after_45_seconds(line):
    clock = Clock()
    one = line(clock=clock).opened()
    assert one.talker.is_understood()
    clock.now = session.PING_AFTER
    one.talker.sock.sendall(b"\x00")  # half a length: no sign of life, since it proves nothing
    one.talker.hear(records.Ping)
    clock.now = session.LOST_AFTER
    one.talker.sock.sendall(b"\x50")
    assert isinstance(one.end().error, session.Silent)


def test_a_peer_that_takes_nothing_is_given_up(line, monkeypatch):
    monkeypatch.setattr(connections, "SEND_WITHIN", 0.05)
    one = line().opened()
    one.ours.send(*(text(seq, bytes(60_000)) for seq in range(1, 400)))  # 24 MB: more than fits
    assert one.end() == Ended(clean=False, error=None)


def test_a_peer_that_never_hangs_up_does_not_hold_us(line, monkeypatch):
    monkeypatch.setattr(connections, "FLUSH_WITHIN", 0.01)
    one = line().opened()
    one.ours.close()
    assert one.end() == Ended(clean=False, error=None)
    assert one.talker.hear_all() == [records.Bye()]


# -- hosts and sockets


def test_a_host_is_named_so_that_it_can_be_read_and_dialled():
    assert host_of(("::ffff:192.168.1.7", 6000, 0, 0)) == "192.168.1.7"
    assert host_of(("192.168.1.7", 6000)) == "192.168.1.7"
    assert host_of(("fe80::1", 6000, 0, 2)) == "fe80::1%2"
    assert host_of(("fe80::1%eth0", 6000, 0, 2)) == "fe80::1%eth0"
    assert host_of(("2001:db8::1", 6000, 0, 0)) == "2001:db8::1"
    assert host_of(("::ffff:0:1", 6000, 0, 0)) == "::ffff:0:1"


def test_a_socket_that_died_before_it_was_looked_at_is_an_os_error():
    ours, theirs = tcp_pair()
    theirs.close()
    ours.close()
    with pytest.raises(OSError):
        Connection(
            ours,
            Channel(identity=US, initiator=False),
            on_heard=lambda *_: None,
            clock=monotonic,
        )

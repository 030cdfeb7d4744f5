"""HELLO first, then everything; signs of life; and when silence means that a peer is gone."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.protocol import records
from engine.protocol.channel import Record
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.session import (
    HELLO_WITHIN,
    LOST_AFTER,
    PING_AFTER,
    ByeHeard,
    Heard,
    HelloHeard,
    OutOfTurn,
    PingHeard,
    PongHeard,
    Session,
    Silent,
)

HELLO = records.Hello(b"s" * 8, True, 6000, "Alice", b"", records.NO_STREAM, 0)
MESSAGE = records.Message(1, b"i" * 16, 1, 1, 0, b"body")
REQUEST = records.Request(b"i" * 16, 1, 0, "Alice", "may I?")
BEGAN = 1_000.0


def said(body):
    return Record(*records.encode(body))


@pytest.fixture(params=[True, False], ids=["initiator", "responder"])
def fresh(request):
    return Session(initiator=request.param, now=BEGAN)


@pytest.fixture
def session(fresh):
    """An open one: the peer said HELLO at once."""
    fresh.receive(said(HELLO), BEGAN)
    return fresh


# -- the order of things


def test_hello_opens_the_session(fresh):
    assert not fresh.is_open
    assert fresh.receive(said(HELLO), BEGAN) == HelloHeard(HELLO, first=True)
    assert fresh.is_open
    assert fresh.hello == HELLO


@pytest.mark.parametrize(
    "body", [MESSAGE, REQUEST, records.Ack(0), records.Ping(), records.Pong()], ids=repr
)
def test_whoever_speaks_before_hello_is_out_of_turn(fresh, body):
    with pytest.raises(OutOfTurn) as caught:
        fresh.receive(said(body), BEGAN)
    assert isinstance(caught.value, RemoteProtocolError)
    assert not fresh.is_open


def test_not_even_a_record_of_the_future_may_come_before_hello(fresh):
    with pytest.raises(OutOfTurn):
        fresh.receive(Record(200, b"?"), BEGAN)


def test_a_goodbye_may_come_before_hello(fresh):
    assert fresh.receive(said(records.Bye()), BEGAN) == ByeHeard()


def test_hello_may_come_again_and_its_latest_word_counts(session):
    changed = replace(HELLO, accepts=False, name="Alicia", your_position=3)
    assert session.receive(said(changed), BEGAN) == HelloHeard(changed, first=False)
    assert session.hello == changed


def test_the_stream_stays_the_same_within_one_connection(session):
    with pytest.raises(OutOfTurn):
        session.receive(said(replace(HELLO, stream=b"t" * 8)), BEGAN)
    assert session.hello == HELLO


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (MESSAGE, Heard(MESSAGE)),
        (REQUEST, Heard(REQUEST)),
        (records.Ack(7), Heard(records.Ack(7))),
        (records.Ping(), PingHeard()),
        (records.Pong(), PongHeard()),
        (records.Bye(), ByeHeard()),
    ],
    ids=repr,
)
def test_every_record_becomes_its_event(session, body, event):
    assert session.receive(said(body), BEGAN) == event


def test_a_record_of_the_future_is_passed_over_and_an_unknown_one_of_today_is_not(session):
    assert session.receive(Record(128, b"\xc1"), BEGAN) is None
    assert session.receive(Record(255, b""), BEGAN) is None
    for kind in (8, 11, 127):
        with pytest.raises(RemoteProtocolError):
            session.receive(Record(kind, b"\x90"), BEGAN)


def test_a_malformed_record_is_the_peers_fault(session):
    with pytest.raises(RemoteProtocolError):
        session.receive(Record(records.MESSAGE, b"\xc1"), BEGAN)


# -- time


def test_hello_has_to_come_within_ten_seconds(fresh):
    assert fresh.next_deadline() == BEGAN + HELLO_WITHIN == BEGAN + 10
    assert not fresh.tick(BEGAN + 9.9)
    with pytest.raises(Silent):
        fresh.tick(BEGAN + 10)


def test_a_ping_is_due_after_fifteen_seconds_of_silence_and_then_every_fifteen(session):
    assert session.next_deadline() == BEGAN + PING_AFTER == BEGAN + 15
    assert not session.tick(BEGAN + 14.9)
    assert session.tick(BEGAN + 15)
    assert not session.tick(BEGAN + 15), "one is enough"
    assert session.next_deadline() == BEGAN + 30
    assert not session.tick(BEGAN + 29.9)
    assert session.tick(BEGAN + 30)


@pytest.mark.parametrize("record", [said(MESSAGE), said(records.Pong()), Record(200, b"?")])
def test_whatever_is_heard_is_a_sign_of_life(session, record):
    session.tick(BEGAN + 15)
    session.receive(record, BEGAN + 44)
    assert not session.tick(BEGAN + 45)
    assert session.next_deadline() == BEGAN + 44 + 15
    assert session.tick(BEGAN + 44 + 15)


def test_a_peer_is_lost_after_forty_five_seconds_of_silence(session):
    session.tick(BEGAN + 15)
    session.tick(BEGAN + 30)
    assert session.next_deadline() == BEGAN + LOST_AFTER == BEGAN + 45
    session.tick(BEGAN + 44.9)
    with pytest.raises(Silent) as caught:
        session.tick(BEGAN + 45)
    assert isinstance(caught.value, RemoteProtocolError)


def test_a_late_tick_does_not_make_the_loss_come_later(session):
    """The pings went out late, at 20 and 40 s: the peer still counts as lost after 45."""
    assert session.tick(BEGAN + 20)
    assert session.tick(BEGAN + 40)
    assert session.next_deadline() == BEGAN + 45
    with pytest.raises(Silent):
        session.tick(BEGAN + 45)


def test_a_machine_that_slept_finds_its_peers_lost(session):
    with pytest.raises(Silent):
        session.tick(BEGAN + 10_000)


@given(st.lists(st.tuples(st.booleans(), st.floats(0.001, 20)), max_size=40))
@example([(True, 1.1734217521608592), *[(False, 1.0)] * 3])  # a sum that is not exact
def test_waiting_until_the_deadline_is_always_enough(steps):
    """Whatever is heard when: ticking at the deadlines pings in time and finds the loss in time."""
    session = Session(initiator=True, now=BEGAN)
    session.receive(said(HELLO), BEGAN)
    now = heard = sign = BEGAN
    for is_heard, wait in steps:
        if is_heard and now + wait < session.next_deadline():
            now += wait
            session.receive(said(MESSAGE), now)
            heard = sign = now
            continue
        now = session.next_deadline()
        assert now <= sign + PING_AFTER + 1e-6
        if now >= heard + LOST_AFTER:
            with pytest.raises(Silent):
                session.tick(now)
            return
        assert session.tick(now)
        sign = now
        assert session.next_deadline() > now, "else the reader would spin"

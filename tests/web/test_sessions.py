"""Tickets and secrets: one use, one minute, one process."""

import hmac

import pytest

from engine.web import sessions as module
from engine.web.limits import MAX_SESSIONS, MAX_TICKETS
from engine.web.sessions import Caller, Sessions
from tests.helpers import seeded

TOKEN = "ab" * 32


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(clock):
    return Sessions(api_token=TOKEN, clock=clock, random=seeded("sessions"))


def test_a_ticket_becomes_a_secret_once(sessions):
    ticket = sessions.new_ticket()
    secret = sessions.redeem(ticket)
    assert sessions.caller(secret) is Caller.PAGE
    assert sessions.redeem(ticket) is None


def test_a_ticket_is_worth_nothing_after_a_minute(sessions, clock):
    early, late = sessions.new_ticket(), sessions.new_ticket()
    clock.now += 59.9
    assert sessions.redeem(early)
    clock.now += 0.1
    assert sessions.redeem(late) is None


def test_a_ticket_is_no_secret_and_a_secret_no_ticket(sessions):
    ticket = sessions.new_ticket()
    assert sessions.caller(ticket) is None
    secret = sessions.redeem(ticket)
    assert sessions.redeem(secret) is None
    assert sessions.redeem(TOKEN) is None


def test_the_token_is_a_scripts(sessions):
    assert sessions.caller(TOKEN) is Caller.SCRIPT


@pytest.mark.parametrize("wrong", ["", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "\ud800", "ÿ" * 64])
def test_a_wrong_secret_is_nobodys(sessions, wrong):
    sessions.redeem(sessions.new_ticket())
    assert sessions.caller(wrong) is None


def test_secrets_are_256_bits_and_never_the_same(sessions):
    secrets = {sessions.redeem(sessions.new_ticket()) for _ in range(20)}
    assert len(secrets) == 20
    assert {len(bytes.fromhex(secret)) for secret in secrets} == {32}


def test_of_too_many_tickets_the_oldest_stops_working(sessions):
    tickets = [sessions.new_ticket() for _ in range(MAX_TICKETS + 1)]
    assert sessions.redeem(tickets[0]) is None
    assert sessions.redeem(tickets[1])


def test_of_too_many_tabs_the_longest_unused_is_forgotten(sessions):
    first, second = (sessions.redeem(sessions.new_ticket()) for _ in range(2))
    sessions.caller(first)
    for _ in range(MAX_SESSIONS - 1):
        sessions.redeem(sessions.new_ticket())
    assert sessions.caller(first) is Caller.PAGE
    assert sessions.caller(second) is None


def test_every_known_secret_is_compared_in_constant_time(sessions, monkeypatch):
    first = sessions.redeem(sessions.new_ticket())
    sessions.redeem(sessions.new_ticket())
    compared, really = [], hmac.compare_digest

    def compare(one, other):
        compared.append((one, other))
        return really(one, other)

    monkeypatch.setattr(module.hmac, "compare_digest", compare)
    assert sessions.caller(first) is Caller.PAGE
    assert len(compared) == 3  # both sessions and the token, though the first one matched
    assert {len(part) for pair in compared for part in pair} == {32}


def test_nothing_that_is_kept_shows_a_secret(sessions):
    ticket = sessions.new_ticket()
    kept = repr(vars(sessions))
    secret = sessions.redeem(ticket)
    kept += repr(vars(sessions))
    for word in (TOKEN, ticket, secret):
        assert word not in kept
        assert repr(bytes.fromhex(word)) not in kept

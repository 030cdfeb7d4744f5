"""The limits fit together: each is large enough for what the others allow."""

import json

from engine.chat.events import MAX_WAITING as MAX_EVENTS
from engine.protocol.contents import MAX_TEXT
from engine.web import limits
from engine.web.limits import Limits


def test_the_longest_text_fits_however_it_is_spelled():
    # The worst spelling: six bytes for one.
    command = {"type": "message.send", "ref": 1, "chat": "a" * 56, "text": "\x01" * MAX_TEXT}
    assert len(json.dumps(command)) < limits.MAX_JSON


def test_two_pings_may_be_lost_before_a_tab_counts_as_dead():
    assert Limits().dead_after >= 3 * Limits().ping_every


def test_a_tab_that_takes_nothing_is_noticed_before_it_counts_as_dead():
    assert Limits().send_after <= Limits().dead_after


def test_a_burst_of_short_events_runs_over_neither_queue_before_the_other_by_far():
    event = 800  # bytes of a short message's event
    assert limits.MAX_WAITING / event > MAX_EVENTS


def test_tabs_leave_room_for_requests():
    assert limits.MAX_TABS * 4 < limits.MAX_CONNECTIONS

"""Who listens hears everything, in order, or knows that they did not."""

import gevent

from engine.chat import events
from engine.chat.events import (
    EventBus,
    GroupRemoved,
    MessageAdded,
    MessageRemoved,
    MessageState,
    Notice,
)
from engine.chat.views import Message


def state(number: int) -> MessageState:
    return MessageState("chat", str(number), "sent")


def test_every_listener_hears_every_event_in_order():
    bus = EventBus()
    listeners = [bus.subscribe() for _ in range(3)]
    for number in range(10):
        bus.tell(state(number))
    for listener in listeners:
        assert listener.get(timeout=0) == [state(number) for number in range(10)]


def test_waiting_ends_with_the_first_event_or_with_time():
    bus = EventBus()
    listener = bus.subscribe()
    assert listener.get(timeout=0) == []
    waiting = gevent.spawn(listener.get, 10)
    gevent.idle()
    bus.tell(state(1))
    assert waiting.get(timeout=10) == [state(1)]


def test_whoever_comes_later_hears_what_comes_later():
    bus = EventBus()
    bus.tell(state(1))
    listener = bus.subscribe()
    bus.tell(state(2))
    assert listener.get(timeout=0) == [state(2)]


def test_a_listener_that_lags_too_far_is_lost_and_delays_nobody(monkeypatch):
    monkeypatch.setattr(events, "MAX_WAITING", 3)
    bus = EventBus()
    slow, quick = bus.subscribe(), bus.subscribe()
    for number in range(5):
        bus.tell(state(number))
        assert quick.get(timeout=0) == [state(number)]
    assert slow.lost
    assert not quick.lost
    assert slow.get(timeout=0) == [state(0), state(1), state(2)], "no gap before the loss"
    bus.tell(state(9))
    assert slow.get(timeout=0) == []


def test_a_closed_listener_hears_nothing_more_and_closing_twice_is_harmless():
    bus = EventBus()
    listener = bus.subscribe()
    listener.close()
    listener.close()
    bus.tell(state(1))
    assert listener.get(timeout=0) == []
    assert not listener.lost


def test_a_listener_may_leave_while_an_event_is_told(monkeypatch):
    bus = EventBus()
    first, second, third = (bus.subscribe() for _ in range(3))
    put = first.put
    monkeypatch.setattr(first, "put", lambda event: (second.close(), put(event)))
    bus.tell(state(1))
    assert third.get(timeout=0) == [state(1)]


def test_an_event_names_its_type_first():
    told = Notice("runs_twice", "One copy must stop.").as_json()
    assert told == {"type": "notice", "code": "runs_twice", "sentence": "One copy must stop."}
    assert next(iter(told)) == "type"


def test_a_message_is_told_to_stand_at_the_end_unless_it_says_before_which():
    message = Message("m2", "c", "a", False, "text", "halo", 1, "delivered", None, "")
    assert MessageAdded("c", message).as_json()["before"] is None
    assert MessageAdded("c", message, before="m3").as_json()["before"] == "m3"


def test_what_goes_is_told_by_its_name_alone():
    assert MessageRemoved("c", "m2").as_json() == {
        "type": "message.removed",
        "chat": "c",
        "id": "m2",
    }
    assert GroupRemoved("c").as_json() == {"type": "group.removed", "chat": "c"}

"""News from a native thread, delivered to greenlets."""

import threading

import gevent
import pytest

from engine.net.bridge import Bridge
from tests.helpers import until


@pytest.fixture
def delivered():
    return []


@pytest.fixture
def bridge(delivered):
    made = Bridge(lambda key, value: delivered.append((key, value)))
    yield made
    made.close()


def in_a_thread(function, *arguments) -> None:
    """Run it there to its end while the hub stands still."""
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    thread.join()


def test_news_of_a_thread_arrive_in_a_greenlet(bridge, delivered):
    main = gevent.get_hub().thread_ident
    where = []
    bridge._deliver = lambda key, value: where.append((threading.get_ident(), gevent.getcurrent()))
    in_a_thread(bridge.put, "a", 1)
    [(thread, greenlet)] = until(lambda: where)
    assert thread == main
    assert greenlet is not gevent.get_hub()


def test_all_keys_arrive_in_order_and_the_hub_sleeps_meanwhile(bridge, delivered):
    thread = threading.Thread(
        target=lambda: [bridge.put(str(number), number) for number in range(20_000)]
    )
    thread.start()
    until(lambda: len(delivered) == 20_000, 30)
    thread.join()
    assert delivered == [(str(number), number) for number in range(20_000)]


def test_a_busy_hub_gets_the_newest_value_of_each_key(bridge, delivered):
    def many():
        for number in range(1_000):
            bridge.put(f"k{number % 3}", number)

    in_a_thread(many)
    until(lambda: len(delivered) == 3)
    assert delivered == [("k1", 997), ("k2", 998), ("k0", 999)]


def test_what_came_and_went_meanwhile_leaves_nothing(bridge, delivered):
    def come_and_go():
        for number in range(1_000):
            bridge.put(f"k{number}", number)
            bridge.put(f"k{number}", None)
        bridge.put("last", 1)

    in_a_thread(come_and_go)
    assert len(bridge._news) == 1
    until(lambda: delivered)
    assert delivered == [("last", 1)]


def test_what_was_delivered_is_told_gone(bridge, delivered):
    in_a_thread(bridge.put, "a", 1)
    until(lambda: delivered)
    in_a_thread(bridge.put, "a", 2)
    in_a_thread(bridge.put, "a", None)
    until(lambda: len(delivered) == 2)
    assert delivered == [("a", 1), ("a", None)]
    in_a_thread(bridge.put, "a", None)
    in_a_thread(bridge.put, "b", 1)
    until(lambda: len(delivered) == 3)
    assert delivered[2] == ("b", 1)


def test_a_delivery_that_fails_does_not_stop_the_next(bridge, delivered, died):
    def deliver(key, value):
        if key == "bad":
            raise RuntimeError("on purpose")
        delivered.append(key)

    bridge._deliver = deliver
    in_a_thread(bridge.put, "bad", 1)
    in_a_thread(bridge.put, "good", 1)
    until(lambda: delivered)
    assert [str(error) for error in died] == ["on purpose"]
    died.clear()


def test_after_the_end_nothing_is_delivered_and_nothing_breaks(bridge, delivered):
    in_a_thread(bridge.put, "a", 1)
    bridge.close()
    in_a_thread(bridge.put, "b", 1)
    gevent.idle()
    assert delivered == []
    assert "b" not in bridge._news

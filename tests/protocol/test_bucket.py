"""How often something may happen."""

from engine.protocol import bucket
from engine.protocol.bucket import Bucket, HostBuckets


def count(take, now: float, tries: int = 100) -> int:
    return sum(take(now) for _ in range(tries))


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate():
    full = Bucket(rate=3, burst=10, now=0)
    assert count(full.take, 0) == 10
    assert count(full.take, 2) == 6


def test_a_bucket_saves_no_more_than_its_burst():
    full = Bucket(rate=3, burst=10, now=0)
    assert count(full.take, 1_000) == 10


def test_what_was_refused_costs_nothing():
    full = Bucket(rate=1, burst=1, now=0)
    assert count(full.take, 0) == 1
    assert count(full.take, 0.5) == 0
    assert count(full.take, 1) == 1


def test_each_host_has_its_own_bucket():
    hosts = HostBuckets(rate=1, burst=5)
    assert count(lambda now: hosts.take("a", now), 0) == 5
    assert count(lambda now: hosts.take("b", now), 0) == 5
    assert count(lambda now: hosts.take("a", now), 0) == 0


def test_of_too_many_hosts_the_longest_unheard_is_forgotten(monkeypatch):
    monkeypatch.setattr(bucket, "MAX_HOSTS", 3)
    hosts = HostBuckets(rate=1, burst=1)
    assert [hosts.take(name, 0) for name in "abcd"] == [True] * 4
    assert not hosts.take("d", 0)
    assert hosts.take("a", 0)  # it was forgotten, and begins anew

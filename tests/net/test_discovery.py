"""Discovery as the rest of the program sees it; the thread behind it is played by the test."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import pytest

from engine.net import discovery as discoveries
from engine.net import mdns
from engine.net.announcements import Gone
from engine.net.discovery import Discovery, DiscoveryUnavailable, Sighting
from engine.protocol.invite import HostPort
from tests.helpers import until

ROOT = Path(__file__).resolve().parents[2]
BOB = Sighting("bob", (HostPort("10.0.0.2", 6_000),), {"v": b"1"})


class Mdns:
    """Does in a thread of its own what the test says."""

    begin: "Callable[[Mdns], None]" = lambda self: self.report.started("")
    made: "list[Mdns]" = []  # noqa: RUF012  # emptied for each test
    ends = True

    def __init__(self, port: int, only: Any, report: mdns.Report) -> None:
        self.port, self.only, self.report = port, only, report
        self.announced: list[Any] = []
        self.stopped = False
        Mdns.made.append(self)

    def start(self) -> None:
        self.do(Mdns.begin, self)

    def announce(self, txt: Any, only_here: bool) -> None:
        self.announced.append((txt, only_here))

    def stop(self) -> None:
        self.stopped = True
        if Mdns.ends:
            self.do(self.report.ended)

    def do(self, function: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=function, args=arguments).start()


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def discovery(monkeypatch, told) -> Discovery:
    Mdns.made, Mdns.ends = [], True
    monkeypatch.setattr(Mdns, "begin", Mdns.begin)
    monkeypatch.setattr(mdns, "Mdns", Mdns)
    return Discovery(port=6_000, on_seen=told.append, on_gone=told.append, interfaces=["10.0.0.9"])


def test_it_starts_a_thread_that_knows_port_and_addresses(discovery):
    discovery.start()
    [made] = Mdns.made
    assert (made.port, made.only) == (6_000, ["10.0.0.9"])
    discovery.stop()
    assert made.stopped


def test_who_is_seen_and_gone_is_told_in_a_greenlet_in_order(discovery, told):
    greenlets = []
    discovery._on_seen = lambda sighting: greenlets.append(gevent.getcurrent())
    discovery.start()
    [made] = Mdns.made
    made.do(made.report.changed, BOB)
    until(lambda: greenlets)
    assert greenlets[0] is not gevent.get_hub()
    discovery._on_seen = told.append
    made.do(made.report.changed, BOB)
    until(lambda: told)
    made.do(made.report.changed, Gone("bob"))
    until(lambda: len(told) == 2)
    assert told == [BOB, "bob"]
    discovery.stop()


def test_the_networks_are_told_as_they_are_now(discovery):
    discovery.start()
    assert discovery.looked_at == ()
    [made] = Mdns.made
    made.do(made.report.looked, ("wlan0 192.168.1.0/24",))
    until(lambda: discovery.looked_at == ("wlan0 192.168.1.0/24",))
    discovery.stop()


def test_that_we_moved_is_told_but_not_where_we_are_at_first(discovery, monkeypatch, told):
    def begin(self):
        self.report.looked(("wlan0 192.168.1.0/24",))
        self.report.started("")

    monkeypatch.setattr(Mdns, "begin", begin)
    discovery._on_moved = lambda: told.append(discovery.looked_at)
    discovery.start()
    gevent.idle()
    assert told == []
    [made] = Mdns.made
    made.do(made.report.looked, ())
    until(lambda: told)
    assert told == [()]
    discovery.stop()


def test_announcements_are_passed_on(discovery):
    discovery.announce({"v": b"0"})  # before the start there is nobody to tell
    discovery.start()
    discovery.announce({"v": b"1"}, only_here=True)
    discovery.announce(None)
    assert Mdns.made[0].announced == [({"v": b"1"}, True), (None, False)]
    discovery.stop()
    discovery.announce({"v": b"2"})


def test_why_it_cannot_work_is_said(discovery, monkeypatch):
    monkeypatch.setattr(Mdns, "begin", lambda self: self.report.started("Permission denied"))
    with pytest.raises(DiscoveryUnavailable, match="Permission denied"):
        discovery.start()
    discovery.stop()  # harmless


def test_a_thread_that_ends_at_once_is_an_answer_too(discovery, monkeypatch):
    monkeypatch.setattr(Mdns, "begin", lambda self: self.report.ended())
    with pytest.raises(DiscoveryUnavailable, match="ended at once"):
        discovery.start()


def test_a_thread_that_does_not_answer_is_not_waited_for_long(discovery, monkeypatch):
    monkeypatch.setattr(Mdns, "begin", lambda self: None)
    monkeypatch.setattr(discoveries, "START_WITHIN", 0.05)
    with pytest.raises(DiscoveryUnavailable, match="does not answer"):
        discovery.start()
    assert Mdns.made[0].stopped


def test_a_thread_that_does_not_end_is_not_waited_for_long(discovery, monkeypatch, told):
    monkeypatch.setattr(discoveries, "STOP_WITHIN", 0.05)
    Mdns.ends = False
    discovery.start()
    [made] = Mdns.made
    discovery.stop()
    made.report.changed(BOB)  # it still runs, and is heard no more
    made.report.ended()
    gevent.idle()
    assert told == []


def test_without_the_package_it_says_which(discovery, monkeypatch):
    monkeypatch.setitem(sys.modules, "zeroconf", None)
    monkeypatch.delitem(sys.modules, "engine.net.mdns")
    with pytest.raises(DiscoveryUnavailable, match="zeroconf"):
        discovery.start()


def test_zeroconf_is_not_imported_before_it_is_needed():
    code = "import sys, engine.net.discovery; print('zeroconf' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "False\n"

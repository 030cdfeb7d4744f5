"""The thread that looks around, with voices and networks that the test plays."""

import errno
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_interface
from typing import Any

import pytest

from engine.net import interfaces, mdns
from engine.net.announcements import Gone, Sighting
from engine.net.ear import TYPE
from engine.net.interfaces import Interface
from engine.net.mdns import Mdns, Report
from tests.helpers import seeded, until
from tests.net.wire import announcement


class Voice:
    """Says nothing, and keeps what it should have said."""

    fails: "type[OSError] | None" = None
    made: "list[Voice]" = []  # noqa: RUF012  # emptied for each test

    def __init__(self, version: object) -> None:
        if Voice.fails is not None:
            raise Voice.fails(errno.EADDRINUSE, "Address already in use")
        self.version = version
        self.did: list[tuple[str, Any]] = []
        self.asked: list[Any] = []
        Voice.made.append(self)

    async def use(self, found: tuple[Interface, ...]) -> bool:
        self.did.append(("use", found))
        return True

    def ask(self, out: Any) -> None:
        self.asked.append(out)

    def answer_for(self, info: Any) -> None:
        self.did.append(("answer", info))

    async def announce(self, instance: str) -> None:
        self.did.append(("announce", instance))

    async def withdraw(self, instance: str) -> None:
        self.did.append(("withdraw", instance))

    def take_down(self, but: str | None) -> list[str]:
        self.did.append(("take_down", but))
        named = [info.name for info in self.all("answer")]
        return [one for one in dict.fromkeys(named) if one != but]

    async def part(self, stayed: tuple[Interface, ...], infos: list[str]) -> None:
        self.did.append(("part", (stayed, infos)))

    async def close(self) -> None:
        self.did.append(("close", None))

    def all(self, what: str) -> list[Any]:
        return [value for name, value in list(self.did) if name == what]


class World:
    """The networks there are, and what the thread reported of them."""

    def __init__(self) -> None:
        self.networks = (at("10.0.0.9/24"),)
        self.looks = 0
        self.fails = False
        self.now = 1_000.0
        self.reported: list[tuple[str, Any]] = []
        self._made: list[Mdns] = []

    def look(self, only: Any) -> tuple[Interface, ...]:
        self.looks += 1
        if self.fails:
            raise OSError(errno.ENOMEM, "no memory")
        return self.networks

    def start(self) -> Mdns:
        made = Mdns(
            6_000,
            None,
            Report(*(self._note(what) for what in ("started", "looked", "changed", "ended"))),
            name_bytes=seeded("names"),
            clock=lambda: self.now,
        )
        self._made.append(made)
        made.start()
        until(lambda: self.all("started"))
        return made

    def _note(self, what: str) -> Callable[..., None]:
        return lambda *value: self.reported.append((what, value[0] if value else None))

    def all(self, what: str) -> list[Any]:
        return [value for name, value in list(self.reported) if name == what]

    def end(self) -> None:
        for made in self._made:
            made.stop()
            made._thread.join(10)
            assert not made._thread.is_alive()


def at(text: str, card: str = "eth0", index: int = 2) -> Interface:
    one = ip_interface(text)
    return Interface(card, index, one.ip, one.network)


@pytest.fixture
def world(monkeypatch) -> Iterator[World]:
    made = World()
    Voice.made, Voice.fails = [], None
    monkeypatch.setattr(mdns, "Voice", Voice)
    monkeypatch.setattr(mdns, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(mdns, "MIND_EVERY", 0.01)
    monkeypatch.setattr(interfaces, "look", made.look)
    yield made
    made.end()


def test_it_looks_at_the_networks_and_asks_who_is_there(world):
    world.start()
    assert world.all("started") == [""]
    assert world.all("looked") == [("eth0 10.0.0.0/24",)]
    four, six = Voice.made
    assert four.version != six.version
    for voice in (four, six):
        until(lambda voice=voice: voice.asked)
        assert [question.name for question in voice.asked[0].questions] == [TYPE]


def test_it_asks_again_when_the_networks_change(world):
    world.start()
    [voice, _] = Voice.made
    until(lambda: voice.asked)
    asked = len(voice.asked)
    world.networks = (at("10.0.0.9/24"), at("10.1.0.9/24"))
    until(lambda: len(voice.asked) > asked)
    assert world.all("looked")[-1] == ("eth0 10.0.0.0/24", "eth0 10.1.0.0/24")
    assert voice.all("use")[-1] == world.networks


def test_networks_that_cannot_be_used_yet_are_tried_again(world):
    world.start()
    [voice, _] = Voice.made
    until(lambda: len(voice.all("use")) > 3)
    assert set(voice.all("use")) == {world.networks}


def test_it_survives_what_goes_wrong_on_the_way(world, died):
    world.start()
    world.fails = True
    until(lambda: died)
    world.fails = False
    world.networks = ()
    until(lambda: world.all("looked")[-1] == ())
    died.clear()


def test_an_announcement_has_names_by_chance_and_tells_where_we_are(world):
    made = world.start()
    made.announce({"v": b"1", "r": b"\x00\xff"})
    [four, six] = Voice.made
    until(lambda: four.all("announce") and six.all("announce"))
    [info] = four.all("answer")
    first, second = (seeded("names"), seeded("names"))
    instance = first(8).hex()
    assert info.name == f"{instance}.{TYPE}"
    assert second(8).hex() not in info.server
    assert info.port == 6_000
    assert info.properties == {b"v": b"1", b"r": b"\x00\xff"}
    assert info.parsed_addresses() == ["10.0.0.9"]
    assert six.all("announce") == [f"{instance}.{TYPE}"]


def test_the_next_announcement_comes_before_the_goodbye_of_the_last(world):
    made = world.start()
    [voice, _] = Voice.made
    made.announce({"n": b"one"})
    until(lambda: voice.all("announce"))
    made.announce({"n": b"two"})
    until(lambda: voice.all("withdraw"))
    first, second = voice.all("announce")
    assert first != second
    assert voice.all("answer")[0].server != voice.all("answer")[1].server
    said = [(what, value) for what, value in voice.did if what in ("announce", "withdraw")]
    assert said[1:] == [("announce", second), ("withdraw", first)]


def test_hiding_says_goodbye_and_nothing_else(world):
    made = world.start()
    [voice, _] = Voice.made
    made.announce({"n": b"one"})
    until(lambda: voice.all("announce"))
    made.announce(None)
    until(lambda: voice.all("withdraw"))
    assert len(voice.all("announce")) == 1
    world.networks = (at("10.1.0.9/24"),)
    until(lambda: len(world.all("looked")) == 2)
    until(lambda: voice.all("use")[-1] == world.networks)
    assert len(voice.all("announce")) == 1


def test_when_we_move_what_we_announce_moves_along(world):
    made = world.start()
    [voice, _] = Voice.made
    made.announce({"n": b"one"})
    until(lambda: voice.all("announce"))
    world.networks = (at("10.1.0.9/24"), at("fe80::9/64"), at("fd00::9/64"))
    until(lambda: len(voice.all("announce")) == 2)
    before, after = voice.all("answer")
    assert before.name == after.name
    assert after.parsed_addresses() == ["10.1.0.9", "fd00::9", "fe80::9"]


def test_what_is_only_for_here_is_not_said_on_the_next_network_nor_a_goodbye_for_it(world):
    made = world.start()
    [voice, _] = Voice.made
    made.announce({"r": b"one"}, only_here=True)
    [told] = until(lambda: voice.all("announce"))
    moved = len(voice.did)
    world.networks = (at("10.1.0.9/24"),)
    until(lambda: voice.all("use")[-1] == world.networks)
    since = [one for one in voice.did[moved:] if one != ("use", (at("10.0.0.9/24"),))]
    assert since[:2] == [("take_down", None), ("part", ((), [told]))], "we stayed nowhere"
    asked = len(voice.asked)
    made.announce({"r": b"two"}, only_here=True)
    until(lambda: len(voice.all("announce")) == 2)
    [info] = voice.all("answer")[1:]
    announced = voice.all("announce")[1]
    assert voice.all("withdraw") == []
    assert info.name == announced != told
    assert info.properties == {b"r": b"two"}
    named = [pointer.alias for out in voice.asked[asked:] for pointer, _ in out.answers]
    assert told not in named


def test_where_we_stay_what_was_only_for_here_gets_its_goodbye(world):
    world.networks = (at("10.0.0.9/24"), at("10.2.0.9/24", "wlan0", 3))
    made = world.start()
    [voice, _] = Voice.made
    made.announce({"r": b"one"}, only_here=True)
    [told] = until(lambda: voice.all("announce"))
    stayed = world.networks[:1]
    world.networks = (*stayed, at("10.3.0.9/24", "wlan0", 3))
    until(lambda: voice.all("use")[-1] == world.networks)
    assert voice.all("part") == [((), []), (stayed, [told])]


@pytest.mark.parametrize("only_here", [True, False])
def test_a_computer_that_slept_may_wake_up_anywhere(world, only_here):
    made = world.start()
    [voice, _] = Voice.made
    made.announce({"r": b"one"}, only_here=only_here)
    until(lambda: voice.all("announce"))
    world.now += mdns.SLEPT
    looks = world.looks
    until(lambda: world.looks > looks + 2)
    assert len(world.all("looked")) == 1, "nobody sleeps for so short a time"
    world.now += mdns.SLEPT + 1
    until(lambda: len(world.all("looked")) == 2)
    [lasting] = {voice.all("announce")[0]} if not only_here else {None}
    until(lambda: voice.all("take_down")[-1] == lasting)
    until(lambda: len(voice.all("announce")) == 2 - only_here)


def test_a_machine_with_many_addresses_tells_few(world):
    world.networks = tuple(at(f"10.0.{number}.9/24") for number in range(30))
    made = world.start()
    made.announce({"n": b"one"})
    [voice, _] = Voice.made
    until(lambda: voice.all("announce"))
    assert len(voice.all("answer")[0].parsed_addresses()) == 8


def hear(made: Mdns, packet: bytes) -> None:
    """In its own thread, as packets come."""
    done = threading.Event()

    def take() -> None:
        made._ear.hear(packet, ("10.0.0.2", 5353), lambda *_: None)
        done.set()

    made._call(take)
    assert done.wait(10)


def test_who_is_heard_is_reported_and_need_not_answer_again(world):
    made = world.start()
    hear(made, announcement("bob", "10.0.0.2", [b"v=1"]))
    [seen] = until(lambda: world.all("changed"))
    assert isinstance(seen, Sighting)
    [voice, _] = Voice.made
    until(lambda: voice.asked and voice.asked[-1].answers)
    known = [pointer.alias for pointer, _ in voice.asked[-1].answers]
    assert known == [f"bob.{TYPE}"]
    asked = len(voice.asked)
    world.networks = (at("10.0.0.9/16"),)
    until(lambda: len(voice.asked) > asked)
    assert voice.asked[asked].answers == [], "he may be of another network"


def test_who_asks_does_not_want_an_answer_from_itself(world):
    made = world.start()
    made.announce({"n": b"one"})
    [voice, _] = Voice.made
    until(lambda: voice.all("announce"))
    asked = len(voice.asked)
    world.networks = (at("10.0.0.9/16"),)
    until(lambda: len(voice.asked) > asked)
    known = [pointer.alias for pointer, _ in voice.asked[-1].answers]
    assert known == [voice.all("announce")[0]]


def test_who_leaves_is_asked_for_and_reported_gone(world, monkeypatch):
    monkeypatch.setattr("engine.net.neighbours.DOUBT_FOR", 0.3)
    monkeypatch.setattr("engine.net.neighbours.DOUBT_SPREAD", 0.0)
    made = world.start()
    hear(made, announcement("bob", "10.0.0.2", [b"v=1"]))
    hear(made, announcement("bob", "10.0.0.2", [b"v=1"], life=0))
    until(lambda: Gone("bob") in world.all("changed"))
    asked = [question.name for out in Voice.made[0].asked for question in out.questions]
    assert f"bob.{TYPE}" in asked


def test_where_nothing_can_be_opened_it_says_why_and_ends(world):
    Voice.fails = OSError
    made = world.start()
    assert world.all("started") == ["Address already in use"]
    until(lambda: world.all("ended"))
    made.announce({"n": b"one"})  # harmless


def test_the_end_closes_both_voices(world):
    made = world.start()
    made.stop()
    until(lambda: world.all("ended"))
    assert [voice.did[-1][0] for voice in Voice.made] == ["close", "close"]

"""Who is writing: told rarely, shown for seconds, and by nobody who has nothing to say here."""

import time

import pytest

from engine.chat import typings
from engine.chat.events import EventBus
from engine.chat.typings import AGAIN, NOT_SOONER, Typings
from engine.protocol.attention import Typing
from engine.store.database import Database
from tests.helpers import person, until
from tests.store.conftest import KEY

ME, BOB, DEWI = (person(number).peer for number in (1, 2, 3))


class Link:
    is_open = True

    def __init__(self):
        self.said = []

    def send(self, record):
        self.said.append(record)


@pytest.fixture
def scene(tmp_path):
    class Scene:
        time = 100.0
        link = Link()
        bus = EventBus()
        database = Database(tmp_path / "typing.db", KEY)

        def __init__(self):
            self.told = self.bus.subscribe()
            self.clock = lambda: self.time
            self.typings = self.make()

        def make(self):
            return Typings(
                ME, database=self.database, bus=self.bus, live={},
                link=lambda peer: self.link if peer == BOB else None,
                may_hear=lambda gid, peer: gid is None and peer == BOB,
                name_of=lambda _key, peer: peer.short, clock=lambda: self.clock(),
            )  # fmt: skip

        def shown(self):
            return [len(one.people) for one in self.told.get(timeout=0)]

    scene = Scene()
    yield scene
    scene.typings.stop()
    scene.database.close()


def test_writing_on_is_told_again_only_after_a_while(scene):
    for _ in range(5):
        scene.typings.tell(BOB, on=True)
    assert scene.link.said == [Typing(None, True)]
    scene.time += AGAIN
    scene.typings.tell(BOB, on=True)
    scene.typings.tell(BOB, on=False)
    scene.typings.tell(BOB, on=False)
    assert scene.link.said[1:] == [Typing(None, True), Typing(None, False)]


def test_strangers_are_neither_told_nor_heard(scene):
    scene.typings.tell(DEWI, on=True)
    scene.typings.heard(DEWI, Typing(None, True))
    scene.typings.heard(BOB, Typing(bytes(DEWI), True))
    assert (scene.link.said, scene.shown()) == ([], [])


def test_nobody_writes_for_ever(scene, monkeypatch):
    monkeypatch.setattr(typings, "SHOWN_FOR", 0.01)
    scene.clock = time.monotonic
    shown = []
    scene.typings.heard(BOB, Typing(None, True))
    until(lambda: shown.extend(scene.shown()) or shown == [1, 0])
    monkeypatch.setattr(typings, "NOT_SOONER", 0.0)
    scene.typings.heard(BOB, Typing(None, True))
    until(lambda: shown.extend(scene.shown()) or shown == [1, 0, 1, 0])


def test_who_lost_their_link_or_said_it_is_not_writing(scene):
    for end in (scene.typings.gone, lambda peer: scene.typings.silent(peer, peer)):
        scene.typings.heard(BOB, Typing(None, True))
        end(BOB)
        assert scene.shown() == [1, 0]
        end(BOB)
        assert scene.shown() == []
        scene.time += NOT_SOONER


def test_a_flood_of_signs_tells_the_page_little(scene):
    for _ in range(1_000):
        scene.typings.heard(BOB, Typing(None, True))
        scene.typings.heard(BOB, Typing(None, True))
        scene.typings.heard(BOB, Typing(None, False))
    assert scene.shown() == [1, 0]


def test_who_does_not_want_it_neither_tells_nor_is_told_also_after_a_restart(scene):
    scene.typings.tell(BOB, on=True)
    scene.typings.heard(BOB, Typing(None, True))
    scene.typings.turn(on=False)
    assert scene.link.said == [Typing(None, True), Typing(None, False)]
    assert scene.shown() == [1, 0]
    again = scene.make()
    assert not again.on
    again.tell(BOB, on=True)
    again.heard(BOB, Typing(None, True))
    assert (len(scene.link.said), scene.shown()) == (2, [])

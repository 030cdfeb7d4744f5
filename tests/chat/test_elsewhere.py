"""A second program of our identity is noticed, told of once, and never mistaken for ourselves."""

from engine.chat.elsewhere import TELL_EVERY, Elsewhere
from engine.chat.events import EventBus, Notice
from engine.net.announcements import Sighting
from engine.protocol import beacon
from engine.protocol.invite import HostPort, parse_host_port
from tests.chat.people import Someone
from tests.helpers import person, until


def notices(someone):
    return [told.code for told in someone.hear(Notice)]


def twin_of(alice, tmp_path):
    """The same identity, from the folder of another machine."""
    folder = tmp_path / "other machine"
    folder.mkdir()
    return Someone(folder, 1, "Alice")


def test_our_key_at_another_place_is_proven_and_told(people, tmp_path):
    alice = people("Alice")
    twin = twin_of(alice, tmp_path)
    try:
        place = parse_host_port(twin.place)
        says = beacon.write_open(alice.me.peer, "Alice")
        alice.node._lookout.nearby.seen(Sighting("other", places=(place,), txt=says))
        until(lambda: notices(alice) == ["runs_elsewhere"])
        assert alice.node.people() == []
    finally:
        twin.stop()


def test_our_own_door_and_a_liars_tell_nothing(people):
    alice, mallory = people("Alice", "Mallory")
    says = beacon.write_open(alice.me.peer, "Alice")
    for number, one in enumerate((alice, mallory)):
        place = parse_host_port(one.place)
        alice.node._lookout.nearby.seen(Sighting(f"s{number}", places=(place,), txt=says))
    nobody = HostPort("127.0.0.1", 1)
    alice.node._lookout.nearby.seen(Sighting("s3", places=(nobody,), txt=says))
    until(lambda: len(mallory.node._peers._called_from) >= 1)
    until(lambda: not alice.node._peers._everyone)
    assert notices(alice) == []


class FakePeers:
    on_elsewhere = None


def test_it_is_told_seldom():
    bus, now = EventBus(), [0.0]
    told = bus.subscribe()
    peers = FakePeers()
    Elsewhere(person(1).peer, peers=peers, bus=bus, clock=lambda: now[0])
    for when in (0.0, 1.0, TELL_EVERY - 1, TELL_EVERY):
        now[0] = when
        peers.on_elsewhere()
    assert [event.code for event in told.get(0)] == ["runs_elsewhere"] * 2

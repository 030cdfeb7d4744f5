"""One new event reaches everybody linked, with few bytes and without being asked for twice."""

import pytest

from engine.protocol.grouprecords import GroupEvents, GroupIds, GroupWant
from engine.protocol.groupspread import ASK_AGAIN, EAGER, REST_AFTER, Spread
from engine.protocol.ring import around
from identity import PeerId
from tests.protocol.groups import Replica

ME = PeerId((1).to_bytes(32, "big"))


class Library:
    def __init__(self, members):
        self._members = members
        self.stored = set()
        self.needs_care = set()

    def members(self):
        return self._members

    def known(self, ids):
        return self.stored & set(ids)

    def wire_for(self, peer, event):
        return None if peer in self.needs_care else event.wire


class Scene:
    def __init__(self, count):
        self.members = [PeerId(number.to_bytes(32, "big")) for number in range(1, count + 1)]
        self.others = self.members[1:]
        self.held = Library(self.members)
        self.sent = []
        alice = Replica.founded_by(1)
        [first] = alice.known.values()
        self.gid = first.gid
        self.event = alice.says("hi")
        self.later = alice.says("again")
        self.spread = Spread(
            ME, self.gid, self.held,
            send=lambda peer, record: self.sent.append((peer, record)),
            choose=lambda peers, most: peers[:most],
        )  # fmt: skip

    def to(self, kind):
        return [peer for peer, record in self.sent if isinstance(record, kind)]


@pytest.mark.parametrize("count", [2, 40, 100])
def test_up_to_100_members_all_who_are_linked_get_it(count):
    scene = Scene(count)
    assert not scene.spread.push([scene.event], scene.others, 0)
    assert set(scene.to(GroupEvents)) == set(scene.others)
    assert len(scene.sent) == count - 1
    assert scene.spread.rest_at is None


def test_up_to_100_members_whoever_gets_it_names_it_to_the_ring_only():
    scene = Scene(60)
    linked = scene.others[:50]
    scene.spread.pass_on([scene.event], linked, 0)
    ring = [peer for peer in around(scene.gid, ME, scene.members) if peer in linked]
    assert set(scene.to(GroupIds)) == {*ring[:3], *ring[-3:]}
    assert all(record == GroupIds(scene.gid, (scene.event.id,)) for _peer, record in scene.sent)


def test_nobody_is_told_of_their_own():
    scene = Scene(3)
    alice = scene.event.author
    scene.held._members = [*scene.members, alice]
    scene.spread.pass_on([scene.event], [alice], 0)
    assert scene.sent == []


def test_above_100_members_six_get_it_and_the_rest_hear_of_it_a_second_later():
    scene = Scene(150)
    scene.spread.push([scene.event], scene.others, 10.0)
    assert len(scene.to(GroupEvents)) == EAGER
    assert scene.to(GroupIds) == []
    assert scene.spread.rest_at == 10.0 + REST_AFTER
    scene.spread.push([scene.later], scene.others, 10.5)
    assert scene.spread.rest_at == 10.0 + REST_AFTER
    scene.spread.forget(scene.others[-1])
    scene.sent.clear()
    scene.spread.name_the_rest()
    assert set(scene.to(GroupIds)) == set(scene.others[EAGER:-1])
    assert {record.ids for _peer, record in scene.sent} == {(scene.event.id, scene.later.id)}
    assert scene.spread.rest_at is None


def test_above_100_members_whoever_gets_it_does_the_same():
    scene = Scene(150)
    scene.spread.pass_on([scene.event], scene.others, 0)
    assert len(scene.to(GroupEvents)) == EAGER
    assert scene.spread.rest_at is not None


def test_what_takes_a_look_at_the_history_is_left_to_whoever_can_look():
    scene = Scene(4)
    careful = scene.others[0]
    scene.held.needs_care = {careful}
    found = scene.spread.push([scene.event, scene.later], scene.others, 0)
    assert found == {careful: [scene.event.id, scene.later.id]}
    assert careful not in scene.to(GroupEvents)


def test_an_event_is_asked_for_once_in_3_seconds():
    scene = Scene(4)
    bob, carol, dewi = scene.others
    scene.spread.want(bob, [scene.event.id], 0)
    scene.spread.want(carol, [scene.event.id], ASK_AGAIN - 0.1)
    assert scene.sent == [(bob, GroupWant(scene.gid, (scene.event.id,)))]
    assert scene.spread.is_wanted(scene.event.id)
    scene.spread.want(dewi, [scene.event.id, scene.event.id], ASK_AGAIN)
    assert scene.to(GroupWant) == [bob, dewi]
    scene.spread.came([scene.event])
    assert not scene.spread.is_wanted(scene.event.id)


def test_what_is_stored_is_not_asked_for():
    scene = Scene(4)
    scene.held.stored = {scene.event.id}
    scene.spread.want(scene.others[0], [scene.event.id], 0)
    assert scene.sent == []


def test_a_flood_of_names_is_remembered_in_part():
    scene = Scene(4)
    for turn in range(40):
        ids = [(turn * 256 + number).to_bytes(32, "big") for number in range(256)]
        scene.spread.want(scene.others[0], ids, 0)
    assert len(scene.spread._wanted) <= 4_096
    assert all(len(record.ids) <= 256 for _peer, record in scene.sent)

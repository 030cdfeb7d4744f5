"""Groups that nobody agreed to, or that are gone: what they may cost, open and do."""

import gevent
import pytest

from engine.chat import grouplinks
from engine.chat.answering import group_id
from engine.chat.errors import Refused
from engine.chat.events import GroupChanged, GroupRemoved
from engine.protocol import groupacts, groupevent, grouplog
from engine.protocol.groupacts import Add, Role
from engine.protocol.grouprecords import GroupEvents, GroupState, GroupVector
from engine.store.groups import Standing
from tests.chat.grouping import Played, Room
from tests.chat.people import calls_again, friend, stranger
from tests.helpers import person, until
from tests.net.talking import NoHandshake, Talker
from tests.protocol.groups import Replica

EVE = 99


def brings(talker, copy):
    """Show a group to whoever was not in it: once asked, all of it."""
    gid = next(iter(copy.known.values())).gid
    talker.say(GroupState(gid, bytes(32), 0, end=False))
    talker.hear(GroupVector)
    events = sorted(copy.known.values(), key=lambda event: event.order)
    talker.say(GroupEvents(gid, tuple(event.wire for event in events)))
    return gid


def invites(talker, someone, name="Prizes", friends=()):
    """A group of the talker's with us in it, and with ``friends`` at places of their choosing."""
    copy = Replica.founded_by(EVE, name)
    for peer, hints in friends:
        add = Add(peer, Role.MEMBER, "", hints, history=True)
        copy.act(groupevent.ADD, groupacts.add_body(add))
    copy.adds(Replica(someone.me))
    gid = brings(talker, copy)
    live = someone.node._grouping.live
    until(lambda: (found := live.get(gid)) and found.shelf.standing is Standing.INVITED)
    return gid


def test_a_stranger_can_bring_few_invitations_and_all_strangers_not_many(people, monkeypatch):
    monkeypatch.setattr(grouplinks, "MAX_INVITATIONS", 6)
    alice = people("Alice")
    eve = stranger(alice, EVE)
    for number in range(4):
        invites(eve, alice, f"Prize {number}")
    eve.say(GroupState(bytes(32), bytes(32), 0, end=False))
    assert eve.is_understood()
    assert not [one for one in eve.heard_ever if getattr(one, "gid", None) == bytes(32)]
    another = stranger(alice, EVE + 1)
    for number in (4, 5):
        invites(another, alice, f"Prize {number}")
    another.say(GroupState(bytes(32), bytes(32), 0, end=False))
    assert another.is_understood()
    assert not [one for one in another.heard_ever if getattr(one, "gid", None) == bytes(32)]
    assert len(alice.node.groups()) == 6


def test_nobody_is_dialled_where_a_group_says_that_we_did_not_agree_to(people):
    alice = people("Alice")
    bob = friend(alice, 5)
    hints = tuple(f"192.0.2.{number}:6022" for number in range(1, 9))
    eve = stranger(alice, EVE)
    groups = [invites(eve, alice, f"Prize {number}", [(bob.me.peer, hints)]) for number in (1, 2)]
    links = alice.node._grouping.links
    assert links.places(bob.me.peer) == ()
    more = tuple(f"198.51.100.{number}:6022" for number in range(1, 9))
    groups.append(invites(eve, alice, "Prize 3", [(bob.me.peer, more)]))
    for gid in groups:
        alice.node.change_group(group_id(gid), answer="accept")
    assert len(links.places(bob.me.peer)) == grouplinks.MAX_HINTS


def test_an_invitation_opens_no_door_that_is_closed_to_strangers(people):
    alice = people("Alice")
    eve = stranger(alice, EVE)
    gid = invites(eve, alice)
    alice.node.set_visibility("contacts")
    knock = grouplog.knock_pass(gid)
    with pytest.raises(NoHandshake):
        Talker.dial(alice.port, person(EVE), knock_pass=knock)
    alice.node.change_group(group_id(gid), answer="accept")
    Talker.dial(alice.port, person(EVE), knock_pass=knock).open()


def test_what_comes_while_a_group_is_deleted_is_stored_nowhere(people):
    alice = people("Alice")
    mallory = friend(alice, 66)
    room = Room.made_by(alice, "Kelas", mallory)
    played = Played(mallory, room.gid)
    played.fetch()
    alice.node.change_group(room.chat, leave=True)
    live = alice.node._grouping.live.get(room.gid)
    live.sync.is_passive = False  # as for one who was removed and is told of it by somebody else
    links, arrived, written = alice.node._grouping.links, [], []
    pace = links._pace.before
    links._pace.before = lambda *said: (arrived.append(said), pace(*said))
    with live.lock:
        played.sends(played.copy.act(groupevent.FIRST_CONTENT, content=bytes(40)).wire)
        until(lambda: arrived)
        alice.node._grouping.live.drop(live)
        live.shelf.write = written.append
    assert mallory.is_understood()
    assert written == []


def test_of_two_answers_to_an_invitation_the_first_holds(people):
    alice = people("Alice")
    gid = invites(stranger(alice, EVE), alice)
    live = alice.node._grouping.live.get(gid)

    def answer(how):
        try:
            return alice.node.change_group(group_id(gid), answer=how).standing
        except Refused as refused:
            return refused.code

    with live.lock:
        both = [gevent.spawn(answer, how) for how in ("ignore", "accept")]
        gevent.sleep(0)
    gevent.joinall(both, timeout=5)
    assert both[1].value == "bad_request"
    assert gid in alice.node._grouping.live.ignored


def test_a_fault_in_one_turn_does_not_stop_the_groups(people, died, caplog):
    alice = people("Alice")
    mallory = friend(alice, 66)
    room = Room.made_by(alice, "Kelas", mallory)
    links = alice.node._grouping.links
    looked = []

    def on_look(live):
        looked.append(live)
        if len(looked) == 1:
            raise KeyError("a bug")

    links._on_look = on_look
    links._stale(alice.node._grouping.live.get(room.gid))
    until(lambda: looked)
    links._stale(alice.node._grouping.live.get(room.gid))
    until(lambda: len(looked) > 1)
    assert "a turn of the groups failed" in caplog.text
    died.clear()  # this one was meant


def test_a_group_that_cannot_be_dropped_on_a_full_disk_does_not_keep_a_link_from_ending(people):
    alice = people("Alice")
    bob = friend(alice, 5)
    bob.say(GroupState(bytes(32), bytes(32), 0, end=False))
    bob.hear(GroupVector)
    changed = alice.node._peers.changed(bob.me.peer)
    with alice.full_disk():
        bob.hang_up()
        until(changed.is_set)
    assert alice.node._grouping.live.get(bytes(32)) is None


def test_an_invitation_that_is_taken_back_agrees_to_nothing(people):
    alice = people("Alice")
    eve = stranger(alice, EVE)
    copy = Replica.founded_by(EVE, "Prizes")
    us = Replica(alice.me)
    copy.adds(us)
    gid = brings(eve, copy)
    until(lambda: [one.standing for one in alice.node.groups()] == ["invited"])
    until(lambda: alice.hear(GroupChanged))
    eve.say(GroupEvents(gid, (copy.removes(us).wire,)))
    until(lambda: alice.hear(GroupRemoved))
    assert alice.node.groups() == []
    assert alice.node.chats() == []
    eve.say(GroupEvents(gid, (copy.adds(us).wire,)))
    until(lambda: [one.standing for one in alice.node.groups()] == ["invited"])


def test_the_pace_of_a_member_is_not_forgotten_when_they_come_again(people):
    alice = people("Alice")
    mallory = friend(alice, 66)
    room = Room.made_by(alice, "Kelas", mallory)
    played = Played(mallory, room.gid)
    played.fetch()
    buckets = alice.node._grouping.links._pace._buckets
    played.sends(played.copy.act(groupevent.FIRST_CONTENT, content=bytes(40)).wire)
    until(lambda: buckets)
    before = dict(buckets)
    mallory.hang_up()
    until(lambda: not alice.is_linked(mallory))
    again = calls_again(alice, 66)
    again.say(GroupEvents(room.gid, (played.copy.says("more").wire,)))
    assert again.is_understood()
    assert {one: buckets.get(one) for one in before} == before


def test_no_name_and_no_service_of_the_system_is_dialled_because_a_group_says_so(people):
    alice = people("Alice")
    bob = friend(alice, 5)
    eve = stranger(alice, EVE)
    hints = ("192.0.2.1:22", "evil.example:6000", "192.0.2.2:6000", "[fe80::1%eth0]:6000")
    alice.node.change_group(
        group_id(invites(eve, alice, "Prize", [(bob.me.peer, hints)])), answer="accept"
    )
    places = alice.node._grouping.links.places(bob.me.peer)
    assert [str(place) for place in places] == ["192.0.2.2:6000", "[fe80::1%eth0]:6000"]

"""Whether an event may be stored: by its own past alone, the same on every disk."""

import pytest

from engine.protocol import groupevent, grouplog
from engine.protocol.errors import LocalProtocolError
from engine.protocol.groupevent import BadEvent
from engine.protocol.grouplog import Stub
from engine.protocol.grouppast import Acts
from tests.helpers import person
from tests.protocol.groups import Replica


class Log:
    """Everything that one replica knows, as an event is checked against it."""

    def __init__(self, *replicas):
        self.stubs, self.acts = {}, Acts()
        known = {event.id: event for one in replicas for event in one.known.values()}
        for event in sorted(known.values(), key=lambda event: event.order):
            self.take(event)

    def take(self, event):
        count = grouplog.check(event, self.stubs.get, self.acts)
        self.acts.add(event)
        self.stubs[event.id] = Stub(
            event.author, event.seq, event.lamport, event.is_membership, count
        )
        return count


@pytest.fixture
def alice():
    return Replica.founded_by(1)


def again(event, me, **changed):
    """The event with other values, well signed."""
    names = ("gid", "seq", "prev", "parents", "auth", "lamport", "ts", "body")
    values = {name: getattr(event, name) for name in names} | changed
    return groupevent.write(me, kind=event.type, **values)


def test_what_honest_people_do_is_taken(alice):
    bob = alice.joined_by(2)
    alice.says("one")
    bob.says("two")
    alice.hears(bob)
    alice.names("Kelas B")
    Log(alice, bob)


def test_links_are_all_that_an_event_names(alice):
    bob = alice.joined_by(2)
    bob.says("x")
    event = bob.says("y")
    assert grouplog.links(event) == {*event.parents, *event.auth, event.prev}


def test_an_event_follows_its_authors_last_one(alice):
    bob = alice.joined_by(2)
    first = bob.says("one")
    log = Log(alice, bob)
    second = bob.says("two")
    for changed in ({"seq": 3}, {"prev": first.parents[0]}):
        with pytest.raises(BadEvent, match="does not follow its author"):
            log.take(again(second, bob.me, **changed))
    log.take(second)


@pytest.mark.parametrize("off", [-1, 1, 2**40])
def test_its_count_is_one_above_its_parents(alice, off):
    event = alice.says("hi")
    log = Log(Replica(alice.me, [one for one in alice.known.values() if one != event]))
    with pytest.raises(BadEvent, match="does not follow from its parents"):
        log.take(again(event, alice.me, lamport=event.lamport + off))
    log.take(event)


def test_it_comes_after_its_authors_last_one(alice):
    [first] = alice.known.values()
    one = alice.says("one")
    log = Log(alice)
    beside = groupevent.write(
        alice.me, gid=first.gid, seq=3, prev=one.id, parents=[first.id], auth=[first.id],
        lamport=2, ts=0, kind=16, content=bytes(16),
    )  # fmt: skip
    with pytest.raises(BadEvent, match="does not come after"):
        log.take(beside)


def test_it_rests_on_acts_that_came_before_it(alice):
    bob = alice.joined_by(2)
    words = bob.says("words")
    later = alice.names("later")
    late = alice.names("still later")
    log = Log(alice, bob)
    event = bob.act(16, content=bytes(16), past=list(bob.known.values()))
    for auth in ([words.id], sorted([*event.auth, words.id]), [late.id]):
        with pytest.raises(BadEvent, match="rests on something else"):
            log.take(again(event, bob.me, auth=auth))
    assert later.lamport < late.lamport


def test_nobody_speaks_whom_nobody_added(alice):
    stranger = Replica(person(7), alice.known.values())
    with pytest.raises(BadEvent, match="nobody added"):
        Log(alice).take(stranger.says("let me in"))


def test_who_does_not_name_why_they_speak_is_not_heard(alice):
    bob = alice.joined_by(2)
    [first, *_] = sorted(alice.known.values(), key=lambda event: event.order)
    log = Log(alice)
    event = bob.says("hi")
    with pytest.raises(BadEvent, match="nobody added"):
        log.take(again(event, bob.me, auth=[first.id]))


def test_one_persons_acts_are_counted_and_come_to_an_end(alice, monkeypatch):
    monkeypatch.setattr(grouplog, "MAX_ACTS", 3)
    log = Log(alice)
    assert [log.take(alice.names("x")), log.take(alice.says("y")), log.take(alice.names("z"))] == [
        2,
        2,
        3,
    ]
    log.take(alice.says("words do not count"))
    with pytest.raises(BadEvent, match="more than 3"):
        log.take(alice.names("one too many"))


def test_a_digest_asks_for_no_order():
    one, other = b"1" * 32, b"2" * 32
    assert grouplog.digest([one, other]) == grouplog.digest([other, one])
    assert grouplog.digest([one]) != grouplog.digest([one, other]) != grouplog.digest([])


def test_content_comes_back_and_nothing_else_is_read_from_it():
    packed = grouplog.pack_content(b"s" * 16, b"body")
    assert grouplog.unpack_content(packed) == b"body"
    for wrong in (b"", b"\x90", packed + b"x", packed[:-1], b"\xc1", b"\x92\xc4\x01s\xc4\x01b"):
        assert grouplog.unpack_content(wrong) == b""
    with pytest.raises(LocalProtocolError):
        grouplog.pack_content(b"short", b"")
    with pytest.raises(LocalProtocolError):
        grouplog.pack_content(bytes(16), bytes(grouplog.MAX_CONTENT))


def test_the_largest_content_fits_into_an_event(alice):
    body = bytes(grouplog.MAX_CONTENT - 30)
    event = alice.act(17, content=grouplog.pack_content(bytes(16), body))
    assert groupevent.read(event.wire).wire == event.wire


def test_the_pass_of_a_group_is_its_own():
    assert grouplog.knock_pass(b"1" * 32) != grouplog.knock_pass(b"2" * 32)
    assert len(grouplog.knock_pass(b"1" * 32)) == 16

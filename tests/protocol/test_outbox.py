"""Outbox and receiver: nothing lost, nothing twice, in order, whatever links and programs do.

    sender   disk queue --> Outbox --> link --> receiver   ids on disk
                 ^                       |
                 +--- settled <--- acknowledgement, or the position a HELLO tells

Links drop at any moment, old ones still bring what was on its way, and either program may be
killed between any two steps.
"""

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from engine.protocol import outbox as outboxes
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.outbox import Entry, ImpossibleAcknowledgement, Outbox

SMALL_WINDOW = 4  # messages, so that a few steps fill it
SMALL_BYTES = 60
LARGEST = 40  # bytes of a body
LOTS = 1_000  # more than is ever on its way
SIZES = st.lists(st.sampled_from([0, 1, LARGEST]), min_size=1, max_size=4)
AGE = st.sampled_from([0, 0, 0, 1])  # of a link: the latest, or the one before
PROFILE = settings(
    max_examples=500,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,  # the same in every run
    suppress_health_check=list(HealthCheck),
)


def entry(row, size=4):
    return Entry(row, row.to_bytes(16), 1, row, 0, bytes(size))


def filled(count, outbox=None):
    outbox = outbox or Outbox()
    for row in range(1, count + 1):
        outbox.add(entry(row))
    return outbox


def rows(entries):
    return [one.row for one in entries]


def due(outbox):
    return [(seq, one.row) for seq, one in outbox.take()]


# -- one step at a time


def test_messages_are_numbered_from_one_and_given_out_once():
    outbox = filled(2)
    assert due(outbox) == [(1, 1), (2, 2)]
    assert due(outbox) == []
    outbox.add(entry(3))
    assert due(outbox) == [(3, 3)]


def test_an_acknowledgement_settles_all_up_to_its_number_once():
    outbox = filled(3)
    outbox.take()
    assert rows(outbox.acknowledged(2)) == [1, 2]
    assert outbox.acknowledged(2) == []
    assert outbox.acknowledged(1) == []
    assert outbox.acknowledged(0) == []
    outbox.add(entry(4))
    assert due(outbox) == [(4, 4)]
    assert rows(outbox.acknowledged(4)) == [3, 4]
    assert len(outbox) == 0


def test_after_a_lost_link_all_that_was_in_flight_is_due_again_under_its_number():
    outbox = filled(3)
    outbox.take()
    outbox.acknowledged(1)
    outbox.add(entry(4))
    assert rows(outbox.link_lost()) == [2, 3]
    assert due(outbox) == [(2, 2), (3, 3), (4, 4)]


def test_a_late_acknowledgement_of_the_older_link_counts():
    outbox = filled(3)
    outbox.take()
    outbox.link_lost()
    assert rows(outbox.acknowledged(2)) == [1, 2]
    assert due(outbox) == [(3, 3)]
    assert outbox.acknowledged(1) == []


@pytest.mark.parametrize("sent", [0, 2])
def test_what_was_never_sent_cannot_be_acknowledged(sent):
    outbox = filled(sent)
    outbox.take()
    outbox.add(entry(sent + 1))
    with pytest.raises(ImpossibleAcknowledgement) as caught:
        outbox.acknowledged(sent + 1)
    assert isinstance(caught.value, RemoteProtocolError)
    assert len(outbox) == sent + 1


def test_a_position_settles_as_an_acknowledgement_does():
    outbox = filled(3)
    outbox.take()
    outbox.link_lost()
    assert rows(outbox.position_told(2)) == [1, 2]
    assert due(outbox) == [(3, 3)]


def test_a_position_beyond_what_was_sent_settles_nothing():
    outbox = filled(3)
    outbox.take()
    outbox.link_lost()
    assert outbox.position_told(4) == []
    assert due(outbox) == [(1, 1), (2, 2), (3, 3)]


def test_the_numbers_of_abandoned_messages_never_come_to_mean_others():
    outbox = filled(3)
    outbox.take()
    outbox.abandon()
    assert len(outbox) == 0
    assert outbox.has_room
    assert not outbox.holds(1)
    outbox.add(entry(9))
    assert due(outbox) == [(4, 9)]
    outbox.link_lost()
    assert outbox.position_told(3) == [], "that was the third message before"
    assert rows(outbox.acknowledged(4)) == [9]


def test_abandoning_what_was_never_sent_uses_no_number():
    outbox = filled(3)
    outbox.abandon()
    outbox.add(entry(9))
    assert due(outbox) == [(1, 9)]


def test_the_window_is_full_at_512_messages_and_opens_as_they_are_settled():
    outbox = filled(outboxes.MAX_ENTRIES - 1)
    assert outbox.has_room
    outbox.add(entry(outboxes.MAX_ENTRIES))
    assert not outbox.has_room
    outbox.take()
    assert not outbox.has_room, "in flight is not settled"
    outbox.acknowledged(1)
    assert outbox.has_room


def test_the_window_is_full_at_a_mebibyte_however_few_messages_that_is():
    outbox = Outbox()
    outbox.add(entry(1, outboxes.MAX_BYTES - 1))
    assert outbox.has_room
    outbox.add(entry(2, 1))
    assert not outbox.has_room
    outbox.take()
    outbox.acknowledged(1)
    assert outbox.has_room


def test_it_knows_which_rows_it_holds():
    outbox = filled(2)
    outbox.take()
    assert outbox.holds(1)
    assert not outbox.holds(3)
    outbox.acknowledged(1)
    assert not outbox.holds(1)
    assert outbox.holds(2)


def test_a_repr_shows_no_body():
    assert "secret" not in repr(Entry(1, bytes(16), 1, 1, 0, b"secret"))


# -- everything at once


@dataclass(eq=False)
class Link:
    """One connection, in order each way. ``to_sender`` holds acknowledgements and HELLOs."""

    to_receiver: deque = field(default_factory=deque)
    to_sender: deque = field(default_factory=deque)
    expected: int | None = None  # the receiver's: the number that comes next here


class Delivery(RuleBasedStateMachine):
    """A sender with its disk, a receiver with its disk, and links between them."""

    def __init__(self):
        super().__init__()
        self.written = []  # entries, in the order they were promised
        self.queue = {}  # the sender's disk: row -> Entry, of what is not yet delivered
        self.cancelled = set()  # promised, and given up when the receiver was forgotten
        self.delivered = []  # as the sender believes
        self.shown = []  # the receiver's disk
        self.streams = 0
        self.welcome = True
        self.links = []
        self.start_sender()
        self.start_receiver()

    def teardown(self):
        """Let the world be kind for a while: then everything must be there."""
        self.receiver_changes_its_mind(True)
        self.connect(instead=True, greeted=True)
        for _ in range(len(self.written) + 2):
            self.carry_messages(0, LOTS)
            self.carry_answers(0, LOTS, commit=True)
            self.check()
        assert self.queue == {}, "delivered, but not known to be"
        assert set(rows(self.written)) - set(self.shown) <= self.cancelled, "lost"

    # -- the sender, as engine/chat/direct.py is one

    def start_sender(self):
        self.streams += 1
        self.outbox = Outbox()
        self.loaded_row = 0
        self.is_behind = bool(self.queue)
        self.greeted = self.link = None  # the latest link; the same while messages are welcome
        self.settling = []  # acknowledged, its deletion on the way to the disk

    @rule(sizes=SIZES, carried=st.booleans())
    def write(self, sizes, carried):
        for size in sizes:
            one = entry(len(self.written) + 1, size)
            self.written.append(one)
            self.queue[one.row] = one
            if self.is_behind or not self.outbox.has_room:
                self.is_behind = True
            else:
                self.outbox.add(one)
                self.loaded_row = one.row
            self.pump()
        if carried:
            self.carry_messages(0, LOTS)

    def pump(self):
        while self.link is not None:
            due = self.outbox.take()
            self.link.to_receiver.extend((self.streams, seq, one.row) for seq, one in due)
            if not (self.is_behind and self.outbox.has_room):
                return
            for row in [row for row in self.queue if row > self.loaded_row]:
                if not self.outbox.has_room:
                    break
                self.outbox.add(self.queue[row])
                self.loaded_row = row
            self.is_behind = any(row > self.loaded_row for row in self.queue)

    def hear(self, link, count):
        """The sender reads from a link: the latest, or one that was replaced."""
        for _ in range(min(count, len(link.to_sender))):
            match link.to_sender.popleft():
                case "ack", seq:
                    self.settle(self.outbox.acknowledged(seq))
                case "hello", accepts, position:
                    self.hear_hello(link, accepts, *position)

    def hear_hello(self, link, accepts, stream, position):
        if self.greeted in self.links and self.links.index(link) < self.links.index(self.greeted):
            return
        self.greeted, before, self.link = link, self.link, link if accepts else None
        if self.link is not before:
            self.outbox.link_lost()
            if stream == self.streams:
                self.settle(self.outbox.position_told(position))
            self.pump()

    def settle(self, entries):
        self.settling += rows(entries)
        self.pump()

    def commit_settled(self):
        self.delivered += [row for row in self.settling if self.queue.pop(row, None)]
        self.settling = []

    def forget_receiver(self):
        """The person is forgotten and known again: what waited for them has failed."""
        self.cancelled |= set(self.queue)
        self.queue.clear()
        self.outbox.abandon()
        self.is_behind, self.settling = False, []
        self.lose_links(self.links)

    # -- the receiver

    def start_receiver(self):
        self.position = (0, 0)  # of which stream, how far

    def receive(self, link, count):
        """Store what came, then acknowledge it, at once for all that one read brought."""
        said = [link.to_receiver.popleft() for _ in range(min(count, len(link.to_receiver)))]
        if not said:
            return
        if link.expected is None:
            link.expected = said[0][1]
        if not self.welcome:
            return  # ignored, so it stays due over there
        for _stream, seq, row in said:
            if seq <= link.expected:  # a gap can only follow messages ignored above
                link.expected = max(link.expected, seq + 1)
                if row not in self.shown:
                    self.shown.append(row)
        self.position = (said[0][0], link.expected - 1)
        link.to_sender.append(("ack", link.expected - 1))

    @rule(welcome=st.booleans())
    def receiver_changes_its_mind(self, welcome):
        """Block, or accept: HELLO goes again."""
        self.welcome = welcome
        if self.links:
            self.links[-1].to_sender.append(("hello", welcome, self.position))

    # -- the links between them, and what becomes of them

    @rule(instead=st.booleans(), greeted=st.sampled_from([True, True, False]))
    def connect(self, instead, greeted):
        """A new link; the older is lost, or stays with all that is on its way in it."""
        if instead:
            self.lose_links(self.links[-1:])
        self.links.append(Link(to_sender=deque([("hello", self.welcome, self.position)])))
        if greeted:
            self.hear(self.links[-1], 1)

    @rule(age=AGE, count=st.sampled_from([1, 2, LOTS]))
    def carry_messages(self, age, count):
        """Bring some of what is on its way, on the latest link or on an older one."""
        for link in self.links[::-1][age : age + 1]:
            self.receive(link, count)

    @rule(age=AGE, count=st.sampled_from([1, LOTS]), commit=st.booleans())
    def carry_answers(self, age, count, commit):
        for link in self.links[::-1][age : age + 1]:
            self.hear(link, count)
        if commit:
            self.commit_settled()

    @rule(what=st.sampled_from(["sender", "sender", "receiver", "newest", "oldest", "forgotten"]))
    def disaster(self, what):
        match what:
            case "sender":
                self.lose_links(self.links)
                self.start_sender()
            case "receiver":
                self.lose_links(self.links)
                self.start_receiver()
            case "newest":
                self.lose_links(self.links[-1:])
            case "oldest":
                self.lose_links(self.links[:1])
            case "forgotten":
                self.forget_receiver()

    def lose_links(self, lost):
        self.links = [link for link in self.links if link not in lost]
        if self.greeted not in self.links:
            self.greeted = self.link = None
            self.outbox.link_lost()

    # -- what always holds

    @invariant()
    def check(self):
        """Nothing counts as delivered that is not on the other's disk; everything is shown once
        and in order; one slow peer holds a bounded part of memory."""
        assert {*self.delivered, *self.settling} <= set(self.shown)
        assert self.shown == sorted(set(self.shown))
        held = [one for one in self.written if self.outbox.holds(one.row)]
        assert len(held) == len(self.outbox) <= SMALL_WINDOW
        assert sum(len(one.body) for one in held) < SMALL_BYTES + LARGEST


@pytest.mark.timeout(300)
def test_nothing_is_lost_doubled_or_out_of_order(monkeypatch):
    monkeypatch.setattr(outboxes, "MAX_ENTRIES", SMALL_WINDOW)
    monkeypatch.setattr(outboxes, "MAX_BYTES", SMALL_BYTES)
    run_state_machine_as_test(Delivery, settings=PROFILE)

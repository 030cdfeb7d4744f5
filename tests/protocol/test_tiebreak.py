"""Two connections between the same two: both sides keep the same one, whatever comes when."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from engine.protocol.tiebreak import Candidate, ends_loser, newer_wins, runs_twice
from identity import PeerId

SMALL, LARGE = PeerId(bytes(32)), PeerId(b"\1" + bytes(31))
peers = st.binary(min_size=32, max_size=32).map(PeerId)
streams = st.binary(min_size=8, max_size=8)
candidates = st.builds(Candidate, peers, streams)

PROFILE = settings(
    max_examples=500,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,  # the same in every run
    suppress_health_check=list(HealthCheck),
)


@given(peers, streams, streams)
def test_of_two_that_one_side_began_the_newer_wins(peer, one, other):
    assert newer_wins(Candidate(peer, one), Candidate(peer, other))


@given(candidates, candidates)
def test_of_two_that_both_sides_began_the_smaller_keys_wins_whichever_came_first(one, other):
    if one.begun_by == other.begun_by:
        return
    one_stays = newer_wins(older=other, newer=one)
    assert one_stays == (not newer_wins(older=one, newer=other))
    assert one_stays == (bytes(one.begun_by) < bytes(other.begun_by))


@given(candidates, candidates)
def test_either_side_may_end_the_loser_but_of_two_that_one_side_began_only_that_side(one, other):
    began = one.begun_by == other.begun_by
    assert ends_loser(one.begun_by, one, other)
    assert ends_loser(other.begun_by, one, other)
    stranger = PeerId(bytes(31) + b"\xff")
    if stranger not in (one.begun_by, other.begun_by):
        assert ends_loser(stranger, one, other) is (not began)


def test_two_streams_are_two_programs():
    one = Candidate(SMALL, b"s" * 8)
    assert not runs_twice(one, Candidate(LARGE, b"s" * 8))
    assert runs_twice(one, Candidate(SMALL, b"t" * 8))


# -- two sides, with HELLOs and hang-ups that take their time


@dataclass(eq=False)
class Wire:
    """A connection between the two. The responder's HELLO goes first, then the initiator's."""

    begun_by: PeerId
    on_its_way: list = field(default_factory=list)  # (who hears it, what), in order for each
    ended_by: set = field(default_factory=set)

    @property
    def candidate(self):
        return Candidate(self.begun_by, b"s" * 8)


class Side:
    """What engine/net/peers.py does with the rule."""

    def __init__(self, me, *, careful=True):
        self.me = me
        self.careful = careful
        self.open = []  # in the order they opened here
        self.link = None

    def opens(self, wire):
        self.open.append(wire)
        if self.link is None or newer_wins(self.link.candidate, wire.candidate):
            loser, self.link = self.link, wire
        else:
            loser = wire
        if loser is not None and (
            not self.careful or ends_loser(self.me, self.link.candidate, loser.candidate)
        ):
            self.ends(loser)
            return loser
        return None

    def ends(self, wire):
        if wire in self.open:
            self.open.remove(wire)
        if wire is self.link:
            self.link = self.open[-1] if self.open else None


class Rivalry(RuleBasedStateMachine):
    careful = True

    def __init__(self):
        super().__init__()
        self.sides = {me: Side(me, careful=self.careful) for me in (SMALL, LARGE)}
        self.wires = []

    @rule(begun_by=st.sampled_from([SMALL, LARGE]))
    def dial(self, begun_by):
        self.wires.append(Wire(begun_by, [(begun_by, "hello")]))

    @rule(which=st.integers(0, 5), who=st.sampled_from([SMALL, LARGE]))
    def carry(self, which, who):
        """The next thing on its way to ``who``, on any connection."""
        waiting = [wire for wire in self.wires if any(to == who for to, _ in wire.on_its_way)]
        if not waiting:
            return
        wire = waiting[which % len(waiting)]
        what = next(what for to, what in wire.on_its_way if to == who)
        wire.on_its_way.remove((who, what))
        other = LARGE if who == SMALL else SMALL
        if what == "end":
            self.sides[who].ends(wire)
        elif who not in wire.ended_by:
            if who == wire.begun_by:
                wire.on_its_way.append((other, "hello"))
            ended = self.sides[who].opens(wire)
            if ended is not None:
                ended.ended_by.add(who)
                ended.on_its_way.append((other, "end"))

    def teardown(self):
        """Everything on its way arrives, the newest first. Then both use the same connection."""
        while any(wire.on_its_way for wire in self.wires):
            for who in (LARGE, SMALL):
                self.carry(5, who)
        used = {side.link for side in self.sides.values()}
        assert len(used) == 1, "each uses another one"
        assert bool(self.wires) == (used != {None}), "none is left"
        assert all(side.open == ([side.link] if side.link else []) for side in self.sides.values())

    @invariant()
    def a_link_is_open(self):
        for side in self.sides.values():
            assert side.link is None or side.link in side.open


@pytest.mark.timeout(300)
def test_both_sides_end_with_the_same_one_in_any_order():
    run_state_machine_as_test(Rivalry, settings=PROFILE)


def test_without_the_rule_of_who_ends_it_two_calls_of_one_side_can_end_each_other():
    """The control: the same HELLOs, heard in the other order, and each side ends what it likes."""
    for careful in (True, False):
        one, other = Side(SMALL, careful=careful), Side(LARGE, careful=careful)
        first, second = Wire(SMALL), Wire(SMALL)
        ended = [one.opens(first), one.opens(second), other.opens(second), other.opens(first)]
        assert set(ended) - {None} == ({first} if careful else {first, second})

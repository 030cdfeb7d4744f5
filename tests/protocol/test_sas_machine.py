"""Two people and a wire, in any order of events: equal emoji, or none; never stuck, never raising.

Honest   a channel as it is: in order, nothing lost until it is lost as a whole
Hostile  records also vanish, come twice, change places and come again much later; the channel
         rules this out, and the emoji must not depend on that
"""

from collections import deque

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.protocol.sas import State
from tests.protocol.sas_pair import Pair

PROFILE = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,  # the same in every run
    suppress_health_check=list(HealthCheck),
)
SIDES = st.sampled_from(["small", "large"])


class People(RuleBasedStateMachine):
    """What people do, and what must hold whatever the wire does."""

    def __init__(self):
        super().__init__()
        self.connections = 0
        self.compared = 0
        self.connect()

    def connect(self):
        self.connections += 1
        self.pair = Pair(self.connections.to_bytes(32))
        self.sides = (self.pair.small, self.pair.large)

    def side(self, name):
        return getattr(self.pair, name)

    @rule(who=SIDES)
    def start(self, who):
        self.side(who).start()

    @rule()
    def both_start(self):
        for side in self.sides:
            side.start()

    @rule(who=SIDES)
    def cancel(self, who):
        self.side(who).cancel()
        assert not self.side(who).sas.is_running

    @rule(who=SIDES)
    def say_same(self, who):
        if self.side(who).sas.state is State.COMPARING:
            self.side(who).sas.same()

    @precondition(lambda self: any(side.sas.has_shown for side in self.sides))
    @rule(who=SIDES, sure=st.sampled_from([False] * 4 + [True]))
    def say_different(self, who, sure):
        """Seldom: nothing comes after it but another connection."""
        if sure and self.side(who).sas.has_shown:
            self.side(who).different()
            assert self.side(who).sas.state is State.DIFFERENT

    @rule(who=SIDES, most=st.integers(1, 3))
    def carry(self, who, most):
        side = self.side(who)
        for _ in range(min(most, len(side.wire))):
            self.pair.carry(side)

    @rule()
    def disconnect(self):
        for side in self.sides:
            side.note(side.sas.connection_lost())
            assert not side.sas.is_running
        self.connect()

    @invariant()
    def two_who_compare_see_the_same(self):
        if all(side.sas.state is State.COMPARING for side in self.sides):
            self.compared += 1
            assert self.pair.small.numbers == self.pair.large.numbers
            assert self.pair.small.sas._run.commit == self.pair.large.sas._run.commit

    @invariant()
    def whoever_compares_has_seven_and_whoever_waits_has_a_run(self):
        for side in self.sides:
            running = side.sas.state in (State.WAITING, State.COMPARING)
            assert side.sas.is_running == running
            if side.sas.state is State.COMPARING:
                assert len(side.numbers) == 7


class Honest(People):
    @rule()
    def settle(self):
        self.pair.settle()
        self.nobody_waits_once_all_is_said()

    def nobody_waits_once_all_is_said(self):
        states = {side.sas.state for side in self.sides}
        assert State.WAITING not in states
        # One may have said "same" and be done; red is red on both sides.
        assert states != {State.DIFFERENT, State.COMPARING}
        assert states != {State.DIFFERENT, State.IDLE}

    def teardown(self):
        self.settle()


class Hostile(People):
    """``gone`` holds everything that was ever said on this connection."""

    def connect(self):
        super().connect()
        self.gone = {side: deque() for side in self.sides}

    @rule(who=SIDES, most=st.integers(1, 3))
    def carry(self, who, most):
        side = self.side(who)
        self.gone[side].extend(list(side.wire)[:most])
        super().carry(who, most)

    @rule()
    def carry_all(self):
        for who in ("small", "large", "small", "large"):
            self.carry(who, 3)

    @rule(who=SIDES, count=st.integers(1, 3))
    def drop(self, who, count):
        side = self.side(who)
        for _ in range(min(count, len(side.wire))):
            self.gone[side].append(side.wire.popleft())

    @rule(who=SIDES, by=st.integers(1, 5))
    def reorder(self, who, by):
        self.side(who).wire.rotate(by)

    @rule(who=SIDES)
    def double(self, who):
        side = self.side(who)
        if side.wire:
            side.wire.insert(1, side.wire[0])

    @rule(who=SIDES, data=st.data())
    def replay(self, who, data):
        side = self.side(who)
        if self.gone[side]:
            at = data.draw(st.integers(0, len(self.gone[side]) - 1), "which")
            self.pair.other(side).hear(self.gone[side][at])


def run(machine):
    """Every example; how often both were seen comparing."""
    compared = []

    class Counted(machine):
        def teardown(self):
            super().teardown()
            compared.append(self.compared)

    run_state_machine_as_test(Counted, settings=PROFILE)
    return sum(compared)


def test_on_an_honest_wire_nobody_waits_for_ever_and_both_see_the_same():
    assert run(Honest) > 100


def test_on_a_hostile_wire_both_see_the_same_or_one_sees_nothing():
    assert run(Hostile) > 100

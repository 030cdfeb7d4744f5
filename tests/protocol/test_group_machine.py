"""Any group, any network, any liar: in the end all who are honest see the same, and what counts.

Three to six people with real shelves do what they like. Links are cut at any moment with all that
is under way, records come twice, batches and vectors are smaller than the history. Some sign two
events under one number, date events back, bring in keys that nobody stands behind, or bring what
somebody sent away still says. Then the network heals, and a bounded number of records later:
"""

import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from engine.protocol import (
    groupacts,
    groupbatch,
    groupevent,
    grouplog,
    groupstate,
    groupsync,
)
from engine.protocol.groupacts import Add, Role
from engine.protocol.groupevent import ADD, CREATE, LEAVE, META, REMOVE, ROLE, BadEvent
from engine.store import groups
from tests.protocol.groupjudge import disagreements, faults
from tests.protocol.groupworld import FIRST_WORDS, World, person_of

PROFILE = settings(
    max_examples=int(os.environ.get("GROUP_RUNS", "200")),
    stateful_step_count=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
PEOPLE = st.integers(0, 5)
HEALED_WITHIN = 700.0  # seconds: everybody has compared twice, whatever happened
NEW_LINKS_HEAL_WITHIN = 20.0  # nobody has to wait for an answer that never comes
MAX_RECORDS = 8_000  # that healing may take

LIMITS = [(groupbatch, "BATCH", 900), (groupbatch, "MAX_TIPS", 2), (groupstate, "MAX_PASTS", 4)]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Every history needs several batches, every vector several parts."""
    monkeypatch.setattr(groupsync, "MAX_PASTS", 4)
    for module, name, value in LIMITS:
        monkeypatch.setattr(module, name, value)


class Groups(RuleBasedStateMachine):
    """What people and networks do."""

    def __init__(self):
        super().__init__()
        self.said = 0
        self.puppets = 0

    @initialize(
        people=st.integers(3, 6),
        seed=st.integers(0, 2**32),
        doubled=st.sampled_from([0.0, 0.2]),
        admins=st.integers(0, 63),
        newcomers=st.integers(0, 63),
    )
    def begin(self, people, seed, doubled, admins, newcomers):
        self.world = World(people, seed)
        self.world.doubled = doubled
        self.world.link_all()
        alice, *others = self.world.stations
        alice.founds()
        for at, one in enumerate(others[: people - 1]):
            role = Role.ADMIN if admins >> at & 1 else Role.MEMBER
            alice.adds(one, role, history=not newcomers >> at & 1)
        self.world.hand_over(200)

    def someone(self, number):
        return self.world.stations[number % len(self.world.stations)]

    def text(self):
        self.said += 1
        return f"words {self.said}"

    # -- what honest people do

    @rule(who=PEOPLE)
    def post(self, who):
        one = self.someone(who)
        if one.is_member:
            one.says(self.text())

    @rule(who=PEOPLE, whom=PEOPLE, role=st.sampled_from(Role), history=st.booleans())
    def add(self, who, whom, role, history):
        one, other = self.someone(who), self.someone(whom)
        if is_admin(one) and other.peer not in one.members():
            one.adds(other, role, history)

    @rule(who=PEOPLE, whom=PEOPLE)
    def remove(self, who, whom):
        one, other = self.someone(who), self.someone(whom)
        if is_admin(one) and one is not other and other.peer in one.members():
            one.removes(other)

    @rule(who=PEOPLE, whom=PEOPLE, role=st.sampled_from(Role))
    def change_role(self, who, whom, role):
        one, other = self.someone(who), self.someone(whom)
        if is_admin(one) and other.peer in one.members():
            one.gives(other, role)

    @rule(who=PEOPLE)
    def leave(self, who):
        one = self.someone(who)
        if one.is_member and one is not self.world.stations[0]:
            one.leaves()

    @rule(who=PEOPLE)
    def rename(self, who):
        one = self.someone(who)
        if is_admin(one):
            one.names(self.text())

    @rule(who=PEOPLE)
    def restart(self, who):
        one = self.someone(who)
        for other in self.world.stations:
            self.world.cut(one, other)
        if one.shelf is not None:
            one.starts_again()

    # -- what others do

    @rule(who=PEOPLE, to=PEOPLE, act=st.sampled_from([FIRST_WORDS, ADD, REMOVE]), whom=PEOPLE)
    def equivocate(self, who, to, act, whom):
        """One thing for most, and another under the same number for somebody."""
        one, other = self.someone(who), self.someone(to)
        if one.shelf is None or other.shelf is None or one is other or not one.is_member:
            return
        if act != FIRST_WORDS and not is_admin(one):
            return
        one.is_honest = False
        faces = [self.an_event(one, act, whom, ts=face) for face in (1, 2)]
        one.posts(faces[0])
        self.smuggle_events(other, [*self.lacking(other, one), faces[1]])

    @rule(
        who=PEOPLE,
        act=st.sampled_from([FIRST_WORDS, FIRST_WORDS, ADD, REMOVE, ROLE, META, LEAVE]),
        whom=PEOPLE,
        known=st.integers(0, 100),
        to=PEOPLE,
    )
    def date_back(self, who, act, whom, known, to):
        """They pretend not to have heard the latest, and another spreads it for them."""
        one, other = self.someone(who), self.someone(to)
        if one.shelf is None or other.shelf is None:
            return
        acts = groupacts_until(one, known)
        if acts is None:
            return
        one.is_honest = other.is_honest = False
        seq, prev = one.disk.read(lambda db: groups.last_of(db, one.shelf.number, one.peer))
        own = {"seq": seq + 1, "prev": prev}
        parents = acts if prev is None else sorted({*acts, prev})
        lamport = 1 + max(event.lamport for event in one.events() if event.id in parents)
        event = self.an_event(
            one, act, whom, parents=parents[-16:], auth=acts, lamport=lamport, **own
        )
        with suppress(BadEvent):  # they never were an admin: nobody's disk takes it
            if one.is_member:
                one.posts(event)
            else:
                one.shelf.add([event])
                one.settle()
        self.smuggle_events(other, self.lacking(other, one))

    @rule(who=PEOPLE, history=st.booleans(), act=st.sampled_from([FIRST_WORDS, ADD, REMOVE]),
          whom=PEOPLE)  # fmt: skip
    def sock_puppet(self, who, history, act, whom):
        """Somebody adds a key that nobody stands behind, and lets it act."""
        one = self.someone(who)
        if not is_admin(one):
            return
        self.puppets += 1
        puppet = person_of(100 + self.puppets)
        one.is_honest = False
        one.adds(puppet, Role.ADMIN, history)
        me, one.me = one.me, puppet
        try:
            event = self.an_event(one, act, whom, seq=1, prev=None)
        finally:
            one.me = me
        one.posts(event)

    def an_event(self, one, act, whom, **pretended):
        target = self.someone(whom).peer
        match act:
            case groupevent.ADD:
                body = groupacts.add_body(Add(target, Role.ADMIN, "", (), history=True))
            case groupevent.REMOVE:
                body = groupacts.remove_body(target)
            case groupevent.ROLE:
                body = groupacts.role_body(target, Role.ADMIN)
            case groupevent.META:
                body = groupacts.name_body(self.text())
            case groupevent.LEAVE:
                body = groupacts.leave_body()
            case _:
                content = grouplog.pack_content(bytes(16), self.text().encode())
                return one.makes(act, content=content, **pretended)
        return one.makes(act, body, **pretended)

    def lacking(self, other, one):
        known = {event.id for event in other.events()}
        return [event for event in one.events() if event.id not in known]

    def smuggle_events(self, other, events):
        """``other`` has them, whoever made them, and spreads them."""
        new = other.shelf.add(events).new
        if new:
            other.is_honest, other.was_told = False, True
            other.sync.posted(new, self.world.now)
        other.settle()

    # -- what the network does

    @rule(one=PEOPLE, other=PEOPLE)
    def cut(self, one, other):
        if self.someone(one) is not self.someone(other):
            self.world.cut(self.someone(one), self.someone(other))

    @rule(one=PEOPLE, other=PEOPLE)
    def link(self, one, other):
        if self.someone(one) is not self.someone(other):
            self.world.link(self.someone(one), self.someone(other))

    @rule(mask=st.integers(0, 63))
    def partition(self, mask):
        sides = [[], []]
        for at, one in enumerate(self.world.stations):
            sides[mask >> at & 1].append(one)
        self.world.partition(sides)

    @rule(steps=st.integers(1, 40))
    def hand_over(self, steps):
        self.world.hand_over(steps)

    @rule(seconds=st.sampled_from([0.3, 1.0, 5.0, 40.0]))
    def time_passes(self, seconds):
        self.world.run(seconds, MAX_RECORDS)

    # -- what must hold in the end

    def teardown(self):
        if not hasattr(self, "world"):
            return
        try:
            self.heal_and_check()
        finally:
            for one in self.world.stations:
                one.disk.db.close()

    def heal_and_check(self):
        self.world.doubled = 0.0
        within = HEALED_WITHIN
        if self.world.chance.random() < 0.7:
            self.world.partition([])
            within = NEW_LINKS_HEAL_WITHIN
        self.world.link_all()
        self.world.run(within, MAX_RECORDS, until=lambda: not disagreements(self.world))
        assert not (found := disagreements(self.world)), found
        assert not (found := faults(self.world)), found


def is_admin(one):
    return one.is_member and one.view.is_admin(one.peer)


def groupacts_until(one, known):
    """The heads of the first of the acts that they know; None where they could not speak yet."""
    acts, heads, called = [event for event in one.events() if event.is_membership], {}, False
    for event in acts[: 1 + known % len(acts)]:
        for before in event.auth:
            heads.pop(before, None)
        heads[event.id] = event.order
        says = groupacts.meaning(event)
        called = called or (event.type == CREATE and event.author == one.peer)
        called = called or (event.type == ADD and says is not None and says.target == one.peer)
    return sorted(heads, key=heads.__getitem__)[-8:] if called else None


def test_200_random_groups_converge():
    """The same 200 every time: what fails once in thousands is looked for outside CI."""
    run_state_machine_as_test(Groups, settings=settings(PROFILE, derandomize=True))


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_10_000_random_groups_converge():
    run_state_machine_as_test(Groups, settings=settings(PROFILE, max_examples=10_000))

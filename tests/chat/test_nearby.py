"""Who is near, by what the network says: hints that decide nothing."""

from collections.abc import Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.chat import nearby as nearbies
from engine.chat.nearby import Nearby, NearbyPerson
from engine.net.announcements import Sighting
from engine.protocol import beacon
from engine.protocol.invite import HostPort
from identity import PeerId
from tests.helpers import person, seeded

ME, ALICE, BOB, CAROL = (person(number).peer for number in range(4))
PASSES = {ALICE: b"alice's pass....", BOB: b"bob's pass......"}
HERE, THERE = HostPort("10.0.0.2", 6_000), HostPort("10.0.0.3", 6_000)


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.passes: dict[PeerId, bytes] = dict(PASSES)
        self.changed: list[PeerId] = []
        self.hopes: list[PeerId] = []
        self.nearby = Nearby(
            ME,
            passes=lambda: self.passes,
            on_change=self.changed.append,
            on_hope=self.hopes.append,
            clock=lambda: self.now,
        )

    def see(self, instance: str, txt: dict[str, bytes], *places: HostPort) -> None:
        self.nearby.seen(Sighting(instance, places or (HERE,), txt))

    def news(self) -> list[PeerId]:
        news, self.changed[:] = list(self.changed), []
        return news


@pytest.fixture
def world() -> World:
    return World()


def tells(peer: PeerId, name: str = "") -> dict[str, bytes]:
    return beacon.write_open(peer, name)


def veils(*passes: bytes, turn: str = "veil") -> dict[str, bytes]:
    return beacon.write_veiled(passes, seeded(turn))


def hosts(places: Sequence[HostPort]) -> list[str]:
    return [place.host for place in places]


# -- who


def test_who_tells_everyone_is_near_with_name_and_place(world):
    world.see("a", tells(CAROL, "Carol"))
    assert world.nearby.people() == [NearbyPerson(CAROL, "Carol", (HERE,))]
    assert world.nearby.places(CAROL) == (HERE,)
    assert world.news() == [CAROL]


def test_a_claimed_name_is_cleaned(world):
    world.see("a", tells(CAROL, "Ca\u202erol\x07\u200b " + "x" * 100))
    [carol] = world.nearby.people()
    assert carol.claimed_name == "Carol " + "x" * 58


def test_a_contact_who_veils_is_recognised_by_the_pass_they_gave_us(world):
    world.see("a", veils(PASSES[BOB], b"somebody else's."))
    assert world.nearby.people() == [NearbyPerson(BOB, "", (HERE,))]


def test_a_stranger_who_veils_is_nobody(world):
    world.see("a", veils(b"somebody else's."))
    assert world.nearby.people() == []
    assert world.news() == []


def test_we_are_not_near_ourselves(world):
    world.see("a", tells(ME, "me"))
    assert world.nearby.people() == []
    assert world.news() == []


def test_what_is_none_of_ours_is_nobody(world):
    world.see("a", {"v": b"1"})
    world.see("b", {})
    assert world.nearby.people() == []


def test_who_leaves_is_gone(world):
    world.see("a", tells(CAROL))
    world.nearby.gone("a")
    world.nearby.gone("never seen")
    assert world.nearby.people() == []
    assert world.nearby.places(CAROL) == ()
    assert world.news() == [CAROL, CAROL]


def test_who_says_the_same_again_is_no_news(world):
    world.see("a", tells(CAROL, "Carol"))
    world.see("a", tells(CAROL, "Carol"))
    assert world.news() == [CAROL]


def test_an_instance_that_becomes_somebody_else_takes_nothing_along(world):
    world.see("a", tells(CAROL, "Carol"))
    world.see("a", tells(ALICE, "Alice"), THERE)
    assert world.nearby.people() == [NearbyPerson(ALICE, "Alice", (THERE,))]
    assert world.news() == [CAROL, CAROL, ALICE]


def test_an_instance_that_becomes_nonsense_is_gone(world):
    world.see("a", tells(CAROL))
    world.see("a", {"v": b"9"})
    assert world.nearby.people() == []
    assert world.news() == [CAROL, CAROL]


def test_a_new_record_of_the_same_person_keeps_them_near(world):
    """As every quarter of an hour: the new instance comes before the old one goes."""
    world.see("a", veils(PASSES[BOB], turn="one"))
    world.see("b", veils(PASSES[BOB], turn="two"))
    world.nearby.gone("a")
    assert world.nearby.people() == [NearbyPerson(BOB, "", (HERE,))]
    assert world.news() == [BOB]


# -- passes that come and go


def test_a_contact_is_recognised_as_soon_as_their_pass_is_there(world):
    world.see("a", veils(b"carol's pass...."))
    world.passes[CAROL] = b"carol's pass...."
    world.nearby.pass_changed(CAROL)
    assert world.nearby.people() == [NearbyPerson(CAROL, "", (HERE,))]
    assert world.news() == [CAROL]


def test_who_is_forgotten_is_not_recognised_any_more(world):
    world.see("a", veils(PASSES[BOB]))
    world.see("b", veils(PASSES[ALICE], turn="other"))
    world.see("c", tells(BOB, "Bob"))
    del world.passes[BOB]
    world.nearby.pass_changed(BOB)
    assert {one.peer: one.claimed_name for one in world.nearby.people()} == {ALICE: "", BOB: "Bob"}
    world.nearby.gone("c")
    assert [one.peer for one in world.nearby.people()] == [ALICE]


def test_a_record_is_read_once_and_not_with_every_word_of_it(world, monkeypatch):
    """Else many contacts and many neighbours would keep the program busy."""
    txt = veils(PASSES[BOB])
    world.see("a", txt)
    monkeypatch.setattr(beacon, "matches", None)
    world.see("a", txt, THERE)
    assert world.nearby.places(BOB) == (THERE,)


# -- lies


def test_a_liar_adds_a_place_and_takes_none_away(world):
    world.see("a", tells(CAROL, "Carol"), HERE)
    world.see("b", tells(CAROL, "Liar"), THERE)
    assert world.nearby.people() == [NearbyPerson(CAROL, "Carol", (HERE, THERE))]


def test_where_somebody_else_answered_that_person_is_not_dialled_again(world):
    world.see("a", tells(CAROL), THERE)
    world.see("b", tells(CAROL), HERE)
    world.news()
    world.nearby.disproved(CAROL, THERE)
    assert world.nearby.places(CAROL) == (HERE,)
    assert world.news() == [CAROL]
    world.see("a", tells(CAROL), THERE, HostPort("10.0.0.4", 6_000))
    assert hosts(world.nearby.places(CAROL)) == ["10.0.0.4", "10.0.0.2"]
    world.nearby.disproved(ALICE, HERE)
    assert world.nearby.places(CAROL)


def test_who_is_found_nowhere_is_not_near(world):
    world.see("a", tells(CAROL), THERE)
    world.nearby.disproved(CAROL, THERE)
    assert world.nearby.people() == []
    world.see("a", tells(CAROL), HERE)  # they moved: that was not tried yet
    assert world.nearby.places(CAROL) == (HERE,)


def test_another_person_at_the_same_place_is_not_concerned(world):
    world.see("a", tells(CAROL), HERE)
    world.see("b", tells(ALICE), HERE)
    world.nearby.disproved(CAROL, HERE)
    assert world.nearby.places(ALICE) == (HERE,)


def test_many_lies_do_not_hide_the_one_true_place(world):
    for number in range(7):
        lies = [HostPort(f"10.0.{number}.{place}", 1) for place in range(8)]
        world.see(f"lie{number}", tells(CAROL, "Liar"), *lies)
    world.see("true", tells(CAROL, "Carol"), HERE)
    assert HERE in world.nearby.places(CAROL)
    assert len(world.nearby.places(CAROL)) == nearbies.MAX_PLACES


def test_lies_that_were_found_out_make_room_for_the_true_place(world):
    for number in range(20):
        world.see(f"lie{number}", tells(CAROL), HostPort(f"10.0.1.{number}", 1))
    world.see("true", tells(CAROL), HERE)
    while HERE not in world.nearby.places(CAROL):
        world.nearby.disproved(CAROL, world.nearby.places(CAROL)[0])
    assert len(world.nearby.places(CAROL)) == nearbies.MAX_PLACES


def test_a_place_told_with_a_pass_comes_before_one_that_anybody_could_tell(world):
    world.see("a", tells(BOB, "Bob"), THERE)
    world.see("b", veils(PASSES[BOB]), HERE)
    assert world.nearby.people() == [NearbyPerson(BOB, "Bob", (HERE, THERE))]


# -- hope


def test_a_new_place_is_reason_to_dial_at_once(world):
    world.see("a", tells(CAROL, "Carol"))
    assert world.hopes == [CAROL]
    world.see("a", tells(CAROL, "Carola"))  # another name is none
    world.nearby.gone("a")
    assert world.hopes == [CAROL]


def test_a_liar_gives_hope_only_now_and_then(world):
    for number in range(600):
        world.now += 0.1
        world.see("lie", tells(CAROL), HostPort("10.0.0.9", 1 + number))
    assert len(world.hopes) <= 5
    world.see("b", tells(ALICE))
    assert world.hopes[-1] == ALICE


INSTANCES = some.sampled_from("abcdefgh")
TEXTS = some.sampled_from(
    [
        *(tells(peer, name) for peer in (ME, ALICE, BOB, CAROL) for name in ("", "x")),
        *(veils(*passes) for passes in ([PASSES[ALICE]], [PASSES[BOB]], [b"nobody's pass..."])),
        {},
    ]
)
PLACES = some.lists(
    some.sampled_from([HostPort(f"10.0.0.{number}", 6_000) for number in range(12)]),
    min_size=1, max_size=8, unique=True,
)  # fmt: skip


class AnySightings(RuleBasedStateMachine):
    """Whatever is said, who was told of is who is near."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.told: dict[PeerId, NearbyPerson | None] = {}
        self.world.nearby._on_change = self.changed

    def changed(self, peer: PeerId) -> None:
        now = self.world.nearby.person(peer)
        assert now != self.told.get(peer)
        self.told[peer] = now

    @rule(instance=INSTANCES, txt=TEXTS, places=PLACES)
    def see(self, instance, txt, places):
        self.world.see(instance, txt, *places)

    @rule(instance=INSTANCES)
    def lose(self, instance):
        self.world.nearby.gone(instance)

    @rule(peer=some.sampled_from([ALICE, BOB, CAROL]), places=PLACES)
    def disprove(self, peer, places):
        self.world.nearby.disproved(peer, places[0])
        assert places[0] not in self.world.nearby.places(peer)

    @rule(peer=some.sampled_from([ALICE, BOB]), has=some.booleans())
    def change_pass(self, peer, has):
        self.world.passes.pop(peer, None)
        if has:
            self.world.passes[peer] = PASSES[peer]
        self.world.nearby.pass_changed(peer)

    @invariant()
    def all_was_told(self):
        near = {one.peer: one for one in self.world.nearby.people()}
        assert near == {peer: one for peer, one in self.told.items() if one is not None}
        assert ME not in near
        assert all(1 <= len(one.places) <= nearbies.MAX_PLACES for one in near.values())


TestAnySightings = AnySightings.TestCase
TestAnySightings.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)

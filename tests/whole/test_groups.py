"""Five real programs and one group: absence, newcomers, removal, and a partition that heals."""

import pytest

from tests.helpers import until
from tests.programs import HEARD_WITHIN, ApiError, make_friends

HEALED_WITHIN = 30.0  # seconds: a redial waits before it tries again


class Room:
    """One group, as several programs see it."""

    def __init__(self, chat):
        self.address = chat  # a chat's id, as programs.Program names chats

    def view(self, program):
        return program.call("GET", f"/groups/{self.address}")

    def change(self, program, **changes):
        return program.call("POST", f"/groups/{self.address}", changes)

    def members(self, program):
        return {one["address"]: one["role"] for one in self.view(program)["members"]}

    def lines(self, program):
        """What is shown, in order: who said, or did, what."""
        shown = []
        for one in program.messages(self):
            system = one["system"]
            what = one["text"] if system is None else (system["what"], system["who"])
            shown.append((one["id"], one["author"], what))
        return shown

    def texts(self, program):
        return [one["text"] for one in program.messages(self) if one["kind"] == "text"]


def is_in(room, program, standing="member"):
    try:
        return room.view(program)["standing"] == standing
    except ApiError:
        return False


def all_agree(room, *programs):
    first, *others = programs
    return all(
        (room.members(one), room.lines(one)) == (room.members(first), room.lines(first))
        for one in others
    )


@pytest.fixture
def five(programs):
    """Alice, Bob, Carol, Dewi and Erik. Alice knows everybody; Bob knows Dewi and Erik, too."""
    everyone = [programs(name).start() for name in ("alice", "bob", "carol", "dewi", "erik")]
    alice, bob, carol, dewi, erik = everyone
    for one in (bob, carol, dewi):
        make_friends(alice, one)
    for one in (dewi, erik):
        make_friends(bob, one)
    return everyone


def test_a_group_of_five_over_absence_newcomers_and_removal(five):
    alice, bob, carol, dewi, erik = five
    made = alice.call(
        "POST", "/groups", {"name": "Kelas", "members": [bob.address, carol.address, dewi.address]}
    )
    room = Room(made["chat"])
    for one in (bob, carol, dewi):
        until(lambda one=one: is_in(room, one), HEARD_WITHIN, "everybody to be in")
    assert room.members(bob)[alice.address] == "creator"
    said = alice.say(room, "selamat pagi")
    until(lambda: all("selamat pagi" in room.texts(one) for one in (bob, carol, dewi)), 10)
    until(lambda: alice.messages(room)[-1]["state"] == "delivered", 10, "on every disk")
    seen = alice.call("GET", f"/chats/{room.address}/messages/{said['id']}/seen")
    assert {one["address"] for one in seen["seen"]} == {bob.address, carol.address, dewi.address}

    # Dewi and Carol are away while Bob posts; Alice goes before Dewi comes back.
    dewi.stop()
    carol.stop()
    for number in range(30):
        bob.say(room, f"sementara {number}")
    until(lambda: len(room.texts(alice)) == 31, 10)
    carol.start()
    until(lambda: len(room.texts(carol)) == 31, HEALED_WITHIN, "Carol to have it all")
    alice.stop()
    dewi.start()
    until(lambda: len(room.texts(dewi)) == 31, HEALED_WITHIN, "Dewi to have it all from Bob")
    until(lambda: room.view(dewi)["complete"], 10)
    assert all_agree(room, bob, dewi)
    alice.start()
    until(lambda: all_agree(room, alice, bob, carol, dewi), HEALED_WITHIN)

    # Bob becomes an admin and adds Erik, without history.
    room.change(alice, roles={bob.address: "admin"})
    until(lambda: room.members(bob)[bob.address] == "admin", 10)
    room.change(bob, add=[erik.address], history=False)
    until(lambda: is_in(room, erik), HEALED_WITHIN)
    bob.say(room, "welcome Erik")
    until(lambda: room.texts(erik) == ["welcome Erik"], HEALED_WITHIN)
    erik.say(room, "hi all")
    until(lambda: all("hi all" in room.texts(one) for one in (alice, bob, carol, dewi)), 20)
    assert room.texts(erik) == ["welcome Erik", "hi all"]

    # Carol is removed, and hears nothing from then on.
    room.change(alice, remove=[carol.address])
    until(lambda: is_in(room, carol, "removed"), HEALED_WITHIN)
    alice.say(room, "Carol is gone")
    until(lambda: "Carol is gone" in room.texts(erik), HEALED_WITHIN)
    with pytest.raises(ApiError) as refused:
        carol.say(room, "am I?")
    assert refused.value.code == "not_member"
    carol.restart()
    until(lambda: carol.sees(alice, online=True), HEALED_WITHIN)
    bob.say(room, "still gone")
    until(lambda: "still gone" in room.texts(erik), 10)
    assert not {"Carol is gone", "still gone"} & set(room.texts(carol))
    until(lambda: all_agree(room, alice, bob, dewi), 10)
    whole = room.lines(alice)
    assert [line for line in whole if line in room.lines(erik)] == room.lines(erik)


def test_what_two_halves_did_apart_comes_together_the_same_everywhere(five):
    alice, bob, carol, dewi, erik = five
    people = [bob.address, carol.address, dewi.address]
    room = Room(alice.call("POST", "/groups", {"name": "Kelas", "members": people})["chat"])
    until(lambda: all(is_in(room, one) for one in (bob, carol, dewi)), HEARD_WITHIN)
    room.change(alice, roles={bob.address: "admin"})
    until(lambda: room.members(bob)[bob.address] == "admin", 10)
    room.change(bob, add=[erik.address])
    until(lambda: all_agree(room, *five), HEALED_WITHIN)

    # One half: Bob, Dewi and Erik. Bob removes Dewi, and cannot remove Alice, who came before him.
    alice.stop()
    carol.stop()
    with pytest.raises(ApiError) as refused:
        room.change(bob, remove=[alice.address])
    assert refused.value.code == "not_allowed"
    bob.say(room, "we are alone")
    until(lambda: "we are alone" in room.texts(erik), 10)
    erik.say(room, "so we are")
    until(lambda: "so we are" in room.texts(bob), 10)
    room.change(bob, remove=[dewi.address], name="Bob's")
    until(lambda: is_in(room, dewi, "removed"), 10)
    until(lambda: room.view(erik)["name"] == "Bob's", 10)
    for one in (bob, dewi, erik):
        one.stop()

    # The other: Alice removes Bob.
    alice.start()
    carol.start()
    room.change(alice, remove=[bob.address])
    alice.say(room, "Bob is out")
    until(lambda: "Bob is out" in room.texts(carol), HEALED_WITHIN)

    # Together again: Bob is out, and what he did beside that does not count.
    for one in (bob, dewi, erik):
        one.start()
    rest = (alice, carol, dewi, erik)
    until(lambda: all_agree(room, *rest), HEALED_WITHIN, "all to see the same")
    assert set(room.members(dewi)) == {one.address for one in rest}
    assert room.view(erik)["name"] == "Kelas"
    assert room.view(dewi)["standing"] == "member"
    until(lambda: is_in(room, bob, "removed"), HEALED_WITHIN)
    assert "Bob is out" not in room.texts(bob)
    # Erik had heard Bob before anybody there knew: those words stay.
    assert sorted(room.texts(alice)) == ["Bob is out", "so we are", "we are alone"]
    dewi.say(room, "hello again")
    until(lambda: all("hello again" in room.texts(one) for one in rest), 10)


def test_nothing_promised_to_a_group_is_lost_or_doubled_by_kill_9(programs):
    alice, bob, carol = (programs(name).start() for name in ("alice", "bob", "carol"))
    make_friends(alice, bob)
    make_friends(alice, carol)
    people = [bob.address, carol.address]
    room = Room(alice.call("POST", "/groups", {"name": "Kelas", "members": people})["chat"])
    until(lambda: is_in(room, bob) and is_in(room, carol), HEARD_WITHIN)
    promised = []
    for turn, victim in enumerate((bob, alice, carol, bob)):
        for number in range(12):
            text = f"{turn} {number}"
            promised += [one.say(room, f"{one.name} {text}")["id"] for one in (alice, bob, carol)]
        victim.kill9()  # with whatever is on its way
        victim.start()
    everyone = (alice, bob, carol)
    until(lambda: len(room.texts(alice)) == len(promised), HEALED_WITHIN, "Alice to have it all")
    until(lambda: all_agree(room, *everyone), HEALED_WITHIN, "all to agree")
    shown = [one["id"] for one in alice.messages(room) if one["kind"] == "text"]
    assert sorted(shown) == sorted(promised)
    for name in ("alice", "bob", "carol"):
        own = [text for text in room.texts(carol) if text.startswith(name)]
        assert own == [f"{name} {turn} {number}" for turn in range(4) for number in range(12)]

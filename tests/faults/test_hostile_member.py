"""A member who turns bad, with valid keys and a link of their own, against two real programs.

    flood      many honest-looking events        orphans   events whose parents never come
    forgeries  events that no honest member makes: each ends the link, and the next is dialled

While it goes on the others talk: their words come through, nothing is shown twice, and the memory
of the programs stays where it was.
"""

from pathlib import Path

import msgpack
import pytest

from engine.protocol import groupevent, grouplog, records
from engine.protocol.grouprecords import GroupEvents, GroupWant
from tests.chat.grouping import Played
from tests.helpers import person, until
from tests.net.talking import Talker, hang_up_all
from tests.programs import HEARD_WITHIN, make_friends
from tests.whole.test_groups import Room

MALLORY = 66
MOST_GROWTH = 50 << 20  # bytes of memory
BATCH = 150  # events in one record
WORDS = {
    "kind": groupevent.FIRST_CONTENT + 1,
    "content": grouplog.pack_content(bytes(16), b"\x91\xa5flood"),
}


@pytest.fixture
def room(programs):
    """Alice and Bob in real programs, and Mallory, in one group."""
    alice, bob = programs("alice").start(), programs("bob").start()
    make_friends(alice, bob)
    talker = dial(alice)
    talker.say(records.Request(bytes(16), 1, 0, "Mallory", "hi"))
    until(lambda: alice.call("GET", "/requests"), HEARD_WITHIN)
    alice.call("POST", f"/requests/{talker.address}", {"action": "accept"})
    until(lambda: alice.sees(talker, contact=True), HEARD_WITHIN)
    people = [bob.address, talker.address]
    room = Room(alice.call("POST", "/groups", {"name": "Kelas", "members": people})["chat"])
    until(lambda: len(bob.call("GET", "/groups")) == 1, HEARD_WITHIN)
    gid = Played.gid_of(room.address)
    room.alice, room.bob, room.mallory = alice, bob, Played(talker, gid)
    room.mallory.fetch()
    yield room
    hang_up_all()


def dial(program):
    port = int(program.place.rsplit(":", 1)[1])
    talker = Talker.dial(port, person(MALLORY))
    talker.open(accepts=True)
    return talker


def memory(program):
    """Bytes that the program holds."""
    status = Path(f"/proc/{program.process.pid}/status").read_text()
    [line] = [one for one in status.splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) << 10


def others_talk(room, text):
    """Alice's words reach Bob while all that goes on; and only once."""
    room_says = room.alice.say(room, text)
    until(lambda: text in room.texts(room.bob), 30, "words beside the flood")
    assert [one["id"] for one in room.bob.messages(room)].count(room_says["id"]) == 1


@pytest.mark.timeout(1_800)  # of the long one: whoever sends much is made to wait
@pytest.mark.parametrize("count", [1_500, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_flood_of_events_costs_the_others_nothing_but_disk(room, count):
    others_talk(room, "before")
    before = memory(room.alice)
    for at in range(0, count, BATCH):
        wires = [room.mallory.copy.act(**WORDS).wire for _ in range(BATCH)]
        room.mallory.sends(*wires)
        if at % (4 * BATCH) == 0:
            room.mallory.copy.forget_all_but_the_last()
            assert room.mallory.talker.is_understood()
    others_talk(room, "during")
    assert room.mallory.talker.is_understood()
    assert memory(room.alice) - before < MOST_GROWTH
    until(lambda: room.view(room.bob)["complete"], 30)
    others_talk(room, "after")


@pytest.mark.parametrize("megabytes", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_orphans_without_end_take_no_more_memory_than_their_share(room, megabytes):
    others_talk(room, "before")
    before = memory(room.alice)
    room.mallory.copy.act(**WORDS)  # nobody ever sees this one
    big = {**WORDS, "content": grouplog.pack_content(bytes(16), b"x" * 50_000)}
    for _ in range(megabytes * 20):
        room.mallory.sends(room.mallory.copy.act(**big).wire)
        room.mallory.copy.forget_all_but_the_last()
    others_talk(room, "during")
    assert room.mallory.talker.is_understood()
    assert memory(room.alice) - before < MOST_GROWTH


def test_each_forgery_ends_the_link_and_leaves_nothing(room):
    others_talk(room, "before")
    honest = room.mallory.copy.act(**WORDS)
    fields = {
        "gid": honest.gid,
        "seq": honest.seq,
        "prev": honest.prev,
        "parents": honest.parents,
        "auth": honest.auth,
        "lamport": honest.lamport,
        "ts": 0,
        **WORDS,
    }
    me = room.mallory.talker.me
    signed, signature, content = groupevent.parts(honest)
    forgeries = [
        groupevent.write(me, **(fields | {"lamport": honest.lamport + 5})).wire,
        groupevent.write(me, **(fields | {"lamport": 2**53 - 1})).wire,
        groupevent.write(person(77), **fields).wire,  # whom nobody added
        msgpack.packb([signed, bytes(64), content]),
        msgpack.packb([signed, signature, content + b"x"]),
        msgpack.packb([with_many_parents(signed), signature, content]),
        b"\xdc\xff\xff" + b"\xc0" * 400,
        b"",
    ]
    for wire in forgeries:
        room.mallory.talker.hang_up()
        room.mallory.talker = dial(room.alice)
        room.mallory.sends(wire)
        assert room.mallory.talker.is_over()
    others_talk(room, "after")
    assert room.texts(room.bob) == ["before", "after"]


def test_asking_for_everything_again_and_again_gets_it_and_harms_nobody(room):
    for number in range(200):
        room.alice.say(room, f"message {number} " + "x" * 500)
    before = memory(room.alice)
    everything = GroupWant(room.mallory.gid, tuple(room.mallory.copy.known))
    for _ in range(200):
        room.mallory.talker.say(everything, GroupWant(room.mallory.gid, ()))
    others_talk(room, "during")
    room.mallory.talker.hear(GroupEvents)
    assert memory(room.alice) - before < MOST_GROWTH


def with_many_parents(signed):
    values = msgpack.unpackb(signed)
    values[5] = [bytes([number % 256, number // 256]) * 16 for number in range(1_000)]
    return msgpack.packb(values)

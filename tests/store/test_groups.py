"""The rows of groups: what is a head, what is a tip, and what belongs to whom."""

from engine.protocol import grouplog
from engine.store import groups
from engine.store.groups import Standing
from tests.protocol.groupworld import FIRST_WORDS, MemoryDisk, Station, person_of


def a_founder():
    alice = Station(person_of(1))
    alice.founds()
    return alice, alice.shelf.number


def test_a_group_is_opened_once_and_forgotten_whole():
    disk = MemoryDisk()
    opened = [
        disk.write(lambda db: groups.open_group(db, b"g" * 32, Standing.INVITED, 5))
        for _ in range(2)
    ]
    assert opened[0] == opened[1]
    [row] = disk.read(groups.load)
    assert (row.standing, row.muted, row.made_at, row.carrier) == (Standing.INVITED, False, 5, None)
    disk.write(lambda db: groups.set_muted(db, row.number, True))
    assert disk.read(groups.load)[0].muted
    disk.write(lambda db: groups.forget(db, row.number))
    assert disk.read(groups.load) == []


def test_nothing_is_left_of_a_group_that_is_forgotten():
    alice, number = a_founder()
    alice.says("hi")
    alice.disk.write(lambda db: groups.forget(db, number))
    for table in ("event", "event_link", "event_heard", "gathering"):
        assert alice.disk.db.execute(f"SELECT count(*) FROM {table}").get == 0


def test_heads_are_what_nothing_stands_on():
    alice, number = a_founder()
    one = alice.says("one")
    beside = alice.makes(
        FIRST_WORDS, content=bytes(16), ts=7, seq=2, prev=alice.shelf.gid,
        parents=[alice.shelf.gid], lamport=2,
    )  # fmt: skip
    alice.shelf.add([beside])
    assert {event_id for _lamport, event_id in groups.heads(alice.disk.db, number)} == {
        one.id,
        beside.id,
    }
    after = alice.says("after both")
    assert groups.heads(alice.disk.db, number) == [(after.lamport, after.id)]
    assert alice.shelf.digest == grouplog.digest([after.id])


def test_tips_are_the_last_of_each_branch():
    alice, number = a_founder()
    for face in (1, 2):
        event = alice.makes(
            FIRST_WORDS, content=bytes(16), ts=face, seq=2, prev=alice.shelf.gid,
            parents=[alice.shelf.gid], lamport=2,
        )  # fmt: skip
        alice.shelf.add([event])
    assert len(alice.shelf.vector(0)) == 2
    assert alice.shelf.vector(alice.shelf.row) == []
    assert groups.last_of(alice.disk.db, number, alice.peer)[0] == 2


def test_a_message_leads_to_its_author_and_number():
    alice, number = a_founder()
    words = alice.says("hi")
    find = groups.seq_of_message
    assert find(alice.disk.db, number, words.id[:16]) == (alice.peer, 2)
    assert find(alice.disk.db, number, bytes(16)) is None

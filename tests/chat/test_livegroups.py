"""The groups that run: what a start finds, and what is deleted with one."""

from engine.store import groups, history
from engine.store.groups import Standing
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.helpers import until


def rows(someone):
    return someone.node._database.read(groups.load)


def test_a_group_that_somebody_only_spoke_of_is_gone_after_a_restart(people):
    alice, bob = people("Alice", "Bob")
    live = alice.node._grouping.live
    live.open(b"g" * 32, Standing.CANDIDATE, bob.me.peer)
    assert live.open(b"g" * 32, Standing.MEMBER) is live.get(b"g" * 32)  # opened once
    assert [row.standing for row in rows(alice)] == [Standing.CANDIDATE]
    alice.restart()
    assert rows(alice) == []


def test_deleting_a_group_leaves_nothing_of_it_on_the_disk(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    room = Room.made_by(alice, "Kelas", bob)
    room.says(alice, "nobody reads this again")
    until(lambda: room.read(bob) == ["nobody reads this again"])
    room.change(bob, leave=True)
    bob.node.delete_group(room.chat)
    database = bob.node._database
    for table in ("gathering", "event", "event_link", "event_heard"):
        count = f"SELECT count(*) FROM {table}"
        assert database.read(lambda db, count=count: db.execute(count).get) == 0
    assert database.read(lambda db: history.page(db, room.gid, None, 9)) is None
    assert bob.says(alice, "direct chats stay").text == "direct chats stay"

"""What was said is found, wherever it was said, and by nobody who is not shown it."""

import pytest

from engine.chat import searching
from engine.chat.errors import Refused
from engine.store import search
from tests.chat.grouping import Room
from tests.chat.people import become_friends
from tests.helpers import until


@pytest.fixture
def pair(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    return alice, bob


def found(who, typed, **where):
    return [one.text for one in who.node.search(typed, **where)]


def test_what_was_just_said_is_found_on_both_sides_newest_first(pair):
    alice, bob = pair
    alice.says(bob, "Sudah makan?")
    until(lambda: len(bob.read(alice)) == 1)
    bob.says(alice, "Makanan enak di café")
    assert found(bob, "makan") == ["Makanan enak di café", "Sudah makan?"]
    until(lambda: len(alice.read(bob)) == 2)
    [hit] = alice.node.search("CAFE")
    assert (hit.author, hit.own, hit.kind) == (bob.address, False, "text")
    assert [(piece.text, piece.hit) for piece in hit.snippet] == [
        ("Makanan enak di ", False),
        ("café", True),
    ]
    [shown] = [one for one in alice.history(bob) if one.id == hit.id]
    assert all(getattr(hit, name) == getattr(shown, name) for name in searching._FIELDS)
    alice.restart()
    assert found(alice, "makan enak") == ["Makanan enak di café"]


def test_a_hit_reads_as_the_message_does_now_and_goes_with_it(pair):
    alice, bob = pair
    said = alice.says(bob, "rahasia besar")
    assert found(alice, "rahasia") == ["rahasia besar"]
    alice.node.edit(bob.address, said.id, "sudah lain")
    assert found(alice, "rahasia") == []
    assert found(alice, "lain") == ["sudah lain"]
    until(lambda: found(bob, "lain") == ["sudah lain"])
    alice.node.delete_message(bob.address, said.id, for_everyone=True)
    assert found(alice, "lain") == []
    until(lambda: found(bob, "lain") == [])
    other = bob.says(alice, "untuk bob saja")
    assert found(bob, "saja") == ["untuk bob saja"]
    bob.node.delete_message(alice.address, other.id, for_everyone=False)
    assert found(bob, "saja") == []
    bob.node.forget_person(alice.address, history=True)
    assert found(bob, "lain") == found(bob, "rahasia") == []


def test_hits_come_page_by_page_from_all_chats_or_from_one(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    room = Room.made_by(alice, "Kelas", bob, carol)
    alice.says(bob, "kata 1")
    room.says(alice, "kata 2")
    alice.says(carol, "kata 3")
    room.says(alice, "kata 4")
    every = ["kata 4", "kata 3", "kata 2", "kata 1"]
    assert found(alice, "kata") == every
    pages, before = [], None
    while page := alice.node.search("kata", limit=2, before=before):
        pages.append([one.text for one in page])
        before = page[-1].id
    assert pages == [every[:2], every[2:]]
    assert found(alice, "kata", chat=room.chat) == ["kata 4", "kata 2"]
    assert found(alice, "kata", chat=bob.address) == ["kata 1"]
    [hit] = alice.node.search("kata 4")
    assert hit.chat == room.chat
    room.change(alice, leave=True)
    assert found(alice, "kata", chat=room.chat) == ["kata 4", "kata 2"]
    alice.node.delete_group(room.chat)
    assert found(alice, "kata") == ["kata 3", "kata 1"]


def test_nothing_is_found_in_a_group_that_was_not_accepted(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    Room.made_by(alice, "Kelas", bob, carol)
    room = Room(bob.node.make_group("From Bob", [carol.address]).chat)
    until(lambda: room.standing(carol) == "invited", 15)
    room.says(bob, "bisikan")
    until(lambda: room.read(carol) == ["bisikan"], 15)
    assert found(carol, "bisikan") == []
    with pytest.raises(Refused, match="not_found"):
        carol.node.search("bisikan", chat=room.chat)
    room.change(carol, answer="accept")
    assert found(carol, "bisikan") == ["bisikan"]


def test_a_search_that_makes_no_sense_is_declined(pair):
    alice, bob = pair
    alice.says(bob, "kata")
    for wrong in ({"limit": 0}, {"limit": 101}, {"typed": "x" * 1_001}, {"typed": "\ud800"}):
        with pytest.raises(Refused, match="bad_request"):
            alice.node.search(**{"typed": "kata"} | wrong)
    for wrong in ({"chat": "x"}, {"before": "x"}, {"before": "00" * 16}, {"chat": alice.address}):
        with pytest.raises(Refused, match="not_found"):
            alice.node.search("kata", **wrong)
    assert found(alice, "") == found(alice, " \n") == found(alice, '"*') == []


def test_a_full_disk_only_keeps_the_latest_from_being_found(pair):
    alice, bob = pair
    alice.says(bob, "kata lama")
    assert found(alice, "kata") == ["kata lama"]
    alice.node._searching.stop()
    alice.says(bob, "kata baru")
    with alice.full_disk():
        assert found(alice, "kata") == ["kata lama"]
    assert found(alice, "kata") == ["kata baru", "kata lama"]


def test_a_search_waits_for_some_of_a_new_index_and_not_for_all_of_it(pair, monkeypatch):
    alice, bob = pair
    for number in range(9):
        alice.says(bob, f"kata {number}")
    alice.node._searching.stop()
    alice.node._database.write(search.begin_again)
    index_some = search.index_some
    monkeypatch.setattr(search, "index_some", lambda db: index_some(db, 2))
    assert found(alice, "kata") == [f"kata {number}" for number in range(7, -1, -1)]
    assert len(found(alice, "kata")) == 9

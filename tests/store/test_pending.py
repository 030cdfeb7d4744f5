"""The outbox on disk: in order, in pieces, and each message either waiting or delivered."""

from engine.store import history, pending
from engine.store.history import State
from tests.helpers import person

ME, BOB, CAROL = (person(number).peer for number in (1, 2, 3))


def promise(db, peer, number):
    chat = history.open_chat(db, peer, history.DIRECT, 0)
    body = str(number).encode()
    stored = history.add_own(db, chat, ME, number.to_bytes(16, "big"), 1, number, body, None)
    return pending.add(db, peer, stored)


def test_what_waits_comes_in_the_order_of_the_promises_in_pieces(database):
    def scene(db):
        for number in range(10):
            promise(db, BOB if number % 2 else CAROL, number)

    database.write(scene)
    first = database.read(lambda db: pending.after(db, BOB, 0, 3))
    rest = database.read(lambda db: pending.after(db, BOB, first[-1].row, 10))
    assert [entry.body for entry in first + rest] == [b"1", b"3", b"5", b"7", b"9"]
    assert sorted(database.read(pending.peers_waited_for)) == sorted([BOB, CAROL])


def test_settling_delivers_and_empties_the_queue_at_once(database):
    def scene(db):
        for number in range(4):
            promise(db, BOB, number)
        pending.settle(db, pending.after(db, BOB, 0, 2))
        pending.settle(db, [])
        return [stored.state for stored in history.page(db, BOB, None, 10)]

    assert database.write(scene) == [State.DELIVERED] * 2 + [State.WAITING] * 2
    assert [entry.body for entry in database.read(lambda db: pending.after(db, BOB, 0, 9))] == [
        b"2",
        b"3",
    ]


def test_settling_twice_is_harmless(database):
    def scene(db):
        promise(db, BOB, 1)
        entries = pending.after(db, BOB, 0, 9)
        pending.settle(db, entries)
        later = promise(db, BOB, 2)
        pending.settle(db, entries)
        return later, pending.after(db, BOB, 0, 9)

    later, waiting = database.write(scene)
    assert [entry.row for entry in waiting] == [later]


def test_a_place_in_the_queue_is_never_given_twice(database):
    def scene(db):
        first = promise(db, BOB, 1)
        pending.settle(db, pending.after(db, BOB, 0, 9))
        return first, promise(db, BOB, 2)

    first, second = database.write(scene)
    assert second > first


def test_an_entry_never_shows_its_words_by_accident(database):
    database.write(lambda db: promise(db, BOB, 77_777))
    (entry,) = database.read(lambda db: pending.after(db, BOB, 0, 9))
    assert "77777" not in repr(entry)

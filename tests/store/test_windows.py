"""Any part of a long chat, without a walk through it."""

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.store import history, windows
from engine.store.history import DIRECT
from identity import PeerId
from tests.helpers import person

ME, BOB, CAROL = (person(number).peer for number in (1, 2, 3))
MANY = 20_000


def add(db, peer, lamport, ts, row, *, target=None):
    chat = history.open_chat(db, peer, DIRECT, 0)
    db.execute(
        "INSERT INTO message (chat, author, id, kind, lamport, ts, body, state, target)"
        " VALUES (?, ?, ?, 1, ?, ?, '', 2, ?)",
        (chat.number, peer, row.to_bytes(16, "big"), lamport, ts, target),
    )


def whole(db, peer):
    return history.page(db, peer, None, 1_000_000)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(0, 20), st.booleans()), max_size=30),
    st.sets(st.integers(0, 29)),
    st.integers(0, 22),
    st.integers(1, 8),
)
def test_a_day_begins_with_the_first_message_of_that_time_or_later(database, said, gone, at, limit):
    def scene(db):
        db.execute("DELETE FROM chat")
        history.open_chat(db, BOB, DIRECT, 0)
        add(db, CAROL, 1, 99, 1_000)
        for row, (lamport, ts, is_act) in enumerate(said):
            add(db, BOB, lamport, ts, row, target=bytes(16) if is_act else None)
        for row in gone:
            chat = history.open_chat(db, BOB, DIRECT, 0).number
            db.execute(
                "DELETE FROM message WHERE chat = ? AND id = ?", (chat, row.to_bytes(16, "big"))
            )
        return whole(db, BOB), windows.since(db, BOB, at, limit)

    everything, found = database.write(scene)
    first = next((place for place, one in enumerate(everything) if one.ts >= at), None)
    assert found == ([] if first is None else everything[first : first + limit])


@pytest.mark.parametrize("limit", [1, 2, 5, 200])
def test_one_stands_in_the_middle_and_nothing_is_left_out(database, limit):
    def scene(db):
        for number in range(40):
            add(db, BOB, 1 + number // 3, 0, number)
        everything = whole(db, BOB)
        return everything, [
            (
                windows.around(db, BOB, mark, limit),
                history.following(db, BOB, mark, limit),
            )
            for mark in everything
        ]

    everything, found = database.write(scene)
    for place, (around, after) in enumerate(found):
        begin = max(0, place - limit // 2)
        assert around == everything[begin : place + limit - limit // 2]
        assert after == everything[place + 1 : place + 1 + limit]


def test_a_chat_that_does_not_exist_has_no_days(database):
    assert database.read(lambda db: windows.since(db, BOB, 0, 10)) is None


@pytest.fixture
def long_chat(database):
    """20,000 messages, whose clocks run in their order, and those of somebody else."""

    def fill(db):
        for peer in (BOB, CAROL):
            chat = history.open_chat(db, peer, DIRECT, 0).number
            db.execute(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                " INSERT INTO message (chat, author, id, kind, lamport, ts, body, state)"
                " SELECT ?, ?, randomblob(16), 1, i, i * 1000, 'words', 2 FROM n",
                (MANY, chat, peer),
            )

    database.write(fill)
    return database


def questions(db, peer: PeerId):
    middle = windows.since(db, peer, 10_000_000, 1)[0]
    yield "a day", lambda: windows.since(db, peer, 12_345_678, 50)
    yield "the first day", lambda: windows.since(db, peer, 0, 50)
    yield "the last day", lambda: windows.since(db, peer, MANY * 1_000, 50)
    yield "a day to come", lambda: windows.since(db, peer, MANY * 1_000 + 1, 50)
    yield "around", lambda: windows.around(db, peer, middle, 50)
    yield "after", lambda: history.following(db, peer, middle, 50)


def test_no_part_of_a_chat_is_reached_by_a_walk(long_chat):
    """Counted in steps of SQLite's machine: each row it looks at takes several."""

    def count(db):
        steps = []
        taken, sizes = {}, {}
        for name, ask in questions(db, BOB):
            steps.clear()
            db.trace_v2(
                apsw.SQLITE_TRACE_PROFILE,
                lambda event: steps.append(event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]),
            )
            sizes[name] = len(ask())
            db.trace_v2(0, None)
            taken[name] = sum(steps)
        return taken, sizes

    taken, sizes = long_chat.write(count)
    assert sizes == {
        "a day": 50, "the first day": 50, "the last day": 1, "a day to come": 0, "around": 50,
        "after": 50,
    }  # fmt: skip
    assert all(0 < steps < 5_000 for steps in taken.values()), taken


def test_every_part_is_found_through_an_index(long_chat):
    def scene(db):
        asked = []
        for _, ask in questions(db, BOB):
            db.exec_trace = lambda _cursor, sql, bindings: asked.append((sql, bindings)) or True
            ask()
            db.exec_trace = None
        plans = []
        for sql, bindings in asked:
            plan = db.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)
            plans += [f"{sql} -> {line[3]}" for line in plan]
        return plans

    plans = long_chat.write(scene)
    assert plans
    for plan in plans:
        assert "SCAN" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "message_order (chat=?)" not in plan, plan

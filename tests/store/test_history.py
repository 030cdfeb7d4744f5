"""Chats and messages: one order on both sides, each message once, nothing walked through twice."""

import itertools

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.store import chats, history
from engine.store.database import StoreError
from engine.store.history import DIRECT, LamportLeap, State
from identity import PeerId
from tests.helpers import person

ME, BOB, CAROL = (person(number).peer for number in (1, 2, 3))
_counter = itertools.count(1)


def an_id(number: int | None = None) -> bytes:
    return (next(_counter) if number is None else number).to_bytes(16, "big")


def receive(db, lamport, *, author=BOB, chat_key=BOB, message_id=None, ts=0):
    chat = history.open_chat(db, chat_key, DIRECT, 0)
    body = f"{author.short} {lamport}".encode()
    return history.add_received(db, chat, author, message_id or an_id(), 1, lamport, ts, body)


def say(db, *, chat_key=BOB, send_key=None, ts=0):
    chat = history.open_chat(db, chat_key, DIRECT, 0)
    return history.add_own(db, chat, ME, an_id(), 1, ts, b"mine", send_key)


def everything(db, limit=200, chat_key=BOB):
    found, before = [], None
    while page := history.page(db, chat_key, before, limit):
        found[:0] = page
        before = page[0]
    return found


def test_own_messages_stand_behind_everything_heard(database):
    def scene(db):
        first = say(db)
        receive(db, 41)
        return first, say(db), say(db)

    first, second, third = database.write(scene)
    assert [first.lamport, second.lamport, third.lamport] == [1, 42, 43]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_the_order_is_the_same_whatever_the_order_of_arrival(database, said, chance):
    messages = [(lamport, BOB if theirs else CAROL, an_id()) for lamport, theirs in said]

    def told_in(order):
        def scene(db):
            with_key = PeerId(bytes(person(next(_counter) + 100).peer))
            for lamport, author, message_id in order:
                receive(db, lamport, author=author, message_id=message_id, chat_key=with_key)
            return [stored.id for stored in everything(db, chat_key=with_key)]

        return database.write(scene)

    shuffled = messages[:]
    chance.shuffle(shuffled)
    assert told_in(messages) == told_in(shuffled)


def test_a_known_message_is_not_added_again(database):
    def scene(db):
        message_id = an_id()
        return [receive(db, lamport, message_id=message_id) for lamport in (3, 3, 9)]

    first, second, third = database.write(scene)
    assert first is not None
    assert second is third is None
    assert len(database.read(everything)) == 1


def test_an_id_names_one_message_of_a_chat_whoever_uses_it_again(database):
    def scene(db):
        message_id = an_id()
        receive(db, 1, message_id=message_id)
        again = receive(db, 1, message_id=message_id, author=CAROL)
        elsewhere = receive(db, 1, message_id=message_id, author=CAROL, chat_key=CAROL)
        return again, elsewhere

    again, elsewhere = database.write(scene)
    assert again is None
    assert elsewhere is not None


def test_a_forgotten_message_never_comes_back_and_the_count_goes_on(database):
    def scene(db):
        gone = receive(db, 77)
        history.forget_chat(db, BOB)
        again = receive(db, 77, message_id=gone.id)
        return again, say(db)

    again, own = database.write(scene)
    assert again is None
    assert own.lamport == 78


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_paging_shows_each_message_once_in_order(database, limit):
    def scene(db):
        for number in range(40):
            receive(db, 1 + number // 3, author=BOB if number % 2 else CAROL)

    database.write(scene)
    found = database.read(lambda db: everything(db, limit))
    assert len({stored.row for stored in found}) == 40
    keys = [(stored.lamport, stored.author, stored.id) for stored in found]
    assert keys == sorted(keys)


def test_a_chat_that_does_not_exist_has_no_page(database):
    assert database.read(lambda db: history.page(db, BOB, None, 10)) is None


def test_the_same_key_finds_the_message_it_was_given_to(database):
    def scene(db):
        stored = say(db, send_key="k")
        chat = history.open_chat(db, BOB, DIRECT, 0)
        return stored, history.by_send_key(db, chat, "k"), history.by_send_key(db, chat, "other")

    stored, found, other = database.write(scene)
    assert found == stored
    assert other is None


def test_no_honest_count_leaps(database):
    limit = history.MAX_LAMPORT_LEAP
    with pytest.raises(LamportLeap):
        database.write(lambda db: receive(db, limit + 1))
    assert database.write(lambda db: receive(db, limit)) is not None


def test_unread_counts_what_came_since_the_mark(database):
    def scene(db):
        first = receive(db, 1)
        say(db)
        second = receive(db, 3)
        third = receive(db, 4)
        before = chats.chats(db, ME)[0]
        assert chats.mark_read(db, BOB, second.id, ME)
        after = chats.chats(db, ME)[0]
        chats.mark_read(db, BOB, first.id, ME)  # going back changes nothing
        return before, after, chats.chats(db, ME, BOB)[0], first, third

    before, after, last, first, third = database.write(scene)
    assert (before.unread, before.first_unread) == (3, first.id)
    assert (after.unread, after.first_unread) == (1, third.id)
    assert last == after


def test_one_that_crossed_on_the_way_is_read_with_what_stands_behind_it(database):
    def scene(db):
        later = receive(db, 9)
        receive(db, 4)  # arrives later, stands before
        chats.mark_read(db, BOB, later.id, ME)
        return chats.chats(db, ME)[0].unread

    assert database.write(scene) == 0


def test_reading_a_message_of_another_chat_is_refused(database):
    def scene(db):
        receive(db, 1, chat_key=CAROL, author=CAROL)
        elsewhere = receive(db, 1)
        return chats.mark_read(db, CAROL, elsewhere.id, ME), history.by_id(db, CAROL, elsewhere.id)

    assert database.write(scene) == (None, None)


def test_chats_stand_in_the_order_of_their_last_message(database):
    def scene(db):
        receive(db, 1, chat_key=BOB, ts=5)
        receive(db, 1, chat_key=CAROL, author=CAROL, ts=9)
        history.open_chat(db, person(9).peer, DIRECT, 7)
        return [row.key for row in chats.chats(db, ME)]

    assert database.write(scene) == [CAROL, person(9).peer, BOB]


def test_a_message_never_shows_its_words_by_accident(database):
    stored = database.write(lambda db: receive(db, 1))
    assert "BOB" not in repr(stored)
    assert stored.body.decode() not in repr(stored)
    assert stored.state is State.DELIVERED


def test_long_histories_are_found_through_indexes(database):
    """Each question about 100,000 messages must touch only those it asks for."""

    def scene(db):
        asked = []
        db.exec_trace = lambda _cursor, sql, bindings: asked.append((sql, bindings)) or True
        mark = receive(db, 50)
        history.page(db, BOB, mark, 50)
        history.by_id(db, BOB, mark.id)
        history.by_send_key(db, history.open_chat(db, BOB, DIRECT, 0), "k")
        db.exec_trace = None
        plans = []
        for sql, bindings in asked:
            if sql.startswith("SELECT"):
                plan = db.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)
                plans += [f"{sql} -> {line[3]}" for line in plan]
        return plans

    plans = database.write(scene)
    assert plans
    for plan in plans:
        assert "SCAN" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "message_order (chat=?)" not in plan.replace(" AND ", "&"), plan


def test_no_question_walks_through_a_history_of_20_000_messages(database):
    """Counted in steps of SQLite's machine: each row it looks at takes several."""

    def fill(db):
        receive(db, 1, author=CAROL, chat_key=CAROL)  # quiet ever since, and never read
        chat = history.open_chat(db, BOB, DIRECT, 0).number
        db.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            " INSERT INTO message (chat, author, id, kind, lamport, ts, body, state)"
            " SELECT ?, ?, randomblob(16), 1, i, i, x'91a5776f726473', 2 FROM n",
            (chat, BOB),
        )
        db.execute("UPDATE chat SET lamport = 20000 WHERE id = ?", (chat,))
        chats.mark_read(db, BOB, newest(db, BOB).id, ME)

    def questions(db):
        middle = history.by_id(
            db, BOB, db.execute("SELECT id FROM message WHERE lamport = 10000").get
        )
        yield "the newest page", lambda: history.page(db, BOB, None, 50)
        yield "a page of long ago", lambda: history.page(db, BOB, middle, 50)
        yield "one message", lambda: history.by_id(db, BOB, middle.id)
        yield "all chats", lambda: chats.chats(db, ME)
        yield "one more", lambda: receive(db, 20_001)
        yield "one known already", lambda: receive(db, 20_002, message_id=middle.id)
        yield "one of our own", lambda: say(db, send_key="k")
        yield "that same one", lambda: say_again(db, "k")
        yield "read up to here", lambda: chats.mark_read(db, BOB, newest(db, BOB).id, ME)
        yield "the quiet one read", lambda: chats.mark_read(db, CAROL, newest(db, CAROL).id, ME)

    def newest(db, chat_key):
        return history.page(db, chat_key, None, 1)[0]

    def say_again(db, key):
        return history.by_send_key(db, history.open_chat(db, BOB, DIRECT, 0), key)

    def count(db):
        steps = []
        db.trace_v2(
            apsw.SQLITE_TRACE_PROFILE,
            lambda event: steps.append(event["stmt_status"]["SQLITE_STMTSTATUS_VM_STEP"]),
        )
        taken = {}
        for name, ask in questions(db):
            steps.clear()
            ask()
            taken[name] = sum(steps)
        db.trace_v2(0, None)
        return taken

    database.write(fill)
    taken = database.write(count)
    assert all(0 < steps < 5_000 for steps in taken.values()), taken


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=12),
    st.integers(0, 11),
)
def test_nothing_stands_unread_before_what_was_read(database, said, which):
    """Whatever crossed on the way: the order on the screen counts, not the order of arrival."""
    peer = PeerId(next(_counter).to_bytes(32, "big"))

    def scene(db):
        for lamport, is_theirs in said:
            if is_theirs:
                receive(db, lamport, author=peer, chat_key=peer)
            else:
                say(db, chat_key=peer)
        order = everything(db, chat_key=peer)
        target = which % len(order)
        chats.mark_read(db, peer, order[target].id, ME)
        (chat,) = chats.chats(db, ME, peer)
        behind = [one for one in order[target + 1 :] if one.author == peer]
        first = history.by_id(db, peer, chat.first_unread) if chat.unread else None
        chats.mark_read(db, peer, order[-1].id, ME)
        return chat.unread, behind, first, chats.chats(db, ME, peer)[0].unread

    unread, behind, first, at_the_end = database.write(scene)
    assert unread <= len(behind)
    assert first is None or first in behind
    assert at_the_end == 0


def test_a_key_names_one_message_in_a_chat_and_may_name_another_elsewhere(database):
    database.write(lambda db: say(db, send_key="k"))
    with pytest.raises(StoreError):
        database.write(lambda db: say(db, send_key="k"))
    database.write(lambda db: say(db, send_key="k", chat_key=CAROL))
    assert len(database.read(everything)) == 1


def test_what_was_forgotten_stays_forgotten_for_good_and_in_that_chat_alone(database):
    def scene(db):
        gone = [receive(db, 3).id for _ in range(3)]
        history.forget_chat(db, BOB)
        receive(db, 4)
        history.forget_chat(db, BOB)
        back = [receive(db, 5, message_id=one) for one in gone]
        elsewhere = receive(db, 5, message_id=gone[0], author=CAROL, chat_key=CAROL)
        return back, elsewhere, say(db).lamport

    back, elsewhere, lamport = database.write(scene)
    assert back == [None] * 3
    assert elsewhere is not None
    assert lamport == 5, "one more than the highest of both times"

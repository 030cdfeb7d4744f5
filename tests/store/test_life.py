"""What acts do on the disk: words that are deleted are gone from every file."""

import random

import pytest

from engine.protocol import contents
from engine.protocol.contents import Delete, Edit, Gone, React, Text, Timer
from engine.store import chats, history, life, opening, pending, search, wholes
from engine.store.database import Database
from engine.store.history import DIRECT, State
from tests.helpers import until
from tests.store import plain
from tests.store.conftest import KEY
from tests.store.test_chats import BOB, ME, says
from tests.store.test_wholes import own

FILLER = "some ordinary words about the weather and the garden"


def chat_of(db):
    return history.open_chat(db, BOB, DIRECT, 0)


def lines(db):
    return wholes.wholes(db, history.page(db, BOB, None, 200))


def found(db, text):
    return db.execute("SELECT rowid FROM words WHERE words MATCH ?", (f'"{text}"',)).get


def index_all(db):
    while search.index_some(db):
        pass


@pytest.mark.parametrize("indexed", [True, False])
def test_deleted_words_are_in_no_file(monkeypatch, tmp_path, indexed):
    """Neither in the database, its free pages and slack, nor in the journal or the index."""
    monkeypatch.setattr(opening, "connect", plain.connect)
    path = tmp_path / "plain.db"
    database = Database(path, KEY)
    chance = random.Random(7)
    secrets = [f"zq{chance.randbytes(9).hex()}" for _ in range(60)]

    def fill(db):
        for number, secret in enumerate(secrets):
            at = 10 * number + 1
            text = f"{secret} {FILLER * chance.randint(1, 40)} {secret}"
            says(db, Text(text), at)
            says(db, Edit(at.to_bytes(16, "big"), f"changed{secret} {FILLER}"), at + 1)
            for more in range(2, 9):
                says(db, Text(f"{FILLER} {at + more}"), at + more)
        if indexed:
            index_all(db)

    def take_away(db):
        for number in range(len(secrets)):
            at = 10 * number + 1
            if number % 3 == 0:
                says(db, Delete(at.to_bytes(16, "big"), ((at + 1).to_bytes(16, "big"),)), at + 9)
            else:
                life.remove(db, chat_of(db), history.by_id(db, BOB, at.to_bytes(16, "big")))

    journal = path.with_name(f"{path.name}-wal")
    database.write(fill)
    before = plain.every_byte(path)
    assert all(secret.encode() in before for secret in secrets), "else nothing is proven"
    database.write(take_away)
    until(lambda: not journal.stat().st_size)
    after = plain.every_byte(path)
    assert [secret for secret in secrets if secret.encode() in after] == []
    assert FILLER.encode() in after
    database.close()


def test_an_edit_is_found_by_what_it_says_and_the_old_words_are_not(database):
    def scene(db):
        first = says(db, Text("apples"), 1)
        index_all(db)
        says(db, Edit(first.id, "pears"), 2)
        told = [found(db, "apples"), found(db, "pears")]
        says(db, Edit(first.id, "plums"), 4)
        says(db, Edit(first.id, "late"), 3)  # came later, and stands before
        told += [found(db, "pears"), found(db, "late"), found(db, "plums")]
        says(db, Delete(first.id), 5)
        return told, found(db, "plums")

    told, after = database.write(scene)
    assert told == [None, 1, None, None, 1]
    assert after is None


def test_an_edit_of_what_was_deleted_leaves_no_words(database):
    def scene(db):
        first = says(db, Text("gone"), 1)
        says(db, Delete(first.id), 3)
        late = says(db, Edit(first.id, "late words"), 2)
        removed = says(db, Text("not here"), 4)
        life.remove(db, chat_of(db), removed)
        later = says(db, Edit(removed.id, "later words"), 5)
        return [history.by_id(db, BOB, one.id) for one in (late, later)], lines(db)

    acts, [line] = database.write(scene)
    assert [one.kind for one in acts] == [contents.GONE, contents.GONE]
    assert line.is_deleted


def test_a_message_whose_deletion_came_first_is_deleted(database):
    def scene(db):
        says(db, Delete((2).to_bytes(16, "big")), 3)
        says(db, Text("too late"), 2)
        return lines(db)

    [line] = database.write(scene)
    assert (line.is_deleted, line.text) == (True, None)


def test_no_more_edits_count_than_a_person_makes(database):
    def scene(db):
        first = says(db, Text("one"), 1)
        for number in range(2, contents.MAX_EDITS + 10):
            says(db, Edit(first.id, f"edit {number}"), number)
        late = says(db, Edit(first.id, "came last, and stands before"), 999, lamport=1)
        whole = wholes.whole(db, first, every_edit=True)
        return whole.life.edits, wholes.whole(db, first).text, late

    edits, now, _late = database.write(scene)
    assert len(edits) == contents.MAX_EDITS
    assert edits[0].text == "came last, and stands before"
    assert now.text == edits[-1].text == f"edit {contents.MAX_EDITS}"


def test_what_is_deleted_here_while_it_waits_is_sent_as_gone(database):
    def scene(db):
        stored = own(db, Text("unsaid"), 1)
        pending.add(db, BOB, stored)
        life.remove(db, chat_of(db), stored)
        return lines(db), pending.after(db, BOB, 0, 9)

    shown, [entry] = database.write(scene)
    assert shown == []
    assert contents.decode(entry.kind, entry.body) == Gone()


def test_a_removed_message_never_comes_back(database):
    def scene(db):
        first = says(db, Text("hi"), 1)
        says(db, React(first.id, "👍"), 2)
        life.remove(db, chat_of(db), first)
        return says_again(db), lines(db)

    def says_again(db):
        kind, body = contents.encode(Text("hi"))
        return history.add_received(db, chat_of(db), BOB, (1).to_bytes(16, "big"), kind, 1, 0, body)

    assert database.write(scene) == (None, [])


def test_dropping_an_act_brings_back_what_was_before_it(database):
    def scene(db):
        first = says(db, Text("before"), 1)
        index_all(db)
        edit = says(db, Edit(first.id, "after"), 2)
        timer = says(db, Timer(60), 3)
        held = chats.timer_of(db, BOB)
        for one in (edit, timer):
            life.drop(db, chat_of(db), one.id)
        missing = life.drop(db, chat_of(db), b"?" * 16)
        return (
            held, chats.timer_of(db, BOB), wholes.whole(db, first).text.text,
            found(db, "before"), found(db, "after"), missing,
        )  # fmt: skip

    assert database.write(scene) == (60, 0, "before", 1, None, None)


def test_time_begins_for_others_words_when_seen_and_for_ours_when_somebody_has_them(database):
    def scene(db):
        theirs = says(db, Text("theirs", timer=60), 1)
        ours = own(db, Text("ours", timer=30), 2)
        says(db, Text("for ever"), 3)
        told = [life.waits_to_begin(db, ME)]
        chats.mark_read(db, BOB, theirs.id, ME)
        told += [life.begin(db, ME, 1_000), life.next_end(db)]
        history.set_state(db, chat_of(db), ME, [ours.id], State.DELIVERED)
        told += [life.begin(db, ME, 2_000), life.next_end(db), life.waits_to_begin(db, ME)]
        told += [life.ended(db, 32_000, 9), life.ended(db, 99_000, 9), life.ended(db, 99_000, 1)]
        return told, theirs.id, ours.id

    told, theirs, ours = database.write(scene)
    assert told == [
        False, [(1, theirs)], 61_000, [(1, ours)], 32_000, False,
        [(1, ours)], [(1, ours), (1, theirs)], [(1, ours)],
    ]  # fmt: skip

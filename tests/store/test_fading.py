"""A long text leaves the index in parts: nothing of it stays, and nothing else goes with it."""

from itertools import pairwise

import pytest

from engine.protocol.contents import Edit
from engine.store import fading, history, opening, search
from engine.store.database import Database
from tests.helpers import until
from tests.store import plain
from tests.store.conftest import KEY
from tests.store.words import (
    BOB,
    CAROL,
    fade_all,
    id_of,
    index_all,
    is_sound,
    number_of,
    rows_with,
    said,
    take_away,
)

PARTS = 5
COUNT = PARTS * fading.AT_ONCE - 7
LONG = " ".join(f"zr{n * 7919 % 100_003:06}ahasia{n:03}" for n in range(COUNT))
FIRST, LAST = LONG.split()[0], LONG.split()[-1]


def left_of_it(db):
    return db.execute(
        "SELECT count(DISTINCT term) FROM vocabulary WHERE term LIKE 'zr%ahasia%'"
    ).get


def test_each_mutation_takes_a_few_words_out(database):
    def scene(db):
        said(db, "stays")
        row = said(db, LONG)
        said(db, f"stays {FIRST}")
        index_all(db)
        take_away(db, [row])
        left = [left_of_it(db)]
        while search.is_fading(db):
            search.fade_some(db)
            left.append(left_of_it(db))
        return left, rows_with(db, FIRST), rows_with(db, "stays"), is_sound(db)

    left, with_first, stays, sound = database.write(scene)
    # The deletion itself does not wait; one word is in use elsewhere.
    assert left[0] == COUNT
    assert len(left) == PARTS + 1
    assert all(0 < before - after <= fading.AT_ONCE for before, after in pairwise(left))
    assert left[-1] == 1
    assert with_first == [3]
    assert stays == [1, 3]
    assert sound


def test_a_short_text_is_out_at_once(database):
    def scene(db):
        row = said(db, "kata " * 5_000 + " ".join(f"a{n}" for n in range(fading.AT_ONCE - 1)))
        index_all(db)
        take_away(db, [row])
        return search.is_fading(db), rows_with(db, "kata"), is_sound(db)

    assert database.write(scene) == (False, [], True)


def test_what_it_reads_as_then_is_put_in_when_the_last_old_word_is_out(database):
    """The new text has most of the old one's words: they must not go with those."""
    shorter = LONG.rsplit(maxsplit=2)[0]

    def scene(db):
        row = said(db, LONG)
        index_all(db)
        for text in ("between", shorter):  # edited twice before the first is gone
            said(db, Edit(id_of(row), text))
            latest = db.execute(
                "SELECT kind, body FROM message ORDER BY row DESC LIMIT 1 OFFSET 1"
            ).fetchone()
            search.forget(db, row, number_of(db), *latest)
            search.put(db, row, number_of(db), text)
        during = rows_with(db, "between")
        index_all(db)
        return during, [rows_with(db, w) for w in ("between", FIRST, LAST)], is_sound(db)

    assert database.write(scene) == ([], [[], [1], []], True)


def test_a_row_that_is_used_again_meanwhile_keeps_its_words(database):
    def scene(db):
        row = said(db, LONG)
        index_all(db)
        take_away(db, [row])
        again = said(db, f"new {LAST}", peer=CAROL)
        while search.index_some(db):
            pass
        before = rows_with(db, "new")
        fade_all(db)
        return again == row, before, rows_with(db, "new"), rows_with(db, LAST), left_of_it(db)

    assert database.write(scene) == (True, [], [1], [1], 1)


def test_many_long_texts_of_a_deleted_chat_leave_it_in_parts(database):
    def scene(db):
        for number in range(6):
            said(db, f"{LONG} own{number}")
        said(db, "short")
        said(db, "stays", peer=CAROL)
        index_all(db)
        history.erase_chat(db, BOB)
        during = left_of_it(db)
        index_all(db)
        return during, left_of_it(db), rows_with(db, "stays"), is_sound(db)

    assert database.write(scene) == (COUNT, 0, [8], True)


def test_an_index_that_is_begun_again_has_nothing_to_take_out(database):
    def scene(db):
        row = said(db, LONG)
        index_all(db)
        take_away(db, [row])
        search.begin_again(db)
        return search.is_fading(db), left_of_it(db)

    assert database.write(scene) == (False, 0)


@pytest.mark.parametrize(
    "text", ["ﬁn ẞ İZMİR ǅ Ω Å café cafe\u0301 e\u0301", "秘密。话 a\u0300\u0301b"]
)
def test_the_words_that_are_noted_are_folded_as_those_that_were_put_in(database, text):
    def scene(db):
        row = said(db, text)
        index_all(db)
        words = fading.words_of(db, text)
        fading.note(db, row, number_of(db), words)
        db.execute("DELETE FROM message")
        fade_all(db)
        return len(words), db.execute("SELECT count(*) FROM vocabulary").get

    count, left = database.write(scene)
    assert count > 1
    assert left == 0


def test_its_words_are_in_no_page_also_when_the_program_was_killed_between(monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "connect", plain.connect)
    path = tmp_path / "a.db"
    database = Database(path, KEY)
    row = database.write(lambda db: [said(db, LONG), said(db, "filler"), index_all(db)][0])
    assert FIRST.encode() in plain.every_byte(path), "else nothing is proven"
    database.write(lambda db: take_away(db, [row]))
    database.write(search.fade_some)
    killed = tmp_path / "killed.db"
    for end in ("", "-wal"):
        copy = killed.with_name(killed.name + end)
        copy.write_bytes(path.with_name(path.name + end).read_bytes())
    database.close()
    again = Database(killed, KEY)
    while again.read(search.is_fading):
        again.write(search.fade_some)
    until(lambda: not killed.with_name("killed.db-wal").stat().st_size)
    after = plain.every_byte(killed)
    assert [word for word in LONG.split() if word[:6].encode() in after] == []
    assert b"filler" in after
    assert again.write(is_sound)
    again.close()


def test_a_part_never_shows_its_words_by_accident():
    assert "secret" not in repr(fading.Part(1, 2, "secret", is_last=True))

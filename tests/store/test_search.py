"""The index follows what messages read: batch by batch, after edits, and not after deletions."""

import pytest

from engine.protocol import contents
from engine.protocol.contents import Edit, React
from engine.store import history, search
from tests.store.words import (
    BOB,
    CAROL,
    id_of,
    index_all,
    is_sound,
    number_of,
    rows_with,
    said,
    take_away,
)


def test_messages_are_indexed_in_batches_each_once(database):
    def scene(db):
        for number in range(7):
            said(db, f"satu dua{number}")
        more = []
        while search.is_behind(db):
            more.append((search.index_some(db, 3), search.indexed_up_to(db)))
        search.index_some(db)
        return more, rows_with(db, "satu"), is_sound(db)

    more, rows, sound = database.write(scene)
    assert [up_to for _, up_to in more] == [3, 6, 7]
    assert [is_more for is_more, _ in more] == [True, True, False]
    assert rows == [1, 2, 3, 4, 5, 6, 7]
    assert sound


def test_a_batch_ends_early_when_the_texts_are_long(database):
    def scene(db):
        for _ in range(9):
            said(db, "word " * 10_000)
        assert search.index_some(db)
        return search.indexed_up_to(db)

    assert 1 < database.write(scene) < 9


def test_only_lines_of_text_are_indexed_and_as_they_read_now(database):
    def scene(db):
        row = said(db, "before")
        said(db, Edit(id_of(row), "between"))
        said(db, Edit(id_of(row), "after"))
        said(db, Edit(id_of(row), "forged"), author=CAROL)
        said(db, React(id_of(row), "👍"))
        index_all(db)
        words = ("before", "between", "after", "forged")
        return [rows_with(db, word) for word in words], search.indexed_up_to(db)

    assert database.write(scene) == ([[], [], [1], []], 5)


def test_what_is_put_back_is_found_by_what_it_reads_then(database):
    def scene(db):
        row, other = said(db, "before"), said(db, "before")
        index_all(db)
        kind, body = db.execute("SELECT kind, body FROM message WHERE row = ?", (row,)).fetchone()
        search.forget(db, row, number_of(db), kind, body)
        search.put(db, row, number_of(db), "after")
        return rows_with(db, "before") == [other], rows_with(db, "after") == [row], is_sound(db)

    assert database.write(scene) == (True, True, True)


def test_what_is_not_in_the_index_yet_is_passed_over(database):
    def scene(db):
        said(db, "satu")
        index_all(db)
        row = said(db, "dua")
        kind, body = db.execute("SELECT kind, body FROM message WHERE row = ?", (row,)).fetchone()
        search.forget(db, row, number_of(db), kind, body)
        search.put(db, row, number_of(db), "tiga")
        before = rows_with(db, "tiga")
        index_all(db)
        return before, rows_with(db, "dua"), is_sound(db)

    assert database.write(scene) == ([], [2], True)


def test_a_row_that_is_used_again_is_indexed_again(database):
    """SQLite gives the number of a deleted last row to the next one."""

    def scene(db):
        for text in ("satu", "dua", "dua"):
            said(db, text)
        index_all(db)
        take_away(db, (2, 3))
        before = search.indexed_up_to(db)
        again = said(db, "tiga")
        index_all(db)
        return before, again, rows_with(db, "dua"), rows_with(db, "tiga"), is_sound(db)

    assert database.write(scene) == (1, 2, [], [2], True)


@pytest.mark.parametrize("messages", [3, search.ENOUGH_TO_BEGIN_AGAIN + 1])
def test_a_chat_that_is_deleted_leaves_nothing_in_the_index(database, messages):
    def scene(db):
        said(db, "stays with Carol", peer=CAROL)
        for _ in range(messages):
            row = said(db, "goes with Bob")
        said(db, Edit(id_of(row), "went with Bob"))
        index_all(db)
        history.erase_chat(db, BOB)
        gone = [rows_with(db, word) for word in ("goes", "went")]
        index_all(db)
        return gone, rows_with(db, "carol"), is_sound(db)

    assert database.write(scene) == ([[], []], [1], True)


def test_taking_out_what_is_not_in_it_begins_it_again(database):
    """FTS5 counts words, and calls its tables malformed when it comes to less than none."""

    def scene(db):
        row = said(db, "satu")
        said(db, "dua")
        index_all(db)
        kind, body = contents.encode(contents.Text("tiga " * 5_000))
        search.forget(db, row, number_of(db), kind, body)
        db.execute("DELETE FROM message WHERE row = ?", (row,))
        before = search.indexed_up_to(db)
        index_all(db)
        words = ("satu", "dua", "tiga")
        return before, [rows_with(db, word) for word in words], is_sound(db)

    assert database.write(scene) == (0, [[], [2], []], True)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE words_data SET block = x'ffffffffff' WHERE id > 10",  # pages
        "UPDATE words_data SET block = x'ffffffffff' WHERE id = 10",  # the list of segments
        "UPDATE words_data SET block = x'000000' WHERE id = 1",  # the totals
        "DELETE FROM words_data",
        "DELETE FROM words_config",
    ],
)
def test_a_damaged_index_fails_nobodys_deletion_edit_or_message(database, damage):
    def fill(db):
        for number in range(9):
            said(db, f"kata rahasia{number} " + " ".join(f"a{n}b{number}" for n in range(80)))
        for number in range(9):
            said(db, f"kata pendek{number}")
        index_all(db)

    database.write(fill)
    for act in (
        lambda db: take_away(db, [2]),
        lambda db: (take_away(db, [12]), said(db, "kata baru")),
        lambda db: take_away(db, [13, 3]),
    ):
        database.write(lambda db: db.execute(damage))
        database.write(act)
        database.write(index_all)
        assert database.write(is_sound)
    assert database.write(lambda db: rows_with(db, "kata")) == [1, *range(4, 12), *range(14, 20)]
    assert database.write(lambda db: rows_with(db, "rahasia1") + rows_with(db, "pendek2")) == []


def test_an_index_that_is_begun_again_leaves_no_traces_later(database):
    """The option that overwrites what is taken out may have been lost with the rest."""

    def scene(db):
        db.execute("DELETE FROM words_config WHERE k = 'secure-delete'")
        search.begin_again(db)
        said(db, "stays")
        row = said(db, "rahasia")
        index_all(db)
        take_away(db, [row])
        return [data for (data,) in db.execute("SELECT block FROM words_data") if b"rahas" in data]

    assert database.write(scene) == []


def test_the_number_of_a_deleted_chat_leads_to_none_of_its_words(database):
    def scene(db):
        said(db, "old words")
        index_all(db)
        number = number_of(db)
        history.erase_chat(db, BOB)
        said(db, "new words", peer=CAROL)
        assert number_of(db, CAROL) == number
        index_all(db)
        return rows_with(db, "old"), rows_with(db, "new")

    assert database.write(scene) == ([], [1])

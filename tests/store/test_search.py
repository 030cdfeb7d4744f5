"""The index follows what messages read: batch by batch, after edits, and not after deletions."""

import pytest

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

"""What was taken out of the index is in no page of the file: searched for byte by byte."""

import random

import pytest

from engine.store import history, opening, search, wordtraces
from engine.store.database import Database
from tests.store import plain
from tests.store.conftest import KEY
from tests.store.words import BOB, CAROL, index_all, is_sound, rows_with, said, take_away

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def plain_database(monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "connect", plain.connect)
    database = Database(tmp_path / "a.db", KEY)
    yield database
    database.close()


def fill(db, chance, texts):
    for text in texts:
        said(db, text)
        if chance.random() < 0.01:  # many small segments, which merge
            search.index_some(db)
    index_all(db)


def texts_of(chance, count):
    """Sentences of a small vocabulary; in every third stand two words of its own, which share
    their beginning with those of the others that go and with nothing else."""
    vocabulary = ["".join(chance.choices(LETTERS[:20], k=chance.randint(2, 9))) for _ in range(900)]
    texts = []
    for number in range(1, count + 1):
        words = chance.choices(vocabulary, k=chance.randint(3, 25))
        if number % 3 == 0:
            words += [
                f"zrahasia{chance.choice('pqr')}{number:07}",
                f"zdùnkel{number:07}",
                "秘密的话",
            ]
        texts.append(" ".join(words))
    return texts


TRACES = ("zrahasia", "zdunkel", "zdùnkel", "秘密", "zrahas", "zdunk")


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
def test_the_words_of_deleted_messages_are_in_no_page(plain_database, tmp_path, at_once):
    chance = random.Random(5)
    database = plain_database
    texts = texts_of(chance, 1_500)
    database.write(lambda db: fill(db, chance, texts))
    before = plain.every_byte(tmp_path / "a.db")
    assert all(trace.encode() in before for trace in TRACES), "else the test could not fail"

    rows = list(range(3, len(texts) + 1, 3))
    chance.shuffle(rows)
    for part in [rows] if at_once else [[row] for row in rows[:-200]] + [rows[-200:]]:
        database.write(lambda db, part=part: take_away(db, part))
    assert database.write(is_sound)
    kept = [number for number, text in enumerate(texts, 1) if texts[0].split()[0] in text.split()]
    found = database.read(lambda db: rows_with(db, texts[0].split()[0]))
    assert found == [row for row in kept if row % 3]
    database.close()
    after = plain.every_byte(tmp_path / "a.db")
    assert [trace for trace in TRACES if trace.encode() in after] == []


def test_the_words_of_a_deleted_chat_are_in_no_page(plain_database, tmp_path):
    database = plain_database
    many = search.ENOUGH_TO_BEGIN_AGAIN + 100
    chance = random.Random(6)

    def scene(db):
        for text in texts_of(chance, many):
            said(db, text)
        said(db, "tetap di sini", peer=CAROL)
        index_all(db)

    database.write(scene)
    assert TRACES[0].encode() in plain.every_byte(tmp_path / "a.db")
    database.write(lambda db: history.erase_chat(db, BOB))
    assert database.write(lambda db: (index_all(db), rows_with(db, "tetap"))[1]) == [many + 1]
    database.close()
    after = plain.every_byte(tmp_path / "a.db")
    assert [trace for trace in TRACES if trace.encode() in after] == []


def test_every_word_that_stays_is_found_after_the_signposts_changed(database):
    chance = random.Random(7)
    texts = [
        " ".join("z" + "".join(chance.choices("ab", k=chance.randint(2, 12))) for _ in range(30))
        for _ in range(600)
    ]

    def scene(db):
        fill(db, chance, texts)
        rows = chance.sample(range(1, 601), 500)
        take_away(db, rows)
        gone = set(rows)
        holding = {}
        for number, text in enumerate(texts, 1):
            for word in text.split():
                holding.setdefault(word, set())
                if number not in gone:
                    holding[word].add(number)
        return [
            word for word, rows in holding.items() if set(rows_with(db, word)) != rows
        ], is_sound(db)

    wrong, sound = database.write(scene)
    assert wrong == []
    assert sound


def test_words_are_folded_as_the_index_folds_them(database):
    def scene(db):
        found = wordtraces.words_in(db, "Café-ĐÀ nẵng, İZMİR!")
        said(db, "Café-ĐÀ nẵng, İZMİR!")
        index_all(db)
        return found, [rows_with(db, word) for _, _, word in found]

    found, rows = database.write(scene)
    assert [word for _, _, word in found][:3] == ["cafe", "đa", "nang"]
    assert "Café-ĐÀ nẵng".encode()[found[2][0] : found[2][1]].decode() == "nẵng"
    assert rows == [[1]] * len(found)

"""Whatever people type finds what holds it, newest first, and marks it where it stands."""

import random
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.protocol.contents import Delete, Edit
from engine.store import finding, search
from tests.store.words import BOB, CAROL, id_of, index_all, number_of, said, take_away

TEXTS = (
    "Sudah makan siang?",
    "Makanan itu enak sekali",
    "Café au lait, s'il vous plaît",
    "don't panic",
    "a/b testing c1",
    "你好世界",
    "Straße und Größe",
    "x\0y zéro\u0301",
)


def find(db, typed, *, only=None, never=(), before=None, limit=50):
    return finding.find(db, typed, only=only, never=never, before=before, limit=limit)


def rows(found):
    return [one.whole.stored.row for one in found]


def marked(found):
    return [piece.text for one in found for piece in one.snippet if piece.hit]


@pytest.fixture
def texts(database):
    def fill(db):
        for text in TEXTS:
            said(db, text)
        index_all(db)

    database.write(fill)
    return database


@pytest.mark.parametrize(
    ("typed", "expected", "hits"),
    [
        ("makan", [2, 1], ["Makanan", "makan"]),
        ("MAKAN SIANG", [1], ["makan", "siang"]),
        ("siang makan", [1], ["makan", "siang"]),
        ("cafe plait", [3], ["Café", "plaît"]),
        ("CAFÉ", [3], ["Café"]),
        ("cafe\u0301", [3], ["Café"]),
        ("don't", [4], ["don", "t"]),
        ("a", [5], ["a"]),
        ("au", [3], ["au"]),
        ("c1", [5], ["c1"]),
        ("你好", [6], ["你好世界"]),
        ("你", [6], ["你好世界"]),
        ("grosse", [], []),
        ("größe", [7], ["Größe"]),
        ("zero", [8], ["zéro\u0301"]),
        ("makan makanan", [2], ["Makanan"]),
        ("", [], []),
        ("  -- '' ", [], []),
        ("c", [], []),
    ],
)
def test_words_are_found_as_people_type_them(texts, typed, expected, hits):
    found = texts.read(lambda db: find(db, typed))
    assert rows(found) == expected
    assert marked(found) == hits


@pytest.mark.parametrize(
    "typed",
    [
        *('"', "'", '""', '"makan', "makan AND", "AND", "OR NOT", "NEAR(a b)", "text:makan"),
        *("place:c1", "c1", "{text}:x", "^makan", "makan*", "*", "-makan", "(", ")", "a + b"),
        *("\0", "makan\0siang", "%", ";", "--", "\u202e", "👍", "\ud7ff", "\ufffe", "'; DROP"),
        *(" ".join(f"w{number}" for number in range(300)), "m" * 1_000, "makan " * 300),
    ],
)
def test_nothing_that_is_typed_is_an_error(texts, typed):
    found = texts.read(lambda db: find(db, typed))
    assert isinstance(found, list)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_any_characters_are_words_or_nothing(texts, typed):
    for one in texts.read(lambda db: find(db, typed)):
        text = one.whole.text.text
        for piece in one.snippet:
            assert not piece.hit or piece.text in text


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(1, 7))
def test_the_same_is_found_as_by_looking_at_everything(database, chance, limit):
    words = ["aku", "akun", "kamu", "kámus", "d", "dia", "Dia", "ia"]
    texts = [" ".join(chance.choices(words, k=chance.randint(1, 4))) for _ in range(30)]
    typed = chance.choices(["aku", "kamu", "ka", "d", "di", "i", "dia kam", "ia aku"], k=4)

    def folded(text):
        plain = unicodedata.normalize("NFD", text.casefold())
        return "".join(one for one in plain if not unicodedata.combining(one)).split()

    def holds(text, query):
        return all(
            any(word == want or (len(want) > 1 and word.startswith(want)) for word in folded(text))
            for want in query.split()
        )

    def scene(db):
        db.execute("DELETE FROM message")
        search.begin_again(db)
        for number, text in enumerate(texts):
            said(db, text, peer=CAROL if number % 3 else BOB)
        index_all(db)
        pages = {}
        for query in typed:
            pages[query], before = [], None
            while page := find(db, query, before=before, limit=limit, only=number_of(db, CAROL)):
                pages[query] += rows(page)
                before = pages[query][-1]
        return pages

    for query, found in database.write(scene).items():
        expected = [n + 1 for n, text in enumerate(texts) if n % 3 and holds(text, query)]
        assert found == expected[::-1], query


def test_one_chat_alone_or_all_but_some(texts):
    def scene(db):
        elsewhere = said(db, "makan bersama", peer=CAROL)
        index_all(db)
        bob, carol = number_of(db), number_of(db, CAROL)
        return (
            elsewhere,
            rows(find(db, "makan")),
            rows(find(db, "makan", only=carol)),
            rows(find(db, "makan", never={carol})),
            rows(find(db, "makan", never={bob, carol})),
            rows(find(db, "makan", only=bob, never={carol})),
        )

    elsewhere, everywhere, there, not_there, nowhere, here = texts.write(scene)
    assert everywhere == [elsewhere, 2, 1]
    assert there == [elsewhere]
    assert not_there == here == [2, 1]
    assert nowhere == []


def test_what_was_deleted_or_reads_differently_is_not_found(texts):
    def scene(db):
        take_away(db, [1])
        row = said(db, "makan malam")
        said(db, Edit(id_of(row), "tidur"))
        gone = said(db, "makan pagi")
        said(db, Delete(id_of(gone)))  # and nobody has taken it out of the index
        index_all(db)
        return rows(find(db, "makan")), rows(find(db, "tidur"))

    assert texts.write(scene) == ([2], [9])


def test_an_index_that_is_wrong_shows_no_wrong_message(texts):
    """As if a message had gone without a word, and its row number had been used again."""

    def scene(db):
        db.execute("UPDATE message SET body = x'91a568656c6c6f' WHERE row = 2")
        db.execute("DELETE FROM message WHERE row = 1")
        return rows(find(db, "makan"))

    assert texts.write(scene) == []


LONG = "lorem ipsum " * 40 + "rahasia " + "dolor sit amet " * 40


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        (LONG, "rahasia"),
        (LONG, "lorem"),
        ("x" * 5_000 + " rahasia", "rahasia"),
        ("rahasia" * 500, "rahasia"),
        ("baris satu\n\n\tbaris dua", "dua"),
        ("你" * 3_000 + " rahasia", "rahasia"),
        ("rahasia " * 5_000, "rahasia"),
    ],
)
def test_a_snippet_is_a_short_line_around_the_first_hit(database, text, typed):
    def scene(db):
        said(db, text)
        index_all(db)
        return find(db, typed)[0].snippet

    pieces = database.write(scene)
    shown = "".join(piece.text for piece in pieces)
    assert any(piece.hit for piece in pieces)
    assert len(shown) <= finding.ABOUT + finding.BEFORE
    assert "\n" not in shown
    assert "\t" not in shown
    flat = " ".join(text.split())
    assert shown.strip("…") in flat
    assert shown.startswith("…") == (not flat.startswith(shown.strip("…")))
    assert shown.endswith("…") == (not flat.endswith(shown.strip("…")))


def test_a_hit_never_shows_its_words_by_accident(texts):
    [found] = texts.read(lambda db: find(db, "panic"))
    assert "panic" not in repr(found)


def test_a_question_walks_through_no_chat(database):
    """Counted in the rows that were looked at: those of the answer."""
    chance = random.Random(1)

    def scene(db):
        for _ in range(2_000):
            said(db, f"biasa {chance.randrange(100)}")
        index_all(db)
        looked = []
        db.exec_trace = lambda _cursor, sql, _bindings: looked.append(sql) or True
        found = find(db, "biasa", limit=10)
        db.exec_trace = None
        return len(found), len(looked)

    hits, statements = database.write(scene)
    assert hits == 10
    assert statements < 100

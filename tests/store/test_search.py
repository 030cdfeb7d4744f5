"""Words are found again, and are gone for good once they were taken out."""

from engine.protocol import contents
from engine.store import history, search
from engine.store.history import DIRECT
from tests.helpers import person

BOB, CAROL = (person(number).peer for number in (2, 3))


def receive(db, number, text, peer=BOB):
    chat = history.open_chat(db, peer, DIRECT, 0)
    body = contents.encode_text(text)
    stored = history.add_received(
        db, chat, peer, number.to_bytes(16, "big"), contents.TEXT, number, 0, body
    )
    return chat, stored


def index_all(db):
    """As if the index had been brought up to date."""
    rows = list(
        db.execute(
            "SELECT row, chat, kind, body FROM message WHERE row > ?", (search.indexed_up_to(db),)
        )
    )
    for row, chat, kind, body in rows:
        search._put_in(db, row, chat, search.text_of(kind, body))
        db.execute("UPDATE indexed SET row = ?", (row,))


def found(db, query):
    return [row for (row,) in db.execute("SELECT rowid FROM words WHERE words MATCH ?", (query,))]


def test_a_row_that_is_used_again_is_indexed_again(database):
    def scene(db):
        receive(db, 1, "satu")
        for number in (2, 3):
            receive(db, number, "dua")
        index_all(db)
        for row in (2, 3):
            chat, kind, body = db.execute(
                "SELECT chat, kind, body FROM message WHERE row = ?", (row,)
            ).fetchone()
            search.forget(db, row, chat, kind, body)
        db.execute("DELETE FROM message WHERE row > 1")
        _, again = receive(db, 4, "tiga")
        before = search.indexed_up_to(db)
        index_all(db)
        return before, again.row, found(db, "dua"), found(db, "tiga")

    assert database.write(scene) == (1, 2, [], [2])

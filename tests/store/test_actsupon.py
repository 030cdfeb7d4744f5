"""The acts that can count are found, however many others are heaped on top of them."""

from engine.protocol import contents
from engine.protocol.contents import Edit, Pin, React, Text
from engine.store import actsupon, history, wholes
from engine.store.history import DIRECT, GROUP, State, Stored
from tests.helpers import person
from tests.store.test_chats import BOB, GID, ME, says
from tests.store.test_wholes import own

CAROL = person(3).peer


def in_group(db, content, number, *, author=CAROL):
    chat = history.open_chat(db, GID, GROUP, 0)
    kind, body = contents.encode(content)
    id_ = number.to_bytes(16, "big")
    said = Stored(0, GID, author, id_, kind, number, 0, body, State.DELIVERED)
    return history.add_shown(db, chat, said, timer=0, me=ME)


def test_nobody_crowds_out_what_another_did(database):
    """Edits that do not count, pins of nothing, reactions without end."""

    def scene(db):
        first = own(db, Text("at five"), 1)
        own(db, Edit(first.id, "at seven"), 2)
        own(db, Pin(first.id, on=True), 3)
        own(db, React(first.id, "👍"), 4)
        for number in range(10, 3_010):
            says(db, Edit(first.id, "x"), number)
            says(db, Pin(number.to_bytes(16, "big"), on=False), number + 10_000)
        heaped = db.execute("SELECT count(*) FROM message WHERE target = ?", (first.id,)).get
        words = db.execute("SELECT count(*) FROM message WHERE kind = ?", (contents.EDIT,)).get
        chat = history.open_chat(db, BOB, DIRECT, 0)
        return wholes.whole(db, first), wholes.pinned(db, chat), heaped, words

    whole, pins, heaped, words = database.write(scene)
    assert (whole.text.text, whole.life.pinned) == ("at seven", True)
    assert whole.life.reactions == ((ME, "👍"),)
    assert len(pins) == 1
    assert words == 1, "what does not count is not kept"
    assert heaped < 3_010


def test_in_a_group_only_what_counts_is_looked_at(database):
    def scene(db):
        first = in_group(db, Text("at five"), 1, author=BOB)
        in_group(db, Edit(first.id, "at seven"), 2, author=BOB)
        in_group(db, React(first.id, "👍"), 3, author=BOB)
        for number in range(10, 1_010):
            in_group(db, Edit(first.id, "x"), number)
            in_group(db, React(first.id, "🎂" if number % 2 else "👍"), number + 10_000)
        chat = history.open_chat(db, GID, GROUP, 0)
        return list(actsupon.line(db, chat, first)), wholes.whole(db, first)

    acts, whole = database.write(scene)
    assert len(acts) == 3, "one edit, and one reaction of each"
    assert whole.text.text == "at seven"
    assert whole.life.reactions == ((BOB, "👍"), (CAROL, "🎂"))


def test_each_question_is_answered_by_an_index(database):
    def scene(db):
        first = says(db, Text("hi"), 1)
        chat = history.open_chat(db, BOB, DIRECT, 0)
        asked = []
        db.exec_trace = lambda _cursor, sql, bindings: asked.append((sql, bindings)) or True
        list(actsupon.line(db, chat, first))
        actsupon.edits(db, chat, first, without=first.id)
        actsupon.has_any(db, chat, first.id)
        db.exec_trace = None
        return [
            f"{sql} -> {line[3]}"
            for sql, bindings in asked
            for line in db.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)
        ]

    plans = database.write(scene)
    assert plans
    for plan in plans:
        assert "SCAN message" not in plan, plan

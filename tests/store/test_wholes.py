"""Messages as they are now: joined with what was done to them, and with what they answer."""

from engine.protocol import contents
from engine.protocol.contents import Delete, Edit, Gone, Pin, React, Text
from engine.store import history, life, wholes
from engine.store.history import DIRECT
from tests.store.test_chats import BOB, ME, says


def page(db):
    return wholes.wholes(db, history.page(db, BOB, None, 50))


def own(db, content, number):
    chat = history.open_chat(db, BOB, DIRECT, 0)
    kind, body = contents.encode(content)
    stored = history.add_own(db, chat, ME, number.to_bytes(16, "big"), kind, 0, body, None)
    life.follow(db, chat, stored)
    return stored


def test_a_page_comes_with_all_that_was_done_to_each(database):
    def scene(db):
        first, second = says(db, Text("one"), 1), says(db, Text("two"), 2)
        own(db, React(first.id, "👍"), 3)
        says(db, Edit(second.id, "2"), 4)
        own(db, Edit(second.id, "three"), 5)  # not ours to change
        own(db, Pin(first.id, on=True), 6)
        return page(db)

    one, two = database.write(scene)
    assert (one.text.text, one.life.reactions, one.life.pinned) == ("one", ((ME, "👍"),), True)
    assert (two.text.text, two.life.pinned) == ("2", False)


def test_an_answer_brings_what_it_answers_also_from_another_page(database):
    def scene(db):
        first = says(db, Text("one"), 1)
        answer = says(db, Text("yes", first.id), 2)
        unknown = says(db, Text("what?", b"?" * 16), 3)
        says(db, Edit(first.id, "uno"), 4)
        return [wholes.whole(db, one) for one in (answer, unknown)]

    answer, unknown = database.write(scene)
    assert answer.quoted.text.text == "uno"
    assert unknown.quoted is None


def test_an_act_cannot_be_quoted(database):
    def scene(db):
        first = says(db, Text("one"), 1)
        act = own(db, React(first.id, "👍"), 2)
        return wholes.whole(db, says(db, Text("to that", act.id), 3)).quoted

    assert database.write(scene) is None


def test_what_was_deleted_before_it_was_sent_is_a_deleted_line(database):
    def scene(db):
        says(db, Gone(), 1)
        says(db, Gone(bytes(16)), 2)
        return page(db)

    [line] = database.write(scene)
    assert (line.is_deleted, line.text) == (True, None)


def test_pins_stand_in_the_order_of_pinning_without_what_is_gone(database):
    def scene(db):
        one, two, three = (says(db, Text(str(n)), n) for n in (1, 2, 3))
        for number, stored in ((4, two), (5, one), (6, three)):
            own(db, Pin(stored.id, on=True), number)
        says(db, Delete(three.id), 7)
        chat = history.open_chat(db, BOB, DIRECT, 0)
        before = [one.id for one in wholes.pinned(db, chat)]
        own(db, Pin(one.id, on=False), 8)
        return before, [stored.id for stored in wholes.pinned(db, chat)], one.id, two.id

    before, after, one, two = database.write(scene)
    assert (before, after) == ([one, two], [two])


def test_only_the_latest_reaction_of_somebody_is_looked_at_again(database):
    """Somebody who reacts ten thousand times does not make the page slow."""

    def scene(db):
        first = says(db, Text("one"), 1)
        for number in range(2, 40):
            says(db, React(first.id, "👍" if number % 2 else "🎂"), number)
        left = db.execute("SELECT count(*) FROM message WHERE target = ?", (first.id,)).get
        return left, wholes.whole(db, first).life.reactions

    assert database.write(scene) == (1, ((BOB, "👍"),))

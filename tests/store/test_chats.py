"""Chats as a list shows them: drafts, timers, pins, mentions, and what was looked at."""

from engine.protocol import contents
from engine.protocol.contents import Edit, Mention, Pin, Text, Timer
from engine.store import chats, history, life
from engine.store.history import DIRECT, GROUP, State, Stored
from tests.helpers import person

ME, BOB, CAROL = (person(number).peer for number in (1, 2, 3))
GID = b"g" * 32


def says(db, content, number, *, author=BOB, key=BOB, lamport=None):
    chat = history.open_chat(db, key, DIRECT, 0)
    kind, body = contents.encode(content)
    stored = history.add_received(
        db, chat, author, number.to_bytes(16, "big"), kind, lamport or number, 0, body
    )
    life.follow(db, chat, stored)
    return stored


def listed(db, key=BOB):
    return chats.chats(db, ME, key)[0]


def test_a_draft_is_kept_with_what_it_answers_and_only_a_change_is_told(database):
    def scene(db):
        says(db, Text("hi"), 1)
        changed = [chats.set_draft(db, BOB, *draft) for draft in (("a", None), ("a", None))]
        changed.append(chats.set_draft(db, BOB, "a", bytes(16)))
        return changed, listed(db), chats.set_draft(db, CAROL, "nobody", None)

    changed, row, unknown = database.write(scene)
    assert (changed, unknown) == ([True, False, True], False)
    assert (row.draft, row.draft_reply) == ("a", bytes(16))
    assert "a" not in repr(row).replace("ChatRow", "").replace("unread", "")


def test_the_last_timer_in_the_order_of_the_chat_holds_whenever_it_came(database):
    def scene(db):
        says(db, Timer(60), 2, lamport=5)
        says(db, Timer(120), 1, lamport=4)
        return chats.timer_of(db, BOB), listed(db).timer, chats.timer_of(db, CAROL)

    assert database.write(scene) == (60, 60, 0)


def test_a_line_of_the_timer_is_the_last_line_and_nothing_unread(database):
    def scene(db):
        says(db, Text("hi"), 1)
        says(db, Timer(60), 2)
        return listed(db)

    row = database.write(scene)
    assert (row.unread, row.last.stored.kind) == (1, contents.TIMER)


def test_the_last_line_reads_as_it_reads_now_and_acts_are_no_lines(database):
    def scene(db):
        first = says(db, Text("helo"), 1)
        says(db, Edit(first.id, "hello"), 2)
        says(db, Pin(first.id, on=True), 3)
        return listed(db)

    row = database.write(scene)
    assert (row.last.text.text, row.unread, row.pins) == ("hello", 1, 1)


def test_what_was_looked_at_is_the_last_of_each_author_and_told_once(database):
    def scene(db):
        first = says(db, Text("one"), 1)
        last = says(db, Text("two"), 2)
        says(db, Pin(first.id, on=True), 3)
        return (
            chats.mark_read(db, BOB, last.id, ME),
            chats.mark_read(db, BOB, first.id, ME),
            chats.mark_read(db, BOB, b"?" * 16, ME),
            last,
        )

    seen, again, unknown, last = database.write(scene)
    assert (seen, again, unknown) == ({BOB: last.id}, {}, None)


def test_a_mention_of_us_shows_until_it_was_looked_at(database):
    def scene(db):
        chat = history.open_chat(db, GID, GROUP, 0)
        told = []
        for number, (author, named) in enumerate([(BOB, CAROL), (BOB, ME), (ME, ME)], start=1):
            kind, body = contents.encode(Text("@X", mentions=(Mention(0, 2, named),)))
            id_ = bytes([number]) * 16
            said = Stored(0, GID, author, id_, kind, number, 0, body, State.DELIVERED)
            history.add_shown(db, chat, said, timer=0, me=ME)
            told.append(listed(db, GID).names_me)
        chats.mark_read(db, GID, bytes([2]) * 16, ME)
        return told, listed(db, GID).names_me

    assert database.write(scene) == ([False, True, True], False)

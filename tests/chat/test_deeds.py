"""What may be asked for: checked before anything is stored, and again in the transaction."""

import pytest

from engine.chat import deeds
from engine.chat.errors import Refused
from engine.protocol import contents
from engine.protocol.contents import Delete, Edit, Mention, Text, Timer
from engine.store import history
from engine.store.database import Database
from engine.store.history import DIRECT
from tests.store.conftest import KEY
from tests.store.test_chats import BOB, ME, says
from tests.store.test_wholes import own


@pytest.fixture
def ask(tmp_path):
    """What a wish becomes in a chat where Bob said 1 and we said 2; the code of a refusal."""
    database = Database(tmp_path / "deeds.db", KEY)

    def first(db):
        return says(db, Text("theirs"), 1).id, own(db, Text("ours"), 2).id

    theirs, ours = database.write(first)

    def asked(wish):
        def mutation(db):
            chat = history.open_chat(db, BOB, DIRECT, 0)
            try:
                return wish(theirs, ours)(db, chat)
            except Refused as refused:
                return refused.code

        return database.write(mutation)

    asked.database = database
    yield asked
    database.close()


def test_a_wish_becomes_what_is_said(ask):
    theirs, ours = (number.to_bytes(16, "big") for number in (1, 2))
    assert ask(lambda t, o: deeds.text("hi", t)) == Text("hi", theirs)
    assert ask(lambda t, o: deeds.text("hi", None, forwarded=True)) == Text("hi", forwarded=True)
    assert ask(lambda t, o: deeds.edit(ME, o, "new", ())) == Edit(ours, "new")
    assert ask(lambda t, o: deeds.delete(ME, o)) == Delete(ours)
    assert ask(lambda t, o: deeds.timer(60)) == Timer(60)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (lambda t, o: deeds.text("hi", b"?" * 16), "not_found"),
        (lambda t, o: deeds.edit(ME, t, "mine", ()), "not_allowed"),
        (lambda t, o: deeds.delete(ME, t), "not_allowed"),
        (lambda t, o: deeds.react(b"?" * 16, "👍"), "not_found"),
        (lambda t, o: deeds.pin(b"?" * 16, on=True), "not_found"),
    ],
)
def test_what_is_not_there_or_not_ours_is_declined(ask, wish, code):
    assert ask(wish) == code


def test_a_text_stays_as_long_as_the_chat_says(ask):
    ask.database.write(lambda db: says(db, Timer(90), 3))
    assert ask(lambda t, o: deeds.text("hi", None)) == Text("hi", timer=90)


def test_a_deletion_names_every_edit_and_edits_have_an_end(ask):
    def change(db):
        ours = (2).to_bytes(16, "big")
        return [own(db, Edit(ours, f"{n}"), 100 + n).id for n in range(contents.MAX_EDITS)]

    edits = ask.database.write(change)
    assert ask(lambda t, o: deeds.delete(ME, o)).edits == tuple(edits)
    assert ask(lambda t, o: deeds.edit(ME, o, "once more", ())) == "too_many"


@pytest.mark.parametrize(
    "mentions",
    [
        [Mention(0, 0, BOB)],
        [Mention(4, 2, BOB)],
        [Mention(0, 3, BOB), Mention(2, 1, BOB)],
        [Mention(0, 1, BOB)] * 17,
    ],
)
def test_what_names_somebody_is_a_part_of_the_text(mentions):
    with pytest.raises(Refused) as refused:
        deeds.text("@Bob!", None, mentions)
    assert refused.value.code == "bad_request"


@pytest.mark.parametrize("emoji", ["yes", " ", "👍" * 17, "a👍"])
def test_a_reaction_is_an_emoji(emoji):
    with pytest.raises(Refused):
        deeds.react(bytes(16), emoji)

"""What people do with messages, between two programs: each act seen by both, and kept by both."""

import dataclasses

import pytest

from engine.chat import events
from engine.chat.errors import Refused
from tests.chat.people import become_friends
from tests.helpers import until


@pytest.fixture
def pair(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    return alice, bob


def told(message):
    """What both sides see alike."""
    plain = message.as_json()
    for name in ("own", "state", "chat", "ends_at"):
        del plain[name]
    for reaction in plain["reactions"]:
        reaction.pop("own")
        reaction["people"] = sorted(one["address"] for one in reaction["people"])
    if plain["quote"]:
        del plain["quote"]["own"], plain["quote"]["author_name"]
    if plain["system"]:
        plain["system"] = (plain["system"]["what"], plain["system"]["who"])
        plain["text"] = ""
    for mention in plain["mentions"]:
        del mention["name"]
    return plain


def alike(alice, bob):
    return [told(one) for one in alice.history(bob)] == [told(one) for one in bob.history(alice)]


def with_secrets(db):
    return db.execute("SELECT count(*) FROM message WHERE instr(body, 'secret')").get


def refusal(act, *arguments, **options):
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    return refused.value.code


def test_an_answer_quotes_what_it_answers_as_it_reads_now(pair):
    alice, bob = pair
    question = alice.says(bob, "When?")
    until(lambda: bob.read(alice) == ["When?"])
    answer = bob.says(alice, "At five", reply_to=question.id)
    assert (answer.quote.text, answer.quote.kind, answer.quote.own) == ("When?", "text", False)
    alice.node.edit(bob.address, question.id, "When do we meet?")
    until(lambda: alike(alice, bob) and len(bob.history(alice)) == 2)
    assert [one.quote and one.quote.text for one in bob.history(alice)] == [
        None,
        "When do we meet?",
    ]
    alice.node.delete_message(bob.address, question.id, for_everyone=True)
    until(lambda: bob.history(alice)[0].kind == "deleted")
    [_gone, answered] = bob.history(alice)
    assert (answered.quote.kind, answered.quote.text) == ("deleted", "")
    assert alike(alice, bob)


def test_edits_are_shown_with_their_history(pair):
    alice, bob = pair
    said = alice.says(bob, "helo")
    changed = alice.node.edit(bob.address, said.id, "hello")
    alice.node.edit(bob.address, said.id, "hello!")
    assert (changed.text, changed.edited_at is not None) == ("hello", True)
    until(lambda: bob.read(alice) == ["hello!"])
    for who, other in ((alice, bob), (bob, alice)):
        versions = who.node.edits(other.address, said.id)
        assert [one.text for one in versions] == ["helo", "hello", "hello!"]
    assert [one.message.text for one in bob.hear(events.MessageChanged)] == ["hello", "hello!"]
    assert refusal(bob.node.edit, alice.address, said.id, "goodbye") == "not_allowed"


def test_one_reaction_of_each_counts_and_can_be_taken_back(pair):
    alice, bob = pair
    said = alice.says(bob, "Cake?")
    until(lambda: bob.read(alice) == ["Cake?"])
    bob.node.react(alice.address, said.id, "🎂")
    bob.node.react(alice.address, said.id, "👍")
    alice.node.react(bob.address, said.id, "👍")
    until(lambda: alike(alice, bob) and len(alice.history(bob)[0].reactions) == 1)
    [reaction] = alice.history(bob)[0].reactions
    assert (reaction.emoji, reaction.own, len(reaction.people)) == ("👍", True, 2)
    assert {one.name for one in reaction.people} == {"", "Bob"}
    bob.node.react(alice.address, said.id, "")
    until(lambda: [len(one.people) for one in alice.history(bob)[0].reactions] == [1])
    assert alike(alice, bob)
    assert refusal(bob.node.react, alice.address, said.id, "yes") == "bad_request"


def test_pins_and_their_bar(pair):
    alice, bob = pair
    first, second = alice.says(bob, "one"), alice.says(bob, "two")
    until(lambda: bob.read(alice) == ["one", "two"])
    bob.node.pin(alice.address, first.id, on=True)
    bob.node.pin(alice.address, second.id, on=True)
    until(lambda: len(alice.node.pins(bob.address)) == 2)
    assert [one.text for one in alice.node.pins(bob.address)] == ["two", "one"]
    assert alice.node.chats()[0].pins == 2
    alice.node.pin(bob.address, second.id, on=False)
    until(lambda: [one.text for one in bob.node.pins(alice.address)] == ["one"])
    assert alike(alice, bob)


def test_what_is_deleted_for_everyone_is_gone_on_both_sides_and_stays_gone(pair):
    alice, bob = pair
    said = alice.says(bob, "my secret")
    alice.node.edit(bob.address, said.id, "my deep secret")
    alice.node.react(bob.address, said.id, "🤐")
    until(lambda: bob.read(alice) == ["my deep secret"])
    assert refusal(bob.node.delete_message, alice.address, said.id, for_everyone=True) == (
        "not_allowed"
    )
    alice.node.delete_message(bob.address, said.id, for_everyone=True)
    until(lambda: bob.history(alice)[0].kind == "deleted")
    for someone in (alice, bob):
        someone.restart()
        assert someone.node._database.read(with_secrets) == 0
    [line] = bob.history(alice)
    assert (line.kind, line.text, line.reactions, line.edited_at) == ("deleted", "", (), None)
    assert alike(alice, bob)
    assert refusal(alice.node.edit, bob.address, said.id, "again") == "gone"
    assert refusal(alice.node.react, bob.address, said.id, "👍") == "gone"
    assert refusal(alice.node.edits, bob.address, said.id) == "gone"


def test_what_is_deleted_for_me_stays_with_the_other_and_never_comes_back(pair):
    alice, bob = pair
    said = alice.says(bob, "keep this")
    until(lambda: alice.states(bob) == ["delivered"])
    bob.node.delete_message(alice.address, said.id, for_everyone=False)
    assert bob.read(alice) == []
    alice.node.edit(bob.address, said.id, "keep this!")
    alice.says(bob, "next")
    until(lambda: bob.read(alice) == ["next"])
    assert alice.read(bob) == ["keep this!", "next"]
    assert [one.id for one in bob.hear(events.MessageRemoved)] == [said.id]
    query = "SELECT count(*) FROM message WHERE instr(body, 'keep')"
    assert bob.node._database.read(lambda db: db.execute(query).get) == 0


def test_words_deleted_before_they_were_sent_are_never_sent(pair):
    alice, bob = pair
    bob.stop()
    until(lambda: not alice.is_linked(bob))
    said = alice.says(bob, "unsaid")
    other = alice.says(bob, "said")
    hidden = alice.says(bob, "unsaid, too")
    alice.node.delete_message(bob.address, said.id, for_everyone=True)
    alice.node.delete_message(bob.address, hidden.id, for_everyone=False)
    bob.start()
    until(lambda: "said" in bob.read(alice))
    assert [one.kind for one in bob.history(alice)] == ["deleted", "text", "deleted"]
    assert [one.text for one in bob.history(alice)] == ["", "said", ""]
    assert [(one.kind, one.text) for one in alice.history(bob)] == [
        ("deleted", ""),
        ("text", "said"),
    ]
    assert other.id in {one.id for one in bob.history(alice)}


def test_a_forwarded_text_says_so(pair, people):
    alice, bob = pair
    said = alice.says(bob, "news")
    again = alice.node.forward(bob.address, bob.address, said.id)
    assert (again.text, again.forwarded, again.id != said.id) == ("news", True, True)
    until(lambda: [one.forwarded for one in bob.history(alice)] == [False, True])
    assert alike(alice, bob)


def test_a_timer_is_a_line_for_both_and_holds_for_what_is_said_after_it(pair):
    alice, bob = pair
    alice.says(bob, "before")
    alice.node.change_chat(bob.address, timer=3_600)
    until(lambda: bob.node.chats()[0].timer == 3_600)
    after = bob.says(alice, "after")
    assert (after.timer, after.ends_at) == (3_600, None)
    until(lambda: alike(alice, bob) and len(alice.history(bob)) == 3)
    line = alice.history(bob)[1]
    assert (line.kind, line.system.what, line.system.seconds) == ("system", "timer", 3_600)
    assert alice.node.chats()[0].unread == 1, "the line is nothing to read"
    until(lambda: bob.history(alice)[2].ends_at is not None)
    assert alice.history(bob)[2].ends_at is None, "not looked at yet"
    alice.node.change_chat(bob.address, read=after.id)
    until(lambda: alice.history(bob)[2].ends_at is not None)
    assert refusal(alice.node.change_chat, bob.address, timer=2) == "bad_request"


def test_drafts_survive_a_restart(pair):
    alice, bob = pair
    said = alice.says(bob, "hi")
    alice.node.change_chat(bob.address, draft=("and then", said.id))
    alice.restart()
    [chat] = alice.node.chats()
    assert (chat.draft.text, chat.draft.reply_to) == ("and then", said.id)
    alice.node.change_chat(bob.address, draft=("", None))
    assert alice.node.chats()[0].draft is None


def test_having_read_is_told_also_later_and_only_by_who_wants_it(pair):
    alice, bob = pair
    first = alice.says(bob, "one")
    until(lambda: alice.states(bob) == ["delivered"])
    bob.node.change_chat(alice.address, read=first.id)
    until(lambda: alice.states(bob) == ["read"])
    second = alice.says(bob, "two")
    until(lambda: alice.states(bob) == ["read", "delivered"])
    alice.stop()
    until(lambda: not bob.is_linked(alice))
    bob.node.change_chat(alice.address, read=second.id)
    alice.start()
    until(lambda: alice.states(bob) == ["read", "read"])
    bob.node.set_attention(receipts=False)
    assert not bob.node.me().receipts
    third = alice.says(bob, "three")
    until(lambda: alice.states(bob)[-1] == "delivered")
    bob.node.change_chat(alice.address, read=third.id)
    bob.says(alice, "I saw it")
    until(lambda: alice.read(bob)[-1] == "I saw it")
    assert alice.states(bob) == ["read", "read", "delivered"]


def test_writing_is_told_and_forgotten(pair):
    alice, bob = pair
    alice.node.change_chat(bob.address, typing=True)
    until(lambda: bob.hear(events.TypingChanged))
    [writing] = bob.hear(events.TypingChanged)
    assert (writing.chat, [one.name for one in writing.people]) == (alice.address, ["Alice"])
    alice.says(bob, "there")
    until(lambda: len(bob.hear(events.TypingChanged)) == 2)
    assert bob.hear(events.TypingChanged)[1].people == ()
    bob.node.set_attention(typing=False)
    alice.node.change_chat(bob.address, typing=False)
    alice.node.change_chat(bob.address, typing=True)
    alice.says(bob, "and again")
    until(lambda: bob.read(alice)[-1] == "and again")
    assert len(bob.hear(events.TypingChanged)) == 2


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda node, chat, line: node.edit(chat, line, "x"), "not_allowed"),
        (lambda node, chat, line: node.react(chat, line, "👍"), "not_allowed"),
        (lambda node, chat, line: node.pin(chat, line, on=True), "not_allowed"),
        (
            lambda node, chat, line: node.delete_message(chat, line, for_everyone=True),
            "not_allowed",
        ),
        (lambda node, chat, line: node.forward(chat, chat, line), "not_allowed"),
    ],
)
def test_a_line_of_the_timer_can_only_be_looked_at(pair, act, code):
    alice, bob = pair
    alice.node.change_chat(bob.address, timer=60)
    [line] = alice.history(bob)
    assert refusal(act, alice.node, bob.address, line.id) == code


def test_crossing_acts_end_alike(pair):
    alice, bob = pair
    said = alice.says(bob, "start")
    until(lambda: bob.read(alice) == ["start"])
    alice.cut(bob)
    alice.node.edit(bob.address, said.id, "start again")
    bob.node.react(alice.address, said.id, "👍")
    bob.node.pin(alice.address, said.id, on=True)
    alice.node.pin(bob.address, said.id, on=False)
    alice.node.change_chat(bob.address, timer=60)
    bob.node.change_chat(alice.address, timer=120)
    alice.node.delete_message(bob.address, said.id, for_everyone=True)
    bob.says(alice, "meanwhile", reply_to=said.id)
    until(lambda: alike(alice, bob) and len(alice.history(bob)) == 4)
    assert alice.node.chats()[0].timer == bob.node.chats()[0].timer
    assert dataclasses.asdict(alice.history(bob)[-1])["timer"] in (60, 120)

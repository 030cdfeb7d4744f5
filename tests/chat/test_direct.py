"""Messages between two people: kept, acknowledged, in one order, and shown exactly once."""

import gevent
import msgpack
import pytest

from engine.protocol import contents, records
from tests.chat.people import agree, become_friends, calls_again, friend, stranger
from tests.chat.saying import message, refusal, states_told, texts_told
from tests.helpers import until
from tests.net.talking import hello

HARD_TEXTS = [
    "x" * contents.MAX_TEXT,
    "🧑‍🚀" * (contents.MAX_TEXT // len("🧑‍🚀".encode())),
    "\u202eright to left\u202c \u0000 \ufeff \ufffe \U0010ffff",
    "e\u0301 é ﬁ Å \r\n\t line\u2028separator",
    " ",
    "<script>alert(1)</script> '; DROP TABLE message; --",
]


# -- there and back


def test_messages_go_both_ways_and_are_ticked(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    sent = alice.says(bob, "one")
    assert (sent.own, sent.kind, sent.text) == (True, "text", "one")
    until(lambda: alice.states(bob) == ["delivered"])
    until(lambda: states_told(alice, sent) == ["sent", "delivered"])
    bob.says(alice, "two")
    until(lambda: bob.states(alice) == ["delivered"])
    assert alice.read(bob) == bob.read(alice) == ["one", "two"]
    [got] = [one for one in bob.history(alice) if not one.own]
    assert (got.id, got.author, got.at, got.state) == (sent.id, alice.address, sent.at, "delivered")


def test_both_sides_show_the_same_order_when_messages_cross(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    for number in range(20):
        gevent.joinall(
            [
                gevent.spawn(alice.says, bob, f"a{number}"),
                gevent.spawn(bob.says, alice, f"b{number}"),
            ],
            raise_error=True,
        )
    until(lambda: len(alice.history(bob)) == len(bob.history(alice)) == 40)
    assert agree(alice, bob)
    for one, other in ((alice, bob), (bob, alice)):
        own = [text for text in one.read(other) if text[0] == one.name[0].lower()]
        assert own == [f"{one.name[0].lower()}{number}" for number in range(20)]


def test_messages_written_apart_stand_in_the_same_order_on_both_sides(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.stop()
    for number in range(3):
        bob.says(alice, f"b{number}")
    bob.stop()
    alice.start()
    for number in range(3):
        alice.says(bob, f"a{number}")
    bob.start()
    until(lambda: len(alice.history(bob)) == len(bob.history(alice)) == 6)
    assert agree(alice, bob)
    assert sorted(alice.read(bob)[:2]) == ["a0", "b0"], "by logical time, not by who wrote"


def test_sends_from_many_greenlets_keep_the_order_in_which_they_were_asked_for(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    gevent.joinall([gevent.spawn(alice.says, bob, str(n)) for n in range(300)], raise_error=True)
    until(lambda: len(bob.history(alice)) == 300, seconds=20)
    assert bob.read(alice) == [str(number) for number in range(300)]
    assert texts_told(bob) == bob.read(alice)


@pytest.mark.parametrize("text", HARD_TEXTS, ids=lambda text: f"{len(text)}-{text[:2]!a}")
def test_any_text_arrives_byte_for_byte(people, text):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.says(bob, text)
    until(lambda: bob.history(alice))
    assert bob.read(alice)[0].encode() == text.encode()
    assert alice.read(bob)[0].encode() == text.encode()


def test_what_cannot_be_a_message_is_refused_and_leaves_no_trace(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    assert refusal(alice.says, bob, "") == "bad_request"
    assert refusal(alice.says, bob, "x" * (contents.MAX_TEXT + 1)) == "too_long"
    assert refusal(alice.says, bob, "é" * (contents.MAX_TEXT // 2 + 1)) == "too_long"
    assert refusal(alice.says, bob, "half \ud83d a pair") == "bad_request"
    assert refusal(alice.says, bob, "hi", key="") == "bad_request"
    assert refusal(alice.says, bob, "hi", key="k" * 201) == "bad_request"
    assert refusal(alice.says, bob, "hi", reply_to="zz") == "not_found"
    assert refusal(alice.says, bob, "hi", reply_to="00" * 16) == "not_found"
    assert refusal(alice.says, carol, "hi") == "not_contact"
    assert refusal(alice.node.send, "nobody", "hi") == "not_found"
    assert alice.history(bob) == []
    assert texts_told(alice) == []


def test_an_answer_names_the_same_message_on_both_sides(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    question = alice.says(bob, "where?")
    until(lambda: bob.history(alice))
    bob.says(alice, "here", reply_to=question.id)
    until(lambda: len(alice.history(bob)) == 2)
    assert [one.history(other)[1].reply_to for one, other in ((alice, bob), (bob, alice))] == [
        question.id
    ] * 2


# -- said once


def test_a_send_repeated_under_the_same_key_is_one_message_also_after_a_restart(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    first = alice.says(bob, "once", key="k1")
    assert alice.says(bob, "once", key="k1").id == first.id
    at_once = [gevent.spawn(alice.says, bob, "again", key="k2") for _ in range(5)]
    gevent.joinall(at_once, raise_error=True)
    assert len({one.value.id for one in at_once}) == 1
    alice.restart()
    assert alice.says(bob, "once", key="k1").id == first.id
    alice.says(bob, "other")
    until(lambda: alice.states(bob) == ["delivered"] * 3)
    assert bob.read(alice) == ["once", "again", "other"]


def test_a_key_counts_within_its_own_chat(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(alice, carol)
    assert alice.says(bob, "to Bob", key="k").id != alice.says(carol, "to Carol", key="k").id


def test_a_message_sent_again_after_a_lost_acknowledgement_is_shown_once(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    talker.say(message(1), message(2))
    assert talker.hear(records.Ack).seq == 2
    talker.reset()
    again = calls_again(bob, 9)
    again.say(message(1), message(2), message(3))
    assert again.hear(records.Ack).seq == 3
    assert [one.text for one in bob.node.messages(again.address)] == [
        "number 1",
        "number 2",
        "number 3",
    ]
    assert texts_told(bob) == ["number 1", "number 2", "number 3"]


def test_numbers_that_begin_again_lose_nothing_since_the_id_alone_decides(people):
    """A copied data folder, or a restored backup, would use its numbers twice."""
    bob = people("Bob")
    talker = friend(bob, 9)
    talker.say(message(1), message(2))
    assert talker.hear(records.Ack).seq == 2
    talker.hang_up()
    again = calls_again(bob, 9)
    again.say(message(1, "another", id_=b"a" * 16), message(2))
    assert again.hear(records.Ack).seq == 2
    assert sorted(one.text for one in bob.node.messages(again.address)) == [
        "another",
        "number 1",
        "number 2",
    ]


def test_what_the_other_wrote_under_my_id_does_not_touch_mine(people):
    """An id names one message of a chat: who uses ours again says nothing by it."""
    bob = people("Bob")
    talker = friend(bob, 9)
    mine = bob.node.send(talker.address, "mine")
    talker.say(message(1, "theirs", id_=bytes.fromhex(mine.id)))
    assert talker.hear(records.Ack).seq == 1
    assert [one.text for one in bob.node.messages(talker.address)] == ["mine"]


# -- what is not understood, or not welcome


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (2, b"\x91\xa2hi"),
        (255, b""),
        (contents.TEXT, b"\xc1"),
        (contents.TEXT, b""),
        (contents.TEXT, msgpack.packb([1])),
        (contents.TEXT, msgpack.packb(["hi", b"short"])),
        (contents.TEXT, msgpack.packb(["hi", None])),
        (contents.TEXT, b"\x91\xa2\xff\xfe"),
        (contents.TEXT, msgpack.packb(["x" * (contents.MAX_TEXT + 1)])),
        (contents.TEXT, b"\x91" * 10_000),
    ],
)
def test_what_cannot_be_shown_is_kept_acknowledged_and_holds_up_nothing(people, kind, body):
    bob = people("Bob")
    talker = friend(bob, 9)
    talker.say(message(1, kind=kind, body=body), message(2, "after it"))
    assert talker.hear(records.Ack).seq == 2
    strange, plain = bob.node.messages(talker.address)
    assert (strange.kind, strange.text) == ("unknown", "")
    assert (plain.kind, plain.text) == ("text", "after it")


def test_a_message_that_comes_too_early_is_ignored_and_arrives_once_it_is_welcome(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    bob.node.forget_person(talker.address)
    assert talker.is_over()

    early = stranger(bob, 9)
    early.say(message(1), message(2))
    assert early.is_understood()
    early.say(records.Request(b"r" * 16, 1, 0, "Talker", ""))
    until(bob.node.requests)
    early.say(message(3))  # a gap, as seen by Bob: it was numbered behind what he ignored
    assert early.is_understood()
    assert bob.node.chats() == [] or bob.node.messages(early.address) == []
    bob.accepts(early)
    assert early.hear(records.Hello).accepts
    early.say(hello(accepts=True), message(3), message(1), message(2), message(3))
    assert early.hear(records.Ack).seq == 3
    assert sorted(one.text for one in bob.node.messages(early.address)) == [
        "number 1",
        "number 2",
        "number 3",
    ]


def test_nothing_after_a_gap_is_acknowledged(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    talker.say(message(1))
    assert talker.hear(records.Ack).seq == 1
    talker.say(message(5))
    talker.say(message(2))
    assert talker.hear(records.Ack).seq == 2
    assert [one.text for one in bob.node.messages(talker.address)] == ["number 1", "number 2"]


def test_an_acknowledgement_of_what_was_never_sent_ends_the_connection(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    bob.node.send(talker.address, "one")
    talker.hear(records.Message)
    talker.say(records.Ack(2))
    assert talker.is_over()
    assert [one.state for one in bob.node.messages(talker.address)] == ["waiting"]


def test_a_leap_of_logical_time_ends_the_connection_and_keeps_nothing(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    talker.say(message(1))
    assert talker.hear(records.Ack).seq == 1
    talker.say(message(2, lamport=2**32 + 2))
    assert talker.is_over()
    assert [one.text for one in bob.node.messages(talker.address)] == ["number 1"]
    again = calls_again(bob, 9)
    again.say(message(2, lamport=2**32 + 1))
    assert again.hear(records.Ack).seq == 2

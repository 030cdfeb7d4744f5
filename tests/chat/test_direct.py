"""Messages between two people: kept, sent, acknowledged, and shown exactly once."""

from itertools import count

import gevent
import msgpack
import pytest

from engine.chat import events
from engine.chat.errors import Refused
from engine.protocol import contents, records
from engine.protocol.outbox import MAX_ENTRIES
from tests.chat.people import agree, become_friends, calls_again, friend, stranger
from tests.helpers import person, until
from tests.net.talking import Talker, hello

HARD_TEXTS = [
    "x" * contents.MAX_TEXT,
    "🧑‍🚀" * (contents.MAX_TEXT // len("🧑‍🚀".encode())),
    "\u202eright to left\u202c \u0000 \ufeff \ufffe \U0010ffff",
    "e\u0301 é ﬁ Å \r\n\t line\u2028separator",
    " ",
    "<script>alert(1)</script> '; DROP TABLE message; --",
]


def refusal(act, *arguments, **options) -> str:
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    return refused.value.code


def message(seq, text="", *, id_=None, lamport=None, kind=contents.TEXT, body=None):
    body = contents.encode_text(text or f"number {seq}") if body is None else body
    return records.Message(
        seq, id_ or seq.to_bytes(16, "big"), kind, lamport or seq, 1_000 + seq, body
    )


def states_told(someone, shown):
    """The states of one message as a page learns them, in order."""
    return [event.state for event in someone.hear(events.MessageState) if event.id == shown.id]


def texts_told(someone):
    return [event.message.text for event in someone.hear(events.MessageAdded)]


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
    """Ids are unique for each author: nobody can block or overwrite another's message."""
    bob = people("Bob")
    talker = friend(bob, 9)
    mine = bob.node.send(talker.address, "mine")
    talker.say(message(1, "theirs", id_=bytes.fromhex(mine.id)))
    assert talker.hear(records.Ack).seq == 1
    assert sorted(one.text for one in bob.node.messages(talker.address)) == ["mine", "theirs"]


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


# -- waiting, sent, delivered


def test_a_message_waits_on_disk_until_the_other_is_there(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    until(lambda: not alice.is_linked(bob))
    sent = alice.says(bob, "later")
    assert alice.states(bob) == ["waiting"]
    alice.restart()
    assert alice.states(bob) == ["waiting"]
    bob.start()
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["later"]
    assert states_told(alice, sent)[-2:] == ["sent", "delivered"]


def test_a_cut_between_sent_and_acknowledged_means_waiting_and_then_delivered_once(people, wire_to):
    alice, bob = people("Alice", "Bob")
    wire = wire_to(bob)
    alice.meets(wire)
    until(bob.node.requests)
    bob.accepts(alice)
    until(lambda: alice.sees(bob).contact and alice.is_linked(bob) and bob.is_linked(alice))
    wire.hold(back_only=True)  # whatever Bob answers gets lost
    sent = alice.says(bob, "hello")
    until(lambda: bob.read(alice) == ["hello"])
    assert alice.states(bob) == ["sent"]
    wire.cut()
    until(lambda: states_told(alice, sent)[:2] == ["sent", "waiting"])
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == ["hello"]
    assert texts_told(bob) == ["hello"]
    assert states_told(alice, sent)[-1] == "delivered"


def test_what_a_new_hello_counts_as_stored_is_not_sent_again(people):
    alice = people("Alice")
    talker = friend(alice, 9)
    alice.node.send(talker.address, "one")
    alice.node.send(talker.address, "two")
    heard = [talker.hear(records.Message) for _ in range(2)]
    stream = alice.node._links._stream
    talker.reset()
    until(lambda: not alice.is_linked(talker))
    again = calls_again(alice, 9, your_stream=stream, your_position=1)
    assert again.hear(records.Message).id == heard[1].id
    assert [one.state for one in alice.node.messages(again.address)] == ["delivered", "sent"]


def test_a_position_in_another_stream_counts_for_nothing(people):
    alice = people("Alice")
    talker = friend(alice, 9)
    alice.node.send(talker.address, "one")
    first = talker.hear(records.Message)
    talker.reset()
    until(lambda: not alice.is_linked(talker))
    again = calls_again(alice, 9, your_stream=b"other!!!", your_position=1)
    assert again.hear(records.Message) == first


def test_a_changed_name_does_not_send_everything_again(people):
    """Else a few bytes of HELLO would cost us a megabyte, again and again."""
    alice = people("Alice")
    talker = friend(alice, 9)
    alice.node.send(talker.address, "one")
    talker.hear(records.Message)
    for name in ("a", "b", "c"):
        talker.say(hello(accepts=True, name=name))
    until(lambda: alice.sees(talker).name == "c")
    alice.node.send(talker.address, "two")
    assert talker.hear(records.Message).seq == 2


def test_on_a_new_link_nothing_overtakes_what_was_not_acknowledged(people):
    """An acknowledgement is cumulative: it would settle what was lost on the old link."""
    alice = people("Alice")
    old = friend(alice, 9)
    for number in (1, 2):
        alice.node.send(old.address, f"lost {number}")
        assert old.hear(records.Message).seq == number
    new = friend_again(alice, old)
    writing = gevent.spawn(alice.node.send, old.address, "new")
    seen = [new.hear(records.Message).seq for _ in range(3)]
    writing.get()
    assert seen == [1, 2, 3]


def friend_again(someone, talker):
    """The same contact calls once more; the new connection wins while the old one still stands."""
    new = Talker.dial(someone.port, person(9))
    new.hear(records.Hello)
    writes = count()
    database = someone.node._database
    write = database.write

    def write_and_meanwhile_send(mutation, then=None):
        # While the new link's greeting waits for the disk, something is sent.
        if next(writes) == 0:
            someone.node._direct.send(talker.me.peer, "meanwhile", reply_to=None, key=None)
        return write(mutation, then)

    database.write = write_and_meanwhile_send
    try:
        new.say(hello(accepts=True))
        until(lambda: next(writes) > 1)
    finally:
        database.write = write
    return new


# -- much


def test_a_backlog_larger_than_the_window_arrives_whole_and_in_order(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    until(lambda: not alice.is_linked(bob))
    many = 6 * MAX_ENTRIES
    gevent.joinall([gevent.spawn(alice.says, bob, str(n)) for n in range(many)], raise_error=True)
    alice.restart()
    for number in range(many, many + 10):
        alice.says(bob, str(number))
    bob.start()
    until(lambda: alice.node.messages(bob.address, limit=1)[0].state == "delivered", seconds=60)
    assert texts_told(bob) == [str(number) for number in range(many + 10)]
    assert set(alice.states(bob)) == {"delivered"}


def test_messages_sent_while_a_backlog_drains_stay_behind_it(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    until(lambda: not alice.is_linked(bob))
    many = 3 * MAX_ENTRIES
    gevent.joinall([gevent.spawn(alice.says, bob, str(n)) for n in range(many)], raise_error=True)
    bob.start()
    until(lambda: alice.is_linked(bob))
    for number in range(many, many + 100):
        alice.says(bob, str(number))
    until(lambda: alice.node.messages(bob.address, limit=1)[0].state == "delivered", seconds=60)
    assert texts_told(bob) == [str(number) for number in range(many + 100)]
    told: dict[str, list[str]] = {}
    for event in alice.hear(events.MessageState):
        told.setdefault(event.id, []).append(event.state)
    assert {tuple(states) for states in told.values()} == {("sent", "delivered")}, "each once"


def test_large_texts_beyond_the_windows_bytes_arrive_in_order(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    until(lambda: not alice.is_linked(bob))
    texts = [chr(0x4E00 + number) * 20_000 for number in range(40)]  # 2.4 MB; the window holds 1
    for text in texts:
        alice.says(bob, text)
    bob.start()
    until(lambda: alice.states(bob) == ["delivered"] * 40, seconds=30)
    assert bob.read(alice) == texts


def test_a_conversation_over_many_cuts_loses_doubles_and_swaps_nothing(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)

    def talk(one, other):
        for number in range(100):
            one.says(other, f"{one.name} {number}")
            if number % 10 == 5:
                one.cut(other)

    gevent.joinall([gevent.spawn(talk, alice, bob), gevent.spawn(talk, bob, alice)])
    until(lambda: len(alice.history(bob)) == len(bob.history(alice)) == 200, seconds=30)
    assert agree(alice, bob)
    for one, other in ((alice, bob), (bob, alice)):
        told = [text for text in texts_told(one) if text.startswith(other.name)]
        assert told == [f"{other.name} {number}" for number in range(100)]
    until(lambda: set(alice.states(bob) + bob.states(alice)) == {"delivered"}, seconds=30)


# -- the disk


def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    with bob.full_disk():
        alice.says(bob, "one")
        alice.says(bob, "two")
        until(lambda: bob.hear(events.Notice))
        assert bob.read(alice) == [], "the history stays readable"
        assert "delivered" not in alice.states(bob)
        assert refusal(bob.says, alice, "no room") == "disk_full"
        alice.says(bob, "three")
    until(lambda: alice.states(bob) == ["delivered"] * 3)
    assert bob.read(alice) == ["one", "two", "three"]
    assert [notice.code for notice in bob.hear(events.Notice)] == ["disk_full"]


def test_a_full_disk_of_the_sender_shows_and_sends_nothing_of_what_it_refuses(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    with alice.full_disk():
        assert refusal(alice.says, bob, "no room") == "disk_full"
    alice.says(bob, "room again")
    until(lambda: alice.states(bob) == ["delivered"])
    assert bob.read(alice) == alice.read(bob) == ["room again"]
    assert texts_told(alice) == ["room again"]


def test_an_acknowledgement_that_cannot_be_kept_is_made_good_later(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.says(bob, "before")
    until(lambda: alice.states(bob) == ["delivered"])
    bob.stop()
    until(lambda: not alice.is_linked(bob))
    alice.says(bob, "one")
    with alice.full_disk():
        bob.start()
        until(lambda: bob.read(alice) == ["before", "one"])
        assert alice.states(bob)[1] != "delivered"
    alice.says(bob, "two")
    until(lambda: alice.states(bob) == ["delivered"] * 3)
    assert bob.read(alice) == ["before", "one", "two"]

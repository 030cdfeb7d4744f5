"""Messages on their way: waiting, sent, delivered, over cuts, backlogs and full disks."""

from itertools import count

import gevent

from engine.chat import deeds, events
from engine.protocol import records
from engine.protocol.outbox import MAX_ENTRIES
from tests.chat.people import agree, become_friends, calls_again, friend
from tests.chat.saying import refusal, states_told, texts_told
from tests.helpers import person, until
from tests.net.talking import Talker, hello

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
    until(lambda: alice.states(again) == ["delivered", "sent"])  # settled on disk, not waited for


def test_a_position_in_another_stream_counts_for_nothing(people):
    alice = people("Alice")
    talker = friend(alice, 9)
    alice.node.send(talker.address, "one")
    first = talker.hear(records.Message)
    talker.reset()
    until(lambda: not alice.is_linked(talker))
    again = calls_again(alice, 9, your_stream=b"other!!!", your_position=1)
    assert again.hear(records.Message) == first


def test_a_position_from_before_somebody_was_forgotten_settles_nothing_new(people):
    """They may remember how far they had come, and never hear what has the same number now."""
    alice = people("Alice")
    talker = friend(alice, 9)
    alice.node.send(talker.address, "old")
    talker.say(records.Ack(talker.hear(records.Message).seq))
    until(lambda: [one.state for one in alice.node.messages(talker.address)] == ["delivered"])
    alice.node.forget_person(talker.address, history=True)
    assert talker.is_over()
    between = friend(alice, 9)
    new = alice.node.send(talker.address, "new")
    assert between.hear(records.Message).id.hex() == new.id
    between.reset()
    until(lambda: not alice.is_linked(talker))
    again = calls_again(alice, 9, your_stream=alice.node._links._stream, your_position=1)
    assert again.hear(records.Message).id.hex() == new.id


def test_what_was_under_way_to_somebody_forgotten_does_not_go_when_they_are_back(people):
    alice = people("Alice")
    talker = friend(alice, 9)
    old = alice.node.send(talker.address, "to somebody forgotten")
    talker.hear(records.Message)
    alice.node.forget_person(talker.address)
    assert talker.is_over()
    again = friend(alice, 9)
    new = alice.node.send(talker.address, "new")
    assert again.hear(records.Message).id.hex() == new.id
    assert [one.state for one in alice.node.messages(talker.address)] == ["failed", "sent"]
    assert states_told(alice, old) == ["sent", "waiting"], "and not sent once more"


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
            someone.node._direct.say(talker.me.peer, deeds.text("meanwhile", None))
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


def test_a_message_read_from_the_queue_before_its_commit_was_told_goes_once(people):
    """The disk has it a moment before this side is told so, and the queue may be read just then."""
    alice = people("Alice")
    talker = friend(alice, 9)
    database, direct = alice.node._database, alice.node._direct
    box, write = direct._boxes[talker.me.peer], database.write

    def write_and_tell_late(mutation, then=None):
        result = write(mutation)
        box.is_behind = True
        direct.pump(talker.me.peer)
        until(lambda: not box.is_behind and not box.is_filling)
        then(result)
        return result

    database.write = write_and_tell_late
    alice.node.send(talker.address, "one")
    database.write = write
    alice.node.send(talker.address, "two")
    heard = [talker.hear(records.Message) for _ in range(2)]
    assert [one.seq for one in heard] == [1, 2]
    assert len({one.id for one in heard}) == 2


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


def test_a_full_disk_is_told_once_however_often_the_other_tries(people, caplog):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    with bob.full_disk():
        alice.says(bob, "one")
        until(lambda: caplog.text.count("cannot be stored") >= 3)
    until(lambda: alice.states(bob) == ["delivered"])
    with bob.full_disk():
        alice.says(bob, "two")
        until(lambda: len(bob.hear(events.Notice)) > 1)
    until(lambda: alice.states(bob) == ["delivered"] * 2)
    assert [notice.code for notice in bob.hear(events.Notice)] == ["disk_full"] * 2


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

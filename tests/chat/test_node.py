"""Everything a person can ask of the running program, and what it declines."""

from functools import partial

import gevent
import pytest

from engine.chat import events
from engine.chat.errors import CODES, Refused
from engine.chat.node import VERSION, Node
from engine.chat.talks import MAX_PAGE
from engine.chat.views import Message
from engine.net.listener import PortTaken
from engine.protocol import records
from engine.store.database import StoreClosed, StoreError, StoreUnreadable
from tests.chat.people import at_once, become_friends, friend, stranger
from tests.helpers import person, until
from tests.net.talking import hello, listen


def refusal(act, *arguments, **options) -> str:
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    assert refused.value.code in CODES
    assert refused.value.sentence.endswith(".")
    return refused.value.code


def calls(node, address):
    """Every call of the program that touches the store, with good values."""
    return {
        "set_name": lambda: node.set_name("Alice"),
        "connect": lambda: node.connect(address, "hi"),
        "requests": node.requests,
        "answer_request": lambda: node.answer_request(address, "accept"),
        "change_person": lambda: node.change_person(address, name="x"),
        "block": lambda: node.change_person(address, blocked=True),
        "forget_person": lambda: node.forget_person(address),
        "chats": node.chats,
        "messages": lambda: node.messages(address),
        "send": lambda: node.send(address, "hi"),
        "change_chat": lambda: node.change_chat(address, read="00" * 16),
    }


WRITES = ("set_name", "change_person", "block", "forget_person", "send", "change_chat")


# -- me


def test_who_we_are(people):
    alice = people("Alice")
    me = alice.node.me()
    assert (me.address, me.name, me.port) == (alice.address, "Alice", alice.port)
    assert me.fingerprint.replace(" ", "") == alice.address
    assert me.hosts == (alice.place,)
    assert (me.protected, me.version) == (False, VERSION)


def test_our_name_is_cleaned_told_and_kept(people):
    alice = people("Alice")
    assert alice.node.set_name("  Al\u202eice\n2 ").name == "Alice 2"
    assert alice.hear(events.MeChanged)[-1].me.name == "Alice 2"
    alice.restart()
    assert alice.node.me().name == "Alice 2"


@pytest.mark.parametrize("name", ["", "  ", "\u202e\u200b", "\x00"])
def test_a_name_that_cannot_be_seen_is_refused(people, name):
    alice = people("Alice")
    assert refusal(alice.node.set_name, name) == "bad_request"
    assert alice.node.me().name == "Alice"


def test_a_taken_port_that_was_asked_for_is_said_and_the_database_can_be_closed(tmp_path):
    node = Node(person(1), tmp_path / "alice.db")
    with listen() as door, pytest.raises(PortTaken):
        node.start("127.0.0.1", door.getsockname()[1], port_was_asked=True)
    node.stop()
    node.stop()


def test_a_database_of_somebody_else_is_refused(people, tmp_path):
    people("Alice").stop()
    with pytest.raises(StoreUnreadable):
        Node(person(7), tmp_path / "Alice.db")


# -- chats


def test_chats_show_the_last_message_and_what_is_unread(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    sent = [alice.says(bob, text) for text in ("one", "two", "three")]
    until(lambda: len(bob.history(alice)) == 3)
    [chat] = bob.node.chats()
    assert (chat.chat, chat.kind, chat.name) == (alice.address, "direct", "Alice")
    assert (chat.unread, chat.first_unread, chat.last.text) == (3, sent[0].id, "three")
    bob.node.change_chat(alice.address, read=sent[1].id)
    [chat] = bob.node.chats()
    assert (chat.unread, chat.first_unread) == (1, sent[2].id)
    assert bob.hear(events.ChatChanged)[-1].chat == chat
    [mine] = alice.node.chats()
    assert (mine.unread, mine.first_unread) == (0, None)
    bob.restart()
    assert bob.node.chats()[0].unread == 1


def test_chats_stand_in_the_order_of_their_latest_activity(people):
    ticks = iter(range(1_000, 10_000_000))
    alice, bob, carol = people("Alice", "Bob", "Carol", now=lambda: next(ticks))
    become_friends(alice, bob)
    become_friends(alice, carol)
    for other in (bob, carol, bob):
        alice.says(other, "hi")
        assert alice.node.chats()[0].chat == other.address


def test_pages_of_a_long_chat_join_without_gap_or_repeat(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    gevent.joinall([gevent.spawn(alice.says, bob, str(n)) for n in range(25)], raise_error=True)
    seen, before = [], None
    while page := alice.node.messages(bob.address, before=before, limit=10):
        seen = [one.text for one in page] + seen
        before = page[0].id
    assert seen == [str(number) for number in range(25)]
    assert [one.text for one in alice.node.messages(bob.address, limit=1)] == ["24"]


def test_what_is_asked_for_wrongly_is_declined(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    node = alice.node
    for limit in (0, -1, MAX_PAGE + 1):
        assert refusal(node.messages, bob.address, limit=limit) == "bad_request"
    for before in ("", "zz", "00" * 16, "0" * 33, " " + "00" * 16, "é" * 32):
        assert refusal(node.messages, bob.address, before=before) == "not_found"
    assert refusal(node.messages, person(9).peer.address) == "not_found"
    assert refusal(node.change_chat, bob.address, read="00" * 16) == "not_found"
    assert refusal(node.change_chat, bob.address, read="zz") == "not_found"
    assert refusal(node.change_person, person(9).peer.address, name="x") == "not_found"
    assert refusal(node.change_person, person(9).peer.address, blocked=True) == "not_found"
    assert refusal(node.forget_person, person(9).peer.address) == "not_found"
    assert refusal(node.safety, person(9).peer.address) == "not_found"


def test_safety_numbers_are_the_same_on_both_sides(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    shown = alice.node.safety(bob.address)
    assert shown == bob.node.safety(alice.address)
    assert len(shown.number.replace(" ", "")) == 60
    assert shown.qr.startswith("<svg")


# -- when the store cannot


@pytest.mark.parametrize("call", WRITES)
def test_a_full_disk_is_an_answer_and_changes_nothing(people, call):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob, "hi")
    alice.hear()
    seen = (alice.node.me(), alice.node.chats(), alice.read(bob))
    with alice.full_disk():
        assert refusal(calls(alice.node, bob.address)[call]) == "disk_full"
        assert (alice.node.me(), alice.node.chats(), alice.read(bob)) == seen
        person_seen = alice.sees(bob)
        assert (person_seen.name, person_seen.blocked) == ("Bob", False)
    assert not alice.hear(events.MeChanged)[1:]


def test_connecting_and_answering_with_a_full_disk_are_declined(people):
    alice, bob = people("Alice", "Bob")
    with alice.full_disk():
        assert refusal(alice.node.connect, bob.place, "hi") == "disk_full"
    assert alice.node.people() == []
    talker = stranger(bob, 9)
    talker.say(records.Request(bytes(16), 1, 0, "Nine", "hi"))
    until(bob.node.requests)
    with bob.full_disk():
        for action in ("accept", "ignore", "block"):
            assert refusal(bob.node.answer_request, talker.address, action) == "disk_full"
    assert [asked.text for asked in bob.node.requests()] == ["hi"]
    bob.accepts(talker)


@pytest.mark.parametrize("call", [*WRITES, "requests", "answer_request", "chats", "messages"])
def test_every_call_after_stopping_says_so(people, call):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.stop()
    assert refusal(calls(alice.node, bob.address)[call]) == "stopping"


def test_a_store_that_fails_otherwise_is_an_answer_too(people, monkeypatch):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)

    def fail(_mutation, _then=None):
        raise StoreError("the database failed: CorruptError")

    monkeypatch.setattr(alice.node._database, "write", fail)
    assert refusal(alice.says, bob, "hi") == "store_failed"
    monkeypatch.undo()
    assert issubclass(StoreClosed, StoreError)


# -- greenlets that cross


def test_forgetting_while_the_person_is_talking_leaves_nothing_of_them(people):
    bob = people("Bob")
    for round_ in range(5):
        talker = friend(bob, 9)
        talking = [
            records.Message(seq, bytes([round_]) + bytes(14) + bytes([seq]), 1, 1, 0, b"\x91\xa1x")
            for seq in range(1, 50)
        ]
        talker.say(*talking)
        for number in range(10):
            talker.say(hello(accepts=True, name=f"name {number}"))
        bob.node.forget_person(talker.address, history=True)
        assert talker.is_over()
        talker.hang_up()
        until(lambda: not bob.node._peers._everyone)
        assert bob.node.people() == []
        assert bob.node.chats() == []
    bob.restart()
    assert bob.node.people() == []
    assert bob.node.chats() == []


def test_news_of_a_person_that_cross_with_forgetting_do_not_bring_them_back(people):
    bob = people("Bob")
    talker = friend(bob, 9)
    at_once(
        lambda: bob.node.change_person(talker.address, name="before"),
        lambda: bob.node.forget_person(talker.address),
        lambda: bob.node.change_person(talker.address, name="after"),
        lambda: bob.node._links.link_closed(talker.me.peer),
    )
    talker.hang_up()
    assert bob.node.people() == []
    bob.restart()
    assert bob.node.people() == []


def test_changes_to_one_person_asked_for_at_once_are_all_kept(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    at_once(
        lambda: alice.node.change_person(bob.address, name="Bobby"),
        lambda: alice.node.change_person(bob.address, verified=True),
        lambda: bob.node.set_name("Robert"),
    )
    until(lambda: alice.sees(bob).own_name == "Robert")
    for _ in range(2):
        seen = alice.sees(bob)
        assert (seen.alias, seen.level, seen.own_name) == ("Bobby", 2, "Robert")
        alice.restart()


def test_a_message_sent_while_its_receiver_is_being_forgotten_is_refused_or_failed(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    bob.stop()
    sends = [partial(alice.says, bob, str(number)) for number in range(40)]
    forget = partial(alice.node.forget_person, bob.address)
    came_to = at_once(*sends[:20], forget, *sends[20:])
    sent = [one for one in came_to if isinstance(one, Message)]
    assert len(alice.history(bob)) == len(sent)
    assert set(alice.states(bob)) <= {"failed"}
    assert {one.code for one in came_to if isinstance(one, Refused)} <= {"not_contact"}

"""From what is kept to what is shown."""

import pytest

from contacts import Contact, Relation
from engine.chat.likeness import Likeness
from engine.chat.lines import Lines
from engine.chat.shown import Shown
from engine.net.redial import Status
from engine.protocol import contents
from engine.protocol.invite import HostPort
from engine.store.chats import ChatRow
from engine.store.history import State, Stored
from engine.store.people import Known
from engine.store.wholes import Whole
from tests.helpers import person

ME, BOB = person(1).peer, person(2).peer
NOW = 5_000


@pytest.fixture
def shown():
    likeness = Likeness(ME, own_name=lambda: "Alice", known=list)
    names = {ME: "", BOB: "Bob"}
    return Shown(ME, lambda: NOW, likeness, Lines(lambda at: at + NOW), lambda peer: names[peer])


def stored(*, author=ME, kind=contents.TEXT, body=None, state=State.WAITING):
    body = contents.encode_text("hi") if body is None else body
    return Whole(Stored(1, bytes(BOB), author, b"i" * 16, kind, 3, 1_234, body, state))


def known(**changes):
    return Known(Contact(**({"peer": BOB, "first_seen_at": 1} | changes)))


@pytest.mark.parametrize(
    ("state", "in_flight", "said"),
    [
        (State.WAITING, False, "waiting"),
        (State.WAITING, True, "sent"),
        (State.DELIVERED, False, "delivered"),
        (State.DELIVERED, True, "delivered"),
        (State.READ, False, "read"),
        (State.FAILED, False, "failed"),
        (State.FAILED, True, "failed"),
    ],
)
def test_a_message_shows_how_far_it_has_come(shown, state, in_flight, said):
    message = stored(state=state)
    if in_flight:
        shown.in_flight.add(message.stored.id)
    assert shown.message(message).state == said


def test_a_message_shows_who_said_what_when_and_in_answer_to_what(shown):
    body = contents.encode_text("yes", b"q" * 16)
    message = shown.message(stored(author=BOB, body=body, state=State.DELIVERED))
    assert (message.id, message.chat, message.author) == (
        (b"i" * 16).hex(),
        BOB.address,
        BOB.address,
    )
    assert (message.own, message.kind, message.text, message.at) == (False, "text", "yes", 1_234)
    assert message.reply_to == (b"q" * 16).hex()
    assert shown.message(stored()).own


@pytest.mark.parametrize(("kind", "body"), [(9, b""), (contents.TEXT, b"\xc1")])
def test_what_cannot_be_read_is_shown_as_unknown(shown, kind, body):
    message = shown.message(stored(kind=kind, body=body))
    assert (message.kind, message.text, message.reply_to) == ("unknown", "", None)


def test_a_chat_with_somebody_forgotten_is_called_by_their_address(shown):
    row = ChatRow(bytes(BOB), 1, 0, None, None, 1)
    assert shown.chat(row, None).name == BOB.address[:7]
    assert shown.chat(row, known(own_name="Bob")).name == "Bob"
    assert shown.chat(row, known(own_name="Bob", alias="Bobby")).name == "Bobby"


@pytest.mark.parametrize(
    ("online", "status", "link", "next_try_at", "reason"),
    [
        (True, None, "online", None, ""),
        (True, Status(reason="refused", next_try_after=1.5), "online", None, ""),
        (False, None, "offline", None, ""),
        (False, Status(dialling=True), "connecting", None, ""),
        (False, Status(dialling=True, reason="refused"), "connecting", None, "refused"),
        (False, Status(reason="refused", next_try_after=1.5), "reconnecting", 2_500, "refused"),
    ],
)
def test_a_person_shows_how_reaching_them_stands(shown, online, status, link, next_try_at, reason):
    one = shown.person(known(), online=online, status=status, tried_at=1_000, around=None)
    assert (one.online, one.link, one.next_try_at, one.reason) == (
        online,
        link,
        next_try_at,
        reason,
    )


def test_whoever_is_here_was_seen_just_now(shown):
    away = shown.person(known(last_seen_at=7), online=False, status=None, tried_at=0, around=None)
    here = shown.person(known(last_seen_at=7), online=True, status=None, tried_at=0, around=None)
    assert (away.last_seen_at, here.last_seen_at) == (7, NOW)


@pytest.mark.parametrize("relation", list(Relation))
def test_a_person_shows_how_far_we_have_come(shown, relation):
    one = shown.person(known(relation=relation), online=False, status=None, tried_at=0, around=None)
    assert one.relation == relation.name.lower()
    assert one.contact is (relation is Relation.CONTACT)
    assert one.chat == (None if relation is Relation.NONE else BOB.address)


def test_a_person_shows_where_they_were_reached(shown):
    places = (HostPort("127.0.0.1", 1), HostPort("fe80::1%eth0", 2))
    reached = Known(known().contact, places=places)
    one = shown.person(reached, online=False, status=None, tried_at=0, around=None)
    assert one.hosts == ("127.0.0.1:1", "[fe80::1%eth0]:2")

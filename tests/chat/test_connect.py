"""What becomes of an address that was typed, pasted or clicked."""

import gevent
import pytest
from gevent.server import StreamServer

from engine.chat.connect import SENTENCES
from engine.chat.errors import CODES, Refused
from engine.chat.trust import MAX_REQUEST_TEXT
from engine.net import dialer, peers
from engine.protocol import records
from engine.protocol.invite import HostPort, make_invite
from tests.chat.people import become_friends, stranger
from tests.helpers import person, until
from tests.net.talking import DoorOf, NoHandshake, listen, place_of


def refusal(act, *arguments, **options) -> Refused:
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    return refused.value


def invite(someone, *hosts, knock_pass=None) -> str:
    hosts = hosts or (HostPort("127.0.0.1", someone.port),)
    return make_invite(someone.me.peer, hosts, someone.name, knock_pass)


def closed_place() -> HostPort:
    with listen() as door:
        return place_of(door)


# -- whom an address reaches


def test_an_ip_and_port_reach_whoever_is_there(people):
    alice, bob = people("Alice", "Bob")
    told = alice.node.connect(f"  127.0.0.1:{bob.port} ")
    assert (told.address, told.name, told.contact, told.state) == (
        bob.address,
        "Bob",
        False,
        "requested",
    )


def test_a_host_name_works_and_its_address_is_kept(people):
    alice, bob = people("Alice", "Bob")
    assert alice.node.connect(f"localhost:{bob.port}").address == bob.address
    assert alice.sees(bob).hosts == (f"127.0.0.1:{bob.port}",)


def test_an_ipv6_address_in_brackets_works(people):
    alice, door = people("Alice"), DoorOf(person(9), host="::1")
    connecting = gevent.spawn(alice.node.connect, f"[::1]:{door.place.port}")
    door.meet().open(name="Six")
    assert connecting.get(timeout=10).name == "Six"


def test_an_invite_reaches_the_person_it_names_at_the_place_that_answers(people):
    alice, bob = people("Alice", "Bob")
    text = invite(bob, closed_place(), HostPort("127.0.0.1", bob.port))
    assert alice.node.connect(text, "hi").address == bob.address
    until(lambda: [asked.text for asked in bob.node.requests()] == ["hi"])


def test_an_invite_whose_pass_was_used_up_is_still_a_knock(people):
    alice, bob = people("Alice", "Bob")
    assert alice.node.connect(invite(bob, knock_pass=b"p" * 16)).address == bob.address


def test_the_bare_address_of_somebody_known_reaches_them(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.cut(bob)
    told = alice.node.connect(bob.me.peer.fingerprint.upper(), "still there?")
    assert (told.state, told.contact) == ("connected", True)
    until(lambda: bob.read(alice) == ["still there?"])


def test_somebody_whose_link_stands_is_not_dialled_again(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    links = alice.connections(bob)
    for address in (bob.address, bob.place, invite(bob)):
        assert alice.node.connect(address).state == "connected"
    assert alice.connections(bob) == links
    assert bob.node.connect(alice.place).state == "connected"  # he never dialled it: he looks


def test_a_link_on_its_way_out_is_not_taken_for_one_that_stands(people):
    """It would tell of a person who accepts us, and in truth has just forgotten us."""
    alice, bob = people("Alice", "Bob", jitter=lambda: 1_000.0)  # nobody redials meanwhile
    become_friends(alice, bob)
    leaving = alice.link(bob)
    leaving.close()
    assert alice.link(bob) is leaving
    bob.node.forget_person(alice.address)
    assert alice.meets(bob, "still there?").state == "requested"


def test_a_stranger_who_called_us_can_be_asked_by_their_address(people):
    """Over the connection they began; where they listen is kept, to call them back."""
    bob = people("Bob")
    talker = stranger(bob, 9, name="Nine", port=4321)
    told = bob.node.connect(talker.address, "who are you?")
    assert (told.name, told.state) == ("Nine", "requested")
    assert bob.sees(talker).hosts == ("127.0.0.1:4321",)


def test_connecting_twice_at_once_asks_once(people):
    alice, bob = people("Alice", "Bob")
    both = [gevent.spawn(alice.node.connect, bob.place, "hi") for _ in range(2)]
    gevent.joinall(both, raise_error=True)
    until(bob.node.requests)
    until(lambda: len(alice.connections(bob)) == 1)
    until(lambda: [asked.text for asked in bob.node.requests()] == ["hi"])  # words may come later
    assert len(alice.node.people()) == 1


# -- what it says when nobody is reached


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "http://127.0.0.1:1",
        "::1:5",
        "a" * 56,
    ],
)
def test_what_is_no_address_is_a_bad_address(people, text):
    refused = refusal(people("Alice").node.connect, text)
    assert refused.code == "bad_address"
    assert refused.sentence


def test_a_port_nobody_listens_at_is_refused(people):
    assert refusal(people("Alice").node.connect, str(closed_place())).code == "refused"


def test_silence_is_a_timeout(people, monkeypatch):
    monkeypatch.setattr(peers, "OPEN_WITHIN", 0.05)
    with listen() as door:
        assert refusal(people("Alice").node.connect, str(place_of(door))).code == "timeout"


def test_a_web_server_is_not_p2pchat(people):
    def answer(sock, _address):
        sock.recv(1)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    server = StreamServer(("127.0.0.1", 0), answer)
    server.start()
    place = f"127.0.0.1:{server.server_port}"
    assert refusal(people("Alice").node.connect, place).code == "not_p2pchat"
    server.stop()


def test_an_invite_that_leads_to_somebody_else_is_a_wrong_identity(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    text = invite(bob, HostPort("127.0.0.1", carol.port))
    assert refusal(alice.node.connect, text).code == "wrong_identity"
    assert alice.node.people() == []
    assert carol.node.requests() == []


def test_the_worst_of_several_reasons_is_told(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    text = invite(bob, HostPort("127.0.0.1", carol.port), closed_place())
    assert refusal(alice.node.connect, text).code == "wrong_identity"


def test_our_own_door_address_and_invite_are_ourselves(people):
    alice = people("Alice")
    for text in (alice.place, alice.address, invite(alice), f"localhost:{alice.port}"):
        assert refusal(alice.node.connect, text).code == "self"
    assert alice.node.people() == []


def test_an_address_alone_of_somebody_unknown_leads_nowhere(people):
    assert refusal(people("Alice").node.connect, person(9).peer.address).code == "not_found"


def test_no_way_there_is_unreachable(people, monkeypatch):
    def no_way(_address):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(dialer.socket, "create_connection", no_way)
    assert refusal(people("Alice").node.connect, "192.0.2.1:6000").code == "unreachable"


def test_somebody_we_blocked_is_not_connected_to_however_they_are_named(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    alice.node.change_person(bob.address, blocked=True)
    for text in (bob.place, bob.address, invite(bob)):
        assert refusal(alice.node.connect, text).code == "blocked"
        assert refusal(alice.node.connect, text, "hi").code == "blocked"
    assert alice.history(bob) == []


@pytest.mark.parametrize(
    ("text", "code"), [("x" * (MAX_REQUEST_TEXT + 1), "too_long"), ("half \ud83d", "bad_request")]
)
def test_first_words_that_cannot_be_said_are_refused_before_anybody_is_called(people, text, code):
    alice, bob = people("Alice", "Bob")
    assert refusal(alice.node.connect, bob.place, text).code == code
    assert alice.node.people() == []
    assert not bob.node._peers._everyone


def test_a_closed_door_looks_like_no_p2pchat_and_a_pass_opens_it(people):
    alice, door = people("Alice"), DoorOf(person(9), passes=lambda: (b"p" * 16,))
    place = str(door.place)
    connecting = gevent.spawn(refusal, alice.node.connect, place)
    with pytest.raises(NoHandshake):
        door.meet()
    assert connecting.get(timeout=10).code == "not_p2pchat"
    text = make_invite(person(9).peer, (door.place,), "Nine", b"p" * 16)
    connecting = gevent.spawn(alice.node.connect, text)
    door.meet().open(name="Nine")
    assert connecting.get(timeout=10).name == "Nine"


def test_whoever_hangs_up_while_being_asked_does_not_lose_the_request(people):
    alice, door = people("Alice"), DoorOf(person(9))
    connecting = gevent.spawn(alice.node.connect, str(door.place), "hi")
    talker = door.meet()
    talker.open()
    talker.reset()
    connecting.get(timeout=10)
    assert [one.relation for one in alice.node.people()] == ["asked"]
    again = door.meet()
    again.open()
    assert again.hear(records.Request).text == "hi"


def test_every_reason_has_its_sentence_and_every_sentence_its_code():
    assert set(SENTENCES) == set(dialer.TELLING) - {"no_address"}
    assert set(SENTENCES) <= CODES

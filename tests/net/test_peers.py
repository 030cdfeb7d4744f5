"""Dialling, greeting, and what becomes of connections."""

import logging

import gevent
import pytest
from gevent import socket
from gevent.pywsgi import WSGIServer
from gevent.server import StreamServer

from engine.net import connection as connection_room
from engine.net import peers as peers_room
from engine.net import rivals as rivals_room
from engine.net.dialer import DialFailed
from engine.protocol import records, session
from engine.protocol.channel import Channel
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.invite import HostPort
from tests.helpers import person, until
from tests.net.talking import (
    HEARD_WITHIN,
    DoorOf,
    Talker,
    hello,
    listen,
    place_of,
    tcp_pair,
)

SECRET_PASS = b"a pass of theirs"


def failure(house, place, **options) -> str:
    with pytest.raises(DialFailed) as failed:
        house.dial(place, **options)
    return failed.value.code


def text(seq=1):
    return records.Message(seq, bytes(16), 1, 1, 0, b"\x91\xa2hi")


# -- a link comes about


def test_whoever_is_dialled_is_linked_on_both_sides_after_both_hellos(house):
    alice, bob = house(1), house(2)
    connection, said = alice.dial(bob.place, expected=bob.peer)
    assert said.name == f"house for {alice.peer.short}"
    assert alice.peers.link(bob.peer) is connection
    until(lambda: bob.peers.link(alice.peer))
    assert alice.opened == [connection]
    assert bob.peers.link(alice.peer).session.hello.name == f"house for {bob.peer.short}"
    assert alice.peers.linked() == [bob.peer]


def test_the_responder_says_hello_first(house):
    bob = house(2)
    talker = Talker.dial(bob.port, person(1))
    assert talker.hear(records.Hello).port == bob.port
    assert not bob.peers.linked(), "before our hello it is no link"


def test_whoever_knocked_is_told_of_with_their_pass_before_they_are_greeted(house):
    alice, bob = house(1), house(2)
    bob.known_passes = (SECRET_PASS,)
    greeted_with = []
    bob.hello_for = lambda peer: greeted_with.append(list(bob.knocks)) or hello(port=bob.port)
    alice.dial(bob.place, expected=bob.peer, knock_pass=SECRET_PASS)
    assert bob.knocks == [(alice.peer, SECRET_PASS)]
    assert greeted_with[0] == bob.knocks
    assert alice.knocks == []


def test_the_dialler_says_nothing_before_the_other_said_hello(house):
    alice, door = house(1), DoorOf(person(2))
    dialling = gevent.spawn(alice.dial, door.place)
    talker = door.meet()
    assert not alice.peers.linked()
    assert not dialling.ready()
    talker.say(hello(port=1))
    assert talker.hear(records.Hello).port == alice.port
    assert dialling.get(timeout=HEARD_WITHIN)


def test_whoever_was_dialled_without_a_name_is_known_by_their_key(house):
    alice, bob = house(1), house(2)
    connection, _ = alice.dial(bob.place)
    assert connection.peer == bob.peer


def test_records_reach_the_room_above_with_their_order_kept_around_a_hello(house):
    bob = house(2)
    seen = []
    bob.on_heard = lambda _connection: seen.append(len(bob.hellos))
    talker = Talker.dial(bob.port, person(1))
    talker.open()
    talker.say(text(1), hello(name="new"), text(2))
    until(lambda: len(bob.said) == 2)
    assert [record.seq for _, record in bob.said] == [1, 2]
    assert [one.name for one in bob.hellos] == ["new"]
    assert seen == [0, 1]


def test_an_ipv6_address_works_like_any_other(house):
    alice, door = house(1), DoorOf(person(2), host="::1")
    dialling = gevent.spawn(alice.dial, door.place, expected=person(2).peer)
    door.meet().open()
    connection, _ = dialling.get(timeout=HEARD_WITHIN)
    assert (connection.host, connection.port) == ("::1", door.place.port)


# -- no link comes about


def test_nobody_there_is_refused(house):
    with listen() as door:
        place = place_of(door)
    assert failure(house(1), place) == "refused"


def test_silence_is_a_timeout(house, monkeypatch):
    monkeypatch.setattr(peers_room, "OPEN_WITHIN", 0.05)
    with listen() as door:  # the kernel connects; nobody ever answers
        assert failure(house(1), place_of(door)) == "timeout"


def test_a_handshake_without_a_hello_is_a_timeout(house, monkeypatch):
    monkeypatch.setattr(session, "HELLO_WITHIN", 0.0)
    alice, door = house(1), DoorOf(person(2))
    dialling = gevent.spawn(failure, alice, door.place)
    door.meet()
    assert dialling.get(timeout=HEARD_WITHIN) == "timeout"
    assert not alice.peers.linked()


def test_a_web_server_is_not_p2pchat(house):
    server = WSGIServer(("127.0.0.1", 0), lambda _env, _start: [], log=None, error_log=None)
    server.start()
    assert failure(house(1), HostPort("127.0.0.1", server.server_port)) == "not_p2pchat"
    server.stop()


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-OpenSSH_9.2p1\r\n", b"\x05\xb0" + bytes(0x5B0), bytes(100_000), b"\xff" * 9],
)
def test_garbage_and_hanging_up_are_not_p2pchat(house, answer):
    def say(sock, _address):
        sock.recv(1)
        sock.sendall(answer)

    server = StreamServer(("127.0.0.1", 0), say)
    server.start()
    assert failure(house(1), HostPort("127.0.0.1", server.server_port)) == "not_p2pchat"
    server.stop()


def test_a_pass_that_is_not_honoured_meets_silence_and_looks_like_no_p2pchat(house):
    alice, bob = house(1), house(2)
    assert failure(alice, bob.place, knock_pass=SECRET_PASS) == "not_p2pchat"
    bob.known_passes = (SECRET_PASS,)
    assert failure(alice, bob.place) == "not_p2pchat"
    assert alice.dial(bob.place, knock_pass=SECRET_PASS)


def test_somebody_else_at_that_address_is_a_wrong_identity_and_learns_nothing(house):
    alice, mallory = house(1), house(3)
    assert failure(alice, mallory.place, expected=person(2).peer) == "wrong_identity"
    until(lambda: not mallory.everyone())
    assert not mallory.opened
    assert all(connection.peer is None for connection in mallory.over)


def test_our_own_door_is_ourselves(house):
    alice = house(1)
    assert failure(alice, alice.place) == "self"


def test_a_dialler_who_is_no_longer_wanted_leaves_no_connection_behind(house):
    alice, door = house(1), DoorOf(person(2))
    dialling = gevent.spawn(alice.dial, door.place)
    talker = door.meet()
    dialling.kill()
    talker.say(hello())
    assert talker.is_over()
    talker.hang_up()
    until(lambda: not alice.everyone())


def test_a_failed_dial_leaves_no_connection_behind(house):
    alice = house(1)
    for _ in range(3):
        failure(alice, alice.place)
    until(lambda: not alice.everyone())
    assert not alice.peers._awaited


# -- a link ends


@pytest.mark.parametrize("how", ["say_bye", "hang_up", "reset"])
def test_a_link_that_ends_is_told_once(house, how):
    bob = house(2)
    talker = Talker.dial(bob.port, person(1))
    talker.open()
    until(lambda: bob.peers.linked())
    changed = bob.peers.changed(person(1).peer)
    if how == "say_bye":
        talker.say(records.Bye())
    else:
        getattr(talker, how)()
    until(lambda: bob.closed)
    assert bob.closed == [person(1).peer]
    assert bob.over == bob.opened
    assert changed.is_set()
    assert not bob.peers.linked()


def test_when_networks_change_a_silent_link_is_let_go_and_a_living_one_stays(house, monkeypatch):
    monkeypatch.setattr(rivals_room, "SIGN_OF_LIFE_WITHIN", 1.0)
    alice, bob = house(1), house(2)
    living = alice.calls(bob)
    silent = Talker.dial(alice.port, person(3))
    silent.open()
    until(lambda: alice.peers.link(silent.me.peer))
    alice.peers.doubt()
    until(lambda: alice.closed)
    assert alice.closed == [silent.me.peer]
    assert alice.peers.link(bob.peer) is living
    assert silent.hear(records.Ping) == records.Ping()


def test_dropping_somebody_says_goodbye_on_every_connection_with_them(house):
    bob = house(2)
    talkers = []
    for _ in range(2):
        talkers.append(Talker.dial(bob.port, person(1)))
        talkers[-1].hear(records.Hello)
    other = Talker.dial(bob.port, person(3))
    other.open()
    bob.peers.drop(person(1).peer)
    for talker in talkers:
        assert talker.is_over()
    assert other.is_understood()


def test_an_objection_of_the_room_above_ends_the_link(house, caplog):
    caplog.set_level(logging.WARNING)
    bob = house(2)

    def object_to_it(_connection):
        raise RemoteProtocolError("nobody honest says that")

    bob.on_heard = object_to_it
    talker = Talker.dial(bob.port, person(1))
    talker.open()
    talker.say(text())
    assert talker.is_over()
    until(lambda: bob.closed)
    assert "nobody honest says that" in caplog.text


def test_stopping_waits_only_so_long_for_those_who_never_hang_up(house, monkeypatch):
    monkeypatch.setattr(peers_room, "GOODBYES_WITHIN", 0.05)
    bob = house(2)
    talker = Talker.dial(bob.port, person(1))
    talker.open()
    until(lambda: bob.peers.linked())
    bob.peers.stop()
    assert talker.hear_all()[-1] == records.Bye()
    until(lambda: not bob.everyone())


def test_stopping_ends_even_a_link_whose_peer_reads_nothing(house, monkeypatch):
    monkeypatch.setattr(peers_room, "GOODBYES_WITHIN", 0.05)
    bob = house(2)
    talker = Talker.dial(bob.port, person(1))
    talker.open()
    until(lambda: bob.peers.linked())
    many = [records.Message(seq, bytes(16), 1, 1, 0, bytes(60_000)) for seq in range(1, 250)]
    bob.peers.link(person(1).peer).send(*many)
    until(lambda: len(bob.peers.link(person(1).peer)._queue) < len(many))
    bob.peers.stop()
    until(lambda: not bob.everyone())


def test_a_peer_that_reads_nothing_is_not_kept_waiting_for_more_and_more(house, monkeypatch):
    monkeypatch.setattr(connection_room, "MAX_QUEUED", 1 << 20)
    bob = house(2)
    talker = Talker.dial(bob.port, person(1))
    talker.open()
    until(lambda: bob.peers.linked())
    link = bob.peers.link(person(1).peer)
    for seq in range(1, 1_000):
        if not link.is_open:
            break
        link.send(records.Message(seq, bytes(16), 1, 1, 0, bytes(60_000)))
    assert len(link._queue) < 40
    until(lambda: not bob.peers.linked())


def test_whoever_arrives_while_we_stop_is_not_kept(house):
    bob = house(2)
    talker = Talker.dial(bob.port, person(1))
    talker.hear(records.Hello)
    bob.peers._stopping = True
    talker.say(hello())
    assert talker.is_over()
    assert not bob.opened


# -- the log


def test_a_strangers_noise_is_no_warning(house, caplog):
    """Else whoever reaches the port could fill the log at will."""
    caplog.set_level(logging.DEBUG)
    bob = house(2)
    with socket.create_connection(("127.0.0.1", bob.port)) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert sock.recv(1) == b""
    until(lambda: bob.over)
    assert not [record for record in caplog.records if record.levelno >= logging.INFO]
    assert "no handshake" in caplog.text


def test_each_step_of_a_connection_is_one_line(house, caplog):
    caplog.set_level(logging.INFO)
    bob = house(2)
    talker = Talker.dial(bob.port, person(1))
    talker.open()
    talker.say(records.Bye())
    until(lambda: bob.closed)
    short = person(1).peer.short
    port = talker.sock.getsockname()[1]
    assert [record.getMessage() for record in caplog.records] == [
        f"channel with {short} from 127.0.0.1:{port}",
        f"{short} said goodbye",
    ]


def test_a_dead_socket_is_a_failed_dial_and_no_fault(house, monkeypatch):
    alice = house(1)
    ours, theirs = tcp_pair()
    theirs.close()
    ours.close()
    monkeypatch.setattr(peers_room.dialer, "dial", lambda _place: ours)
    assert failure(alice, HostPort("127.0.0.1", 1)) == "refused"
    assert Channel(identity=alice.me, initiator=False)

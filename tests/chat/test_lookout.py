"""Who may find us, what strangers meet at the door, and what follows when that changes."""

import pytest

from engine.chat import lookout
from engine.chat.errors import Refused
from engine.chat.events import MeChanged
from engine.net.announcements import Sighting
from engine.net.dialer import DialFailed
from engine.net.discovery import DiscoveryUnavailable
from engine.net.redial import NO_PASS
from engine.protocol import beacon, records
from engine.protocol.invite import HostPort
from tests.chat.people import become_friends, calls_again, friend, stranger
from tests.helpers import person, until
from tests.net.talking import Talker, hello


class FakeDiscovery:
    """A network on which nobody else is, and a record of what we said on it."""

    made: "list[FakeDiscovery]"
    looked_at = ("wlan0 192.168.1.0/24", "wlan0 fe80::/64")
    fails = False

    def __init__(self, *, port, on_seen, on_gone, on_moved):
        self.port, self.on_seen, self.on_gone, self.on_moved = port, on_seen, on_gone, on_moved
        self.said = []
        self.stopped = False
        type(self).made.append(self)

    def start(self):
        if self.fails:
            raise DiscoveryUnavailable("no network card")

    def announce(self, txt, *, only_here=False):
        self.said.append(txt)
        self.is_only_here = only_here

    def stop(self):
        self.stopped = True


@pytest.fixture
def discovery(monkeypatch):
    monkeypatch.setattr(FakeDiscovery, "made", [], raising=False)
    monkeypatch.setattr(lookout, "Discovery", FakeDiscovery)
    return FakeDiscovery.made


def looks(someone):
    """They begin to look, as the program does when it starts."""
    someone.node._lookout.start(someone.port)


def dial(one, other):
    place = HostPort("127.0.0.1", other.port)
    return one.node._peers.dial(place, expected=None, knock_pass=NO_PASS)


def test_everyone_may_find_us_unless_we_say_otherwise(people, discovery):
    alice = people("Alice")
    looks(alice)
    [network] = discovery
    assert network.port == alice.port
    assert network.said == [beacon.write_open(alice.me.peer, "Alice")]
    me = alice.node.me()
    assert (me.visibility, me.discovery) == ("everyone", "on")
    assert me.networks == ("wlan0 192.168.1.0/24",)


def test_without_looking_nothing_is_said_and_the_page_is_told(people, discovery):
    alice = people("Alice")
    assert alice.node.me().discovery == "off"
    assert discovery == []


def test_a_system_without_mdns_still_chats(people, discovery, monkeypatch):
    monkeypatch.setattr(FakeDiscovery, "fails", True)
    alice, bob = people("Alice", "Bob")
    looks(alice)
    assert alice.node.me().discovery == "unavailable"
    become_friends(alice, bob)


def test_a_new_name_is_announced(people, discovery):
    alice = people("Alice")
    looks(alice)
    alice.node.set_name("Alicia")
    assert discovery[0].said[-1] == beacon.write_open(alice.me.peer, "Alicia")


def test_hidden_takes_the_announcement_back_and_says_nothing_more(people, discovery):
    alice = people("Alice")
    looks(alice)
    alice.node.set_visibility("hidden")
    alice.node.set_name("Alicia")
    assert discovery[0].said[1:] == [None]


def test_contacts_only_is_announced_anew_for_each_new_contact(people, discovery):
    alice, bob = people("Alice", "Bob")
    looks(alice)
    alice.node.set_visibility("contacts")
    assert discovery[0].said[-1] is None  # nobody could recognise us
    become_friends_by_alice(alice, bob)
    until(lambda: discovery[0].said[-1] is not None)
    veiled = beacon.parse(discovery[0].said[-1])
    until(lambda: bob.node._book.get(alice.me.peer).pass_from_them)
    passes = {alice.me.peer: bob.node._book.get(alice.me.peer).pass_from_them}
    assert beacon.matches(veiled, passes) == alice.me.peer
    alice.node.forget_person(bob.address)
    assert discovery[0].said[-1] is None


def become_friends_by_alice(alice, bob):
    """She asks: a stranger's knock at her door meets silence."""
    alice.meets(bob)
    until(lambda: alice.name in bob.asked_by())
    bob.accepts(alice)
    until(lambda: alice.sees(bob).contact)


def test_what_a_contact_says_under_a_veil_is_recognised_by_the_pass_they_gave_us(people, discovery):
    alice, bob = people("Alice", "Bob")
    looks(alice)
    become_friends(alice, bob)
    pass_for_alice = bob.node._book.get(alice.me.peer).pass_for_them
    until(lambda: alice.node._book.get(bob.me.peer).pass_from_them == pass_for_alice)
    txt = beacon.write_veiled([pass_for_alice], lambda size: bytes(range(size)))
    place = HostPort("10.0.0.7", 6000)
    discovery[0].on_seen(veiled_sighting(txt, place))
    assert alice.node._lookout.nearby.places(bob.me.peer) == (place,)
    alice.node.forget_person(bob.address)
    assert alice.node._lookout.nearby.people() == []


def veiled_sighting(txt, place):
    return Sighting("veiled", (place,), txt)


@pytest.mark.parametrize("visibility", ["contacts", "hidden"])
def test_strangers_meet_silence_and_contacts_come_in(people, visibility):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    alice.node.set_visibility(visibility)
    with pytest.raises(DialFailed, match="not_p2pchat"):
        dial(carol, alice)
    alice.node._redial.stop()  # only Bob dials now
    alice.cut(bob)
    until(lambda: alice.is_linked(bob) and not alice.link(bob).initiator)


def test_a_stranger_who_is_here_when_we_close_the_door_has_to_leave(people):
    alice = people("Alice")
    talker = stranger(alice, 9)
    alice.node.set_visibility("contacts")
    assert talker.is_over()


def test_somebody_blocked_has_to_leave_too(people):
    alice = people("Alice")
    friend(alice, 9)
    alice.node.change_person(person(9).peer.address, blocked=True)
    until(lambda: not alice.connections(person(9)))
    again = calls_again(alice, 9)
    alice.node.set_visibility("hidden")
    assert again.is_over()


def test_who_came_in_before_the_door_closed_and_says_hello_after_is_not_heard(people):
    alice = people("Alice")
    talker = Talker.dial(alice.port, person(9))
    until(lambda: alice.connections(person(9)))
    alice.node.set_visibility("hidden")
    talker.hear(records.Hello)
    talker.say(hello(), records.Request(bytes(16), 1, 0, "Nine", "let me in"))
    assert talker.is_over()
    assert alice.node.requests() == []


def test_strangers_learn_our_name_only_while_everyone_may(people):
    alice, bob = people("Alice", "Bob")
    _link, hello = dial(bob, alice)
    assert hello.name == "Alice"
    until(lambda: alice.is_linked(bob))
    bob.node._peers.drop(alice.me.peer)
    until(lambda: not alice.connections(bob))
    alice.node.set_visibility("hidden")
    _link, hello = dial(alice, bob)
    until(lambda: bob.is_linked(alice))
    assert bob.link(alice).session.hello.name == ""


def test_visibility_outlives_a_restart(people):
    alice = people("Alice")
    alice.node.set_visibility("contacts")
    alice.restart()
    assert alice.node.me().visibility == "contacts"


def test_a_visibility_that_is_none_is_refused(people):
    alice = people("Alice")
    with pytest.raises(Refused, match="bad_request"):
        alice.node.set_visibility("friends")
    assert alice.node.me().visibility == "everyone"


def test_a_network_that_comes_later_is_told(people, discovery, monkeypatch):
    monkeypatch.setattr(FakeDiscovery, "looked_at", ())
    alice = people("Alice")
    looks(alice)
    assert alice.node.me().networks == ()
    discovery[0].looked_at = ("eth0 10.0.0.0/8",)
    discovery[0].on_moved()
    until(
        lambda: (
            [event.me.networks for event in alice.hear(MeChanged)][-1:] == [("eth0 10.0.0.0/8",)]
        )
    )


def test_a_veiled_record_is_for_one_network_and_a_new_one_for_the_next(people, discovery):
    alice, bob = people("Alice", "Bob")
    looks(alice)
    network = discovery[0]
    assert not network.is_only_here
    alice.node.set_visibility("contacts")
    become_friends_by_alice(alice, bob)
    before = until(lambda: network.said[-1])
    assert network.is_only_here
    network.on_moved()
    after = network.said[-1]
    assert after["r"] != before["r"]
    passes = {bob.me.peer: alice.node._book.get(bob.me.peer).pass_for_them}
    assert beacon.matches(beacon.parse(after), passes) == bob.me.peer
    alice.node.set_visibility("everyone")
    said = len(network.said)
    network.on_moved()
    assert len(network.said) == said
    assert not network.is_only_here


def test_when_we_move_links_must_prove_that_they_live_and_lost_people_are_dialled(
    people, discovery
):
    alice, bob = people("Alice", "Bob", jitter=lambda: 1_000.0)  # nobody redials by themselves
    looks(alice)
    become_friends(alice, bob)
    bob.stop()
    until(lambda: alice.sees(bob).next_try_at)
    talker = stranger(alice, 9)
    tried = alice.sees(bob).next_try_at
    discovery[0].on_moved()
    talker.hear(records.Ping)
    until(lambda: alice.sees(bob).next_try_at != tried)


def test_stopping_says_goodbye_to_the_network(people, discovery):
    alice = people("Alice")
    looks(alice)
    alice.stop()
    assert discovery[0].stopped


def test_those_we_ask_learn_our_name_though_we_hide(people):
    alice, bob = people("Alice", "Bob")
    alice.node.set_visibility("hidden")
    alice.meets(bob)
    until(lambda: bob.asked_by() == ["Alice"])

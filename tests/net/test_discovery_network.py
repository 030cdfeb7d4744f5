"""People appear on a real network, and leave it: two namespaces and a cable between them.

Every program that speaks mDNS here runs in a namespace that the test made, and is heard nowhere
else. What a person may have to wait for is measured by benchmarks, not here.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from engine.protocol import beacon
from tests.helpers import person, seeded, until
from tests.net.avahi import Avahi
from tests.net.home import SEEN_WITHIN, Home
from tests.net.namespaces import CARD, network, why_not
from tests.net.wire import SRV, announcement, question

NOBODY = why_not()

pytestmark = [
    pytest.mark.namespace,
    pytest.mark.skipif(bool(NOBODY), reason=NOBODY),
]


@pytest.fixture
def home() -> Iterator[Home]:
    with network("a", "b") as spaces, ExitStack() as stack:
        yield Home(spaces, stack)


def test_two_who_announce_themselves_see_each_other_and_each_others_goodbye(home):
    home.connect(six=True)
    alice = home.look(home.a).announce(n=b"Alice")
    bob = home.look(home.b).announce(n=b"Bob", x=bytes(range(250)))
    assert f"10.99.0.1:{alice.port}" in bob.finds(n=b"Alice")["places"]
    assert f"10.99.0.2:{bob.port}" in alice.finds(n=b"Bob", x=bytes(range(250)))["places"]
    assert len(alice.people) == len(bob.people) == 1, "nobody sees himself"
    alice.stop()
    bob.is_alone()
    assert not any("said" in event for event in alice.events + bob.events)


def test_who_comes_later_sees_who_is_there(home):
    home.connect()
    home.look(home.a).announce(n=b"Alice")
    home.look(home.b).finds(n=b"Alice")


def test_two_programs_on_one_machine_see_each_other(home):
    home.connect()
    one, other = home.look(home.a), home.look(home.a)
    one.announce(n=b"one")
    other.announce(n=b"other")
    one.finds(n=b"other")
    other.finds(n=b"one")


def test_who_hides_sees_and_is_not_seen(home):
    home.connect()
    alice, bob = home.look(home.a).announce(n=b"Alice"), home.look(home.b)
    bob.finds(n=b"Alice")
    alice.hide()
    bob.is_alone()
    bob.announce(n=b"Bob")
    alice.finds(n=b"Bob")
    assert bob.people == {}


def test_a_new_announcement_has_no_name_in_common_with_the_one_before(home):
    home.connect()
    wire = home.wire()
    alice, bob = home.look(home.a).announce(n=b"Alice"), home.look(home.b)
    before = bob.finds(n=b"Alice")["seen"]
    alice.announce(n=b"Alicia")
    after = bob.finds(n=b"Alicia")["seen"]
    bob.wait(lambda: list(bob.people) == [after], "the old one is gone")
    assert before != after
    told = [event for event in bob.events if "seen" in event or "gone" in event]
    assert [next(iter(event)) for event in told] == ["seen", "seen", "gone"], "never away meanwhile"
    texts = {frame for frame in wire.frames if b"Alicia" in frame}
    assert texts
    assert not any(before.encode() in frame for frame in texts)


def test_a_pulled_cable_takes_everybody_away_and_brings_them_back(home):
    home.connect(six=True)
    alice, bob = home.look(home.a).announce(n=b"Alice"), home.look(home.b).announce(n=b"Bob")
    alice.finds(n=b"Bob")
    bob.finds(n=b"Alice")
    home.b.ip("link", "set", CARD, "down")
    alice.is_alone()
    bob.is_alone()
    assert alice.looked_at() == []
    home.b.ip("link", "set", CARD, "up")
    alice.finds(n=b"Bob")
    bob.finds(n=b"Alice")


def test_who_starts_without_a_network_is_found_when_there_is_one(home):
    home.connect(four=False)
    alice, bob = home.look(home.a).announce(n=b"Alice"), home.look(home.b)
    assert alice.looked_at() == []
    home.b.ip("addr", "add", "10.99.0.2/16", "dev", CARD)
    home.a.ip("addr", "add", "10.99.0.1/16", "dev", CARD)
    bob.finds(n=b"Alice")
    assert alice.looked_at() == [f"{CARD} 10.99.0.0/16"]


def test_an_address_that_changes_is_followed(home):
    home.connect()
    alice, bob = home.look(home.a).announce(n=b"Alice"), home.look(home.b)
    bob.finds(n=b"Alice")
    home.a.ip("addr", "delete", "10.99.0.1/16", "dev", CARD)
    home.a.ip("addr", "add", "10.99.0.9/16", "dev", CARD)
    place = [f"10.99.0.9:{alice.port}"]
    bob.wait(lambda: [one["places"] for one in bob.people.values()] == [place], "the new address")


def test_what_is_only_for_here_is_never_said_on_the_next_network(home):
    """Neither the record, nor its names in a goodbye or a question: each would tell who came."""
    home.connect()
    record = beacon.write_veiled([b"a pass for Bob.."], seeded("veil"))
    alice, bob = home.look(home.a).announce_here(**record), home.look(home.b)
    seen = bob.finds(**record)["seen"]
    wire = home.wire()
    speaker = home.speaker("10.99.0.2")
    speaker.say(question())
    until(lambda: wire.count(record["r"]), SEEN_WITHIN, "the capture works")
    home.a.ip("addr", "delete", "10.99.0.1/16", "dev", CARD)
    home.a.ip("addr", "add", "10.99.0.9/24", "dev", CARD)
    there = [f"{CARD} 10.99.0.0/24"]
    alice.wait(lambda: there in [event.get("moved") for event in alice.events], "it noticed")
    moved = len(wire.frames)
    for asked in (question(), question(seen, SRV)):
        speaker.say(asked)
    again = beacon.write_veiled([b"a pass for Bob.."], seeded("another veil"))
    alice.announce_here(**again)
    after = bob.finds(**again)
    assert after["seen"] != seen
    assert after["places"] == [f"10.99.0.9:{alice.port}"]
    alice.stop()
    card = bytes.fromhex(home.a.run("cat", f"/sys/class/net/{CARD}/address").replace(":", ""))
    from_alice = [frame for frame in wire.frames[moved:] if frame[6:12] == card]
    assert any(again["r"] in frame for frame in from_alice)
    for text in (record["r"], record["t0"], seen.encode()):
        assert not any(text in frame for frame in from_alice)


def test_with_nothing_but_link_local_addresses_people_see_each_other(home):
    home.connect(four=False, six=True)
    alice, bob = home.look(home.a).announce(n=b"Alice"), home.look(home.b).announce(n=b"Bob")
    [place] = bob.finds(n=b"Alice")["places"]
    index = home.b.run("cat", f"/sys/class/net/{CARD}/ifindex").strip()
    assert place.startswith("[fe80::")
    assert place.endswith(f"%{index}]:{alice.port}")
    alice.finds(n=b"Bob")


def test_only_the_address_that_was_asked_for_is_used(home):
    home.connect()
    wire = home.wire()
    one, other = (home.look(home.a, "127.0.0.1") for _ in range(2))
    one.announce(n=b"one")
    assert other.finds(n=b"one")["places"] == [f"127.0.0.1:{one.port}"]
    assert wire.count(b"_p2pchat") == 0
    home.look(home.a, "10.99.0.1").announce(n=b"three")
    until(lambda: wire.count(b"_p2pchat"), SEEN_WITHIN)
    assert not [known for known in other.people.values() if "10.99" in str(known["places"])]


def test_where_multicast_is_forbidden_there_is_silence_and_no_error(home):
    if shutil.which("nft") is None:
        pytest.skip("forbidding multicast needs the program nft (nftables)")
    home.connect()
    home.a.run(
        "nft",
        "add table inet t; add chain inet t out { type filter hook output priority 0; };"
        "add rule inet t out ip daddr 224.0.0.0/4 reject",
    )
    wire = home.wire()
    alice, bob = home.look(home.a).announce(n=b"Alice"), home.look(home.b).announce(n=b"Bob")
    alice.finds(n=b"Bob")
    assert bob.people == {}
    home.a.run("nft", "delete table inet t")
    home.a.ip("addr", "add", "10.99.0.9/16", "dev", CARD)  # whatever makes it speak again
    bob.finds(n=b"Alice")
    assert wire.count(b"Alice")
    assert not any("said" in event for event in alice.events)


# -- what the wire tells


NAMED = ("unshare", "--uts", "sh", "-c", 'hostname canary-laptop && exec "$@"', "sh")


def test_the_wire_tells_everything_only_when_everyone_may_know(home):
    """The control for the two tests below: what they look for would be found."""
    home.connect()
    wire, alice = home.wire(), person(1).peer
    home.look(home.a, before=NAMED).announce(**beacon.write_open(alice, "Canary Alice"))
    home.look(home.b).finds(**beacon.write_open(alice, "Canary Alice"))
    assert wire.count(b"canary alice")
    assert wire.count(alice.address.encode())
    assert wire.count(b"canary-laptop") == 0


def test_the_wire_tells_neither_name_nor_key_when_only_contacts_may_know(home):
    home.connect(six=True)
    wire, alice = home.wire(), person(1).peer
    secret = b"a pass for Bob.."
    looker = home.look(home.a, before=NAMED)
    looker.announce(**beacon.write_open(alice, "Canary Alice"))
    bob = home.look(home.b)
    bob.finds(**beacon.write_open(alice, "Canary Alice"))
    record = beacon.write_veiled([secret], seeded("veil"))
    looker.announce(**record)
    seen = bob.finds(**record)
    bob.wait(lambda: list(bob.people) == [seen["seen"]], "the open record is gone")
    told = len(wire.frames)
    speaker = home.speaker("10.99.0.2")
    for asked in (question(), question(seen["seen"], SRV)):
        speaker.say(asked)
    until(lambda: record["r"] in b"".join(wire.frames[told:]), SEEN_WITHIN, "it answers")
    looker.stop()
    bob.is_alone()
    veiled = b"".join(wire.frames[told:])
    for text in (b"canary", alice.address.encode(), bytes(alice), secret):
        assert text.lower() not in veiled.lower()
    parsed = beacon.parse({key: bytes.fromhex(value) for key, value in seen["txt"].items()})
    assert isinstance(parsed, beacon.VeiledBeacon)
    assert beacon.matches(parsed, {alice: secret}) == alice


@pytest.mark.parametrize("mode", ["contacts", "hidden"])
def test_the_wire_never_tells_what_was_never_announced(home, mode):
    home.connect(six=True)
    wire, alice = home.wire(), person(1).peer
    looker, bob = home.look(home.a, before=NAMED), home.look(home.b)
    if mode == "contacts":
        record = beacon.write_veiled([b"a pass for Bob.."], seeded("veil"))
        looker.announce(**record)
        bob.finds(**record)
    else:
        looker.hide()
    speaker = home.speaker("10.99.0.2")
    speaker.say(question())
    bob.announce(n=b"Bob")
    looker.finds(n=b"Bob")
    looker.stop()
    assert wire.count(b"_p2pchat"), "the capture works"
    for text in (b"canary", alice.address.encode(), bytes(alice), b"a pass for Bob.."):
        assert wire.count(text) == 0
    if mode == "hidden":
        assert bob.people == {}


# -- floods and lies


def test_a_flood_of_a_thousand_services_shows_few_and_keeps_who_was_there(home):
    home.connect()
    alice = home.look(home.a)
    home.look(home.b).announce(n=b"Bob")
    alice.finds(n=b"Bob")
    sources = [f"10.99.1.{number}" for number in range(1, 101)]
    batch = "".join(f"addr add {source}/16 dev {CARD}\n" for source in sources)
    subprocess.run(["ip", "-n", home.b.name, "-batch", "-"], input=batch, text=True, check=True)
    speakers = [home.speaker(source) for source in sources]
    for number in range(1_000):
        source = number % len(sources)
        text = [b"v=1", b"number=%d" % number]
        speakers[source].say(announcement(f"flood{number}", sources[source], text))
    alice.wait(lambda: len(alice.people) >= 150, "many are seen")
    assert alice.looked_at()
    assert len(alice.people) <= 200
    per_source: dict[str, int] = {}
    for one in alice.people.values():
        host = one["places"][0].rpartition(":")[0]
        per_source[host] = per_source.get(host, 0) + 1
    assert max(per_source.values()) <= 8
    assert {"n": b"Bob".hex()} in [one["txt"] for one in alice.people.values()]


def test_one_liar_can_show_eight_people_and_send_nobody_away(home):
    home.connect()
    home.b.ip("addr", "add", "10.99.0.3/16", "dev", CARD)
    alice, bob = home.look(home.a, "10.99.0.1"), home.look(home.b, "10.99.0.2")
    bob.announce(n=b"Bob")
    instance = alice.finds(n=b"Bob")["seen"]
    liar = home.speaker("10.99.0.3")
    liar.say(announcement("elsewhere", "8.8.8.8", [b"v=1"]))
    for number in range(50):
        liar.say(announcement(f"lie{number}", "10.99.0.3", [b"v=1"]))
    liar.say(announcement(instance, "10.99.0.3", [], life=0))
    carol = home.look(home.b, "10.99.0.2").announce(n=b"Carol")
    alice.finds(n=b"Carol")
    carol.stop()
    alice.wait(lambda: len(alice.people) == 8, "Carol, who left later, is gone")
    assert instance in alice.people, "Bob said that he is still there"
    assert sum(name.startswith("lie") for name in alice.people) == 7, "and one that leads nowhere"


def test_bytes_without_sense_do_no_harm(home):
    home.connect()
    alice, speaker = home.look(home.a), home.speaker("10.99.0.2")
    honest = announcement("bob", "10.99.0.2", [b"v=1"])
    chance = seeded("noise")
    for cut in range(0, len(honest), 3):
        speaker.say(honest[:cut] + chance(8) + honest[cut + 8 :])
    home.look(home.b).announce(n=b"Bob")
    alice.finds(n=b"Bob")
    assert not any("said" in event for event in alice.events)


# -- another implementation


@pytest.fixture
def avahi(home, tmp_path) -> Avahi:
    missing = [one for one in Avahi.NEEDS if shutil.which(one) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (avahi-daemon, avahi-utils, dbus)")
    home.connect()
    return Avahi(home.b, tmp_path)


def test_avahi_finds_us(home, avahi):
    alice = home.look(home.a).announce(v=b"1", n=b"Alice")
    [found] = until(avahi.browse, SEEN_WITHIN, "avahi finds a service")
    assert found[7:9] == ["10.99.0.1", str(alice.port)]
    assert {'"v=1"', '"n=Alice"'} == set(found[9].split())
    alice.stop()
    until(lambda: not avahi.browse(), SEEN_WITHIN, "avahi heard the goodbye")


def test_we_find_what_avahi_publishes(home, avahi):
    alice = home.look(home.a)
    published = avahi.publish("Bob's laptop", 6_002, "v=1", "n=Bob")
    seen = alice.finds(v=b"1", n=b"Bob")
    assert seen["seen"] == "Bob's laptop"
    assert seen["places"] == ["10.99.0.2:6002"]
    published.terminate()
    alice.is_alone()

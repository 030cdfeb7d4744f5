"""What the cable tells of somebody who would not be seen by all: neither name nor key."""

import base64
import shutil
from collections.abc import Iterator

import pytest

from identity import PeerId
from tests.lan.lan import ALICE_AT, BOB_AT, Resident, renumber
from tests.net.avahi import Avahi
from tests.net.wire import Wire

# The computer's own name is nobody's business either.
NAMED = ("unshare", "--uts", "sh", "-c", 'hostname canary-laptop && exec "$@"', "sh")
SHORTEST = 6  # bytes worth looking for


def faces(text: bytes) -> Iterator[bytes]:
    """``text`` in the encodings in which somebody may have let it slip."""
    yield text
    yield text[::-1]
    yield text.hex().encode()
    yield b":".join(b"%02x" % byte for byte in text)
    yield b"".join(b"\\x%02x" % byte for byte in text)
    yield b"".join(b"%%%02x" % byte for byte in text)
    # Wherever in what was encoded it began: only its whole groups look the same.
    for encode, group, letters in (
        (base64.b64encode, 3, 4),
        (base64.urlsafe_b64encode, 3, 4),
        (base64.b32encode, 5, 8),
        (base64.b32hexencode, 5, 8),
    ):
        for skipped in range(group):
            whole = text[skipped : skipped + (len(text) - skipped) // group * group]
            yield encode(whole)[: len(whole) // group * letters]


def secrets_of(one: Resident) -> set[bytes]:
    """All by which its person could be told from others, in every form."""
    me = one.call("GET", "/me")
    key = bytes(PeerId.from_address(me["address"]))
    name = me["name"]
    plain = {
        *(name.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")),
        *(word.encode() for word in name.split() if len(word) >= SHORTEST),
        *me["fingerprint"].encode().split(),
        me["address"].encode(),
        me["fingerprint"].encode(),
        key,
        b"canary-laptop",
    }
    return {face for text in plain for face in faces(text) if len(face) >= SHORTEST}


def found(wire: Wire, texts: set[bytes], since: int = 0) -> set[bytes]:
    """Those of the texts that passed by, in upper or lower case, from frame ``since`` on."""
    frames = [frame.lower() for frame in wire.frames[since:]]
    return {text for text in texts if any(text.lower() in frame for frame in frames)}


@pytest.fixture
def quiet(lan):
    """Two who are called what no packet holds by chance, on computers with a name."""
    for one, name in ((lan.alice, "Aubergine Alicia"), (lan.bob, "Broccoli Roberto")):
        one.options = ("--name", name)
        one.before = NAMED
    return lan.connect(six=True)


def test_who_is_seen_by_everyone_is_read_on_the_wire(quiet):
    """The control for the tests below: what they look for would be found."""
    wire = quiet.wire()
    alice, bob = quiet.start()
    bob.waits_for(alice, nearby=True)
    seen = found(wire, secrets_of(alice))
    assert {b"Aubergine Alicia", alice.address.encode()} <= seen
    assert b"canary-laptop" not in seen


def test_who_is_seen_by_contacts_is_found_by_them_and_tells_nobody_else(quiet):
    alice, bob = quiet.start_friends()
    for one in (alice, bob):
        one.be("contacts")
        one.stop()
    # Nobody knows any more where the other is.
    renumber(quiet.a, ALICE_AT, "10.99.0.11")
    renumber(quiet.b, BOB_AT, "10.99.0.12")
    wire = quiet.wire()
    for one in (alice, bob):
        one.start()
        assert one.call("GET", "/me")["visibility"] == "contacts"
    for one, other in ((alice, bob), (bob, alice)):
        one.waits_for(other, nearby=True, online=True)
    alice.say(bob, "found you")
    bob.waits_for_texts(alice, "found you")
    secrets = secrets_of(alice) | secrets_of(bob)
    for one in (alice, bob):
        one.stop()
    assert wire.count(b"_p2pchat"), "the capture works, and they did announce something"
    assert found(wire, secrets) == set()


def test_who_hides_sees_and_calls_and_is_not_seen(quiet):
    quiet.alice.options += ("--visibility", "hidden")
    wire = quiet.wire()
    alice, bob = quiet.start()
    alice.waits_for(bob, nearby=True)
    assert bob.call("GET", "/people") == []
    alice.connect(bob.address, "guess who")
    bob.accept(alice)
    bob.waits_for_texts(alice, "guess who")
    secrets = secrets_of(alice)
    assert found(wire, secrets_of(bob)), "the capture works"
    alice.stop()
    assert found(wire, secrets) == set()


def test_who_begins_to_hide_is_gone_and_not_named_again(quiet):
    wire = quiet.wire()
    alice, bob = quiet.start()
    bob.waits_for(alice, nearby=True)
    alice.be("hidden")
    bob.wait(lambda: bob.person(alice) is None, "she is gone")
    told = len(wire.frames)
    bob.stop()
    alice.wait(lambda: alice.person(bob) is None, "he is gone too")
    bob.start()  # he asks who is here
    alice.waits_for(bob, nearby=True)
    assert bob.call("GET", "/people") == []
    secrets = secrets_of(alice)
    alice.stop()
    assert found(wire, secrets_of(bob), told), "the capture works"
    assert found(wire, secrets, told) == set()


def test_avahi_sees_the_program_and_its_goodbye(lan, tmp_path):
    missing = [one for one in Avahi.NEEDS if shutil.which(one) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (avahi-daemon, avahi-utils, dbus)")
    lan.connect()
    other = Avahi(lan.b, tmp_path)
    alice = lan.alice.start()
    [told] = alice.wait(other.browse, "avahi finds a service")
    assert told[7:9] == [ALICE_AT, "6000"]
    assert f'"k={alice.address}"' in told[9]
    assert '"n=Alice Of The Lan"' in told[9]
    alice.stop()
    alice.wait(lambda: not other.browse(), "avahi heard the goodbye")

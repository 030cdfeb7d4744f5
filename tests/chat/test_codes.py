"""Links to pass on, numbers to compare, pictures to read: as the page asks for them."""

import base64
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import segno

from engine.chat.codes import picture_of
from engine.chat.invites import GOOD_FOR
from engine.net.hosts import MAX_INVITED
from engine.protocol.invite import HostPort, parse_target
from tests.chat.codes import grey_of
from tests.chat.people import become_friends
from tests.chat.test_connect import refusal
from tests.helpers import person, until

NOON = 1_700_000_000_000


def drawn(svg: str) -> tuple[bytes, int, int]:
    """What a browser would show, as bytes of grey: segno draws runs of modules, line by line."""
    root = ElementTree.fromstring(svg)
    width, height = (int(side) for side in root.attrib["viewBox"].split()[2:])
    [path] = root.findall("{http://www.w3.org/2000/svg}path")
    dark = set()
    x = y = 0.0
    for letter, numbers in re.findall(r"([Mmh])([-\d. ]+)", path.attrib["d"]):
        step = [float(number) for number in numbers.split()]
        if letter == "h":
            dark |= {(int(x) + at, int(y)) for at in range(int(step[0]))}
            x += step[0]
        else:
            x, y = (step[0], step[1]) if letter == "M" else (x + step[0], y + step[1])
    scale = 4
    rows = [
        b"".join((b"\0" if (x, y) in dark else b"\xff") * scale for x in range(width)) * scale
        for y in range(height)
    ]
    return b"".join(rows), width * scale, height * scale


def test_a_picture_is_what_its_text_says():
    text = "p2pchat:" + "x" * 400
    svg, code = picture_of(text), segno.make(text, error="m")
    grey, width, height = drawn(svg)
    assert (grey, width, height) == grey_of(code, scale=4, border=2)
    assert "script" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_an_invite_is_read_back_from_its_own_picture(people):
    alice = people("Alice", now=lambda: NOON)
    invite = alice.node.make_invite()
    grey, width, height = drawn(invite.qr)
    assert alice.node.scan(grey, width=width, height=height) == [invite.link]
    target = parse_target(invite.link)
    assert target.peer == alice.me.peer
    assert target.hosts == (HostPort("127.0.0.1", alice.port),)
    assert target.name == "Alice"
    assert invite.expires_at == NOON + GOOD_FOR


def test_each_invite_has_a_pass_of_its_own_and_the_public_one_has_none(people):
    alice = people("Alice")
    one, other = alice.node.make_invite(), alice.node.make_invite()
    passes = [parse_target(made.link).knock_pass for made in (one, other)]
    assert passes[0] != passes[1]
    assert set(alice.node._invites.passes()) == set(passes)
    public = alice.node.invite()
    assert parse_target(public.link).knock_pass is None
    assert public.expires_at is None
    assert len(alice.node._invites.passes()) == 2


def test_an_invite_tells_of_the_name_as_it_is_now(people):
    alice = people("Alice")
    alice.node.set_name("Ayu 🦊")
    assert parse_target(alice.node.invite().link).name == "Ayu 🦊"


def test_an_invite_does_not_show_in_a_log(people):
    invite = people("Alice").node.make_invite()
    knock_pass = parse_target(invite.link).knock_pass
    for shown in (repr(invite), str(invite)):
        assert base64.b32encode(knock_pass).decode().lower()[:10] not in shown


def test_an_invite_made_here_is_used_there(people):
    alice, bob = people("Alice", "Bob")
    assert bob.node.connect(alice.node.make_invite().link).invite == "accepted"
    until(lambda: alice.sees(bob) and alice.sees(bob).level == 1)


def test_no_invite_is_made_that_cannot_be_stored(people):
    alice = people("Alice")
    with alice.full_disk():
        assert refusal(alice.node.make_invite).code == "disk_full"
    assert alice.node._invites.passes() == []


def test_an_invite_names_few_places(people):
    assert len(parse_target(people("Alice").node.invite().link).hosts) <= MAX_INVITED


def test_both_compare_the_number_of_the_other(people):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    shown = bob.node.safety(alice.address)
    grey, width, height = drawn(shown.qr)
    [scanned] = alice.node.scan(grey, width=width, height=height)
    spaced = " ".join(shown.number[start:end] for start, end in pairwise(range(0, 61, 5)))
    for code in (scanned, shown.number, spaced, spaced.replace(" ", "\n")):
        assert alice.node.compare_safety(bob.address, code) is True
    assert alice.sees(bob).level == 0, "it changes nothing"


def test_another_number_is_not_the_same(people):
    alice, bob, carol = people("Alice", "Bob", "Carol")
    become_friends(alice, bob)
    become_friends(carol, bob)
    number = bob.node.safety(carol.address).number
    assert alice.node.compare_safety(bob.address, number) is False
    ours = alice.node.safety(bob.address).number
    changed = ours[:-1] + str((int(ours[-1]) + 1) % 10)
    assert alice.node.compare_safety(bob.address, changed) is False


@pytest.mark.parametrize("code", ["", "12345", "x" * 60, "1" * 61, "p2pchat:abc"])
def test_what_is_no_number_is_a_bad_code(people, code):
    alice, bob = people("Alice", "Bob")
    become_friends(alice, bob)
    assert refusal(alice.node.compare_safety, bob.address, code).code == "bad_code"


def test_there_is_nothing_to_compare_with_somebody_unknown(people):
    alice = people("Alice")
    assert refusal(alice.node.compare_safety, person(9).peer.address, "1" * 60).code == "not_found"

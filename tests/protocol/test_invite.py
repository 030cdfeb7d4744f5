"""What people type or paste: read strictly, refused in plain words, never with anything else."""

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.protocol.invite import (
    MAX_HOSTS,
    MAX_NAME,
    BadTarget,
    HostPort,
    Target,
    make_invite,
    parse_host_port,
    parse_target,
)
from identity import Secret
from tests.helpers import mutations, person

ALICE = person(1).peer
PASS = bytes(range(16))
PASS_TEXT = "aaaqeayeaudaocajbifqydiob4"
PLAIN = (  # as another program, or a person, may write it: without a check
    f"p2pchat:{ALICE.address}?h=192.168.1.7:6000&h=[fe80::1%25eth0]:6000&n=Alice%20B&k={PASS_TEXT}"
)
FULL = PLAIN.replace("?", "?c=eo6cr&")
FULL_TARGET = Target(
    peer=ALICE,
    hosts=(HostPort("192.168.1.7", 6000), HostPort("fe80::1%eth0", 6000)),
    name="Alice B",
    knock_pass=Secret(PASS),
)


def place(host: str, port: int = 6000) -> Target:
    return Target(peer=None, hosts=(HostPort(host, port),), name="", knock_pass=None)


# -- HOST:PORT


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("192.168.1.7:6000", place("192.168.1.7")),
        ("  192.168.1.7:6000\n", place("192.168.1.7")),
        ("127.0.0.1:1", place("127.0.0.1", 1)),
        ("10.0.0.1:65535", place("10.0.0.1", 65_535)),
        ("１９２.168.1.7：6000", place("192.168.1.7")),
        ("[::1]:6000", place("::1")),
        ("[FE80:0:0::1]:6000", place("fe80::1")),
        ("[fe80::1%eth0]:6000", place("fe80::1%eth0")),
        ("[fe80::1%12]:6000", place("fe80::1%12")),
        ("[::ffff:192.168.1.7]:6000", place("192.168.1.7")),
        ("laptop.local:6000", place("laptop.local")),
        ("LAPTOP:6000", place("laptop")),
        ("my_pc-2.office.example.:6000", place("my_pc-2.office.example")),
        ("localhost:6000", place("localhost")),
    ],
)
def test_a_place_is_read(text, target):
    assert parse_target(text) == target


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "Type an address"),
        (" \n ", "Type an address"),
        ("192.168.1.7", "Add the port.* 192.168.1.7:6000$"),
        ("laptop.local", "Add the port.* laptop.local:6000$"),
        ("laptop.local:", "Add the port"),
        ("[fe80::1%eth0]", r"Add the port.* \[fe80::1%eth0\]:6000$"),
        ("fe80::1", "in brackets"),
        ("fe80::1:6000", "in brackets"),
        ("[fe80::1", "looks like this"),
        ("[fe80::1]6000", "looks like this"),
        ("[fe80::g]:6000", "no IPv6 address"),
        ("[192.168.1.7]:6000", "no IPv6 address"),
        ("[fe80::1%]:6000", "no IPv6 address"),
        ("[fe80::1%e h]:6000", "network card"),
        ("[::]:6000", "one machine"),
        ("[ff02::1]:6000", "one machine"),
        ("0.0.0.0:6000", "one machine"),
        ("224.0.0.251:6000", "one machine"),
        ("[::ffff:0.0.0.0]:6000", "one machine"),
        ("256.1.1.1:6000", "no IPv4 address"),
        ("192.168.1:6000", "no IPv4 address"),
        ("192.168.01.7:6000", "no IPv4 address"),
        ("127.1:6000", "no IPv4 address"),
        ("0x7f000001:6000", "no IPv4 address"),
        ("2130706433:6000", "no IPv4 address"),
        ("192.168.1.7:0", "1 to 65535"),
        ("192.168.1.7:65536", "1 to 65535"),
        ("192.168.1.7:600000000000000", "1 to 65535"),
        ("192.168.1.7:-1", "1 to 65535"),
        ("192.168.1.7:٦٠٠٠", "1 to 65535"),
        ("192.168.1.7:6000/", "1 to 65535"),
        ("my laptop:6000", "looks like"),
        ("-laptop:6000", "looks like"),
        (":6000", "looks like"),
        ("a..b:6000", "looks like"),
        ("x" * 64 + ".local:6000", "looks like"),
        (("x" * 60 + ".") * 5 + "local:6000", "looks like"),
        ("käse.local:6000", "looks like"),
        ("alice@laptop:6000", "looks like"),
        ("mailto:alice@example.org", "another program"),
        ("WIFI:S:Home;T:WPA;P:secret;;", "another program"),
        ("magnet:?xt=urn:btih:abc", "another program"),
        ("12345 " * 12, "safety number"),
        ("http://127.0.0.1:8000/#k=abc", "web page"),
        ("HTTPS://example.org", "web page"),
        (FULL.removeprefix("p2pchat:"), "begins with p2pchat:"),
        ("x" * 5_000, "far too long"),
    ],
)
def test_a_mistake_gets_a_sentence_that_helps(text, advice):
    with pytest.raises(BadTarget, match=advice) as caught:
        parse_target(text)
    assert "\n" not in str(caught.value)
    assert str(caught.value)[0].isupper()
    assert PASS_TEXT not in str(caught.value)


def test_an_ipv6_place_is_written_in_brackets():
    assert str(HostPort("192.168.1.7", 6000)) == "192.168.1.7:6000"
    assert str(HostPort("laptop.local", 6000)) == "laptop.local:6000"
    assert str(HostPort("fe80::1%eth0", 6000)) == "[fe80::1%eth0]:6000"


# -- bare addresses


@pytest.mark.parametrize(
    "text", [ALICE.address, ALICE.address.upper(), ALICE.fingerprint, f" {ALICE.fingerprint}\n"]
)
def test_a_bare_address_is_somebody_without_a_place(text):
    assert parse_target(text) == Target(peer=ALICE, hosts=(), name="", knock_pass=None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ALICE.address[:-1], "56 characters; this has 55"),
        (ALICE.address + "a", "56 characters; this has 57"),
        ("x" + ALICE.address[1:], "mistyped"),
        (ALICE.address[:-1] + "0", "no '0'"),
    ],
)
def test_a_mistyped_address_says_what_is_wrong(text, reason):
    with pytest.raises(BadTarget, match=reason):
        parse_target(text)
    with pytest.raises(BadTarget, match=reason):
        parse_target(f"p2pchat:{text}?n=A")


# -- invites


def test_a_whole_invite_is_read_and_written():
    assert parse_target(FULL) == FULL_TARGET
    assert parse_target(PLAIN) == FULL_TARGET
    written = make_invite(ALICE, FULL_TARGET.hosts, "Alice B", PASS)
    assert written == FULL


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (f"p2pchat:{ALICE.address}", Target(ALICE, (), "", None)),
        (f"p2pchat:{ALICE.address}?", Target(ALICE, (), "", None)),
        (f"P2PChat://{ALICE.address}/?n=A", Target(ALICE, (), "A", None)),
        (f"p2pchat:{ALICE.address.upper()}?n=A", Target(ALICE, (), "A", None)),
        (f"p2pchat:{ALICE.address}?zz=1&n=A&later", Target(ALICE, (), "A", None)),
        (f"p2pchat:{ALICE.address}?n=%F0%9F%A6%8A", Target(ALICE, (), "🦊", None)),
        (f"p2pchat:{ALICE.address}?n={'x' * 65}", Target(ALICE, (), "x" * 64, None)),
        (f"p2pchat:{ALICE.address}?h=a:1&h=b:2&h=a:1",
         Target(ALICE, (HostPort("a", 1), HostPort("b", 2)), "", None)),
        (" \n".join(FULL[at : at + 30] for at in range(0, len(FULL), 30)), FULL_TARGET),
    ],
)  # fmt: skip
def test_invites_are_read_as_they_arrive(text, target):
    assert parse_target(text) == target


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("?h=192.168.1.7", "Add the port"),
        ("?h=", "looks like"),
        ("?h=http://x", "1 to 65535"),
        ("?n=%ff", "damaged"),
        ("?n=A&n=B", "twice"),
        (f"?k={PASS_TEXT}&k={PASS_TEXT}", "twice"),
        ("?" + "&".join(f"h=a:{port}" for port in range(1, 18)), "more than 16"),
        ("?k=", "end of this invite is missing"),
        (f"?k={PASS_TEXT[:-1]}", "end of this invite is missing"),
        (f"?k={PASS_TEXT}a", "pass of this invite is damaged"),
        (f"?k={PASS_TEXT.upper()}", "pass of this invite is damaged"),
        (f"?k={PASS_TEXT[:-1]}5", "pass of this invite is damaged"),  # spare bits are set
    ],
)
def test_a_damaged_invite_says_what_is_wrong_and_never_shows_its_pass(rest, reason):
    with pytest.raises(BadTarget, match=reason) as caught:
        parse_target(f"p2pchat:{ALICE.address}{rest}")
    assert PASS_TEXT[:10] not in str(caught.value).lower()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["data:6000", "matrix:6000", "FILE:80"])
def test_a_machine_may_be_called_as_the_links_of_another_program(text):
    assert parse_target(text).hosts


# -- cut and changed links are told apart


def told(text):
    with pytest.raises(BadTarget) as caught:
        parse_target(text)
    assert PASS_TEXT[:10] not in str(caught.value)
    return str(caught.value)


def test_a_link_that_was_cut_anywhere_is_said_to_be_cut():
    # After the whole address, or its question mark, nothing promises more.
    whole = {len(f"p2pchat:{ALICE.address}"), len(f"p2pchat:{ALICE.address}?")}
    for end in range(len("p2pchat:"), len(FULL)):
        if end in whole:
            assert parse_target(FULL[:end]) == Target(ALICE, (), "", None)
        else:
            assert told(FULL[:end]) == "The end of this invite is missing: copy the whole of it."


@pytest.mark.parametrize(
    "change",
    [
        ("192.168.1.7", "192.168.1.8"),
        ("192.168.1.7:6000", "192.168.1.7:6001"),
        ("Alice", "Alicia"),
        ("&n=", "&N="),
        ("n=Alice%20B&", "n=Alice%20B&n=Bob&"),
        ("eth0", "eth1"),
        ("c=e", "c=d"),
        ("c=eo6cr", "c=eo6cs"),
        ("c=eo6cr", "c=eo6crr"),
        ("c=eo6cr", "c=EO6CR"),
        (PASS_TEXT, PASS_TEXT[::-1]),
        (PASS_TEXT, PASS_TEXT + "&utm_source=mail"),
        (PASS_TEXT, PASS_TEXT + "."),
    ],
)
def test_a_link_that_was_changed_is_said_to_be_changed(change):
    assert FULL.replace(*change) != FULL
    assert told(FULL.replace(*change)).startswith("Something in this invite was changed")


def test_a_link_that_lost_a_part_in_its_middle_lacks_something():
    assert "missing" in told(FULL.replace("&n=Alice%20B", ""))


def test_where_a_name_should_have_ended_nobody_can_tell():
    link = make_invite(ALICE, FULL_TARGET.hosts, "Alice B", None)
    assert told(link[:-1]) == told(link.replace("Alice", "Alexa"))
    assert "changed, or its end is missing" in told(link[:-1])


@pytest.mark.parametrize(
    ("how", "again"), [("[", "%5B"), ("]", "%5D"), (":6000", "%3A6000"), ("Alice", "%41lice")]
)
def test_a_program_on_the_way_may_quote_the_link_in_its_own_way(how, again):
    assert parse_target(FULL.replace(how, again)) == FULL_TARGET


def test_one_changed_letter_is_never_overlooked():
    for at in range(FULL.index("&") + 1, len(FULL)):
        for letter in "a2%&=":
            text = FULL[:at] + letter + FULL[at + 1 :]
            if text != FULL:
                assert told(text)


def test_a_pass_does_not_show_when_a_target_is_logged():
    text = repr(parse_target(FULL))
    assert PASS_TEXT not in text
    assert PASS.hex() not in text
    assert repr(PASS)[2:-1] not in text
    assert "Secret(16 bytes)" in text


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_pass_of_another_size_is_a_mistake(size):
    with pytest.raises(ValueError, match="16 bytes"):
        make_invite(ALICE, (), "", bytes(size))


def test_what_is_too_much_for_an_invite_is_left_out():
    hosts = [HostPort(f"10.0.0.{number}", 6000) for number in range(1, 30)]
    target = parse_target(make_invite(ALICE, hosts, "x" * 100, None))
    assert target.hosts == tuple(hosts[:MAX_HOSTS])
    assert target.name == "x" * MAX_NAME


def test_the_longest_invite_is_still_read():
    host = "fe80:1234:5678:9abc:def0:1234:5678:9abc%" + "x" * 32
    hosts = [HostPort(host, port) for port in range(65_500, 65_516)]
    target = parse_target(make_invite(ALICE, hosts, "🦊" * 64, PASS))
    assert (target.hosts, target.name) == (tuple(hosts), "🦊" * 64)


HOSTS = st.one_of(
    st.ip_addresses(v=4).filter(lambda ip: not (ip.is_multicast or ip.is_unspecified)).map(str),
    st.ip_addresses(v=6)
    .filter(lambda ip: not (ip.is_multicast or ip.is_unspecified or ip.ipv4_mapped))
    .map(str),
    st.from_regex(r"fe80::[0-9a-f]{1,4}%[a-z]{1,5}[0-9]", fullmatch=True).map(
        lambda text: str(ipaddress.IPv6Address(text))
    ),
    st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\.local)?", fullmatch=True),
)
PLACES = st.builds(HostPort, HOSTS, st.integers(1, 65_535))


@given(
    st.integers(0, 50),
    st.lists(PLACES, max_size=MAX_HOSTS, unique=True),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_NAME),
    st.none() | st.binary(min_size=16, max_size=16),
)
def test_every_invite_reads_back_as_what_it_was_made_of(number, hosts, name, knock_pass):
    peer = person(number).peer
    text = make_invite(peer, hosts, name, knock_pass)
    assert text.isascii()
    assert parse_target(text) == Target(peer, tuple(hosts), name, knock_pass)


@given(PLACES)
def test_every_place_reads_back_as_it_was_written(place):
    assert parse_host_port(str(place)) == place


@settings(max_examples=500)
@given(st.text(max_size=100))
@example("p2pchat:" + "²" * 56)
@example("[::%\ud800]:1")
@example("1.1.1.\u0661:1")
@example("p2pchat:?" + "%" * 50)
def test_no_text_raises_anything_but_bad_target(text):
    for candidate in (text, "p2pchat:" + text, f"p2pchat:{ALICE.address}?{text}", f"[{text}]:1"):
        try:
            target = parse_target(candidate)
        except BadTarget:
            continue
        assert target.peer or target.hosts


def test_a_hundred_thousand_damaged_inputs_raise_nothing_but_bad_target():
    samples = [FULL, ALICE.address, ALICE.fingerprint, "192.168.1.7:6000", "laptop.local:6000",
               "[fe80::1%eth0]:6000", "http://127.0.0.1:8000/"]  # fmt: skip
    read = 0
    for text in mutations(samples, 100_000):
        try:
            target = parse_target(text)
        except BadTarget:
            continue
        read += 1
        again = make_invite(target.peer or ALICE, target.hosts, target.name, target.knock_pass)
        assert parse_target(again).hosts == target.hosts
        assert target.peer in (None, ALICE)
    assert 1_000 < read < 90_000

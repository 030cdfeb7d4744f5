"""Reading codes in pictures: ours are read, everything else is nothing, and nothing waits."""

import random
import sys
import threading

import gevent
import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.chat import scan as scans
from engine.chat.errors import Refused
from engine.chat.scan import MAX_SCANS, MAX_SIDE, Scanner
from engine.protocol.invite import HostPort, make_invite
from engine.protocol.safety import safety_number
from tests.chat.codes import grey_of, grey_of_many
from tests.helpers import person

ALICE, BOB = person(1).peer, person(2).peer


@pytest.fixture(scope="module")
def scanner():
    scanner = Scanner()
    yield scanner
    scanner.stop()


def refusal(act, *arguments, **options):
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    return refused.value.code


def test_the_code_of_the_longest_invite_is_read(scanner):
    hosts = [
        HostPort(f"fe80::1234:5678:9abc:{number:x}%enx0123456789ab", 60_000) for number in range(4)
    ]
    link = make_invite(ALICE, hosts, "🦊" * 64, bytes(16))
    grey, width, height = grey_of(segno.make(link, error="m"))
    assert scanner.scan(grey, width=width, height=height) == [link]


def test_a_safety_number_is_read(scanner):
    number = safety_number(ALICE, BOB)
    grey, width, height = grey_of(segno.make(number, error="m"))
    assert scanner.scan(grey, width=width, height=height) == [number]


def test_a_code_is_read_upside_down_and_light_on_dark(scanner):
    grey, width, height = grey_of(segno.make("halo"))
    assert scanner.scan(grey[::-1], width=width, height=height) == ["halo"]
    light = bytes(255 - shade for shade in grey)
    assert scanner.scan(light, width=width, height=height) == ["halo"]


def test_several_codes_of_one_picture_are_told_each_once(scanner):
    grey, width, height = grey_of_many([segno.make(text) for text in ("one", "two", "one")])
    assert sorted(scanner.scan(grey, width=width, height=height)) == ["one", "two"]


def test_codes_of_another_kind_are_not_told(scanner):
    code = zxingcpp.create_barcode("12345", zxingcpp.BarcodeFormat.DataMatrix)
    picture = memoryview(code.to_image(scale=4))
    height, width = picture.shape
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == ["12345"]
    assert scanner.scan(picture.tobytes(), width=width, height=height) == []


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        (0, 0, 0),
        (0, 10, 0),
        (-1, -1, 1),
        (MAX_SIDE + 1, 1, MAX_SIDE + 1),
        (1, MAX_SIDE + 1, MAX_SIDE + 1),
        (10, 10, 99),
        (10, 10, 101),
        (10, 10, 0),
        (10**9, 10**9, 100),
    ],
)
def test_a_picture_of_the_wrong_size_is_refused(scanner, width, height, size):
    assert refusal(scanner.scan, bytes(size), width=width, height=height) == "bad_request"


@pytest.mark.parametrize(
    ("width", "height"),
    [
        (1, 1),
        (1, MAX_SIDE),
        (MAX_SIDE, 1),
        (2, 3),
        (20, 900),
        (21, 21),
        (MAX_SIDE, 22),
        (22, MAX_SIDE),
    ],
)
def test_noise_of_any_shape_holds_no_code(scanner, width, height):
    noise = random.Random(f"{width} {height}").randbytes(width * height)
    assert scanner.scan(noise, width=width, height=height) == []
    assert scanner.scan(bytes(width * height), width=width, height=height) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_picture_is_read_rightly_or_not_at_all(scanner, data):
    link = make_invite(ALICE, [HostPort("192.168.1.7", 6000)], "Alice", bytes(16))
    grey, width, height = grey_of(segno.make(link, error="m"), scale=2)
    picture = bytearray(grey)
    chance = data.draw(st.randoms(use_true_random=False))
    for _ in range(data.draw(st.integers(0, 30))):
        start, size = chance.randrange(len(picture)), chance.randrange(1, 2 * width)
        picture[start : start + size] = chance.randbytes(len(picture[start : start + size]))
    assert scanner.scan(bytes(picture), width=width, height=height) in ([], [link])


def test_the_program_goes_on_while_a_picture_is_read(scanner):
    ran = []
    picture = random.Random(1).randbytes(1_000 * 1_000)
    reading = gevent.spawn(scanner.scan, picture, width=1_000, height=1_000)
    while not reading.ready():
        ran.append(1)
        gevent.sleep(0)
    assert reading.get() == []
    assert len(ran) > 2


def test_pictures_beyond_a_few_at_once_are_refused(scanner, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(scans, "_read", lambda *_arguments: go_on.wait(10) and [])
    reading = [gevent.spawn(scanner.scan, b"x", width=1, height=1) for _ in range(MAX_SCANS)]
    gevent.idle()
    assert refusal(scanner.scan, b"x", width=1, height=1) == "too_many"
    go_on.set()
    assert [one.get(timeout=10) for one in reading] == [[]] * MAX_SCANS
    assert scanner.scan(b"x", width=1, height=1) == []


def test_without_the_library_it_says_what_to_install(scanner, monkeypatch):
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(Refused, match="pip install zxing-cpp") as refused:
        scanner.scan(bytes(100), width=10, height=10)
    assert refused.value.code == "not_installed"


def test_what_goes_wrong_in_the_thread_is_not_lost(scanner, monkeypatch):
    def fail(*_arguments):
        raise RuntimeError("inside")

    monkeypatch.setattr(scans, "_read", fail)
    with pytest.raises(RuntimeError, match="inside"):
        scanner.scan(bytes(100), width=10, height=10)
    monkeypatch.undo()
    assert scanner.scan(bytes(100), width=10, height=10) == []

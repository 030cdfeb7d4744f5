"""What acts say: what is written is read, and whatever cannot be read says nothing."""

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol import groupacts, groupevent
from engine.protocol.groupacts import Add, Role
from tests.helpers import person
from tests.protocol.groups import Replica

BOB = person(2).peer


def read(kind, body):
    return groupacts.meaning(Replica.founded_by(1).act(kind, body))


def test_what_is_written_is_read():
    add = Add(BOB, Role.ADMIN, "Bob", ("10.0.0.2:6000", "[fe80::1]:6000"), history=False)
    assert read(groupevent.ADD, groupacts.add_body(add)) == add
    assert read(groupevent.REMOVE, groupacts.remove_body(BOB)) == [BOB]
    assert read(groupevent.ROLE, groupacts.role_body(BOB, Role.MEMBER)) == [BOB, Role.MEMBER]
    assert read(groupevent.LEAVE, groupacts.leave_body()) == []
    assert read(groupevent.META, groupacts.name_body("Kelas B")) == ["Kelas B"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (groupevent.ADD, [BOB, 2, "", [], True]),
        (groupevent.ADD, [BOB, 0, "", [], 1]),
        (groupevent.ADD, [BOB, True, "", [], True]),
        (groupevent.ADD, [BOB[:31], 0, "", [], True]),
        (groupevent.ADD, [BOB, 0, "x" * 257, [], True]),
        (groupevent.ADD, [BOB, 0, "", ["h"] * 9, True]),
        (groupevent.ADD, [BOB, 0, "", ["h" * 81], True]),
        (groupevent.ADD, [BOB, 0, "", [7], True]),
        (groupevent.ADD, [BOB, 0, "", [], True, None]),
        (groupevent.REMOVE, [BOB + b"x"]),
        (groupevent.REMOVE, []),
        (groupevent.ROLE, [BOB, 3]),
        (groupevent.ROLE, [BOB]),
        (groupevent.LEAVE, [BOB]),
        (groupevent.META, [b"name"]),
        (groupevent.META, "name"),
        (9, ["of a later version"]),
    ],
)
def test_everything_else_says_nothing(kind, said):
    assert read(kind, msgpack.packb(said)) is None


@given(st.integers(2, 6), st.binary(max_size=60))
def test_no_bytes_make_the_reader_stumble(kind, body):
    read(kind, body)

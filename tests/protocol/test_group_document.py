"""PROTOCOL.md, section 6: its types, tables and limits are the program's."""

import re

import pytest

from engine.chat import grouplinks, grouppace
from engine.protocol import (
    groupacts,
    groupbatch,
    groupevent,
    grouplog,
    grouprecords,
    groupspread,
    groupstate,
    groupsync,
    orphans,
    ring,
)
from engine.protocol.errors import BadRecord
from engine.protocol.groupacts import Add, Role
from engine.protocol.grouprecords import GroupEvents, GroupIds, GroupState, GroupVector, GroupWant
from engine.store import groupintake, groupwalk
from identity import PeerId
from tests.protocol.test_group_example import DOCUMENT, labels, section, value

GID, ID = bytes(32), bytes(range(32))
TYPES = ("CREATE", "ADD", "REMOVE", "ROLE", "LEAVE", "META")
RECORDS = (
    GroupState(GID, ID, 0, end=True),
    GroupVector(GID, ID, more=True, tips=()),
    GroupEvents(GID, (b"",)),
    GroupWant(GID, ()),
    GroupIds(GID, ()),
)


def text() -> str:
    return " ".join(section().split())


def test_the_labels_are_those_of_the_text_and_no_others():
    assert labels() == {
        "event": groupevent._ID_LABEL,
        "event-sig": groupevent._SIGNATURE_LABEL,
        "body": groupevent._BODY_LABEL,
        "pass": b"p2pchat/1 pass",
    }


def test_the_fields_of_an_event_are_in_the_order_of_the_text():
    [packed] = re.findall(r"^event +msgpack \[(.+)\]$", section(), re.M)
    [wire] = re.findall(r"^wire +msgpack \[(.+)\]$", section(), re.M)
    version, *fields = packed.split(", ")
    assert int(version) == groupevent.VERSION
    assert fields == [
        *("gid", "author", "seq", "prev", "parents", "auth", "lamport", "ts", "type", "body"),
    ]
    table = re.findall(r"^\| `(\w+)` \|", section(), re.M)
    assert table == fields
    assert wire.startswith("event, Ed25519(")
    assert wire.endswith(", content")


def test_the_table_of_record_types_is_the_programs():
    table = dict(re.findall(r"^\| (\d+) \| (GROUP_[A-Z]+) \|", section(), re.M))
    known = {
        name: number for name, number in vars(grouprecords).items() if name.startswith("GROUP_")
    }
    assert {name: int(number) for number, name in table.items()} == known
    assert [grouprecords.encode(one)[0] for one in RECORDS] == sorted(known.values())
    first, last = min(known.values()), max(known.values())
    assert f"| {first} - {last} | members of a group bring each other up to date: section 6.6" in (
        DOCUMENT.read_text("utf-8")
    )


def test_the_table_of_membership_types_is_the_programs():
    table = re.findall(r"^\| (\d+) ([A-Z]+) \| `\[(.*)\]` \|", section(), re.M)
    assert [(int(number), name) for number, name, _body in table] == [
        (getattr(groupevent, name), name) for name in TYPES
    ]
    who = PeerId(value("Bob's identity"))
    says = {
        "CREATE": groupacts.create_body("name", bytes(16), "own name", ("hints",)),
        "ADD": groupacts.add_body(Add(who, Role.ADMIN, "name", ("hints",), history=True)),
        "REMOVE": groupacts.remove_body(who),
        "ROLE": groupacts.role_body(who, Role.MEMBER),
        "LEAVE": groupacts.leave_body(),
        "META": groupacts.name_body("name"),
    }
    for number, name, body in table:
        fields = [one for one in body.split(", ") if one]
        assert says[name][0] == 0x90 + len(fields)  # msgpack: an array of so many
        assert groupacts.meaning_of(int(number), says[name]) is not None


def test_a_vector_has_as_many_tips_as_the_text_allows_and_a_list_as_many_entries():
    tips = [grouprecords.Tip(ID, 1, ID)] * grouprecords.MAX_TIPS
    kind, body = grouprecords.encode(GroupVector(GID, None, more=False, tips=tuple(tips)))
    assert grouprecords.decode(kind, body)
    for record in (
        GroupVector(GID, None, more=False, tips=(*tips, tips[0])),
        GroupIds(GID, (ID,) * (grouprecords.MAX_IDS + 1)),
        GroupWant(GID, (ID,) * (grouprecords.MAX_IDS + 1)),
        GroupEvents(GID, (b"",) * (grouprecords.MAX_EVENTS + 1)),
    ):
        with pytest.raises(BadRecord):
            grouprecords.decode(*grouprecords.encode(record))


def test_the_limits_are_the_programs():
    timers = {**vars(groupsync), **vars(groupstate)}
    seconds = {name: f"{one:g} s" for name, one in timers.items() if isinstance(one, float)}
    waiting = f"{orphans.MAX_EVENTS:,} events and {orphans.MAX_BYTES >> 20} MiB"
    for sentence in (
        f"(events that no other names), 1 to {groupevent.MAX_PARENTS}; of more",
        f"the author knew, 1 to {groupevent.MAX_AUTH}; of more",
        f"at most {groupevent.MAX_BODY:,} bytes; of words exactly the {groupevent.HASH_SIZE}",
        f"from {groupevent.FIRST_CONTENT} up, words: {groupevent.FIRST_CONTENT} + the kind",
        f"`event` has at most {groupevent.MAX_EVENT:,} bytes, the wire {groupevent.MAX_WIRE:,}",
        f"a content at least {groupevent.SALT_SIZE}; who writes",
        f"a content within {grouplog.MAX_CONTENT:,}",
        f"msgpack [salt[{groupevent.SALT_SIZE}], body of a message]",
        f"at most {grouplog.MAX_ACTS:,} events about membership",
        f"| `[name, nonce[{groupacts.NONCE_SIZE}], own name, hints]` |",
        f"`role` is {Role.MEMBER:d} member or {Role.ADMIN:d} admin",
        f"Names have at most {groupacts.MAX_NAME} bytes",
        f"at most {groupacts.MAX_HINTS} places (section 2.4) of at most {groupacts.MAX_HINT} bytes",
        f"at most {grouprecords.MAX_TIPS} tips",
        f"{groupsync.MAX_VECTOR:,} tips in all",
        f"at most {grouprecords.MAX_IDS} entries, the events {groupbatch.BATCH:,} bytes together",
        f"{seconds['TELL_AFTER']} (in a large group {seconds['TELL_AFTER_LARGE']}) after news",
        f"and every {groupsync.AGAIN_AFTER / 60:g} minutes",
        f"the last {groupstate.MAX_PASTS} are remembered",
        f"lasts for {seconds['SETTLE']}",
        f"up to {seconds['MAX_SETTLE']}.",
        f"at most {waiting} from one sender",
        f"up to {groupsync.MAX_ROOTS} missing ones at a time",
        f"Nothing comes within {seconds['ANSWER_WITHIN']}",
        f"for up to {grouprecords.MAX_IDS} events whose words",
        f"at most {ring.LARGE} members the author sends",
        f"or elsewhere, after {groupspread.ASK_AGAIN:g} s",
        f"answered at most {groupstate.MAX_WHOLES} times in {groupstate.WHOLES_IN:g} s",
        f"| {grouppace.FORKS.at_once:,} at once, then {grouppace.FORKS.per_second} a second;",
        f"of their own {grouppace.OWN_FORKS.at_once} and {grouppace.OWN_FORKS.per_second} |",
        f"needs no consent (up to {groupintake.MAX_JOINED} groups)",
        f"the latest {groupwalk.MAX_FACES} are named",
        f"Beyond {groupsync.MAX_VECTOR:,} tips",
        f"| {grouplinks.MAX_INVITATIONS}, and {grouplinks.MAX_CANDIDATES // 2} from one person |",
        f"name for one person | {grouplinks.MAX_HINTS} |",
        f"to {groupspread.EAGER} linked members at random",
        f"to the rest after {groupspread.REST_AFTER:g} s",
        f"a link to the {ring.EACH_SIDE} nearest on each side",
        f"in one author's chain | {grouplog.MAX_ACTS:,} |",
        f"| {grouppace.ACTS.at_once:,.0f} at once, then {grouppace.ACTS.per_second:.0f} a second |",
        f"of one sender | {orphans.MAX_EVENTS:,}, and {orphans.MAX_BYTES >> 20} MiB |",
        f"| {grouplinks.MAX_CANDIDATES}, and {grouplinks.MAX_CANDIDATES // 2} from one person |",
        f"a group that we did not agree to | {grouplinks.MAX_UNWANTED >> 20} MiB |",
        f"{grouppace.EVENTS.at_once:,.0f} at once, then {grouppace.EVENTS.per_second:,.0f} a sec",
        f"{grouppace.EVENTS.at_once:,.0f} at once, then {grouppace.OWN.per_second:,.0f} a second",
    ):
        assert sentence in text(), sentence


def test_what_is_longer_than_the_text_allows_is_not_read():
    long_name = "n" * (groupacts.MAX_NAME + 1)
    assert groupacts.meaning_of(groupevent.META, groupacts.name_body(long_name[1:])) is not None
    assert groupacts.meaning_of(groupevent.META, groupacts.name_body(long_name)) is None
    who = PeerId(value("Bob's identity"))
    for hints in (("h" * (groupacts.MAX_HINT + 1),), ("h",) * (groupacts.MAX_HINTS + 1)):
        body = groupacts.add_body(Add(who, Role.MEMBER, "", hints, history=True))
        assert groupacts.meaning_of(groupevent.ADD, body) is None

"""PROTOCOL.md, section 6: the history of the worked example, byte for byte, and who is in it.

Made twice: by the program, and with nothing but msgpack, hashlib and a signature.
"""

import hashlib
import itertools
import re
from functools import cache
from pathlib import Path

import msgpack
import pytest

from engine.protocol import (
    contents,
    groupacts,
    groupevent,
    grouplog,
    grouprecords,
    groupspeech,
    membership,
    ring,
)
from engine.protocol.groupacts import Add, Role
from engine.protocol.grouppast import Acts
from engine.protocol.grouprecords import GroupIds, GroupState, GroupVector, GroupWant, Tip
from identity import Identity, Secret, verify
from tests.protocol import test_channel_example as section_1

DOCUMENT = Path(__file__).parents[2] / "PROTOCOL.md"
TEXT = groupevent.FIRST_CONTENT + contents.TEXT
TS = 1_767_225_600_000
NAMES = ("Alice", "Bob", "Carol", "Dewi")
BEFORE = ("CREATE", "ADD Bob", "halo", "ADD Carol")  # the partition
BESIDE = ("REMOVE Carol", "REMOVE Bob", "ADD Dewi", "still here")
STORY = BEFORE + BESIDE


@cache
def section() -> str:
    return re.search(r"^## 6\. .*?(?=^## |\Z)", DOCUMENT.read_text("utf-8"), re.M | re.S)[0]


@cache
def examples() -> dict[str, str]:
    """All lines "name  value" of the example blocks; a value goes on in lines below."""
    found: dict[str, str] = {}
    for block in re.findall(r"^```example\n(.*?)^```$", section(), re.M | re.S):
        name = None
        for line in block.splitlines():
            head, text = re.fullmatch(r"(\S+(?: \S+)*)? {2,}(.+)", line).groups()
            if head:
                assert head not in found
                name, found[head] = head, text
            else:
                found[name] += text
    return found


def value(name: str) -> bytes:
    return bytes.fromhex(examples()[name])


@cache
def somebody(name: str) -> Identity:
    return Identity.from_seed(Secret(value(f"{name}'s seed")), Secret(bytes(32)), protected=False)


def add(name: str, *hints: str, role: Role, history: bool) -> bytes:
    return groupacts.add_body(Add(somebody(name).peer, role, name, hints, history))


@cache
def story() -> dict[str, groupevent.GroupEvent]:
    """What the example tells, written by the program."""
    made: dict[str, groupevent.GroupEvent] = {}
    numbers = {name: itertools.count(1) for name in NAMES}
    last: dict[str, bytes] = {}

    def write(what, who, after, auth, kind, body=b"", content=None):
        parents = [made[one] for one in after]
        made[what] = groupevent.write(
            somebody(who),
            gid=made["CREATE"].id if made else groupevent.NO_GROUP,
            seq=next(numbers[who]),
            prev=last.get(who),
            parents=[one.id for one in parents],
            auth=[made[one].id for one in auth],
            lamport=1 + max((one.lamport for one in parents), default=0),
            ts=TS + 1_000 * len(made),
            kind=kind,
            body=body,
            content=content,
        )
        last[who] = made[what].id

    def words(salt, text):
        return grouplog.pack_content(bytes(salt), contents.encode_text(text))

    founding = groupacts.create_body("Friends", bytes(range(16)), "Alice", ("192.168.1.7:6000",))
    bobs = add("Bob", "192.168.1.8:6000", role=Role.ADMIN, history=True)
    carols = add("Carol", role=Role.ADMIN, history=False)
    dewis = add("Dewi", role=Role.MEMBER, history=True)
    without = {name: groupacts.remove_body(somebody(name).peer) for name in NAMES}
    write("CREATE", "Alice", (), (), groupevent.CREATE, founding)
    write("ADD Bob", "Alice", ["CREATE"], ["CREATE"], groupevent.ADD, bobs)
    halo, still = words(range(16, 32), "halo"), words(range(32, 48), "still here")
    write("halo", "Bob", ["ADD Bob"], ["ADD Bob"], TEXT, content=halo)
    write("ADD Carol", "Alice", ["halo"], ["ADD Bob"], groupevent.ADD, carols)
    both = ["ADD Carol"]
    write("REMOVE Carol", "Bob", both, both, groupevent.REMOVE, without["Carol"])
    write("REMOVE Bob", "Carol", both, both, groupevent.REMOVE, without["Bob"])
    write("ADD Dewi", "Carol", ["REMOVE Bob"], ["REMOVE Bob"], groupevent.ADD, dewis)
    write("still here", "Carol", ["ADD Dewi"], ["ADD Dewi"], TEXT, content=still)
    return made


def written(record) -> str:
    kind, body = grouprecords.encode(record)
    return (bytes([kind, 0]) + len(body).to_bytes(2) + body).hex()


@cache
def labels() -> dict[str, bytes]:
    """The labels as the document has them, by the word that tells them apart."""
    found = re.findall(r'"(p2pchat/1 ([a-z-]+)(?:\\0)?)"', section())
    return {name: text.encode().replace(b"\\0", b"\0") for text, name in found}


def past(known, event):
    """All membership events before this one, by the document's words."""
    found = set(event.auth)
    for one in event.auth:
        found |= past(known, known[one])
    return found


# -- the bytes


def test_the_people_are_those_of_section_1():
    assert value("Alice's identity") == section_1.value("Alice's identity")
    assert value("Bob's identity") == section_1.value("Bob's identity")
    for name in NAMES:
        assert value(f"{name}'s identity") == somebody(name).peer


@pytest.mark.parametrize("what", STORY)
def test_the_program_writes_and_reads_what_the_document_says(what):
    event = story()[what]
    assert value(f"{what}: wire") == event.wire
    assert value(f"{what}: id") == event.id
    assert groupevent.read(value(f"{what}: wire")) == event


@pytest.mark.parametrize("what", STORY)
def test_ids_signatures_and_hashes_are_what_the_formulas_give(what):
    """With the labels of the document, and nothing of the program but its verifier."""
    event, signature, content = msgpack.unpackb(value(f"{what}: wire"))
    id_ = hashlib.sha256(labels()["event"] + event).digest()
    assert id_ == value(f"{what}: id")
    fields = msgpack.unpackb(event)
    author = next(name for name in NAMES if somebody(name).peer == fields[2])
    assert verify(somebody(author).peer, signature, labels()["event-sig"] + id_)
    if f"{what}: event" in examples():
        assert (event, signature) == (value(f"{what}: event"), value(f"{what}: signature"))
    if content is not None:
        assert hashlib.sha256(labels()["body"] + content).digest() == fields[10]
        assert content == value(f"{what}: content")


def test_every_event_of_the_story_would_be_stored():
    """In the order of the document, each by its own past."""
    acts, stubs, counts = Acts(), {}, {}
    for what, event in story().items():
        counts[what] = grouplog.check(event, stubs.get, acts)
        acts.add(event)
        stubs[event.id] = grouplog.Stub(
            event.author, event.seq, event.lamport, event.is_membership, counts[what]
        )
    assert list(counts.values()) == [1, 2, 0, 3, 1, 1, 2, 2]


def test_a_newcomer_without_history_gets_the_event_and_not_the_words():
    signed, signature, _content = groupevent.parts(story()["halo"])
    assert value("halo for Carol: wire") == groupevent.join(signed, signature, None)
    assert groupevent.read(value("halo for Carol: wire")).id == story()["halo"].id


def test_the_pass_the_digest_and_the_ring_are_what_the_formulas_give():
    gid = value("CREATE: id")
    assert hashlib.sha256(labels()["pass"] + gid).digest()[:16] == value("pass")
    assert grouplog.knock_pass(gid) == value("pass")
    named = {one for event in story().values() for one in (*event.parents, *event.auth, event.prev)}
    heads = sorted(event.id for event in story().values() if event.id not in named)
    assert hashlib.sha256(b"".join(heads)).digest() == value("digest") == grouplog.digest(heads)
    order = sorted(NAMES, key=lambda name: hashlib.sha256(gid + somebody(name).peer).digest())
    assert examples()["ring"].split() == order
    everybody = [somebody(name).peer for name in order]
    assert ring.around(gid, everybody[0], everybody) == everybody[1:]


def test_the_records_are_what_the_program_writes_and_reads():
    gid, ids = value("CREATE: id"), {what: event.id for what, event in story().items()}
    last = (("Alice", 3, "ADD Carol"), ("Bob", 2, "REMOVE Carol"), ("Carol", 3, "still here"))
    tips = tuple(Tip(somebody(who).peer, seq, ids[what]) for who, seq, what in last)
    for name, record in {
        "STATE": GroupState(gid, value("digest"), 2, end=False),
        "VECTOR": GroupVector(gid, None, more=False, tips=tips),
        "WANT": GroupWant(gid, (ids["halo"],)),
        "IDS": GroupIds(gid, (ids["still here"],)),
    }.items():
        raw = value(name)
        assert raw.hex() == written(record)
        assert grouprecords.decode(raw[0], raw[4:]) == record


# -- who is in it


def test_the_program_sees_the_members_whom_the_document_names():
    for order in itertools.islice(itertools.permutations(story().values()), 0, 40_320, 1_009):
        view = membership.resolve(order)
        assert {one.peer for one in view.members.values()} == {
            somebody(name).peer for name in examples()["members"].split()
        }
        counting = {what for what, event in story().items() if event.id in view.valid}
        assert counting == set(examples()["count"].split(", "))
        assert view.is_admin(somebody("Bob").peer)


def test_without_her_removal_carol_still_removes_no_senior():
    others = [event for what, event in story().items() if what != "REMOVE Carol"]
    view = membership.resolve(others)
    assert set(view.members) == {somebody(name).peer for name in NAMES}
    assert story()["REMOVE Bob"].id not in view.valid


def test_what_is_before_and_beside_is_what_the_document_says():
    known = {event.id: event for event in story().values() if event.is_membership}
    before = {what: past(known, event) for what, event in story().items()}
    ids = {what: event.id for what, event in story().items()}
    text = " ".join(section().split())
    claims = re.findall(r"`(\w+ \w+)` is beside `(\w+ \w+)`", text)
    assert len(claims) == 2
    for one, other in claims:
        assert ids[one] not in before[other]
        assert ids[other] not in before[one]
    assert ids["REMOVE Bob"] in before["ADD Dewi"]


def test_seniority_is_what_the_document_says():
    known = {name: [story()[f"ADD {name}"]] for name in ("Bob", "Carol")}
    for name, adds in known.items():
        [event] = adds
        assert examples()[f"{name}'s seniority"] == f"(({event.lamport}, {event.id.hex()}))"
    view = membership.resolve(story().values())
    assert view.members[somebody("Bob").peer].seniority == (known["Bob"][0].order,)
    before = [event for what, event in story().items() if what in BEFORE]
    carol = membership.resolve(before).members[somebody("Carol").peer]
    assert carol.seniority == (known["Carol"][0].order,)
    assert carol.since == story()["ADD Carol"].id


def test_carols_words_are_in_doubt_and_bobs_are_not():
    events = [event for event in story().values() if event.is_membership]
    acts = Acts()
    for event in events:
        acts.add(event)
    view = membership.judge(acts)
    doubts = {
        what: groupspeech.doubts(acts, view, story()[what].author, story()[what].auth)
        for what in ("halo", "still here")
    }
    assert doubts["halo"] == ()
    assert [act.event.id for act in doubts["still here"]] == [story()["REMOVE Carol"].id]

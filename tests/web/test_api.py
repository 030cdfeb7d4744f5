"""Bad input to every row of the API: a 4xx with a sentence, never a 5xx, and nothing is lost.

The same sweep goes over the web room alone (behind it a node in memory) and over a whole program.
"""

import itertools
import json
import random
import re

from hypothesis import given, settings
from hypothesis import strategies as some

from engine.web.api import PREFIX, ROWS
from tests.web.fake_node import BOB, ME, NOBODY
from tests.web.serving import Answer, ask_port

FIELDS = ["action", "address", "blocked", "key", "name", "read", "reply_to", "text", "ticket"]
FIELDS += ["verified", "code"]
GROUP_FIELDS = ["name", "members", "add", "history", "remove", "roles", "leave", "muted", "answer"]

BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"\xff\xfe",
    b'{"text":"\xed\xa0\x80"}',
    b'{"text":NaN}',
    b'{"name":1e999}',
    b'{"text":"a","text":"b"}',
    b'{"text":"\\ud800"}',
    b'{"text":"a\\u0000b"}',
    b"[" * 200_000,
    b'{"a":' * 80_000,
    b'{"text":"' + b"x" * 70_000 + b'"}',
    ("{" + ",".join(f'"{n}":{n}' for n in range(5000)) + "}").encode(),
]
VALUES = [None, 0, -1, 1.5, 10**30, True, [], {}, [None], {"a": 1}, "", " ", "\0", "x" * 70_000]
VALUES += [[BOB], [BOB, BOB], [NOBODY], ["x"] * 300, {BOB: "admin"}, {BOB: "creator"}]
VALUES += ["😀" * 300, "\u202e\u200b", "a\r\nb", "../..", "%00", NOBODY, ME]
PARTS = [BOB, NOBODY, ME, "x", "0", "~", "-", "a" * 56, BOB.upper(), "a" * 4000, "%00", "%ff"]
PARTS += ["%2e%2e", "a%2fb", "%C3%A4", "%ED%A0%80", "%F0%9F%98%80", "a;b", "a%20b", "a%0d%0ab"]
QUERIES = ["limit=0", "limit=201", "limit=x", "limit=-1", "limit=1&limit=2", "limit=%D9%A1", "x"]
QUERIES += ["before=", "before=x", "before=%00", "before=%ff", "before=" + "a" * 3000, "a=b&a=c"]
QUERIES += ["history=maybe", "history=", "=", "&", "%", "limit=1;before=x", "limit=" + "9" * 5000]


def paths(row):
    """The row's path with each odd part in the places that vary."""
    if "<" not in row.rule:
        return [PREFIX + row.rule]
    return [PREFIX + re.sub("<.*?>", lambda _, part=part: part, row.rule) for part in PARTS]


def requests(share=1):
    """Of the odd values, one in ``share`` for each field and row; every row gets them all."""
    for number, row in enumerate(ROWS):
        body = b"{}" if row.method == "POST" else None
        for path in paths(row):
            yield row.method, path, body
        usual = paths(row)[0]
        for query in QUERIES:
            yield row.method, f"{usual}?{query}", body
        if row.method == "POST":
            for odd in BODIES:
                yield row.method, usual, odd
            fields = GROUP_FIELDS if "/groups" in row.rule else FIELDS
            odd_fields = itertools.product(enumerate(fields), enumerate(VALUES))
            for (place, name), (turn, value) in odd_fields:
                if (number + place + turn) % share:
                    continue
                # Everything else as it should be.
                good = {"text": "halo", "address": "x", "action": "ignore", "read": "x"}
                good |= {"members": [NOBODY]}
                yield row.method, usual, json.dumps({**good, name: value}).encode()


def check(answer: Answer, request) -> None:
    # A peer that cannot be reached is a 502 or a 504: that is an answer, not a fault.
    assert answer.status < 500 or answer.code in ("refused", "unreachable", "timeout"), (
        request,
        answer,
    )
    if answer.status >= 400:
        assert answer.code, request


def test_every_row_stands_whatever_it_is_asked(serving):
    chance = random.Random("sweep")
    asked = list(requests())
    chance.shuffle(asked)
    for method, path, body in asked:
        check(serving.ask(method, path, body), (method, path, body and body[:200]))
    assert serving.ask("GET", "/api/v1/me").status == 200


def test_every_row_of_a_whole_program_stands_whatever_it_is_asked(programs):
    program = programs("alice", "--name", "Alice").start()
    me = program.call("GET", "/me")
    for method, path, body in requests(share=4):  # the sweep above has them all
        answer = ask_port(program.web_port, program.token, method, path, body)
        check(answer, (method, path, body and body[:200]))
    assert program.call("GET", "/me")["address"] == me["address"]


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    row=some.sampled_from([row for row in ROWS if row.method == "POST"]),
    body=some.dictionaries(some.sampled_from(FIELDS + GROUP_FIELDS), ANYTHING, max_size=4),
)
def test_any_json_to_any_row_is_taken_or_refused(serving, row, body):
    path = PREFIX + re.sub("<.*?>", BOB, row.rule)
    check(serving.ask("POST", path, body), (path, body))

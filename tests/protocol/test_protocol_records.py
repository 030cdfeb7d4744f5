"""PROTOCOL.md section 3 says exactly what the code does: its examples, its table, its limits."""

import re
from pathlib import Path

from engine.net import redial, rivals
from engine.protocol import contents, outbox, records, session
from engine.store import people

TEXT = (Path(__file__).parents[2] / "PROTOCOL.md").read_text()
EXAMPLE = {
    "HELLO": records.Hello(
        stream=bytes.fromhex("0102030405060708"),
        accepts=True,
        port=6000,
        name="Alice",
        knock_pass=bytes(range(16)),
        your_stream=bytes.fromhex("1112131415161718"),
        your_position=3,
    ),
    "REQUEST": records.Request(bytes(range(32, 48)), 1, 1_767_225_600_000, "Alice", "hi Bob"),
    "MESSAGE": records.Message(
        4, bytes(range(16, 32)), contents.TEXT, 7, 1_767_225_600_000, contents.encode_text("halo")
    ),
    "ACK": records.Ack(4),
}


def written(name: str) -> bytes:
    found = re.search(rf"^{name} .*?^  record ([0-9a-f]+)$", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"PROTOCOL.md has no worked example of {name}"
    return bytes.fromhex(found[1])


def test_the_worked_examples_are_what_the_code_writes_and_reads():
    for name, record in EXAMPLE.items():
        kind, body = records.encode(record)
        assert written(name) == bytes([kind, 0]) + len(body).to_bytes(2, "big") + body
        assert records.decode(kind, body) == record


def test_the_table_of_record_types_is_complete():
    table = dict(re.findall(r"^\| (\d+) \| ([A-Z]+) \|", TEXT, re.MULTILINE))
    for number, name in table.items():
        assert getattr(records, name) == int(number)
    known = {
        value for name, value in vars(records).items() if name.isupper() and name in table.values()
    }
    assert len(known) == len(table) == 7


def test_the_limits_are_those_of_the_code():
    text = " ".join(TEXT.split())
    for sentence in (
        f"After {session.PING_AFTER:.0f} s in which nothing was heard",
        f"After {session.LOST_AFTER:.0f} s in which nothing was heard",
        f"no HELLO within {session.HELLO_WITHIN:.0f} s",
        f"none within {rivals.SIGN_OF_LIFE_WITHIN:.0f} s",
        f"most {rivals.MAX_SWITCHES} switches in {rivals.SWITCHES_EVERY:.0f} s",
        f"| {outbox.MAX_ENTRIES}, and {outbox.MAX_BYTES >> 20} MiB |",
        f"| requests that wait | {people.MAX_REQUESTS} |",
        f"| places kept for one person | {people.MAX_PLACES} |",
        f"| dials under way | {redial.AT_ONCE} |",
        f"text at most {contents.MAX_TEXT:,} bytes of UTF-8",
        f"at most {records.MAX_BODY:,} bytes",
    ):
        assert sentence in text, sentence

"""The records of a dial-back: what is written is read, and nothing else is; as PROTOCOL.md says."""

import re
from pathlib import Path

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.protocol import dialback_records, records
from engine.protocol.dialback_records import DialBack, Dialled, Result
from engine.protocol.errors import BadRecord

TEXT = (Path(__file__).parents[2] / "PROTOCOL.md").read_text()
TOKEN = bytes(range(8))
EXAMPLE = {"DIAL_BACK": DialBack(TOKEN), "DIALLED": Dialled(TOKEN, Result.TIMEOUT)}


@pytest.mark.parametrize("record", [DialBack(TOKEN), *(Dialled(TOKEN, one) for one in Result)])
def test_what_is_written_is_read(record):
    kind, body = records.encode(record)
    assert kind == (24 if isinstance(record, DialBack) else 25)
    assert records.decode(kind, body) == record


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (24, []),
        (24, [TOKEN[:7]]),
        (24, [TOKEN + b"x"]),
        (24, ["12345678"]),
        (24, [TOKEN, 6000]),
        (24, 7),
        (24, {}),
        (25, [TOKEN]),
        (25, [TOKEN, 5]),
        (25, [TOKEN, -1]),
        (25, [TOKEN, True]),
        (25, [TOKEN, 1.0]),
        (25, [TOKEN, None]),
        (25, [TOKEN, 0, 0]),
        (25, [7, 0]),
    ],
)
def test_everything_else_is_refused(kind, said):
    with pytest.raises(BadRecord):
        records.decode(kind, msgpack.packb(said))


@given(some.sampled_from([24, 25]), some.binary(max_size=40))
def test_no_bytes_are_read_but_those_that_would_be_written(kind, body):
    try:
        record = dialback_records.decode(kind, body)
    except BadRecord:
        return
    assert dialback_records.encode(record)[0] == kind


def test_the_worked_examples_are_what_the_code_writes_and_reads():
    for name, record in EXAMPLE.items():
        [written] = re.findall(rf"^{name} .*?^  record ([0-9a-f]+)$", TEXT, re.M | re.S)
        kind, body = records.encode(record)
        assert bytes.fromhex(written) == bytes([kind, 0]) + len(body).to_bytes(2, "big") + body


def test_the_table_names_every_result():
    section = TEXT[TEXT.index("### 3.8") : TEXT.index("## 4.")]
    table = {
        int(code): name for code, name in re.findall(r"^\| (\d) \| ([a-z ]+) \|", section, re.M)
    }
    assert table == {one.value: one.name.lower().replace("_", " ") for one in Result}

"""docs/api.md says what the program does: every row, field, code and event, and nothing else."""

import ast
import dataclasses
import json
import re
import subprocess
import sys

import pytest

from engine.chat import events, views
from engine.chat.errors import CODES
from engine.web.answers import STATUS
from engine.web.api import ROWS
from engine.web.live import TOO_MANY_TABS
from tests.web.serving import ROOT

DOCUMENT = (ROOT / "docs/api.md").read_text("utf-8")
TABLES = re.findall(r"(?:^\|.*\n)+", DOCUMENT, re.M)


def rows_of(title):
    """The first column of the table whose heading starts so."""
    [table] = [table for table in TABLES if table.startswith(f"| {title} |")]
    return [line.split("|")[1].strip() for line in table.splitlines()[2:]]


def test_every_call_is_described_and_every_description_is_a_call():
    described = set()
    for cell in rows_of("call"):
        method, path = re.match(r"`([A-Z]+) ([^ ?`]+)", cell).groups()
        described.add((method, path))
    built = {
        (row.method, re.sub("<(.*?)>", lambda name: name[1].upper(), row.rule)) for row in ROWS
    }
    assert described == built


@pytest.mark.parametrize(
    "kind",
    [
        *("Me", "Person", "Caution", "Connected", "Request", "Chat", "Message", "Safety"),
        *("Invite", "Emoji", "Hit", "Piece"),
        *("Report", "Finding"),
        *("System", "Group", "Member", "Missing", "Seen", "Holder"),
    ],
)
def test_every_field_of_every_kind_is_described(kind):
    [described] = re.findall(rf"\*\*{kind}\*\* `{{(.*?)}}`", DOCUMENT)
    fields = [field.name for field in dataclasses.fields(getattr(views, kind))]
    assert sorted(described.split(", ")) == sorted(fields)


def test_every_event_is_described_with_its_fields():
    [table] = [table for table in TABLES if table.startswith("| event |")]
    described = {
        name: set(fields.split(", "))
        for name, fields in re.findall(r"^\| `(.*?)` \| `{(.*?)}`", table, re.M)
    }
    told = {
        kind.type: {field.name for field in dataclasses.fields(kind)}
        for kind in events.Event.__subclasses__()
    }
    assert described == told


def test_every_error_code_is_described_with_its_status():
    [table] = [table for table in TABLES if table.startswith("| status |")]
    described = {
        code: int(status)
        for status, codes in re.findall(r"^\| (\d+) \| (.*) \|$", table, re.M)
        for code in re.findall(r"`(\w+)`", codes)
    }
    assert set(STATUS.items()) <= set(described.items())
    assert set(described) - CODES == refused_by_the_web_room()


def refused_by_the_web_room():
    """The codes in every ``Refusal(status, "code", ...)`` of engine/web."""
    codes = set()
    for path in (ROOT / "engine/web").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                code = node.args[1]
                if isinstance(code, ast.Constant):
                    codes.add(code.value)
    return codes - CODES


def test_the_python_of_the_document_runs_as_it_stands(serving, tmp_path):
    [code] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.S)
    (tmp_path / "data").mkdir()
    told = {"url": serving.url, "token": serving.token}
    (tmp_path / "data/alice.api").write_text(json.dumps(told))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout)["text"] == "Halo!"


def test_our_own_close_code_is_described():
    assert str(TOO_MANY_TABS) in rows_of("close code")

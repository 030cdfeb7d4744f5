"""The walls: which room may import which, and what every file owes its reader.

Each rule is a function from a module's name and its source to its faults, so that the rules
themselves are tested on bad examples: a wall that nothing can hit is a drawing.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MAY_IMPORT = {
    "engine.system": set(),
    "identity": {"engine.system"},
    "contacts": {"identity"},
    "engine.protocol": {"identity"},
    "engine.net": {"engine.protocol", "identity", "engine.system"},
    "engine.store": {"engine.protocol", "contacts", "identity", "engine.system"},
    "engine.chat": {
        "engine.net",
        "engine.store",
        "engine.protocol",
        "contacts",
        "identity",
        "engine.system",
    },
    "engine.web": {"engine.chat", "engine.system"},
    "p2pchat": {
        "engine.web",
        "engine.chat",
        "engine.net",
        "engine.store",
        "contacts",
        "identity",
        "engine.system",
    },
}

# The page's room sees what is meant to be seen, and not how it comes about.
SHOWN_TO_WEB = {f"engine.chat.{name}" for name in ("views", "events", "errors", "node")}

# What cannot reach the world can be tested without one.
PURE = {"engine.protocol", "contacts"}
WORLDLY = {
    *("apsw", "asyncio", "bottle", "concurrent", "ctypes", "datetime", "fcntl", "gevent"),
    *("geventwebsocket", "glob", "http", "importlib", "io", "locale", "logging", "mmap"),
    *("multiprocessing", "os", "pathlib", "platform", "random", "requests", "resource", "sched"),
    *("secrets", "select", "selectors", "shutil", "signal", "socket", "socketserver", "sqlite3"),
    *("ssl", "subprocess", "sys", "tempfile", "threading", "time", "uuid", "webbrowser"),
    "zeroconf",
}

MAX_LINES = 400
MAX_START_LINES = 200  # p2pchat.py is read from top to bottom in two minutes
SHAPELESS = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}

# Source files whose tests have another name: where, and why.
TESTED_ELSEWHERE = {
    "p2pchat": ("tests/test_key_at_start.py", "it only introduces the rooms: tested as a process"),
    "engine.protocol.groupshelf": (
        "tests/protocol/test_groupsync.py",
        "it only says what sync asks: every test of sync goes through it to a real shelf",
    ),
    "engine.chat.grouping": (
        "tests/chat/test_groups.py",
        "it only introduces the parts of groups: tested as what people do with them",
    ),
    "engine.store.groupwords": (
        "tests/store/test_shelf.py",
        "what words lack is asked through the shelf, and by groups that heal",
    ),
    "engine.chat.groupvoice": (
        "tests/chat/test_groups.py",
        "what is signed for a person is tested as what people do with groups",
    ),
    "engine.chat.spoken": (
        "tests/chat/test_messages.py",
        "what the page is told of a message is seen where one is said and heard",
    ),
    "engine.chat.meeting": (
        "tests/chat/test_links.py",
        "what a HELLO tells is heard on links",
    ),
    "engine.store.traces": (
        "tests/chat/test_no_trace.py",
        "that nothing is left is looked for in the files of programs that talk",
    ),
    "engine.chat.ourselves": (
        "tests/chat/test_node.py",
        "what we are is told by the whole program: its name, its doors, what it holds back",
    ),
    "engine.chat.lines": ("tests/chat/test_shown.py", "it fills what is shown there"),
    "engine.chat.receipts": (
        "tests/chat/test_messages.py",
        "a receipt means something between two programs only",
    ),
    "engine.store.receipts": (
        "tests/chat/test_messages_in_groups.py",
        "what is kept of them shows when a link is lost or a program starts again",
    ),
}

Rule = Callable[[str, str], Iterator[str]]


def sources() -> list[Path]:
    """Every Python file that the program consists of."""
    return sorted([*ROOT.glob("*.py"), *(ROOT / "engine").rglob("*.py")])


def everything_written() -> list[Path]:
    """Those, and whatever else of ours a person has to read."""
    places = ("engine", "tests", "benchmarks", "tools", "static", "views")
    files = (path for place in places for path in (ROOT / place).rglob("*"))
    kinds = {".py", ".js", ".css", ".tpl", ".html", ".sh"}
    return sorted([*ROOT.glob("*.py"), *(path for path in files if path.suffix in kinds)])


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def room_of(module: str) -> str | None:
    for room in MAY_IMPORT:
        if module == room or module.startswith(f"{room}."):
            return room
    return None


def imports(source: str) -> Iterator[str]:
    """Yield every imported name in full, wherever in the file; relative ones begin with a dot."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            yield from (f"{origin}.{alias.name}" for alias in node.names)


# -- the rules


def stays_within_the_walls(module: str, source: str) -> Iterator[str]:
    here = room_of(module)
    if here is None:
        yield f"{module} has no room: add it to MAY_IMPORT"
        return
    for name in imports(source):
        there = room_of(name)
        if there is None and name.split(".")[0] in ("engine", "tests"):
            yield f"{module} imports {name}, which is no room"
        if there not in (None, here) and there not in MAY_IMPORT[here]:
            yield f"{module} must not import {name}"


def web_sees_only_what_chat_shows(module: str, source: str) -> Iterator[str]:
    if room_of(module) == "engine.web":
        for name in imports(source):
            shown = any(name == page or name.startswith(f"{page}.") for page in SHOWN_TO_WEB)
            if room_of(name) == "engine.chat" and not shown:
                yield f"{module} must not look behind the counter: {name}"


def stays_pure(module: str, source: str) -> Iterator[str]:
    if room_of(module) in PURE:
        for name in imports(source):
            if name.split(".")[0] in WORLDLY:
                yield f"{module} must stay pure, not use {name}"
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Name) and node.id in ("open", "print", "input", "__import__"):
                yield f"{module} must stay pure, not call {node.id}"


def imports_in_full(module: str, source: str) -> Iterator[str]:
    for name in imports(source):
        if name.startswith("."):
            yield f"{module} has a relative import: {name}"
        if name.endswith(".*"):
            yield f"{module} has a starred import: {name}"


def patches_nothing(module: str, source: str) -> Iterator[str]:
    """gevent is used by name: patched, threads of other libraries died silently."""
    for name in imports(source):
        if name == "gevent.monkey" or name.startswith("gevent.monkey."):
            yield f"{module} must not patch the standard library: {name}"


def explains_itself(module: str, source: str) -> Iterator[str]:
    if not (ast.get_docstring(ast.parse(source)) or "").strip():
        yield f"{module} has no docstring"


def can_be_read_at_a_sitting(module: str, source: str) -> Iterator[str]:
    most = MAX_START_LINES - 1 if module == "p2pchat" else MAX_LINES
    lines = len(source.splitlines())
    if lines > most:
        yield f"{module} has {lines} lines; {most} is the limit"


def has_a_name_that_says_something(module: str, _source: str) -> Iterator[str]:
    if module != "tests.helpers":
        for part in module.split("."):
            if part.removeprefix("test_") in SHAPELESS:
                yield f"{module}: {part} says nothing of what is in it"


RULES: tuple[Rule, ...] = (
    stays_within_the_walls,
    web_sees_only_what_chat_shows,
    stays_pure,
    imports_in_full,
    patches_nothing,
    explains_itself,
)


# -- the program


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_every_source_file_keeps_the_rule(path, rule):
    assert list(rule(name_of(path), path.read_text())) == []


@pytest.mark.parametrize("path", everything_written(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_can_be_read_at_a_sitting_and_has_a_telling_name(path):
    module, text = name_of(path), path.read_text()
    assert list(can_be_read_at_a_sitting(module, text)) == []
    assert list(has_a_name_that_says_something(module, text)) == []


def test_tests_import_in_full_too():
    for path in (ROOT / "tests").rglob("*.py"):
        assert list(imports_in_full(name_of(path), path.read_text())) == []


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_every_source_file_has_its_test_file(path):
    parts = path.relative_to(ROOT).parts
    folder = parts[1:-1] if parts[0] == "engine" else parts[:-1]
    test = ROOT.joinpath("tests", *folder, f"test_{parts[-1]}")
    if name_of(path) not in TESTED_ELSEWHERE:
        assert test.exists(), f"write {test.relative_to(ROOT)}, or say in TESTED_ELSEWHERE why not"
    else:
        elsewhere, reason = TESTED_ELSEWHERE[name_of(path)]
        assert reason
        assert (ROOT / elsewhere).exists()
        assert not test.exists(), f"{test.relative_to(ROOT)} exists: drop the exception"


def test_exceptions_are_for_files_that_exist():
    assert set(TESTED_ELSEWHERE) <= {name_of(path) for path in sources()}


def test_all_rooms_are_there():
    """Else every rule would hold for want of anything to look at."""
    assert {room_of(name_of(path)) for path in sources()} == set(MAY_IMPORT)


# -- the rules themselves


@pytest.mark.parametrize(
    ("rule", "module", "source"),
    [
        (stays_within_the_walls, "engine.net.x", "from engine.store import database"),
        (stays_within_the_walls, "engine.net.x", "from engine.store.database import Database"),
        (stays_within_the_walls, "engine.net.x", "import engine.chat.node"),
        (stays_within_the_walls, "engine.net.x", "import contacts"),
        (stays_within_the_walls, "engine.net.x", "from engine import store"),
        (stays_within_the_walls, "engine.store.x", "from engine.net.peers import Peers"),
        (stays_within_the_walls, "engine.web.x", "from identity import PeerId"),
        (stays_within_the_walls, "engine.chat.x", "from engine.web import app"),
        (stays_within_the_walls, "engine.chat.x", "import p2pchat"),
        (stays_within_the_walls, "engine.protocol.x", "from engine import system"),
        (stays_within_the_walls, "engine.protocol.x", "def f():\n    from contacts import Level"),
        (stays_within_the_walls, "identity", "from engine.store import keyfile"),
        (stays_within_the_walls, "engine.system", "from identity import Secret"),
        (stays_within_the_walls, "engine.system", "from tests.helpers import until"),
        (stays_within_the_walls, "engine.chat.x", "import engine"),
        (stays_within_the_walls, "engine.attic.x", ""),
        (web_sees_only_what_chat_shows, "engine.web.x", "from engine.chat.direct import Direct"),
        (web_sees_only_what_chat_shows, "engine.web.x", "from engine.chat import book"),
        (stays_pure, "engine.protocol.x", "import os"),
        (stays_pure, "engine.protocol.x", "from os import urandom"),
        (stays_pure, "engine.protocol.x", "import time as clock"),
        (stays_pure, "engine.protocol.x", "from gevent import sleep"),
        (stays_pure, "engine.protocol.x", "from concurrent.futures import Future"),
        (stays_pure, "engine.protocol.x", "open('x')"),
        (stays_pure, "contacts", "import random"),
        (imports_in_full, "engine.chat.x", "from . import book"),
        (imports_in_full, "engine.chat.x", "from .book import Book"),
        (imports_in_full, "engine.chat.x", "from engine.chat.book import *"),
        (patches_nothing, "p2pchat", "from gevent import monkey"),
        (patches_nothing, "p2pchat", "import gevent.monkey"),
        (patches_nothing, "p2pchat", "from gevent.monkey import patch_all"),
        (explains_itself, "engine.chat.x", "import os"),
        (explains_itself, "engine.chat.x", '"""  """'),
        (can_be_read_at_a_sitting, "engine.chat.x", "x = 1\n" * 401),
        (can_be_read_at_a_sitting, "p2pchat", "x = 1\n" * 200),
        (has_a_name_that_says_something, "engine.chat.utils", ""),
        (has_a_name_that_says_something, "static.js.helpers", ""),
        (has_a_name_that_says_something, "tests.chat.test_common", ""),
        (has_a_name_that_says_something, "engine.misc.x", ""),
    ],
)
def test_each_rule_finds_its_fault(rule, module, source):
    assert list(rule(module, source))


@pytest.mark.parametrize(
    ("rule", "module", "source"),
    [
        (stays_within_the_walls, "engine.net.x", "from engine.protocol.channel import Channel"),
        (stays_within_the_walls, "engine.net.x", "from engine import system\nimport gevent"),
        (stays_within_the_walls, "engine.chat.x", "from engine.chat.book import Book"),
        (stays_within_the_walls, "engine.protocol.x", "from engine.protocol import frames"),
        (web_sees_only_what_chat_shows, "engine.web.x", "from engine.chat.node import Node"),
        (web_sees_only_what_chat_shows, "engine.web.x", "from engine.chat import views"),
        (stays_pure, "engine.net.x", "import time"),
        (stays_pure, "engine.protocol.x", "import hashlib\nfrom collections.abc import Iterator"),
        (patches_nothing, "p2pchat", "from gevent.pool import Pool"),
        (explains_itself, "engine.chat.x", '"""The people we know."""'),
        (can_be_read_at_a_sitting, "engine.chat.x", "x = 1\n" * 400),
        (can_be_read_at_a_sitting, "p2pchat", "x = 1\n" * 199),
        (has_a_name_that_says_something, "tests.helpers", ""),
    ],
)
def test_no_rule_finds_fault_with_what_is_right(rule, module, source):
    assert list(rule(module, source)) == []

"""What tests of whole programs share: programs that end with the test, and say why it failed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.programs import Program, make_friends

_FAILED = pytest.StashKey[bool]()
Start = Callable[..., Program]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture
def programs(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Make a program: ``programs("alice", "--name", "Alice")``; it is not started yet."""
    made: list[Program] = []

    def make(name: str = "alice", *options: str, key: Path | None = None) -> Program:
        made.append(Program(tmp_path, name, *options, key=key))
        return made[-1]

    yield make
    for program in made:
        program.end()
    if request.node.stash.get(_FAILED, False):
        for program in made:
            print(f"--- the end of {program.name}'s log\n{program.tail()}")
    for program in made:
        assert "Traceback" not in program.log(), program.log()


@pytest.fixture
def friends(programs: Start) -> tuple[Program, Program]:
    """Alice and Bob, contacts of each other and linked."""
    alice = programs("alice", "--name", "Alice").start()
    bob = programs("bob", "--name", "Bob").start()
    make_friends(alice, bob)
    return alice, bob

"""What tests of whole programs share: programs that end with the test, and say why it failed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import browser, launch, playwright  # noqa: F401  # fixtures
from tests.programs import Program, make_friends

Start = Callable[..., Program]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    if report.failed:
        for program in Program.alive:
            report.sections.append((f"the end of {program.name}'s log", program.tail()))
    return report


@contextmanager
def ended_afterwards(home: Path) -> Iterator[Start]:
    """Make programs: ``programs("alice", "--name", "Alice")``; they are not started yet."""
    made: list[Program] = []

    def make(name: str = "alice", *options: str, key: Path | None = None) -> Program:
        made.append(Program(home, name, *options, key=key))
        return made[-1]

    try:
        yield make
    finally:
        for program in made:
            program.end()
    for program in made:
        assert "Traceback" not in program.log(), program.log()


def friends_of(programs: Start) -> tuple[Program, Program]:
    alice = programs("alice", "--name", "Alice").start()
    bob = programs("bob", "--name", "Bob").start()
    make_friends(alice, bob)
    return alice, bob


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Start]:
    with ended_afterwards(tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def lasting_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """For all tests of one file."""
    with ended_afterwards(tmp_path_factory.mktemp("programs")) as make:
        yield make


@pytest.fixture
def friends(programs: Start) -> tuple[Program, Program]:
    """Alice and Bob, contacts of each other and linked."""
    return friends_of(programs)

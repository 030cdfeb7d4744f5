"""Every test of this room: people who leave at the end, and no greenlet dies unseen."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.chat.people import Someone, Wire
from tests.greenlets import no_greenlet_dies
from tests.net.talking import hang_up_all

People = Callable[..., Any]


@pytest.fixture(autouse=True)
def died() -> Iterator[list[BaseException]]:
    with no_greenlet_dies() as died:
        yield died


@pytest.fixture
def people(tmp_path: Path, died: list[BaseException]) -> Iterator[People]:
    """Make people by their names; one alone, or several to unpack."""
    made: list[Someone] = []
    numbers = count(1)

    def make(*names: str, **options: Any) -> Any:
        new = [Someone(tmp_path, next(numbers), name, **options) for name in names]
        made.extend(new)
        return new[0] if len(new) == 1 else new

    yield make
    hang_up_all()
    for someone in made:
        someone.stop()


@pytest.fixture
def wire_to() -> Iterator[Callable[[Someone], Wire]]:
    wires: list[Wire] = []

    def make(someone: Someone) -> Wire:
        wires.append(Wire(someone))
        return wires[-1]

    yield make
    for wire in wires:
        wire.close()

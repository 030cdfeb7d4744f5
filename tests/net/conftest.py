"""Every test of this room: houses that are left in order, and no greenlet dies unseen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.protocol import admission
from tests.greenlets import no_greenlet_dies
from tests.net.house import House
from tests.net.talking import hang_up_all


@pytest.fixture(autouse=True)
def died() -> Iterator[list[BaseException]]:
    with no_greenlet_dies() as died:
        yield died
        hang_up_all()


@pytest.fixture
def house(died: list[BaseException]) -> Iterator[Callable[..., House]]:
    made: list[House] = []

    def make(number: int = 1, **options: Any) -> House:
        made.append(House(number, **options))
        return made[-1]

    yield make
    hang_up_all()
    for one in made:
        one.peers.stop()


@pytest.fixture
def open_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many calls a second as a test likes; everybody here calls from one address."""
    monkeypatch.setattr(admission, "KNOCKS_PER_SECOND", 1e9)
    monkeypatch.setattr(admission, "KNOCKS_PER_SECOND_PER_HOST", 1e9)

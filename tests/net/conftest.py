"""Every test of this room: no greenlet dies unseen."""

from collections.abc import Iterator

import pytest

from tests.greenlets import no_greenlet_dies
from tests.net.talking import hang_up_all


@pytest.fixture(autouse=True)
def died() -> Iterator[list[BaseException]]:
    with no_greenlet_dies() as died:
        yield died
        hang_up_all()

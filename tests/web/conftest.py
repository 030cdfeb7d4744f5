from collections.abc import Iterator

import pytest

from tests.web.serving import Serving


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    """One real server for all tests of a module."""
    with Serving() as started:
        yield started

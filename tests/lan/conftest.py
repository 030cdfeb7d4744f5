"""Tests of real programs on networks of their own; skipped, and said so, where none can be made."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lan.lan import Lan, made
from tests.net.namespaces import why_not

NO_NETWORKS = why_not()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.namespace)


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[Lan]:
    if NO_NETWORKS:
        pytest.skip(NO_NETWORKS)
    with made(tmp_path) as lan:
        yield lan


@pytest.fixture
def firewall() -> None:
    if shutil.which("nft") is None:
        pytest.skip("forbidding packets needs the program nft (nftables)")

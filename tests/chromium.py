"""The browser that all tests of the page share: the system's own Chromium, driven by Playwright.

One driver serves the whole run: a second one in the same thread does not start. The fixtures are
taken over by conftest.py.
"""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ("--no-sandbox", "--disable-background-networking")

Launch = Callable[..., Browser]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        reason = "Chromium is not installed (on Debian: apt install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def launch(playwright: Playwright) -> Iterator[Launch]:
    """Start a Chromium with more arguments than the shared one has."""
    started = []

    def start(*more: str) -> Browser:
        started.append(
            playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *more])
        )
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture(scope="module")
def browser(launch: Launch) -> Browser:
    """The shared Chromium; make a context of your own in it."""
    return launch()

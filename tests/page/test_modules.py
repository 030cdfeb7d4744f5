"""The page's pure modules, tested where they run: in a browser, under the page's own policy.

The tests themselves are the test_*.js beside this file; each is one test here, by its name.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

HERE = Path(__file__).parent
NAMES = [
    name
    for file in sorted(HERE.glob("test_*.js"))
    for name in re.findall(r'^test\("([^"]+)"', file.read_text("utf-8"), re.MULTILINE)
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def outcomes(browser: Browser, site: str) -> dict[str, str]:
    context = browser.new_context(locale="en-GB", timezone_id="Asia/Jakarta")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{site}/tests/page/modules.html")
    try:
        page.wait_for_selector("[data-done]", state="attached", timeout=20_000)
    except Exception:
        pytest.fail(f"the tests did not run: {said}")
    found: dict[str, str] = page.evaluate("window.outcomes")
    context.close()
    return found


def test_every_test_has_a_name_of_its_own_and_was_run(outcomes):
    assert len(NAMES) > 50
    assert sorted(outcomes) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_module(outcomes, name):
    assert outcomes[name] == ""

"""What few people open is fetched when they open it: what they see of that, and when it fails."""

import pytest
from playwright.sync_api import Page, expect

from tests.page.scripted import BUDI, Scripted
from tests.page.test_acts import row
from tests.page.test_chatting import open_chat

pytestmark = pytest.mark.browser
LATE = "**/static/js/views/{details,formatting,picker,sas}.js"
STOPPED = "p2pchat is not running. Start it again; nothing is lost."


@pytest.fixture
def budi(program: Scripted) -> Scripted:
    program.person("Budi")
    program.chat(BUDI, "halo")
    return program


def react(page: Page) -> None:
    row(page, "halo").locator(".bubble").hover()
    page.locator('[data-tool="react"]').click()


def test_what_cannot_be_fetched_is_told_in_words_and_comes_the_next_time(budi, page):
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.route(LATE, lambda route: route.abort("connectionrefused"))
    open_chat(budi)
    details, notice = page.locator("[data-details]"), page.locator(".notice:visible")

    details.click()
    expect(page.locator(".panel").get_by_role("alert")).to_have_text(STOPPED)
    expect(page.locator(".panel").get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(details).to_be_focused()
    for fails in (
        lambda: page.locator(".format-open").click(),
        lambda: react(page),
        lambda: budi.sas_is(BUDI, "compare"),
    ):
        fails()
        expect(notice).to_contain_text(STOPPED)
        notice.get_by_role("button", name="Close").click()
        expect(notice).to_have_count(0)

    page.unroute(LATE)
    details.click()
    expect(page.locator(".panel .portrait-name")).to_have_text("Budi")
    expect(page.locator(".panel").get_by_role("alert").filter(has_text=STOPPED)).to_have_count(0)
    page.keyboard.press("Escape")
    react(page)
    expect(page.get_by_role("button", name="Thumbs up")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator(".format-open").click()
    expect(page.get_by_role("dialog", name="Formatting")).to_be_visible()
    page.keyboard.press("Escape")
    budi.sas_is(BUDI, "compare")
    expect(page.locator(".sas").get_by_role("listitem")).to_have_count(7)
    assert thrown == []

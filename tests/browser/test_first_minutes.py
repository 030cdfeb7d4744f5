"""The first five minutes of two people: who they are, a first message, and being sure.

Two computers on one cable, a real program on each, and everything by clicking: nobody types an
address. Each click counts as one action, and so does a field that is filled and sent by Enter. The
seconds are printed (pytest -s) and asserted by nobody: they are those of this machine.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.doorway import doorway, free_port
from tests.browser.test_two_people import Window, link_of, watch
from tests.lan.lan import Lan, Resident, made
from tests.net.namespaces import why_not

pytestmark = [pytest.mark.browser, pytest.mark.namespace]
MOST_TO_A_MESSAGE, MOST_TO_VERIFIED = 4, 6  # actions of one person
SHOTS = os.environ.get("P2PCHAT_SHOTS")  # a folder for pictures of the way, when they are wanted


@dataclass
class Newcomer:
    """Somebody at a page that they see for the first time."""

    name: str
    program: Resident
    page: Page
    began: float = field(default_factory=time.monotonic)
    actions: int = 0
    reached: dict[str, tuple[int, float]] = field(default_factory=dict)

    def open(self) -> None:
        self.page.goto(link_of(self.program))
        self.began = time.monotonic()

    def click(self, what: Locator) -> None:
        self.actions += 1
        what.click()

    def enter(self, field: Locator, text: str) -> None:
        """A field that has the focus by itself needs no click."""
        expect(field).to_be_focused()
        self.actions += 1
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def reach(self, what: str) -> None:
        self.reached[what] = self.actions, time.monotonic() - self.began

    def picture(self, what: str) -> None:
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{what}-{self.name.lower()}.png")

    @property
    def message(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def card(self) -> Locator:
        return self.page.locator(".sas")


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[Lan]:
    if reason := why_not():
        pytest.skip(reason)
    with made(tmp_path) as lan:
        yield lan.connect(six=True)


@pytest.fixture
def newcomers(lan: Lan, browser: Browser) -> Iterator[tuple[Newcomer, Newcomer]]:
    with ExitStack() as stack:
        made = []
        for name, program, width in (("Alice", lan.alice, 1280), ("Budi", lan.bob, 360)):
            program.options = ()  # no name yet
            program.web_port = free_port()
            stack.enter_context(doorway(program.space, program.web_port))
            program.start()
            context = browser.new_context(
                viewport={"width": width, "height": 760}, locale="en-GB", bypass_csp=True
            )
            stack.callback(context.close)
            page = context.new_page()
            window = Window(program, page, [])
            watch(window)
            stack.callback(lambda window=window: _has_not_complained(window))
            made.append(Newcomer(name, program, page))
        yield made[0], made[1]


def _has_not_complained(window: Window) -> None:
    assert not window.complaints, window.complaints


def is_open_to_everybody(person: Newcomer) -> None:
    for theme in ("light", "dark"):  # at once: half-way between the two no colour fits another
        person.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found = Axe().run(person.page, options={"resultTypes": ["violations"]})
        violations = found.response["violations"]
        assert [(one["id"], one["nodes"][0]["target"]) for one in violations] == []
    person.page.emulate_media(color_scheme="light", reduced_motion="no-preference")


def test_from_a_name_to_being_sure_without_an_address(newcomers):
    alice, budi = newcomers
    for one in newcomers:
        one.open()
        one.enter(one.page.get_by_label("What should people call you?"), one.name)
    nearby = alice.page.locator('[data-section="nearby"] button').filter(has_text="Budi")
    expect(nearby).to_be_visible()
    alice.picture("nearby")
    alice.click(nearby)
    alice.enter(alice.message, "Hi Budi! Lunch at twelve?")
    alice.reach("the first message")

    request = budi.page.locator("[data-request]").filter(has_text="Hi Budi! Lunch at twelve?")
    expect(request).to_contain_text("Alice would like to talk to you")
    budi.picture("request")
    budi.click(request.get_by_role("button", name="Accept"))
    expect(budi.page.locator("[data-message]")).to_contain_text("Hi Budi! Lunch at twelve?")
    budi.enter(budi.message, "Gladly. See you downstairs!")
    budi.reach("the first message")
    expect(alice.page.locator("[data-message]").last).to_contain_text("Gladly.")
    delivered = alice.page.locator("[data-message]").first
    expect(delivered).to_have_attribute("data-state", re.compile("delivered|read"))
    alice.picture("chat")

    alice.click(alice.page.locator(".head").get_by_role("button", name="Compare emoji"))
    seen = []
    for one in newcomers:
        expect(one.card.get_by_role("listitem")).to_have_count(7)
        seen.append(one.card.get_by_role("listitem").all_inner_texts())
        one.picture("emoji")
    assert seen[0] == seen[1]
    expect(budi.card).to_contain_text("Alice would like to compare emoji with you.")
    for one, other in ((alice, budi), (budi, alice)):
        one.click(one.card.get_by_role("button", name="They are the same"))
        expect(one.card).to_contain_text(f"{other.name} is verified.")
        expect(one.page.locator(".head .trust")).to_have_text("verified")
        one.reach("verified")
        one.picture("verified")
        is_open_to_everybody(one)

    for one in newcomers:
        for what, (actions, seconds) in one.reached.items():
            print(f"{one.name}: {actions} actions and {seconds:.1f} s to {what}")
        assert one.reached["the first message"][0] <= MOST_TO_A_MESSAGE
        assert one.reached["verified"][0] <= MOST_TO_VERIFIED
    for one, other in ((alice, budi), (budi, alice)):
        person = one.program.person(other.program)
        assert (person["level"], person["verified_how"]) == (2, "emoji")


def test_who_hides_is_gone_from_the_other_page_until_they_show_themselves(newcomers):
    alice, budi = newcomers
    for one in newcomers:
        one.open()
        one.enter(one.page.get_by_label("What should people call you?"), one.name)
    nearby = alice.page.locator('[data-section="nearby"] button').filter(has_text="Budi")
    expect(nearby).to_be_visible()
    budi.page.locator("[data-me]").click()
    budi.page.get_by_role("radio", name="Nobody").check()
    expect(nearby).to_be_hidden()
    expect(alice.page.get_by_role("heading", name="Nobody here yet")).to_be_visible()
    expect(alice.page.locator(".blank .looking")).to_contain_text("10.99.0.0/16")
    budi.page.get_by_role("radio", name="Everyone here").check()
    expect(nearby).to_be_visible()

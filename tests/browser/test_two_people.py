"""Two people, two real programs, two browser windows: everything by clicking.

The walk is the one a newcomer takes: a name, an address, a request, a talk, a look at the safety
number, a restart. Nothing is done through the API that a person would do with the mouse.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from tests.helpers import until
from tests.programs import Program

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)

EXPECTED = re.compile("ERR_CONNECTION_(REFUSED|RESET)|the server responded with a status of [45]")


@dataclass
class Window:
    """One person at one page; whatever the browser complains about is kept."""

    program: Program
    page: Page
    complaints: list[str]

    def open(self) -> None:
        self.page.goto(link_of(self.program))

    def call_me(self, name: str) -> None:
        self.page.get_by_label("What should people call you?").fill(name)
        self.page.get_by_role("button", name="Start chatting").click()
        expect(self.page.get_by_role("searchbox")).to_be_visible()

    def connect_to(self, place: str) -> None:
        box = self.page.get_by_role("searchbox")
        box.fill(place)
        box.press("Enter")

    def choose(self, name: str) -> None:
        self.page.locator("[data-chat]").filter(has_text=name).first.click()

    def write(self, text: str) -> None:
        box = self.page.get_by_role("textbox", name="Message", exact=True)
        box.fill(text)
        self.page.get_by_role("button", name="Send").click()

    def expect_message(self, text: str, state: str | None = None) -> None:
        message = self.page.locator("[data-message]").filter(has_text=text)
        expect(message).to_have_count(1)
        if state is not None:
            reached = re.compile("delivered|read") if state == "delivered" else state
            expect(message).to_have_attribute("data-state", reached)

    def safety_number(self) -> str:
        number = self.page.locator("[data-safety]")
        expect(number).to_have_text(re.compile(r"^\s*(\d{5}\s*){12}$"))
        return re.sub(r"\D", "", number.inner_text())


def link_of(program: Program) -> str:
    """A fresh link, as a second start would print it."""
    return program.call("POST", "/ticket", {})["url"]


@pytest.fixture
def windows(browser: Browser, programs) -> Iterator[tuple[Window, Window]]:
    made = []
    for name, width in (("alice", 1280), ("budi", 360)):
        program = programs(name).start()
        context = browser.new_context(viewport={"width": width, "height": 780}, locale="en-GB")
        page = context.new_page()
        window = Window(program, page, [])
        watch(window)
        made.append(window)
    yield made[0], made[1]
    for window in made:
        window.page.context.close()
        assert not window.complaints, window.complaints


def watch(window: Window) -> None:
    """Errors, warnings and any request to somebody else are complaints."""
    own = f"127.0.0.1:{window.program.web_port}"

    def said(message: ConsoleMessage) -> None:
        # The browser itself notes every answer that is an error; that there are some is the test.
        if message.type in ("error", "warning") and not EXPECTED.search(message.text):
            window.complaints.append(message.text)

    def asked(request: Request) -> None:
        if own not in request.url and not request.url.startswith(("blob:", "data:")):
            window.complaints.append(f"asked {request.url}")

    window.page.on("console", said)
    window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
    window.page.on("request", asked)


def meet(alice: Window, budi: Window) -> None:
    for window, name in ((alice, "Alice"), (budi, "Budi")):
        window.open()
        window.call_me(name)
    alice.connect_to(budi.program.place)
    alice.write("halo Budi, it is me")
    card = budi.page.get_by_text("halo Budi, it is me")
    expect(card).to_be_visible()
    budi.page.get_by_role("button", name="Accept").click()
    alice.expect_message("halo Budi, it is me", "delivered")


def test_two_people_meet_talk_make_sure_and_go_on_after_a_restart(windows):
    alice, budi = windows
    meet(alice, budi)
    budi.expect_message("halo Budi, it is me")

    budi.write("halo Alice! 👋 apa kabar?")
    alice.expect_message("halo Alice! 👋 apa kabar?")
    budi.expect_message("halo Alice! 👋 apa kabar?", "delivered")
    alice.write("baik, lihat https://example.org/a?b=1")
    budi.expect_message("baik, lihat", None)
    alice.expect_message("baik, lihat", "delivered")
    link = budi.page.get_by_role("link", name="https://example.org/a?b=1")
    expect(link).to_have_attribute("rel", re.compile("noopener.*noreferrer|noreferrer.*noopener"))

    numbers = []
    for window in (alice, budi):
        expect(window.page.get_by_text("not verified yet").first).to_be_visible()
        window.page.get_by_role("button", name="Details").click()
        window.page.get_by_text("With a number or a QR code").click()
        numbers.append(window.safety_number())
        window.page.get_by_role("button", name="They match").click()
        expect(window.page.get_by_text("You compared the safety number")).to_be_visible()
        window.page.keyboard.press("Escape")
        trust = window.page.get_by_role("button", name=re.compile(r"^(· )?verified$"))
        expect(trust.first).to_be_visible()
    assert numbers[0] == numbers[1]

    before = budi.program.call("GET", "/me")["fingerprint"]
    budi.program.stop()
    expect(budi.page.get_by_text("p2pchat is not running").first).to_be_visible()
    alice.write("kamu sedang pergi")
    alice.expect_message("kamu sedang pergi", "waiting")

    budi.program.start()
    assert budi.program.call("GET", "/me")["fingerprint"] == before
    budi.open()
    budi.choose("Alice")
    budi.expect_message("kamu sedang pergi")
    budi.expect_message("halo Alice! 👋 apa kabar?", "delivered")
    alice.expect_message("kamu sedang pergi", "delivered")
    budi.write("aku kembali")
    alice.expect_message("aku kembali")


def test_a_connection_that_fails_says_why_and_the_next_try_works(windows):
    alice, budi = windows
    for window, name in ((alice, "Alice"), (budi, "Budi")):
        window.open()
        window.call_me(name)
    budi.program.stop()
    alice.connect_to(budi.program.place)
    expect(alice.page.get_by_text("p2pchat does not answer")).to_be_visible()
    alice.connect_to("192.168.1.7:99999")
    expect(alice.page.get_by_text("looks like 192.168.1.7:6000")).to_be_visible()
    alice.connect_to(alice.program.place)
    expect(alice.page.get_by_text("That is your own address")).to_be_visible()
    budi.program.start()
    alice.connect_to(budi.program.place)
    expect(alice.page.get_by_text("Waiting for Budi to accept").first).to_be_visible()


def test_nothing_is_wider_than_a_phone(windows):
    _alice, budi = windows
    meet(*windows)
    budi.write("kata" * 3_000)
    budi.write("https://example.org/" + "panjang" * 60)
    budi.expect_message("https://example.org/", "delivered")
    for press in (None, "Details"):
        if press:
            budi.page.get_by_role("button", name=press).click()
        until(lambda: budi.page.evaluate("document.scrollingElement.scrollWidth") <= 360)


def test_ignoring_and_blocking_are_silent(windows):
    alice, budi = windows
    for window, name in ((alice, "Alice"), (budi, "Budi")):
        window.open()
        window.call_me(name)
    alice.connect_to(budi.program.place)
    alice.write("hello?")
    expect(budi.page.get_by_text("hello?")).to_be_visible()
    budi.page.get_by_role("button", name="Ignore").click()
    expect(budi.page.get_by_text("hello?")).to_have_count(0)
    expect(alice.page.get_by_text("Waiting for Budi to accept").first).to_be_visible()
    alice.expect_message("hello?", "waiting")


def test_a_second_tab_is_let_in_by_the_first(windows):
    alice, _budi = windows
    alice.open()
    alice.call_me("Alice")
    second = alice.page.context.new_page()
    second.goto(alice.program.url)
    expect(second.get_by_role("searchbox")).to_be_visible()

"""An invite, a safety code and emoji between two real programs, as people hand them on.

The programs see only this computer: nobody is found by itself here.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_two_people import Window, link_of, watch

pytestmark = pytest.mark.browser


@pytest.fixture
def pages(browser: Browser, programs) -> Iterator[tuple[Page, Page]]:
    made = []
    for name in ("Alice", "Budi"):
        program = programs(name.lower(), "--name", name).start()
        context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
        window = Window(program, context.new_page(), [])
        watch(window)
        window.page.goto(link_of(program))
        expect(window.page.get_by_role("searchbox")).to_be_visible()
        made.append(window)
    yield made[0].page, made[1].page
    for window in made:
        window.page.context.close()
        assert not window.complaints, window.complaints


def invite_of(page: Page) -> Page:
    page.get_by_role("button", name="Invite somebody").first.click()
    page.get_by_role("button", name="Make an invite").click()
    expect(page.locator('[data-invite="one"] img')).to_be_visible()
    return page


def test_an_invite_makes_both_contacts_and_a_second_person_has_to_ask(pages, programs, browser):
    alice, budi = pages
    link = invite_of(alice).locator('[data-invite="one"] code').inner_text()
    budi.get_by_role("button", name="Invite somebody").first.click()
    budi.get_by_role("textbox", name="The link of an invite").fill(link)
    budi.get_by_role("button", name="Open", exact=True).click()
    for page, other in ((budi, "Alice"), (alice, "Budi")):
        row = page.locator('[data-section="chats"] [data-chat]').filter(has_text=other)
        expect(row).to_be_visible()
        row.get_by_role("button").click()
        expect(page.locator(".head .trust")).to_have_text("by invite, not verified yet")
        expect(page.locator("[data-presence-text]")).to_have_text("online")
    assert alice.locator("[data-request]").count() == 0

    dewi = Window(programs("dewi", "--name", "Dewi").start(), browser.new_page(), [])
    dewi.page.goto(link_of(dewi.program))
    dewi.page.get_by_role("searchbox").fill(link)
    dewi.page.get_by_role("searchbox").press("Enter")
    notice = dewi.page.locator('[data-notice="invite_not_accepted"]')
    expect(notice).to_contain_text("This invite had been used already")
    expect(alice.locator("[data-request]").filter(has_text="Dewi")).to_be_visible()
    dewi.page.context.close()


def test_a_picture_of_the_other_screen_is_read_and_verifies(pages, tmp_path: Path):
    pytest.importorskip("zxingcpp", reason="reading codes needs zxing-cpp")
    alice, budi = pages
    picture = tmp_path / "screen.png"
    invite_of(alice).screenshot(path=picture)
    budi.get_by_role("button", name="Invite somebody").first.click()
    budi.get_by_label("Choose a file or picture").set_input_files(picture)
    expect(budi.locator(".head-name")).to_have_text("Alice")
    alice.locator('[data-section="chats"] [data-chat]').filter(has_text="Budi").click()
    for page in pages:
        page.locator("[data-details]").click()
        page.get_by_text("With a number or a QR code").click()
        expect(page.get_by_role("img", name="The safety number as a QR code")).to_be_visible()

    # The code of an invite is no safety number.
    budi.get_by_label("Choose a picture").set_input_files(picture)
    expect(budi.locator('[data-outcome="unclear"]')).to_contain_text("That is no safety number.")
    alice.get_by_role("img", name="The safety number as a QR code").scroll_into_view_if_needed()
    alice.screenshot(path=picture)
    budi.get_by_label("Choose a picture").set_input_files(picture)
    expect(budi.locator(".head .trust")).to_have_text("verified")
    expect(budi.locator(".panel")).to_contain_text("You scanned the safety code")
    expect(alice.locator(".head .trust")).to_have_text("by invite, not verified yet")

    number = budi.locator("[data-safety]").inner_text()
    alice.locator("[data-paste-code]").fill(number.translate(str.maketrans("0123", "1230")))
    alice.get_by_role("button", name="Compare", exact=True).click()
    expect(alice.locator('[data-outcome="different"]')).to_contain_text("They differ.")
    alice.locator("[data-paste-code]").fill(number)
    alice.get_by_role("button", name="Compare", exact=True).click()
    expect(alice.locator(".head .trust")).to_have_text("verified")


def test_emoji_that_differ_hold_both_until_each_lifts_it(pages):
    alice, budi = pages
    link = invite_of(alice).locator('[data-invite="one"] code').inner_text()
    budi.get_by_role("searchbox").fill(link)
    budi.get_by_role("searchbox").press("Enter")
    alice.locator('[data-section="chats"] [data-chat]').filter(has_text="Budi").click()
    alice.locator(".head").get_by_role("button", name="Compare emoji").click()
    expect(budi.locator(".sas")).to_contain_text("Alice would like to compare emoji with you.")
    budi.reload()
    expect(budi.locator(".sas li")).to_have_count(7)
    assert budi.locator(".sas li").all_inner_texts() == alice.locator(".sas li").all_inner_texts()
    budi.get_by_role("button", name="They differ").click()
    expect(budi.locator(".sas")).to_contain_text("Nothing more is sent to Alice until you lift")
    expect(alice.locator(".sas")).to_contain_text("Budi says that they differ")
    for page, name in ((alice, "Budi"), (budi, "Alice")):
        page.locator(".sas").get_by_role("button", name="Close").click()
        expect(page.locator(".head .trust")).to_have_text("emoji differed")
        expect(page.locator(".side [data-chat]")).to_contain_text("Held: the emoji differed")
        message = page.get_by_role("textbox", name="Message", exact=True)
        message.fill(f"still for {name}")
        message.press("Enter")
        expect(message).to_have_value(f"still for {name}")
    for page in pages:
        page.get_by_role("button", name="Lift this").click()
        page.get_by_role("dialog").get_by_role("button", name="Lift this").click()
        expect(page.locator(".held")).to_be_hidden()
    for page in pages:
        page.get_by_role("textbox", name="Message", exact=True).press("Enter")
        written = page.locator("[data-message][data-own]").filter(has_text="still for")
        expect(written).to_have_attribute("data-state", re.compile("delivered|read"))
        expect(page.locator(".head .trust")).to_have_text("not verified yet")


def test_the_check_runs_and_says_how_this_program_was_started(pages):
    alice, _budi = pages
    alice.locator("[data-me]").click()
    alice.get_by_role("button", name="Check connection").click()
    panel = alice.locator('[data-panel="doctor"]')
    expect(panel).to_contain_text("p2pchat was started so that only this computer can reach it.")
    expect(panel).to_contain_text("Start p2pchat again without --host")
    expect(panel.locator('[data-finding="listening"]')).to_have_attribute("data-state", "bad")


def film(text: str, file: Path) -> None:
    """What a camera sees in front of a screen with this code: a film that the browser can play."""
    width, height, scale = 640, 480, 6
    code = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    left, top = ((side - scale * len(code)) // 2 for side in (width, height))
    assert top >= 4 * scale  # a quiet rim, as every code needs one
    light = bytearray(b"\xeb" * (width * height))
    for y, row in enumerate(code):
        for x, is_dark in enumerate(row):
            if is_dark:
                for line in range(top + y * scale, top + (y + 1) * scale):
                    start = line * width + left + x * scale
                    light[start : start + scale] = b"\x10" * scale
    colour = b"\x80" * (width * height // 2)
    head = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420\n".encode()
    file.write_bytes(head + 4 * (b"FRAME\n" + light + colour))


def test_the_camera_reads_an_invite_from_the_other_screen(programs, launch, tmp_path: Path):
    pytest.importorskip("zxingcpp", reason="reading codes needs zxing-cpp")
    alice = programs("alice", "--name", "Alice").start()
    budi = programs("budi", "--name", "Budi").start()
    film(alice.call("POST", "/invites", {})["link"], tmp_path / "seen.y4m")
    browser = launch(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'seen.y4m'}",
    )
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(link_of(budi))
    page.get_by_role("button", name="Invite somebody").first.click()
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator(".head-name")).to_have_text("Alice")
    expect(page.locator(".head .trust")).to_have_text("by invite, not verified yet")
    expect(page.get_by_role("button", name="Scan with the camera")).to_be_visible()

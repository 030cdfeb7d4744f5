"""Every new screen fits, in both themes, and is open to everybody: what axe finds, and targets."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.scripted import BUDI, NOW, Scripted

pytestmark = pytest.mark.browser
DEWI, EKA = "d" * 56, "e" * 56
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
LONG = "Bartholomew-Maximilian van den Longname zu Somewhere"
SMALL = """[...document.querySelectorAll("button, select, summary, textarea, .field")]
    .filter((each) => each.checkVisibility() && each.offsetParent && !each.closest(".head-words"))
    .filter((each) => each.getBoundingClientRect().height < 43.5)
    .map((each) => each.outerHTML.slice(0, 99))"""


def look(page: Page, what: str) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(what, one["id"], one["nodes"][0]["target"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
    if page.viewport_size == NARROW:
        assert page.evaluate(SMALL) == [], what


def fill(program: Scripted) -> None:
    warning = {"code": "same_name", "address": EKA, "name": LONG}
    like = {"code": "look_alike", "address": EKA, "name": LONG}
    program.person("Budi", warnings=[warning, like])
    program.chat(BUDI, "halo")
    program.stranger(LONG, EKA, hosts=["192.168.1.9:6000"], warnings=[like])
    for number in range(3):
        program.request(f"Orang {number}", str(number + 2) * 56, warnings=[warning], at=NOW)
    program.report = {
        "ok": False, "cause": "port_blocked_here", "sentence": "The firewall (ufw) is in the way.",
        "command": "sudo ufw allow 6000/tcp && sudo ufw allow in proto udp to any port 5353",
        "findings": [
            {"code": "network", "state": "good", "sentence": "This computer is on 10.0.0.0/8."},
            {"code": "firewall_port", "state": "bad", "sentence": "The port is closed."},
            {"code": "vpn", "state": "unknown", "sentence": "A VPN is on (tun0)."},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    # Colours depend on the theme alone, and what does not fit, the longer words show on a phone.
    [(WIDE, "dark", "en"), (NARROW, "light", "id")],
    ids=["wide dark en", "narrow light id"],
)
def test_every_new_screen_fits_and_is_open_to_everybody(browser, site, size, theme, language):
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale=language, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    program = Scripted(page, site)
    fill(program)
    program.open()
    expect(page.locator(".side [data-request]")).to_have_count(2)
    look(page, "warnings in the column")

    page.locator('[data-act="requests"]').click()
    expect(page.locator(".panel [data-request]")).to_have_count(3)
    look(page, "requests")
    page.keyboard.press("Escape")

    page.locator("[data-invite-open]").click()
    page.locator('[data-act="invite"]').click()
    expect(page.locator('[data-invite="one"]')).to_be_visible()
    page.locator(".panel .fold:visible > summary").click()
    expect(page.locator('[data-invite="all"]')).to_be_visible()
    look(page, "invite")
    page.keyboard.press("Escape")

    page.locator("[data-me]").click()
    page.locator('[data-act="to-doctor"]').click()
    expect(page.locator("[data-finding]")).to_have_count(3)
    look(page, "the check")
    page.keyboard.press("Escape")

    page.locator(f'[data-chat="{EKA}"] button').click()
    expect(page.locator("[data-stranger-card]")).to_be_visible()
    look(page, "a stranger")
    page.locator("[data-details]").click()
    look(page, "details of a stranger")
    page.keyboard.press("Escape")
    if size is NARROW:
        page.keyboard.press("Escape")

    page.locator(f'[data-chat="{BUDI}"] button').click()
    expect(page.locator("li.message")).to_be_visible()
    look(page, "warnings in a chat")
    page.locator('.head [data-act="compare"]').click()
    expect(page.locator(".sas-emoji li")).to_have_count(7)
    look(page, "emoji")
    page.locator('[data-sas="differ"]').click()
    expect(page.locator('.sas[data-state="different"]')).to_be_visible()
    look(page, "emoji that differ")
    page.locator('[data-sas="done"]').click()
    look(page, "a chat that is held")
    page.locator('[data-act="lift"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look(page, "lifting")
    page.keyboard.press("Escape")
    page.locator("[data-details]").click()
    page.locator('[data-fold="safety"] > summary').click()
    expect(page.locator("[data-safety] span")).to_have_count(12)
    program.same = False
    page.locator("[data-paste-code]").fill("1" * 60)
    page.locator("[data-paste-code]").press("Enter")
    expect(page.locator('[data-outcome="different"]')).to_be_visible()
    look(page, "a number that differs")
    assert [text for text in program.said if "Content Security Policy" not in text] == []
    context.close()

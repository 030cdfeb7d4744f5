"""Coming in, finding people, making sure of them: with a program played by the test."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.page.scripted import BUDI, NOW, Refused, Scripted
from tests.page.test_words import EN, ID

pytestmark = pytest.mark.browser
DEWI = "d" * 56
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
CODES = (
    "bad_address", "blocked", "disk_full", "not_p2pchat", "refused", "self", "stopping", "timeout",
    "too_many", "unreachable", "wrong_identity",
)  # fmt: skip


def box(page: Page):
    return page.get_by_role("searchbox")


def test_the_ticket_leaves_the_address_bar_and_is_exchanged_once(program, page):
    program.open("#k=a-ticket")
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    assert page.url == f"{program.site}/"
    assert [call.body for call in program.called("POST", "session")] == [{"ticket": "a-ticket"}]
    assert {call.secret for call in program.calls if call.path != "session"} == {program.secret}
    page.reload()
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    assert len(program.called("POST", "session")) == 1


def test_without_a_link_the_page_says_how_to_come_in(program, page):
    program.open("")
    expect(page.get_by_role("heading", name="Open p2pchat with its own link")).to_be_visible()
    assert program.calls == []


def test_an_old_link_is_named_as_such(program, page):
    program.refusals["POST", "session"] = Refused(401, "bad_ticket")
    program.open()
    expect(page.get_by_role("heading", name="This link has been used already")).to_be_visible()


def test_an_old_link_does_not_throw_out_a_tab_that_is_in(program, page):
    program.open()
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    program.refusals["POST", "session"] = Refused(401, "bad_ticket")
    page.goto(f"{program.site}/?again#k=old")
    expect(page.locator("[data-empty]:visible").first).to_be_visible()


def test_a_second_tab_is_let_in_by_the_first(program, page):
    program.open()
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    second = page.context.new_page()
    second.goto(program.site)
    expect(second.locator("[data-empty]:visible").first).to_be_visible()
    assert len(program.called("POST", "session")) == 1


def test_after_a_restart_a_tab_waits_for_the_new_link_and_goes_on_by_itself(program, page):
    program.open()
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    program.stop()
    expect(page.locator('[data-banner="stopped"]')).to_be_visible()
    program.run("another secret")
    expect(page.locator('[data-banner="expired"]')).to_be_visible()
    second = page.context.new_page()
    second.goto(f"{program.site}/#k=new")
    expect(page.locator(".banner")).to_be_hidden()


def test_the_first_thing_asked_is_a_name_and_where_others_reach_me_is_shown(program, page):
    program.me["name"] = ""
    program.open()
    name = page.get_by_role("textbox", name="What should people call you?")
    expect(name).to_be_focused()
    expect(page.locator(".door code")).to_have_text("192.168.1.7:6000")
    name.fill("  Alice ")
    name.press("Enter")
    expect(page.locator("[data-me]")).to_contain_text("Alice")
    assert program.called("POST", "me")[0].body == {"name": "Alice"}


def test_an_address_and_enter_open_a_chat_that_waits_for_the_other(program, page):
    program.open()
    box(page).fill("192.168.1.9:6000")
    expect(page.get_by_role("button", name="Connect to 192.168.1.9:6000")).to_be_visible()
    box(page).press("Enter")
    expect(page.get_by_role("heading", name="Eka")).to_be_visible()
    assert program.called("POST", "connect")[0].body["address"] == "192.168.1.9:6000"
    expect(page.locator("[data-presence-text]")).to_have_text("Waiting for Eka to accept")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    expect(box(page)).to_have_value("")


def test_each_failure_to_connect_is_told_in_words(program, page):
    program.open()
    for number, code in enumerate(CODES):
        program.refusals["POST", "connect"] = Refused(400, code)
        box(page).fill(f"192.168.1.{number}:6000")
        box(page).press("Enter")
        status = page.locator(f'[data-connect="{code}"]')
        expect(status).to_contain_text(EN[f"error.{code}"])
        expect(status).to_contain_text(f"Not connected to 192.168.1.{number}:6000")
        expect(box(page)).to_have_value(f"192.168.1.{number}:6000")


def test_typing_a_name_finds_the_person_and_enter_opens_the_chat(program, page):
    for name, address in (("Budi", BUDI), ("Déwi", DEWI)):
        program.person(name, address)
        program.chat(address, "halo")
    program.open()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.keyboard.press("Control+k")
    page.keyboard.type("dew")
    expect(page.locator("[data-row]:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Déwi")).to_be_visible()


def test_a_request_has_three_answers(program, page):
    program.open()
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    for letter, action in (("d", "ignore"), ("e", "block"), ("f", "accept")):
        address = letter * 56
        request = {"address": address, "name": "Dewi", "text": "halo, ini Dewi", "at": NOW}
        program.requests[address] = request
        program.tell("request.added", request=request)
        card = page.locator(f'[data-request="{address}"]')
        expect(card).to_contain_text("Dewi would like to talk to you")
        expect(card).to_contain_text("halo, ini Dewi")
        card.get_by_role("button", name=action).click()
        expect(card).to_be_hidden()
        [call] = program.called("POST", f"requests/{address}")
        assert call.body == {"action": action}
    expect(page.get_by_role("heading", name="Dewi")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("halo, ini Dewi")


def test_safety_numbers_are_compared_and_the_person_marked(program, page):
    program.person("Budi")
    program.chat(BUDI, "halo")
    program.open()
    page.locator(f'[data-chat="{BUDI}"] button').click()
    page.get_by_role("button", name="not verified yet").click()
    page.get_by_text("With a number or a QR code").click()
    number = page.locator("[data-safety]")
    expect(number.locator("span")).to_have_text(["01234", "56789"] * 6)
    picture = page.get_by_role("img", name="The safety number as a QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_role("button", name="They match").click()
    expect(page.locator(".trust")).to_have_text("verified")
    assert program.called("POST", f"people/{BUDI}")[0].body == {"verified": True, "how": "number"}


def test_forgetting_asks_first_and_esc_is_no(program, page):
    program.person("Budi")
    program.chat(BUDI, "halo")
    program.open()
    page.locator(f'[data-chat="{BUDI}"] button').click()
    page.get_by_role("button", name="Details").click()
    page.get_by_role("button", name="Forget this person").click()
    expect(page.get_by_role("dialog", name="Forget Budi?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert not [call for call in program.calls if call.method == "DELETE"]
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()


def test_names_are_shown_as_names_whatever_they_hold(program, page):
    name = '\u05d0\u05d1 <b onclick="x">"&'
    program.person(name)
    program.chat(BUDI, "halo")
    program.open()
    page.locator(f'[data-chat="{BUDI}"] button').click()
    shown = page.get_by_role("heading", level=2).locator("bdi")
    expect(shown).to_have_text(name)
    assert page.locator("b").count() == 0


def test_the_page_speaks_the_language_of_the_browser_and_of_the_setting(browser, site):
    context = browser.new_context(locale="id-ID")
    page = context.new_page()
    program = Scripted(page, site)
    program.open()
    expect(page.get_by_role("heading", name=ID["blank.nobody"])).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "id"
    page.locator("[data-me]").click()
    page.get_by_label(ID["me.language"]).select_option("en")
    expect(page.get_by_role("heading", name=EN["blank.nobody"])).to_be_visible()
    context.close()


def test_the_keyboard_reaches_everything(program, page):
    for name, address in (("Budi", BUDI), ("Dewi", DEWI)):
        program.person(name, address)
        program.chat(address, "halo")
    program.open()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.keyboard.press("Control+k")
    expect(box(page)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Budi")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.press("F6")
    expect(page.locator(f'[data-chat="{BUDI}"] button')).to_be_focused()
    page.keyboard.press("F6")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("heading", name="Dewi")).to_be_visible()


def fill(program: Scripted) -> None:
    """Everything that is hard to fit."""
    program.person("Bartholomew-Maximilian van den Longname zu Somewhere " * 2)
    program.chat(BUDI, "x" * 400, "https://a.example/" + "y" * 300, "halo " * 900, unread=1)
    program.person("Dewi", DEWI, online=False, link="reconnecting", next_try_at=NOW * 2)
    program.chat(DEWI, "halo", own=True)
    address = "c" * 56
    program.requests[address] = {"address": address, "name": "C" * 64, "text": "z" * 999, "at": NOW}


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    # Colours depend on the theme alone, and what does not fit, the longer words show on a phone.
    [(WIDE, "dark", "en"), (NARROW, "light", "id")],
    ids=["wide dark en", "narrow light id"],
)
def test_every_screen_fits_and_is_open_to_everybody(browser: Browser, site, size, theme, language):
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale=language, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    program = Scripted(page, site)

    def look(what: str) -> None:
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(what, one["id"], one["nodes"][0]["target"]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
        if size is NARROW:
            # The words in the head are part of one large target.
            small = page.evaluate(
                """[...document.querySelectorAll("button, select, summary, textarea, .field")]
                    .filter((each) => each.offsetParent && !each.closest(".head-words"))
                    .filter((each) => each.getBoundingClientRect().height < 43.5)
                    .map((each) => each.outerHTML.slice(0, 99))"""
            )
            assert small == [], what

    program.me["name"] = ""
    program.open()
    expect(page.locator("#first-name")).to_be_visible()
    look("first run")
    program.me["name"] = "Alice"
    page.reload()
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    look("nobody")
    fill(program)
    page.reload()
    expect(page.locator("[data-request]")).to_be_visible()
    look("the column")
    page.locator("[data-me]").click()
    expect(page.locator('[data-panel="me"]')).to_be_visible()
    look("about me")
    page.keyboard.press("Escape")
    page.locator(f'[data-chat="{BUDI}"] button').click()
    expect(page.locator("li.message").last).to_be_visible()
    look("a chat")
    page.locator("[data-details]").click()
    page.locator('[data-fold="safety"] > summary').click()
    expect(page.locator("[data-safety] span")).to_have_count(12)
    look("details")
    page.locator('[data-act="forget"]').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("a question")
    assert [text for text in program.said if "Content Security Policy" not in text] == []
    context.close()


def test_the_console_stays_silent_and_nobody_else_is_asked(program, page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    program.person("Budi")
    program.chat(BUDI, "halo")
    program.open()
    page.locator(f'[data-chat="{BUDI}"] button').click()
    page.get_by_role("button", name="Details").click()
    expect(page.locator("[data-safety] span")).to_have_count(12)
    assert program.said == []
    assert [url for url in asked if not re.match(rf"(?:blob:)?{program.site}/", url)] == []


def test_a_late_refusal_of_the_old_secret_does_not_throw_out_the_new_one(program, page):
    program.open()
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    program.stop()
    expect(page.locator('[data-banner="stopped"]')).to_be_visible()
    held = []
    page.route("**/api/v1/me", lambda route: held.append(route))
    with page.expect_request("**/api/v1/me"):
        program.run("another secret")
    page.goto(f"{program.site}/#k=new")
    expect(page.locator(".banner")).to_be_hidden()
    with page.expect_response("**/api/v1/me"):
        held[0].fulfill(status=401, json={"error": "unauthorized", "message": "No."})
    program.person("Budi")
    program.tell("person.changed", person=program.people[BUDI])
    expect(page.get_by_role("button", name="Budi")).to_be_visible()
    expect(page.locator(".banner")).to_be_hidden()

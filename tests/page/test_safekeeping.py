"""Passphrase, backup, restoring and erasing by hand: with a program played by the test."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.page.scripted import Refused, Scripted
from tests.page.test_words import EN, ID

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


def about_me(program: Scripted, page: Page):
    program.open()
    page.locator("[data-me]").click()
    panel = page.locator("[data-panel='me']")
    expect(panel).to_be_visible()
    return panel


def bodies(program: Scripted, path: str):
    return [call.body for call in program.called("POST", path)]


def test_nothing_is_asked_before_it_makes_sense(program, page):
    panel = about_me(program, page)
    panel.get_by_role("button", name=EN["safe.pass.set"]).click()
    save = panel.locator("[data-act='save-passphrase']")
    fresh, again = panel.get_by_label(EN["safe.new"]), panel.get_by_label(EN["safe.again"]).first
    for one, other, wrong in (("", "", "safe.blank"), ("  ", "  ", "safe.blank")):
        fresh.fill(one)
        again.fill(other)
        save.click()
        expect(panel.get_by_text(EN[wrong])).to_be_visible()
    panel.get_by_label(EN["safe.backup.pass"]).fill("short")
    panel.get_by_role("button", name=EN["safe.backup.make"]).click()
    expect(panel.get_by_text(EN["safe.short"])).to_be_visible()
    assert bodies(program, "me/passphrase") == bodies(program, "backup") == []
    assert program.said == []  # nor does the browser miss anything in the forms


def test_a_wrong_passphrase_is_said_where_it_was_typed(program, page):
    program.me["protected"] = True
    program.refusals["POST", "me/passphrase"] = Refused(403, "wrong_passphrase")
    panel = about_me(program, page)
    panel.get_by_role("button", name=EN["safe.pass.remove"], exact=True).click()
    panel.get_by_label(EN["safe.old"]).last.fill("not this one")
    panel.locator("[data-act='remove-passphrase']").click()
    expect(panel.get_by_text(EN["error.wrong_passphrase"])).to_be_visible()
    assert bodies(program, "me/passphrase") == [{"old": "not this one", "new": ""}]


def test_no_passphrase_stays_in_a_field_that_was_left(program, page):
    panel = about_me(program, page)
    panel.get_by_role("button", name=EN["safe.pass.set"]).click()
    field = panel.get_by_label(EN["safe.new"])
    assert field.get_attribute("type") == "password"
    field.fill("secret")
    panel.get_by_role("button", name=EN["safe.pass.set"]).click()
    expect(field).to_have_value("")


def test_erasing_takes_the_name_and_esc_is_no(program, page):
    panel = about_me(program, page)
    panel.get_by_role("button", name=EN["safe.erase.act"]).click()
    dialog = page.get_by_role("dialog")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    panel.get_by_role("button", name=EN["safe.erase.act"]).click()
    dialog.get_by_role("button", name=EN["safe.erase"]).click()
    expect(dialog.get_by_text(EN["safe.erase.wrong"])).to_be_visible()
    dialog.get_by_role("button", name=EN["safe.erase.backup"]).click()
    expect(panel.get_by_label(EN["safe.backup.pass"])).to_be_focused()
    assert bodies(program, "erase") == []


def test_every_tab_says_that_everything_was_erased(program, page):
    program.open()
    expect(page.locator("[data-empty]:visible").first).to_be_visible()
    program.tell("notice", code="erased", sentence="Everything was erased.")
    expect(page.get_by_role("heading", name=EN["door.erased.title"])).to_be_visible()
    program.stop()
    before = len(program.calls)
    page.evaluate("new Promise((done) => setTimeout(done, 0))")
    assert len(program.calls) == before, "a program that is gone is left alone"
    assert program.said == []


def test_a_restored_copy_warns_until_the_person_knows(program, page):
    program.me["restored"] = True
    program.group("Trip", program.member("Budi", "b" * 56), restored=True)
    program.open()
    warning = page.locator("[data-notice='restored']")
    expect(warning).to_contain_text(EN["restored.text"])
    page.locator("[data-chat]").first.click()
    expect(page.locator("#composer-note")).to_have_text(EN["composer.restored"])
    warning.get_by_role("button").click()
    expect(warning).to_be_hidden()
    assert bodies(program, "me") == [{"restored": False}]


def test_a_backup_without_file_or_passphrase_is_not_sent(program, page):
    program.me["name"] = ""
    program.refusals["POST", "restore"] = Refused(409, "not_fresh")
    program.open()
    page.get_by_role("button", name=EN["first.backup"]).click()
    restore = page.locator("[data-act='restore']")
    restore.click()
    expect(page.get_by_text(EN["restore.both"])).to_be_visible()
    assert program.said == []
    file = {"name": "a.backup", "mimeType": "application/octet-stream", "buffer": b"x"}
    page.get_by_label(EN["restore.file"]).set_input_files(file)
    page.get_by_label(EN["restore.pass"]).fill("longer secret")
    restore.click()
    expect(page.get_by_text(EN["error.not_fresh"])).to_be_visible()
    assert bodies(program, "restore") == [{"passphrase": "longer secret"}]


@pytest.mark.parametrize(
    ("size", "theme", "language", "words"),
    [(WIDE, "dark", "en", EN), (NARROW, "light", "id", ID)],
    ids=["wide dark en", "narrow light id"],
)
def test_every_screen_fits_and_is_open_to_everybody(browser, site, size, theme, language, words):
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale=language, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    program = Scripted(page, site)
    program.me |= {"protected": True, "restored": True}
    panel = about_me(program, page)
    panel.get_by_role("button", name=words["safe.pass.change"], exact=True).click()
    look(page, "the panel")
    panel.get_by_role("button", name=words["safe.erase.act"]).click()
    look(page, "erase")
    page.keyboard.press("Escape")
    program.me |= {"name": "", "restored": False}
    page.reload()
    page.get_by_role("button", name=words["first.backup"]).click()
    look(page, "restore")
    program.tell("notice", code="erased", sentence="")
    expect(page.get_by_role("heading", name=words["door.erased.title"])).to_be_visible()
    look(page, "erased")
    context.close()


def look(page: Page, what: str) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(what, one["id"], one["nodes"][0]["target"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what

"""Finding what was said, in all chats and in one; and saving it as a file."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.page.scripted import BUDI, Refused, Scripted
from tests.page.scripted_groups import GROUP
from tests.page.test_screens import NARROW, WIDE, look
from tests.page.test_words import EN

pytestmark = pytest.mark.browser
DEWI = "d" * 56


@pytest.fixture
def people(program: Scripted) -> Scripted:
    return fill(program)


def fill(program: Scripted) -> Scripted:
    program.person("Budi")
    for number in range(1_000):
        market = "ketemu di pasar pagi" if number % 100 == 50 else "kata " * (number % 9)
        program.message(f"message {number} {market}", own=number % 100 == 50)
    program.chat(BUDI)
    program.person("Dewi", DEWI)
    program.chat(DEWI, "beli mangga di pasar", "sudah")
    return program


def box(page: Page):
    return page.locator("[data-box]")


def hits(page: Page):
    return page.locator("[data-hit]")


def searched(program: Scripted) -> list[str]:
    return [call.path for call in program.calls if call.path == "search"]


def open_budi(program: Scripted) -> None:
    program.open()
    program.page.locator(f'[data-chat="{BUDI}"] button').click()
    expect(program.page.locator("li.message").first).to_be_visible()


def test_the_box_finds_messages_and_goes_to_them_in_their_place(people, page):
    people.open()
    expect(box(page)).to_be_visible()
    box(page).press_sequentially("pasar", delay=10)
    expect(hits(page)).to_have_count(11)
    assert len(searched(people)) < 4  # not at every key
    first = hits(page).first
    expect(first).to_contain_text("Dewi")
    expect(first.locator("mark")).to_have_text("pasar")
    expect(hits(page).nth(1)).to_contain_text("You: message 950 ketemu di pasar pagi")
    expect(page.get_by_role("status").filter(has_text="11 messages found")).to_have_count(1)
    # By the keyboard: down into the hits, on to an old one, and there.
    box(page).press("ArrowDown")
    expect(first.get_by_role("button")).to_be_focused()
    for _ in range(9):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    there = page.locator("li.message").filter(has_text="message 150 ketemu")
    expect(there).to_be_in_viewport()
    expect(there).to_be_focused()
    expect(there).to_have_attribute("data-found", "")
    expect(page.locator(".head-name")).to_have_text("Budi")
    expect(hits(page)).to_have_count(11)  # still there, for the next one
    hits(page).first.get_by_role("button").click()
    expect(page.locator(".head-name")).to_have_text("Dewi")
    expect(page.locator("li.message").filter(has_text="mangga")).to_be_focused()
    box(page).press("Escape")
    expect(hits(page)).to_have_count(0)
    assert people.said == []


def test_enter_goes_to_the_newest_hit_when_nobody_has_that_name(people, page):
    people.open()
    box(page).fill("mangga")
    expect(hits(page)).to_have_count(1)
    expect(page.locator('[data-empty="search"]')).to_be_hidden()
    box(page).press("Enter")
    expect(page.locator("li.message").filter(has_text="mangga")).to_be_focused()


def test_an_answer_that_comes_late_is_not_shown(people, page):
    people.open()
    held = []

    def hold(route):
        if parse_qs(urlsplit(route.request.url).query)["q"] == ["pasar"]:
            held.append(route)
        else:
            route.fallback()

    page.route("**/api/v1/search?*", hold)
    with page.expect_request("**/search?*"):
        box(page).fill("pasar")
    box(page).fill("mangga")
    expect(hits(page)).to_have_count(1)
    held[0].fallback()
    with page.expect_response("**/search?q=sudah*"):
        box(page).fill("sudah")
    expect(hits(page).locator("mark")).to_have_text(["sudah"])


def test_nothing_found_more_to_find_and_what_goes_wrong_are_told(people, page):
    people.open()
    box(page).fill("zebra")
    expect(page.get_by_text("Nothing was said with “zebra”.")).to_be_visible()
    box(page).fill("z")
    expect(page.locator('[data-section="messages"]')).to_be_hidden()
    people.refusals["GET", "search"] = Refused(503, "store_failed")
    box(page).fill("message")
    expect(page.get_by_role("alert").filter(has_text=EN["error.store_failed"])).to_be_visible()
    del people.refusals["GET", "search"]
    box(page).fill("message ")
    expect(hits(page)).to_have_count(50)
    page.locator('[data-act="more-found"]').click()
    expect(hits(page)).to_have_count(100)
    texts = hits(page).evaluate_all("hits => hits.map((hit) => hit.dataset.hit)")
    assert len(set(texts)) == 100
    # What is deleted while it is looked at is no hit any more.
    newest = people.messages[BUDI][-1]["id"]
    people.tell("message.removed", chat=BUDI, id=newest)
    expect(page.locator(f'[data-hit="{newest}"]')).to_have_count(0)
    # And what is gone although it was found is told in words.
    old = hits(page).nth(90)
    gone = old.get_attribute("data-hit")
    people.messages[BUDI] = [one for one in people.messages[BUDI] if one["id"] != gone]
    old.get_by_role("button").click()
    expect(page.get_by_role("status").filter(has_text="no longer here")).to_be_visible()
    expect(page.locator("li.message").last).to_be_in_viewport()


@pytest.mark.parametrize(
    ("size", "theme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide", "narrow"]
)
def test_inside_a_chat_one_goes_from_hit_to_hit_and_back_to_where_one_wrote(
    browser, site, size, theme
):
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale="en-GB", bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    program = fill(Scripted(page, site))
    open_budi(program)
    page.get_by_role("textbox", name="Message", exact=True).focus()
    page.keyboard.press("Control+Shift+F")
    field = page.locator("[data-seek]")
    expect(field).to_be_focused()
    page.keyboard.type("pasar")
    status = page.locator(".seek-status")
    expect(status).to_have_text("1 of 10")
    shown = page.locator("li.message").filter(has_text="message 950 ketemu")
    expect(shown).to_be_in_viewport()
    look(page, "a hit in a chat")
    for press, number, words in (
        ("Enter", 850, "2 of 10"),
        ("ArrowUp", 750, "3 of 10"),
        ("Shift+Enter", 850, "2 of 10"),
        ("ArrowDown", 950, "1 of 10"),
        ("ArrowDown", 950, "1 of 10"),
    ):
        page.keyboard.press(press)
        expect(status).to_have_text(words)
        there = page.locator("li.message").filter(has_text=f"message {number} ketemu")
        expect(there).to_be_in_viewport()
        expect(field).to_be_focused()
    page.locator('[data-act="seek-older"]').click()
    expect(status).to_have_text("2 of 10")
    assert {tuple(sorted(one)) for one in program.asked_to_find} == {("chat", "limit", "q")}
    field.fill("zebra")
    expect(status).to_have_text("Nothing found")
    expect(page.locator('[data-act="seek-older"]')).to_be_disabled()
    program.refusals["GET", "search"] = Refused(503, "store_failed")
    field.fill("zebra crossing")
    expect(status).to_have_text(EN["error.store_failed"])
    look(page, "a search that failed")
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
    page.locator('[data-act="seek"]').click()
    expect(field).to_have_value("")
    page.locator('[data-act="seek-close"]').click()
    expect(page.locator('[data-act="seek"]')).to_be_focused()
    passed = ("Content Security Policy", "503")  # axe's own, and what was refused above
    assert [text for text in program.said if not any(one in text for one in passed)] == []
    context.close()


def test_in_a_chat_with_very_many_hits_the_next_ones_are_fetched_on_the_way(people, page):
    open_budi(people)
    page.locator('[data-act="seek"]').click()
    page.locator("[data-seek]").fill("message")
    status = page.locator(".seek-status")
    expect(status).to_have_text("1 of more than 50")
    for number in range(2, 53):
        page.keyboard.press("Enter")
        expect(status).to_have_text(f"{number} of more than {50 if number < 51 else 100}")
    expect(page.locator("li.message").filter(has_text="message 948")).to_be_in_viewport()


def test_a_chat_and_everything_are_saved_as_files(people, page):
    people.member("Budi", BUDI)
    open_budi(people)
    page.locator("[data-details]").click()
    with page.expect_download() as saving:
        page.get_by_role("button", name="As data (JSON Lines)").click()
    name = saving.value.suggested_filename
    assert name.startswith("p2pchat Budi 20")
    assert name.endswith(".jsonl")
    lines = Path(saving.value.path()).read_text("utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == [
        one["text"] for one in people.messages[BUDI]
    ]
    expect(page.get_by_text(f"Saved as {name}")).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_role("button", name="As a page to read").press("Enter")
    assert Path(saving.value.path()).read_text("utf-8").startswith('{"format": "html"')
    page.keyboard.press("Escape")
    page.locator("[data-me]").click()
    part = page.locator(".panel section:visible").filter(has_text="Save everything")
    with page.expect_download() as saving:
        part.get_by_role("button", name="As a page to read").click()
    assert "mangga" in Path(saving.value.path()).read_text("utf-8")
    assert people.said == []


def test_a_file_that_cannot_be_saved_is_told_and_saving_can_be_stopped(people, page):
    open_budi(people)
    page.locator("[data-details]").click()
    people.refusals["GET", "export"] = Refused(503, "store_failed")
    save = page.get_by_role("button", name="As a page to read")
    save.click()
    trouble = page.locator(".panel").get_by_role("alert").filter(has_text="Nothing was saved.")
    expect(trouble).to_contain_text(EN["error.store_failed"])
    del people.refusals["GET", "export"]
    page.route("**/api/v1/export?*", lambda route: route.abort("connectionreset"))
    save.click()
    expect(trouble).to_contain_text(EN["error.stopped"])
    page.unroute("**/api/v1/export?*")
    held = []
    page.route("**/api/v1/export?*", lambda route: held.append(route))
    with page.expect_request("**/api/v1/export?*"):
        save.click()
    expect(page.get_by_text("Saving… 0 byte")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Saving…")).to_have_count(0)
    expect(trouble).to_be_hidden()


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    [(WIDE, "dark", "en"), (NARROW, "light", "id")],
    ids=["wide dark en", "narrow light id"],
)
def test_every_screen_of_finding_fits_and_is_open_to_everybody(
    browser, site, size, theme, language
):
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale=language, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    program = fill(Scripted(page, site))
    program.group("Kelas B " * 8, program.member("Budi", BUDI))
    program.chat_of(GROUP)
    program.open()
    box(page).fill("pasar")
    expect(hits(page)).to_have_count(11)
    look(page, "hits")
    box(page).fill("zebra")
    expect(page.locator('[data-empty="search"]')).to_be_visible()
    look(page, "nothing found")
    box(page).fill("")
    page.locator(f'[data-chat="{BUDI}"] button').click()
    page.locator('[data-act="seek"]').click()
    page.locator("[data-seek]").fill("pasar")
    expect(page.locator(".seek-status")).not_to_be_empty()
    look(page, "the bar")
    page.locator('[data-act="date"]:visible').click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look(page, "a day")
    page.keyboard.press("Escape")
    page.locator("[data-details]").click()
    with page.expect_download():
        page.locator('[data-keep="html"]:visible').click()
    look(page, "saving a chat")
    context.close()

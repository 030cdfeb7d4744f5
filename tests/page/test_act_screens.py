"""Every state of a message, and every place to do something with it, is open to everybody."""

import pytest
from playwright.sync_api import expect

from tests.page.scripted import BUDI, ME, NOW, Scripted
from tests.page.scripted_groups import GROUP
from tests.page.test_screens import LONG, NARROW, WIDE, look

pytestmark = pytest.mark.browser
DEWI = "d" * 56
CODE = f"```js\nconst long = '{'wider than a bubble, ' * 5}';\n```"


def fill(program: Scripted) -> None:
    """A group in which everything happened at once."""
    program.person(LONG)
    program.person("Dewi", DEWI)
    program.chat(BUDI, "halo")
    program.group("Kelas B", program.member(LONG, BUDI), program.member("Dewi", DEWI))
    people = [{"address": ME, "name": ""}, {"address": BUDI, "name": LONG}]
    marked = program.says(f"**a** _b_ ~~c~~ `d` @Alice @Dewi\n> e\n- f\n1. g\n{CODE}", BUDI)
    marked["mentions"] = [
        {"start": 20, "length": 6, "address": ME, "name": ""},
        {"start": 27, "length": 5, "address": DEWI, "name": "Dewi"},
    ]
    answer = program.says("an answer " * 20, BUDI, own=True)
    answer |= {
        "reply_to": marked["id"], "quote": program.quote_of(marked), "edited_at": NOW,
        "pinned": True, "timer": 60, "state": "read",
        "reactions": [
            {"emoji": "👍", "own": True, "people": people},
            {"emoji": "❤️", "own": False, "people": people[1:]},
        ],
    }  # fmt: skip
    forwarded = program.says("from elsewhere", DEWI)
    forwarded |= {
        "forwarded": True, "pinned": True, "reply_to": "9" * 32,
        "quote": program.quote_of(marked) | {"kind": "missing", "text": "", "id": "9" * 32},
    }  # fmt: skip
    for own in (False, True):
        deleted = program.says("", DEWI, own=own)
        deleted["kind"] = "deleted"
    program.happened("timer", by=BUDI, by_name=LONG, seconds=60)
    program.has = {
        "seen": [{"address": BUDI, "name": LONG}, {"address": DEWI, "name": "Dewi"}],
        "read": [{"address": BUDI, "name": LONG}], "waiting": [],
    }  # fmt: skip
    program.versions[answer["id"]] = [
        {"text": "as it was " * 30, "at": NOW}, {"text": answer["text"], "at": NOW},
    ]  # fmt: skip
    program.chat_of(GROUP)
    program.chats[GROUP] |= {"pins": 2, "timer": 60}


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    [(WIDE, "light", "en"), (NARROW, "dark", "id")],
    ids=["wide light en", "narrow dark id"],
)
def test_every_act_fits_and_is_open_to_everybody(browser, site, size, theme, language):
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale=language, bypass_csp=True, reduced_motion="reduce"
    )
    page = context.new_page()
    program = Scripted(page, site)
    fill(program)
    program.open()
    page.locator(f'[data-chat="{GROUP}"] button').click()
    expect(page.locator(".pinned")).to_be_visible()
    program.tell("typing.changed", chat=GROUP, people=[{"address": BUDI, "name": LONG}])
    expect(page.locator(".presence[data-typing]")).to_be_visible()
    answer = page.locator("li.message[data-own]").first
    look(page, "all kinds of messages")
    assert page.get_by_role("log").evaluate("log => log.scrollWidth <= log.clientWidth")

    def choose(choice: str) -> None:
        answer.focus()
        page.keyboard.press("Enter")
        page.locator(f'[data-choice="{choice}"]').click()

    answer.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu")).to_be_visible()
    look(page, "the menu")
    page.keyboard.press("Escape")
    choose("react")
    page.locator(".picker [aria-expanded]").click()
    expect(page.locator(".picker-grid button").nth(100)).to_be_attached()
    look(page, "the picker")
    page.keyboard.press("Escape")
    for choice in ("versions", "reactions", "forward", "seen"):
        choose(choice)
        expect(page.locator(".panel .panel-part:visible")).to_be_visible()
        look(page, choice)
        page.keyboard.press("Escape")
    choose("delete")
    expect(page.get_by_role("dialog")).to_be_visible()
    look(page, "deleting")
    page.keyboard.press("Escape")

    choose("reply")
    look(page, "answering")
    page.keyboard.type("@")
    expect(page.get_by_role("option")).to_have_count(2)
    look(page, "mentioning")
    page.keyboard.press("Escape")
    choose("edit")
    look(page, "changing")
    page.keyboard.press("Escape")
    page.locator(".format-open").click()
    look(page, "formatting")
    page.keyboard.press("Escape")
    page.locator('[data-act="pins"]').click()
    expect(page.locator(".panel .pin")).to_have_count(2)
    look(page, "what is pinned")
    page.keyboard.press("Escape")
    page.locator("[data-details]").click()
    page.locator("#timer-group").select_option("own")
    look(page, "the timer")
    page.keyboard.press("Escape")
    if size is NARROW:
        page.keyboard.press("Escape")
    page.locator("[data-me]").click()
    expect(page.locator('[data-privacy="typing"]')).to_be_visible()
    look(page, "what others are told")
    assert [text for text in program.said if "Content Security Policy" not in text] == []
    context.close()

"""Writing: marks, mentions, drafts, who is typing, what disappears; with a program of the test."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers import until
from tests.page.scripted import BUDI, ME, Refused, Scripted
from tests.page.scripted_groups import GROUP
from tests.page.test_acts import row
from tests.page.test_chatting import bubbles, composer, open_chat

pytestmark = pytest.mark.browser
DEWI, ANDRE = "d" * 56, "a" * 56
CHAT = f"chats/{BUDI}"


def drafts(program: Scripted, chat: str = BUDI) -> list[dict[str, object]]:
    return [
        call.body["draft"]
        for call in program.called("POST", f"chats/{chat}")
        if "draft" in call.body
    ]


def wait(page: Page, condition: Callable[[], bool]) -> None:
    """Until the page has asked for something; what it asks is answered meanwhile."""
    until(lambda: page.evaluate("true") and condition())


def in_column(page: Page, chat: str = BUDI) -> Locator:
    return page.locator(f'[data-chat="{chat}"]')


@pytest.fixture
def budi(program: Scripted) -> Scripted:
    program.person("Budi", own_name="Budi", alias="")
    program.person("Dewi", DEWI)
    program.chat(BUDI, "halo")
    program.chat(DEWI, "hai")
    return program


def test_marks_become_elements_and_a_block_of_code_can_be_copied(budi, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    code = "if (a < b) {\n  **x**\n}"
    attack = "**<img src=x onerror=alert(1)>** <b>no</b>"
    budi.chat(BUDI, f"> **a** _b_\n- c\n1. d\n```js\n{code}\n```", attack)
    open_chat(budi)
    text = bubbles(page).nth(1).locator(".text")
    expect(text.locator("blockquote strong")).to_have_text("a")
    expect(text.locator("blockquote em")).to_have_text("b")
    expect(text.locator("ol > li")).to_have_text(["c", "d"])
    expect(text.locator("pre code")).to_have_text(code)
    expect(text.locator(".code-head")).to_contain_text("js")
    text.get_by_role("button", name="Copy the code").click()
    expect(text.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == code
    # What is copied of a message is what was written.
    bubbles(page).nth(2).locator(".bubble").hover()
    page.locator('[data-tool="more"]').click()
    page.locator('[data-choice="copy"]').click()
    expect(page.locator(".flash")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == attack
    expect(bubbles(page).last.locator("strong")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.get_by_role("log").locator("img:not([role])").count() == 0
    expect(in_column(page)).to_contain_text("<img src=x onerror=alert(1)> <b>no</b>")

    # Marks by keyboard, and where they are explained.
    composer(page).fill("tebal")
    composer(page).press("Control+A")
    page.keyboard.press("Control+B")
    page.keyboard.press("Control+I")
    expect(composer(page)).to_have_value("***tebal***")
    page.keyboard.press("Control+I")
    page.keyboard.press("Control+Z")
    expect(composer(page)).to_have_value("***tebal***")
    page.get_by_role("button", name="How to make text bold").press("Enter")
    expect(page.get_by_role("dialog", name="Formatting")).to_contain_text("struck out")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="How to make text bold")).to_be_focused()


def test_somebody_is_mentioned_by_keyboard_and_by_mouse_wherever_the_words_move(budi, page):
    budi.person("André", ANDRE, own_name="Andre the 2nd")
    budi.group(
        "Kelas B",
        budi.member("Budi", BUDI),
        budi.member("Andre the 2nd", ANDRE),
        budi.member("Dewi", DEWI),
    )
    named = budi.says("hi @Alice and @Budi", BUDI)
    named["mentions"] = [
        {"start": 3, "length": 6, "address": ME, "name": ""},
        {"start": 14, "length": 5, "address": BUDI, "name": "Pak Budi"},
    ]
    budi.chat_of(GROUP, unread=1)
    budi.chats[GROUP]["mentioned"] = True
    budi.open()
    expect(in_column(page, GROUP).get_by_role("img", name="You were mentioned")).to_be_visible()
    in_column(page, GROUP).get_by_role("button").click()
    expect(page.locator(".mention")).to_have_text(["@Alice", "@Pak Budi"])
    expect(page.locator(".mention[data-self]")).to_have_text("@Alice")
    expect(in_column(page, GROUP).locator(".mentioned")).to_be_hidden()

    options = page.get_by_role("listbox", name="Whom to mention").get_by_role("option")
    composer(page).press_sequentially("😀 @")
    expect(options).to_have_count(3)
    page.keyboard.type("ANDR")
    expect(options).to_have_text(["AAndré"])  # the letter is their face
    for _ in range(4):
        page.keyboard.press("Backspace")
    page.keyboard.type("Andr")
    expect(options).to_have_text(["AAndré"])  # the letter is their face
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(page.locator(".head-name")).to_have_text("Kelas B")  # Esc closed no more than the list
    page.keyboard.press("Backspace")
    expect(options).to_have_count(0)  # it was not wanted here
    page.keyboard.type("ré and @")
    page.keyboard.press("ArrowDown")
    chosen = composer(page).get_attribute("aria-activedescendant")
    expect(page.locator(f"#{chosen}")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.type("and @dew")
    options.first.click()
    expect(composer(page)).to_have_value("😀 @André and @Budi and @Dewi ")
    page.keyboard.press("Home")
    page.keyboard.type("so: ")
    page.keyboard.press("Enter")
    [sent] = budi.called("POST", f"chats/{GROUP}/messages")
    # My own name for somebody stays mine; places count code points.
    assert sent.body["text"] == "so: 😀 @Andre the 2nd and @Budi and @Dewi "
    assert sent.body["mentions"] == [
        {"start": 6, "length": 14, "address": ANDRE},
        {"start": 25, "length": 5, "address": BUDI},
        {"start": 35, "length": 5, "address": DEWI},
    ]


def test_a_draft_is_kept_by_the_program_with_what_it_answers(budi, page):
    open_chat(budi)
    row(page, "halo").locator(".bubble").hover()
    page.locator('[data-tool="reply"]').click()
    page.keyboard.type("half a th")
    wait(page, lambda: drafts(budi)[-1:] == [{"text": "half a th", "reply_to": f"{1:032x}"}])
    page.keyboard.type("ought")
    in_column(page, DEWI).get_by_role("button").click()  # leaving does not wait
    wait(page, lambda: drafts(budi)[-1]["text"] == "half a thought")
    expect(in_column(page)).to_contain_text("Draft: half a thought")

    # Another browser, later: everything is there again.
    page.evaluate("sessionStorage.clear()")
    page.goto("about:blank")
    open_chat(budi)
    expect(composer(page)).to_have_value("half a thought")
    expect(page.get_by_role("group", name="Reply to Budi")).to_contain_text("halo")
    page.keyboard.press("Enter")
    expect(row(page, "half a thought").locator(".quote")).to_contain_text("halo")
    wait(page, lambda: drafts(budi)[-1] == {"text": "", "reply_to": None})
    expect(composer(page)).to_have_value("")


def test_two_tabs_share_a_draft_and_no_field_changes_under_ones_fingers(budi, page):
    open_chat(budi)
    composer(page).press_sequentially("mine")
    wait(page, lambda: [one["text"] for one in drafts(budi)][-1:] == ["mine"])
    # From another tab, while this one is being typed in.
    budi.chats[BUDI]["draft"] = {"text": "theirs", "reply_to": None}
    budi.tell("chat.changed", chat=budi.chats[BUDI])
    budi.tell(
        "chat.changed", chat=budi.chats[DEWI] | {"draft": {"text": "other", "reply_to": None}}
    )
    expect(in_column(page, DEWI)).to_contain_text("Draft: other")
    expect(composer(page)).to_have_value("mine")
    page.locator("[data-box]").focus()
    budi.chats[BUDI]["draft"] = {"text": "theirs now", "reply_to": None}
    budi.tell("chat.changed", chat=budi.chats[BUDI])
    expect(composer(page)).to_have_value("theirs now")


def test_a_draft_that_the_program_could_not_take_goes_to_it_when_it_is_back(budi, page):
    open_chat(budi)
    budi.stop()
    expect(page.locator(".banner")).to_be_visible()
    composer(page).fill("while it is gone")
    page.reload()
    expect(page.locator(".door")).to_be_visible()
    budi.run()
    expect(composer(page)).to_have_value("while it is gone")
    wait(page, lambda: [one["text"] for one in drafts(budi)][-1:] == ["while it is gone"])


def test_typing_is_told_now_and_then_and_shown_once(budi, page):
    page.clock.install()
    open_chat(budi)
    told = lambda: [  # noqa: E731
        call.body["typing"] for call in budi.called("POST", CHAT) if "typing" in call.body
    ]
    composer(page).press_sequentially("halo lagi")
    page.clock.run_for(1_000)
    composer(page).press_sequentially("!")
    wait(page, lambda: told() == [True])
    page.clock.run_for(4_000)
    composer(page).press_sequentially("!")
    wait(page, lambda: told() == [True, True])
    composer(page).press("Enter")
    wait(page, lambda: told() == [True, True, False])
    page.clock.resume()

    status, news = page.locator("[data-presence-text]"), page.locator("[data-typing-news]")
    for heard in ("Budi is typing…", ""):  # a screen reader hears who it is, and hears it once
        budi.tell("typing.changed", chat=BUDI, people=[{"address": BUDI, "name": "B"}])
        expect(status).to_have_text("typing…")
        expect(news).to_have_text(heard)
        budi.tell("typing.changed", chat=BUDI, people=[])
        expect(status).to_have_text("online")
    expect(news).to_have_text("")
    budi.tell("typing.changed", chat=DEWI, people=[{"address": DEWI, "name": "D"}])
    expect(in_column(page, DEWI)).to_contain_text("typing…")

    # It can be turned off, and then nothing is told.
    page.locator("[data-me]").click()
    page.get_by_role("checkbox", name="Tell when I am typing").uncheck()
    assert budi.called("POST", "me")[-1].body == {"typing": False}
    page.get_by_role("checkbox", name="Tell when I have read something").press("Space")
    wait(page, lambda: budi.called("POST", "me")[-1].body == {"receipts": False})
    before = len(told())
    composer(page).press_sequentially("quiet")
    wait(page, lambda: drafts(budi)[-1]["text"] == "quiet")
    assert len(told()) == before


def test_the_timer_of_a_chat_is_set_shown_and_told_in_words(budi, page):
    open_chat(budi)
    page.locator("[data-details]").click()
    choice = page.locator("#timer-person")
    expect(page.get_by_label("Disappearing messages").and_(choice)).to_be_visible()
    expect(choice.locator("option")).to_have_text(
        ["Off", "30 seconds", "5 minutes", "1 hour", "8 hours", "1 day", "1 week", "4 weeks",
         "Another time…"]
    )  # fmt: skip
    choice.select_option("1 day")
    expect(page.get_by_text("Messages disappear after 1 day.")).to_be_visible()
    choice.select_option("Another time…")
    count = page.locator("[data-timer-count]:visible")
    expect(count).to_be_focused()
    count.fill("1")
    page.get_by_label("Unit").locator("visible=true").select_option("seconds")
    page.locator('[data-act="timer"]:visible').click()
    expect(page.get_by_text("Choose between 5 seconds and 4 weeks.")).to_be_visible()
    count.fill("90")
    page.locator('[data-act="timer"]:visible').press("Enter")
    expect(choice).to_have_value("90")
    expect(page.get_by_text("Messages disappear after 1 minute 30 seconds.")).to_be_visible()
    timers = [call.body for call in budi.called("POST", CHAT) if "timer" in call.body]
    assert timers == [{"timer": 86_400}, {"timer": 90}]
    budi.refusals["POST", CHAT] = Refused(409, "not_contact")
    choice.select_option("Off")
    expect(choice).to_have_value("90")
    del budi.refusals["POST", CHAT]
    page.keyboard.press("Escape")

    for seconds, by in ((90, ME), (0, BUDI)):
        line = budi.happened("timer", BUDI, by=by, seconds=seconds)
        budi.tell("message.added", chat=BUDI, message=line)
    words = page.locator('li[data-kind="system"] .text')
    expect(words).to_have_text(
        ["You set messages to disappear after 1 minute 30 seconds",
         "Budi turned disappearing messages off"]
    )  # fmt: skip
    expect(in_column(page)).to_contain_text("Budi turned disappearing messages off")
    message = budi.message("sebentar saja", own=True) | {"timer": 90}
    budi.messages[BUDI][-1] = message
    budi.tell("message.added", chat=BUDI, message=message)
    left = row(page, "sebentar saja").locator(".remaining")
    expect(left).to_have_attribute("title", "Disappears 1 minute 30 seconds after it is seen")
    now = page.evaluate("Date.now()")
    budi.act(message, ends_at=now + 45_000)
    expect(left).to_have_attribute("title", re.compile(r"^Disappears \d"))
    expect(left).to_contain_text(re.compile(r"\b4[0-5]s"))
    budi.vanish(message)
    expect(row(page, "sebentar saja")).to_have_count(0)

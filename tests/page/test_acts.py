"""What people do with a message on the page: answer, react, change, delete, forward, pin."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.scripted import BUDI, ME, Refused, Scripted
from tests.page.test_chatting import bubbles, composer, open_chat

pytestmark = pytest.mark.browser
DEWI = "d" * 56
PATH = f"chats/{BUDI}/messages"


def row(page: Page, text: str) -> Locator:
    return bubbles(page).filter(has=page.locator(".text", has_text=re.compile(f"^{text}$")))


def choose(page: Page, text: str, choice: str) -> None:
    """From the menu of a message, by mouse."""
    row(page, text).locator(".bubble").hover()
    page.locator('[data-tool="more"]').click()
    page.locator(f'[data-choice="{choice}"]').click()


def acts(program: Scripted, text: str) -> list[dict[str, object]]:
    """What was asked about the message that reads so."""
    [message] = [one for one in program.messages[BUDI] if one["text"] == text]
    return [call.body for call in program.called("POST", f"{PATH}/{message['id']}")]


@pytest.fixture
def budi(program: Scripted) -> Scripted:
    program.person("Budi")
    program.chat(BUDI, "halo", "apa **kabar**?")
    program.message("kamu?", own=True)
    program.chat(BUDI)
    return program


def test_a_message_is_answered_and_what_it_answers_leads_back(budi, page):
    for number in range(40):
        budi.message(f"and {number}")
    budi.chat(BUDI)
    open_chat(budi)
    row(page, "and 38").locator(".bubble").hover()
    page.locator('[data-tool="reply"]').click()
    expect(composer(page)).to_be_focused()
    above = page.get_by_role("group", name="Reply to Budi")
    expect(above).to_contain_text("and 38")
    page.keyboard.press("Escape")
    expect(above).to_be_hidden()
    expect(composer(page)).to_be_visible()  # Esc left the chat open

    # By keyboard alone: up to a message, R, the words, Enter.
    page.keyboard.press("Shift+Tab")
    expect(row(page, "and 39")).to_be_focused()
    for _ in range(39):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(row(page, "apa kabar\\?")).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.type("baik")
    page.keyboard.press("Enter")
    sent = budi.called("POST", PATH)[-1].body
    asked = budi.messages[BUDI][1]
    assert (sent["text"], sent["reply_to"]) == ("baik", asked["id"])
    expect(above).to_be_hidden()
    quote = row(page, "baik").locator(".quote")
    expect(quote).to_have_text("Budiapa kabar?")  # without its marks

    # What becomes of a message becomes of its quotes, and a quote leads to it.
    budi.act(asked, text="apa kabarmu?")
    expect(quote).to_contain_text("apa kabarmu?")
    quote.click()
    expect(row(page, "apa kabarmu\\?")).to_be_focused()
    expect(row(page, "apa kabarmu\\?")).to_be_in_viewport()
    budi.delete(asked)
    expect(page.locator("[data-own] .quote:visible")).to_contain_text("Deleted message")
    budi.vanish(asked)
    expect(page.locator("[data-own] .quote:visible")).to_contain_text("not here any more")
    assert budi.said == []


def test_a_reaction_is_given_changed_taken_back_and_tells_by_whom(budi, page):
    open_chat(budi)
    halo = budi.messages[BUDI][0]
    row(page, "halo").locator(".bubble").hover()
    page.locator('[data-tool="react"]').click()
    expect(page.get_by_role("button", name="Thumbs up")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    chip = row(page, "halo").locator(".reaction")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_have_attribute("aria-label", "❤️: You")
    budi.react(halo, "❤️", BUDI, "Budi")
    expect(chip).to_have_text("❤️2")
    expect(chip).to_have_attribute("title", "You and Budi")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "false")
    expect(chip).to_have_attribute("title", "Budi")
    expect(row(page, "halo")).to_be_visible()

    # Another emoji, by its name, from the keyboard; it takes the place of the first one.
    chip.click()
    row(page, "halo").focus()
    page.keyboard.press("Enter")
    page.locator('[data-choice="react"]').press("Enter")
    page.get_by_role("button", name="More emoji").click()
    page.keyboard.type("rocket")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row(page, "halo").locator(".reaction")).to_have_count(2)
    expect(row(page, "halo")).to_be_focused()
    assert acts(budi, "halo") == [
        {"reaction": "❤️"}, {"reaction": ""}, {"reaction": "❤️"}, {"reaction": "🚀"},
    ]  # fmt: skip
    # What is no emoji is passed over; the rest cannot turn what stands around it.
    for who, wrong in (("d" * 56, "\u202eabuse"), ("e" * 56, "дурак"), ("f" * 56, "12")):
        budi.react(halo, wrong, who, "D")
    expect(row(page, "halo").locator(".reaction bdi")).to_have_text(["❤️", "🚀"])
    choose(page, "halo", "reactions")
    expect(page.locator(".reacted")).to_have_count(2)
    expect(page.locator(".panel")).to_contain_text("Budi")
    page.keyboard.press("Escape")
    expect(row(page, "halo")).to_be_focused()
    assert budi.said == []


def test_a_message_is_changed_and_shows_what_it_read_before(budi, page):
    open_chat(budi)
    composer(page).fill("a draft")
    choose(page, "kamu\\?", "edit")
    expect(page.get_by_text("Editing your message")).to_be_visible()
    expect(composer(page)).to_have_value("kamu?")
    composer(page).fill("dan kamu?")
    page.keyboard.press("Enter")
    expect(row(page, "dan kamu\\?")).to_contain_text("edited")
    expect(composer(page)).to_have_value("a draft")  # it waited
    expect(page.locator("[data-row]")).to_contain_text("dan kamu?")

    # The arrow up in an empty field changes the last one; Esc leaves it.
    composer(page).fill("")
    page.keyboard.press("ArrowUp")
    expect(composer(page)).to_have_value("dan kamu?")
    page.keyboard.type(" ya")
    page.keyboard.press("Escape")
    expect(composer(page)).to_have_value("")
    expect(row(page, "dan kamu\\?")).to_be_visible()

    # A change that is refused keeps the words.
    mine = budi.messages[BUDI][2]
    budi.refusals["POST", f"{PATH}/{mine['id']}"] = Refused(410, "gone")
    page.keyboard.press("ArrowUp")
    page.keyboard.type(" lagi")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This message was deleted meanwhile.")).to_be_visible()
    expect(composer(page)).to_have_value("dan kamu? lagi")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Edited. Show what it read before").click()
    expect(page.locator(".version .text")).to_have_text(["kamu?", "dan kamu?"])
    assert [call.body for call in budi.called("POST", f"{PATH}/{mine['id']}")] == [
        {"text": "dan kamu?", "mentions": []}, {"text": "dan kamu? lagi", "mentions": []},
    ]  # fmt: skip
    choose(page, "halo", "copy")  # the menu of another's message has no "Edit"
    row(page, "halo").locator(".bubble").hover()
    page.locator('[data-tool="more"]').click()
    expect(page.get_by_role("menuitem")).to_have_text(
        ["Reply", "React", "Copy text", "Forward", "Pin", "Delete…"]
    )


def test_deleting_asks_for_whom_and_leaves_nobody_lost(budi, page):
    open_chat(budi)
    composer(page).press("Shift+Tab")
    expect(row(page, "kamu\\?")).to_be_focused()
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog", name="Delete this message?")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Delete")
    dialog.get_by_role("button", name="Delete for everyone").press("Enter")
    gone = bubbles(page).last
    expect(gone).to_contain_text("This message was deleted")
    expect(page.locator("[data-row]")).to_contain_text("Message deleted")
    expect(gone).to_be_focused()
    # What is left of it can still go from here; the focus is at the next one then.
    page.keyboard.press("Delete")
    expect(dialog.get_by_role("button", name="Delete for everyone")).to_be_hidden()
    dialog.get_by_role("button", name="Delete for me").click()
    expect(bubbles(page)).to_have_count(2)
    expect(row(page, "apa kabar\\?")).to_be_focused()
    # Another's message goes from here alone.
    page.keyboard.press("Delete")
    expect(dialog.get_by_role("button")).to_have_count(2)
    dialog.get_by_role("button", name="Delete for me").click()
    expect(bubbles(page)).to_have_count(1)
    expect(row(page, "halo")).to_be_focused()
    assert len([call for call in budi.calls if call.method == "DELETE"]) == 3
    assert budi.said == []


def test_a_message_goes_on_to_several_chats_each_once(budi, page):
    budi.person("Dewi", DEWI)
    budi.chat(DEWI, "hai")
    budi.group("Kelas B", budi.member("Budi", BUDI))
    open_chat(budi)
    choose(page, "apa kabar\\?", "forward")
    form = page.locator(".panel form:visible")
    form.get_by_role("button", name="Forward").click()
    expect(page.get_by_text("Choose at least one chat.")).to_be_visible()
    for name in ("Dewi", "Kelas B"):
        form.get_by_role("checkbox", name=name).check()
    expect(page.get_by_text("2 chats chosen")).to_be_visible()
    group = f"chats/{'g' * 52}/messages"
    budi.refusals["POST", group] = Refused(507, "disk_full")
    form.get_by_role("button", name="Forward").click()
    expect(form.get_by_role("alert")).to_contain_text("disk is full")
    del budi.refusals["POST", group]
    form.get_by_role("button", name="Forward").press("Enter")
    expect(page.get_by_text("Forwarded to 2 chats.")).to_be_visible()
    first, again = budi.called("POST", f"chats/{DEWI}/messages")
    assert first.body == again.body  # the key by which the program knows a repeat
    refused, taken = budi.called("POST", group)
    assert refused.body == taken.body
    assert taken.body["forward"] == {"chat": BUDI, "id": budi.messages[BUDI][1]["id"]}
    page.locator(f'[data-chat="{DEWI}"] button').click()
    expect(bubbles(page).last).to_contain_text("Forwarded")
    expect(bubbles(page).last.locator("strong")).to_have_text("kabar")


def test_what_is_pinned_stands_below_the_head_and_leads_there(budi, page):
    for number in range(60):
        budi.message(f"and {number}")
    budi.chat(BUDI)
    open_chat(budi)
    bar = page.get_by_role("group", name="Pinned message")
    choose(page, "and 58", "pin")
    expect(bar).to_contain_text("and 58")
    expect(row(page, "and 58").locator(".pin-mark")).to_be_visible()
    budi.act(budi.messages[BUDI][0], pinned=True)
    expect(bar).to_contain_text("1 of 2")
    go = bar.get_by_role("button").first
    go.click()
    go.click()
    expect(row(page, "halo")).to_be_in_viewport()
    bar.get_by_role("button", name="Show all 2 pinned messages").press("Enter")
    pins = page.locator(".panel .pin")
    expect(pins).to_have_count(2)
    pins.last.get_by_role("button", name="Unpin").press("Enter")
    expect(pins).to_have_count(1)
    expect(pins.get_by_role("button", name="Go to this message")).to_be_focused()
    pins.get_by_role("button", name="Unpin").click()
    expect(bar).to_be_hidden()
    expect(page.get_by_text("Nothing is pinned here any more.")).to_be_visible()
    assert budi.said == []


def test_a_finger_opens_the_menu_by_holding_or_by_tapping_the_time(browser, site):
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="id", has_touch=True, is_mobile=True
    )
    page = context.new_page()
    program = Scripted(page, site)
    program.person("Budi")
    program.chat(BUDI, "halo", "apa kabar?")
    program.open()
    page.locator(f'[data-chat="{BUDI}"] button').tap()
    bubbles(page).last.locator("time").tap()
    menu = page.get_by_role("menu")
    expect(menu.get_by_role("menuitem", name="Balas")).to_be_focused()
    page.touchscreen.tap(180, 60)  # beside it
    expect(menu).to_be_hidden()
    # Held down: the browser's own menu must not come up as well.
    box = bubbles(page).first.locator(".bubble").bounding_box()
    touch = context.new_cdp_session(page)
    point = {"x": box["x"] + 20, "y": box["y"] + 10}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(menu).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    menu.get_by_role("menuitem", name="Sematkan").tap()
    expect(bubbles(page).first.locator(".pin-mark")).to_be_visible()
    assert program.messages[BUDI][0]["pinned"]
    assert program.said == []
    context.close()


def test_the_menu_is_walked_with_the_keyboard_and_gives_the_focus_back(budi, page):
    budi.messages[BUDI][1]["reactions"] = [
        {"emoji": "👍", "own": False, "people": [{"address": ME, "name": ""}]}
    ]
    open_chat(budi)
    composer(page).press("Shift+Tab")
    page.keyboard.press("ArrowUp")
    here = row(page, "apa kabar\\?")
    expect(here).to_be_focused()
    for key in ("ContextMenu", "Shift+F10", "Enter"):
        page.keyboard.press(key)
        expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("menuitem", name="Delete…")).to_be_focused()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("menuitem", name="React", exact=True)).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("menu")).to_be_hidden()
        expect(here).to_be_focused()
    # Right leads through what can be pressed in it, and Esc back to it.
    page.keyboard.press("ArrowRight")
    expect(here.locator(".reaction")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-tool="react"]')).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    expect(here).to_be_focused()
    expect(page.locator('li.message[tabindex="0"]')).to_have_count(1)
    expect(composer(page)).to_be_visible()
    assert budi.said == []

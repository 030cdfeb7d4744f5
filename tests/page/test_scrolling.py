"""Going through a very long chat: scrolling both ways, jumps, and what stays where it is."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.scripted import BUDI, ME, NOW, Refused, Scripted
from tests.page.scripted_history import Said
from tests.page.test_screens import NARROW, WIDE

pytestmark = pytest.mark.browser
PATH = f"chats/{BUDI}/messages"
MANY = 100_000
MOST_ROWS = 230  # 200 messages, their day lines, and one row that is kept
DAY = 86_400_000

# Scrolls to one end of what is drawn, again and again, until `last` is there or the steps are over.
# Returns how far a row that was in view moved by itself in each step, and the most rows there were.
WALK = """async (log, [up, steps, last]) => {
    const rows = () => [...log.querySelectorAll("li[data-message]:not([data-kept])")];
    const top = (row) => row.querySelector(".bubble").getBoundingClientRect().top;
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const found = { moved: new Set(), most: 0, least: 1e9, steps: 0 };
    for (; found.steps < steps && !rows().some((row) => row.dataset.message === last);
        found.steps += 1) {
        log.scrollTop = up ? 0 : log.scrollHeight;
        const edge = up ? rows()[0] : rows().at(-1);
        const id = edge.dataset.message;
        const before = top(edge);
        for (let frames = 0; frames < 300; frames += 1) {
            await frame();
            const now = rows().find((row) => row.dataset.message === id);
            found.moved.add(Math.round((top(now) - before) * 100) / 100);
            found.most = Math.max(found.most, log.querySelectorAll("li").length);
            found.least = Math.min(found.least, rows().length);
            if ((up ? rows()[0] : rows().at(-1)).dataset.message !== id) break;
        }
    }
    return { ...found, moved: [...found.moved] };
}"""


def name(place: int) -> str:
    """The id of a message by its place in the chat."""
    return f"{place + 1:032x}"


def at(page: Page, place: int) -> Locator:
    return page.locator(f'li[data-message="{name(place)}"]')


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def fill(program: Scripted, unread: int = 0) -> Scripted:
    program.person("Budi")
    program.messages[BUDI] = Said(BUDI, ME, MANY, NOW)  # type: ignore[assignment]  # only read
    program.chat(BUDI, unread=unread)
    return program


def open_chat(program: Scripted) -> None:
    program.open()
    program.page.locator(f'[data-chat="{BUDI}"] button').first.click()
    expect(program.page.locator("li.message").first).to_be_visible()


@pytest.fixture
def budi(program: Scripted) -> Scripted:
    return fill(program)


def walk(page: Page, up: bool, steps: int) -> None:
    found = log(page).evaluate(WALK, [up, steps, name(0 if up else MANY - 1)])
    assert found["moved"] == [0], found
    assert found["most"] <= MOST_ROWS
    assert found["least"] >= 30
    assert found["steps"] > 5


@pytest.mark.parametrize(
    "steps", [30, pytest.param(10_000, marks=pytest.mark.slow)], ids=["a part", "end to end"]
)
def test_a_hundred_thousand_messages_are_scrolled_without_a_jump_and_with_few_rows(
    budi, page, steps
):
    page.set_default_timeout(600_000)
    open_chat(budi)
    expect(at(page, MANY - 1)).to_be_in_viewport()
    walk(page, True, steps)
    log(page).press("Home")
    expect(at(page, 0)).to_be_in_viewport()
    expect(page.get_by_text("This is the beginning.")).to_be_visible()
    walk(page, False, steps)
    log(page).press("End")
    expect(at(page, MANY - 1)).to_be_in_viewport()
    expect(page.locator("[data-jump]")).to_be_hidden()
    assert budi.said == []


def test_whoever_has_the_focus_keeps_it_while_the_rows_around_them_go(budi, page):
    open_chat(budi)
    page.locator("li.message").last.evaluate(
        "row => { row.tabIndex = -1; row.focus({ preventScroll: true }); }"
    )
    focused = "document.activeElement.closest('li')?.dataset.message"
    for _ in range(20):  # a slow machine draws fewer rows at a time
        walk(page, True, 25)
        if page.locator("li[data-kept]").count():
            break
    expect(page.locator("li[data-kept]")).to_have_attribute("data-message", name(MANY - 1))
    assert page.evaluate(focused) == name(MANY - 1)
    expect(at(page, MANY - 1)).not_to_be_in_viewport()
    # The first key brings the row back, and does nothing else.
    page.keyboard.press("ArrowUp")
    expect(at(page, MANY - 1)).to_be_in_viewport()
    assert page.evaluate(focused) == name(MANY - 1)
    assert budi.said == []


def test_what_arrives_while_one_reads_far_up_is_counted_and_there_at_the_end(program, page):
    program.person("Budi")
    program.chat(BUDI, *(f"message {number}" for number in range(1_500)))
    open_chat(program)
    log(page).press("Home")
    first = page.locator("li.message").first
    expect(first).to_contain_text("message 0")
    place = first.bounding_box()
    for number in range(3):
        program.hear(f"unseen {number}")
    expect(page.locator("[data-jump]")).to_have_text("3 new messages")
    expect(page.get_by_text("unseen")).to_have_count(1)  # in the column
    assert first.bounding_box() == place
    page.locator("[data-jump]").click()
    expect(page.locator("li.message").last).to_contain_text("unseen 2")
    expect(page.locator("li.message").last).to_be_in_viewport()
    expect(page.locator(f'[data-chat="{BUDI}"] .unread')).to_be_hidden()


def test_what_arrives_while_the_newest_page_is_on_its_way_is_not_lost(program, page):
    program.person("Budi")
    program.chat(BUDI, *(f"message {number}" for number in range(1_500)))
    open_chat(program)
    log(page).press("Home")
    expect(page.locator("li.message").first).to_contain_text("message 0")
    held = []

    def hold(route):
        held.append((route, program.messages[BUDI][-50:]))

    page.route("**/messages?limit=50", hold)
    with page.expect_request("**/messages?limit=50"):
        page.locator("[data-jump]").click()
    program.hear("between")
    expect(page.locator(f'[data-chat="{BUDI}"]')).to_contain_text("between")
    route, answer = held[0]
    route.fulfill(json=answer)
    expect(page.locator("li.message").last).to_contain_text("between")


def test_a_page_that_does_not_come_is_asked_for_again_and_not_without_end(budi, page):
    page.clock.install()
    open_chat(budi)
    budi.refusals["GET", PATH] = Refused(503, "store_failed")
    log(page).evaluate("log => (log.scrollTop = 0)")
    before = len(budi.called("GET", PATH))
    moments = 0
    while len(budi.called("GET", PATH)) < before + 4:
        page.clock.run_for(100)
        moments += 1
        assert moments < 300
    assert moments >= 25  # a second between one and the next
    del budi.refusals["GET", PATH]
    page.clock.resume()
    walk(page, True, 10)


def test_opening_lands_on_the_first_unread_message_however_far_back(page, site):
    program = fill(Scripted(page, site), unread=5_000)
    open_chat(program)
    line = page.locator(".line-unread")
    expect(line).to_be_in_viewport()
    assert line.evaluate("line => line.nextElementSibling.dataset.message") == name(MANY - 5_000)
    expect(page.locator("[data-jump-unread]")).to_be_hidden()
    page.locator("[data-jump]").click()
    expect(at(page, MANY - 1)).to_be_in_viewport()


def test_the_first_unread_message_is_a_click_away_when_much_came_meanwhile(program, page):
    program.person("Budi")
    program.chat(BUDI, *(f"message {number}" for number in range(100)))
    open_chat(program)
    # Somebody turns to another window.
    page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
    for number in range(60):
        program.hear(f"unseen {number}")
    expect(page.locator("li.message").last).to_contain_text("unseen 59")
    button = page.locator("[data-jump-unread]")
    expect(button).to_be_visible()
    page.evaluate("delete document.hasFocus")
    button.click()
    expect(page.locator(".line-unread")).to_be_in_viewport()
    first = program.messages[BUDI][100]["id"]
    expect(page.locator(f'li[data-message="{first}"]')).to_be_focused()
    expect(button).to_be_hidden()
    page.locator("[data-jump]").click()
    expect(page.locator("li.message").last).to_be_in_viewport()
    expect(button).to_be_hidden()  # it was seen


@pytest.mark.parametrize(
    ("size", "theme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide", "narrow"]
)
def test_a_day_is_gone_to_from_its_line_and_from_the_head(browser, site, size, theme):
    context = browser.new_context(
        viewport=size, color_scheme=theme, locale="en-GB", timezone_id="Asia/Jakarta"
    )
    page = context.new_page()
    program = fill(Scripted(page, site))
    open_chat(program)
    first_of_day = MANY - 1 - 30 * (DAY // 300_000) - 144  # 12:00 is when the last one was said
    if size is NARROW:
        page.locator('[data-act="seek"]').click()
    page.locator('[data-act="date"]:visible').click()
    field = page.get_by_label("Day", exact=True)
    expect(field).to_have_value("2026-05-06")
    expect(field).to_be_focused()
    field.fill("2026-04-06")
    page.keyboard.press("Enter")
    expect(at(page, first_of_day)).to_be_in_viewport()
    expect(at(page, first_of_day)).to_be_focused()
    expect(page.get_by_role("button", name="Monday 6 April")).to_be_in_viewport()
    page.get_by_role("button", name="Monday 6 April").click()
    expect(field).to_have_value("2026-04-06")
    field.fill("2026-03-01")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.get_by_role("button", name="Sunday 1 March")).to_be_in_viewport()
    page.get_by_role("button", name="Sunday 1 March").click()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    assert program.said == []
    context.close()


def test_a_chat_is_left_in_its_middle_and_found_there_again(budi, page):
    budi.person("Dewi", "d" * 56)
    budi.chat("d" * 56, "halo")
    open_chat(budi)
    walk(page, True, 20)
    seen = page.evaluate(
        """[...document.querySelectorAll("li[data-message]")]
            .find((row) => row.getBoundingClientRect().top > 200).dataset.message"""
    )
    row = page.locator(f'li[data-message="{seen}"]')
    place = row.bounding_box()
    page.locator(f'[data-chat="{"d" * 56}"] button').click()
    expect(page.locator("li.message")).to_have_count(1)
    page.locator(f'[data-chat="{BUDI}"] button').click()
    expect(row).to_be_visible()
    assert row.bounding_box() == place
    # Also when the program was away meanwhile, and what is loaded is asked for anew.
    budi.stop()
    expect(page.locator(".banner")).to_be_visible()
    budi.run()
    expect(page.locator(".banner")).to_be_hidden()
    expect(row).to_be_visible()
    assert row.bounding_box() == place


def test_a_window_that_changes_its_width_keeps_what_is_read(budi, page):
    open_chat(budi)
    walk(page, True, 8)
    log(page).evaluate("log => (log.scrollTop += 500)")
    first = """() => {
        const log = document.querySelector(".log");
        const top = log.getBoundingClientRect().top;
        const row = [...log.querySelectorAll("li[data-message]")]
            .find((each) => each.getBoundingClientRect().bottom > top);
        const place = row.querySelector(".bubble").getBoundingClientRect().top - top;
        return [row.dataset.message, Math.round(place)];
    }"""
    before = page.evaluate(first)
    page.set_viewport_size({"width": 800, "height": 700})
    page.wait_for_function("document.querySelector('.log').clientWidth < 520")
    assert page.evaluate(first) == before


def test_who_writes_while_reading_far_up_is_brought_to_what_they_wrote(program, page):
    program.person("Budi")
    program.chat(BUDI, *(f"message {number}" for number in range(1_500)))
    open_chat(program)
    log(page).press("Home")
    expect(page.locator("li.message").first).to_contain_text("message 0")
    page.get_by_role("textbox", name="Message", exact=True).fill("from far above")
    page.keyboard.press("Enter")
    expect(page.locator("li.message").last).to_contain_text("from far above")
    expect(page.locator("li.message").last).to_be_in_viewport()
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()

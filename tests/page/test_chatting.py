"""Reading and writing: what a person sees of a chat, with a program played by the test."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.scripted import BUDI, Refused, Scripted

pytestmark = pytest.mark.browser
PATH = f"chats/{BUDI}/messages"


def open_chat(program: Scripted) -> None:
    program.open()
    program.page.locator(f'[data-chat="{BUDI}"] button').click()
    expect(composer(program.page)).to_be_visible()


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


def bubbles(page: Page) -> Locator:
    return page.locator("li.message")


@pytest.fixture
def budi(program: Scripted) -> Scripted:
    program.person("Budi")
    program.chat(BUDI, "halo", "apa kabar?")
    return program


def test_a_message_shows_at_once_and_then_how_far_it_has_come(budi, page):
    open_chat(budi)
    composer(page).fill("baik!\nkamu?")
    composer(page).press("Enter")
    mine = bubbles(page).last
    expect(mine.locator(".text")).to_have_text("baik!\nkamu?", use_inner_text=True)
    for state, word in (("sent", "Sent"), ("delivered", "Delivered"), ("read", "Read")):
        message = budi.messages[BUDI][-1]["id"]
        budi.tell("message.state", chat=BUDI, id=message, state=state)
        expect(mine).to_have_attribute("data-state", state)
        expect(mine.get_by_role("img", name=word, exact=True)).to_be_visible()
    expect(bubbles(page)).to_have_count(3)
    expect(composer(page)).to_have_value("")
    expect(composer(page)).to_be_focused()


def test_enter_sends_shift_enter_breaks_and_an_input_method_keeps_its_enter(budi, page):
    open_chat(budi)
    composer(page).press_sequentially("one")
    composer(page).press("Shift+Enter")
    composer(page).press_sequentially("two")
    composer(page).evaluate(
        """field => field.dispatchEvent(new KeyboardEvent("keydown",
            { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))"""
    )
    expect(composer(page)).to_have_value("one\ntwo")
    composer(page).press("Enter")
    expect(bubbles(page)).to_have_count(3)
    assert [call.body["text"] for call in budi.called("POST", PATH)] == ["one\ntwo"]


def test_several_quick_messages_go_in_their_order(budi, page):
    open_chat(budi)
    for number in range(8):
        composer(page).fill(f"number {number}")
        composer(page).press("Enter")
    expect(page.locator('li.message[data-state="waiting"][data-message]')).to_have_count(8)
    wanted = [f"number {number}" for number in range(8)]
    assert [call.body["text"] for call in budi.called("POST", PATH)] == wanted
    assert [
        text.split("\n")[0] for text in page.locator("li[data-own] .text").all_inner_texts()
    ] == wanted


def test_a_text_that_could_not_be_kept_says_why_and_goes_again_under_the_same_key(budi, page):
    open_chat(budi)
    budi.refusals["POST", PATH] = Refused(507, "disk_full")
    composer(page).fill("important")
    composer(page).press("Enter")
    expect(bubbles(page).last).to_have_attribute("data-state", "refused")
    expect(bubbles(page).last).to_contain_text("The disk is full")
    del budi.refusals["POST", PATH]
    page.get_by_role("button", name="Try again").click()
    expect(bubbles(page).last).to_have_attribute("data-state", "waiting")
    first, second = budi.called("POST", PATH)
    assert first.body["key"] == second.body["key"]
    expect(bubbles(page)).to_have_count(3)


def test_a_refused_text_can_be_taken_back_into_the_field(budi, page):
    open_chat(budi)
    budi.refusals["POST", PATH] = Refused(409, "not_contact")
    composer(page).fill("a long thought")
    composer(page).press("Enter")
    page.get_by_role("button", name="Edit").click()
    expect(composer(page)).to_have_value("a long thought")
    expect(bubbles(page)).to_have_count(2)


def test_what_is_written_while_the_program_is_stopped_goes_by_itself_and_once(budi, page):
    open_chat(budi)
    budi.stop()
    expect(page.get_by_role("alert").filter(has_text="p2pchat is not running")).to_be_visible()
    for text in ("one", "two"):
        composer(page).fill(text)
        composer(page).press("Enter")
    expect(page.locator('[data-state="unreached"]')).to_have_count(2)
    budi.run()
    expect(page.locator('li.message[data-state="waiting"]')).to_have_count(2)
    expect(page.locator(".banner")).to_be_hidden()
    assert [call.body["text"] for call in budi.called("POST", PATH)] == ["one", "two"]
    expect(bubbles(page)).to_have_count(4)


def test_unsent_words_and_drafts_survive_loading_the_page_anew(budi, page):
    open_chat(budi)
    budi.refusals["POST", PATH] = Refused(507, "disk_full")
    composer(page).fill("not kept yet")
    composer(page).press("Enter")
    composer(page).fill("half a thou")
    expect(bubbles(page).last).to_have_attribute("data-state", "refused")
    page.reload()
    expect(composer(page)).to_have_value("half a thou")
    expect(bubbles(page).last).to_contain_text("not kept yet")


def test_each_chat_has_a_draft_of_its_own(budi, page):
    budi.person("Dewi", "d" * 56)
    budi.chat("d" * 56)
    open_chat(budi)
    composer(page).fill("for Budi")
    page.locator(f'[data-chat="{"d" * 56}"] button').click()
    expect(composer(page)).to_have_value("")
    expect(page.locator(f'[data-chat="{BUDI}"]')).to_contain_text("Draft: for Budi")
    page.locator(f'[data-chat="{BUDI}"] button').click()
    expect(composer(page)).to_have_value("for Budi")


def test_texts_stay_texts_and_links_show_where_they_lead(budi, page):
    attack = "<img src=x onerror=alert(1)> see https://a.example/b. javascript:alert(1)"
    budi.chat(BUDI, attack)
    open_chat(budi)
    expect(bubbles(page).last.locator(".text")).to_have_text(attack)
    link = bubbles(page).last.get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_text("https://a.example/b")
    expect(link).to_have_attribute("href", "https://a.example/b")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert page.get_by_role("log").locator("img:not([role])").count() == 0


def test_a_very_long_text_is_folded_and_unfolds(budi, page):
    text = "word " * 12_000
    budi.chat(BUDI, text)
    open_chat(budi)
    folded = bubbles(page).last.locator(".text")
    assert len(folded.inner_text()) < 2_000
    page.get_by_role("button", name="Show more").click()
    expect(folded).to_have_text(text.strip())


def test_a_text_above_the_limit_is_not_sent_and_not_lost(budi, page):
    open_chat(budi)
    composer(page).fill("é" * 30_001)
    composer(page).press("Enter")
    expect(page.get_by_text("Too long by 2 bytes")).to_be_visible()
    assert budi.called("POST", PATH) == []
    composer(page).fill("é" * 30_000)
    composer(page).press("Enter")
    expect(bubbles(page)).to_have_count(3)


def test_opening_lands_on_the_first_unread_message_and_reading_counts(budi, page):
    budi.chat(BUDI, *(f"message {number}" for number in range(300)), unread=250)
    budi.open()
    row = page.locator(f'[data-chat="{BUDI}"]')
    expect(row.get_by_role("img", name="250 unread messages")).to_have_text("99+")
    expect(page).to_have_title("(250) p2pchat")
    row.get_by_role("button").click()
    line = page.locator(".line-unread")
    expect(line).to_be_in_viewport()
    expect(line.locator("xpath=following-sibling::li[1]")).to_contain_text("message 50")
    expect(page.get_by_role("button", name=re.compile("new message"))).to_be_visible()
    # Only what was seen counts as read, not what merely arrived.
    page.get_by_role("log").evaluate("log => (log.scrollTop += 1)")
    expect(row.locator(".unread")).not_to_have_attribute("aria-label", "250 unread messages")
    read = budi.called("POST", f"chats/{BUDI}")[0].body["read"]
    texts = {message["id"]: message["text"] for message in budi.messages[BUDI]}
    assert 50 <= int(texts[read].split()[1]) < 100
    expect(page).not_to_have_title("p2pchat")


def test_at_the_end_it_follows_and_elsewhere_nothing_moves(budi, page):
    budi.chat(BUDI, *(f"message {number}" for number in range(120)))
    open_chat(budi)
    with page.expect_response(f"**/api/v1/chats/{BUDI}"):  # it is told as read, before more comes
        budi.hear("the newest")
    expect(bubbles(page).last).to_contain_text("the newest")
    expect(bubbles(page).last).to_be_in_viewport()
    page.get_by_role("log").evaluate("log => (log.scrollTop -= 900)")
    expect(page.locator("[data-jump]")).to_be_visible()
    seen = page.locator("li.message").filter(has_text="message 85")
    expect(seen).to_be_in_viewport()
    place = seen.bounding_box()
    budi.hear("unseen one")
    budi.hear("unseen two")
    expect(page.locator("[data-jump]")).to_have_text("2 new messages")
    assert seen.bounding_box() == place
    page.locator("[data-jump]").click()
    expect(bubbles(page).last).to_be_in_viewport()
    expect(page.locator("[data-jump]")).to_be_hidden()


def test_ten_thousand_messages_need_few_elements_and_reading_never_jumps(budi, page):
    budi.chat(BUDI, *(f"message {number} " + "x" * (number % 90) for number in range(10_000)))
    open_chat(budi)
    expect(bubbles(page).last).to_be_in_viewport()
    # By how much each bubble that is seen before and after a step moved against the scrolling.
    jumps = page.get_by_role("log").evaluate(
        """async (log) => {
            const rows = () => [...log.querySelectorAll("[data-message]")];
            const seen = () => new Map(rows()
                .map((row) => [row.dataset.message, row.offsetTop - log.scrollTop])
                .filter(([, top]) => top > 0 && top < log.clientHeight));
            const found = [];
            for (let step = 0, last = seen(); step < 150; step += 1) {
                const from = log.scrollTop;
                log.scrollTop -= 300;
                const by = from - log.scrollTop;
                for (let frame = 0; frame < 2; frame += 1)
                    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 5)));
                const now = seen();
                for (const [key, top] of now)
                    if (last.has(key))
                        found.push([Math.round(top - last.get(key)) - by, rows().length]);
                last = now;
            }
            return found;
        }"""
    )
    assert {moved for moved, _ in jumps} == {0}
    assert max(size for _, size in jumps) == 200
    page.locator("[data-jump]").click()
    expect(bubbles(page).last).to_be_in_viewport()
    expect(bubbles(page).last).to_contain_text("message 9999")


def test_the_field_grows_to_eight_lines_and_no_further(budi, page):
    open_chat(budi)
    heights = []
    for lines in (1, 4, 8, 20):
        composer(page).fill("\n".join("x" * lines))
        heights.append(composer(page).bounding_box()["height"])
    one, four, eight, twenty = heights
    assert one < four < eight
    assert twenty - eight < (eight - one) / 7


def test_messages_that_cannot_be_loaded_can_be_asked_for_again(budi, page):
    budi.refusals["GET", PATH] = Refused(500, "internal")
    open_chat(budi)
    del budi.refusals["GET", PATH]
    page.get_by_role("log").get_by_role("button", name="Try again").click()
    expect(bubbles(page)).to_have_count(2)


def test_coming_back_after_a_time_without_news_shows_what_was_missed(budi, page):
    open_chat(budi)
    budi.stop()
    expect(page.locator(".banner")).to_be_visible()
    for number in range(60):
        budi.message(f"missed {number}")
    budi.run()
    expect(bubbles(page).last).to_contain_text("missed 59")
    texts = page.locator("li.message .text").all_inner_texts()
    assert len(texts) == len(set(texts))


def test_a_chat_that_is_opened_while_the_page_comes_back_is_whole(budi, page):
    budi.person("Dewi", "d" * 56)
    budi.chat("d" * 56, "first")
    open_chat(budi)
    page.locator(f'[data-chat="{"d" * 56}"] button').click()
    expect(bubbles(page)).to_have_count(1)
    budi.stop()
    expect(page.locator(".banner")).to_be_visible()
    budi.message("missed", BUDI)
    held = []
    pages_of_dewi = f"**/{'d' * 56}/messages*"
    page.route(pages_of_dewi, lambda route: held.append(route))
    with page.expect_request(pages_of_dewi):
        budi.run()
    page.locator(f'[data-chat="{BUDI}"] button').click()
    expect(bubbles(page)).to_have_count(2)
    held[0].fallback()
    expect(bubbles(page).last).to_contain_text("missed")

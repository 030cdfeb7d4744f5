"""What people do with messages, between real programs and in their windows, with a cut in between.

Two people first: answers, reactions, edits, deletions, pins, drafts, typing, what was read. One of
the programs is killed in the middle, and hears of everything when it is back. Then three people.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.test_groups import act
from tests.browser.test_two_people import Window, meet, watch
from tests.programs import make_friends

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)
WAYS = (
    ("alice", 1280, "light", "en-GB"),
    ("budi", 360, "dark", "en-GB"),
    ("dewi", 1280, "dark", "id-ID"),
)


def window_of(browser: Browser, programs, way) -> Window:
    name, width, scheme, locale = way
    program = programs(name).start()
    context = browser.new_context(
        viewport={"width": width, "height": 780}, color_scheme=scheme, locale=locale
    )
    window = Window(program, context.new_page(), [])
    watch(window)
    return window


@pytest.fixture
def windows(browser: Browser, programs) -> Iterator[list[Window]]:
    made = [window_of(browser, programs, way) for way in WAYS]
    yield made
    for window in made:
        window.page.context.close()
        assert not window.complaints, window.complaints


def message(window: Window, text: str) -> Locator:
    return window.page.locator("[data-message]").filter(
        has=window.page.locator(".text", has_text=re.compile(f"^{re.escape(text)}$"))
    )


def field(window: Window) -> Locator:
    return window.page.locator("[data-composer]")


def choose(window: Window, text: str, choice: str) -> None:
    """By keyboard: to the message, into its menu."""
    message(window, text).focus()
    window.page.keyboard.press("Enter")
    window.page.locator(f'[data-choice="{choice}"]').press("Enter")


def react(window: Window, text: str, emoji: str) -> None:
    choose(window, text, "react")
    window.page.locator(f'.picker [data-emoji="{emoji}"]').first.click()


def say(window: Window, text: str) -> None:
    field(window).fill(text)
    field(window).press("Enter")


def status(window: Window) -> Locator:
    return window.page.locator("[data-presence-text]")


def test_two_people_do_everything_with_their_messages(windows):
    alice, budi, _dewi = windows
    meet(alice, budi)
    say(budi, "halo **Alice**")
    halo = message(alice, "halo Alice")
    expect(halo.locator("strong")).to_have_text("Alice")
    expect(message(budi, "halo Alice")).to_have_attribute("data-state", "read")

    # An answer leads back; a reaction and its withdrawal arrive.
    halo.locator(".bubble").hover()
    alice.page.locator('[data-tool="reply"]').click()
    field(alice).press_sequentially("baik")
    expect(status(budi)).to_have_text("typing…")
    field(alice).press("Enter")
    expect(message(budi, "baik").locator(".quote")).to_have_text("Youhalo Alice")
    expect(status(budi)).to_have_text("online")
    react(budi, "baik", "👍")
    expect(message(alice, "baik").locator(".reaction")).to_have_attribute("title", "Budi")
    message(alice, "baik").locator(".reaction").click()
    expect(message(budi, "baik").locator(".reaction")).to_have_text("👍2")

    # Changed, pinned, and a draft begun as an answer.
    field(alice).focus()
    alice.page.keyboard.press("ArrowUp")
    say(alice, "baik sekali")
    expect(message(budi, "baik sekali")).to_contain_text("edited")
    choose(budi, "baik sekali", "pin")
    expect(alice.page.locator(".pinned")).to_contain_text("baik sekali")
    say(alice, "rahasia")
    expect(message(budi, "rahasia")).to_be_visible()
    message(alice, "halo Alice").focus()
    alice.page.keyboard.press("r")
    alice.page.keyboard.type("setengah jadi")

    # Budi's program dies. What Alice does meanwhile reaches him when it is back.
    budi.program.kill9()
    choose(alice, "rahasia", "delete")
    alice.page.get_by_role("button", name="Delete for everyone").click()
    expect(alice.page.get_by_text("This message was deleted")).to_be_visible()
    react(alice, "halo Alice", "❤️")
    alice.program.stop()  # the draft is kept before it goes
    expect(alice.page.get_by_text("p2pchat is not running").first).to_be_visible()
    alice.page.evaluate("sessionStorage.clear()")
    alice.page.goto("about:blank")
    alice.program.start()
    alice.open()
    alice.choose("Budi")
    expect(field(alice)).to_have_value("setengah jadi")
    expect(alice.page.locator(".above")).to_contain_text("halo Alice")
    budi.program.start()
    budi.open()
    budi.choose("Alice")
    expect(budi.page.get_by_text("This message was deleted")).to_be_visible()
    expect(message(budi, "rahasia")).to_have_count(0)
    expect(message(budi, "halo Alice").locator(".reaction")).to_have_text("❤️")
    field(alice).press("Enter")
    expect(message(budi, "setengah jadi").locator(".quote")).to_contain_text("halo Alice")
    expect(message(alice, "setengah jadi")).to_have_attribute("data-state", "read")
    expect(budi.page.locator(".pinned")).to_contain_text("baik sekali")
    message(budi, "baik sekali").get_by_role("button", name=re.compile("^Edited")).click()
    expect(budi.page.locator(".version .text")).to_have_text(["baik", "baik sekali"])
    budi.page.keyboard.press("Escape")

    # Without receipts nothing is told; and words can go by themselves.
    budi.page.get_by_role("button", name=re.compile("^Back")).click()
    budi.page.locator("button[data-me]").click()
    budi.page.get_by_role("checkbox", name="Tell when I have read something").uncheck()
    budi.page.keyboard.press("Escape")
    budi.choose("Alice")
    say(alice, "dibaca diam-diam")
    expect(message(budi, "dibaca diam-diam")).to_be_visible()
    expect(message(alice, "dibaca diam-diam")).to_have_attribute("data-state", "delivered")
    alice.page.locator("[data-details]").click()
    alice.page.locator("#timer-person").select_option("own")
    alice.page.locator("[data-timer-count]:visible").fill("5")
    alice.page.get_by_label("Unit").locator("visible=true").select_option("seconds")
    alice.page.locator('[data-act="timer"]:visible').click()
    for window, words in (
        (alice, "You set messages to disappear after 5 seconds"),
        (budi, "Alice set messages to disappear after 5 seconds"),
    ):
        expect(window.page.locator('[data-kind="system"]')).to_contain_text(words)
    say(alice, "lima detik")
    for window in (budi, alice):
        expect(message(window, "lima detik").locator(".remaining")).to_be_visible()
    for window in (budi, alice):
        expect(message(window, "lima detik")).to_have_count(0)


def test_three_people_do_it_in_a_group(windows):
    alice, budi, dewi = windows
    meet(alice, budi)
    dewi.program.call("POST", "/me", {"name": "Dewi"})
    make_friends(alice.program, dewi.program)  # by the API: another test walks that way
    dewi.open()
    alice.page.get_by_role("button", name="New group").click()
    alice.page.locator("[data-group-name]").fill("Kelas B")
    for name in ("Budi", "Dewi"):
        alice.page.get_by_role("checkbox", name=name).check()
    act(alice, "create-group").click()
    expect(status(alice)).to_have_text("3 members, 3 online")

    # Dewi is named while she looks elsewhere.
    field(alice).press_sequentially("halo @de")
    alice.page.keyboard.press("Tab")
    alice.page.keyboard.type("dan semua")
    alice.page.keyboard.press("Enter")
    row = dewi.page.locator("[data-chat]").filter(has_text="Kelas B")
    expect(row.locator(".mentioned")).to_be_visible()
    dewi.choose("Kelas B")
    expect(dewi.page.locator(".mention[data-self]")).to_have_text("@Dewi")
    budi.page.get_by_role("button", name=re.compile("^Back")).click()
    budi.choose("Kelas B")
    expect(budi.page.locator(".mention")).to_have_text("@Dewi")
    first = "halo @Dewi dan semua"

    # Answered, reacted to, pinned; typing is told.
    message(dewi, first).focus()
    dewi.page.keyboard.press("r")
    dewi.page.keyboard.type("hadir")
    expect(status(budi)).to_have_text("Dewi is typing…")
    dewi.page.keyboard.press("Enter")
    expect(message(budi, "hadir").locator(".quote")).to_contain_text(first)
    react(budi, first, "👍")
    react(dewi, first, "👍")
    expect(message(alice, first).locator(".reaction")).to_have_text("👍2")
    choose(budi, "hadir", "pin")
    for window in (alice, dewi):
        expect(window.page.locator(".pinned")).to_contain_text("hadir")

    # Dewi is cut off. The others change and delete, and she has it all when she is back.
    dewi.program.kill9()
    say(budi, "besok pukul 7")
    expect(message(alice, "besok pukul 7")).to_be_visible()
    field(budi).focus()
    budi.page.keyboard.press("ArrowUp")
    say(budi, "besok pukul 8")
    expect(message(alice, "besok pukul 8")).to_contain_text("edited")
    say(alice, "salah kirim")
    expect(message(budi, "salah kirim")).to_be_visible()
    choose(alice, "salah kirim", "delete")
    alice.page.get_by_role("button", name="Delete for everyone").click()
    expect(budi.page.get_by_text("This message was deleted")).to_be_visible()
    dewi.program.start()
    dewi.open()
    dewi.choose("Kelas B")
    expect(message(dewi, "besok pukul 8")).to_contain_text("diubah")
    expect(dewi.page.get_by_text("Pesan ini sudah dihapus")).to_be_visible()
    expect(message(dewi, "salah kirim")).to_have_count(0)
    expect(message(dewi, first).locator(".reaction")).to_have_text("👍2")

    # On to somebody else; and who has read it.
    choose(alice, "besok pukul 8", "forward")
    alice.page.locator(".panel form:visible").get_by_role("checkbox", name="Dewi").check()
    act(alice, "forward").click()
    expect(alice.page.locator(".head-name")).to_have_text("Dewi")
    expect(message(alice, "besok pukul 8")).to_contain_text("Forwarded")
    alice.choose("Kelas B")
    choose(alice, first, "seen")
    expect(alice.page.locator('[data-seen="read"] .holder')).to_have_count(2)
    expect(message(alice, first)).to_have_attribute("data-state", "read")

"""Three people, three real programs, three windows, one group: everything by clicking.

Dewi is in the group by Alice's choice and knows Budi only from there. One of them goes away, comes
back, and has missed nothing; one is removed, and hears nothing more.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_two_people import Window, meet, watch
from tests.programs import make_friends

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)
WAYS = (
    ("alice", 1280, "light", "en-GB"),
    ("budi", 360, "dark", "en-GB"),
    ("dewi", 1280, "dark", "id-ID"),
)


@pytest.fixture
def windows(browser: Browser, programs) -> Iterator[list[Window]]:
    made = []
    for name, width, scheme, locale in WAYS:
        program = programs(name).start()
        context = browser.new_context(
            viewport={"width": width, "height": 780}, color_scheme=scheme, locale=locale
        )
        window = Window(program, context.new_page(), [])
        watch(window)
        made.append(window)
    yield made
    for window in made:
        window.page.context.close()
        assert not window.complaints, window.complaints


def act(window: Window, name: str):
    return window.page.locator(f'[data-act="{name}"]:visible')


def read(window: Window, text: str) -> None:
    expect(window.page.locator("[data-message]").filter(has_text=text)).to_have_count(1)


def test_a_group_from_the_first_click_to_somebodys_removal(windows):
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
    expect(alice.page.locator(".head-name")).to_have_text("Kelas B")
    expect(alice.page.locator("[data-presence-text]")).to_have_text("3 members, 3 online")

    budi.page.get_by_role("button", name=re.compile("^Back")).click()
    for window in (budi, dewi):
        window.choose("Kelas B")
    alice.write("selamat pagi semua")
    for window in (budi, dewi):
        read(window, "selamat pagi semua")
    alice.expect_message("selamat pagi semua", "delivered")
    budi.write("pagi Alice, pagi Dewi")
    read(dewi, "pagi Alice, pagi Dewi")

    # Dewi goes away; Alice goes before she is back. What she missed comes from Budi, whom she
    # knows from the group alone.
    dewi.program.stop()
    budi.write("catat: besok pukul 8")
    read(alice, "catat: besok pukul 8")
    alice.program.stop()
    dewi.program.start()
    dewi.open()
    dewi.choose("Kelas B")
    read(dewi, "catat: besok pukul 8")
    alice.program.start()
    alice.open()
    alice.choose("Kelas B")

    # Removed: she may read on, and hears nothing more.
    alice.page.get_by_role("button", name="Details").click()
    alice.page.locator(f'[data-member="{dewi.program.address}"] .row-button').click()
    act(alice, "member-remove").click()
    alice.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(dewi.page.get_by_text(re.compile("dikeluarkan")).first).to_be_visible()
    expect(dewi.page.locator("#message, textarea[name=message]")).to_have_count(0)
    alice.page.keyboard.press("Escape")
    alice.write("sekarang berdua")
    read(budi, "sekarang berdua")
    read(dewi, "catat: besok pukul 8")
    expect(dewi.page.locator("[data-message]").filter(has_text="sekarang berdua")).to_have_count(0)

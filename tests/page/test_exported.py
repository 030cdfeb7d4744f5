"""An exported page, opened from a disk in a real browser: it is read, and does nothing.

Without its escaping, or without its policy, the same words do what they are not let do here.
"""

import pytest
from playwright.sync_api import Page

from engine.chat import exportpage
from engine.chat.exportpage import POLICY, Titled
from engine.chat.views import Holder, Quote, Reaction
from tests.chat.test_exportpage import HOSTILE, message, page_of

ATTACKS = [
    *HOSTILE,
    "<script>document.title = 'ran'</script>",
    "<img src=x onerror=\"document.title = 'ran'\">",
    "<img src='http://127.0.0.1:9/x'><link rel=stylesheet href='http://127.0.0.1:9/y'>",
    "<iframe srcdoc=\"<script>parent.document.title = 'ran'</script>\"></iframe>",
    "<style>@import 'http://127.0.0.1:9/z'; * { display: none }</style>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
]


def attacked():
    """Every attack in every place, and one message of somebody harmless."""
    messages = [
        message(
            text,
            id=f"{number:032x}",
            author_name=text,
            own=number % 2 == 0,
            quote=Quote("00" * 16, "b", text, own=False, kind="text", text=text),
            reactions=(Reaction("👍", own=False, people=(Holder("b", text),)),),
        )
        for number, text in enumerate(ATTACKS)
    ]
    chats = [Titled(number, text) for number, text in enumerate(ATTACKS, 1)]
    last = message("baris satu\nbaris dua", id="ff" * 16)
    return page_of(*messages, last, title=ATTACKS[0], chats=chats)


@pytest.fixture
def opened(page: Page, tmp_path):
    """Open a page from the disk; what it asked for, besides itself."""
    asked = []

    def open_one(html: str) -> list[str]:
        file = tmp_path / "p2pchat.html"
        file.write_text(html, "utf-8")
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri(), wait_until="load")
        page.wait_for_function("document.readyState === 'complete'")
        return [url for url in asked if url != file.as_uri()]

    return open_one


def test_an_exported_page_is_read_and_does_nothing(opened, page):
    said = []
    page.on("console", lambda line: said.append(line.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    assert opened(attacked()) == []
    assert page.title() == ATTACKS[0]
    assert said == []
    assert page.locator("script, img, iframe, link, form").count() == 0
    shown = page.locator("li.message > .text")
    assert shown.count() == len(ATTACKS) + 1
    assert shown.last.inner_text() == "baris satu\nbaris dua"
    assert "<script>document.title = 'ran'</script>" in shown.all_inner_texts()
    assert shown.last.is_visible()
    page.locator("nav a").nth(0).click()
    assert page.url.endswith("#chat-1")
    page.locator("blockquote a").first.click()
    assert page.url.endswith("#m-1-" + "00" * 16)


def test_it_follows_the_light_and_the_dark(opened, page):
    opened(attacked())
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        colours.append(
            page.evaluate(
                "(({ color, backgroundColor }) => [color, backgroundColor])"
                "(getComputedStyle(document.body))"
            )
        )
    light, dark = colours
    assert light[0] != dark[0]
    assert light[1] != dark[1]


@pytest.mark.parametrize("guard", ["escaping", "policy"])
def test_one_guard_alone_stops_what_runs_without_both(opened, page, monkeypatch, guard):
    attack = [message("<script>document.title = 'ran'</script>")]
    monkeypatch.setattr(exportpage, "POLICY", "default-src * 'unsafe-inline'")
    if guard == "policy":
        monkeypatch.setattr(exportpage, "escape", lambda text: text)
        opened(page_of(*attack))
        assert page.title() == "ran", "the attack is none"
        monkeypatch.setattr(exportpage, "POLICY", POLICY)
    opened(page_of(*attack))
    assert page.title() == "Bob"

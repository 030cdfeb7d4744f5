"""The page over a chat of 100,000 messages: how soon it opens, and how it scrolls end to end.

    python benchmarks/page_scroll.py [--count 100000] [--opens 5] [--chromium /usr/bin/chromium]

A real program, with a chat of real texts (the entries of Debian's ``fortunes``, over and over) put
onto its disk while it was stopped; a real browser, driven from here. Opening is from the click to
the frame after the newest message is on the screen. Scrolling is as fast as frames come: each sets
the place to the end of what is drawn, until the first message is there, then back to the last one.

What counts as long is the browser's own measure: tasks of 50 ms and more (PerformanceObserver,
"longtask"); shorter ones it does not tell. Beside it the longest time between two frames, which
holds painting and whatever else the machine did.
"""

import argparse
import statistics
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import apsw
from playwright.sync_api import Page, sync_playwright
from programs import Program, folder, friends

from engine.protocol import contents
from engine.store import history, keyfile
from engine.store.database import Database
from engine.store.places import Places
from identity import PeerId, Secret

FORTUNES = Path("/usr/share/games/fortunes")
EVERY = 240_000  # ms between two messages
LAST = 1_790_000_000_000
WATCH = """window.long = [];
new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.long.push(Math.round(duration));
}).observe({ type: "longtask", buffered: true });"""
OPEN = """async (row) => {
    const began = performance.now();
    row.click();
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const isThere = () => {
        const last = [...document.querySelectorAll("li.message")].at(-1);
        return last && last.getBoundingClientRect().top < innerHeight;
    };
    while (!isThere()) await frame();
    await frame();
    return performance.now() - began;
}"""
SCROLL = """async (up) => {
    const log = document.querySelector(".log");
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const isLoading = () => Boolean(document.querySelector(".bones:not([hidden])"));
    let most = 0, slowest = 0, frames = 0, still = 0, last = performance.now();
    const began = last;
    while (still < 90) {
        const from = log.querySelector("li[data-message]")?.dataset.message;
        log.scrollTop = up ? 0 : log.scrollHeight;
        await frame();
        const now = performance.now();
        slowest = Math.max(slowest, now - last);
        last = now;
        frames += 1;
        most = Math.max(most, log.querySelectorAll("li").length);
        still = from === log.querySelector("li[data-message]")?.dataset.message ? still + 1 : 0;
    }
    return { seconds: (last - began) / 1000, frames, slowest: Math.round(slowest), most,
             isAtStart: !isLoading(), isAtEnd: document.querySelector("[data-jump]").hidden };
}"""


def texts() -> Iterator[str]:
    """Real texts, without end."""
    found = [
        entry.strip("\n")
        for path in sorted(FORTUNES.glob("*"))
        if path.is_file() and not path.suffix
        for entry in path.read_text("utf-8").split("\n%\n")
        if 0 < len(entry.strip()) < 2_000
    ]
    return cycle(found or [f"text {number} " + "kata " * (number % 40) for number in range(997)])


def fill(key: Path, other: PeerId, count: int) -> None:
    """Put ``count`` messages onto the disk of a program that is stopped."""
    places = Places.beside(key)
    me = keyfile.load_or_create(
        places.key, ask_passphrase=lambda: Secret(b""), database=places.database
    )
    database = Database(places.database, me.database_key)

    def put(part: list[tuple[int, str]]) -> None:
        def mutation(db: apsw.Connection) -> None:
            chat = history.open_chat(db, other, history.DIRECT, LAST)
            for number, text in part:
                author = me.peer if number % 3 == 0 else other
                kind, body = contents.encode(contents.Text(text))
                history.add_received(
                    db, chat, author, number.to_bytes(16, "big"), kind, chat.lamport + 1,
                    LAST - (count - number) * EVERY, body,
                )  # fmt: skip

        database.write(mutation)

    numbered = enumerate(islice(texts(), count))
    while part := list(islice(numbered, 1_000)):
        put(part)
    database.write(
        lambda db: db.execute("UPDATE chat SET read_row = (SELECT max(row) FROM message)")
    )
    database.close()


def visit(browser: Any, alice: Program) -> Page:
    page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.add_init_script(WATCH)
    page.goto(alice.call("POST", "/ticket", {})["url"])
    page.wait_for_selector("[data-row] button")
    page.wait_for_timeout(500)  # what starting costs is another figure
    page.evaluate("window.long.length = 0")
    return page


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=100_000)
    options.add_argument("--opens", type=int, default=5)
    options.add_argument("--chromium", default="/usr/bin/chromium")
    asked = options.parse_args()
    with folder() as name:
        alice, bob = friends(Path(name))
        other = PeerId.from_address(bob.address)
        key = alice.key
        bob.stop()
        alice.stop()
        fill(key, other, asked.count)
        alice = Program("Alice", Path(name))
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=asked.chromium,
                args=["--no-sandbox", "--disable-background-networking"],
            )
            opened = []
            for _ in range(asked.opens):
                page = visit(browser, alice)
                opened.append(page.locator("[data-row] button").first.evaluate(OPEN))
                long = page.evaluate("window.long")
                print(f"opened in {opened[-1]:.0f} ms, long tasks: {long}", flush=True)
                page.context.close()
            print(f"open: median {statistics.median(opened):.0f} ms, worst {max(opened):.0f} ms")
            page = visit(browser, alice)
            page.locator("[data-row] button").first.evaluate(OPEN)
            for up in (True, False):
                page.evaluate("window.long.length = 0")
                found = page.evaluate(SCROLL, up)
                print("up" if up else "down", found, "long tasks:", page.evaluate("window.long"))
            browser.close()
        alice.stop()


if __name__ == "__main__":
    main()

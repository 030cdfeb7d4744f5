"""The page over a chat of 100,000 messages: how soon it opens, and how it scrolls end to end.

    python benchmarks/page_scroll.py [--count 100000] [--opens 5] [--seconds 600]

A real program, with a chat of real texts (the entries of Debian's ``fortunes``, over and over) put
onto its disk while it was stopped; a real browser, driven from here. Opening is from the click to
the frame after the newest message is on the screen. Scrolling is as fast as frames come: each sets
the place to the end of what is drawn, until the first message is there, then back to the last one.

What counts as long is the browser's own measure: tasks of 50 ms and more (PerformanceObserver,
"longtask"). It goes by the clock: on a machine that does other work a task that waits for its turn
counts as long. Beside it therefore the processor's time of the longest task, from the browser's
trace. `--seconds` ends each way early; what was passed by then is printed.
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
SCROLL = """async ([up, seconds]) => {
    const log = document.querySelector(".log");
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const isLoading = () => Boolean(document.querySelector(".bones:not([hidden])"));
    const place = () => parseInt(log.querySelector("li[data-message]").dataset.message, 16);
    let most = 0, frames = 0, still = 0;
    const [began, first] = [performance.now(), place()];
    while (still < 90 && performance.now() - began < seconds * 1000) {
        const from = log.querySelector("li[data-message]")?.dataset.message;
        log.scrollTop = up ? 0 : log.scrollHeight;
        await frame();
        frames += 1;
        most = Math.max(most, log.querySelectorAll("li").length);
        still = from === log.querySelector("li[data-message]")?.dataset.message ? still + 1 : 0;
    }
    return { seconds: Math.round((performance.now() - began) / 1000), frames, rows: most,
             passed: Math.abs(place() - first), isAtStart: !isLoading(),
             isAtEnd: document.querySelector("[data-jump]").hidden };
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


class Trace:
    """The tasks of the page's main thread between begin() and end()."""

    def __init__(self, browser: Any) -> None:
        self._session = browser.new_browser_cdp_session()
        self._session.on("Tracing.dataCollected", self._take)
        self._session.on("Tracing.tracingComplete", lambda _: setattr(self, "_is_over", True))

    def _take(self, told: dict[str, Any]) -> None:
        for event in told["value"]:
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain":
                self._mains.add(event["pid"])
            elif event["name"] == "RunTask" and event["pid"] == event["tid"]:
                if not {"dur", "tdur"} <= event.keys():
                    continue  # cut off by the end
                self._tasks.append((event["pid"], event["tdur"] / 1_000, event["dur"] / 1_000))

    def begin(self) -> None:
        self._is_over = False
        self._mains: set[int] = set()
        self._tasks: list[tuple[int, float, float]] = []
        categories = {"includedCategories": ["disabled-by-default-devtools.timeline"]}
        config = categories | {"excludedCategories": ["*"]}
        self._session.send("Tracing.start", {"traceConfig": config, "transferMode": "ReportEvents"})

    def end(self, page: Page) -> str:
        self._session.send("Tracing.end")
        while not self._is_over:
            page.wait_for_timeout(50)
        own = [one for one in self._tasks if one[0] in self._mains]
        cpu = sorted((one[1] for one in own), reverse=True)
        over = [sum(one[at] >= 50 for one in own) for at in (1, 2)]
        return (
            f"{len(own)} tasks; of 50 ms and more {over[1]} by the clock, {over[0]} by the "
            f"processor's time, longest {[round(one, 1) for one in cpu[:5]]} ms"
        )


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
    options.add_argument("--seconds", type=int, default=600)
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
        try:
            with sync_playwright() as driver:
                browser = driver.chromium.launch(
                    executable_path=asked.chromium,
                    args=["--no-sandbox", "--disable-background-networking"],
                )
                opened = []
                trace = Trace(browser)
                for _ in range(asked.opens):
                    page = visit(browser, alice)
                    trace.begin()
                    opened.append(page.locator("[data-row] button").first.evaluate(OPEN))
                    print(f"opened in {opened[-1]:.0f} ms; {trace.end(page)}", flush=True)
                    page.context.close()
                print(
                    f"open: median {statistics.median(opened):.0f} ms, worst {max(opened):.0f} ms"
                )
                page = visit(browser, alice)
                page.locator("[data-row] button").first.evaluate(OPEN)
                for up in (True, False):
                    page.evaluate("window.long.length = 0")
                    trace.begin()
                    found = page.evaluate(SCROLL, [up, asked.seconds])
                    tasks = trace.end(page)
                    long = page.evaluate("window.long")
                    print(
                        "up" if up else "down", found, f"{len(long)} long tasks;", tasks, flush=True
                    )
                browser.close()
        finally:
            alice.stop()


if __name__ == "__main__":
    main()

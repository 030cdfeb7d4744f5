"""Search in many messages of real words, through the API of a real program, encrypted.

    python benchmarks/search.py [--messages 1000000] [--times 300]

A tenth of the messages stands in one chat, the rest in 30 others. Each question is asked with other
words each time; the answer is up to 50 hits with their snippets, as JSON. Beside them, in the same
run and in turns, a call that asks for next to nothing: what HTTP alone takes.
"""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import filled
from programs import Program, folder

LATEST = 50


def questions(texts: list[str], address: str) -> dict[str, Callable[[random.Random], str]]:
    """What is asked, by its name: each makes a query of chance."""
    count = Counter(
        word for text in texts for word in set(re.findall(r"[a-z]{3,}", text.casefold()))
    )
    ranked = [word for word, _ in count.most_common()]
    common, usual = ranked[:100], ranked[100:5_000]
    rare = [word for word, times in count.items() if times == 1]

    def pair(chance: random.Random) -> str:
        text = chance.choice(texts)
        words = re.findall(r"[a-z]{4,}", text.casefold())
        return " ".join(words[:2]) or "two words"

    def asked(word: Callable[[random.Random], str], more: str = "") -> Callable[..., str]:
        return lambda chance: f"/search?limit={LATEST}&q={quote(word(chance))}{more}"

    here = f"&chat={address}"
    return {
        "nothing to speak of (GET /me)": lambda chance: "/me",
        "a common word": asked(lambda chance: chance.choice(common)),
        "a word": asked(lambda chance: chance.choice(usual)),
        "a rare word": asked(lambda chance: chance.choice(rare)),
        "two words of one message": asked(pair),
        "the first 2 letters": asked(lambda chance: chance.choice(usual)[:2]),
        "the first 3 letters": asked(lambda chance: chance.choice(usual)[:3]),
        "the first 4 letters": asked(lambda chance: chance.choice(usual)[:4]),
        "no such word": asked(lambda chance: f"zq{chance.randrange(10**9)}x"),
        "a word, in one chat": asked(lambda chance: chance.choice(usual), here),
        "a rare word, in one chat": asked(lambda chance: chance.choice(rare), here),
    }


def run(place: Path, messages: int, times: int) -> None:
    big = messages // 10
    made = filled.fill(place, [big, *[(messages - big) // 30] * 30])
    print(
        f"stored   {made.stored_per_second:.0f} messages/s, {made.text_bytes / 1e6:.0f} MB of text"
    )
    print(f"indexed  {made.indexed_per_second:.0f} messages/s")
    grown = made.bytes_with_index - made.bytes_without_index
    print(f"size     {made.bytes_without_index / 1e6:.0f} MB, index {grown / 1e6:.0f} MB more")
    alice = Program("Alice", place)
    try:
        ask = questions(filled.lines(), made.addresses[0])
        taken: dict[str, list[float]] = {name: [] for name in ask}
        hits: dict[str, int] = dict.fromkeys(ask, 0)
        chance = random.Random(2)
        for turn in range(-5, times):
            for name, query in ask.items():
                path = query(chance)
                began = time.perf_counter()
                answer = alice.call("GET", path)
                if turn >= 0:
                    taken[name].append(1_000 * (time.perf_counter() - began))
                    hits[name] += len(answer)
    finally:
        alice.stop()
    for name, ms in taken.items():
        ms.sort()
        p50, p99 = ms[len(ms) // 2], ms[len(ms) * 99 // 100]
        print(f"{name:32} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   {hits[name] / times:5.1f} hits")


def main() -> None:
    parser = argparse.ArgumentParser(description="Search in many messages.")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=300)
    options = parser.parse_args()
    with folder() as place:
        run(Path(place), options.messages, options.times)


if __name__ == "__main__":
    main()

"""Parts of a chat of 100,000 messages of real words, through the API of a real program, encrypted.

    python benchmarks/longchat.py [--messages 100000] [--times 300]

Each question is asked about another place each time, and answered with 50 messages as JSON. Beside
them, in the same run and in turns, the same of a chat of 100 messages; and the export of it all.
"""

import argparse
import http.client
import random
import time
from collections.abc import Callable
from pathlib import Path

import filled
from programs import HOST, Program, folder

SHORT = 100


def run(place: Path, messages: int, times: int) -> None:
    made = filled.fill(place, [messages, SHORT], index=False)
    print(
        f"stored   {made.stored_per_second:.0f} messages/s, {made.text_bytes / 1e6:.1f} MB of text"
    )
    alice = Program("Alice", place)
    try:
        long, short = (f"/chats/{one}/messages?limit=50" for one in made.addresses)
        ids = spread_ids(alice, long, messages)
        chance = random.Random(2)
        at = [filled.BEGAN + number * filled.EVERY for number in range(messages)]
        ask: dict[str, Callable[[], str]] = {
            "a chat of 100, the newest": lambda: short,
            "the newest": lambda: long,
            "around one": lambda: f"{long}&around={chance.choice(ids)}",
            "before one": lambda: f"{long}&before={chance.choice(ids)}",
            "after one": lambda: f"{long}&after={chance.choice(ids)}",
            "from a time on": lambda: f"{long}&at={chance.choice(at)}",
            "from the end of time on": lambda: f"{long}&at={2**52}",
            "all chats": lambda: "/chats",
        }
        taken: dict[str, list[float]] = {name: [] for name in ask}
        for turn in range(-5, times):
            for name, path in ask.items():
                asked = path()
                began = time.perf_counter()
                alice.call("GET", asked)
                if turn >= 0:
                    taken[name].append(1_000 * (time.perf_counter() - began))
        for name, ms in taken.items():
            ms.sort()
            p50, p99 = ms[len(ms) // 2], ms[len(ms) * 99 // 100]
            print(f"{name:26} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
        for form in ("html", "jsonl"):
            export(alice, made.addresses[0], form, messages)
    finally:
        alice.stop()


def spread_ids(alice: Program, path: str, messages: int) -> list[str]:
    """Ids of messages from everywhere in the chat."""
    found = []
    for part in range(100):
        at = filled.BEGAN + part * messages // 100 * filled.EVERY
        found += [one["id"] for one in alice.call("GET", f"{path}&at={at}")]
    return found


def export(alice: Program, address: str, form: str, messages: int) -> None:
    connection = http.client.HTTPConnection(HOST, alice.web_port)
    headers = {"Authorization": f"Bearer {alice.api['token']}"}
    before, began = memory(alice), time.perf_counter()
    connection.request("GET", f"/api/v1/export?chat={address}&format={form}", headers=headers)
    answer = connection.getresponse()
    size = late = 0.0
    while data := answer.read(1 << 20):
        size += len(data)
        asked = time.perf_counter()
        alice.call("GET", "/me")  # how long somebody else waits meanwhile
        late = max(late, time.perf_counter() - asked)
    took = time.perf_counter() - began
    connection.close()
    print(
        f"export   {form}: {messages / took:.0f} messages/s, {size / 1e6:.1f} MB,"
        f" {memory(alice) - before:.1f} MB more memory, others wait up to {late * 1_000:.0f} ms"
    )


def memory(alice: Program) -> float:
    """MB that the program has ever needed, where Linux tells."""
    status = Path(f"/proc/{alice.process.pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description="Parts of a long chat.")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=300)
    options = parser.parse_args()
    with folder() as place:
        run(Path(place), options.messages, options.times)


if __name__ == "__main__":
    main()

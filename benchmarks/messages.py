"""Direct messages, durable on both sides: how many a second, and how long one takes.

    python benchmarks/messages.py [--count 20000] [--rounds 3]

Rate: 100-byte messages, pipelined through the WebSocket of one real program, until the sender has
heard "delivered" for each: committed with synchronous=FULL on both disks and acknowledged. Beside
it, in the same run and in turns, what the program descends from (ancestor.py), which stores
nothing.

Latency: one message at a time, from the API call to the event on the other side's WebSocket; by
then both sides have committed.
"""

import argparse
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from programs import ROOT, Program, folder, friends, text_frame


def rate(alice: Program, bob: Program, count: int, mark: str) -> float:
    sock = alice.listen()
    frames = [
        text_frame(
            {
                "type": "message.send",
                "ref": number,
                "chat": bob.address,
                "text": f"{mark} {number} ".ljust(100, "x"),
            }
        )
        for number in range(count)
    ]
    data = b"".join(frames)
    began = time.perf_counter()
    pushing = threading.Thread(target=sock.sock.sendall, args=(data,), daemon=True)
    pushing.start()
    sock.count(b'"type":"message.state"', 2 * count)  # sent, then delivered
    took = time.perf_counter() - began
    pushing.join()
    sock.close()
    last = alice.call("GET", f"/chats/{bob.address}/messages?limit=1")[-1]
    assert last["state"] == "delivered", last["state"]
    return count / took


def ancestor(count: int) -> float:
    script = str(ROOT / "benchmarks" / "ancestor.py")
    with subprocess.Popen(
        [sys.executable, script, "serve"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        try:
            sent = subprocess.run(
                [sys.executable, script, "send", port, str(count)],
                check=True,
                capture_output=True,
                text=True,
            )
        finally:
            server.terminate()
    return float(sent.stdout)


def latency(alice: Program, bob: Program, count: int) -> list[float]:
    sock = bob.listen()
    found = []
    for number in range(count):
        began = time.perf_counter()
        alice.call("POST", f"/chats/{bob.address}/messages", {"text": f"round {number}"})
        sock.count(b'"type":"message.added"', 1)
        found.append((time.perf_counter() - began) * 1_000)
    sock.close()
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with folder() as place:
        alice, bob = friends(Path(place))
        try:
            ours, theirs = [], []
            for turn in range(options.rounds):
                ours.append(rate(alice, bob, options.count, f"turn {turn}"))
                theirs.append(ancestor(options.count))
                print(f"turn {turn + 1}: durable {ours[-1]:,.0f}/s  ancestor {theirs[-1]:,.0f}/s")
            times = latency(alice, bob, 1_000)
        finally:
            alice.stop()
            bob.stop()
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"durable, both disks     {statistics.median(ours):>9,.0f} messages/s")
    print(f"ancestor, in memory     {statistics.median(theirs):>9,.0f} messages/s")
    print(f"ratio                   {ratio:>9.2f}")
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"API call to event on the other side: p50 {p50:.2f} ms, p99 {p99:.2f} ms")


if __name__ == "__main__":
    main()

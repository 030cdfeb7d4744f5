"""Send real texts both ways between two real programs, and compare every byte on the other side.

    .venv/bin/python tests/real_input.py [--limit N]

The texts are all entries of Debian's packages ``fortunes`` (English: quotes, jokes, ASCII art) and
``fortunes-zh`` (Chinese: poems, Tang and Song, with notes), each sent by both sides as one message.
They are compared as the other side's API gives them back, and again after a restart of both. What
was sent, and how long it took, is printed. Exit code 1 when anything differs, 3 when there are no
such packages here.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.programs import Program, make_friends
from tests.talk import Talk

FOLDER = Path("/usr/share/games/fortunes")
MOST_BYTES = 60_000  # of one message
AHEAD = 2_000  # texts that one side may be ahead of what the other has heard
NOTHING_TO_SEND = 3  # exit code


def entries(folder: Path) -> Iterator[tuple[str, str]]:
    """(name of the file, text); entries are told apart by lines that hold only a ``%``."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".dat", ".u8") or not path.is_file():
            continue  # an index of, or a second name for, another file
        entry: list[str] = []
        lines = path.read_text("utf-8").removesuffix("\n").removesuffix("\n%").split("\n")
        for line in (*lines, "%"):
            if line == "%":
                yield path.name, "\n".join(entry)
                entry = []
            else:
                entry.append(line)


def choose(limit: int | None) -> tuple[list[str], int, int]:
    """The texts to be sent, and how many entries were empty, or too long for one message."""
    texts, empty, long = [], 0, 0
    for _, text in entries(FOLDER):
        if not text:
            empty += 1
        elif len(text.encode()) > MOST_BYTES:
            long += 1
        else:
            texts.append(text)
    if limit is not None and limit < len(texts):  # from everywhere in the files
        texts = [texts[number * len(texts) // limit] for number in range(limit)]
    return texts, empty, long


def run(alice: Program, bob: Program, texts: list[str]) -> None:
    """Send, compare, restart, compare; print the figures. AssertionError says what differs."""
    size = sum(len(text.encode()) for text in texts)
    began = time.monotonic()
    with Talk(alice, bob, texts, texts[::-1], ahead=AHEAD) as talk:
        talk.wait_done(60.0 + len(texts) / 20)
    took = time.monotonic() - began
    print(f"sent       2 x {len(texts)} messages, 2 x {size} bytes of text")
    print(f"took       {took:.1f} s, all delivered: {2 * len(texts) / took:.0f} messages/s")
    for when in ("compared", "restarted"):
        if when == "restarted":
            alice.restart()
            bob.restart()
        talk.check()
        print(f"{when:10} the same on both sides, byte for byte, {time.monotonic() - began:.1f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description="Real texts between two real programs.")
    parser.add_argument("--limit", type=int, help="send only so many entries")
    texts, empty, long = choose(parser.parse_args().limit)
    if not texts:
        print(f"no texts in {FOLDER}: install Debian's fortunes and fortunes-zh")
        return NOTHING_TO_SEND
    print(
        f"entries    {len(texts)} to send; skipped: {empty} empty, {long} over {MOST_BYTES} bytes"
    )
    with tempfile.TemporaryDirectory() as folder:
        alice = Program(Path(folder), "alice", "--name", "Alice")
        bob = Program(Path(folder), "bob", "--name", "Bob")
        try:
            make_friends(alice.start(), bob.start())
            run(alice, bob, texts)
        except AssertionError as error:
            print(f"DIFFERENT  {error}")
            return 1
        finally:
            alice.end()
            bob.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())

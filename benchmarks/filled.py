"""An identity whose chats hold many messages of real words, to measure a long history with.

    made = fill(folder, [100_000, 100])        then Program("Alice", folder) runs on it

The words are lines of Debian's package ``fortunes`` (and ``fortunes-zh``), in an order of chance
that is the same in every run.
"""

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.protocol import contents
from engine.store import history, keyfile, opening, search
from identity import Identity, PeerId, Secret
from tests.real_input import FOLDER, entries

EVERY = 60_000  # milliseconds between two messages of a chat
BEGAN = 1_600_000_000_000
AT_ONCE = 500  # messages in one transaction, as the program indexes them


@dataclass(frozen=True)
class Filled:
    addresses: list[str]
    stored_per_second: float
    indexed_per_second: float
    text_bytes: int
    bytes_without_index: int
    bytes_with_index: int


def lines() -> list[str]:
    """What people might say: the lines of all entries, each once."""
    found = {line.strip() for _name, text in entries(FOLDER) for line in text.split("\n")}
    if len(found) < 1_000:
        raise SystemExit(f"no texts in {FOLDER}: install Debian's fortunes")
    return sorted(found - {""})


def fill(folder: Path, sizes: list[int], *, index: bool = True) -> Filled:
    """Make ``alice.key`` and ``alice.db`` with one chat of each size."""
    me = keyfile.load_or_create(
        folder / "Alice.key", ask_passphrase=lambda: Secret(b""), database=folder / "Alice.db"
    )
    people = [Identity.generate().peer for _ in sizes]
    db, reader = opening.open_both(folder / "Alice.db", me.database_key)
    reader.close()
    chance = random.Random(1)
    texts = lines()
    began = time.perf_counter()
    size = 0
    turns = _turns(people, sizes, chance)
    left = True
    while left:
        with db:
            left = False
            for _, (peer, number) in zip(range(AT_ONCE), turns, strict=False):
                left = True
                size += _say(db, me.peer, peer, number, chance.choice(texts), chance)
    stored = time.perf_counter() - began
    without = db.pragma("page_count") * db.pragma("page_size")
    began = time.perf_counter()
    more = index
    while more:
        with db:
            more = search.index_some(db, AT_ONCE)
    took = time.perf_counter() - began
    total = sum(sizes)
    found = Filled(
        [peer.address for peer in people], total / stored, total / took, size, without,
        db.pragma("page_count") * db.pragma("page_size"),
    )  # fmt: skip
    db.close()
    return found


def _turns(
    people: list[PeerId], sizes: list[int], chance: random.Random
) -> Iterator[tuple[PeerId, int]]:
    """Who is spoken with, message by message, mixed; and the message's number in that chat."""
    order = [person for person, size in enumerate(sizes) for _ in range(size)]
    chance.shuffle(order)
    numbers = [0] * len(sizes)
    for person in order:
        numbers[person] += 1
        yield people[person], numbers[person]


def _say(
    db: opening.Db, me: PeerId, peer: PeerId, number: int, text: str, chance: random.Random
) -> int:
    chat = history.open_chat(db, peer, history.DIRECT, BEGAN)
    author = chance.choice((me, peer))
    at = BEGAN + number * EVERY + chance.randrange(-EVERY, EVERY)  # two clocks
    db.execute(
        "INSERT INTO message (chat, author, id, kind, lamport, ts, body, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            chat.number, author, chance.randbytes(16), contents.TEXT, number, at,
            contents.encode_text(text), history.State.DELIVERED,
        ),
    )  # fmt: skip
    db.execute(
        "UPDATE chat SET lamport = ?1, read_row = last_insert_rowid() WHERE id = ?2",
        (number, chat.number),
    )
    return len(text.encode())

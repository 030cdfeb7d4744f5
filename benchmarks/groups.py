"""Groups: catching up, telling everybody, judging who is a member, and what a disk takes.

    python benchmarks/groups.py [sync] [fanout] [members] [shelf] [--behind 0 100 10000]
                                [--sizes 10 50 100] [--rounds 5]

sync      two nodes in processes of their own, one of which was away while the other said so much:
          from the first record about the group until both have the same. Bytes are those of the
          frames that carried records of groups, both ways, padding and tags included.
fanout    one message to everybody, all in as many processes as there are cores: from the call until
          the last has it on disk. First by number 0, who knows all; then by one who is linked to
          number 0 and six neighbours only, so that others have to pass it on.
members   who is a member of 1,000 after 2,000 changes, from nothing and after one change more,
          beside checking the signatures of all these
shelf     events said one by one, each on disk before the next; and taken in, as they come in
          batches of a frame, beside checking their signatures alone
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Final

from grouphosts import Hosts
from histories import History, crowd
from programs import folder

from engine.protocol import groupacts, groupevent, membership
from engine.protocol.groupbatch import BATCH
from engine.store import groups
from engine.store.database import Database
from engine.store.groups import Standing
from engine.store.shelf import GroupShelf
from identity import Identity

MEMBERS: Final = 1_000
ACTS: Final = 2_000
WORDS: Final = 10_000
ONE_BY_ONE: Final = 500


def milliseconds(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


def sync(behind: list[int]) -> None:
    with folder() as place, Hosts(Path(place), people=2, processes=2) as hosts:
        chat = hosts.gather()
        for count in behind:
            hosts.ask(1, "stop", 1)
            hosts.ask(0, "fill", 0, chat, count)
            wanted = hosts.ask(0, "digest", 0, chat)
            time.sleep(1)
            hosts.sent()
            hosts.ask(1, "start", 1)
            at = hosts.ask(1, "when", 1, chat, wanted)
            hosts.until(lambda: hosts.ask(0, "linked", 0) == 1)
            time.sleep(2)  # until they have told each other that they have the same
            sent = hosts.sent()
            took = max(0.0, at - sent.began)
            names = ", ".join(f"{count} {name}" for name, count in sorted(sent.records.items()))
            rate = f", {count / took:,.0f} events/s" if count and took else ""
            print(
                f"sync      {count:>6,} behind: {took * 1e3:>8,.1f} ms{rate};"
                f" {sent.sealed_bytes:,} bytes in frames, {sent.record_bytes:,} of records"
                f" ({names})"
            )


def fanout(sizes: list[int], rounds: int) -> None:
    for size in sizes:
        with folder() as place, Hosts(Path(place), people=size, processes=2) as hosts:
            chat = hosts.gather()
            for who, what in ((0, "by who knows all"), (size // 2, "by who knows one")):
                times, halves = [], []
                for number in range(rounds):
                    text = f"{who} {number}"
                    began, had = hosts.post(who, chat, text)
                    times.append((had[-1] - began) * 1e3)
                    halves.append((had[len(had) // 2] - began) * 1e3)
                print(
                    f"fanout    {size:>4} members, {what}: half"
                    f" {statistics.median(halves):,.0f} ms, all {statistics.median(times):,.0f} ms,"
                    f" at most {max(times):,.0f}"
                )


def members(rounds: int) -> None:
    history = crowd(MEMBERS, ACTS)
    with folder() as place:
        shelf = _shelf(Path(place), history)
        added = milliseconds(lambda: shelf.add(history.events))
        whole, judged, more, read = [], [], [], []
        for number in range(rounds):
            stand = shelf.stand
            assert stand is not None
            whole.append(milliseconds(lambda: membership.resolve(history.events)))
            judged.append(milliseconds(lambda acts=stand.acts: membership.judge(acts)))
            read.append(milliseconds(lambda: [groupevent.read(one.wire) for one in history.events]))
            name = groupacts.name_body(f"name {number}")
            event = history.act(history.creator, groupevent.META, name)
            history.meet()
            more.append(milliseconds(lambda event=event: shelf.add([event])))
            assert shelf.view is not None
            assert len(shelf.view.members) == MEMBERS
            history.events.pop()
    print(
        f"members   {MEMBERS:,} after {ACTS:,} changes: {statistics.median(whole):,.0f} ms from"
        f" nothing, {statistics.median(judged):,.0f} ms of them to judge; one change more, on disk"
        f" with its line: {statistics.median(more):,.0f} ms; all of them, the first time:"
        f" {added:,.0f} ms; their signatures: {statistics.median(read):,.0f} ms"
    )


def shelf(rounds: int) -> None:
    people = [Identity.generate() for _ in range(10)]
    found = [_disk_rates(people) for _ in range(rounds)]
    took, plain, said, commits = (statistics.median(one) for one in zip(*found, strict=True))
    print(
        f"shelf     taken {took:,.0f} events/s, signatures alone {plain:,.0f}/s:"
        f" {took / plain:.2f}; said one by one {said:,.0f}/s, a small commit"
        f" {commits:,.0f}/s: {said / commits:.2f}"
    )


def _disk_rates(people: list[Identity]) -> tuple[float, float, float, float]:
    """A second: events taken, signatures checked, things said, commits of next to nothing."""
    history = _talk(people)
    count = len(history.events)
    with folder() as place:
        taken = _shelf(Path(place), history)
        batches = _batches(history)
        plain = milliseconds(lambda: [groupevent.read(one) for one in chain(*batches)])
        took = milliseconds(lambda: _take(taken, batches))
        assert taken.seq_of(people[-1].peer) == WORDS // len(people), "somebody was not heard"
        said = milliseconds(lambda: _say(taken, history))
        commits = milliseconds(lambda: _commit(taken))
    return (
        count / took * 1e3,
        count / plain * 1e3,
        ONE_BY_ONE / said * 1e3,
        ONE_BY_ONE / commits * 1e3,
    )


def _talk(people: list[Identity]) -> History:
    history = crowd(len(people), len(people), admins=0, people=people)
    for number in range(WORDS):
        history.says(people[number % len(people)], f"{number} ".ljust(100, "x"))
    return history


def _shelf(place: Path, history: History) -> GroupShelf:
    """Of the creator, on a database on disk, with nothing in it."""
    me = history.creator
    disk = Database(place / "shelf.db", me.database_key)
    disk.write(lambda db: groups.open_group(db, history.gid, Standing.MEMBER, 0))
    [row] = disk.read(groups.load)
    return GroupShelf(
        row,
        me=me.peer,
        disk=disk,
        is_contact=lambda _peer: True,
        now=lambda: 0,
        on_intake=lambda _shelf, _intake: None,
    )


def _batches(history: History) -> list[list[bytes]]:
    batches: list[list[bytes]] = [[]]
    size = 0
    for event in history.events:
        if size + len(event.wire) > BATCH:
            batches.append([])
            size = 0
        batches[-1].append(event.wire)
        size += len(event.wire)
    return batches


def _take(taken: GroupShelf, batches: list[list[bytes]]) -> None:
    for batch in batches:
        ids = [groupevent.peek_id(wire) for wire in batch]
        known = taken.whole(ids)
        fresh = [wire for at, wire in zip(ids, batch, strict=True) if at not in known]
        taken.add([groupevent.read(wire) for wire in fresh])


def _say(taken: GroupShelf, history: History) -> None:
    for number in range(ONE_BY_ONE):
        taken.add([history.says(history.creator, f"{number} ".ljust(100, "y"))])


def _commit(taken: GroupShelf) -> None:
    for number in range(ONE_BY_ONE):
        taken._disk.write(lambda db, on=number % 2 == 0: groups.set_muted(db, taken.number, on))


PARTS: Final = ("sync", "fanout", "members", "shelf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=PARTS, metavar="part")
    parser.add_argument("--behind", type=int, nargs="+", default=[0, 100, 10_000])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 50, 100])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if "members" in options.parts:
        members(options.rounds)
    if "shelf" in options.parts:
        shelf(options.rounds)
    if "sync" in options.parts:
        sync(options.behind)
    if "fanout" in options.parts:
        fanout(options.sizes, options.rounds)


if __name__ == "__main__":
    main()

"""The processes in which ``groupnodes.py`` runs, from outside."""

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

HOST = "127.0.0.1"
WITHIN = 300.0  # seconds that a group may take to come together


@dataclass(frozen=True, slots=True)
class Sent:
    """What went over the wire, from all processes."""

    began: float
    records: dict[str, int]
    record_bytes: int
    sealed_bytes: int


class Hosts:
    def __init__(self, place: Path, people: int, processes: int) -> None:
        """Start everybody, and wait until number 0 is linked with all."""
        self._people = people
        ports = _free_ports(people)
        script = str(Path(__file__).resolve().parent / "groupnodes.py")
        self._mine = [list(range(one, people, processes)) for one in range(processes)]
        self._processes = [
            subprocess.Popen(
                [sys.executable, script, json.dumps([str(place), ports, mine])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for mine in self._mine
        ]
        self._answers: list[list[Any]] = [[] for _ in range(processes)]
        self._had: dict[str, list[float]] = {}
        self._selector = selectors.DefaultSelector()
        self._rest = [b""] * processes
        for number, process in enumerate(self._processes):
            self._selector.register(_pipe(process.stdout), selectors.EVENT_READ, number)

    def __enter__(self) -> "Hosts":
        for number in range(len(self._processes)):
            self.ask(number, "start_all")
        self.until(lambda: self.ask(0, "linked", 0) == self._people - 1)
        return self

    def __exit__(self, *_why: object) -> None:
        for process in self._processes:
            _pipe(process.stdin).close()
        for process in self._processes:
            process.wait(60)

    def ask(self, process: int, command: str, *arguments: Any) -> Any:
        """Let one of the processes do something; what it answered."""
        line = json.dumps([command, *arguments]).encode() + b"\n"
        _pipe(self._processes[process].stdin).write(line)
        _pipe(self._processes[process].stdin).flush()
        while not self._answers[process]:
            self._listen()
        return self._answers[process].pop(0)

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + WITHIN
        while not condition():
            if time.monotonic() > end:
                raise SystemExit("they do not come together")
            time.sleep(0.2)

    def gather(self) -> str:
        """Put everybody into one group: its chat, once all see all members and are at rest."""
        chat: str = self.ask(0, "make", 0, list(range(1, self._people)))
        processes = range(len(self._processes))
        self.until(
            lambda: all(set(self.ask(one, "members", chat)) == {self._people} for one in processes)
        )
        quiet = 0
        while quiet < 3:
            time.sleep(1)
            quiet = quiet + 1 if not self.sent().records else 0
        return chat

    def post(self, who: int, chat: str, text: str) -> tuple[float, list[float]]:
        """When it was said, and when each of the others and the author had it on disk."""
        process = next(at for at, mine in enumerate(self._mine) if who in mine)
        began: float = self.ask(process, "post", who, chat, text)
        while len(self._had.get(text, ())) < self._people:
            self._listen()
        while self.sent().records:  # until nobody has anything to add
            time.sleep(0.5)
        return began, sorted(self._had.pop(text))

    def sent(self) -> Sent:
        """Since the last time."""
        all_ = [self.ask(number, "wire") for number in range(len(self._processes))]
        records: Counter[str] = Counter()
        for one in all_:
            records.update(one["records"])
        began = [one["began"] for one in all_ if one["began"] is not None]
        return Sent(
            min(began, default=time.perf_counter()),
            dict(records),
            sum(one["record_bytes"] for one in all_),
            sum(one["sealed_bytes"] for one in all_),
        )

    def _listen(self) -> None:
        for key, _events in self._selector.select(WITHIN):
            data = self._rest[key.data] + key.fileobj.read1(1 << 20)  # type: ignore[union-attr]
            *lines, self._rest[key.data] = data.split(b"\n")
            for line in lines:
                kind, *values = json.loads(line)
                if kind == "answer":
                    self._answers[key.data].append(values[0])
                else:
                    self._had.setdefault(values[0], []).extend(values[1])
            if not data:
                raise SystemExit("a process ended")


def _pipe(pipe: IO[bytes] | None) -> Any:
    assert pipe is not None
    return pipe


def _free_ports(count: int) -> list[int]:
    """Below those that the system gives to outgoing connections."""
    free: list[int] = []
    port = 20_000 + os.getpid() * 97 % 11_000
    while len(free) < count:
        port += 1
        with socket.socket() as sock:
            try:
                sock.bind((HOST, port))
            except OSError:
                continue
            free.append(port)
    return free

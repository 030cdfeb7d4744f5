"""Two machines on one cable, and programs on them that look who is there."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.helpers import until
from tests.net.namespaces import CARD, Namespace
from tests.net.wire import Speaker, Wire

ROOT = Path(__file__).resolve().parents[2]
SEEN_WITHIN = 20.0  # seconds; a limit against hanging


class Looker:
    """The program of looker.py in a namespace, and what it has told so far."""

    def __init__(
        self, space: Namespace, port: int, addresses: Sequence[str], before: Sequence[str]
    ) -> None:
        self.port = port
        self.events: list[dict[str, Any]] = []
        self._process = space.start(
            *before,
            *(sys.executable, "-m", "tests.net.looker", str(port), *addresses),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.wait(lambda: any("ready" in event for event in self.events), "it is ready")

    def tell(self, command: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def announce(self, **pairs: bytes) -> "Looker":
        self.tell({"announce": {key: value.hex() for key, value in pairs.items()}})
        return self

    def announce_here(self, **pairs: bytes) -> "Looker":
        self.tell({"only_here": {key: value.hex() for key, value in pairs.items()}})
        return self

    def hide(self) -> None:
        self.tell({"announce": None})

    def looked_at(self) -> list[str]:
        told = len(self.events)
        self.tell("looked")
        self.wait(lambda: any("looked" in event for event in self.events[told:]), "it says where")
        return [event["looked"] for event in self.events if "looked" in event][-1]

    def stop(self) -> None:
        self.tell("stop")
        self.wait(lambda: "stopped" in self.events[-1], "it stopped")

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def people(self) -> dict[str, dict[str, Any]]:
        """Who is here, by instance."""
        here: dict[str, dict[str, Any]] = {}
        for event in list(self.events):
            if "seen" in event:
                here[event["seen"]] = event
            elif "gone" in event:
                here.pop(event["gone"], None)
        return here

    def finds(self, **pairs: bytes) -> dict[str, Any]:
        """Wait until somebody is here who says exactly this; what was told of them."""
        wanted = {key: value.hex() for key, value in pairs.items()}
        return self.wait(
            lambda: next((one for one in self.people.values() if one["txt"] == wanted), None),
            f"somebody says {pairs}",
        )

    def is_alone(self) -> None:
        self.wait(lambda: not self.people, "nobody is here")

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        def met() -> Any:
            if (answer := condition()) or self._thread.is_alive():
                return answer
            raise AssertionError(f"it ended before {what}; it said {self.events[-20:]}")

        try:
            return until(met, SEEN_WITHIN, what)
        except AssertionError as error:
            raise AssertionError(f"{error}; it said {self.events[-20:]}") from None

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                self.events.append(json.loads(line))
            except ValueError:
                self.events.append({"said": line})  # on standard error: fails what waits, visibly


class Home:
    """Two machines on one cable."""

    def __init__(self, spaces: dict[str, Namespace], stack: ExitStack) -> None:
        self.a, self.b = spaces["a"], spaces["b"]
        self._stack = stack
        self._port = 6_000

    def connect(self, four: bool = True, six: bool = False) -> "Home":
        for number, space in enumerate((self.a, self.b), 1):
            if not six:
                space.set(f"net.ipv6.conf.{CARD}.disable_ipv6", "1")
            if four:
                space.ip("addr", "add", f"10.99.0.{number}/16", "dev", CARD)
            space.ip("link", "set", CARD, "up")
        return self

    def look(self, space: Namespace, *addresses: str, before: Sequence[str] = ()) -> Looker:
        self._port += 1
        return Looker(space, self._port, addresses, before)

    def wire(self) -> Wire:
        wire = Wire(self.b)
        self._stack.callback(wire.close)
        return wire

    def speaker(self, address: str) -> Speaker:
        speaker = Speaker(self.b, address)
        self._stack.callback(speaker.close)
        return speaker

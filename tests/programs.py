"""Real programs for tests: p2pchat in a process of its own, used the way a script uses it.

    Program --start()--> ready line, .api file     --call()-->   HTTP API
            --kill9()/stop()/restart()-->          --listen()--> /ws, its events kept by a thread

A restart keeps folder, identity and ports. Whatever a program writes to standard error is kept in
one log over all its starts; the fixture `programs` (conftest.py) shows its end when a test fails.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from websockets.exceptions import WebSocketException

from tests.helpers import until
from tests.live import GONE_WITHIN, HEARD_WITHIN, Live

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = (sys.executable, str(ROOT / "p2pchat.py"))
HERE_ALONE = ("--host", "127.0.0.1", "--no-discovery", "--no-browser")

READY_WITHIN = 60.0  # seconds; for two busy cores, and no test measures by it
MOST_ON_A_PAGE = 200  # messages


class ApiError(Exception):
    """The API said no."""

    def __init__(self, status: int, told: dict[str, Any]) -> None:
        super().__init__(f"{status} {told}")
        self.status = status
        self.code: str = told["error"]
        self.sentence: str = told["message"]


class Program:
    """One identity's program. Made by a fixture of conftest.py, which ends it."""

    alive: ClassVar[list["Program"]] = []

    def __init__(
        self, home: Path, name: str = "alice", *options: str, key: Path | None = None
    ) -> None:
        """``home`` exists; the key file's folder need not."""
        self.name = name
        self.home = home
        self.key = key or home / f"{name}.key"
        self.log_file = home / f"{name}.log"
        self.out_file = home / f"{name}.out"
        self.here = HERE_ALONE
        self.options = options
        self.environment = environment(home)
        self.process: subprocess.Popen[bytes] | None = None
        self.port: int | None = 0  # 0 until it has one, which it then keeps; None: the default
        self.web_port: int | None = 0
        self._token = ""
        self.address = ""
        self._lives: list[Live] = []
        self.alive.append(self)

    def beside(self, suffix: str) -> Path:
        """Another file of this identity."""
        return self.key.with_suffix(suffix)

    # -- its life

    def spawn(
        self, *more: str, program: Sequence[str] = PROGRAM, named: bool = True
    ) -> subprocess.Popen[bytes]:
        """Start the process and wait for nothing. ``named``: tell it where its key file is."""
        assert self.has_ended(), "it runs already"
        arguments = [*program, *self.here, *self.options, *more]
        if named:
            arguments += ["--identity", str(self.key)]
        for option, port in (("--port", self.port), ("--web-port", self.web_port)):
            if port is not None:
                arguments += [option, str(port)]
        self.out_file.write_bytes(b"")
        with self.out_file.open("ab") as out, self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                cwd=self.home,
                env=self.environment,
            )
        return self.process

    def start(self, *more: str, program: Sequence[str] = PROGRAM, named: bool = True) -> "Program":
        """Start it and wait until it is ready."""
        self._start(*more, program=program, named=named)
        assert self.ready_line(), f"{self.name} did not start:\n{self.tail()}"
        self.address = self.call("GET", "/me")["address"]
        return self

    def start_doomed(self, program: Sequence[str]) -> int:
        """Start what will end by itself, ready or not; its exit code."""
        self._start(program=program)
        assert self.process is not None
        code = self.process.wait(READY_WITHIN)
        self._forget_lives()
        return code

    def ready_line(self) -> str:
        said = self.out_file.read_text()
        return said if said.endswith("\n") and said.startswith("p2pchat ready") else ""

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def wait_ended(self) -> int:
        assert self.process is not None
        return self.process.wait(GONE_WITHIN)

    def kill9(self) -> None:
        """End it without a chance to do anything about it."""
        assert self.process is not None
        self.process.kill()
        self.wait_ended()
        self._forget_lives()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and see that it ends well."""
        assert self.process is not None
        self.process.send_signal(how)
        code = self.wait_ended()
        self._forget_lives()
        assert code == 0, f"{self.name} ended with {code}:\n{self.tail()}"

    def restart(self, *more: str, program: Sequence[str] = PROGRAM) -> "Program":
        if not self.has_ended():
            self.stop()
        return self.start(*more, program=program)

    def end(self) -> None:
        """Whatever state it is in: afterwards it is gone."""
        if not self.has_ended():
            self.kill9()
        self._forget_lives()
        if self in self.alive:
            self.alive.remove(self)

    # -- the API

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def token(self) -> str:
        return self._token

    @property
    def place(self) -> str:
        """Where others reach it."""
        return f"127.0.0.1:{self.port}"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the API; its answer. Raises ApiError, and OSError when nobody answers."""
        status, told = self.ask(method, f"/api/v1{path}", body)
        if status >= 400:
            raise ApiError(status, told)
        return told

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **more: str
    ) -> tuple[int, Any]:
        """Status and JSON; ``token`` "" sends none, ``more`` are headers."""
        token = self._token if token is None else token
        headers = dict(more)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=HEARD_WITHIN)
        connection.sock = self._way_in()
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except http.client.HTTPException as error:  # it was killed while it answered
            raise ConnectionResetError("no whole answer") from error
        finally:
            connection.close()

    def listen(self, on_event: Callable[[dict[str, Any]], None] | None = None) -> Live:
        """Its events from now on. Raises OSError when nobody answers."""
        try:
            live = Live(self.url, self._token, on_event, self._way_in())
        except (WebSocketException, EOFError) as error:
            raise ConnectionResetError("no whole handshake, or the token of a past run") from error
        self._lives.append(live)
        return live

    def person(self, other: "Program") -> dict[str, Any] | None:
        """How it sees the other."""
        people = self.call("GET", "/people")
        return next((one for one in people if one["address"] == other.address), None)

    def sees(self, other: "Program", **fields: Any) -> bool:
        person = self.person(other)
        return person is not None and fields.items() <= person.items()

    def say(self, other: "Program", text: str, **fields: Any) -> dict[str, Any]:
        path = f"/chats/{other.address}/messages"
        message: dict[str, Any] = self.call("POST", path, {"text": text, **fields})
        return message

    def messages(self, other: "Program", since: str | None = None) -> list[dict[str, Any]]:
        """The whole chat, or what stands behind message ``since``: page by page, oldest first."""
        found: list[dict[str, Any]] = []
        path = f"/chats/{other.address}/messages?limit={MOST_ON_A_PAGE}"
        page = self.call("GET", path)
        while page:
            ids = [message["id"] for message in page]
            if since in ids:
                return page[ids.index(since) + 1 :] + found
            found[:0] = page
            page = self.call("GET", f"{path}&before={ids[0]}")
        assert since is None, "there is no such message"
        return found

    def texts(self, other: "Program") -> list[str]:
        return [message["text"] for message in self.messages(other)]

    def _way_in(self) -> socket.socket | None:
        """A connection to its page, where that is on another network than this process."""
        return None

    # -- what it said

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log().splitlines()[-lines:])

    def _start(self, *more: str, program: Sequence[str], named: bool = True) -> None:
        """Start it, and wait until it is ready or has ended."""

        def has_its_ports() -> bool:
            process = self.spawn(*more, program=program, named=named)
            until(
                lambda: self.ready_line() or self.has_ended(), READY_WITHIN, f"{self.name} starts"
            )
            # Somebody's outgoing connection may hold a port that it had before: that will end.
            was_refused = self.port and "Address already in use" in self.tail(1)
            return process.poll() is None or not was_refused

        until(has_its_ports, READY_WITHIN, f"{self.name} gets its ports back")
        if self.ready_line():
            told = json.loads(self.beside(".api").read_text())
            self.port, self._token = told["port"], told["token"]
            self.web_port = int(told["url"].rpartition(":")[2])

    def _forget_lives(self) -> None:
        while self._lives:
            self._lives.pop().close()


def environment(home: Path) -> dict[str, str]:
    """What a program under test may know of the outer world: no desktop, nobody's real folders."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return {**kept, "HOME": str(home)}


def make_friends(a: Program, b: Program, at: str | None = None, text: str = "") -> None:
    """Contacts of each other, and linked. ``at``: where ``a`` reaches ``b``."""
    a.call("POST", "/connect", {"address": at or b.place, "text": text})
    until(lambda: b.call("GET", "/requests"), HEARD_WITHIN, "the request arrives")
    b.call("POST", f"/requests/{a.address}", {"action": "accept"})
    for one, other in ((a, b), (b, a)):
        until(
            lambda one=one, other=other: one.sees(other, contact=True, online=True),
            HEARD_WITHIN,
            f"{one.name} and {other.name} are linked",
        )

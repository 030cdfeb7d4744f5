"""The real server in a process of its own, and two plain ways to talk to it.

`ask` is http.client; `raw` is a socket, for everything http.client would not let through.
"""

import http.client
import json
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WAIT = 10.0  # seconds any answer may take


@dataclass
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error's code; checks that the error has the one shape errors have."""
        told = self.json
        assert set(told) == {"error", "message"}
        assert self.headers["content-type"] == "application/json"
        assert " " in told["message"]
        assert told["message"][0].isupper() or told["message"][0] == "“"
        return told["error"]


class Serving:
    """Starts tests/web/serve_fake.py; use it with ``with``."""

    def __init__(self, *arguments: str, may_fail: bool = False) -> None:
        self._may_fail = may_fail
        self._stderr = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed in __exit__
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.web.serve_fake", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        told = json.loads(self._process.stdout.readline())
        self.url: str = told["url"]
        self.token: str = told["token"]
        self.first_link: str = told["link"]
        self._secrets = [self.token, self.first_link.rpartition("=")[2]]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.host = f"127.0.0.1:{self.port}"

    def __enter__(self) -> "Serving":
        return self

    def __exit__(self, *failure: object) -> None:
        """Stop it; nothing that went on was our own fault, and no secret is in the log."""
        with self._process:
            if self._process.poll() is None:
                self._process.stdin.write("stop\n")
                self._process.stdin.close()
                code = self._process.wait(WAIT)
            else:
                code = self._process.returncode
        complaints = self.complaints()
        self._stderr.close()
        if failure == (None, None, None):
            assert code == 0, complaints
            assert self._may_fail or "Traceback" not in complaints, complaints
            for secret in self._secrets:
                assert secret not in complaints

    def tell(self, command: str) -> Any:
        """Say a word on its standard input and read the answer."""
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def complaints(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read()

    def ticket(self) -> str:
        self._secrets.append(self.tell("link").rpartition("=")[2])
        return self._secrets[-1]

    def session(self) -> str:
        """A page's secret, had as the page has it."""
        answer = self.ask(
            "POST", "/api/v1/session", {"ticket": self.ticket()}, {"Origin": self.url}, token=None
        )
        self._secrets.append(answer.json["secret"])
        return self._secrets[-1]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        token: str | None = "",
    ) -> Answer:
        """One request. ``token`` "" means the script's; a body that is not bytes becomes JSON."""
        return ask_port(
            self.port, self.token if token == "" else token, method, path, body, headers
        )

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)

    def raw(self, request: bytes) -> Answer | None:
        """Send bytes as they are; None when there was no answer before the end."""
        with self.connect() as sock:
            sock.sendall(request)
            return read_answer(sock)


def ask_port(
    port: int,
    token: str | None,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request to whoever listens there; a body that is not bytes becomes JSON."""
    said = {"Host": f"127.0.0.1:{port}"}
    if token is not None:
        said["Authorization"] = f"Bearer {token}"
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        said["Content-Type"] = "application/json"
    said |= headers or {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)
    try:
        connection.request(method, path, body, said)
        response = connection.getresponse()
        return Answer(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )
    finally:
        connection.close()


def read_answer(sock: socket.socket, *, head: bool = False) -> Answer | None:
    """Read one answer; None when the connection ended first."""
    head_bytes = b""
    while not head_bytes.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            assert head_bytes == b"", head_bytes
            return None
        head_bytes += byte
    lines = head_bytes.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:-2]:
        name, _, value = line.partition(": ")
        assert name.lower() not in headers, f"{name} is there twice"
        headers[name.lower()] = value
    left = 0 if head else int(headers.get("content-length", "0"))
    body = b""
    while len(body) < left:
        piece = sock.recv(left - len(body))
        assert piece, "the connection ended inside the body"
        body += piece
    return Answer(int(lines[0].split()[1]), headers, body)

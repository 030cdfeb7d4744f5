"""Two real programs that are friends, and the thinnest client that does not slow them down.

The client masks with a zero key and counts events without parsing them: what is measured is the
programs, not the client. Everything is on 127.0.0.1.
"""

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"


class Program:
    def __init__(self, name: str, folder: Path) -> None:
        self.key = folder / f"{name}.key"
        command = f"--host {HOST} --no-discovery --no-browser --port 0 --web-port 0"
        self.process = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "p2pchat.py"),
                *("--identity", str(self.key)),
                *("--name", name),
                *("--log-level", "warning"),
                *command.split(),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        if "ready" not in self.process.stdout.readline():
            raise SystemExit(f"{name} did not start")
        self.api = json.loads(self.key.with_suffix(".api").read_text())
        self.web_port = int(self.api["url"].rpartition(":")[2])
        self.http = http.client.HTTPConnection(HOST, self.web_port)
        self.address = self.call("GET", "/me")["address"]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.api['token']}"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body)
        self.http.request(method, f"/api/v1{path}", data, headers)
        answer = self.http.getresponse()
        content = json.loads(answer.read())
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {content}")
        return content

    def listen(self) -> "Socket":
        return Socket(self.web_port, self.api["token"])

    def stop(self) -> None:
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


class Socket:
    """A WebSocket, reduced to bytes out and bytes in."""

    def __init__(self, port: int, token: str) -> None:
        self.sock = socket.create_connection((HOST, port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(
            f"GET /ws HTTP/1.1\r\nHost: {HOST}:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Authorization: Bearer {token}\r\n"
            f"Sec-WebSocket-Protocol: p2pchat.v1, auth.{token}\r\n\r\n".encode()
        )
        self.count(b'"type":"hello"', 1)

    def count(self, mark: bytes, wanted: int) -> None:
        """Read until ``mark`` was seen ``wanted`` times."""
        seen, kept = 0, b""
        while seen < wanted:
            data = self.sock.recv(1 << 20)
            if not data:
                raise SystemExit("the program closed the WebSocket")
            data = kept + data
            seen += data.count(mark)
            kept = data[-len(mark) + 1 :]

    def close(self) -> None:
        self.sock.close()


def text_frame(value: Any) -> bytes:
    data = json.dumps(value, separators=(",", ":")).encode()
    assert 126 <= len(data) < 65_536
    return b"\x81\xfe" + len(data).to_bytes(2, "big") + bytes(4) + data


def friends(folder: Path) -> tuple[Program, Program]:
    """Alice and Bob, contacts of each other, linked."""
    alice, bob = Program("Alice", folder), Program("Bob", folder)
    alice.call("POST", "/connect", {"address": f"{HOST}:{bob.api['port']}"})
    while not bob.call("GET", "/requests"):
        time.sleep(0.01)
    bob.call("POST", f"/requests/{alice.address}", {"action": "accept"})
    while not alice.call("GET", "/people")[0]["contact"]:
        time.sleep(0.01)
    return alice, bob


def folder() -> "tempfile.TemporaryDirectory[str]":
    """On the disk, not in memory: an fsync has to cost what it costs."""
    return tempfile.TemporaryDirectory(dir=os.environ.get("P2PCHAT_BENCH_DIR", "/var/tmp"))

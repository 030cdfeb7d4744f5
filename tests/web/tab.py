"""A WebSocket client on a plain socket, for tests in which every byte counts."""

import base64
import json
import os
from typing import Any

from engine.web.framing import CLOSE, PING, TEXT
from tests.web.frames import client_frame
from tests.web.serving import Answer, Serving, read_answer


class Tab:
    """One tab of a running server; use it with ``with``. ``answer`` is what the upgrade got."""

    def __init__(self, serving: Serving, *lines: str, secret: str | None = None) -> None:
        self.key = base64.b64encode(os.urandom(16)).decode()
        offered = f"p2pchat.v1, auth.{serving.token if secret is None else secret}"
        self._sock = serving.connect()
        said = {
            "Host": serving.host,
            "Origin": serving.url,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": self.key,
            "Sec-WebSocket-Protocol": offered,
        }
        for line in lines:  # "Name: value" replaces, "Name:" takes away
            name, _, value = line.partition(": ")
            said[name.rstrip(":")] = value
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items() if value)
        self.sendall(f"GET /ws HTTP/1.1\r\n{head}\r\n".encode())
        answer = read_answer(self._sock)
        assert answer is not None
        self.answer: Answer = answer

    def __enter__(self) -> "Tab":
        return self

    def __exit__(self, *failure: object) -> None:
        self._sock.close()

    def sendall(self, data: bytes) -> None:
        self._sock.sendall(data)

    def say(self, **command: Any) -> None:
        self.say_text(json.dumps(command))

    def say_text(self, text: str) -> None:
        self.sendall(client_frame(TEXT, text.encode()))

    def hear(self) -> Any:
        """The next message; pings are passed over."""
        opcode, payload = self.hear_frame()
        while opcode == PING:
            opcode, payload = self.hear_frame()
        assert opcode == TEXT, (opcode, payload)
        return json.loads(payload)

    def hear_type(self, kind: str) -> Any:
        """The next message of this type, whatever comes before it."""
        told = self.hear()
        while told["type"] != kind:
            told = self.hear()
        return told

    def hear_goodbye(self) -> tuple[int, str]:
        """Code and reason of the close frame, whatever comes before it."""
        opcode, payload = self.hear_frame()
        while opcode != CLOSE:
            opcode, payload = self.hear_frame()
        return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    def hear_frame(self) -> tuple[int, bytes]:
        first, length = self._exactly(2)
        assert first & 0xF0 == 0x80, "the server sends whole frames"
        assert length < 0x80, "the server does not mask"
        if length == 126:
            length = int.from_bytes(self._exactly(2), "big")
        elif length == 127:
            length = int.from_bytes(self._exactly(8), "big")
        return first & 0x0F, self._exactly(length)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self._sock.recv(size - len(data))
            assert piece, "the end"
            data += piece
        return data

"""One /ws connection to a real program: its events are kept, commands go the other way."""

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as connect_websocket

# Limits against hanging, for two busy cores; no test measures by them.
GONE_WITHIN = 30.0  # seconds
HEARD_WITHIN = 30.0  # seconds


class Live:
    """The events of one /ws connection, in the order they came, and commands the other way."""

    def __init__(
        self,
        url: str,
        token: str,
        on_event: Callable[[dict[str, Any]], None] | None = None,
        sock: socket.socket | None = None,
    ) -> None:
        """``on_event`` is called in the reading thread; ``sock`` is connected already."""
        opened = connect_websocket(
            f"{url.replace('http', 'ws', 1)}/ws",
            subprotocols=["p2pchat.v1", f"auth.{token}"],  # type: ignore[list-item]
            compression=None,
            max_size=None,
            proxy=None,
            sock=sock,
        )
        self._socket = opened.__enter__()  # the library warns of any other way to keep it open
        self.events: list[dict[str, Any]] = []
        self.closed = False
        self._news = threading.Condition()
        self._on_event = on_event
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def send(self, **command: Any) -> None:
        self._socket.send(json.dumps(command))

    def wait(
        self,
        wanted: Callable[[dict[str, Any]], bool],
        *,
        since: int = 0,
        seconds: float = HEARD_WITHIN,
    ) -> dict[str, Any]:
        """The first event, of those from number ``since`` on, that is the ``wanted`` one."""
        end = time.monotonic() + seconds
        with self._news:
            while True:
                for event in self.events[since:]:
                    if wanted(event):
                        return event
                since = len(self.events)
                left = end - time.monotonic()
                assert left > 0, f"no such event in {seconds} s; the last were {self.events[-5:]}"
                assert not self.closed, f"closed; the last events were {self.events[-5:]}"
                self._news.wait(left)

    def wait_type(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The first event of this type with these fields."""
        return self.wait(
            lambda event: event["type"] == kind and fields.items() <= event.items(),
        )

    @property
    def close_code(self) -> int | None:
        return self._socket.close_code

    def close(self) -> None:
        self._socket.close()
        self._thread.join(GONE_WITHIN)

    def _read(self) -> None:
        try:
            for frame in self._socket:
                event = json.loads(frame)
                with self._news:
                    self.events.append(event)
                    self._news.notify_all()
                if self._on_event is not None:
                    self._on_event(event)
        except (ConnectionClosed, OSError):
            pass  # killed: whoever waits is told below
        finally:
            with self._news:
                self.closed = True
                self._news.notify_all()

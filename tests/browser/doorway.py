"""A way from this machine's browser to a page that is served in a network namespace.

    browser ──> 127.0.0.1:PORT here ══ doorway ══> 127.0.0.1:PORT in the namespace

The port is the same on both sides, so that page and program see the address they expect. Bytes
only: what is said through it, nobody here looks at.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator

from tests.net.namespaces import Namespace

GONE_WITHIN = 10.0  # seconds


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


class Doorway:
    def __init__(self, space: Namespace, port: int) -> None:
        self._space, self._port = space, port
        self._listener = socket.create_server(("127.0.0.1", port))
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._start(self._accept)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(GONE_WITHIN)

    def _start(self, run, *arguments) -> threading.Thread:  # type: ignore[no-untyped-def]
        thread = threading.Thread(target=run, args=arguments)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._carry, here)

    def _carry(self, here: socket.socket) -> None:
        with here, self._space.socket(socket.AF_INET, socket.SOCK_STREAM) as there:
            with self._lock:
                self._open |= {here, there}
            try:
                there.connect(("127.0.0.1", self._port))
                back = self._start(_pump, there, here)
                _pump(here, there)
                back.join()
            except OSError:
                pass  # the program is not there: to the browser that is a closed connection
            finally:
                with self._lock:
                    self._open -= {here, there}


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Everything from one to the other, and then its end, too."""
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def doorway(space: Namespace, port: int) -> Iterator[None]:
    door = Doorway(space, port)
    try:
        yield
    finally:
        door.close()

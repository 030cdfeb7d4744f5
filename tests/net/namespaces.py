"""Networks of their own for tests: namespaces that know nothing of the machine's real network.

    home = make_network("a", "b")        two of them on one cable: net0 in each, nothing else
    home["a"].start(...)                 a program in there
    home["a"].socket(...)                a socket of this process in there

All of it needs root. Whatever was started there is ended, and the namespaces are removed, at the
end of the test: nothing that is sent in them can reach any other network.
"""

import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CARD = "net0"
CLONE_NEWNET = 0x40000000
GONE_WITHIN = 10  # seconds


def why_not() -> str:
    """Why no namespaces can be made here; empty when they can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "making network namespaces needs root"
    if shutil.which("ip") is None:
        return "making network namespaces needs the program ip (iproute2)"
    try:
        with network("try"):
            return ""
    except subprocess.CalledProcessError as error:
        return f"this system makes no network namespaces: {error.stderr.strip()}"


class Namespace:
    def __init__(self, name: str) -> None:
        self.name = name
        self._started: list[subprocess.Popen[str]] = []

    def run(self, *command: str) -> str:
        """Run it to its end in there; what it said."""
        return _run("ip", "netns", "exec", self.name, *command)

    def ip(self, *words: str) -> str:
        return _run("ip", "-n", self.name, *words)

    def set(self, name: str, value: str) -> None:
        """A setting of the kernel: net.ipv6.conf.all.disable_ipv6"""
        self.run("sh", "-c", f"echo {value} >/proc/sys/{name.replace('.', '/')}")

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start it in there; it ends with the test."""
        started = subprocess.Popen(
            ["ip", "netns", "exec", self.name, *command],
            text=True,
            start_new_session=True,
            **options,
        )
        self._started.append(started)
        return started

    def socket(self, *kind: int) -> socket.socket:
        """A socket of this process, on the network in there."""
        made: list[socket.socket] = []
        failed: list[OSError] = []

        def make() -> None:  # a namespace is entered by one thread, and left with its end
            libc = ctypes.CDLL(None, use_errno=True)
            with open(Path("/run/netns") / self.name) as place:
                if libc.setns(place.fileno(), CLONE_NEWNET):
                    failed.append(OSError(ctypes.get_errno(), "setns"))
                    return
            made.append(socket.socket(*kind))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return made[0]

    def end(self) -> None:
        for started in self._started:
            if started.poll() is None:
                os.killpg(started.pid, signal.SIGKILL)
            started.wait(GONE_WITHIN)
            for stream in (started.stdin, started.stdout):
                if stream is not None:
                    stream.close()


@contextmanager
def network(*labels: str) -> Iterator[dict[str, Namespace]]:
    """Namespaces with these labels; the first two are joined by a cable, net0 at both ends."""
    mark = secrets.token_hex(4)
    spaces = {label: Namespace(f"p2pchat-{mark}-{label}") for label in labels}
    made: list[str] = []
    try:
        for space in spaces.values():
            _run("ip", "netns", "add", space.name)
            made.append(space.name)
            space.ip("link", "set", "lo", "up")
        if len(labels) > 1:
            one, other = (spaces[label].name for label in labels[:2])
            end = ("type", "veth", "peer", "name", CARD, "netns", other)
            _run("ip", "link", "add", CARD, "netns", one, *end)
        yield spaces
    finally:
        for space in spaces.values():
            space.end()
        for name in made:
            _run("ip", "netns", "delete", name)


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout

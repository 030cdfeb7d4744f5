"""A network between two programs that can be made as bad as wanted.

    alice 127.0.0.1:A  <---  127.0.0.3:A  Network  127.0.0.2:B  --->  bob 127.0.0.1:B

Each side sees the other at an address of the network, under the other's own port: also what a
program learns from HELLO leads through here, so nobody goes around it. A thread for each direction
of each connection hands what it reads to the fault of the moment (bad_wires.py), which passes it
on as it likes.
"""

import contextlib
import socket
import struct
import threading

from tests.faults.bad_wires import Fault
from tests.programs import Program

CHUNK = 65_536  # bytes
ADDRESSES = "127.0.0.2", "127.0.0.3"  # where b, and where a is reached
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Wire:
    """One TCP connection through the network; ``toward`` names the program that bytes go to."""

    def __init__(self, ends: dict[str, socket.socket]) -> None:
        self._ends = ends

    def pass_on(self, toward: str, data: bytes) -> None:
        """Deliver bytes; none when that end is gone."""
        with contextlib.suppress(OSError):
            self._ends[toward].sendall(data)

    def read(self, toward: str) -> bytes:
        """What was sent toward this program; b"" at the end."""
        [source] = [end for name, end in self._ends.items() if name != toward]
        try:
            return source.recv(CHUNK)
        except OSError:
            return b""

    def finish(self, toward: str) -> None:
        """Nothing more goes there: FIN."""
        with contextlib.suppress(OSError):
            self._ends[toward].shutdown(socket.SHUT_WR)

    def cut(self, *, reset: bool = False) -> None:
        """End it for both: FIN, or RST."""
        for end in self._ends.values():
            with contextlib.suppress(OSError):
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                else:
                    end.shutdown(socket.SHUT_WR)
                end.shutdown(socket.SHUT_RD)  # wakes the thread that reads here
            if reset:
                end.close()

    def close(self) -> None:
        for end in self._ends.values():
            end.close()


class Network:
    """Everything between two running programs. Use it as a context manager."""

    def __init__(self, a: Program, b: Program) -> None:
        self.fault = Fault()
        self.captured: list[bytes] | None = None  # set to []: every byte that comes in is kept
        self._ways = [(ADDRESSES[0], a, b), (ADDRESSES[1], b, a)]
        self._wires: set[Wire] = set()
        self._listeners: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._over = False

    def place(self, program: Program) -> str:
        """Where the other reaches this program."""
        [address] = [address for address, _, to in self._ways if to is program]
        return f"{address}:{program.port}"

    def __enter__(self) -> "Network":
        for address, caller, called in self._ways:
            listener = socket.create_server((address, called.port), reuse_port=False)
            self._listeners.append(listener)
            self._spawn(self._accept, listener, caller, called)
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self.lift()
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def arm(self, fault: Fault) -> None:
        """From now on the network is bad in this way, once."""
        self.fault = fault

    def lift(self) -> None:
        """The network is good again; what was ruined by it is cut."""
        fault, self.fault = self.fault, Fault()
        fault.lift()

    def cut(self) -> None:
        """End all connections that stand."""
        for wire in tuple(self._wires):
            wire.cut(reset=True)

    def _spawn(self, target, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, caller: Program, called: Program) -> None:
        # The called one sees this as the caller's address.
        [seen_from] = [address for address, _, to in self._ways if to is caller]
        while not self._over:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = None
            try:
                if not self.fault.is_down:
                    address = ("127.0.0.1", called.port)
                    far = socket.create_connection(address, source_address=(seen_from, 0))
            except OSError:
                pass  # it does not run just now
            if far is None:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                near.close()
                continue
            wire = Wire({caller.name: near, called.name: far})
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._wires.add(wire)
            self._spawn(self._serve, wire, caller.name, called.name)

    def _serve(self, wire: Wire, caller: str, called: str) -> None:
        other = threading.Thread(target=self._pump, args=(wire, caller), daemon=True)
        other.start()
        self._pump(wire, called)
        other.join()
        self._wires.discard(wire)
        wire.close()

    def _pump(self, wire: Wire, toward: str) -> None:
        while data := wire.read(toward):
            if self.captured is not None:
                self.captured.append(data)
            self.fault.treat(wire, toward, data)
        wire.finish(toward)

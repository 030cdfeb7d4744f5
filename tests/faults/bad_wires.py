"""What can happen to bytes on their way. Each is a `Fault`, which strikes once.

A fault gets every chunk of every connection, from a thread for each direction, and passes on what
it wants the receiver to have. `struck` tells that it has happened; `lift` ends it, and resets the
connection that it ruined: the time in which a program notices a silent death by itself (45 s) is
tested elsewhere, with a clock of its own.
"""

import random
import threading
from abc import ABC, abstractmethod


class Fault:
    """None: everything arrives as it was sent."""

    is_down = False  # no new connection comes about

    def __init__(self) -> None:
        self.struck = threading.Event()
        self.lifted = threading.Event()
        self._lock = threading.Lock()
        self._ruined: list = []

    def treat(self, wire, toward: str, data: bytes) -> None:
        wire.pass_on(toward, data)

    def lift(self) -> None:
        self.lifted.set()
        for wire in self._ruined:
            wire.cut(reset=True)

    def _ruin(self, wire) -> None:
        self._ruined.append(wire)
        self.struck.set()


class Late(Fault):
    """Every chunk is held up for some milliseconds, another time for each."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def treat(self, wire, toward, data):
        self.struck.set()
        self.lifted.wait(self._chance.uniform(0, 0.05))
        wire.pass_on(toward, data)


class Drip(Fault):
    """A few bytes at a time."""

    def treat(self, wire, toward, data):
        self.struck.set()
        while data:
            size = len(data) if self.lifted.wait(0.0002) else 7
            wire.pass_on(toward, data[:size])
            data = data[size:]


class Down(Fault):
    """Connections are reset, and no new one comes about until it is lifted."""

    is_down = True

    def treat(self, wire, toward, data):
        wire.cut(reset=True)
        self.struck.set()


class BlackHole(Fault):
    """Connections stand, and nothing arrives any more, in either direction."""

    def treat(self, wire, toward, data):
        self._ruin(wire)


class OneWay(Fault):
    """Nothing arrives in one direction: no acknowledgement for what the other still gets."""

    def __init__(self, toward: str) -> None:
        super().__init__()
        self._toward = toward

    def treat(self, wire, toward, data):
        if toward == self._toward:
            self._ruin(wire)
        else:
            wire.pass_on(toward, data)


class AtByte(Fault, ABC):
    """Something befalls byte ``at`` of those that go toward one program, and the next ones."""

    def __init__(self, toward: str, at: int, chance: random.Random) -> None:
        super().__init__()
        self._toward = toward
        self._left = at
        self._chance = chance

    def treat(self, wire, toward, data):
        with self._lock:
            if self.struck.is_set() or toward != self._toward:
                strikes_here = None
            else:
                strikes_here = min(self._left, len(data))
                self._left -= strikes_here
                if strikes_here == len(data):
                    strikes_here = None
        if strikes_here is not None:
            self.strike(wire, toward, data[:strikes_here], data[strikes_here:])
            self._ruin(wire)
        else:
            wire.pass_on(toward, data)

    @abstractmethod
    def strike(self, wire, toward, before, after):
        """``before`` may be passed on as it is; ``after`` begins with the byte."""


class Flip(AtByte):
    """One bit is another."""

    def strike(self, wire, toward, before, after):
        flipped = after[0] ^ 1 << self._chance.randrange(8)
        wire.pass_on(toward, before + bytes([flipped]) + after[1:])


class Lose(AtByte):
    """Some bytes are missing."""

    def strike(self, wire, toward, before, after):
        wire.pass_on(toward, before + after[self._chance.randint(1, 40) :])


class Double(AtByte):
    """Some bytes come twice."""

    def strike(self, wire, toward, before, after):
        wire.pass_on(toward, before + after[: self._chance.randint(1, 400)] + after)


class Swap(AtByte):
    """Two pieces come in the wrong order."""

    def strike(self, wire, toward, before, after):
        middle = max(1, len(after) // 2)
        wire.pass_on(toward, before + after[middle:] + after[:middle])


class Noise(AtByte):
    """Somebody's bytes come in between."""

    def strike(self, wire, toward, before, after):
        noise = self._chance.randbytes(self._chance.randint(1, 200))
        wire.pass_on(toward, before + noise + after)


class Cut(AtByte):
    """The connection ends there, in the middle of whatever was being said: FIN to both."""

    def strike(self, wire, toward, before, after):
        wire.pass_on(toward, before)
        wire.cut()


class Reset(AtByte):
    """The same with RST."""

    def strike(self, wire, toward, before, after):
        wire.pass_on(toward, before)
        wire.cut(reset=True)


class HalfClose(AtByte):
    """One direction ends, the other stays open."""

    def strike(self, wire, toward, before, after):
        wire.pass_on(toward, before)
        wire.finish(toward)

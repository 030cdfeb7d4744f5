"""Two living connections with one person: carry out what protocol/tiebreak decides.

newer wins   the older drains and says BYE
older wins   it is asked for a sign of life first: silent for 3 s, and the newer takes its place
two streams  and both alive: that identity runs in two places, which its people should know
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import gevent
from gevent.event import Event as Flag

from engine.net.connection import Connection
from engine.protocol import records, tiebreak
from engine.protocol.tiebreak import Candidate
from identity import PeerId

SIGN_OF_LIFE_WITHIN: Final = 3.0  # seconds
MAX_SWITCHES: Final = 4  # from one connection to another with the same person ...
SWITCHES_EVERY: Final = 60.0  # ... in so many seconds


class Rivals:
    def __init__(
        self, me: PeerId, clock: Callable[[], float], *, on_twice: Callable[[PeerId], None]
    ) -> None:
        self._me = me
        self._clock = clock
        self._on_twice = on_twice
        self._asked: dict[Connection, Flag] = {}
        self._switches: dict[PeerId, deque[float]] = {}

    def newer_wins(self, older: Connection, newer: Connection) -> bool:
        if not older.is_open:
            return True
        before, after = self._candidate(older), self._candidate(newer)
        if not tiebreak.newer_wins(before, after):
            return False
        # Only two programs can go on for ever; one that comes back often is not held up, for the
        # other side would count differently and both connections be lost.
        return not tiebreak.runs_twice(before, after) or self._may_switch(newer)

    def retire(self, older: Connection, newer: Connection) -> None:
        """``newer`` won: let ``older`` go, after asking whether it speaks for a second program."""
        if older.is_open and tiebreak.runs_twice(self._candidate(older), self._candidate(newer)):
            gevent.spawn(self._retire_asking, older, newer)
        else:
            older.close()

    def challenge(
        self, older: Connection, newer: Connection, *, on_silent: Callable[[Connection], None]
    ) -> None:
        """``older`` won, if it lives: else call ``on_silent`` with the newer."""
        gevent.spawn(self._challenge, older, newer, on_silent)

    def alive(self, connection: Connection) -> None:
        """``connection`` answered a PING."""
        flag = self._asked.get(connection)
        if flag is not None:
            flag.set()

    def answers(self, connection: Connection) -> bool:
        """Wait for a sign of life; say whether one came and ``connection`` still stands."""
        # Several may ask the same connection at once: one answer is for all of them.
        flag = self._asked.setdefault(connection, Flag())
        connection.send(records.Ping())
        try:
            return flag.wait(SIGN_OF_LIFE_WITHIN) and connection.is_open
        finally:
            self._asked.pop(connection, None)

    def _retire_asking(self, older: Connection, newer: Connection) -> None:
        if self.answers(older) and newer.is_open and newer.peer is not None:
            self._on_twice(newer.peer)
        older.close()

    def _challenge(
        self, older: Connection, newer: Connection, on_silent: Callable[[Connection], None]
    ) -> None:
        twice = tiebreak.runs_twice(self._candidate(older), self._candidate(newer))
        if not self.answers(older):
            on_silent(newer)
            older.close()
            return
        if twice and newer.peer is not None:
            self._on_twice(newer.peer)
        newer.close()

    def _candidate(self, connection: Connection) -> Candidate:
        peer, session = connection.peer, connection.session
        assert peer is not None
        assert session is not None
        assert session.hello is not None
        return Candidate(self._me if connection.initiator else peer, session.hello.stream)

    def _may_switch(self, newer: Connection) -> bool:
        """Count the switches, so that two programs of one identity cannot keep everybody busy."""
        assert newer.peer is not None
        now = self._clock()
        for peer in [one for one, at in self._switches.items() if now - at[-1] >= SWITCHES_EVERY]:
            del self._switches[peer]  # long ago: whoever came once must not be kept for ever
        times = self._switches.setdefault(newer.peer, deque(maxlen=MAX_SWITCHES))
        if len(times) == MAX_SWITCHES and now - times[0] < SWITCHES_EVERY:
            return False
        times.append(now)
        return True

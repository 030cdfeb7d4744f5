"""What two programs say in an open channel before and besides messages: HELLO, signs of life, BYE.

    channel open --(responder's HELLO)--> --(initiator's HELLO)--> session open --(BYE)--> over

The responder speaks first; only on hearing it does the initiator answer and call the session open,
so neither treats a connection as usable before the other has proven to be live in it. Time is
passed in, as seconds of a monotonic clock.
"""

from dataclasses import dataclass
from typing import Final

from engine.protocol import records
from engine.protocol.attention import AttentionRecord
from engine.protocol.channel import Record
from engine.protocol.dialback_records import DialBackRecord
from engine.protocol.errors import RemoteProtocolError
from engine.protocol.grouprecords import GroupRecord
from engine.protocol.sas_records import SasRecord

PING_AFTER: Final = 15.0  # seconds of silence
LOST_AFTER: Final = 45.0  # seconds of silence
HELLO_WITHIN: Final = 10.0  # seconds from the end of the handshake


class OutOfTurn(RemoteProtocolError):
    """A record that has no place at this point of the conversation."""


class Silent(RemoteProtocolError):
    """The peer said nothing for so long that the connection counts as lost."""


@dataclass(frozen=True, slots=True)
class HelloHeard:
    """The peer's HELLO; ``first`` when it opened the session, else something in it changed."""

    hello: records.Hello
    first: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """A record for the rooms above."""

    record: (
        records.Request
        | records.Message
        | records.Ack
        | AttentionRecord
        | SasRecord
        | DialBackRecord
        | GroupRecord
    )


@dataclass(frozen=True, slots=True)
class PingHeard:
    """The peer asks for a sign of life: answer PONG."""


@dataclass(frozen=True, slots=True)
class PongHeard:
    pass


@dataclass(frozen=True, slots=True)
class ByeHeard:
    """An orderly end."""


Event = HelloHeard | Heard | PingHeard | PongHeard | ByeHeard


class Session:
    def __init__(self, *, initiator: bool, now: float) -> None:
        self.initiator = initiator
        self.hello: records.Hello | None = None  # the peer's latest
        self._began_at = now
        self._heard_at = now
        self._pinged_at = now

    @property
    def is_open(self) -> bool:
        return self.hello is not None

    def receive(self, record: Record, now: float) -> Event | None:
        """Take one record. None when it may be ignored. Raises RemoteProtocolError."""
        self._heard_at = now
        body = records.decode(record.type, record.body)
        if self.hello is None and not isinstance(body, records.Hello | records.Bye):
            raise OutOfTurn("spoke before its hello")
        match body:
            case records.Hello():
                return self._receive_hello(body)
            case records.Ping():
                return PingHeard()
            case records.Pong():
                return PongHeard()
            case records.Bye():
                return ByeHeard()
            case None:
                return None
            case _:
                return Heard(body)

    def next_deadline(self) -> float:
        """When ``tick`` has something to do if nothing is heard until then."""
        if self.hello is None:
            return self._began_at + HELLO_WITHIN
        ping_at = max(self._heard_at, self._pinged_at) + PING_AFTER
        return min(ping_at, self._heard_at + LOST_AFTER)

    def tick(self, now: float) -> bool:
        """Say whether a PING is due. Raises Silent when the peer counts as lost."""
        if self.hello is None and now >= self._began_at + HELLO_WITHIN:
            raise Silent("no hello")
        if now >= self._heard_at + LOST_AFTER:
            raise Silent(f"nothing heard for {LOST_AFTER:.0f} s")
        if self.hello is not None and now >= self.next_deadline():
            self._pinged_at = now
            return True
        return False

    def _receive_hello(self, hello: records.Hello) -> HelloHeard:
        first = self.hello is None
        if self.hello is not None and hello.stream != self.hello.stream:
            raise OutOfTurn("the stream changed within one connection")
        self.hello = hello
        return HelloHeard(hello, first)

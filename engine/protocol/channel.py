"""The secure channel: bytes from the network in, events out; records in, bytes out.

    start() ──► msg1 ──►            HANDSHAKE
            ◄── msg2 ◄──
            ──► msg3 ──►            OPEN         send(records), Record events
            ◄─► frames ◄─►
    anything wrong, or hung up      CLOSED       nothing more is said or heard

No socket, no clock and no hidden chance in here, so two channels and a pretend
wire are a whole test. Each frame is sealed under a key of its own: after every
frame both sides replace the direction's key by a one-way function of it, so a
stolen key opens nothing that was said before.

The healing re-handshake of a later version will replace the two directions'
keys in an open channel, with record types that are kept for it (records.py);
``handshake_hash`` is and stays that of the connection's first handshake.
"""

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from engine.protocol import frames
from engine.protocol.errors import LocalProtocolError, NotOpen, RemoteProtocolError
from engine.protocol.frames import MAX_RECORD_BODY, Record
from engine.protocol.handshake import ZERO_PASS, Handshake
from engine.protocol.noise import Kit
from engine.protocol.symmetric import CipherState
from identity import Identity, PeerId

__all__ = [
    "MAX_RECORD_BODY",
    "ZERO_PASS",
    "Channel",
    "Closed",
    "Event",
    "Kit",
    "Opened",
    "Record",
    "State",
]


class State(enum.Enum):
    HANDSHAKE = "handshake"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Opened:
    """Both sides are proven; ``handshake_hash`` is the same on each.

    ``passed`` is the pass the peer knocked with (zeros for a stranger); the
    initiator, who was not knocked at, finds it empty.
    """

    peer: PeerId
    handshake_hash: bytes = field(repr=False)
    passed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Closed:
    """Always the last event. ``error`` says what the peer did wrong, if anything."""

    error: RemoteProtocolError | None = None


Event = Opened | Record | Closed


def _strangers_may_knock() -> Iterable[bytes]:
    return (ZERO_PASS,)


class Channel:
    """One side of a connection between two identities.

    ``last_progress`` tells a dialer what the other side was like when nothing
    came of it: "nothing", "bytes" (of no message that could be ours), "msg1",
    "msg2" or "open".
    """

    def __init__(
        self,
        *,
        identity: Identity,
        initiator: bool,
        expected: PeerId | None = None,
        knock_pass: bytes = ZERO_PASS,
        passes: Callable[[], Iterable[bytes]] = _strangers_may_knock,
        kit: Kit | None = None,
    ) -> None:
        self.state = State.HANDSHAKE
        self.initiator = initiator
        self.peer: PeerId | None = None
        self.handshake_hash = b""
        self.last_progress = "nothing"
        self._handshake: Handshake | None = Handshake(
            identity=identity,
            initiator=initiator,
            expected=expected,
            knock_pass=knock_pass,
            passes=passes,
            kit=kit or Kit(),
        )
        self._sending: CipherState | None = None
        self._receiving: CipherState | None = None
        self._splitter = frames.Splitter()
        self._output: list[bytes] = []

    def start(self) -> None:
        """Initiator: say the first word. Once."""
        if self._handshake is None or self._handshake.due_size is not None:
            raise LocalProtocolError("a channel is started once, by its initiator")
        self._output.append(frames.join(self._handshake.start()))

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes from the network; ``b""`` means the peer hung up.

        Never raises for what a peer may send: a peer that breaks the protocol
        ends the channel, and the last event says why.
        """
        if self.state is State.CLOSED:
            return []
        if not data:
            return [self._close()]
        events: list[Event] = []
        self._splitter.feed(data)
        try:
            if self._handshake is not None:
                self._shake_hands(self._handshake, events)
            if self._receiving is not None:
                self._open_frames(self._receiving, events)
        except RemoteProtocolError as error:
            # What came before the bad frame was honest, and is kept.
            events.append(self._close(error))
        return events

    def send(self, records: Sequence[tuple[int, bytes]]) -> None:
        """Seal (type, body) pairs, in order, into as few frames as they fit.

        All or nothing: raises LocalProtocolError before anything is sealed.
        What is sealed must go on the wire in the order it was sealed in.
        """
        sending = self._sending
        if sending is None:
            raise NotOpen("records need an open channel")
        self._output += frames.seal(records, sending)

    def data_to_send(self) -> bytes:
        """What must go on the wire now; it is handed out once."""
        # One whole frame, the common case, is handed out as it is.
        output = self._output[0] if len(self._output) == 1 else b"".join(self._output)
        self._output.clear()
        return output

    def _shake_hands(self, handshake: Handshake, events: list[Event]) -> None:
        if self.last_progress == "nothing":
            self.last_progress = "bytes"
        while not handshake.is_finished:
            message = self._splitter.next((handshake.due_size,))
            if message is None:
                return
            self.last_progress = "msg2" if self.initiator else "msg1"
            if answer := handshake.receive(bytes(message)):
                self._output.append(frames.join(answer))
        assert handshake.peer is not None
        self._sending, self._receiving = handshake.split()
        self._handshake = None
        self.state = State.OPEN
        self.last_progress = "open"
        self.peer = handshake.peer
        self.handshake_hash = handshake.hash
        events.append(Opened(handshake.peer, handshake.hash, handshake.passed))

    def _open_frames(self, receiving: CipherState, events: list[Event]) -> None:
        while (frame := self._splitter.next(frames.FRAME_SIZES)) is not None:
            events += frames.open_one(frame, receiving)

    def _close(self, error: RemoteProtocolError | None = None) -> Closed:
        # Not one byte in answer: neither why, nor that somebody is here.
        self.state = State.CLOSED
        self._output.clear()
        self._handshake = self._sending = self._receiving = None
        self._splitter = frames.Splitter()
        return Closed(error)

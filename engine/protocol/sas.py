"""Seven emoji that two people compare, to know that nobody sits between them.

    S                                    O       S is who begins; if both do, the smaller key is S
    START [c]            ---------->
                         <----------  ANSWER [c, nO]
    REVEAL [nO, nS]      ---------->                 both can now derive the emoji

    c     = SHA-256("p2pchat/1 sas commit" || h0 || S || nS)
    bits  = HMAC(HMAC("p2pchat/1 sas", nS || nO), h0 || S || O || 0x01)[:6]       (this is HKDF)
    emoji = the first 42 bits, 6 for each

Whoever sits in the middle has two channels with two hashes h0, and would have to bend the emoji of
one into those of the other. Emoji cut from h0 alone could be bent so: who speaks last tries
messages until they fit. Here S is bound by its commit before it learns nO, and O chooses nO before
it learns nS, so all that is left is one guess in 2^42 for each run.

              start, START                ANSWER, REVEAL
    IDLE ------------------->  WAITING ------------------->  COMPARING
      ^                           |                              |
      +----- cancel, END, lost ---+--------- and same -----------+     different, at any time after
                                                                       COMPARING --> DIFFERENT

One ``Sas`` belongs to one connection; DIFFERENT is its last state. Nothing of the user's "same" is
told to the other side, where it could only tempt somebody not to look (PROTOCOL.md, section 4).
"""

import enum
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from engine.protocol.errors import LocalProtocolError, RemoteProtocolError
from engine.protocol.sas_records import Outcome, SasAnswer, SasEnd, SasRecord, SasReveal, SasStart
from identity import PeerId, Secret

SHOWN: Final = 7  # emoji
BITS_EACH: Final = 6  # the list has 64

_COMMIT_LABEL: Final = b"p2pchat/1 sas commit"
_LABEL: Final = b"p2pchat/1 sas"
_DERIVED: Final = 6  # bytes, of which 42 bits are used
_HASH_SIZE: Final = 32  # bytes


class BrokenCommitment(RemoteProtocolError):
    """The peer revealed another nonce than it had committed to."""


class State(enum.Enum):
    IDLE = "idle"
    WAITING = "waiting"  # for the other side's nonce
    COMPARING = "comparing"  # the emoji are on the screen
    DIFFERENT = "different"  # somebody saw other emoji: the last state


class Reason(enum.Enum):
    """Why a run was cancelled."""

    BY_ME = "by_me"
    BY_THEM = "by_them"
    CONNECTION_LOST = "connection_lost"
    BROKEN_COMMITMENT = "broken_commitment"


@dataclass(frozen=True, slots=True)
class Begun:
    """A run began, in place of the one there may have been; ``by_me``: this side is S."""

    by_me: bool


@dataclass(frozen=True, slots=True)
class Derived:
    """The numbers of the emoji to compare."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cancelled:
    reason: Reason


@dataclass(frozen=True, slots=True)
class Differed:
    """Somebody saw other emoji than the other side."""

    by_me: bool


Event = Begun | Derived | Cancelled | Differed


def commitment(*, handshake_hash: bytes, starter: PeerId, nonce: bytes) -> bytes:
    """What S promises of its nonce, without showing it."""
    return hashlib.sha256(_COMMIT_LABEL + handshake_hash + starter + nonce).digest()


def emoji_numbers(
    *,
    handshake_hash: bytes,
    starter: PeerId,
    other: PeerId,
    starter_nonce: bytes,
    other_nonce: bytes,
) -> tuple[int, ...]:
    """The seven numbers that stand for this channel and both nonces."""
    kdf = HKDF(SHA256(), _DERIVED, salt=_LABEL, info=handshake_hash + starter + other)
    bits = int.from_bytes(kdf.derive(starter_nonce + other_nonce))
    top = 8 * _DERIVED - BITS_EACH
    return tuple(bits >> top - BITS_EACH * at & (1 << BITS_EACH) - 1 for at in range(SHOWN))


@dataclass(slots=True)
class _Run:
    by_me: bool
    commit: bytes
    nonce: Secret  # ours; of S it is a secret until ANSWER is there


class Sas:
    """One side of all runs on one connection, one at a time.

    ``records_to_send`` has to be asked after every call, and what it gives has to be sent in order.
    """

    def __init__(
        self,
        *,
        me: PeerId,
        peer: PeerId,
        handshake_hash: bytes,
        new_nonce: Callable[[], bytes],
    ) -> None:
        """``new_nonce`` gives NONCE_SIZE random bytes, other ones at every call."""
        if len(handshake_hash) != _HASH_SIZE:
            raise LocalProtocolError("emoji need the hash of an open channel")
        self.state = State.IDLE
        self._me = me
        self._peer = peer
        self._hash = handshake_hash
        self._new_nonce = new_nonce
        self._run: _Run | None = None  # while WAITING or COMPARING
        self._shown: bytes | None = None  # the commit of the last run whose emoji were derived
        self._output: list[SasRecord] = []

    @property
    def is_running(self) -> bool:
        return self._run is not None

    @property
    def has_shown(self) -> bool:
        """Emoji were derived on this connection, so somebody may have seen that they differ."""
        return self._shown is not None

    def records_to_send(self) -> list[SasRecord]:
        """What must be sent now; it is handed out once."""
        output, self._output = self._output, []
        return output

    # -- what the person does

    def start(self) -> list[Event]:
        """Begin a run. While there is one already, nothing: the other side may have been faster."""
        if self.is_running or self.state is State.DIFFERENT:
            return []
        nonce = Secret(self._new_nonce())
        commit = commitment(handshake_hash=self._hash, starter=self._me, nonce=nonce)
        self._output.append(SasStart(commit))
        return self._begin(_Run(by_me=True, commit=commit, nonce=nonce))

    def same(self) -> None:
        """The person saw the same emoji here and there: this side is done.

        Raises LocalProtocolError unless there is something to compare.
        """
        if self.state is not State.COMPARING:
            raise LocalProtocolError("nothing is being compared")
        self._stop()

    def different(self) -> list[Event]:
        """The person saw other emoji: also after a "same", and when the run is over already.

        Raises LocalProtocolError when no emoji were ever derived here.
        """
        if self._shown is None:
            raise LocalProtocolError("nothing was compared")
        if self.state is State.DIFFERENT:
            return []
        self._output.append(SasEnd(self._shown, Outcome.DIFFERENT))
        return self._differ(by_me=True)

    def cancel(self) -> list[Event]:
        if self._run is None:
            return []
        self._output.append(SasEnd(self._run.commit, Outcome.CANCELLED))
        return self._cancel(Reason.BY_ME)

    # -- what comes over the connection

    def connection_lost(self) -> list[Event]:
        """Nothing can be sent any more; what was derived may still turn out to be different."""
        return [] if self._run is None else self._cancel(Reason.CONNECTION_LOST)

    def receive(self, record: SasRecord) -> list[Event]:
        """Take one record of the peer; one that fits nothing, or comes late, is passed over.

        Raises BrokenCommitment, after cancelling the run (``state`` tells): end the connection.
        """
        if self.state is State.DIFFERENT:
            return []
        match record:
            case SasStart(commit):
                return self._asked(commit)
            case SasAnswer(commit, nonce):
                return self._answered(commit, nonce)
            case SasReveal(answer, nonce):
                return self._revealed(answer, nonce)
            case SasEnd(commit, outcome):
                return self._ended(commit, outcome)

    def _asked(self, commit: bytes) -> list[Event]:
        run = self._run
        if run is not None and run.commit == commit:
            return []  # the run we are in
        if run is not None and run.by_me and self.state is State.WAITING:
            if self._me < self._peer:
                return []  # both began at once, and they will give up theirs
            self._output.append(SasEnd(run.commit, Outcome.CANCELLED))
        nonce = Secret(self._new_nonce())
        self._output.append(SasAnswer(commit, nonce))
        return self._begin(_Run(by_me=False, commit=commit, nonce=nonce))

    def _answered(self, commit: bytes, nonce: bytes) -> list[Event]:
        run = self._run
        if run is None or not run.by_me or run.commit != commit or self.state is not State.WAITING:
            return []
        self._output.append(SasReveal(nonce, bytes(run.nonce)))
        return self._derive(run, run.nonce, nonce)

    def _revealed(self, answer: bytes, nonce: bytes) -> list[Event]:
        run = self._run
        if run is None or run.by_me or run.nonce != answer or self.state is not State.WAITING:
            return []
        promised = commitment(handshake_hash=self._hash, starter=self._peer, nonce=nonce)
        if run.commit != promised:
            # Somebody who may choose its nonce now, knowing ours, makes us show what it likes.
            self._cancel(Reason.BROKEN_COMMITMENT)
            raise BrokenCommitment("revealed another nonce than committed to")
        return self._derive(run, nonce, run.nonce)

    def _ended(self, commit: bytes, outcome: Outcome) -> list[Event]:
        # They may still be looking at the emoji of a run that is over here: it counts all the same.
        if outcome is Outcome.DIFFERENT and self.has_shown:
            return self._differ(by_me=False)
        if self._run is None or self._run.commit != commit:
            return []
        return self._cancel(Reason.BY_THEM)

    # -- the steps

    def _begin(self, run: _Run) -> list[Event]:
        self._run = run
        self.state = State.WAITING
        return [Begun(by_me=run.by_me)]

    def _derive(self, run: _Run, starter_nonce: bytes, other_nonce: bytes) -> list[Event]:
        starter, other = (self._me, self._peer) if run.by_me else (self._peer, self._me)
        self.state = State.COMPARING
        self._shown = run.commit
        numbers = emoji_numbers(
            handshake_hash=self._hash,
            starter=starter,
            other=other,
            starter_nonce=starter_nonce,
            other_nonce=other_nonce,
        )
        return [Derived(numbers)]

    def _cancel(self, reason: Reason) -> list[Event]:
        self._stop()
        return [Cancelled(reason)]

    def _differ(self, *, by_me: bool) -> list[Event]:
        self._stop()
        self.state = State.DIFFERENT
        return [Differed(by_me=by_me)]

    def _stop(self) -> None:
        self._run = None
        self.state = State.IDLE

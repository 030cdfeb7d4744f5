"""Who may use the API: tickets, session secrets and the token for scripts.

    link on the screen      #k=TICKET       one use, 60 s
    the page, by POST       TICKET ──► SECRET     kept in sessionStorage, dies with the tab
    a script                TOKEN           from the .api file, dies with the process

There are no cookies: browsers send a cookie of 127.0.0.1:8000 to every other port as well. Only
digests are kept and compared, so that neither a memory dump's reader nor a stopwatch learns much.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from enum import Enum

from engine.web import limits

_BYTES = 32


class Caller(Enum):
    """Whose secret it was."""

    PAGE = "page"
    SCRIPT = "script"


class Sessions:
    """Makes and recognises secrets. They leave here once, as hex, and are never shown again."""

    def __init__(
        self,
        *,
        api_token: str,
        ticket_after: float = limits.Limits().ticket_after,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._api_token = _digest(api_token)
        self._ticket_after = ticket_after
        self._clock = clock
        self._random = random
        self._tickets: dict[bytes, float] = {}  # digest -> when it ends
        self._sessions: dict[bytes, None] = {}  # digests, the longest unused first

    def new_ticket(self) -> str:
        """Make a ticket for one link. Too many at once: the oldest stops working."""
        ticket = self._random(_BYTES).hex()
        self._tickets[_digest(ticket)] = self._clock() + self._ticket_after
        _trim(self._tickets, limits.MAX_TICKETS)
        return ticket

    def redeem(self, ticket: str) -> str | None:
        """Exchange a ticket for a session secret; None when it is unknown, used or too old."""
        digest = _find(self._tickets, ticket)
        if digest is None or self._tickets.pop(digest) <= self._clock():
            return None
        secret = self._random(_BYTES).hex()
        self._sessions[_digest(secret)] = None
        _trim(self._sessions, limits.MAX_SESSIONS)
        return secret

    def caller(self, secret: str) -> Caller | None:
        """Say whose secret this is, in a time that does not depend on how much of it is right."""
        digest = _find(self._sessions, secret)
        if hmac.compare_digest(self._api_token, _digest(secret)):
            return Caller.SCRIPT
        if digest is None:
            return None
        # Used just now: the last one to be dropped.
        self._sessions[digest] = self._sessions.pop(digest)
        return Caller.PAGE


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _find(known: dict[bytes, float] | dict[bytes, None], secret: str) -> bytes | None:
    """Look at every digest, whether or not one has matched already."""
    wanted = _digest(secret)
    found = None
    for digest in known:
        if hmac.compare_digest(digest, wanted):
            found = digest
    return found


def _trim(known: dict[bytes, float] | dict[bytes, None], most: int) -> None:
    while len(known) > most:
        del known[next(iter(known))]

"""Reach somebody at HOST:PORT, and say in one word why it did not work.

refused       nobody listens there
unreachable   there is no way to that address from here, or no such name
timeout       no answer in time
"""

from collections.abc import Collection
from typing import Final

import gevent
from gevent import socket

from engine.protocol.invite import HostPort

CONNECT_WITHIN: Final = 8.0  # seconds for the TCP connection

# Of several addresses that failed in several ways, the first of these is the one to speak of.
TELLING: Final = (
    "self",
    "wrong_identity",
    "not_p2pchat",
    "timeout",
    "refused",
    "unreachable",
    "no_address",
)


class DialFailed(Exception):  # an outcome of the world, not a fault of the program
    """No connection came about. ``code`` is one of the words above."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def most_telling(codes: Collection[str]) -> str:
    """The one of these codes that says most about what is wrong."""
    return min(codes, key=TELLING.index)


def dial(place: HostPort, *, within: float = CONNECT_WITHIN) -> socket.socket:
    """A connected TCP socket. Raises DialFailed."""
    try:
        # Not a TimeoutError of ours: an OSError would only end the first of a name's addresses.
        with gevent.Timeout(within, DialFailed("timeout")):
            return socket.create_connection((place.host, place.port))
    except TimeoutError:  # the system's own limit was the shorter
        raise DialFailed("timeout") from None
    except ConnectionRefusedError:
        raise DialFailed("refused") from None
    except OSError:
        raise DialFailed("unreachable") from None

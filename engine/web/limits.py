"""Every bound of the web room, with its unit and its reason.

A browser tab of our own never comes near them. They are here for a program that gets as far as
127.0.0.1, and for a tab that stopped reading: neither may hold memory or a place for long.
"""

from dataclasses import dataclass

MAX_CONNECTIONS = 128  # sockets served at once; a browser opens six per page
MAX_TABS = 8  # WebSockets at once: each gets a copy of every event
MAX_HEAD = 64 * 1024  # bytes of a request's headers; browsers send one or two KiB
MAX_HEADERS = 100  # lines; browsers send twenty
MAX_JSON = 512 * 1024  # bytes of a JSON body and of a WebSocket message; texts end at 60,000
MAX_PICTURE = 1920 * 1920  # bytes of a picture in which codes are looked for: one for each pixel
MAX_BACKUP = 1 << 38  # bytes of a backup that comes back: never held, only passed on to the disk
MAX_FRAGMENTS = 64  # frames of one WebSocket message; browsers send one
MAX_CONTROL_FRAMES = 20  # pings, pongs and closes a second; browsers answer one ping in 20 s
MAX_WAITING = 8 * 1024 * 1024  # bytes a tab may lag behind: some 20,000 text messages
MAX_COMMANDS = 256  # WebSocket commands in work at once; the store commits as many in one go
MAX_TICKETS = 32  # unused links at once
MAX_SESSIONS = 64  # tabs that may come back with their secret, over a whole run of the program
PORTS_TO_TRY = 50  # from the default port upwards
LINGER_BYTES = 1024 * 1024  # of a refused body, read so that the answer is not lost


@dataclass(frozen=True, slots=True)
class Limits:
    """The waits, in seconds. Tests pass shorter ones."""

    head_after: float = 10.0  # for a whole request head: somebody drips it byte by byte
    idle_after: float = 60.0  # between two requests of one connection
    body_after: float = 10.0  # for a whole JSON body
    send_after: float = 20.0  # for one answer or one batch of events to be taken
    linger_after: float = 1.0  # for the rest of a refused body
    ping_every: float = 20.0
    dead_after: float = 60.0  # without a sign of life from a tab
    close_after: float = 2.0  # for a tab to answer our goodbye
    ticket_after: float = 60.0  # until an unused link is worthless

"""The second start: ask the program that is already running, such as for a link to its page.

Where it listens, and the token that proves we may read this user's files, stand in its .api file.
Blocking: it runs before anything else of this process does.
"""

import errno
import http.client
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TICKET = "/api/v1/ticket"
_CONNECT = "/api/v1/connect"
_BACKUP = "/api/v1/backup"
_WAIT = 5.0  # seconds: the program is on this very machine
_REACHED_WITHIN = 60.0  # seconds: up to 10 for each place an invite names
_COPIED_WITHIN = 600.0  # seconds: a large database is copied before the first byte comes
_AT_ONCE = 1 << 20  # bytes
_MOST = 64 * 1024  # bytes of the file and of the answer
_URL = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]{0,4})")
_TOKEN = re.compile(r"[0-9a-f]{16,256}")
_LINK = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/#k=[0-9a-f]+")


class HandoverFailed(Exception):
    """No link could be had. The text is one line for a person and holds no secret."""


class Declined(HandoverFailed):
    """The running program was asked, and says no."""


def fresh_link(api_file: Path) -> str:
    """Ask the running program for a one-use link; raises HandoverFailed."""
    told = ask(api_file, _TICKET)
    link = told.get("url") if isinstance(told, dict) else None
    # It goes to a browser: nothing else than a link to this machine may.
    if not isinstance(link, str) or not _LINK.fullmatch(link):
        raise HandoverFailed("the running program's answer cannot be read")
    return link


def connect(api_file: Path, address: str) -> None:
    """Have the running program reach somebody; raises HandoverFailed with its words."""
    ask(api_file, _CONNECT, {"address": address}, within=_REACHED_WITHIN)


def ask(
    api_file: Path, path: str, body: Mapping[str, str] | None = None, *, within: float = _WAIT
) -> Any:
    """POST a question to the running program; its answer. Raises HandoverFailed."""
    connection, response = _post(api_file, path, body, within)
    try:
        told = response.read(_MOST)
    except (OSError, http.client.HTTPException) as error:
        raise HandoverFailed("the running program does not answer") from error
    finally:
        connection.close()
    return _answer(response, told)


class Download:
    """A backup that the running program sends."""

    def __init__(
        self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse
    ) -> None:
        self._connection = connection
        self._response = response
        self._left = int(response.headers["Content-Length"])

    def read(self) -> bytes:
        """The next bytes; b"" at the end. Raises OSError, also when the end is missing."""
        try:
            piece = self._response.read(min(_AT_ONCE, self._left))
        except http.client.HTTPException as error:
            raise OSError(errno.EIO, "the running program stopped in the middle") from error
        self._left -= len(piece)
        if self._left and not piece:
            raise OSError(errno.EIO, "the running program stopped in the middle")
        return piece

    def close(self) -> None:
        self._connection.close()


def backup(api_file: Path, passphrase: bytes) -> Download | None:
    """Have the running program make a backup; None when none runs. Raises Declined."""
    try:
        said = {"passphrase": passphrase.decode()}
    except UnicodeDecodeError:
        raise Declined("a passphrase for the running program is text (UTF-8)") from None
    try:
        connection, response = _post(api_file, _BACKUP, said, _COPIED_WITHIN)
    except HandoverFailed:
        return None
    if response.status == 200 and "Content-Length" in response.headers:
        return Download(connection, response)
    try:
        _answer(response, response.read(_MOST))
        raise Declined("the running program's answer cannot be read")
    except HandoverFailed as failed:
        raise Declined(str(failed)) from None
    finally:
        connection.close()


def _post(
    api_file: Path, path: str, body: Mapping[str, str] | None, within: float
) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    port, token = _read(api_file)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=within)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body or {}).encode(), headers)
        return connection, connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        raise HandoverFailed("the running program does not answer") from error


def _answer(response: http.client.HTTPResponse, told: bytes) -> Any:
    try:
        answer = json.loads(told)
    except (ValueError, RecursionError) as error:
        raise HandoverFailed("the running program's answer cannot be read") from error
    if response.status != 200:
        why = answer.get("message") if isinstance(answer, dict) else None
        raise Declined(f"the running program says: {why or response.status}")
    return answer


def _read(api_file: Path) -> tuple[int, str]:
    """Return port and token."""
    try:
        with api_file.open("rb") as file:
            told = json.loads(file.read(_MOST))
        url = _URL.fullmatch(told["url"])
        token = told["token"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HandoverFailed(f"cannot read {api_file}") from error
    if url is None or not 0 < int(url[1]) < 65_536:
        raise HandoverFailed(f"{api_file} names no address of this machine")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise HandoverFailed(f"{api_file} holds no token")
    return int(url[1]), token

"""Who may ask what: judged before Bottle, before a WebSocket is opened, before a body is read.

Any page in the person's browser can send requests to 127.0.0.1, and any program on the machine
can connect. What each check is against:

    host          a foreign name that was made to point to 127.0.0.1 (DNS rebinding)
    path          a path that Bottle would read differently than this file does
    site, origin  pages of other origins, another port of 127.0.0.1 among them
    method, body  requests that hide a second one in their body; bodies without a known end
    media_type    forms, which browsers send anywhere without asking
    websocket     upgrades that do not know our protocol
    token         everybody who does not hold a secret of this very process
    presence      a page's secret without the page: browsers always name the origin there

Pure functions over a WSGI environ. The first check that has something to say decides.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.web.answers import JSON_TYPE, Refusal
from engine.web.limits import MAX_BACKUP, MAX_JSON, MAX_PICTURE
from engine.web.sessions import Caller

SUBPROTOCOL = "p2pchat.v1"
WEBSOCKET_PATH = "/ws"
SESSION_PATH = "/api/v1/session"
OCTETS = "application/octet-stream"
RAW = {"/api/v1/scan": MAX_PICTURE}  # paths whose body is no JSON, and the most bytes of each
STREAMED = {"/api/v1/restore/": MAX_BACKUP}  # how paths begin whose body is not read beforehand
METHODS = ("GET", "HEAD", "POST", "DELETE")

_PATH = re.compile(r"/(?:(?!\.\.?(?:/|$))[A-Za-z0-9._~-]+(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._~-]+)*)?")
_PUBLIC = re.compile(r"/|/favicon\.ico|/static/.*|" + re.escape(SESSION_PATH))
_PARAMETERS = {JSON_TYPE: ("charset=utf-8",), OCTETS: ()}  # that a media type may have
_AUTH = "auth."  # in front of the secret, among the WebSocket's subprotocols
_KEY_SIZE = 16  # bytes of Sec-WebSocket-Key (RFC 6455, section 4.1)

Environ = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and what the checks have in common."""

    environ: Environ
    port: int
    caller: Caller | None

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def path(self) -> str:
        return str(self.environ["PATH_INFO"])

    @property
    def is_websocket(self) -> bool:
        return self.path == WEBSOCKET_PATH

    def header(self, name: str) -> str | None:
        """A header's text; None when it is absent."""
        found = self.environ.get(name)
        return None if found is None else str(found)


def check(
    environ: Environ, *, port: int, caller_of: Callable[[str], Caller | None]
) -> Refusal | None:
    """Say why a request is refused, or None.

    >>> here = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "127.0.0.1:8000"}
    >>> check(here, port=8000, caller_of=lambda secret: None)
    >>> check(here | {"HTTP_HOST": "evil.test:8000"}, port=8000, caller_of=lambda secret: None).code
    'wrong_host'
    """
    asked = Asked(environ, port, caller_of(secret_in(environ)))
    for judge in CHECKS:
        refusal = judge(asked)
        if refusal is not None:
            return refusal
    return None


def secret_in(environ: Environ) -> str:
    """Find the secret that comes with a request, "" when there is none."""
    scheme, _, secret = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    if environ["PATH_INFO"] == WEBSOCKET_PATH:
        # A browser can send no header with a WebSocket, but it can offer subprotocols.
        for offer in _list(environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL")):
            if offer.startswith(_AUTH):
                return offer.removeprefix(_AUTH)
    return ""


def is_streamed(path: str) -> bool:
    """Say whether the body that is sent there is read as it comes."""
    return any(path.startswith(beginning) for beginning in STREAMED)


def most_bytes(path: str) -> int:
    """How long a body may be that is sent there."""
    streamed = (most for beginning, most in STREAMED.items() if path.startswith(beginning))
    return next(streamed, RAW.get(path, MAX_JSON))


def is_host_ours(asked: Asked) -> Refusal | None:
    if asked.header("HTTP_HOST") in _hosts(asked.port):
        return None
    return Refusal(421, "wrong_host", "This program answers only as 127.0.0.1 or localhost.")


def is_path_plain(asked: Asked) -> Refusal | None:
    if _PATH.fullmatch(asked.path):
        return None
    return Refusal(404, "not_found", "There is nothing at this address.")


def is_site_ours(asked: Asked) -> Refusal | None:
    if asked.header("HTTP_SEC_FETCH_SITE") in (None, "none", "same-origin"):
        return None
    # The file that opens the browser is another site, and so is any link. What they open is the
    # empty page, in a tab of its own; without the ticket behind # it can do nothing.
    opens_the_page = (
        asked.path == "/"
        and asked.method in ("GET", "HEAD")
        and asked.header("HTTP_SEC_FETCH_MODE") == "navigate"
        and asked.header("HTTP_SEC_FETCH_DEST") == "document"
    )
    return None if opens_the_page else _WRONG_ORIGIN


def is_origin_ours(asked: Asked) -> Refusal | None:
    origin = asked.header("HTTP_ORIGIN")
    if origin is None or origin == f"http://{asked.header('HTTP_HOST')}":
        return None
    return _WRONG_ORIGIN


def is_method_known(asked: Asked) -> Refusal | None:
    if asked.method in METHODS:
        return None
    return Refusal(
        405, "method_not_allowed", "No address here takes this method.", (("Allow", _ALLOW),)
    )


def is_body_bounded(asked: Asked) -> Refusal | None:
    if asked.header("HTTP_TRANSFER_ENCODING") is not None:
        return Refusal(411, "length_required", "Only bodies with a Content-Length are taken.")
    length = asked.header("CONTENT_LENGTH")
    if length is None:
        if asked.method != "POST":
            return None
        return Refusal(411, "length_required", "A Content-Length is needed.")
    if not (length.isascii() and length.isdigit()):
        return Refusal(400, "bad_request", "This Content-Length is not a number.")
    if asked.method != "POST" and length.strip("0"):
        return Refusal(400, "bad_request", f"{asked.method} takes no body.")
    most = most_bytes(asked.path)
    if len(length) > 12 or int(length) > most:
        return Refusal(413, "too_long", f"A request here is at most {most} bytes.")
    return None


def is_media_type_ours(asked: Asked) -> Refusal | None:
    if asked.method != "POST":
        return None
    kind, _, parameter = (asked.header("CONTENT_TYPE") or "").lower().partition(";")
    wanted = OCTETS if asked.path in RAW or is_streamed(asked.path) else JSON_TYPE
    if kind.strip() == wanted and parameter.strip() in ("", *_PARAMETERS[wanted]):
        return None
    return Refusal(415, "bad_content_type", f"A POST here is {wanted}.")


def is_websocket_ours(asked: Asked) -> Refusal | None:
    if not asked.is_websocket:
        return None
    if (
        asked.method != "GET"
        or asked.header("SERVER_PROTOCOL") != "HTTP/1.1"
        or (asked.header("HTTP_UPGRADE") or "").lower() != "websocket"
        or "upgrade" not in _list((asked.header("HTTP_CONNECTION") or "").lower())
    ):
        return Refusal(426, "upgrade_required", "This is a WebSocket.", (("Upgrade", "websocket"),))
    if asked.header("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        return Refusal(
            426,
            "upgrade_required",
            "Only version 13 of the WebSocket protocol is spoken here.",
            (("Sec-WebSocket-Version", "13"),),
        )
    if not _is_key(asked.header("HTTP_SEC_WEBSOCKET_KEY") or ""):
        return Refusal(400, "bad_request", "This Sec-WebSocket-Key is not 16 bytes in base64.")
    if SUBPROTOCOL not in _list(asked.header("HTTP_SEC_WEBSOCKET_PROTOCOL")):
        return Refusal(400, "bad_request", f"The subprotocol {SUBPROTOCOL} must be offered.")
    return None


def is_caller_known(asked: Asked) -> Refusal | None:
    if asked.caller is not None or _PUBLIC.fullmatch(asked.path):
        return None
    return Refusal(
        401,
        "unauthorized",
        "This needs a secret of the running program. Open the page through a fresh link.",
        (("WWW-Authenticate", "Bearer"),),
    )


def is_origin_there(asked: Asked) -> Refusal | None:
    if asked.header("HTTP_ORIGIN") is not None:
        return None
    if asked.is_websocket:
        return None if asked.caller is Caller.SCRIPT else _WRONG_ORIGIN
    if asked.method in ("GET", "HEAD") or asked.caller is not None:
        return None
    return _WRONG_ORIGIN


CHECKS: tuple[Callable[[Asked], Refusal | None], ...] = (
    is_host_ours,
    is_path_plain,
    is_site_ours,
    is_origin_ours,
    is_method_known,
    is_body_bounded,
    is_media_type_ours,
    is_websocket_ours,
    is_caller_known,
    is_origin_there,
)

_ALLOW = ", ".join(METHODS)
_WRONG_ORIGIN = Refusal(403, "wrong_origin", "Only this program's own page may ask for this.")


def _hosts(port: int) -> tuple[str, str]:
    # Browsers leave the port away when it is HTTP's own.
    suffix = "" if port == 80 else f":{port}"
    return f"127.0.0.1{suffix}", f"localhost{suffix}"


def _list(header: Any) -> list[str]:
    return [item.strip() for item in str(header or "").split(",")]


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key.strip(), validate=True)) == _KEY_SIZE
    except (binascii.Error, ValueError):
        return False

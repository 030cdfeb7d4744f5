"""How the web room answers: JSON, the headers that go with everything, and errors in one shape.

    {"error": "snake_case_code", "message": "A sentence for a person."}

Every answer carries the same headers, also the ones that pywsgi would write by itself. There is
never a CORS header: no other page has any business here.
"""

import json
from dataclasses import dataclass
from typing import Any

from engine.chat.errors import Refused

JSON_TYPE = "application/json"

# Of the errors that the chat room names. A code that is not here is a bug (tests/web).
STATUS = {
    "bad_address": 400,
    "bad_backup": 400,
    "bad_code": 400,
    "bad_passphrase": 400,
    "bad_request": 400,
    "self": 400,
    "blocked": 403,
    "held": 403,
    "not_allowed": 403,
    "wrong_passphrase": 403,
    "not_found": 404,
    "already_member": 409,
    "not_contact": 409,
    "not_connected": 409,
    "not_fresh": 409,
    "not_member": 409,
    "not_synced": 409,
    "still_member": 409,
    "wrong_identity": 409,
    "gone": 410,
    "too_long": 413,
    "too_many": 429,
    "not_installed": 501,
    "refused": 502,
    "unreachable": 502,
    "not_p2pchat": 502,
    "store_failed": 503,
    "stopping": 503,
    "timeout": 504,
    "disk_full": 507,
}

REASONS = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    413: "Content Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    421: "Misdirected Request",
    426: "Upgrade Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    507: "Insufficient Storage",
}

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that says no."""

    status: int
    code: str
    sentence: str
    headers: tuple[tuple[str, str], ...] = ()

    def body(self) -> bytes:
        return as_json({"error": self.code, "message": self.sentence})


INTERNAL = Refusal(500, "internal", "Something went wrong inside p2pchat. Its log says what.")


def refusal_of(refused: Refused) -> Refusal:
    """Give the chat room's refusal its status."""
    return Refusal(STATUS[refused.code], refused.code, refused.sentence)


def as_json(value: Any) -> bytes:
    return encode(value).encode()


def status_line(status: int) -> str:
    return f"{status} {REASONS[status]}"


def security_headers(port: int) -> list[tuple[str, str]]:
    """What every answer carries. ``port`` is the one this server listens on."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self' blob:; "
        f"connect-src 'self' ws://127.0.0.1:{port}; "
        "manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ]


def raw(refusal: Refusal, port: int) -> bytes:
    """A whole answer, for when pywsgi gives up before there is a request to answer."""
    body = refusal.body()
    headers = [
        *security_headers(port),
        *refusal.headers,
        ("Content-Type", JSON_TYPE),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status_line(refusal.status)}\r\n{head}\r\n".encode("latin-1") + body

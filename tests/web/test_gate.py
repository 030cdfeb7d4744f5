"""The gate: what gets through, what each check stops, and that no check is there for show."""

import base64

import pytest

from engine.web import gate
from engine.web.gate import CHECKS, check
from engine.web.limits import MAX_JSON, MAX_PICTURE
from engine.web.sessions import Caller

PORT = 8000
HERE = f"127.0.0.1:{PORT}"
OURS = f"http://{HERE}"
SCAN = "/api/v1/scan"
PICTURE = "application/octet-stream"
KEY = base64.b64encode(bytes(16)).decode()
CALLERS = {"page": Caller.PAGE, "script": Caller.SCRIPT}


def asked(method="GET", path="/api/v1/me", secret="page", **more):
    """A request of our own page, as pywsgi hands it over; ``more`` changes it, None takes away."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": HERE,
        "HTTP_SEC_FETCH_SITE": "same-origin",
    }
    if secret:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    if method == "POST":
        environ |= {
            "HTTP_ORIGIN": OURS,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": "2",
        }
    return {name: value for name, value in (environ | more).items() if value is not None}


def websocket(secret="page", path="/ws", **more):
    environ = {
        "HTTP_ORIGIN": OURS,
        "HTTP_UPGRADE": "websocket",
        "HTTP_CONNECTION": "keep-alive, Upgrade",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_SEC_WEBSOCKET_KEY": KEY,
        "HTTP_SEC_WEBSOCKET_PROTOCOL": f"p2pchat.v1, auth.{secret}",
        "HTTP_SEC_FETCH_SITE": None,  # Chromium sends none with a WebSocket
    }
    return asked(path=path, secret=None, **(environ | more))


def judge(environ):
    return check(environ, port=PORT, caller_of=CALLERS.get)


@pytest.mark.parametrize(
    "environ",
    [
        asked(),
        asked("HEAD"),
        asked("POST"),
        asked("DELETE", "/api/v1/people/abc"),
        asked(HTTP_HOST="localhost:8000"),
        asked("POST", HTTP_HOST="localhost:8000", HTTP_ORIGIN="http://localhost:8000"),
        asked(HTTP_SEC_FETCH_SITE="none"),
        asked(HTTP_SEC_FETCH_SITE=None),
        asked("POST", CONTENT_TYPE="application/json; charset=UTF-8"),
        asked("POST", CONTENT_LENGTH=str(MAX_JSON)),
        asked("POST", CONTENT_LENGTH="0"),
        asked("POST", SCAN, CONTENT_TYPE=PICTURE, CONTENT_LENGTH=str(MAX_PICTURE)),
        asked(CONTENT_LENGTH="0"),
        # A script names no origin.
        asked("POST", secret="script", HTTP_ORIGIN=None, HTTP_SEC_FETCH_SITE=None),
        asked("DELETE", secret="script", HTTP_ORIGIN=None, HTTP_SEC_FETCH_SITE=None),
        asked(path="/", secret=None),
        asked(path="/favicon.ico", secret=None),
        asked(path="/static/js/main.js", secret=None),
        asked("POST", "/api/v1/session", secret=None),
        websocket(),
        websocket("script", HTTP_ORIGIN=None),
        websocket(
            secret=None,
            HTTP_SEC_WEBSOCKET_PROTOCOL="p2pchat.v1",
            HTTP_AUTHORIZATION="Bearer script",
            HTTP_ORIGIN=None,
        ),
    ],
)
def test_what_our_page_and_scripts_ask_gets_through(environ):
    assert judge(environ) is None


# Which check stops what. Each row is refused by that check alone (see the test below).
STOPPED = [
    (gate.is_host_ours, 421, "wrong_host", asked(HTTP_HOST="evil.test:8000", HTTP_ORIGIN=None)),
    (gate.is_host_ours, 421, "wrong_host", asked(HTTP_HOST=None)),
    (gate.is_host_ours, 421, "wrong_host", asked(HTTP_HOST="127.0.0.1")),
    (gate.is_host_ours, 421, "wrong_host", asked(HTTP_HOST="127.0.0.1:8001")),
    (gate.is_host_ours, 421, "wrong_host", asked(HTTP_HOST="127.0.0.1:8000.evil.test")),
    (gate.is_host_ours, 421, "wrong_host", asked(HTTP_HOST="[::1]:8000")),
    (gate.is_host_ours, 421, "wrong_host", asked(HTTP_HOST="127.0.0.1:8000,evil.test")),
    (
        # Rebinding: the browser believes that the page and we are one origin.
        gate.is_host_ours,
        421,
        "wrong_host",
        asked("POST", HTTP_HOST="evil.test:8000", HTTP_ORIGIN="http://evil.test:8000"),
    ),
    (gate.is_path_plain, 404, "not_found", asked(path="/api/v1/../v1/me")),
    (gate.is_path_plain, 404, "not_found", asked(path="//api/v1/me")),
    (gate.is_path_plain, 404, "not_found", asked(path="/\xffapi/v1/me")),
    (gate.is_path_plain, 404, "not_found", asked(path="/api/v1/me/")),
    (gate.is_path_plain, 404, "not_found", asked(path="/static/..", secret=None)),
    (gate.is_path_plain, 404, "not_found", asked(path="/static/a\\b", secret=None)),
    (gate.is_path_plain, 404, "not_found", asked(path="/static/a\0.js", secret=None)),
    (gate.is_path_plain, 404, "not_found", asked(path="http://127.0.0.1:8000/api/v1/me")),
    (gate.is_path_plain, 404, "not_found", asked(path="")),
    (gate.is_site_ours, 403, "wrong_origin", asked(HTTP_SEC_FETCH_SITE="cross-site")),
    (gate.is_site_ours, 403, "wrong_origin", asked(HTTP_SEC_FETCH_SITE="same-site")),
    (gate.is_site_ours, 403, "wrong_origin", asked(HTTP_SEC_FETCH_SITE="new-in-2031")),
    (
        gate.is_site_ours,
        403,
        "wrong_origin",
        asked(
            path="/",
            secret=None,
            HTTP_SEC_FETCH_SITE="cross-site",
            HTTP_SEC_FETCH_MODE="navigate",
            HTTP_SEC_FETCH_DEST="iframe",
        ),
    ),
    (
        gate.is_site_ours,
        403,
        "wrong_origin",
        asked(
            path="/static/js/main.js",
            secret=None,
            HTTP_SEC_FETCH_SITE="same-site",
            HTTP_SEC_FETCH_MODE="no-cors",
            HTTP_SEC_FETCH_DEST="script",
        ),
    ),
    (gate.is_origin_ours, 403, "wrong_origin", asked(HTTP_ORIGIN="http://127.0.0.1:8001")),
    (gate.is_origin_ours, 403, "wrong_origin", asked(HTTP_ORIGIN="null")),
    (gate.is_origin_ours, 403, "wrong_origin", asked(HTTP_ORIGIN="")),
    (gate.is_origin_ours, 403, "wrong_origin", asked("POST", HTTP_ORIGIN="https://127.0.0.1:8000")),
    (gate.is_origin_ours, 403, "wrong_origin", asked("POST", HTTP_ORIGIN="http://localhost:8000")),
    (gate.is_origin_ours, 403, "wrong_origin", websocket(HTTP_ORIGIN="http://evil.test")),
    (gate.is_method_known, 405, "method_not_allowed", asked("OPTIONS")),
    (gate.is_method_known, 405, "method_not_allowed", asked("TRACE")),
    (gate.is_method_known, 405, "method_not_allowed", asked("get")),
    (gate.is_body_bounded, 411, "length_required", asked(HTTP_TRANSFER_ENCODING="chunked")),
    (gate.is_body_bounded, 411, "length_required", asked("POST", HTTP_TRANSFER_ENCODING="x")),
    (gate.is_body_bounded, 411, "length_required", asked("POST", CONTENT_LENGTH=None)),
    (gate.is_body_bounded, 400, "bad_request", asked("POST", CONTENT_LENGTH="+2")),
    (gate.is_body_bounded, 400, "bad_request", asked("POST", CONTENT_LENGTH="1_0")),
    (gate.is_body_bounded, 400, "bad_request", asked("POST", CONTENT_LENGTH="²")),
    (gate.is_body_bounded, 400, "bad_request", asked("POST", CONTENT_LENGTH="")),
    (gate.is_body_bounded, 400, "bad_request", asked(CONTENT_LENGTH="5")),
    (gate.is_body_bounded, 400, "bad_request", asked("DELETE", CONTENT_LENGTH="5")),
    (gate.is_body_bounded, 413, "too_long", asked("POST", CONTENT_LENGTH=str(MAX_JSON + 1))),
    (gate.is_body_bounded, 413, "too_long", asked("POST", CONTENT_LENGTH="9" * 5000)),
    (
        gate.is_body_bounded,
        413,
        "too_long",
        asked("POST", SCAN, CONTENT_TYPE=PICTURE, CONTENT_LENGTH=str(MAX_PICTURE + 1)),
    ),
    (gate.is_media_type_ours, 415, "bad_content_type", asked("POST", CONTENT_TYPE="text/plain")),
    (gate.is_media_type_ours, 415, "bad_content_type", asked("POST", CONTENT_TYPE=None)),
    (gate.is_media_type_ours, 415, "bad_content_type", asked("POST", CONTENT_TYPE=PICTURE)),
    (gate.is_media_type_ours, 415, "bad_content_type", asked("POST", SCAN)),
    (
        gate.is_media_type_ours,
        415,
        "bad_content_type",
        asked("POST", SCAN, CONTENT_TYPE=f"{PICTURE}; charset=utf-8"),
    ),
    (
        gate.is_media_type_ours,
        415,
        "bad_content_type",
        asked("POST", CONTENT_TYPE="text/plain; application/json"),
    ),
    (
        gate.is_media_type_ours,
        415,
        "bad_content_type",
        asked("POST", CONTENT_TYPE="application/json; charset=utf-16"),
    ),
    (gate.is_websocket_ours, 426, "upgrade_required", websocket(HTTP_UPGRADE=None)),
    (gate.is_websocket_ours, 426, "upgrade_required", websocket(HTTP_UPGRADE="h2c")),
    (gate.is_websocket_ours, 426, "upgrade_required", websocket(HTTP_CONNECTION="close")),
    (gate.is_websocket_ours, 426, "upgrade_required", websocket(SERVER_PROTOCOL="HTTP/1.0")),
    (gate.is_websocket_ours, 426, "upgrade_required", websocket(HTTP_SEC_WEBSOCKET_VERSION="8")),
    (gate.is_websocket_ours, 426, "upgrade_required", websocket(HTTP_SEC_WEBSOCKET_VERSION=None)),
    (gate.is_websocket_ours, 400, "bad_request", websocket(HTTP_SEC_WEBSOCKET_KEY="AAAA")),
    (gate.is_websocket_ours, 400, "bad_request", websocket(HTTP_SEC_WEBSOCKET_KEY="%" * 24)),
    (
        gate.is_websocket_ours,
        400,
        "bad_request",
        websocket(HTTP_SEC_WEBSOCKET_PROTOCOL="p2pchat.v12, auth.page"),
    ),
    (gate.is_caller_known, 401, "unauthorized", asked(secret=None)),
    (gate.is_caller_known, 401, "unauthorized", asked(secret="wrong")),
    (gate.is_caller_known, 401, "unauthorized", asked(HTTP_AUTHORIZATION="Basic page")),
    (gate.is_caller_known, 401, "unauthorized", asked(path="/nothing", secret=None)),
    (gate.is_caller_known, 401, "unauthorized", asked(path="/api/v1/session/x", secret=None)),
    (gate.is_caller_known, 401, "unauthorized", asked(path="/static", secret=None)),
    (gate.is_caller_known, 401, "unauthorized", websocket("wrong")),
    (
        gate.is_caller_known,
        401,
        "unauthorized",
        websocket(HTTP_SEC_WEBSOCKET_PROTOCOL="p2pchat.v1"),
    ),
    (
        # A subprotocol is no way in but on the WebSocket.
        gate.is_caller_known,
        401,
        "unauthorized",
        asked(secret=None, HTTP_SEC_WEBSOCKET_PROTOCOL="p2pchat.v1, auth.page"),
    ),
    (
        gate.is_origin_there,
        403,
        "wrong_origin",
        asked("POST", "/api/v1/session", secret=None, HTTP_ORIGIN=None),
    ),
    (gate.is_origin_there, 403, "wrong_origin", websocket(HTTP_ORIGIN=None)),
]


@pytest.mark.parametrize(("judge_", "status", "code", "environ"), STOPPED)
def test_what_is_not_ours_is_refused(judge_, status, code, environ):
    refusal = judge(environ)
    assert (refusal.status, refusal.code) == (status, code)
    assert judge_(gate.Asked(environ, PORT, CALLERS.get(gate.secret_in(environ)))) == refusal


@pytest.mark.parametrize("switched_off", CHECKS, ids=lambda judge_: judge_.__name__)
def test_each_check_alone_stops_what_it_is_there_for(switched_off, monkeypatch):
    left = tuple(judge_ for judge_ in CHECKS if judge_ is not switched_off)
    monkeypatch.setattr(gate, "CHECKS", left)
    own = [environ for judge_, _, _, environ in STOPPED if judge_ is switched_off]
    assert own
    assert all(judge(environ) is None for environ in own)


def test_a_foreign_link_may_open_the_empty_page_in_a_tab_and_nothing_else():
    link = {
        "HTTP_SEC_FETCH_SITE": "cross-site",
        "HTTP_SEC_FETCH_MODE": "navigate",
        "HTTP_SEC_FETCH_DEST": "document",
    }
    assert judge(asked(path="/", secret=None, **link)) is None
    assert judge(asked(path="/favicon.ico", secret=None, **link)).code == "wrong_origin"
    assert judge(asked(path="/api/v1/me", **link)).code == "wrong_origin"
    assert judge(asked("POST", path="/", **link)).code == "wrong_origin"


def test_port_80_is_named_as_browsers_name_it():
    environ = asked(HTTP_HOST="localhost", HTTP_ORIGIN="http://localhost")
    assert check(environ, port=80, caller_of=CALLERS.get) is None
    assert check(environ, port=8000, caller_of=CALLERS.get).code == "wrong_host"

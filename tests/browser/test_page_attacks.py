"""Hostile pages in the person's browser, on a real Chromium: none of them gets anywhere.

Three places to attack from: another port of 127.0.0.1, another host name, and the same port under
another host name that was made to point at 127.0.0.1 (DNS rebinding), where the browser takes the
attacker and the program for one origin and all that is left is the program's own look at ``Host``.

Each attack is proven by its control: the same server without the gate falls to every one of them.
"""

import functools
import http.server
import threading
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.helpers import until
from tests.web.fake_node import BOB
from tests.web.serving import Serving

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
ATTACK = (HERE / "attack.html").read_text("utf-8")

SEEN_BY_THE_PAGE = {
    "websocket",
    "websocket with a subprotocol",
    "websocket with a guess",
    "read me",
    "read people",
    "read the page",
    "ask for a ticket",
    "forget somebody",
    "script",
    "style",
    "image",
    "window",
}
SEEN_AT_THE_TARGET = {
    "fetch json",
    "fetch text",
    "fetch no-cors",
    "fetch with credentials",
    "beacon",
    "form",
    "form in the open",
}
ALL = SEEN_BY_THE_PAGE | SEEN_AT_THE_TARGET | {"frame"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def attacker_port():
    """A web server of the attacker's, on another port of this machine."""
    handler = functools.partial(Quiet, directory=HERE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def resolving(launch):
    """A browser for which evil.test is 127.0.0.1.

    Chromium begins to keep foreign pages away from this machine by itself. Others do not, so that
    is switched off: what protects the program here must be the program.
    """
    return launch(
        "--host-resolver-rules=MAP evil.test 127.0.0.1",
        "--disable-features=LocalNetworkAccessChecks",
    )


@pytest.fixture(scope="module")
def guarded():
    with Serving() as started:
        yield started


@pytest.fixture(scope="module")
def open_to_all():
    with Serving("--no-gate") as started:
        yield started


def succeed(browser, serving, page_at, target):
    """Let the page at ``page_at`` attack ``target``; return the names of what got through."""
    context = browser.new_context()
    try:
        page = context.new_page()
        asked, answered = set(), set()
        page.on("request", lambda request: asked.add(request))
        page.on("response", lambda response: answered.add(response.request))
        page.on("requestfailed", lambda request: answered.add(request))
        if page_at.endswith(f":{serving.port}"):
            # Before the name was rebound, it led to the attacker's server.
            page.route("**/attack.html*", lambda route: route.fulfill(body=ATTACK))
        page.goto(f"{page_at}/attack.html?{urlencode({'target': target, 'chat': BOB})}")
        before = len(serving.tell("sent"))
        seen = page.evaluate("attack()")
        until(lambda: page.evaluate("1") and answered >= asked, 10, "all requests are answered")
        assert set(seen) == SEEN_BY_THE_PAGE | SEEN_AT_THE_TARGET
        got = {name for name in SEEN_BY_THE_PAGE if seen[name]}
        got |= set(serving.tell("sent")[before:])
        if page.frame("framed").title() == "p2pchat":
            got.add("frame")
        return got
    finally:
        context.close()


PLACES = ["another port", "another name", "another name for the same port"]


def addresses(place, serving, attacker_port):
    """Where the attacking page is, and how it addresses the program."""
    match place:
        case "another port":
            return f"http://127.0.0.1:{attacker_port}", serving.url
        case "another name":
            return f"http://evil.test:{attacker_port}", serving.url
        case _:
            rebound = f"http://evil.test:{serving.port}"
            return rebound, rebound


@pytest.mark.parametrize("place", PLACES)
def test_a_hostile_page_gets_nowhere(place, resolving, guarded, attacker_port):
    assert succeed(resolving, guarded, *addresses(place, guarded, attacker_port)) == set()


@pytest.mark.parametrize("place", PLACES)
def test_the_same_page_gets_everything_from_a_server_without_the_gate(
    place, resolving, open_to_all, attacker_port
):
    assert succeed(resolving, open_to_all, *addresses(place, open_to_all, attacker_port)) == ALL

"""A page in the shared browser, and a static server with the page's files under the real policy.

The server runs in native threads: the browser driver blocks the thread of the tests.
"""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from engine.web.answers import security_headers
from tests.page.scripted import Scripted

ROOT = Path(__file__).parents[2]


class Files(SimpleHTTPRequestHandler):
    """The checkout, with the page at / and the headers that the program sends."""

    protocol_version = "HTTP/1.1"  # one connection for many files
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}  # noqa: RUF012  # as in the base class

    def translate_path(self, path: str) -> str:
        return super().translate_path("/views/index.html" if urlsplit(path).path == "/" else path)

    def end_headers(self) -> None:
        for name, value in security_headers(self.server.server_address[1]):
            self.send_header(name, value)
        super().end_headers()

    def log_request(self, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the static server, without a slash at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(ROOT)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", timezone_id="Asia/Jakarta")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def program(page: Page, site: str) -> Scripted:
    """A program that is played by the test: what it knows, answers and tells is up to the test."""
    return Scripted(page, site)

"""The page and its files: read from the checkout, with a type from a short list and no other.

The page holds nothing that depends on who asks, so it may be read without a secret.
"""

import logging
from collections.abc import Callable
from pathlib import Path

import gevent

from engine.web.bottle_import import bottle

log = logging.getLogger(__name__)

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
PAGES = ("page.tpl", "index.html")
ICONS = ("favicon.ico", "icons/favicon.ico", "icons/icon.svg", "icons/icon.png", "icon.svg")


File = tuple[str, bytes]  # type and content


class Pages:
    """Finds files under ``root``; reading happens off the loop."""

    def __init__(self, root: Path) -> None:
        self._views = (root / "views").resolve()
        self._static = (root / "static").resolve()

    def page(self) -> File | None:
        """The one page; None when the checkout has none."""
        return _off_the_loop(self._render)

    def file(self, name: str) -> File | None:
        """A file under ``static/``; None when there is none that may be served."""
        return _off_the_loop(lambda: self._read(name))

    def icon(self) -> File | None:
        return _off_the_loop(lambda: next(filter(None, map(self._read, ICONS)), None))

    def _render(self) -> File | None:
        for name in PAGES:
            path = self._views / name
            if path.is_file():
                source = path.read_text("utf-8")
                if path.suffix == ".tpl":
                    template = bottle.SimpleTemplate(source=source, lookup=[str(self._views)])
                    source = str(template.render())
                return TYPES[".html"], source.encode()
        return None

    def _read(self, name: str) -> File | None:
        if any(part.startswith(".") for part in Path(name).parts):
            return None
        try:
            # resolve() follows every symbolic link and "..": what it ends at must still be ours.
            path = (self._static / name).resolve()
            kind = TYPES.get(path.suffix)
            if kind is None or not path.is_relative_to(self._static) or not path.is_file():
                return None
            return kind, path.read_bytes()
        except (OSError, RuntimeError) as error:  # too long a name, a loop of links ...
            log.info("a file of the page cannot be read: %s", type(error).__name__)
            return None


def _off_the_loop(read: Callable[[], File | None]) -> File | None:
    found: File | None = gevent.get_hub().threadpool.apply(read)
    return found

"""The page and its files: read from the checkout, with a type from a short list and no other.

The page holds nothing that depends on who asks, so it may be read without a secret. For the same
reason it may be compressed: what is compressed together with a secret can tell its length, and here
there is none. The API's answers are never compressed.

    static/js/main.js ──read──> content ──gzip, once──> packed        kept until the file changes
"""

import gzip
import logging
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

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
PACKED_ALREADY = frozenset({".png", ".webp", ".woff2"})
LEVEL = 6  # of gzip; 9 takes three times as long and saves a hundredth


class File(NamedTuple):
    """``packed`` is ``content`` as gzip, or None where that would not make it smaller."""

    kind: str
    content: bytes
    packed: bytes | None = None


class Pages:
    """Finds files under ``root``; reading and compressing happen off the loop."""

    def __init__(self, root: Path) -> None:
        self._views = (root / "views").resolve()
        self._static = (root / "static").resolve()
        # By path: as many as there are files. The first two tell whether a file changed.
        self._kept: dict[Path, tuple[int, int, File]] = {}

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
                return _pack(".html", source.encode())
        return None

    def _read(self, name: str) -> File | None:
        if any(part.startswith(".") for part in Path(name).parts):
            return None
        try:
            # resolve() follows every symbolic link and "..": what it ends at must still be ours.
            path = (self._static / name).resolve()
            known = path.suffix in TYPES and path.is_relative_to(self._static) and path.is_file()
            return self._keep(path) if known else None
        except (OSError, RuntimeError) as error:  # too long a name, a loop of links ...
            log.info("a file of the page cannot be read: %s", type(error).__name__)
            return None

    def _keep(self, path: Path) -> File:
        now = path.stat()
        kept = self._kept.get(path)
        if kept is None or kept[:2] != (now.st_mtime_ns, now.st_size):
            kept = now.st_mtime_ns, now.st_size, _pack(path.suffix, path.read_bytes())
            self._kept[path] = kept
        return kept[2]


def takes_gzip(accept_encoding: str) -> bool:
    """Say whether a browser that sent this header takes gzip.

    >>> [takes_gzip(said) for said in ("gzip, br", "br;q=1, GZIP;q=0.5", "gzip;q=0", "", "x-gzip")]
    [True, True, False, False, False]
    """
    for each in accept_encoding.lower().split(","):
        name, _, weight = (part.strip() for part in each.partition(";"))
        if name == "gzip":
            return weight.rstrip("0").rstrip(".") != "q="
    return False


def _pack(suffix: str, content: bytes) -> File:
    packed = None
    if suffix not in PACKED_ALREADY:
        packed = gzip.compress(content, LEVEL, mtime=0)  # no clock in it: the same for the same
        if len(packed) >= len(content):
            packed = None
    return File(TYPES[suffix], content, packed)


def _off_the_loop(read: Callable[[], File | None]) -> File | None:
    found: File | None = gevent.get_hub().threadpool.apply(read)
    return found

"""Open the page in the person's browser without showing the link's ticket to anybody else.

A link on a command line can be read by every user of the machine (``ps``). So the browser is given
the name of a file that only its owner can read, and the file leads on to the link.
"""

import logging
import re
from pathlib import Path

import gevent

from engine import system

log = logging.getLogger(__name__)

_REMOVED_AFTER = 60.0  # seconds: then the ticket in it is worth nothing anyway

# Nothing in such a link needs escaping in HTML, and nothing else gets in.
_LINK = re.compile(r"http://127\.0\.0\.1:([0-9]{1,5})/#k=[0-9a-f]+")


def open_browser(link: str, *, folder: Path, removed_after: float = _REMOVED_AFTER) -> bool:
    """Show ``link``; False when there is no browser to be seen. ``folder`` is the user's own."""
    page = page_file(link, folder)
    try:
        system.write_private(page, redirect_to(link))
        opened = bool(gevent.get_hub().threadpool.apply(system.open_in_browser, (page,)))
    except OSError as error:
        log.warning("the browser cannot be opened: %s", error.strerror)
        opened = False
    if opened:
        gevent.spawn_later(removed_after, page.unlink, missing_ok=True)
    else:
        page.unlink(missing_ok=True)
    return opened


def remove_page(url: str, *, folder: Path) -> None:
    """The program at ``url`` ends: take away what led to its page, if it is still there."""
    page_file(f"{url}/#k=0", folder).unlink(missing_ok=True)


def page_file(link: str, folder: Path) -> Path:
    """Name the file that leads to ``link``: one for each program of this user."""
    ours = _LINK.fullmatch(link)
    if ours is None:
        raise ValueError("not a link to our page")
    return folder / f"open-page-{ours[1]}.html"


def redirect_to(link: str) -> bytes:
    """The file's content: a page that leads on at once, with the link for whom it does not."""
    return (
        '<!doctype html><meta charset="utf-8"><title>p2pchat</title>'
        '<meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0;url={link}">'
        f'<a href="{link}">p2pchat</a>\n'
    ).encode()

"""Read a request's head strictly, in a bounded size. Pure but for the file it reads from.

The standard library's parser is made for e-mail: it takes bare line feeds, joins folded lines,
stops at a line it does not understand and drops the rest without a word. Two programs that read
one head differently is how requests are smuggled, so anything unusual is refused here, and only
what passes goes to the parser.
"""

import re
from typing import BinaryIO

from engine.web.limits import MAX_HEAD, MAX_HEADERS

_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t \x21-\x7e\x80-\xff]*)\r\n")
_END = b"\r\n"

# Said twice, it is not certain which of the two counts.
_ONCE = frozenset(
    (
        b"authorization",
        b"connection",
        b"content-length",
        b"content-type",
        b"expect",
        b"host",
        b"origin",
        b"sec-fetch-dest",
        b"sec-fetch-mode",
        b"sec-fetch-site",
        b"sec-websocket-key",
        b"sec-websocket-version",
        b"transfer-encoding",
        b"upgrade",
    )
)


class BadHead(ValueError):
    """The head is refused. ``status`` says how, the text says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def read_head(source: BinaryIO) -> bytes:
    """Return the header lines and the empty line that ends them; raises BadHead."""
    lines: list[bytes] = []
    left = MAX_HEAD
    seen: set[bytes] = set()
    while True:
        line = source.readline(left)
        lines.append(line)
        left -= len(line)
        if line == _END:
            return b"".join(lines)
        if left <= 0 or len(lines) > MAX_HEADERS:
            raise BadHead(431, "The headers are too long.")
        matched = _LINE.fullmatch(line)
        if matched is None:
            raise BadHead(400, "A header line is not as HTTP has it.")
        name = matched[1].lower()
        # pywsgi's environ knows no difference between the two.
        if b"_" in name:
            raise BadHead(400, "A header's name holds an underscore.")
        if name in seen and name in _ONCE:
            raise BadHead(400, "A header is there twice.")
        seen.add(name)

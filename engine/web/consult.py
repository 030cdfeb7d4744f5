"""``python p2pchat.py doctor``: the connection doctor on the command line.

If the program of this identity runs, it is asked, since it knows whom it sees and who called it;
else this computer is looked at without it. Each finding is a line; then one sentence names the
cause, and the last line is the command or the setting that mends it.
"""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from engine.chat.errors import Refused
from engine.chat.views import Report, plain
from engine.web import handover

log = logging.getLogger(__name__)

_DOCTOR: Final = "/api/v1/doctor"
WITHIN: Final = 20.0  # seconds; a check takes up to 8, and may have to wait for another
WELL, ILL, UNCLEAR = 0, 1, 2  # exit codes; the last: the question is no address
_SIGNS: Final = {"good": "ok", "bad": "BAD"}


def consult(
    api_file: Path,
    alone: Callable[..., Report],
    *,
    address: str = "",
    say: Callable[[str], None] | None = None,
) -> int:
    """Find out, say it line by line, and return the exit code. ``alone(address=...)`` is the check
    that needs no running program; ``say`` takes each line, None: to the terminal."""
    try:
        told = handover.ask(
            api_file, _DOCTOR, {"address": address} if address else {}, within=WITHIN
        )
        lines = read(told)
    except handover.HandoverFailed as failed:
        log.debug("without the running program: %s", failed)
        try:
            told = plain(alone(address=address))
        except Refused as refused:
            (say or to_terminal)(refused.sentence)
            return UNCLEAR
        lines = read(told)
    for line in lines:
        (say or to_terminal)(line)
    return WELL if told["ok"] is True else ILL


def read(told: Any) -> list[str]:
    """The lines for a person. Raises HandoverFailed for what is no report."""
    try:
        lines = [
            f"{_SIGNS.get(found['state'], '?'):>4}  {found['sentence']}"
            for found in told["findings"]
        ]
        lines += ["", told["sentence"]]
        if told["command"]:
            lines.append(f"      {told['command']}")
        told["ok"]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise handover.HandoverFailed("the running program's answer cannot be read") from None
    return [_shown(line) for line in lines]


def to_terminal(line: str) -> None:
    """Write a line whatever the terminal can show."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
    sys.stdout.flush()


def _shown(text: str) -> str:
    """Nothing that a terminal would obey: names of people may stand in a line."""
    return "".join(one if one.isprintable() else "?" for one in str(text))

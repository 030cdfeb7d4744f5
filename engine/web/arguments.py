"""What can be said on the command line, and its help."""

import argparse
from pathlib import Path
from typing import Final

from engine.chat.node import VERSION, VISIBILITIES

PEER_PORT: Final = 6000
WEB_PORT: Final = 8000
COMMANDS: Final = ("doctor", "backup", "restore")
NEED_A_FILE: Final = ("backup", "restore")


def parse(said: list[str] | None = None) -> argparse.Namespace:
    """Read the arguments; None: the process's own. Ends the process when they make no sense."""
    parser = arguments()
    options = parser.parse_intermixed_args(said)  # a file may stand behind an option
    if (options.file is not None) is not (options.command in NEED_A_FILE):
        parser.error("backup and restore name one file; nothing else does")
    return options


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="p2pchat", description="Private chat for people who share a network."
    )
    add = parser.add_argument
    add(
        "command",
        nargs="?",
        choices=COMMANDS,
        help="doctor: say why nobody appears; backup, restore: to and from FILE; and end",
    )
    add("file", nargs="?", type=Path, metavar="FILE", help="the backup")
    add("--identity", type=Path, metavar="FILE", help="key file; made if missing [data/me.key]")
    add("--name", help="what others see you as")
    add("--host", help="address that peers reach [all of this machine's]")
    add("--port", type=_port, help=f"port that peers reach [{PEER_PORT}, or the next free one]")
    add("--web-host", default="127.0.0.1", help="the page's address; only 127.0.0.1 is allowed")
    add("--web-port", type=_port, help=f"the page's port [{WEB_PORT}, or the next free one]")
    add(
        "--connect", action="append", default=[], metavar="WHERE", help="HOST:PORT, or @INVITE-FILE"
    )
    add("--no-browser", action="store_true", help="do not open the page, only print its link")
    add("--visibility", choices=VISIBILITIES, help="who may find you on this network [everyone]")
    add("--no-discovery", action="store_true", help="do not look for people on this network")
    add(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="read the key's passphrase, or the backup's, from it",
    )
    add("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    add("--version", action="version", version=f"p2pchat {VERSION}")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to 65535, or 0 for any")
    return int(text)

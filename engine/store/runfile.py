"""``alice.api``: how a script, or a second start, finds the running program.

    {"url": "http://127.0.0.1:8000", "token": "...", "port": 6000, "pid": 1234}

Only its owner can read it (0600); the token dies with the process.
"""

import json
import os
from pathlib import Path

from engine import system


def write(path: Path, *, url: str, token: str, port: int) -> None:
    text = json.dumps({"url": url, "token": token, "port": port, "pid": os.getpid()})
    system.write_private(path, text.encode() + b"\n")


def remove(path: Path) -> None:
    """Take the file away, if it is still ours."""
    try:
        if json.loads(path.read_bytes())["pid"] == os.getpid():
            path.unlink()
    except (OSError, ValueError, KeyError, TypeError):
        return  # it is gone, or somebody else's: either way not ours to touch

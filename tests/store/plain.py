"""A database whose bytes can be looked at: as every other one, but for the key.

Taking the key away from a copy would not do: pages that were given up are not carried over.
"""

from pathlib import Path

import apsw

from engine.store import opening
from identity import Secret


def connect(path: Path, key: Secret, flags: int = opening.WRITABLE) -> opening.Db:
    """In place of ``opening.connect``."""
    db = apsw.Connection(str(path), flags=flags)
    opening.set_up(db)
    return db


def every_byte(path: Path) -> bytes:
    """Of the database, its free pages, its slack and its journal."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return b"".join(file.read_bytes() for file in files if file.exists())

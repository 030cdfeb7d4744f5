"""Whether a database that came from elsewhere is one of ours, asked without trusting it.

    opened with all of SQLite's guards up ──► its schema = what our own steps make ──► quick_check

A backup is made by whoever knows its passphrase, with any tool. A schema is a program: a trigger of
its own would keep the words that people delete, a table that lacks would break a feature months
later. So nothing of the file runs, and no step of a migration, before each table, index and trigger
in it is one that this program makes.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import apsw

from engine.store import migrations, opening
from engine.store.backupformat import BadBackup
from engine.store.opening import Db
from identity import Secret

_GUARDS: Final = (
    (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),  # no writing to SQLite's own tables
    (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),  # no function in a schema that does anything
    (apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0),
    (apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0),
)
# What stands in quotes is kept; comments and spaces say nothing. A comment in a step may be put
# right later, and the databases that hold its old text are still ours.
_WORDING: Final = re.compile(
    r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|(?:--[^\n]*|/\*.*?\*/|\s)+""",
    re.S,
)
_ASKED: Final = "SELECT type, name, tbl_name, sql FROM sqlite_schema"
Shape = Counter[tuple[str, str, str, str]]


def check(path: Path, key: Secret) -> None:
    """Raises BadBackup, apsw.Error. The file is not changed."""
    db = opening.connect(path, key)
    try:
        for guard, setting in _GUARDS:
            db.config(guard, setting)
        db.pragma("cell_size_check", True)
        version = db.pragma("user_version")
        if version > migrations.NEWEST:
            raise BadBackup("it was made by a newer version of p2pchat")
        if version < 1 or shape_of(db) != shape_of(_made_here(version)):
            raise BadBackup("the database in it is not one that p2pchat makes")
        has_all = db.pragma("page_count") * db.pragma("page_size") == path.stat().st_size
        if not has_all or db.pragma("quick_check") != "ok":
            raise BadBackup("the database in it is damaged")
    finally:
        db.close()


def shape_of(db: Db) -> Shape:
    """Everything that there is in it but rows, however it is worded."""
    return Counter(
        (kind, name, table, _WORDING.sub(lambda found: found[1] or " ", sql or ""))
        for kind, name, table, sql in db.execute(_ASKED)
    )


def _made_here(version: int) -> Db:
    db = apsw.Connection(":memory:")
    for step in migrations.STEPS[:version]:
        db.execute(step)
    return db

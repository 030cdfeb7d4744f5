"""Words that a transaction erased leave traces in the journal until it is emptied.

    whoever erases says so here ──► after the commit the database empties its journal (database.py)

In the database deleted bytes are overwritten; the journal still holds the pages as they were.
"""

from weakref import WeakSet

import apsw

_erased: WeakSet[apsw.Connection] = WeakSet()


def left_by(db: apsw.Connection) -> None:
    """The transaction of this connection erased something that nobody is to read any more."""
    _erased.add(db)


def taken_from(db: apsw.Connection) -> bool:
    """Say whether there are traces since this was asked last."""
    if db not in _erased:
        return False
    _erased.discard(db)
    return True

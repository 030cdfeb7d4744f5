"""Give a restored database and its key their names, so that no crash leaves one without the other.

    copy ──► .alice.db.restored
    keys ──► .alice.key.restored      decided: from here on it goes forward, also at the next start
                 .alice.db.restored  ──► alice.db      and the old one's journal goes
                 .alice.key.restored ──► alice.key     done

Two names cannot change at once. So the waiting key decides: as long as it has not its name, the
identity is the old one (or none), and what waits is thrown away; once it has, the start gives both
their names before anything reads them. The database goes first: a key alone would be taken for
somebody new with an empty history.
"""

import logging
import os
from pathlib import Path

from engine import system
from engine.store import keyfile
from engine.store.keyformat import Cost, Keys
from engine.store.places import Places, shown
from identity import IdentityError, Secret

log = logging.getLogger(__name__)


def place(places: Places, copy: Path, keys: Keys, *, passphrase: Secret | None, cost: Cost) -> None:
    """Put both in place of what has their names. The lock is held, the database closed.

    Raises IdentityError. Then nothing was changed, unless it says that the next start goes on.
    """
    try:
        copy.replace(places.restored_database)
        system.sync_folder(places.database.parent)
        # Sealing takes a second, and may fail: nothing has its name yet.
        keyfile.write_key_file(places.restored_key, keys, passphrase=passphrase, cost=cost)
        _give_names(places)
    except IdentityError:  # the key could not be sealed, or not be written
        _undo(places)
        raise
    except OSError as error:
        if not _undo(places):
            raise _stuck(error) from None
        raise IdentityError(
            f"The backup cannot take its place: {error.strerror}; nothing was changed."
        ) from None


def finish(places: Places) -> None:
    """At start, before anything is read: go on with a restore that was cut off, or undo it.

    The lock is held. Does nothing where there was none. Raises IdentityError.
    """
    try:
        if not os.path.lexists(places.restored_key):
            places.restored_database.unlink(missing_ok=True)
            for path in places.unfinished_keys():
                path.unlink(missing_ok=True)
            return
        _give_names(places)
    except OSError as error:
        raise _stuck(error) from None
    log.warning("a restore that was cut off is finished: %s", shown(places.key))


def _give_names(places: Places) -> None:
    """Can be cut off anywhere, and done again."""
    if os.path.lexists(places.restored_database):
        places.restored_database.replace(places.database)
        system.sync_folder(places.database.parent)
    elif not os.path.lexists(places.database):
        raise IdentityError(
            f"{shown(places.restored_key)} waits for a restored database that is missing; nothing "
            "was changed. Put that back, or delete this file and restore the backup again."
        )
    # Of the old database: its pages would be written into this one.
    for rest in places.beside_database():
        rest.unlink(missing_ok=True)
    system.sync_folder(places.database.parent)
    places.restored_key.replace(places.key)
    system.sync_folder(places.key.parent)


def _undo(places: Places) -> bool:
    """Say whether all is as it was: not once the database has its name."""
    try:
        if os.path.lexists(places.restored_key):
            if not os.path.lexists(places.restored_database):
                return False
            places.restored_key.unlink()
            system.sync_folder(places.key.parent)
        places.restored_database.unlink(missing_ok=True)
    except OSError:
        return not os.path.lexists(places.restored_key)
    return True


def _stuck(error: OSError) -> IdentityError:
    return IdentityError(
        f"The restore cannot be finished now: {error.strerror}. Check the disk and the folder's "
        "permissions; the next start goes on with it."
    )

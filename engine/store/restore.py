"""Restore a backup: check all of it under temporary names, then give it its own.

    file ──unseal──> copy.db, checked (shape.py) and made ready ──placing.py──> alice.db, alice.key

A program that comes back from a backup has forgotten what it said since. What that means is done
to the copy before it is used (docs/decisions/0052): the logical time of each chat leaps, so that
new messages stand behind those that only the others have; groups are marked, because to post there
before our own later events were heard would sign two events under one number; and invites that may
have been used since open nothing any more.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import apsw

from engine import system
from engine.store import backupformat, migrations, opening, people, placing, shape
from engine.store.backupformat import BadBackup
from engine.store.groups import RESTORED_SETTING, Standing
from engine.store.keyformat import Cost, Keys, WrongPassphrase
from engine.store.opening import Db
from engine.store.places import Places, shown
from identity import Identity, IdentityError, Secret

LEAP: Final = 1_000_000  # more messages than anybody says in one chat between two backups
_AT_ONCE: Final = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Staged:
    """A backup that was found good, and waits to take its place."""

    keys: Keys
    passphrase: Secret | None  # that guards the key file from now on, if one did before
    copy: Path

    @property
    def identity(self) -> Identity:
        keys = self.keys
        return Identity.from_seed(
            keys.seed, keys.database_key, protected=self.passphrase is not None
        )

    def discard(self) -> None:
        _remove(self.copy)


def restore(places: Places, source: Path, passphrase: Secret, *, now: int) -> Identity:
    """Make key file and database from a backup, where there is neither. The lock is held.

    Raises IdentityError, and then nothing was changed.
    """
    refuse_to_replace(places)
    try:
        with source.open("rb") as file:
            staged = stage(places, file, passphrase, now=now, name=shown(source))
    except OSError as error:
        raise IdentityError(
            f"{shown(source)} cannot be read: {error.strerror}; nothing was changed."
        ) from None
    try:
        place(places, staged)
    finally:
        staged.discard()
    return staged.identity


def refuse_to_replace(places: Places) -> None:
    """Raises IdentityError where there is anything that a restore would take the place of."""
    for path in (places.key, places.database, *places.beside_database()):
        if os.path.lexists(path):
            raise IdentityError(
                f"{shown(path)} exists, and nothing is restored over it; nothing was changed. "
                "Name another --identity."
            )


def stage(
    places: Places, source: BinaryIO, passphrase: Secret, *, now: int, name: str = "This file"
) -> Staged:
    """Read and check a backup, under a temporary name. Raises IdentityError, OSError."""
    copy = places.copy_of_database()
    try:
        keys, protected = _unpack(source, passphrase, copy)
        _make_ready(copy, keys.database_key, now)
    except BadBackup as error:
        _remove(copy)
        raise BadBackup(f"{name} cannot be restored: {error}; nothing was changed.") from None
    except WrongPassphrase:
        raise WrongPassphrase(
            f"The passphrase does not open {name}; nothing was changed. Mind Caps Lock."
        ) from None
    except BaseException:
        _remove(copy)
        raise
    return Staged(keys, passphrase if protected else None, copy)


def place(places: Places, staged: Staged, *, cost: Cost = Cost()) -> None:  # noqa: B008 - frozen
    """Give both files their names, in place of what has them. Raises IdentityError, as placing."""
    placing.place(places, staged.copy, staged.keys, passphrase=staged.passphrase, cost=cost)


def _unpack(source: BinaryIO, passphrase: Secret, copy: Path) -> tuple[Keys, bool]:
    header = backupformat.read_header(source.read(backupformat.HEADER.size))
    key = header.open(passphrase)
    content = _Content(backupformat.unseal(header, key, source.read))
    found: tuple[Keys, bool] | None = None
    has_database = False
    while (part := content.next_part()) is not None:
        kind, size = part
        if kind == backupformat.KEYS and found is None:
            if size != backupformat.KEYS_SIZE:
                raise BadBackup("it holds no keys that this version of p2pchat can read")
            found = backupformat.read_keys(b"".join(content.read(size)))
        elif kind == backupformat.DATABASE and found is not None and not has_database:
            has_database = True
            _write(copy, content.read(size))
        elif kind >= backupformat.MAY_BE_SKIPPED:
            for _ in content.read(size):
                pass
        else:
            raise BadBackup("it was made by a newer version of p2pchat")
    if found is None or not has_database:
        raise BadBackup("it holds no identity")
    return found


class _Content:
    """The parts, out of chunks that know nothing of them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._waiting = b""

    def next_part(self) -> tuple[int, int] | None:
        """Type and size of the next part; None at the end."""
        head = b""
        while len(head) < backupformat.PART.size:
            piece = self._some(backupformat.PART.size - len(head))
            if not piece and head:
                raise BadBackup("it is damaged")
            if not piece:
                return None
            head += piece
        kind, size = backupformat.PART.unpack(head)
        return kind, size

    def read(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self._some(size)
            if not piece:
                raise BadBackup("it is damaged")
            size -= len(piece)
            yield piece

    def _some(self, most: int) -> bytes:
        if not self._waiting:
            self._waiting = next(self._chunks, b"")
        piece, self._waiting = self._waiting[:most], self._waiting[most:]
        return piece


def _write(copy: Path, pieces: Iterator[bytes]) -> None:
    fd = system.open_no_follow(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    with open(fd, "wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        system.sync_file(fd)


def _make_ready(copy: Path, key: Secret, now: int) -> None:
    """Check the database, bring it to this version, and note that it comes from a backup."""
    try:
        shape.check(copy, key)
        db = opening.connect(copy, key)
        try:
            migrations.migrate(db)
            with db:
                _forget_nothing_twice(db, now)
        finally:
            db.close()
    except (apsw.FullError, apsw.IOError):
        raise IdentityError("The disk is full, or fails; nothing was changed.") from None
    except apsw.Error:
        raise BadBackup("the database in it is damaged") from None
    fd = system.open_no_follow(copy, os.O_RDWR)
    try:
        system.sync_file(fd)
    finally:
        os.close(fd)


def _forget_nothing_twice(db: Db, now: int) -> None:
    db.execute("UPDATE chat SET lamport = lamport + ? WHERE kind = 1", (LEAP,))
    db.execute("UPDATE forgotten_chat SET lamport = lamport + ?", (LEAP,))
    db.execute("UPDATE gathering SET restored = 1 WHERE standing <> ?", (Standing.IGNORED,))
    db.execute("DELETE FROM invite WHERE spent_by IS NULL")
    people.set_setting(db, RESTORED_SETTING, str(now))


def _remove(copy: Path) -> None:
    for rest in ("", "-wal", "-shm", "-journal"):
        copy.with_name(copy.name + rest).unlink(missing_ok=True)

"""Backup and restore on the command line, for when the program does not run."""

import getpass
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from engine.store import backup, keyfile, placing, restore
from engine.store.backup import LEAST_PASSPHRASE
from engine.store.keyformat import WrongPassphrase
from engine.store.places import IdentityLock, Places, shown
from engine.store.unlock import unlock
from identity import Identity, IdentityError, Secret

ONE_COPY: Final = (
    "Only one copy of an identity may run: once the backup is restored somewhere, "
    "do not run the old copy any more."
)


class Source(Protocol):
    """A backup, wherever it comes from."""

    def read(self) -> bytes: ...
    def close(self) -> None: ...


def back_up(
    places: Places,
    target: Path,
    passphrase_file: Path | None,
    running: Callable[[bytes], Source | None],
) -> int:
    """Write a backup, made by the ``running`` program or, if there is none, here; the exit code.
    Raises IdentityError, StoreError."""
    if target.exists():
        raise IdentityError(f"{shown(target)} exists; nothing was done. Name another file.")
    passphrase = ask_new(passphrase_file)
    source = running(passphrase) or make_backup(places, passphrase)
    try:
        backup.write_file(source, target)
    finally:
        source.close()
    _say(f"{shown(target)} holds everything. {ONE_COPY}")
    return 0


def ask_new(passphrase_file: Path | None) -> Secret:
    """A new backup's passphrase, from a file or twice from the person. Raises IdentityError."""
    if passphrase_file is not None:
        passphrase = keyfile.read_passphrase_file(passphrase_file)
    else:
        passphrase = _ask("New passphrase of the backup: ")
        if _ask("The same again: ") != passphrase:
            raise IdentityError("The two passphrases differ; nothing was done. Try again.")
    if len(passphrase.strip()) < LEAST_PASSPHRASE:
        raise IdentityError(
            f"A backup needs a passphrase of at least {LEAST_PASSPHRASE} characters: whoever finds "
            "the file can guess for ever. Nothing was done."
        )
    return passphrase


def make_backup(places: Places, passphrase: Secret) -> Source:
    """Take the lock and make it here. Raises IdentityError, StoreError."""
    if not (places.key.exists() or places.restored_key.exists()):
        raise IdentityError(f"{shown(places.key)} is missing, so there is nothing to back up.")
    lock = IdentityLock.acquire(places.lock)
    try:
        placing.finish(places)
        me = _unlock(places, passphrase)
        return backup.make(
            places,
            seed=me.seed,
            database_key=me.database_key,
            protected=me.protected,
            passphrase=passphrase,
        )
    finally:
        lock.release()


def bring_back(places: Places, source: Path, passphrase_file: Path | None) -> int:
    """Make key file and database from a backup; the exit code. Raises IdentityError."""
    lock = IdentityLock.acquire(places.lock)
    try:
        placing.finish(places)
        places.sweep()
        restore.refuse_to_replace(places)
        if not source.is_file():
            raise IdentityError(f"{shown(source)} cannot be read: there is no such file.")
        passphrase = (
            keyfile.read_passphrase_file(passphrase_file)
            if passphrase_file is not None
            else _ask(f"Passphrase of {shown(source)}: ")
        )
        me = restore.restore(places, source, passphrase, now=time.time_ns() // 1_000_000)
    finally:
        lock.release()
    _say(f"{me.peer.address} is here again. {ONE_COPY}")
    if me.protected:
        _say("The key file had a passphrase: from now on, the backup's opens it.")
    return 0


def _unlock(places: Places, passphrase: Secret) -> Identity:
    """Many people use one passphrase for both; who does not is asked."""
    try:
        return keyfile.load_or_create(
            places.key, ask_passphrase=lambda: passphrase, database=places.database
        )
    except WrongPassphrase:
        return unlock(places, None)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # the answer to a command


def _ask(question: str) -> Secret:
    if not sys.stdin.isatty():
        raise IdentityError("A passphrase is needed: start in a terminal, or --passphrase-file.")
    try:
        return Secret(getpass.getpass(question).encode())
    except (EOFError, UnicodeError):
        raise IdentityError("No passphrase was given; nothing was done.") from None

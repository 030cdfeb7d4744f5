"""Open the key file at start, asking for its passphrase where a person can answer.

Asking, and trying what was answered, block the whole process: nobody is served before the key is
open. It comes before the program takes over the signals, so that Ctrl-C ends it as anywhere.
"""

import getpass
import sys
from pathlib import Path
from typing import Final

from engine.store import keyfile
from engine.store.keyformat import WrongPassphrase
from engine.store.places import Places, shown
from identity import Identity, IdentityError, Secret

TRIES: Final = 3  # at the terminal; a file's content would not change


def unlock(places: Places, passphrase_file: Path | None) -> Identity:
    """Return the identity of ``places``, made if it is missing. Raises IdentityError."""
    for tries_left in reversed(range(TRIES)):
        try:
            return keyfile.load_or_create(
                places.key,
                ask_passphrase=lambda: _ask(places.key, passphrase_file),
                database=places.database,
            )
        except WrongPassphrase as wrong:
            if passphrase_file is not None or not tries_left:
                raise
            print(wrong, file=sys.stderr)  # noqa: T201  # part of the question
    raise AssertionError("unreachable")


def _ask(key: Path, passphrase_file: Path | None) -> Secret:
    if passphrase_file is not None:
        return keyfile.read_passphrase_file(passphrase_file)
    if not sys.stdin.isatty():
        raise IdentityError(
            f"{shown(key)} has a passphrase: start in a terminal, or name a --passphrase-file"
        )
    try:
        return Secret(getpass.getpass(f"Passphrase of {shown(key)}: ").encode())
    except (EOFError, UnicodeError):
        raise IdentityError(f"No passphrase was given for {shown(key)}") from None

"""The key file on the disk: made once, read at every start, never replaced by accident.

    no key file, no database   make a new identity            (also when two programs try at once)
    no key file, a database    refuse: its messages would be lost for ever
    a key file                 open it; whatever is wrong with it is said in one line

Nothing here ever writes over a key file that it could not open. What the bytes mean is
`engine.store.keyformat`.
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine import system
from engine.store import keyformat
from engine.store.keyformat import BadKeyFile, Cost, Keys, Runner, WrongPassphrase
from engine.store.places import shown
from identity import KEY_SIZE, Identity, IdentityError, Secret

MAX_PASSPHRASE: Final = 1_024  # bytes

_KEPT: Final = "nothing was changed"


def run_here(work: Callable[[], bytes]) -> bytes:
    """The Runner for a process that has no event loop yet, or needs none."""
    return work()


def load_or_create(
    path: Path,
    *,
    ask_passphrase: Callable[[], Secret],
    database: Path,
    run: Runner = run_here,
    random: Callable[[int], bytes] = os.urandom,
) -> Identity:
    """Return the identity of this key file, which is made when neither it nor a database exists.

    A new one has no passphrase. Raises IdentityError; of it, WrongPassphrase can be tried again.
    """
    data = _read_key_file(path)
    if data is None:
        if _may_exist(database):
            raise IdentityError(
                f"{shown(path)} is missing, and only that key opens {shown(database)}; {_KEPT}. "
                "Put the key file back, or use another --identity."
            )
        data = _create(path, Keys(Secret(random(KEY_SIZE)), Secret(random(KEY_SIZE))))
    keys, protected = _open(path, data, ask_passphrase, run)
    return Identity.from_seed(keys.seed, keys.database_key, protected=protected)


def change_passphrase(
    path: Path,
    *,
    current: Secret | None,
    new: Secret | None,
    run: Runner = run_here,
    cost: Cost = Cost(),  # noqa: B008 - frozen
) -> Identity:
    """Set, change or remove (``new=None``) the passphrase; the identity stays the same.

    ``current`` is None for a file that has none. Raises IdentityError, and then the file is as
    it was.
    """
    data = _read_key_file(path)
    if data is None:
        raise IdentityError(f"{shown(path)} is missing; {_KEPT}. Put the key file back.")

    def answer() -> Secret:
        if current is None:
            raise WrongPassphrase(f"{shown(path)} has a passphrase; {_KEPT}. Give it first.")
        return current

    keys, _ = _open(path, data, answer, run)
    write_key_file(path, keys, passphrase=new, run=run, cost=cost)
    return Identity.from_seed(keys.seed, keys.database_key, protected=new is not None)


def write_key_file(
    path: Path,
    keys: Keys,
    *,
    passphrase: Secret | None,
    run: Runner = run_here,
    cost: Cost = Cost(),  # noqa: B008 - frozen
) -> None:
    """Put these keys in the file, in place of what it held: the old content or the new, no half."""
    if passphrase is None:
        data = keyformat.write_plain(keys)
    elif passphrase.strip():
        data = keyformat.seal(keys, passphrase, run=run, cost=cost)
    else:
        raise IdentityError(f"An empty passphrase protects nothing; {_KEPT}. Choose a longer one.")
    try:
        system.write_private(path, data)
    except OSError as error:
        raise IdentityError(
            f"{shown(path)} cannot be written: {_why(error)}; {_KEPT}. "
            "Check the folder's permissions and that the disk has space."
        ) from None


def read_passphrase_file(path: Path) -> Secret:
    """Return what ``--passphrase-file`` names, without one line end at its end.

    A pipe or a link to a file is good too (a password manager's output); a file that others
    can read is not. Raises IdentityError.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(MAX_PASSPHRASE + 3)
    except OSError as error:
        raise IdentityError(
            f"The passphrase file {shown(path)} cannot be read: {_why(error)}; {_KEPT}. "
            "Check --passphrase-file."
        ) from None
    if not system.is_private(status):
        raise IdentityError(
            f"Others can read the passphrase file {shown(path)}; {_KEPT}. "
            f"Make it yours alone: chmod 600 {shown(path)}"
        )
    passphrase = data.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase.strip() or len(passphrase) > MAX_PASSPHRASE:
        what = "is empty" if len(passphrase) <= MAX_PASSPHRASE else "is too long"
        raise IdentityError(
            f"The passphrase file {shown(path)} {what}; {_KEPT}. "
            f"It holds one line of at most {MAX_PASSPHRASE} bytes."
        )
    return Secret(passphrase)


def _read_key_file(path: Path) -> bytes | None:
    """Return the bytes, or None when nothing has this name; raises IdentityError."""
    try:
        fd = system.open_no_follow(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        if path.is_symlink():
            raise _refused(path, "it is a symbolic link", "Name the file itself.") from None
        raise _refused(path, _why(error), "Check that path and its permissions.") from None
    try:
        _check(path, os.fstat(fd))
        data = os.read(fd, keyformat.MAX_KEY_FILE + 1)
    except OSError as error:
        raise _refused(path, _why(error), "Check the disk.") from None
    finally:
        os.close(fd)
    if len(data) > keyformat.MAX_KEY_FILE:
        raise _refused(path, "it is too long to be a key file", "Name the key file itself.")
    return data


def _check(path: Path, status: os.stat_result) -> None:
    """Raise IdentityError unless it is an ordinary file, ours, and closed to others."""
    if stat.S_ISDIR(status.st_mode):
        raise _refused(path, "it is a folder", "Name the key file inside it.")
    if not system.is_regular(status):
        raise _refused(path, "it is no ordinary file", "Name the key file itself.")
    if not system.is_ours(status):
        raise _refused(path, "it belongs to somebody else", "Start p2pchat as its owner.")
    if not system.is_private(status):
        advice = f"If nobody has taken it, make it yours alone: chmod 600 {shown(path)}"
        raise _refused(path, "others can read or change it", advice)


def _create(path: Path, keys: Keys) -> bytes:
    """Make the file, or take the one that another process made meanwhile; return its bytes."""
    data: bytes | None = keyformat.write_plain(keys)
    assert data is not None
    try:
        system.make_private_folder(path.parent)
        system.create_private(path, data)
    except FileExistsError:
        data = _read_key_file(path)
        if data is None:
            raise _refused(path, os.strerror(errno.ENOENT), "Start p2pchat again.") from None
    except OSError as error:
        raise IdentityError(
            f"{shown(path)} cannot be made: {_why(error)}; {_KEPT}. "
            "Check the folder's permissions and that the disk has space, or use another --identity."
        ) from None
    return data


def _open(
    path: Path, data: bytes, ask_passphrase: Callable[[], Secret], run: Runner
) -> tuple[Keys, bool]:
    """Return the keys, and whether a passphrase guards them; errors name the file."""
    try:
        content = keyformat.read(data)
        if isinstance(content, Keys):
            return content, False
    except BadKeyFile as error:
        advice = "Put back a copy of it, or use another --identity."
        raise _refused(path, str(error), advice) from None
    passphrase = ask_passphrase()
    try:
        return content.open(passphrase, run=run), True
    except WrongPassphrase:
        raise WrongPassphrase(
            f"The passphrase does not open {shown(path)}; {_KEPT}. Try again, and mind Caps Lock."
        ) from None
    except IdentityError as error:
        advice = "Close other programs and try again."
        raise _refused(path, str(error), advice) from None


def _may_exist(path: Path) -> bool:
    """Say no only when it is certain: what cannot be looked at may be somebody's history."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _why(error: OSError) -> str:
    return error.strerror or "the system does not say why"


def _refused(path: Path, what: str, advice: str) -> IdentityError:
    return IdentityError(f"{shown(path)} cannot be used: {what}; {_KEPT}. {advice}")

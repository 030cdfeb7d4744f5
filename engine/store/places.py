"""Where one identity's files lie, side by side, and the lock that keeps them to one process.

data/alice.key      the keys                        data/alice.lock   held while it runs
data/alice.db       the encrypted database          data/alice.api    how a script finds it
data/alice.files/   what came in and goes out
"""

import contextlib
import glob
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import platformdirs

from engine import system
from identity import AlreadyRunning, IdentityError

_OURS: Final = frozenset({".db", ".files", ".lock", ".api"})
_MAX_PID_TEXT: Final = 20  # bytes


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one identity; all names come from the key file's."""

    key: Path
    database: Path
    files: Path
    lock: Path
    api: Path

    @classmethod
    def beside(cls, key: Path) -> Self:
        """Raises IdentityError when the key's name is one that the others need."""
        if not key.name or key.suffix in _OURS:
            raise IdentityError(
                f"{shown(key)} cannot be the name of a key file; nothing was changed. "
                "Choose one that ends in .key."
            )
        return cls(
            key=key,
            database=key.with_suffix(".db"),
            files=key.with_suffix(".files"),
            lock=key.with_suffix(".lock"),
            api=key.with_suffix(".api"),
        )

    def copy_of_database(self) -> Path:
        """A new name for a copy that a backup, or its restoring, needs for a while."""
        return self.database.with_name(f".{self.database.name}.{secrets.token_hex(4)}.copy")

    @property
    def restored_key(self) -> Path:
        """Where a restore lets the key wait for its name (placing.py)."""
        return self.key.with_name(f".{self.key.name}.restored")

    @property
    def restored_database(self) -> Path:
        """Where it lets the database wait."""
        return self.database.with_name(f".{self.database.name}.restored")

    def unfinished_keys(self) -> list[Path]:
        """Keys of a restore that was cut off while they were written."""
        return self._hidden(self.restored_key, ".new")

    def beside_database(self) -> list[Path]:
        """What SQLite keeps beside it."""
        return [
            self.database.with_name(self.database.name + rest)
            for rest in ("-wal", "-shm", "-journal")
        ]

    def sweep(self) -> None:
        """Take away what a program that was cut off left of such copies. The lock is held."""
        for path in self._hidden(self.database, ".copy*"):
            path.unlink(missing_ok=True)

    def everything(self) -> Iterator[Path]:
        """All files that there may be of this identity, but for its folder and its lock."""
        yield self.key
        yield self.database
        yield from self.beside_database()
        yield self.api
        for path in (self.key, self.restored_key, self.database, self.api):
            yield from self._hidden(path, "")

    def _hidden(self, path: Path, ending: str) -> list[Path]:
        """Temporary files that are named after this one."""
        return sorted(path.parent.glob(f".{glob.escape(path.name)}.*{ending}"))


def default_key(root: Path) -> Path:
    """``data/me.key`` in a checkout, in the platform's data folder when installed."""
    if (root / "data" / ".gitignore").is_file():
        return root / "data" / "me.key"
    return Path(platformdirs.user_data_dir("p2pchat")) / "me.key"


class IdentityLock:
    """One process for each identity. The kernel frees the lock, however the process ends.

    The file stays when it is released: deleting it would let a third process make and lock a
    new file of the same name while a second still holds the old one.
    """

    def __init__(self, fd: int) -> None:
        """Take over a descriptor that is locked already; `acquire` is the way in."""
        self._fd: int | None = fd

    @classmethod
    def acquire(cls, path: Path) -> Self:
        """Lock the file, making it and its folder; raises AlreadyRunning or IdentityError."""
        try:
            system.make_private_folder(path.parent)
            fd = system.open_no_follow(path, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise _unusable(path, error) from None
        try:
            if not system.lock_file(fd):
                raise AlreadyRunning(
                    f"This identity is already in use{_holder(fd)}; nothing was changed. "
                    "End that program first, or use another --identity."
                )
            if not _is_named(fd, path):  # whoever held it erased it: there is a new one, or none
                raise AlreadyRunning(
                    "This identity was being erased just now; nothing was changed. Start again."
                )
            # The number is for people who look; only the kernel's lock counts.
            os.ftruncate(fd, 0)
            os.write(fd, b"%d\n" % os.getpid())
        except OSError as error:
            os.close(fd)
            raise _unusable(path, error) from None
        except IdentityError:
            os.close(fd)
            raise
        return cls(fd)

    def erase(self, path: Path) -> None:
        """Take the file away, and let go. Whoever opened it before sees that it has no name."""
        try:
            path.unlink(missing_ok=True)
        except OSError:  # Windows deletes no open file: there the name may stay
            self.release()
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Let the next process have it. Doing it twice is harmless."""
        if self._fd is not None:
            fd, self._fd = self._fd, None
            with contextlib.suppress(OSError):
                os.ftruncate(fd, 0)
            os.close(fd)


def shown(path: Path) -> str:
    """The path as it may stand in one line of text, whatever characters it has."""
    text = str(path)
    return text if text.isprintable() else repr(text)


def _is_named(fd: int, path: Path) -> bool:
    """Say whether this is still the file of that name."""
    try:
        return os.path.samestat(os.fstat(fd), path.lstat())
    except OSError:
        return False


def _holder(fd: int) -> str:
    try:
        os.lseek(fd, 0, os.SEEK_SET)
        pid = int(os.read(fd, _MAX_PID_TEXT))
    except (OSError, ValueError):
        return ""
    return f" by process {pid}"


def _unusable(path: Path, error: OSError) -> IdentityError:
    what = "it is a symbolic link" if path.is_symlink() else error.strerror
    return IdentityError(
        f"{shown(path)} cannot be used as a lock: {what}; nothing was changed. "
        "Check that path and its permissions, or use another --identity."
    )

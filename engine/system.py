"""What differs between operating systems: one function for each difference.

Every other file is written as if there were only one system. Files that hold secrets go through
here, so that the rules stand once: nobody but their owner reads them, no symbolic link is
followed to them, and a crash leaves the old content or the new, never half of either.

    write beside it ──► fsync the file ──► rename (or link) ──► fsync the folder
"""

import contextlib
import errno
import os
import secrets
import stat
import sys
import webbrowser
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import resource

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
MOST_DESCRIPTORS = 65_536  # more than any network of people needs; some systems say "no limit"
OFTEN_ALLOWED = 10_240  # what macOS still grants when it names no limit and refuses to give one
LOCKED_BYTE = 1 << 30  # Windows locks bytes against readers too: one that no file here reaches

# Names that only some systems have; 0 changes nothing in flags.
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_CLOSE_ON_EXEC: int = getattr(os, "O_CLOEXEC", 0)
_AS_IS: int = getattr(os, "O_BINARY", 0)
_NO_WAITING: int = getattr(os, "O_NONBLOCK", 0)  # a pipe of that name must not hold us up
_ROOT = 0


def lock_file(fd: int) -> bool:
    """Take the kernel's lock on an open file; False when another process holds it.

    It ends with the descriptor, however the process ends.
    """
    if sys.platform == "win32":
        os.lseek(fd, LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(fd, 0, os.SEEK_SET)
    else:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def sync_file(fd: int) -> None:
    """Return when the file's content is on the disk itself."""
    # macOS: fsync stops at the drive's cache; F_FULLFSYNC goes on to the platter.
    if sys.platform == "darwin":
        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError:
            pass  # a network file system may not know it
        else:
            return
    os.fsync(fd)


def sync_folder(path: Path) -> None:
    """Return when the folder's own entries (names made, renamed, removed) are on the disk."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there; NTFS journals its names
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _CLOSE_ON_EXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems cannot
            raise
    finally:
        os.close(fd)


def open_no_follow(path: Path, flags: int, mode: int = PRIVATE_FILE) -> int:
    """Open a file, but raise OSError (ELOOP) when the name itself is a symbolic link."""
    if not _NO_FOLLOW and path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return os.open(path, flags | _NO_FOLLOW | _CLOSE_ON_EXEC | _AS_IS | _NO_WAITING, mode)


def is_private(status: os.stat_result) -> bool:
    """Say whether nobody but the owner can read or write what was stat'ed.

    On Windows always True: there the access list of the person's own folder decides.
    """
    return sys.platform == "win32" or not status.st_mode & 0o077


def is_ours(status: os.stat_result) -> bool:
    """Say whether it belongs to this process's user, or to root."""
    return sys.platform == "win32" or status.st_uid in (os.geteuid(), _ROOT)


def is_regular(status: os.stat_result) -> bool:
    """Say whether it is an ordinary file: no folder, pipe or device."""
    return stat.S_ISREG(status.st_mode)


def make_private_folder(path: Path) -> None:
    """Make the folder, and each one missing above it, for its owner only.

    An existing folder is left as it is.
    """
    missing = []
    folder = path
    while not folder.exists() and folder != folder.parent:
        missing.append(folder)
        folder = folder.parent
    for folder in reversed(missing):
        # Another process may make it first.
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=PRIVATE_FOLDER)
            sync_folder(folder.parent)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))


def write_private(path: Path, data: bytes) -> None:
    """Put ``data`` under this name, in place of what was there; only the owner can read it."""
    fresh = _write_beside(path, data)
    try:
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def create_private(path: Path, data: bytes) -> None:
    """Like `write_private`, but raise FileExistsError when the name is taken.

    Of several processes that call this at once, exactly one succeeds.
    """
    fresh = _write_beside(path, data)
    try:
        if sys.platform == "win32":
            fresh.rename(path)  # refuses a taken name there
        else:
            _link(fresh, path, data)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def raise_descriptor_limit() -> int:
    """Allow this process as many open files as it may have; return how many that is."""
    if sys.platform == "win32":
        return MOST_DESCRIPTORS  # sockets are not counted there
    else:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return MOST_DESCRIPTORS
        most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
        for wanted in (most, OFTEN_ALLOWED):
            if soft < wanted <= most:
                with contextlib.suppress(OSError, ValueError):
                    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                    return wanted
        return soft


def open_in_browser(page: Path) -> bool:
    """Show a local file in the person's browser; False when there is none to be seen.

    May block: call it in a native thread.
    """
    graphical = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")
    )
    # Without a desktop, webbrowser would start a text browser in our own terminal.
    return graphical and webbrowser.open(page.absolute().as_uri())


def _write_beside(path: Path, data: bytes) -> Path:
    """Write ``data``, synced, to a new private file in the same folder; return its path."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    _write_new(fresh, data)
    return fresh


def _write_new(path: Path, data: bytes) -> None:
    """Make a private file and return when it is on the disk; raise if the name is taken."""
    fd = open_no_follow(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        with open(fd, "wb") as file:
            file.write(data)
            file.flush()
            sync_file(fd)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _link(fresh: Path, path: Path, data: bytes) -> None:
    """Give the finished file its name, unless the name is taken."""
    try:
        os.link(fresh, path, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        # A memory stick (FAT) has no links. O_EXCL still lets only one process make the name; a
        # crash in here leaves a cut file, which its reader refuses.
        _write_new(path, data)

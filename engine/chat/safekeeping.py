"""Keeping an identity safe: its passphrase, a backup of it, bringing one back, erasing it all.

    running ──restore──> checked beside it ──the program closes──> swapped ──> it runs again
    running ──erase────> everybody is told ──the program closes──> every file goes

What replaces or deletes the files of a running program happens after it closed them: it is noted
here as how this run ends, and ``finish`` does it. Slow work is done aside, one at a time.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from typing import Any, Final, TypeVar

from gevent.lock import RLock

from engine import system
from engine.chat.errors import Refused
from engine.chat.events import EventBus, Notice
from engine.chat.views import Attachment
from engine.store import aside, backup, backupformat, erasing, keyfile, people, restore, search
from engine.store.backup import Backup, BackupFull
from engine.store.database import Database, Db, StoreError
from engine.store.groups import RESTORED_SETTING
from engine.store.keyformat import Cost, WrongPassphrase
from engine.store.places import IdentityLock, Places
from engine.store.restore import Staged
from identity import Identity, IdentityError, Secret

log = logging.getLogger(__name__)

SEEN_SETTING: Final = "restored_seen"
_AT_ONCE: Final = 1 << 20  # bytes of an upload
T = TypeVar("T")


class End(Enum):
    """How this run of the program ends."""

    STOP = "stop"
    RESTORE = "restore"
    ERASE = "erase"


@dataclass(slots=True)
class _Expected:
    """A backup that is about to be sent here."""

    id: str
    passphrase: Secret


class Safekeeping:
    def __init__(
        self,
        me: Identity,
        places: Places,
        *,
        database: Database,
        bus: EventBus,
        on_end: Callable[[], None],
        on_change: Callable[[], Any],
        chance: Callable[[int], bytes],
        now: Callable[[], int],
        cost: Cost = Cost(),  # noqa: B008 - frozen
    ) -> None:
        """``on_end`` closes the program; ``on_change`` tells everybody how we are now."""
        self._me = me
        self._places = places
        self._database = database
        self._bus = bus
        self._on_end = on_end
        self._on_change = on_change
        self._chance = chance
        self._now = now
        self._cost = cost
        self._lock = RLock()
        self._expected: _Expected | None = None
        self._staged: Staged | None = None
        self.end = End.STOP
        self.protected = me.protected
        self.is_restored = database.read(_is_newly_restored)

    # -- the passphrase

    def change_passphrase(self, old: str, new: str) -> None:
        """``new`` "" takes it away. Raises Refused, and then all is as it was."""
        current = Secret(old.encode()) if old and self.protected else None
        if new and (not new.strip() or len(new.encode()) > keyfile.MAX_PASSPHRASE):
            raise Refused("bad_passphrase", "A passphrase is not blank, and no longer than a page.")
        if self.protected and current is None:
            raise Refused("wrong_passphrase", "The passphrase that holds now is needed first.")
        chosen = Secret(new.encode()) if new else None
        self._aside(
            lambda: keyfile.change_passphrase(
                self._places.key, current=current, new=chosen, cost=self._cost
            )
        )
        self.protected = chosen is not None
        self._on_change()

    # -- a backup

    def backup(self, passphrase: str, name: str) -> Attachment:
        """Everything, in one file that this passphrase opens. ``name`` is what we are called."""
        if len(passphrase.strip()) < backup.LEAST_PASSPHRASE:
            least = backup.LEAST_PASSPHRASE
            raise Refused("bad_passphrase", f"A backup needs a passphrase of {least} characters.")
        if len(passphrase.encode()) > keyfile.MAX_PASSPHRASE:
            raise Refused("bad_passphrase", "This passphrase is too long.")
        # What was deleted just now goes first: a backup holds no word that was deleted before it.
        while self._database.read(search.is_fading):
            self._database.write(search.fade_some)
        made = self._aside(
            lambda: backup.make(
                self._places,
                seed=self._me.seed,
                database_key=self._me.database_key,
                protected=self.protected,
                passphrase=Secret(passphrase.encode()),
                cost=self._cost,
            )
        )
        day = datetime.fromtimestamp(self._now() / 1_000, UTC).date().isoformat()
        return Attachment(f"p2pchat-{plain_name(name)}-{day}.backup", made.size, _Pieces(made))

    # -- bringing one back

    def expect_backup(self, passphrase: str) -> str:
        """Name what is sent next: the passphrase must not stand in an address."""
        self._refuse_unless_fresh()
        if not passphrase:
            raise Refused("wrong_passphrase", "The backup's passphrase is needed.")
        self._expected = _Expected(self._chance(16).hex(), Secret(passphrase.encode()))
        return self._expected.id

    def restore(self, upload_id: str, read: Callable[[int], bytes]) -> None:
        """Check the backup that ``read`` gives; if it is good, the program ends to begin with it.
        ``read`` gives as many bytes as asked for, but at the end. Raises Refused."""
        expected, self._expected = self._expected, None
        if expected is None or upload_id != expected.id:
            raise Refused("not_found", "No backup is expected under this name.")
        self._refuse_unless_fresh()
        upload = self._places.copy_of_database()
        try:
            fd = system.open_no_follow(upload, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            with open(fd, "w+b") as file:
                while piece := read(_AT_ONCE):
                    aside.run(partial(file.write, piece))
                file.seek(0)
                staged = self._aside(
                    lambda: restore.stage(self._places, file, expected.passphrase, now=self._now())
                )
        except OSError:
            raise Refused("disk_full", "There is no room for this backup here.") from None
        finally:
            upload.unlink(missing_ok=True)
        try:
            self._refuse_unless_fresh()  # somebody may have come meanwhile
        except Refused:
            staged.discard()
            raise
        self._staged = staged
        self._finish_with(End.RESTORE, "restoring", "The backup is good: p2pchat starts again.")

    def seen_restored(self) -> None:
        """The person knows that this is a copy, and that the old one must not run any more."""
        self._database.write(lambda db: people.set_setting(db, SEEN_SETTING, "1"))
        self.is_restored = False
        self._on_change()

    # -- erasing

    def erase(self) -> None:
        """Everybody is told, the program ends, and all of its files go."""
        self._finish_with(End.ERASE, "erased", "Everything was erased.")

    # -- how it ends

    def finish(self, lock: IdentityLock, cost: Cost = Cost()) -> Identity | None:  # noqa: B008 - frozen
        """After everything was closed: do what this run ended for, and return who runs next.

        Raises IdentityError.
        """
        if self.end is End.ERASE:
            left = erasing.erase(self._places)
            lock.erase(self._places.lock)
            if left:
                names = ", ".join(path.name for path in left)
                raise IdentityError(f"Some files cannot be erased; delete them yourself: {names}")
        if self.end is End.RESTORE and self._staged is not None:
            try:
                restore.place(self._places, self._staged, cost=cost)
            finally:
                self._staged.discard()
            return self._staged.identity
        return None

    # -- inside

    def _finish_with(self, end: End, code: str, sentence: str) -> None:
        self.end = end
        self._bus.tell(Notice(code, sentence))
        self._on_end()

    def _refuse_unless_fresh(self) -> None:
        if not self._database.read(_is_fresh):
            raise Refused(
                "not_fresh",
                "A backup is restored only where nothing was said yet. Start p2pchat with another "
                "--identity, and restore it there.",
            )

    def _aside(self, work: Callable[[], T]) -> T:
        """What goes wrong is declined in words."""
        with self._lock:
            try:
                return aside.run(work)
            except WrongPassphrase:
                raise Refused("wrong_passphrase", "This is not the passphrase.") from None
            except backupformat.BadBackup as error:
                raise Refused("bad_backup", str(error)) from None
            except BackupFull:
                raise Refused("disk_full", "There is no room for a copy of everything.") from None
            except (IdentityError, StoreError, OSError) as error:
                log.error("keeping it safe failed: %s", error)
                raise Refused("store_failed", "This cannot be done now.") from None


class _Pieces:
    """A backup's bytes, read aside. Closed, also when nobody began to read."""

    def __init__(self, made: Backup) -> None:
        self._made = made

    def __iter__(self) -> "_Pieces":
        return self

    def __next__(self) -> bytes:
        piece = aside.run(self._made.read)
        if not piece:
            raise StopIteration
        return piece

    def close(self) -> None:
        self._made.close()


def plain_name(name: str) -> str:
    """A name as it may stand in a file's, on every system."""
    kept = "".join(one if one.isascii() and one.isalnum() else "-" for one in name)
    return "-".join(part for part in kept.split("-") if part)[:32] or "me"


def _is_fresh(db: Db) -> bool:
    used = db.execute(
        "SELECT EXISTS (SELECT 1 FROM person WHERE relation <> 0) OR EXISTS (SELECT 1 FROM chat)"
        " OR EXISTS (SELECT 1 FROM gathering)"
    ).get
    return not used


def _is_newly_restored(db: Db) -> bool:
    settings = (people.setting(db, name) for name in (RESTORED_SETTING, SEEN_SETTING))
    restored, seen = settings
    return restored is not None and seen is None

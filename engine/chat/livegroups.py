"""The groups of this identity as they run: for each its shelf, its sync, and a lock.

Whoever touches a group's sync or writes to its shelf holds its lock: both wait for the disk in the
middle of what they do. What came of a write is noted on the group, in the order of the commits, and
acted upon by whoever holds the lock.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from gevent.lock import RLock

from engine.chat.views import Group
from engine.protocol.grouprecords import GroupRecord
from engine.protocol.groupsync import GroupSync
from engine.store import groups, history
from engine.store.database import Database, Db
from engine.store.groupintake import Intake
from engine.store.groups import GroupRow, Standing
from engine.store.shelf import GroupShelf
from identity import PeerId

_CHANCE: Final = random.SystemRandom()
SHOWN: Final = frozenset({Standing.MEMBER, Standing.LEFT, Standing.REMOVED})


@dataclass(slots=True, eq=False)
class LiveGroup:
    shelf: GroupShelf
    sync: GroupSync
    lock: RLock = field(default_factory=RLock)
    members_changed: bool = False  # links and redialling have to follow
    is_stale: bool = True  # the page has to be told how it looks now
    lost_lines: bool = False  # and how it stands among the chats: the last line may have gone
    told: Group | None = None  # how it looked when the page was told
    bytes_taken: int = 0  # while nobody has said that we want it

    @property
    def gid(self) -> bytes:
        return self.shelf.gid

    @property
    def is_shown(self) -> bool:
        """Say whether it stands among the chats."""
        return self.shelf.standing in SHOWN


class LiveGroups:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        is_contact: Callable[[PeerId], bool],
        send: Callable[[PeerId, GroupRecord], None],
        on_intake: Callable[[LiveGroup, Intake], None],
        now: Callable[[], int],
        clock: Callable[[], float],
    ) -> None:
        self._me = me
        self._database = database
        self._is_contact = is_contact
        self._send = send
        self._on_intake = on_intake
        self._now = now
        self._clock = clock
        self._live: dict[bytes, LiveGroup] = {}
        self.ignored: set[bytes] = set()
        for row in database.read(groups.load):
            if row.standing is Standing.CANDIDATE:  # whoever brought it will bring it again
                database.write(_forgetting(row.number, row.gid))
            elif row.standing is Standing.IGNORED:
                self.ignored.add(row.gid)
            else:
                self._add(row)

    def __iter__(self) -> Iterator[LiveGroup]:
        return iter(list(self._live.values()))

    def get(self, gid: bytes) -> LiveGroup | None:
        return self._live.get(gid)

    def open(self, gid: bytes, standing: Standing, carrier: PeerId | None = None) -> LiveGroup:
        """The group of this id; it is made if there is none."""
        live = self._live.get(gid)
        if live is not None:
            return live
        now = self._now()
        number = self._database.write(lambda db: groups.open_group(db, gid, standing, now, carrier))
        restored = self._database.read(lambda db: groups.is_restored(db, number))
        # Somebody else may have opened it while this was written.
        return self._live.get(gid) or self._add(
            GroupRow(number, gid, standing, False, now, carrier, restored)
        )

    def drop(self, live: LiveGroup) -> None:
        """Delete it here, with all that was said in it."""
        self._live.pop(live.gid, None)
        self._database.write(_forgetting(live.shelf.number, live.gid))

    def ignore(self, live: LiveGroup) -> None:
        """Delete what came of it, and hear no more of it."""
        self.drop(live)
        now = self._now()
        self._database.write(
            lambda db: groups.open_group(db, live.gid, Standing.IGNORED, now, None)
        )
        self.ignored.add(live.gid)

    def _add(self, row: GroupRow) -> LiveGroup:
        shelf = GroupShelf(
            row,
            me=self._me,
            disk=self._database,
            is_contact=self._is_contact,
            now=self._now,
            on_intake=self._taken,
        )
        sync = GroupSync(
            self._me, row.gid, shelf, send=self._send, choose=_choose, now=self._clock()
        )
        sync.is_passive = shelf.standing is Standing.LEFT
        live = self._live[row.gid] = LiveGroup(shelf, sync)
        return live

    def _taken(self, shelf: GroupShelf, intake: Intake) -> None:
        live = self._live.get(shelf.gid)
        if live is not None:  # else it was dropped while this was written
            live.sync.is_passive = shelf.standing is Standing.LEFT
            self._on_intake(live, intake)


def _choose(peers: list[PeerId], count: int) -> list[PeerId]:
    return _CHANCE.sample(peers, min(count, len(peers)))


def _forgetting(number: int, gid: bytes) -> Callable[[Db], None]:
    def mutation(db: Db) -> None:
        groups.forget(db, number)
        history.erase_chat(db, gid)

    return mutation

"""Messages that go: their time begins when they were seen, and is over by a clock nobody can set.

    the program's own clock   goes on while the program runs, by the machine's steady clock; and by
                              the calendar while it does not, but never backwards
    begun                     others' words when they were looked at, our own when they are on
                              somebody's disk
    over                      the words are erased as if they had been deleted here

So a calendar that is set back or forth while the program runs changes nothing, one that was set
back before a start only makes messages stay a little longer, and nothing that went comes back.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

import gevent
from gevent.event import Event as Flag

from engine.store import history, life, people, wholes
from engine.store.database import Database, Db, StoreClosed, StoreError
from engine.store.history import OpenChat, Stored
from engine.store.wholes import Whole
from identity import PeerId

log = logging.getLogger(__name__)

SETTING: Final = "lifetimes"  # the clock's time, and the calendar's when it was kept
KEEP_EVERY: Final = 60.0  # seconds
MOST_SHOWN: Final = 200  # messages of a chat that are told of when their time begins together
AT_ONCE: Final = 10  # messages that go in one transaction: everybody waits for it
AT_ONCE_SIZE: Final = 256 * 1_024  # bytes of text that go in one, with what it was edited to
GATHER: Final = 0.05  # seconds: what begins in a burst is looked at together
RETRY: Final = 5.0  # seconds after the disk did not take it


def steady() -> float:
    """Seconds that go on while the machine sleeps, where the system can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class Lifetimes:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        now: Callable[[], int],
        on_begun: Callable[[OpenChat, list[Whole]], None],
        on_gone: Callable[[OpenChat, list[bytes]], None],
        clock: Callable[[], float] = steady,
    ) -> None:
        self._me = me
        self._database = database
        self._now = now
        self._on_begun, self._on_gone = on_begun, on_gone
        self._clock = clock
        self._wake = Flag()
        self._runner: gevent.Greenlet[..., None] | None = None
        kept, at = _parse(database.read(lambda db: people.setting(db, SETTING)) or "")
        self._base = kept + max(0, now() - at) if at else kept
        self._began = clock()
        self._kept_at = clock() - KEEP_EVERY

    def now(self) -> int:
        """Milliseconds by the program's own clock."""
        return self._base + round((self._clock() - self._began) * 1_000)

    def calendar(self, at: int) -> int:
        """When that will be, as far as anybody can tell."""
        return self._now() + at - self.now()

    def start(self) -> None:
        self._wake.set()
        self._runner = gevent.spawn(self._run)

    def stop(self) -> None:
        if self._runner is not None:
            self._runner.kill()
        try:
            if self._database.read(life.next_end) is not None:
                self._keep()
        except StoreError as error:
            log.info("the time cannot be kept: %s", error)

    def wake(self) -> None:
        """Something was seen, or arrived, and its time may begin."""
        self._wake.set()

    def turn(self) -> float | None:
        """Begin and end what is due; seconds until there is more to do. Raises StoreError."""
        begins = self._database.read(lambda db: life.waits_to_begin(db, self._me))
        if begins:
            self._begin()
        end = self._database.read(life.next_end)
        while end is not None and end <= self.now():
            began = time.monotonic()
            self._end()
            gevent.sleep(time.monotonic() - began)  # as long it is others' turn
            end = self._database.read(life.next_end)
        if end is None:
            return None
        if begins or self._clock() - self._kept_at >= KEEP_EVERY:
            self._keep()
        return max(0.0, (end - self.now()) / 1_000)

    # -- inside

    def _run(self) -> None:
        while True:
            try:
                due = self.turn()
            except StoreClosed:
                return
            except StoreError as error:
                log.warning("messages whose time is over cannot be erased now: %s", error)
                due = RETRY
            except Exception:
                log.exception("messages whose time is over were not looked at")
                due = RETRY
            self._wake.wait(timeout=KEEP_EVERY if due is None else min(due, KEEP_EVERY))
            gevent.sleep(GATHER)
            self._wake.clear()

    def _begin(self) -> None:
        now = self.now()

        def mutation(db: Db) -> list[tuple[OpenChat, list[Whole]]]:
            begun = []
            for chat, ids in _by_chat(db, life.begin(db, self._me, now)):
                found = (history.by_id(db, chat.key, one) for one in ids[-MOST_SHOWN:])
                begun.append((chat, wholes.wholes(db, [one for one in found if one is not None])))
            return begun

        def told(begun: list[tuple[OpenChat, list[Whole]]]) -> None:
            for chat, messages in begun:
                self._on_begun(chat, messages)

        self._database.write(mutation, told)

    def _end(self) -> None:
        now = self.now()

        def mutation(db: Db) -> list[tuple[OpenChat, list[bytes]]]:
            gone, size = [], 0
            for number, one in life.ended(db, now, AT_ONCE):
                chat = history.chat_of(db, number)
                found = None if chat is None else history.by_id(db, chat.key, one)
                if chat is not None and found is not None:
                    size += _size(db, chat, found)
                    life.remove(db, chat, found)
                gone.append((number, one))
                if size >= AT_ONCE_SIZE:
                    break
            return _by_chat(db, gone)

        def told(over: list[tuple[OpenChat, list[bytes]]]) -> None:
            for chat, ids in over:
                self._on_gone(chat, ids)

        self._database.write(mutation, told)

    def _keep(self) -> None:
        self._kept_at = self._clock()
        value = f"{self.now()} {self._now()}"
        self._database.write(lambda db: people.set_setting(db, SETTING, value))


def _size(db: Db, chat: OpenChat, message: Stored) -> int:
    """Of a message's words, as they are and as they were."""
    edits = (history.by_id(db, chat.key, one) for one in life.edits_of(db, chat, message))
    return len(message.body) + sum(len(edit.body) for edit in edits if edit is not None)


def _by_chat(db: Db, found: list[tuple[int, bytes]]) -> list[tuple[OpenChat, list[bytes]]]:
    ids: dict[int, list[bytes]] = {}
    for number, message_id in found:
        ids.setdefault(number, []).append(message_id)
    chats = ((history.chat_of(db, number), several) for number, several in ids.items())
    return [(chat, several) for chat, several in chats if chat is not None]


def _parse(kept: str) -> tuple[int, int]:
    parts = kept.split()
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        return 0, 0
    return int(parts[0]), int(parts[1])

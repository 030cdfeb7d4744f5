"""Links that make two people contacts in one step, because one gave the other a one-time pass.

    make ──► unused ──somebody knocks with it──► spent by them ──they are linked──► gone
               └───── 24 hours ────────────────────────┴──────────────────────────► gone

The passes are in memory too: every knock asks for them. Times are those of the clock on the wall.
Set forward, it ends invites early; set back, it lets them live longer by as much, but none that
was seen to have ended comes back, and none counts before it was made.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from engine.store import invites
from engine.store.database import Database, Db, StoreError
from engine.store.invites import MAX_INVITES, Invite
from identity import PeerId, Secret

log = logging.getLogger(__name__)

GOOD_FOR: Final = 24 * 60 * 60 * 1_000  # milliseconds
CLOCK_SLACK: Final = 5 * 60 * 1_000  # milliseconds a clock is corrected by without being set back


class Invites:
    def __init__(
        self, database: Database, *, new_pass: Callable[[], bytes], now: Callable[[], int]
    ) -> None:
        self._database = database
        self._new_pass = new_pass
        self._now = now
        self._kept: dict[bytes, Invite] = {
            invite.knock_pass: invite for invite in database.read(invites.load)
        }
        self._drop_ended()

    def make(self) -> Invite:
        """A fresh one, on disk. Raises StoreError."""
        now = self._now()
        invite = Invite(Secret(self._new_pass()), now, now + GOOD_FOR)
        self._database.write(lambda db: invites.add(db, invite))
        self._kept[invite.knock_pass] = invite
        for oldest in list(self._kept)[:-MAX_INVITES]:
            del self._kept[oldest]
        return invite

    def passes(self) -> list[bytes]:
        """All that open the door now. Costs no disk: it is asked for at every knock."""
        self._drop_ended()
        now = self._now()
        return [one.knock_pass for one in self._kept.values() if one.made_at <= now + CLOCK_SLACK]

    def is_good(self, knock_pass: bytes) -> bool:
        """Whether it makes a contact of who used it: it is unused, and not too old."""
        invite = self._kept.get(knock_pass)
        if invite is None or invite.spent_by is not None:
            return False
        now = self._now()
        return invite.made_at - CLOCK_SLACK <= now < invite.ends_at

    @contextmanager
    def spending(self, knock_pass: bytes, peer: PeerId) -> Iterator[Callable[[Db], None]]:
        """Spend a good pass on ``peer``, by what is yielded, in the transaction that makes the
        contact. When that fails the pass is as good as before."""
        invite = self._kept[knock_pass]
        self._kept[knock_pass] = replace(invite, spent_by=peer)  # nobody else, from now on

        def spend(db: Db) -> None:
            if not invites.spend(db, knock_pass, peer):
                raise StoreError("this invite was used already")

        try:
            yield spend
        except BaseException:
            if knock_pass in self._kept:
                self._kept[knock_pass] = invite
            raise

    def drop_of(self, peer: PeerId) -> None:
        """What ``peer`` came with lets them in no more: both sides know now, or we let them go."""
        self._drop([one for one in self._kept.values() if one.spent_by == peer])

    def _drop_ended(self) -> None:
        now = self._now()
        self._drop([one for one in self._kept.values() if one.ends_at <= now])

    def _drop(self, gone: list[Invite]) -> None:
        if not gone:
            return
        for invite in gone:
            del self._kept[invite.knock_pass]

        def mutation(db: Db) -> None:
            for invite in gone:
                invites.drop(db, invite.knock_pass)

        try:
            self._database.submit(mutation)
        except StoreError as error:  # the next start drops them
            log.debug("old invites stay on disk: %s", error)

"""How members bring each other up to date: what to send to whom, for one group.

    a link opens      STATE <-> STATE          equal digests end it
    they differ       VECTOR ->                each author's last events
                      <- EVENTS ... STATE end  what was missing, causes first, a frame at a time
                      <- VECTOR                if the other lacks something too

New events are spread at once (groupspread.py); all this heals what did not arrive. Every step may
be lost with its link and begins again with the next; hearing anything twice is harmless. Nobody
but a member is answered so (groupoutsiders.py). Time is passed in, as seconds of a monotonic
clock; what is stored is asked of a ``Shelf``.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from engine.protocol import groupbatch, groupstate
from engine.protocol.groupevent import GroupEvent
from engine.protocol.groupoutsiders import Outsiders
from engine.protocol.grouprecords import (
    MAX_IDS,
    GroupEvents,
    GroupRecord,
    GroupState,
    GroupVector,
    GroupWant,
)
from engine.protocol.groupshelf import Shelf
from engine.protocol.groupspread import Spread
from engine.protocol.groupstate import MAX_PASTS, MAX_VECTOR, SyncPeer
from engine.protocol.groupturns import Turns
from engine.protocol.orphans import Orphans, let_in
from engine.protocol.ring import LARGE
from identity import PeerId

AGAIN_AFTER: Final = 300.0  # seconds after which members compare, whatever happened
TELL_AFTER: Final = 0.25  # seconds after news until those who did not send it hear our state
TELL_AFTER_LARGE: Final = 5.0  # the same in a large group
ANSWER_WITHIN: Final = 30.0  # seconds without anything from somebody who was asked
SEEK_AGAIN: Final = 2.0  # seconds until the next one is asked for words that nobody brought yet
MAX_ROOTS: Final = 16  # missing events that are asked for by name


class GroupSync:
    def __init__(
        self,
        me: PeerId,
        gid: bytes,
        shelf: Shelf,
        *,
        send: Callable[[PeerId, GroupRecord], None],
        choose: Callable[[list[PeerId], int], list[PeerId]],
        now: float,
    ) -> None:
        """``choose`` picks some at random; ``send`` queues a record on a linked peer's link."""
        self._me = me
        self._gid = gid
        self._shelf = shelf
        self._send = send
        self._spread = Spread(me, gid, shelf, send=send, choose=choose)
        self._peers: dict[PeerId, SyncPeer] = {}
        self._outsiders = Outsiders(gid, shelf, send)
        self._pasts: OrderedDict[bytes, None] = OrderedDict()
        self._orphans = Orphans()
        self._turns = Turns()
        self._tell_at: float | None = None
        self._seek_at: float | None = None  # when to ask somebody for words that did not come along
        self._again_at = now + AGAIN_AFTER
        self.is_passive = False  # we left: others may learn it from us, and we ask for nothing
        self._remember()

    # -- links and members

    def linked(self, peer: PeerId) -> None:
        """A link to somebody stands; of whoever is no member nothing comes until they speak."""
        if self._shelf.is_member(peer):
            self._outsiders.forget(peer)
            self._peers[peer] = SyncPeer()
            self._tell(peer)

    def unlinked(self, peer: PeerId) -> None:
        self._outsiders.forget(peer)
        self._peers.pop(peer, None)
        self._orphans.forget(peer)
        self._spread.forget(peer)
        self._end_turn(peer)

    def members_changed(self, linked: Iterable[PeerId]) -> None:
        """Of those ``linked``, greet who came, and send who went away with the proof of it."""
        for peer in linked:
            if self._shelf.is_member(peer):
                if peer not in self._peers:
                    self.linked(peer)
            elif peer in self._peers:
                self.unlinked(peer)
                self._outsiders.went(peer)
            else:
                self._outsiders.members_changed(peer)

    def ask_for_all(self, peer: PeerId) -> None:
        """They say that we are in a group of which we know nothing yet."""
        self._outsiders.ask_for_all(peer)

    # -- what is said

    def posted(self, events: Sequence[GroupEvent], now: float) -> None:
        """We made these, and they are stored."""
        self._remember()
        self._carefully(self._spread.push(events, list(self._peers), now))

    def heard(self, peer: PeerId, record: GroupRecord, now: float) -> None:
        """``record`` came from ``peer``; events go to ``heard_events``, once they are read."""
        if not self._shelf.is_member(peer):
            self._outsiders.heard(peer, record)
            return
        if peer not in self._peers:
            self.linked(peer)
        one = self._peers[peer]
        match record:
            case GroupState():
                self._heard_state(peer, one, record, now)
            case GroupVector():
                self._heard_vector(peer, one, record, now)
            case GroupWant(_, ()):
                if one.may_ask_for_all(now):
                    self._send_vector(peer, None)
            case GroupWant(_, ids):
                one.plan.update(dict.fromkeys(self._shelf.rows(ids)))
            case GroupEvents():
                raise AssertionError("events go to heard_events")
            case _:
                if not self.is_passive:
                    self._spread.want(peer, record.ids, now)

    def takes_events(self, peer: PeerId) -> bool:
        """Members, and who shows that they are one. Who left listens to members who know that and
        speak to us all the same: we were called back."""
        if self._shelf.is_member(peer):
            one = self._peers.get(peer)
            return not self.is_passive or (one is not None and one.has_ours)
        return self._outsiders.may_bring(peer)

    def heard_events(
        self, peer: PeerId, events: Sequence[GroupEvent], now: float
    ) -> list[GroupEvent]:
        """Store what came; what of it was new. Raises BadEvent, and what the shelf raises."""
        one = self._peers.get(peer, SyncPeer())  # one who is no member yet has no state to keep
        new = self._add(peer, [event for event in events if self._is_for_us(peer, event)])
        if one.asked_at is not None:
            one.asked_at = now
        else:
            one.owed = True
        roots = self._orphans.roots(peer)
        if roots:
            self._spread.want(peer, roots[:MAX_ROOTS], now)
            self._look(one, now + one.patience())
        if new:
            one.fruitless = 0
            self._turns.brought(peer, now)
            self._remember()
            self._outsiders.brought(peer)
            if any(event.is_without_words for event in new):
                self._begin_to_seek(now)
            self._pass_on(peer, one, new, now)
        return new

    # -- time

    def next_deadline(self) -> float:
        times = [self._again_at, self._tell_at, self._seek_at, self._spread.rest_at]
        for one in self._peers.values():
            times.append(one.look_at)
            if one.asked_at is not None:
                times.append(one.asked_at + ANSWER_WITHIN)
        return min(time for time in times if time is not None)

    def tick(self, now: float) -> None:
        """Do what is due, and answer what came; to be called after each turn of hearing."""
        mine = self._shelf.digest
        if now >= self._again_at:
            self._again_at = now + AGAIN_AFTER
            self._outsiders.begin_again()
            for one in self._peers.values():
                one.owed, one.contents_asked = True, False
        if self._tell_at is not None and now >= self._tell_at:
            self._tell_at = None
            for one in self._peers.values():
                one.owed = one.owed or mine not in (one.digest, one.told)
        for peer, one in tuple(self._peers.items()):
            if one.owed:
                one.owed = False
                self._tell(peer)
            if one.asked_at is not None and now >= one.asked_at + ANSWER_WITHIN:
                one.asked_at = None
                self._end_turn(peer)
                one.claims.clear()  # they do not bring what they say to have
                self._look(one, now)
            if one.look_at is not None and now >= one.look_at:
                one.look_at = None
                if self._differs(one):
                    self._ask(peer, one, now)
        if self._seek_at is not None and now >= self._seek_at:
            self._seek_words(now)
        if self._spread.rest_at is not None and now >= self._spread.rest_at:
            self._spread.name_the_rest()

    def is_serving(self, peer: PeerId) -> bool:
        if (one := self._peers.get(peer)) is not None:
            return bool(one.plan) or one.end_due
        return bool(self._outsiders.plan(peer))

    def serve(self, peer: PeerId) -> None:
        """Send the next batch of what ``peer`` lacks: to be called again while ``is_serving``,
        once the one before is on its way."""
        one = self._peers.get(peer)
        plan = self._outsiders.plan(peer) if one is None else one.plan
        batch = groupbatch.next_batch(self._shelf, peer, plan)
        if batch:
            self._send(peer, GroupEvents(self._gid, tuple(batch)))
        if one is not None and not plan and one.end_due:
            one.end_due = False
            self._tell(peer, end=True)

    def missing(self) -> dict[bytes, tuple[int, list[PeerId]]]:
        """author -> how many of their events we know of and do not have, and who has them."""
        return groupstate.missing(self._peers, self._shelf.seq_of)

    def is_up_to_date(self, peer: PeerId) -> bool:
        one = self._peers.get(peer)
        return one is not None and one.digest == self._shelf.digest

    # -- inside

    def _heard_state(self, peer: PeerId, one: SyncPeer, state: GroupState, now: float) -> None:
        first = one.digest is None
        one.digest = state.digest
        self._shelf.heard_of(peer, state.yours)
        one.has_ours = state.yours >= self._shelf.seq_of(self._me)
        if state.end:
            one.asked_at = None
            self._end_turn(peer)
            one.claims.clear()  # they sent all they have
            self._orphans.forget(peer)
        mine = self._shelf.digest
        if state.digest == mine:
            one.claims.clear()
            one.look_at, one.fruitless = None, 0
            one.agree(mine, self._shelf.row)
            self._spread.forget(peer)
            self._ask_for_contents(peer, one)
        elif state.digest not in self._pasts:  # else they are behind, and will ask
            wait = one.patience() if one.fruitless or not first else 0
            self._look(one, now if state.end and not one.fruitless else now + wait)
        one.owed = one.owed or one.told != mine

    def _heard_vector(self, peer: PeerId, one: SyncPeer, vector: GroupVector, now: float) -> None:
        one.tips.extend(vector.tips[: MAX_VECTOR - len(one.tips)])
        if vector.more:
            return
        tips, one.tips = one.tips, []
        if one.end_due:
            return  # the one before is being answered, and its end is followed by the next
        row = 0
        if vector.base is not None:
            if vector.base not in one.bases:
                self._send(peer, GroupWant(self._gid, ()))
                return
            row = one.bases[vector.base]
        one.plan = dict.fromkeys(sorted({*one.plan, *self._shelf.lacking(peer, tips, row)}))
        one.end_due = True
        known = self._shelf.known(tip.id for tip in tips)
        unknown = [tip for tip in tips if tip.id not in known]
        forks = one.claim(unknown, self._shelf.seq_of, self._shelf.is_member)
        self._spread.want(peer, forks, now)
        if unknown:
            self._ask(peer, one, now)

    def _is_for_us(self, peer: PeerId, event: GroupEvent) -> bool:
        """Of who is no member, only acts, what members say, and what these stand on: with this
        they can show that they are one, and nobody sent away can go on talking."""
        if self._shelf.is_member(peer) or not self._shelf.is_member(self._me):
            return True
        if event.is_membership or self._shelf.is_member(event.author):
            return True
        return self._spread.is_wanted(event.id)

    def _add(self, peer: PeerId, events: Sequence[GroupEvent]) -> list[GroupEvent]:
        new: list[GroupEvent] = []
        todo = [self._shelf.add(events)] if events else []
        while todo:
            found: list[GroupEvent] = []
            for added in todo:
                for event, missing in added.waiting:
                    self._orphans.keep(peer, event, missing)
                found += added.new
            new += found
            self._spread.came(found)
            todo = let_in(self._shelf, self._orphans.found(event.id for event in found))
        return new

    def _pass_on(self, sender: PeerId, one: SyncPeer, new: list[GroupEvent], now: float) -> None:
        """News reaches those whom its author could not reach."""
        if one.asked_at is None:  # else a backlog: whoever lacks it will see that we have more
            others = [peer for peer in self._peers if peer != sender]
            self._carefully(self._spread.pass_on(new, others, now))
        many = len(self._shelf.members()) > LARGE
        at = now + (TELL_AFTER_LARGE if many else TELL_AFTER)
        self._tell_at = min(at, self._tell_at or at)

    def _carefully(self, sends: dict[PeerId, list[bytes]]) -> None:
        """These need a look at what may be shown to whom: they go as what somebody lacks does."""
        for peer, ids in sends.items():
            self._peers[peer].plan.update(dict.fromkeys(self._shelf.rows(ids)))

    def _begin_to_seek(self, now: float) -> None:
        """Who brought these may not see the words: somebody removed, who did not say so."""
        self._seek_at = now + SEEK_AGAIN
        for one in self._peers.values():
            one.contents_asked = False

    def _seek_words(self, now: float) -> None:
        """Ask the next one who has all that we have; when nobody is left, the next comparison is
        early enough."""
        self._seek_at = None
        if not self._shelf.without_content():
            return
        for peer, one in self._peers.items():
            if one.digest == self._shelf.digest and not one.contents_asked:
                self._ask_for_contents(peer, one)
                self._seek_at = now + SEEK_AGAIN
                return

    def _ask_for_contents(self, peer: PeerId, one: SyncPeer) -> None:
        """They have every event that we have: perhaps also words that we lack."""
        if not one.contents_asked:
            one.contents_asked = True
            ids = self._shelf.without_content()
            if ids:
                self._send(peer, GroupWant(self._gid, tuple(ids[:MAX_IDS])))

    def _ask(self, peer: PeerId, one: SyncPeer, now: float) -> None:
        if self.is_passive and not one.has_ours:
            return  # else they know that we left and still speak to us: we were called back
        if one.asked_at is not None:
            return
        if (turn := self._turns.wait(peer, now)) is not None:
            self._look(one, turn)
            return
        one.fruitless += 1
        if self._shelf.is_member(self._me):
            one.asked_at = now
            self._turns.asked(peer, now)
            self._send_vector(peer, next(reversed(one.bases), None))
        else:  # they may owe us no answer, and remember nothing of us
            self._send_vector(peer, None)

    def _end_turn(self, peer: PeerId) -> None:
        """Look at once at those who waited: perhaps they have no more than came just now."""
        for other in self._turns.ended(peer):
            if other in self._peers:
                self._peers[other].look_at = 0.0

    def _send_vector(self, peer: PeerId, base: bytes | None) -> None:
        row = 0 if base is None else self._peers[peer].bases[base]
        for part in groupbatch.vector(self._gid, base, self._shelf.vector(row)):
            self._send(peer, part)

    def _differs(self, one: SyncPeer) -> bool:
        mine = self._shelf.digest
        if len(self._orphans):
            return True
        return one.digest is None or (one.digest != mine and one.digest not in self._pasts)

    def _look(self, one: SyncPeer, at: float) -> None:
        one.look_at = at if one.look_at is None else min(at, one.look_at)

    def _tell(self, peer: PeerId, *, end: bool = False) -> None:
        one = self._peers[peer]
        one.told = self._shelf.digest
        self._send(peer, GroupState(self._gid, one.told, self._shelf.seq_of(peer), end))

    def _remember(self) -> None:
        """Our state now, so that somebody who still has it is known to be behind."""
        self._pasts[self._shelf.digest] = None
        self._pasts.move_to_end(self._shelf.digest)
        if len(self._pasts) > MAX_PASTS:
            self._pasts.popitem(last=False)

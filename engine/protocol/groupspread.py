"""How one new event reaches every member of a group, whoever is linked to whom.

    up to 100 members   its author sends it to everybody linked; who gets it names it to the
                        neighbours on the ring, who ask for it if they lack it
    more                who makes it, or gets it, sends it to 6 at random, and a second later
                        names it to the rest

Naming costs a small frame, an event is sent once to most members, and nobody in the middle is
needed.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from engine.protocol.groupevent import GroupEvent
from engine.protocol.grouprecords import (
    MAX_EVENTS,
    MAX_IDS,
    MAX_WIRES,
    GroupEvents,
    GroupIds,
    GroupRecord,
    GroupWant,
)
from engine.protocol.groupshelf import Library
from engine.protocol.ring import LARGE, neighbours
from identity import PeerId

EAGER: Final = 6  # members who get an event at once in a large group
REST_AFTER: Final = 1.0  # seconds after which a large group's other members get the ids
ASK_AGAIN: Final = 3.0  # seconds after which an event is asked for once more, or elsewhere
MAX_WANTED: Final = 4_096


class Spread:
    def __init__(
        self,
        me: PeerId,
        gid: bytes,
        library: Library,
        *,
        send: Callable[[PeerId, GroupRecord], None],
        choose: Callable[[list[PeerId], int], list[PeerId]],
    ) -> None:
        self._me = me
        self._gid = gid
        self._library = library
        self._send = send
        self._choose = choose
        self._wanted: OrderedDict[bytes, float] = OrderedDict()
        self._rest: dict[PeerId, list[bytes]] = {}
        self.rest_at: float | None = None  # when the rest is due

    def push(
        self, events: Sequence[GroupEvent], linked: list[PeerId], now: float
    ) -> dict[PeerId, list[bytes]]:
        """Send new events, and remember to name them; what must go to whom with more care."""
        chosen = linked
        if len(self._library.members()) > LARGE:
            chosen = self._choose(linked, EAGER)
            for peer in linked:
                if peer not in chosen:
                    self._rest.setdefault(peer, []).extend(event.id for event in events)
            if len(chosen) < len(linked) and self.rest_at is None:
                self.rest_at = now + REST_AFTER
        careful: dict[PeerId, list[bytes]] = {}
        for peer in chosen:
            wires = [self._library.wire_for(peer, event) for event in events]
            whole = [wire for wire in wires if wire is not None]
            if len(whole) == len(events) <= MAX_EVENTS and sum(map(len, whole)) <= MAX_WIRES:
                self._send(peer, GroupEvents(self._gid, tuple(whole)))
            else:
                careful[peer] = [event.id for event in events]
        return careful

    def pass_on(
        self, events: Sequence[GroupEvent], linked: Collection[PeerId], now: float
    ) -> dict[PeerId, list[bytes]]:
        """These came to us: let others have them, too. ``linked``: without who sent them."""
        members = self._library.members()
        if len(members) > LARGE:
            return self.push(events, list(linked), now)
        for peer in neighbours(self._gid, self._me, members, lambda one: one not in linked):
            self._name(peer, [event.id for event in events if event.author != peer])
        return {}

    def name_the_rest(self) -> None:
        self.rest_at = None
        rest, self._rest = self._rest, {}
        for peer, ids in rest.items():
            self._name(peer, ids)

    def forget(self, peer: PeerId) -> None:
        self._rest.pop(peer, None)

    def want(self, peer: PeerId, ids: Iterable[bytes], now: float) -> None:
        """Ask for those we neither have nor asked for a moment ago."""
        fresh = [
            one
            for one in dict.fromkeys(ids)
            if now >= self._wanted.get(one, -ASK_AGAIN) + ASK_AGAIN
        ]
        known = self._library.known(fresh)
        unknown = [one for one in fresh if one not in known][:MAX_IDS]
        for one in unknown:
            self._wanted[one] = now
            self._wanted.move_to_end(one)
        while len(self._wanted) > MAX_WANTED:
            self._wanted.popitem(last=False)
        if unknown:
            self._send(peer, GroupWant(self._gid, tuple(unknown)))

    def is_wanted(self, event_id: bytes) -> bool:
        """Say whether it was asked for and has not come."""
        return event_id in self._wanted

    def came(self, events: Iterable[GroupEvent]) -> None:
        for event in events:
            self._wanted.pop(event.id, None)

    def _name(self, peer: PeerId, ids: Sequence[bytes]) -> None:
        for at in range(0, len(ids), MAX_IDS):
            self._send(peer, GroupIds(self._gid, tuple(ids[at : at + MAX_IDS])))

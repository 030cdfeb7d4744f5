"""Who is on this network, as far as anybody there says so.

    discovery --seen, gone--> Nearby --people(), places(peer)--> the page, whoever dials

Nothing here is proven and nothing is stored: a key and a name from the network are what somebody
says, a place is where to knock, and only the handshake there tells who answers. So a sighting can
never change a name or a key that we keep. Who announces somebody else's key, or repeats their
record, gets a dial that ends with "another person answers there"; after that the place counts no
more for that person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final

from contacts import clean_name
from engine.net.announcements import Sighting
from engine.protocol import beacon as beacons
from engine.protocol.beacon import Beacon, OpenBeacon, VeiledBeacon
from engine.protocol.bucket import HostBuckets
from engine.protocol.invite import HostPort
from identity import PeerId

MAX_PLACES: Final = 8  # where one person is dialled, however many say to be them
HOPES_PER_SECOND, HOPES_AT_ONCE = 1 / 30, 3.0  # for one person: else a liar had us dial all day


@dataclass(frozen=True, slots=True)
class NearbyPerson:
    """Somebody who may be here. The name is claimed, cleaned, and empty for those who veil it."""

    peer: PeerId
    claimed_name: str
    places: tuple[HostPort, ...]


class _Seen:
    """One instance: what it says, and who that may be."""

    __slots__ = ("beacon", "name", "peer", "places", "wrong")

    def __init__(self, beacon: Beacon, peer: PeerId | None, places: tuple[HostPort, ...]) -> None:
        self.beacon = beacon
        self.peer = peer
        self.name = clean_name(beacon.name) if isinstance(beacon, OpenBeacon) else ""
        self.places = places
        self.wrong: set[HostPort] = set()  # somebody else answered there


class Nearby:
    def __init__(
        self,
        me: PeerId,
        *,
        passes: Callable[[], Mapping[PeerId, bytes]],
        on_change: Callable[[PeerId], None],
        on_hope: Callable[[PeerId], None],
        clock: Callable[[], float],
        on_own: Callable[[tuple[HostPort, ...]], None] = lambda _places: None,
    ) -> None:
        """``on_own`` is told, seldom, where another program says to have our key.

        ``passes``: what each contact made for us. ``on_change`` is told of everybody who comes,
        goes or is told of differently; ``on_hope`` of somebody whom to dial now seems worth it,
        seldom enough to do so at once."""
        self._me = me
        self._passes = passes
        self._on_change = on_change
        self._on_hope = on_hope
        self._on_own = on_own
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._instances: dict[PeerId, list[str]] = {}  # the longest known first
        self._hopes = HostBuckets(rate=HOPES_PER_SECOND, burst=HOPES_AT_ONCE)

    def people(self) -> list[NearbyPerson]:
        """Everybody who may be here and could be dialled."""
        found = (self.person(peer) for peer in self._instances)
        return [person for person in found if person is not None]

    def person(self, peer: PeerId) -> NearbyPerson | None:
        """``peer``, if they may be here."""
        seen = [self._seen[instance] for instance in self._instances.get(peer, ())]
        # Who made the tag holds the pass, or heard who does; a key can be named by anybody.
        seen.sort(key=lambda one: isinstance(one.beacon, OpenBeacon))
        # The first of each before the second of any: many lies must not hide one true place.
        turns = chain.from_iterable(
            zip_longest(
                *([place for place in one.places if place not in one.wrong] for one in seen)
            )
        )
        places = tuple(dict.fromkeys(place for place in turns if place is not None))[:MAX_PLACES]
        name = next((one.name for one in seen if one.name), "")
        return NearbyPerson(peer, name, places) if places else None

    def places(self, peer: PeerId) -> tuple[HostPort, ...]:
        """Where ``peer`` may be reached, the likeliest first."""
        person = self.person(peer)
        return () if person is None else person.places

    # -- told by discovery

    def seen(self, sighting: Sighting) -> None:
        """Somebody appeared, or is told of differently."""
        before = self._seen.get(sighting.instance)
        beacon = beacons.parse(sighting.txt)
        is_own = isinstance(beacon, OpenBeacon) and beacon.peer == self._me
        if is_own and self._hopes.take(self._me.address, self._clock()):
            self._on_own(sighting.places)
        if beacon is None:
            self._change(sighting.instance, None)
        elif before is not None and before.beacon == beacon:  # who that is was found out already
            now = _Seen(beacon, before.peer, sighting.places)
            now.wrong = before.wrong.intersection(sighting.places)
            self._change(sighting.instance, now)
        else:
            self._change(sighting.instance, _Seen(beacon, self._who(beacon), sighting.places))

    def gone(self, instance: str) -> None:
        self._change(instance, None)

    # -- told by the rest of the program

    def pass_changed(self, peer: PeerId) -> None:
        """``peer`` made a new pass for us, or it is forgotten: look at the veiled ones again."""
        made = self._passes().get(peer)
        for instance, seen in tuple(self._seen.items()):
            if isinstance(seen.beacon, VeiledBeacon) and seen.peer in (None, peer):
                who = None if made is None else beacons.matches(seen.beacon, {peer: made})
                if who != seen.peer:
                    self._change(instance, _Seen(seen.beacon, who, seen.places))

    def disproved(self, peer: PeerId, place: HostPort) -> None:
        """Somebody else answered at ``place``: who says that ``peer`` is there does not know."""
        before = self.person(peer)
        for instance in self._instances.get(peer, ()):
            seen = self._seen[instance]
            if place in seen.places:
                seen.wrong.add(place)
        if self.person(peer) != before:
            self._on_change(peer)

    # -- inside

    def _who(self, beacon: Beacon) -> PeerId | None:
        if isinstance(beacon, VeiledBeacon):
            return beacons.matches(beacon, self._passes())
        return beacon.peer if beacon.peer != self._me else None

    def _change(self, instance: str, now: _Seen | None) -> None:
        """From now on ``instance`` is this; tell of whom it concerns."""
        old = self._seen.get(instance)
        peers = (seen.peer for seen in (old, now) if seen is not None)
        before = {peer: self.person(peer) for peer in peers if peer is not None}
        if now is not None:
            self._seen[instance] = now
        elif old is not None:
            del self._seen[instance]
        for peer in before:
            instances = self._instances.setdefault(peer, [])
            is_theirs = now is not None and now.peer == peer
            if is_theirs and instance not in instances:
                instances.append(instance)
            elif not is_theirs and instance in instances:
                instances.remove(instance)
            if not instances:
                del self._instances[peer]
        for peer, was in before.items():
            person = self.person(peer)
            if person != was:
                self._on_change(peer)
            new = set(person.places if person else ()) - set(was.places if was else ())
            if new and self._hopes.take(peer.address, self._clock()):
                self._on_hope(peer)

"""Who is on this network, by what mDNS records say: a table that no flood can fill.

    records --hear()--> [ table ] --changes()--> Sighting, Gone
                           |
                           +------questions()--> whom to ask again

No socket, no thread, no clock of its own: whoever moves the packets passes the time in, as seconds
of a monotonic clock. Every record may be a lie, so all of them together can only make this table
as large as its limits, and sightings as frequent as their bucket allows.

A neighbour lives as long as its SRV record, two minutes at most, and is asked again before that is
over: so somebody whose computer fell asleep is gone after two minutes. A goodbye is doubted first:
who is still there says so when asked, and nobody can send another away. On a large network the
first to ask asks for all, since everybody hears the question; but whoever is doubted, or has not
long to live, is asked by ourselves: the questions of others may be meant to keep us from it.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Final

from engine.net.announcements import (
    Gone,
    HostAddress,
    Pointer,
    Question,
    Record,
    Service,
    Sighting,
    Text,
    read_pairs,
)
from engine.net.interfaces import Address, Interface
from engine.protocol.bucket import Bucket
from engine.protocol.invite import HostPort

MAX_NEIGHBOURS: Final = 200
MAX_PER_SOURCE: Final = 8  # neighbours first heard from one address, or on one host
LEAST_PORT: Final = 1_024  # below are services of the system: nobody shall have us dial those
MAX_PLACES: Final = 8  # addresses of one neighbour
MAX_SOURCES: Final = 4  # addresses it spoke from, the latest
MAX_ADDRESSES: Final = 16  # looked at in one packet
MAX_QUESTIONS: Final = 20  # at once
NEW_PER_SECOND, NEW_AT_ONCE = 5.0, 250.0  # neighbours let into the table
TOLD_PER_SECOND, TOLD_AT_ONCE = 20.0, 250.0  # sightings passed on
TOLD_EVERY: Final = 1.0  # seconds between two sightings of one neighbour

SHORTEST_LIFE, LONGEST_LIFE = 30.0, 120.0  # seconds a record counts, whatever it says of itself
ASK_AFTER: Final = 0.75  # of its life has gone by when somebody is asked again,
ASK_SPREAD: Final = 0.1  # or a little more, by chance, so that not all ask at once
ASK_EVERY: Final = 4.0  # seconds between two questions about one neighbour,
ASK_SOON_EVERY: Final = 1.0  # or less when much depends on the answer
ASK_OURSELVES_FOR: Final = 10.0  # seconds at the end of a life, whoever else asks
INCOMPLETE_FOR: Final = 10.0  # seconds to give all records
DOUBT_FOR: Final = 2.0  # seconds to contradict a goodbye
DOUBT_SPREAD: Final = 0.4  # seconds, by chance, before asking for it


class _Neighbour:
    __slots__ = (
        "addresses", "alive_until", "ask_at", "changed", "host", "instance", "is_doubted",
        "is_from_before", "port", "source", "sources", "text", "told", "told_at",
    )  # fmt: skip

    def __init__(self, instance: str, source: Address, now: float) -> None:
        self.instance = instance
        self.source = source  # the first, for whom it counts
        self.sources = [source]
        self.host = ""
        self.port = 0
        self.text: dict[str, bytes] | None = None
        self.addresses: dict[Address, tuple[int, float]] = {}  # scope, heard at
        self.alive_until = now + INCOMPLETE_FOR
        self.is_doubted = False
        self.is_from_before = False  # not heard since we moved: perhaps of another network
        self.ask_at = now + DOUBT_SPREAD
        self.told: Sighting | None = None
        self.told_at = -TOLD_EVERY
        self.changed = True

    @property
    def is_complete(self) -> bool:
        return bool(self.host and self.addresses) and self.text is not None

    @property
    def ask_every(self) -> float:
        return ASK_EVERY if self.is_complete and not self.is_doubted else ASK_SOON_EVERY


class Neighbours:
    def __init__(
        self, *, now: float, chance: Callable[[], float], own: Container[str] = ()
    ) -> None:
        """``chance`` gives numbers from 0 to 1; ``own``: our instances, in lower case, no
        neighbours."""
        self._chance = chance
        self._own = own
        self._known: dict[str, _Neighbour] = {}  # by the instance in lower case
        self._by_host: dict[str, set[str]] = {}
        self._per_source: Counter[Address] = Counter()
        self._new = Bucket(rate=NEW_PER_SECOND, burst=NEW_AT_ONCE, now=now)
        self._told = Bucket(rate=TOLD_PER_SECOND, burst=TOLD_AT_ONCE, now=now)
        self._interfaces: tuple[Interface, ...] = ()

    @property
    def instances(self) -> list[str]:
        return [one.instance for one in self._known.values()]

    @property
    def complete(self) -> list[str]:
        """The instances of whom all is known, and who were heard since we moved."""
        return [
            one.instance
            for one in self._known.values()
            if one.is_complete and not one.is_from_before
        ]

    def move_to(self, interfaces: Iterable[Interface]) -> None:
        """From now on these are the networks we are on. Nobody is asked for by name before they are
        heard again: the names we know tell where we were."""
        self._interfaces = tuple(interfaces)
        for one in self._known.values():
            one.changed = one.is_from_before = True

    def is_near(self, address: Address, scope: int) -> bool:
        """Say whether an address is on one of our networks: nobody else is listened to."""
        if isinstance(address, ipaddress.IPv6Address) and address.is_link_local:
            return any(scope == one.index != 0 for one in self._interfaces)
        return any(address in one.network for one in self._interfaces)

    def hear(self, records: Sequence[Record], source: Address, now: float) -> None:
        """Take what one packet from ``source`` said."""
        lives: dict[_Neighbour, float] = {}
        for record in records:
            if isinstance(record, Pointer | Service):
                one = self._hear_of(record, source, now)
                if one is not None:
                    lives[one] = record.life
        addresses = 0
        for record in records:
            match record:
                case Text(instance, data, life) if life > 0:
                    known = self._known.get(instance.lower())
                    text = read_pairs(data)
                    if known is not None and known.text != text:
                        known.text, known.changed = text, True
                case HostAddress(host) if addresses < MAX_ADDRESSES:
                    addresses += 1
                    for name in self._by_host.get(host.lower(), ()):
                        self._hear_address(self._known[name], record, now)
        for one, life in lives.items():
            if one.is_complete:
                self._prolong(one, life, now)

    def heard_question(self, instance: str, now: float) -> None:
        """Somebody else asked for this one: we shall hear the answer too."""
        one = self._known.get(instance.lower())
        if one is not None and not one.is_doubted:
            later = min(now + one.ask_every, one.alive_until - ASK_OURSELVES_FOR)
            one.ask_at = max(one.ask_at, later)

    def questions(self, now: float) -> list[Question]:
        """Whom to ask now. Each is asked a few times, then given up."""
        due = [one for one in self._known.values() if one.ask_at <= now and not one.is_from_before]
        del due[MAX_QUESTIONS:]
        for one in due:
            one.ask_at = now + one.ask_every
        return [Question(one.instance, wants_text=one.text is None) for one in due]

    def changes(self, now: float) -> list[Sighting | Gone]:
        """What is news since the last call."""
        news: list[Sighting | Gone] = []
        for key, one in tuple(self._known.items()):
            if now >= one.alive_until:
                self._forget(key, one)
                seen = None
            elif one.changed and now >= one.told_at + TOLD_EVERY:
                seen = self._sighting(one)
            else:
                continue
            if seen is None:
                one.changed = False
                if one.told is not None:
                    one.told = None
                    news.append(Gone(one.instance))
            elif seen == one.told:
                one.changed = False
            elif self._told.take(now):  # else it is still news in a moment
                one.told, one.told_at, one.changed = seen, now, False
                news.append(seen)
        return news

    # -- who is there

    def _hear_of(self, record: Pointer | Service, source: Address, now: float) -> _Neighbour | None:
        """Who it is, if the record says that they are there and there is room for them."""
        key = record.instance.lower()
        one = self._known.get(key)
        if record.life <= 0:
            if one is not None:
                self._doubt(one, now)
            return None
        if one is None:
            if not self._has_room(key, source) or not self._new.take(now):
                return None
            one = self._known[key] = _Neighbour(record.instance, source, now)
            self._per_source[source] += 1
        one.is_from_before = False
        if source not in one.sources:
            one.sources = [source, *one.sources][:MAX_SOURCES]
            one.changed = True
        if isinstance(record, Service) and (one.host, one.port) != (record.host, record.port):
            self._set_host(key, one, record.host)
            one.port, one.changed = record.port, True
        return one

    def _has_room(self, key: str, source: Address) -> bool:
        return (
            key not in self._own
            and len(self._known) < MAX_NEIGHBOURS
            and self._per_source[source] < MAX_PER_SOURCE
        )

    def _doubt(self, one: _Neighbour, now: float) -> None:
        if not one.is_doubted:
            one.is_doubted = True
            one.alive_until = min(one.alive_until, now + DOUBT_FOR)
            one.ask_at = now + DOUBT_SPREAD * self._chance()

    def _prolong(self, one: _Neighbour, life: float, now: float) -> None:
        life = min(max(life, SHORTEST_LIFE), LONGEST_LIFE)
        one.is_doubted = False
        one.alive_until = now + life
        one.ask_at = now + life * (ASK_AFTER + ASK_SPREAD * self._chance())

    def _forget(self, key: str, one: _Neighbour) -> None:
        del self._known[key]
        self._set_host(key, one, "")
        self._per_source[one.source] -= 1
        if not self._per_source[one.source]:
            del self._per_source[one.source]

    # -- where they are

    def _set_host(self, key: str, one: _Neighbour, host: str) -> None:
        before = one.host.lower()
        if before != host.lower():
            one.addresses.clear()
        if before:
            self._by_host[before].discard(key)
            if not self._by_host[before]:
                del self._by_host[before]
        one.host = ""
        if host and len(self._by_host.get(host.lower(), ())) < MAX_PER_SOURCE:
            self._by_host.setdefault(host.lower(), set()).add(key)
            one.host = host

    def _hear_address(self, one: _Neighbour, record: HostAddress, now: float) -> None:
        address, scope = record.address, record.scope
        known = one.addresses.get(address)
        if known is not None and not scope:
            scope = known[0]  # heard once more, over IPv4, which knows no cards
        if record.life <= 0 or not self.is_near(address, scope):
            return  # who says goodbye to an address may be anybody: the next set of them tells
        # A set of addresses replaces the set before it, and may come in several packets.
        for old, (_, heard_at) in tuple(one.addresses.items()):
            if old.version == address.version and heard_at < now - 1 and old != address:
                del one.addresses[old]
                one.changed = True
        if known is not None or len(one.addresses) < MAX_PLACES:
            one.changed |= known is None or known[0] != scope
            one.addresses[address] = (scope, now)

    def _sighting(self, one: _Neighbour) -> Sighting | None:
        """Return all there is to tell; None as long as that is nothing that could be dialled."""
        if one.text is None or one.port < LEAST_PORT:
            return None
        own = {interface.address for interface in self._interfaces}
        is_this_machine = not own.isdisjoint(one.sources)
        near = [
            (address, scope)
            for address, (scope, _) in one.addresses.items()
            # Two machines may both have 172.17.0.1 for their containers: theirs is not ours.
            if self.is_near(address, scope) and (is_this_machine or address not in own)
        ]
        near.sort(key=lambda pair: _rank(pair[0], one.sources))
        places = tuple(HostPort(_host(*pair), one.port) for pair in near)
        return Sighting(one.instance, places, one.text) if places else None


def _rank(address: Address, sources: Sequence[Address]) -> tuple[bool, int, bool, bytes]:
    """What is likeliest to be reached comes first: where they spoke from, IPv4, no link-local."""
    return (address not in sources, address.version, address.is_link_local, address.packed)


def _host(address: Address, scope: int) -> str:
    return f"{address}%{scope}" if address.version == 6 and address.is_link_local else str(address)

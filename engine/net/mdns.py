"""mDNS, in a native thread with an event loop of its own: look who is here, and say that we are.

    look around   which networks are we on? every two seconds
    ask around    who else is here? at once, after 1, 2, 4 ... seconds, at most every five minutes
    mind          who has changed, who must be asked whether they are still there
    stay announced   what others may know of us; nothing at all when hidden

One zeroconf for IPv4 and one for IPv6, since some systems cannot hear both on one socket. Instance
and host get names by chance, and new ones with each announcement: this machine's own name is never
said, and two announcements have no name in common.

Some announcements are only for the networks they were first said on: elsewhere they would tell that
the same person is there now. We say them no more, nor a goodbye for them, once we have moved.

zeroconf must be imported in the main thread, before this thread starts: so this module is imported
late, by whoever starts it.
"""

import asyncio
import contextlib
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Collection, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Final

from zeroconf import (  # type: ignore[attr-defined]  # public, but not in its __all__
    DNSOutgoing,
    DNSPointer,
    DNSQuestion,
    IPVersion,
    ServiceInfo,
)

from engine.net import interfaces
from engine.net.announcements import Gone, Sighting
from engine.net.ear import CLASS_IN, SRV, TYPE, Ear, ListeningLoop, Own
from engine.net.interfaces import Interface
from engine.net.neighbours import MAX_PLACES, Neighbours
from engine.net.voice import Voice

log = logging.getLogger(__name__)
logging.getLogger("zeroconf").setLevel(logging.ERROR)  # it warns of each card without multicast

LOOK_EVERY: Final = 2.0  # seconds between two looks at the network cards
MIND_EVERY: Final = 0.5  # seconds
FIRST_QUESTION: Final = (0.02, 0.12)  # seconds (RFC 6762, section 5.2)
ASK_AT_MOST_EVERY: Final = 300.0  # seconds
SLEPT: Final = 60.0  # seconds between two looks: this computer slept, and may wake up anywhere
CLOSE_WITHIN: Final = 0.8  # seconds for goodbyes and all
NAME_SIZE: Final = 8  # random bytes of an instance's or a host's name
POINTER_LIFE: Final = 4_500  # seconds (RFC 6762, section 10)
TXT, PTR = 16, 12  # record types
QUERY: Final = 0  # flags of a packet that asks

_CHANCE: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Report:
    """What the thread tells; all are called in it."""

    started: Callable[[str], None]  # "", or why it cannot work: then it has ended
    looked: Callable[[tuple[str, ...]], None]
    changed: Callable[[Sighting | Gone], None]
    ended: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Announcement:
    instance: str
    host: str
    txt: dict[str, bytes]
    only_here: bool


class Mdns:
    def __init__(
        self,
        port: int,
        only: Collection[str] | None,
        report: Report,
        name_bytes: Callable[[int], bytes] = os.urandom,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``port`` is where others reach us; ``only``: the addresses to use, None for all.
        ``clock`` goes on while this computer sleeps, as monotonic clocks may not."""
        self._port = port
        self._only = only
        self._report = report
        self._name_bytes = name_bytes
        self._clock = clock
        self._own = Own()
        self._neighbours = Neighbours(
            now=time.monotonic(), chance=_CHANCE.random, own=self._own.instances
        )
        self._ear = Ear(self._neighbours, self._own, on_heard=self._tell)
        self._voices: list[Voice] = []
        self._interfaces: tuple[Interface, ...] | None = None
        self._looked_at: float | None = None
        self._announced: _Announcement | None = None
        self._wanted: dict[str, bytes] | None = None
        self._is_only_here = False
        self._has_wish = asyncio.Event()
        self._has_moved = asyncio.Event()
        self._stopping = asyncio.Event()
        self._loop: ListeningLoop | None = None
        self._thread = threading.Thread(target=self._run, name="mdns", daemon=True)

    # -- from any thread

    def start(self) -> None:
        self._thread.start()

    def announce(self, txt: dict[str, bytes] | None, only_here: bool = False) -> None:
        self._call(self._wish, txt, only_here)

    def stop(self) -> None:
        self._call(self._stopping.set)

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(function, *arguments)

    # -- in its own thread

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=ListeningLoop) as runner:
                loop = runner.get_loop()
                assert isinstance(loop, ListeningLoop)
                loop.ear = self._ear
                self._loop = loop
                runner.run(self._serve())
        except Exception:
            log.exception("looking for people on this network ended")
        finally:
            self._report.ended()

    async def _serve(self) -> None:
        why = self._open()
        if not self._voices:
            self._report.started(why)
            return
        await self._look_around()
        self._report.started("")
        tasks = [
            asyncio.create_task(self._forever(one))
            for one in (self._keep_looking, self._keep_asking, self._mind, self._stay_announced)
        ]
        try:
            await self._stopping.wait()
        finally:
            for task in tasks:
                task.cancel()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_WITHIN):
                    await asyncio.gather(*tasks, return_exceptions=True)
                    await asyncio.gather(*(voice.close() for voice in self._voices))

    async def _forever(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await work()
            except Exception:
                log.exception("looking for people on this network: %s failed", work.__name__)
                await asyncio.sleep(LOOK_EVERY)

    def _open(self) -> str:
        """Open what can be opened; why not all of it."""
        why = ""
        for version in (IPVersion.V4Only, IPVersion.V6Only):
            try:
                self._voices.append(Voice(version))
            except OSError as error:
                why = error.strerror or type(error).__name__
                log.debug("no mDNS over %s: %s", version.name, why)
        return why

    # -- which networks

    async def _keep_looking(self) -> None:
        await asyncio.sleep(LOOK_EVERY)
        await self._look_around()

    async def _look_around(self) -> None:
        found = interfaces.look(self._only)
        has_slept = self._has_slept()
        has_moved = found != self._interfaces or has_slept
        if has_moved:
            stayed = () if has_slept else interfaces.unmoved(self._interfaces or (), found)
            taken_down = self._take_down()
            self._interfaces = found
            self._own.addresses = frozenset(one.address for one in found)
            self._neighbours.move_to(found)
            looked = tuple(str(one) for one in found)
            log.info("looking for people on %s", ", ".join(looked) or "no network: there is none")
            self._report.looked(looked)
            if self._announced is not None:
                for voice in self._voices:
                    voice.answer_for(self._info(self._announced))
            await asyncio.gather(
                *(voice.part(stayed, infos) for voice, infos in taken_down.items())
            )
        # Also when nothing moved: an address may take a while before it can be used.
        await asyncio.gather(*(voice.use(found) for voice in self._voices))
        if has_moved:
            self._has_moved.set()
            self._tell()
            if self._announced is not None:
                await self._say(self._announced)

    def _has_slept(self) -> bool:
        before, self._looked_at = self._looked_at, self._clock()
        return before is not None and self._looked_at - before > SLEPT

    def _take_down(self) -> dict[Voice, list[ServiceInfo]]:
        """Fall silent about what is only for where we were."""
        if self._announced is not None and self._announced.only_here:
            self._announced = None
        lasting = None if self._announced is None else self._announced.instance
        return {voice: voice.take_down(but=lasting) for voice in self._voices}

    # -- who is here

    async def _keep_asking(self) -> None:
        await asyncio.sleep(_CHANCE.uniform(*FIRST_QUESTION))
        self._has_moved.clear()
        wait = 1.0
        while not self._has_moved.is_set():
            self._ask_who_is_here()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._has_moved.wait()
            wait = min(2 * wait, ASK_AT_MOST_EVERY)

    def _ask_who_is_here(self) -> None:
        # They need not answer, nor need we: who asks next would have to wait for a second.
        known = [f"{instance}.{TYPE}" for instance in self._neighbours.complete]
        if self._announced is not None:
            known.append(self._announced.instance)
        for voice in self._voices:
            out = DNSOutgoing(QUERY)
            out.add_question(DNSQuestion(TYPE, PTR, CLASS_IN))
            for name in known:
                out.add_answer_at_time(DNSPointer(TYPE, PTR, CLASS_IN, POINTER_LIFE, name, 0.0), 0)
            voice.ask(out)

    async def _mind(self) -> None:
        await asyncio.sleep(MIND_EVERY)
        self._tell()
        questions = self._neighbours.questions(time.monotonic())
        for voice in self._voices if questions else ():
            out = DNSOutgoing(QUERY)
            for question in questions:
                name = f"{question.instance}.{TYPE}"
                out.add_question(DNSQuestion(name, SRV, CLASS_IN))
                if question.wants_text:
                    out.add_question(DNSQuestion(name, TXT, CLASS_IN))
            voice.ask(out)

    def _tell(self) -> None:
        for change in self._neighbours.changes(time.monotonic()):
            self._report.changed(change)

    # -- that we are here

    def _wish(self, txt: dict[str, bytes] | None, only_here: bool) -> None:
        self._wanted, self._is_only_here = txt, only_here
        self._has_wish.set()

    async def _stay_announced(self) -> None:
        await self._has_wish.wait()
        self._has_wish.clear()
        before, self._announced = self._announced, None
        if self._wanted is not None:
            now = self._announced = _Announcement(
                instance=f"{self._new_name()}.{TYPE}",
                host=f"{self._new_name()}.local.",
                txt=self._wanted,
                only_here=self._is_only_here,
            )
            self._own.remember(now.instance.removesuffix("." + TYPE), now.host)
            for voice in self._voices:
                voice.answer_for(self._info(now))
            await self._say(now)
        # The new one first: to those who know us by both we were never away.
        await self._withdraw(before)

    async def _say(self, announcement: _Announcement) -> None:
        await asyncio.gather(*(voice.announce(announcement.instance) for voice in self._voices))

    async def _withdraw(self, announcement: _Announcement | None) -> None:
        if announcement is not None:
            instance = announcement.instance
            await asyncio.gather(*(voice.withdraw(instance) for voice in self._voices))

    def _info(self, announcement: _Announcement) -> ServiceInfo:
        return ServiceInfo(
            TYPE,
            announcement.instance,
            port=self._port,
            properties=dict(announcement.txt),
            server=announcement.host,
            addresses=[address.packed for address in self._told_addresses()],
        )

    def _told_addresses(self) -> Iterable[interfaces.Address]:
        """Where we are: IPv4 first, and not more than anybody would try."""
        found = sorted(self._own.addresses, key=lambda one: (one.version, one.is_link_local, one))
        return found[:MAX_PLACES]

    def _new_name(self) -> str:
        return self._name_bytes(NAME_SIZE).hex()

"""What we say by mDNS over one version of IP: questions, announcements, goodbyes.

Instances that we answer for stand in zeroconf's registry; it answers questions about them by
itself. A goodbye does not repeat what was announced: names and addresses go, the text is not said.

    question --> zeroconf --answer, put off for up to 1.3 s--> still so? --> the network
                                         goodbye, meanwhile -------^

It puts answers off so as not to flood the network (RFC 6762, section 14). What was withdrawn
meanwhile must not be said any more: it would undo the goodbye, and tell a name to whom it is
meant to be hidden from.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from zeroconf import (  # type: ignore[attr-defined]  # public, but not in its __all__
    DNSOutgoing,
    DNSPointer,
    DNSRecord,
    IPVersion,
    ServiceInfo,
    Zeroconf,
)
from zeroconf.asyncio import AsyncZeroconf

from engine.net.interfaces import Interface

log = logging.getLogger(__name__)

ANSWER: Final = 0x8400  # flags of a packet that answers, with authority
TIMES: Final = 3  # each announcement and each goodbye is said: the radio loses some
ANNOUNCE_EVERY: Final = 0.225  # seconds
GOODBYE_EVERY: Final = 0.125  # seconds
KINDS: Final = "_services._dns-sd._udp.local."  # who asks for it wants to know what there is
PTR, CLASS_IN = 12, 1


class UpToDate(Zeroconf):
    """zeroconf that says of us only what is so at that moment."""

    def async_send(self, out: DNSOutgoing, *where: Any, **more: Any) -> None:
        if out.is_response():
            now = self._what_is_so()
            out.answers = [pair for pair in out.answers if _is_goodbye(pair[0]) or pair[0] in now]
            out.additionals = [record for record in out.additionals if record in now]
            if not out.answers:
                return
        super().async_send(out, *where, **more)

    def _what_is_so(self) -> set[DNSRecord]:
        now: set[DNSRecord] = set()
        for info in self.registry.async_get_service_infos():
            now |= {info.dns_pointer(), info.dns_service(), info.dns_text()}
            now |= info.get_address_and_nsec_records()
            now.add(DNSPointer(KINDS, PTR, CLASS_IN, info.other_ttl, info.type, 0.0))
        return now


class Voice:
    def __init__(self, version: IPVersion) -> None:
        """Open a socket, on no network yet. Raises OSError when the system has no such thing."""
        self._version = version
        self._zeroconf = AsyncZeroconf(zc=UpToDate(interfaces=[], ip_version=version))
        self._registry = self._zeroconf.zeroconf.registry
        self._moves = 0

    async def use(self, interfaces: Sequence[Interface]) -> bool:
        """Speak and listen on these from now on; what is new there hears our announcements. Return
        whether that could be done."""
        try:
            await self._zeroconf.async_update_interfaces(ways(self._version, interfaces))
        except OSError as error:  # it went away at this very moment, or is not ready: next time
            log.debug("cannot use a network now: %s", error.strerror)
            return False
        return True

    def ask(self, out: DNSOutgoing) -> None:
        self._zeroconf.zeroconf.async_send(out)

    def answer_for(self, info: ServiceInfo) -> None:
        """From now on answer questions about this instance, as it is now."""
        self._registry.async_update(info)

    async def announce(self, instance: str) -> None:
        """Say that this instance, which we answer for, is there."""
        for turn in range(TIMES):
            if turn:
                await asyncio.sleep(ANNOUNCE_EVERY)
            info = self._registry.async_get_info_name(instance.lower())
            if info is None:
                return  # it was withdrawn meanwhile
            out = self._zeroconf.zeroconf.generate_service_broadcast(info, None)
            self._zeroconf.zeroconf.async_send(out)

    async def withdraw(self, instance: str) -> None:
        info = self._registry.async_get_info_name(instance.lower())
        if info is not None:
            await self._withdraw([info])

    def take_down(self, but: str | None) -> list[ServiceInfo]:
        """Fall silent, without a goodbye, about all instances but this one, and break off the
        goodbyes that are under way. Return what was taken down."""
        self._moves += 1
        infos = [
            info
            for info in self._registry.async_get_service_infos()
            if but is None or info.key != but.lower()
        ]
        self._registry.async_remove(infos)
        return infos

    async def part(self, stayed: Sequence[Interface], infos: Sequence[ServiceInfo]) -> None:
        """Say goodbye for what was taken down where we still are, and nowhere else."""
        if infos and ways(self._version, stayed) and await self.use(stayed):
            await self._say_goodbye(infos)

    async def close(self) -> None:
        """Say goodbye for all that is announced, and end."""
        await self._withdraw(self._registry.async_get_service_infos())
        await self._zeroconf.async_close()

    async def _withdraw(self, infos: Iterable[ServiceInfo]) -> None:
        infos = list(infos)
        self._registry.async_remove(infos)
        await self._say_goodbye(infos)

    async def _say_goodbye(self, infos: Sequence[ServiceInfo]) -> None:
        moves = self._moves
        for turn in range(TIMES if infos else 0):
            if turn:
                await asyncio.sleep(GOODBYE_EVERY)
                if moves != self._moves:
                    return  # whoever listens now never heard of them
            out = DNSOutgoing(ANSWER)
            for info in infos:
                out.add_answer_at_time(info.dns_pointer(override_ttl=0), 0)
                out.add_answer_at_time(info.dns_service(override_ttl=0), 0)
                for address in info.dns_addresses(override_ttl=0):
                    out.add_answer_at_time(address, 0)
            self._zeroconf.zeroconf.async_send(out)


def _is_goodbye(record: DNSRecord) -> bool:
    return record.ttl == 0


def ways(version: IPVersion, interfaces: Sequence[Interface]) -> list[str | int]:
    """Return what zeroconf calls these interfaces: all addresses of IPv4, one for a card of IPv6.

    For a card, its link-local address is best: who is spoken to from there learns the card. Where
    another card has the same one, only the card's number tells them apart.
    """
    if version is IPVersion.V4Only:
        return [str(one.address) for one in interfaces if one.address.version == 4]
    six = [one for one in interfaces if one.address.version == 6 and one.index]
    shared = Counter(one.address for one in six)
    found: dict[int, str | int] = {one.index: one.index for one in six}
    for one in six:
        if one.address.is_link_local and shared[one.address] == 1:
            found[one.index] = str(one.address)
    return list(found.values())

"""What zeroconf puts off, and what became of it meanwhile: the real one, on a pretend wire.

    question --> zeroconf --[ put off ]--> still so? --> Cable.said

No socket is opened. What is said is heard again, as a network card does with multicast.
"""

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

import pytest
from zeroconf import DNSIncoming, IPVersion, ServiceInfo

from engine.net import voice as voices
from engine.net.ear import TYPE
from engine.net.voice import Voice
from tests.net.wire import message, name, question

US, THEM = ("10.0.0.9", 5353), ("10.0.0.2", 5353)
WITHIN = 20.0  # seconds; a limit against hanging

Story = Callable[["Cable"], Awaitable[None]]


class Cable:
    """What a voice speaks into."""

    is_ipv6 = False

    def __init__(self) -> None:
        self.voice = Voice(IPVersion.V4Only)
        self.said: list[DNSIncoming] = []
        self._zeroconf = self.voice._zeroconf.zeroconf
        self.transport = self  # zeroconf knows a sender by this name
        self._zeroconf.engine.senders.append(self)

    def sendto(self, packet: bytes, _: Any) -> None:
        said = DNSIncoming(packet, US)
        self.said.append(said)
        self._zeroconf.record_manager.async_updates_from_response(said)

    def close(self) -> None:
        """Nothing is open."""

    def hear(self, packet: bytes) -> None:
        asked = [DNSIncoming(packet, THEM)]
        self._zeroconf.query_handler.handle_assembled_query(asked, *THEM, None, ())
        assert self._put_off, "it answers later"

    async def speaks_its_mind(self) -> list[DNSIncoming]:
        """What is said until nothing is put off any more."""
        told = len(self.said)
        async with asyncio.timeout(WITHIN):
            while self._put_off:
                await asyncio.sleep(0.01)
        return self.said[told:]

    @property
    def _put_off(self) -> bool:
        return bool(self._zeroconf.out_queue.queue or self._zeroconf.out_delay_queue.queue)


@pytest.fixture
def play(monkeypatch) -> Callable[[Story], None]:
    monkeypatch.setattr("zeroconf._core.create_sockets", lambda *_, **__: (None, []))
    monkeypatch.setattr(voices, "ANNOUNCE_EVERY", 0)
    monkeypatch.setattr(voices, "GOODBYE_EVERY", 0)

    async def tell(story: Story) -> None:
        cable = Cable()
        await cable._zeroconf.async_wait_for_start()
        await story(cable)
        await cable.voice.close()

    return lambda story: asyncio.run(tell(story))


def info(instance: str, text: bytes, address: str = "10.0.0.9") -> ServiceInfo:
    return ServiceInfo(
        TYPE,
        f"{instance}.{TYPE}",
        port=6000,
        properties={"n": text},
        server=f"{instance}-host.local.",
        addresses=[ip_address(address).packed],
    )


async def announce(cable: Cable, *infos: ServiceInfo) -> None:
    for one in infos:
        cable.voice.answer_for(one)
        await cable.voice.announce(one.name)


def kinds(packet: DNSIncoming) -> set[str]:
    return {type(one).__name__ for one in packet.answers()}


def test_an_answer_that_was_put_off_is_said(play):
    """The control for the tests below."""

    async def story(cable: Cable) -> None:
        await announce(cable, info("us", b"Alice"))
        cable.hear(question())
        [late] = await cable.speaks_its_mind()
        assert kinds(late) >= {"DNSPointer", "DNSService", "DNSText", "DNSAddress"}
        assert b"Alice" in late.data

    play(story)


def test_what_was_withdrawn_meanwhile_is_not_said_after_the_goodbye(play):
    async def story(cable: Cable) -> None:
        await announce(cable, info("us", b"Alice"))
        cable.hear(question())
        await cable.voice.withdraw(f"us.{TYPE}")
        assert await cable.speaks_its_mind() == []

    play(story)


def test_a_late_answer_tells_of_the_new_announcement_alone(play):
    async def story(cable: Cable) -> None:
        await announce(cable, info("old", b"Alice"), info("new", b"Alicia"))
        cable.hear(question())
        await cable.voice.withdraw(f"old.{TYPE}")
        [late] = await cable.speaks_its_mind()
        assert b"Alicia" in late.data
        assert kinds(late) >= {"DNSPointer", "DNSService", "DNSText", "DNSAddress"}
        for text in (b"old", b"Alice"):
            assert text not in late.data

    play(story)


def test_a_late_answer_does_not_tell_an_address_of_before(play):
    async def story(cable: Cable) -> None:
        await announce(cable, info("us", b"Alice"))
        cable.hear(question())
        cable.voice.answer_for(info("us", b"Alice", "10.1.0.9"))
        late = await cable.speaks_its_mind()
        assert all(ip_address("10.0.0.9").packed not in packet.data for packet in late)

    play(story)


def test_nobody_learns_late_that_our_kind_of_service_was_here(play):
    async def story(cable: Cable) -> None:
        kinds_there_are = message(0, [(name("_services._dns-sd._udp.local"), 12)])
        await announce(cable, info("us", b"Alice"))
        cable.hear(kinds_there_are)
        [late] = await cable.speaks_its_mind()
        assert [one.alias for one in late.answers()] == [TYPE]
        cable.hear(kinds_there_are)
        await cable.voice.withdraw(f"us.{TYPE}")
        assert await cable.speaks_its_mind() == []

    play(story)

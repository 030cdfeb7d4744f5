"""What we say by mDNS, packet by packet; no socket is opened."""

import asyncio
import errno
from ipaddress import ip_address, ip_interface
from types import SimpleNamespace

import pytest
from zeroconf import DNSIncoming, DNSOutgoing, IPVersion, ServiceInfo, ServiceRegistry, Zeroconf

from engine.net import voice as voices
from engine.net.ear import TYPE
from engine.net.interfaces import Interface
from engine.net.voice import Voice, ways


class Mute(Zeroconf):
    """zeroconf without a network: what it would send is kept."""

    def __init__(self, interfaces: list[str], ip_version: IPVersion) -> None:
        assert interfaces == []
        self.registry = ServiceRegistry()
        self.sent: list[DNSIncoming] = []

    def async_send(self, out: DNSOutgoing, *_: object) -> None:
        self.sent += [DNSIncoming(packet) for packet in out.packets()]


class MuteAsync:
    def __init__(self, zc: Mute) -> None:
        self.zeroconf = zc
        self.used: list[list[str | int]] = []
        self.closed = False

    async def async_update_interfaces(self, interfaces: list[str | int]) -> None:
        self.used.append(interfaces)
        if "10.0.0.66" in interfaces:
            raise OSError(errno.ENODEV, "no such device")

    async def async_close(self) -> None:
        self.closed = True


@pytest.fixture
def voice(monkeypatch) -> SimpleNamespace:
    monkeypatch.setattr(voices, "AsyncZeroconf", MuteAsync)
    monkeypatch.setattr(voices, "UpToDate", Mute)
    monkeypatch.setattr(voices, "ANNOUNCE_EVERY", 0)
    monkeypatch.setattr(voices, "GOODBYE_EVERY", 0)
    made = Voice(IPVersion.V4Only)
    inner = made._zeroconf
    return SimpleNamespace(it=made, inner=inner, sent=inner.zeroconf.sent)


def info(instance: str = "us", text: bytes = b"secret name") -> ServiceInfo:
    return ServiceInfo(
        TYPE,
        f"{instance}.{TYPE}",
        port=6000,
        properties={"n": text},
        server=f"{instance}-host.local.",
        addresses=[ip_address("10.0.0.9").packed, ip_address("fe80::9").packed],
    )


def records(packet: DNSIncoming) -> set[tuple[str, str, int]]:
    return {(type(one).__name__, one.name, one.ttl) for one in packet.answers()}


def test_an_announcement_says_everything_three_times(voice):
    voice.it.answer_for(info())
    asyncio.run(voice.it.announce(f"us.{TYPE}"))
    assert len(voice.sent) == 3
    for packet in voice.sent:
        assert {kind for kind, _, _ in records(packet)} == {
            "DNSPointer", "DNSService", "DNSText", "DNSAddress",
        }  # fmt: skip
        assert b"secret name" in packet.data


def test_a_goodbye_names_the_instance_and_not_what_it_said(voice):
    voice.it.answer_for(info())
    asyncio.run(voice.it.withdraw(f"us.{TYPE}"))
    assert len(voice.sent) == 3
    for packet in voice.sent:
        assert records(packet) == {
            ("DNSPointer", TYPE, 0),
            ("DNSService", f"us.{TYPE}", 0),
            ("DNSAddress", "us-host.local.", 0),
        }
        assert b"secret name" not in packet.data
    assert voice.inner.zeroconf.registry.async_get_service_infos() == []


def test_who_is_not_announced_needs_no_goodbye(voice):
    asyncio.run(voice.it.withdraw(f"us.{TYPE}"))
    asyncio.run(voice.it.announce(f"us.{TYPE}"))
    assert voice.sent == []


def test_what_is_withdrawn_meanwhile_is_not_announced_any_more(voice):
    async def both() -> None:
        announcing = asyncio.create_task(voice.it.announce(f"us.{TYPE}"))
        await asyncio.sleep(0)
        voice.inner.zeroconf.registry.async_remove(info())
        await announcing

    voice.it.answer_for(info())
    asyncio.run(both())
    assert len(voice.sent) == 1


def test_the_newest_word_about_an_instance_counts(voice):
    voice.it.answer_for(info(text=b"old"))
    voice.it.answer_for(info(text=b"new"))
    asyncio.run(voice.it.announce(f"us.{TYPE}"))
    assert all(b"n=new" in packet.data for packet in voice.sent)


def test_the_end_says_goodbye_for_all(voice):
    for name in ("one", "other"):
        voice.it.answer_for(info(name))
    asyncio.run(voice.it.close())
    assert len(voice.sent) == 3
    assert {("DNSService", f"{name}.{TYPE}", 0) for name in ("one", "other")} <= records(
        voice.sent[0]
    )
    assert voice.inner.closed


def test_what_is_taken_down_is_not_answered_for_and_gets_no_goodbye(voice):
    registry = voice.inner.zeroconf.registry
    for name in ("one", "other"):
        voice.it.answer_for(info(name))
    taken = voice.it.take_down(but=f"Other.{TYPE}")
    assert [one.name for one in taken] == [f"one.{TYPE}"]
    assert [one.name for one in registry.async_get_service_infos()] == [f"other.{TYPE}"]
    asyncio.run(voice.it.withdraw(f"one.{TYPE}"))
    asyncio.run(voice.it.announce(f"one.{TYPE}"))
    assert voice.sent == []
    assert [one.name for one in voice.it.take_down(but=None)] == [f"other.{TYPE}"]
    assert registry.async_get_service_infos() == []


def test_a_goodbye_is_said_where_we_stayed_and_only_there(voice):
    for stayed, times in (("10.0.0.9/24", 3), ("fe80::9/64", 0), ("10.0.0.66/24", 0)):
        voice.it.answer_for(info())
        voice.sent.clear()
        asyncio.run(voice.it.part([interface(stayed)], voice.it.take_down(but=None)))
        assert len(voice.sent) == times, stayed
    assert voice.inner.used == [["10.0.0.9"], ["10.0.0.66"]]


def test_a_goodbye_is_broken_off_when_we_move(voice):
    async def both() -> None:
        leaving = asyncio.create_task(voice.it.withdraw(f"us.{TYPE}"))
        await asyncio.sleep(0)
        voice.it.take_down(but=None)
        await leaving

    voice.it.answer_for(info())
    asyncio.run(both())
    assert len(voice.sent) == 1


def test_an_address_that_is_gone_already_is_tried_again_later(voice):
    gone = interface("10.0.0.66/24")
    asyncio.run(voice.it.use([gone]))
    asyncio.run(voice.it.use([]))
    assert voice.inner.used == [["10.0.0.66"], []]


def interface(text: str, index: int = 2) -> Interface:
    one = ip_interface(text)
    return Interface(f"eth{index}", index, one.ip, one.network)


def test_ipv4_is_spoken_from_every_address():
    found = [interface(text) for text in ("10.0.0.9/24", "fe80::9/64", "10.1.0.9/24")]
    assert ways(IPVersion.V4Only, found) == ["10.0.0.9", "10.1.0.9"]


def test_ipv6_is_spoken_once_on_each_card_from_its_own_address():
    found = [
        interface("fd00::9/64", 2),
        interface("fe80::9/64", 2),
        interface("10.0.0.9/24", 2),
        interface("fd01::9/64", 3),
    ]
    assert ways(IPVersion.V6Only, found) == ["fe80::9", 3]


def test_two_cards_with_one_link_local_address_are_told_apart():
    found = [interface("fe80::9/64", 2), interface("fe80::9/64", 3)]
    assert ways(IPVersion.V6Only, found) == [2, 3]


def test_without_a_network_nothing_is_spoken():
    assert ways(IPVersion.V4Only, []) == ways(IPVersion.V6Only, []) == []

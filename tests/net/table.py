"""A table of neighbours, fed by hand: every time and every packet is the test's."""

from collections.abc import Sequence
from ipaddress import ip_address, ip_interface

from engine.net.announcements import (
    Gone,
    HostAddress,
    Pointer,
    Question,
    Record,
    Service,
    Sighting,
    Text,
)
from engine.net.interfaces import Interface
from engine.net.neighbours import Neighbours

TXT = b"\x03v=1"
LIFE = 120.0


def interface(text: str, card: str = "eth0", index: int = 2) -> Interface:
    one = ip_interface(text)
    return Interface(card, index, one.ip, one.network)


HOME = (interface("192.168.1.9/24"), interface("fe80::9/64"), interface("fd00::9/64"))


class Table:
    """Neighbours, and a clock that stands still."""

    def __init__(self, *networks: Interface) -> None:
        self.now = 1_000.0
        self.own: list[str] = []
        self.neighbours = Neighbours(now=self.now, chance=lambda: 0.5, own=self.own)
        self.neighbours.move_to(networks or HOME)

    def hear(self, *records: Record, source: str = "192.168.1.2") -> None:
        self.neighbours.hear(records, ip_address(source), self.now)

    def news(self, *, after: float = 0.0) -> list[Sighting | Gone]:
        self.now += after
        return self.neighbours.changes(self.now)

    def questions(self, *, after: float = 0.0) -> list[Question]:
        self.now += after
        return self.neighbours.questions(self.now)

    def meet(self, name: str = "bob", source: str = "192.168.1.2") -> None:
        self.hear(*announced(name, source), source=source)
        [seen] = self.news()
        assert isinstance(seen, Sighting)


def announced(
    name: str = "bob", *addresses: str, text: bytes = TXT, life: float = LIFE, port: int = 6000
) -> list[Record]:
    return [
        Pointer(name, 4_500 if life else 0),
        Service(name, f"{name}.local.", port, life),
        Text(name, text, life),
        *(at(f"{name}.local.", address, life=life) for address in addresses or ["192.168.1.2"]),
    ]


def at(host: str, text: str, *, life: float = LIFE) -> HostAddress:
    address, _, scope = text.partition("%")
    return HostAddress(host, ip_address(address), int(scope or 0), life)


def places(news: Sequence[Sighting | Gone]) -> list[str]:
    [seen] = news
    assert isinstance(seen, Sighting)
    return [place.host for place in seen.places]

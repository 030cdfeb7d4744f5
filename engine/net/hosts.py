"""Where others may reach us: the addresses of this machine, as people write them."""

from typing import Final

import ifaddr

from engine.net import interfaces
from engine.protocol.invite import HostPort

MAX_INVITED: Final = 4  # places in an invite: more would make its code too fine for a camera

_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104  # compared, not bound


def own_places(host: str | None, port: int) -> list[HostPort]:
    """What to tell somebody who wants to reach us; IPv4 first, since it is read out loud.

    ``host`` is what we listen on, None for everything. Loopback is named only when nothing else is.
    """
    if host is not None and host not in _EVERYWHERE:
        return [HostPort(host, port)]
    four, six = [], []
    for adapter in ifaddr.get_adapters():
        for address in adapter.ips:
            if isinstance(address.ip, str):
                if not address.ip.startswith("127."):
                    four.append(HostPort(address.ip, port))
            elif not address.ip[0].startswith(("fe80", "::1")):
                six.append(HostPort(address.ip[0], port))
    return four + six or [HostPort("127.0.0.1", port)]


def invite_places(host: str | None, port: int) -> list[HostPort]:
    """Where to look for us, for somebody who holds our invite: the likeliest first, and few.

    Cards that nothing is connected to are left out. A link-local address comes last, with the name
    of our card: it helps only whoever calls theirs the same.
    """
    if host is not None and host not in _EVERYWHERE:
        return [HostPort(host, port)]
    try:
        cards = interfaces.look()
    except OSError:
        cards = ()
    likely = sorted(cards, key=lambda one: (one.address.is_link_local, one.address.version))
    places = [HostPort(_written(one), port) for one in likely]
    return places[:MAX_INVITED] or own_places(host, port)


def _written(one: interfaces.Interface) -> str:
    scoped = one.address.version == 6 and one.address.is_link_local
    return f"{one.address}%{one.card}" if scoped else str(one.address)

"""Where others may reach us: the addresses of this machine, as people write them."""

import ifaddr

from engine.protocol.invite import HostPort


def own_places(host: str | None, port: int) -> list[HostPort]:
    """What to tell somebody who wants to reach us; IPv4 first, since it is read out loud.

    ``host`` is what we listen on, None for everything. Loopback is named only when nothing else is.
    """
    if host is not None and host not in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
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

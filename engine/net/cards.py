"""What kind of network card a name stands for, as far as names tell."""

import re
from collections.abc import Sequence
from typing import Final

from engine.net.interfaces import Interface

# Nobody of this network is behind these: containers, virtual machines ...
_INNER: Final = re.compile(
    r"docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|flannel|cali|podman", re.I
)
# ... and tunnels to somewhere else.
_TUNNELS: Final = re.compile(
    r"tun|tap|wg|utun|ppp|ipsec|tailscale|zt|nordlynx|proton|mullvad|nebula|gpd|cscotun"
    r"|.*\b(vpn|wireguard|openvpn|tap-windows)\b",
    re.I,
)


def is_tunnel(card: str) -> bool:
    """Say whether a card of this name is a VPN's, as far as names tell."""
    return _TUNNELS.match(card) is not None


def is_outer(card: str) -> bool:
    """Say whether people of this network may be behind a card of this name."""
    return not _INNER.match(card) and not is_tunnel(card)


def outer(cards: Sequence[Interface]) -> tuple[Interface, ...]:
    """Those behind which people may be; all when there is none such."""
    return tuple(one for one in cards if is_outer(one.card)) or tuple(cards)

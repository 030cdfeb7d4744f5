"""Another device on the network, which speaks mDNS and is no p2pchat; it ends with its input.

python -m tests.net.printer 10.99.0.2
"""

import socket
import sys

from zeroconf import ServiceInfo, Zeroconf


def main(address: str) -> None:
    zeroconf = Zeroconf(interfaces=[address])
    zeroconf.register_service(
        ServiceInfo(
            "_ipp._tcp.local.",
            "Printer._ipp._tcp.local.",
            port=631,
            addresses=[socket.inet_aton(address)],
            server="printer.local.",
        )
    )
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])

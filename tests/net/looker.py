"""A program that only looks who is on its network, for tests to start in a namespace.

    python -m tests.net.looker PORT [ADDRESS ...]

Each line it reads is a command: {"announce": {"key": "hex", ...}}, the same as {"only_here": ...},
{"announce": null}, "looked", "stop". Each line it writes is an event: {"seen": instance, "places":
[...], "txt": {...}}, {"gone": instance}, {"looked": [...]}, {"moved": [...]}, {"ready": true},
{"unavailable": why}, {"stopped": true}.
"""

import json
import sys
import time

from gevent.fileobject import FileObject

from engine.net.discovery import Discovery, DiscoveryUnavailable, Sighting


def tell(**event: object) -> None:
    print(json.dumps({**event, "at": time.monotonic()}), flush=True)


def seen(sighting: Sighting) -> None:
    tell(
        seen=sighting.instance,
        places=[str(place) for place in sighting.places],
        txt={key: value.hex() for key, value in sighting.txt.items()},
    )


def main() -> None:
    discovery = Discovery(
        port=int(sys.argv[1]),
        on_seen=seen,
        on_gone=lambda instance: tell(gone=instance),
        on_moved=lambda: tell(moved=discovery.looked_at),
        interfaces=sys.argv[2:] or None,
    )
    try:
        discovery.start()
    except DiscoveryUnavailable as error:
        tell(unavailable=str(error))
        return
    tell(ready=True)
    for line in FileObject(sys.stdin):
        match json.loads(line):
            case {"announce": None}:
                discovery.announce(None)
            case {"announce": pairs}:
                discovery.announce({key: bytes.fromhex(value) for key, value in pairs.items()})
            case {"only_here": pairs}:
                txt = {key: bytes.fromhex(value) for key, value in pairs.items()}
                discovery.announce(txt, only_here=True)
            case "looked":
                tell(looked=discovery.looked_at)
            case "stop":
                break
    discovery.stop()
    tell(stopped=True)


if __name__ == "__main__":
    main()

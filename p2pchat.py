"""p2pchat: private chat for people who share a network. Start here.

    python p2pchat.py --identity data/alice.key
    python p2pchat.py doctor                       why does nobody appear?
    python p2pchat.py backup FILE                  everything into one file, and
    python p2pchat.py restore FILE                 out of it again

This file only introduces the parts to each other; ARCHITECTURE.md has the map. It reads the
arguments, takes the identity's lock, opens its key and database, lets peers and the page in, says
where, and waits for the signal to stop. What cannot be started is said in one line (exit code 2).
"""

import argparse
import logging
import secrets
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final, NoReturn

INTERRUPTED: Final = 130  # the exit code that shells know for Ctrl-C

try:
    import gevent
    from gevent.event import Event

    from engine import system
    from engine.chat.connect import target_of
    from engine.chat.consultation import check_alone
    from engine.chat.errors import Refused
    from engine.chat.node import Node
    from engine.store import offline, placing, runfile
    from engine.store.database import StoreError
    from engine.store.places import IdentityLock, Places, default_key
    from engine.store.unlock import unlock
    from engine.web import arguments, browser, consult, handover
    from engine.web.arguments import PEER_PORT, WEB_PORT
    from engine.web.server import WebServer
    from engine.web.sessions import Sessions
    from identity import AlreadyRunning, Identity, IdentityError
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)
except ImportError as missing:
    sys.exit(
        f"p2pchat: {missing}\n"
        "Install what it needs first: .venv/bin/pip install -r requirements.txt "
        "(Python 3.11 or newer; cryptography 48 or newer)"
    )

ROOT: Final = Path(__file__).resolve().parent
HANDOVER_WITHIN: Final = 5.0  # seconds

log = logging.getLogger("p2pchat")


def main() -> int:
    options = arguments.parse()
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if options.web_host not in ("127.0.0.1", "localhost"):
        refuse("--web-host: the page is for this computer alone, so only 127.0.0.1 is allowed")
    try:
        options.connect = [target_of(argument) for argument in options.connect]
        places = Places.beside(options.identity or default_key(ROOT))
        if options.command == "doctor":
            at = {"port": options.port or PEER_PORT, "host": options.host}
            alone = partial(
                check_alone, **at, may_speak=not options.no_discovery, identity=options.identity
            )
            return consult.consult(places.api, alone, address=next(iter(options.connect), ""))
        if options.command == "backup":
            running = partial(handover.backup, places.api)
            return offline.back_up(places, options.file, options.passphrase_file, running)
        if options.command == "restore":
            return offline.bring_back(places, options.file, options.passphrase_file)
        lock = lock_or_link(places)
        if isinstance(lock, str):  # it runs already, and a second start is never a second life
            for address in options.connect:
                try:
                    handover.connect(places.api, address)
                except handover.HandoverFailed as failed:
                    log.warning("--connect: %s", failed)
            if options.no_browser or not browser.open_browser(lock, folder=places.key.parent):
                print(f"p2pchat is running already: {lock}", flush=True)
            return 0
        try:
            return serve(options, places, lock)
        finally:
            lock.release()
    except KeyboardInterrupt:  # while it asked for the passphrase
        return INTERRUPTED
    except (IdentityError, StoreError, handover.Declined) as error:
        refuse(str(error))
    except OSError as error:  # a port or a file that is not to be had
        refuse(": ".join(filter(None, (error.filename, error.strerror))) or str(error))


def serve(options: argparse.Namespace, places: Places, lock: IdentityLock) -> int:
    """Run until SIGINT or SIGTERM. Raises IdentityError, StoreUnreadable, OSError."""
    system.raise_descriptor_limit()
    placing.finish(places)
    places.sweep()
    me: Identity | None = unlock(places, options.passphrase_file)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stop.set)
    options.token = secrets.token_hex(32)
    options.sessions = Sessions(api_token=options.token)
    while me is not None and not stop.is_set():
        me = run(options, places, me, stop).safe.finish(lock)
        # The page that is open goes on; what was asked for was asked of who ran until now.
        options.no_browser, options.name, options.visibility, options.connect = True, None, None, []
    return 0


def run(options: argparse.Namespace, places: Places, me: Identity, stop: Event) -> Node:
    """One life of the program, until it is stopped or ends by itself; the node it was."""
    ended = Event()
    node = Node(me, places.database, places=places, on_end=ended.set)
    try:
        if options.name is not None:
            node.set_name(options.name)
        if options.visibility is not None:
            node.set_visibility(options.visibility)
        port, asked = (PEER_PORT, False) if options.port is None else (options.port, True)
        discover = not options.no_discovery
        node.start(options.host, port, port_was_asked=asked, discover=discover)
        port, asked = (WEB_PORT, False) if options.web_port is None else (options.web_port, True)
        web = WebServer(node, port=port, port_was_asked=asked, root=ROOT, sessions=options.sessions)
        try:
            web.start()
            options.port, options.web_port = node.me().port, web.port
            runfile.write(places.api, url=web.url, token=options.token, port=options.port)
            link = web.new_link()
            print(f"p2pchat ready: {link}  peers connect to {node.me().hosts[0]}", flush=True)
            if not options.no_browser:
                gevent.spawn(browser.open_browser, link, folder=places.key.parent)
            for address in options.connect:
                gevent.spawn(reach, node, address)
            gevent.wait([stop, ended], count=1)
        finally:
            runfile.remove(places.api)
            browser.remove_page(web.url, folder=places.key.parent)
            web.stop()
    except Refused as refused:
        refuse(refused.sentence)
    finally:
        node.stop()
    return node


def reach(node: Node, address: str) -> None:
    """Carry out one ``--connect``."""
    try:
        found = node.connect(address)
    except Refused as refused:
        log.warning("--connect: %s", refused.sentence)
    else:
        log.info("--connect: %s %s", found.state, found.address[:7])


def lock_or_link(places: Places) -> IdentityLock | str:
    """The identity's lock, or a link to the page of who holds it. Raises IdentityError.

    That program may be starting or ending at this very moment, so it is given some time.
    """
    end = time.monotonic() + HANDOVER_WITHIN
    while True:
        try:
            return IdentityLock.acquire(places.lock)
        except AlreadyRunning as running:
            try:
                return handover.fresh_link(places.api)
            except handover.HandoverFailed:
                if time.monotonic() > end:
                    raise running from None
        time.sleep(0.1)


def refuse(line: str) -> NoReturn:
    print(f"p2pchat: {line}", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    sys.exit(main())

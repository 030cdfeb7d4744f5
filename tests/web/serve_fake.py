"""Serves the real web room over a FakeNode, for tests that need a process of their own.

Prints one line of JSON (url, token, link), then obeys lines on standard input:

    link        a fresh link                   sent        the texts in the order they were taken
    event       somebody asks for contact      break       from now on the node fails on purpose
    hold CALL   let a call of the node wait    waiting     the calls that wait
    free CALL   let it go on                   stop        stop and exit

Each answers with one line of JSON. The log goes to standard error, all of it.

With --no-gate it is the control of the attack tests: the same server without the gate, without
the headers, and with a CORS header for everybody.
"""

import argparse
import json
import logging
import os
import sys
from pathlib import Path

import gevent
import gevent.fileobject

from engine.web import answers
from engine.web.answers import Refusal
from engine.web.handler import Handler
from engine.web.limits import Limits
from engine.web.server import WebServer
from tests.web.fake_node import FakeNode

ROOT = Path(__file__).parents[2]


class OpenHandler(Handler):
    """No gate and no headers: what the attacks are proven against."""

    def _judge(self) -> Refusal | None:
        return None

    def run_application(self) -> None:
        if self.command == "OPTIONS":  # a browser asks before it sends JSON elsewhere
            self.start_response("204 No Content", [])
            self.write(b"")
        else:
            super().run_application()

    def start_response(self, status, headers, exc_info=None):
        every, answers.security_headers = answers.security_headers, lambda port: []
        try:
            origin = self.environ.get("HTTP_ORIGIN", "*")
            open_headers = [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Headers", "authorization,content-type"),
                ("Access-Control-Allow-Methods", "GET,POST,DELETE"),
            ]
            return super().start_response(status, [*headers, *open_headers], exc_info)
        finally:
            answers.security_headers = every

    def upgrade_connection(self):
        super().upgrade_connection()
        if "HTTP_SEC_WEBSOCKET_PROTOCOL" not in self.environ:
            # A browser refuses a subprotocol that it did not offer.
            self.response_headers = [
                pair for pair in self.response_headers if pair[0] != b"Sec-WebSocket-Protocol"
            ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-gate", action="store_true")
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--limits", type=json.loads, default={})
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG)

    node = FakeNode()
    token = os.urandom(32).hex()
    server = WebServer(
        node,
        port=0,
        port_was_asked=True,
        root=arguments.root,
        api_token=token,
        limits=Limits(**arguments.limits),
    )
    if arguments.no_gate:
        server.handler_class = OpenHandler
    server.start()
    say({"url": server.url, "token": token, "link": server.new_link()})
    for line in gevent.fileobject.FileObject(sys.stdin, "r"):
        match line.split():
            case ["link"]:
                say(server.new_link())
            case ["sent"]:
                say(node.committed)
            case ["event"]:
                say(node.someone_asks())
            case ["break"]:
                node.people = None
                say(None)
            case ["hold", call]:
                node.hold(call)
                say(None)
            case ["waiting"]:
                say(node.waiting)
            case ["free", call]:
                node.gates.pop(call).set()
                say(None)
            case ["stop"]:
                break
    server.stop(timeout=2)


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()

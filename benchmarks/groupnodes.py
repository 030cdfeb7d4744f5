"""Several whole nodes in one process, told on stdin what to do: ``benchmarks/groups.py`` runs some.

A line in is JSON [command, arguments...], a line out its answer; besides, ["all have", text] with
the times at which each node here had a message on disk (the clock is the same in all processes).
"""

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import gevent
from gevent.fileobject import FileObjectThread

from contacts import Contact, Relation
from engine.chat.answering import group_id
from engine.chat.events import MessageAdded
from engine.chat.groupvoice import Said
from engine.chat.livegroups import LiveGroup
from engine.chat.node import Node
from engine.net.connection import Connection
from engine.protocol import contents, groupevent, grouplog, grouprecords
from engine.protocol.channel import Channel
from engine.protocol.grouprecords import GROUP_IDS, GROUP_STATE, GroupRecord
from engine.protocol.invite import HostPort
from engine.store import people
from engine.store.database import Database
from engine.store.people import Known
from identity import Identity, Secret

HOST = "127.0.0.1"
TEXT = groupevent.FIRST_CONTENT + 1


def person(number: int) -> Identity:
    """The same in every process."""
    seed = Secret(hashlib.sha256(b"benchmark %d" % number).digest())
    return Identity.from_seed(seed, seed, protected=False)


class Wire:
    """What is sent from here: records of groups, and all that is sealed into frames."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.records: dict[str, int] = {}
        self.record_bytes = 0
        self.sealed_bytes = 0
        send, seal = Connection.send, Channel.send
        wire = self

        def counting_send(connection: Connection, *bodies: Any) -> None:
            for body in bodies:
                if isinstance(body, GroupRecord):
                    wire.began = wire.began or time.perf_counter()
                    name = type(body).__name__
                    wire.records[name] = wire.records.get(name, 0) + 1
                    wire.record_bytes += 4 + len(grouprecords.encode(body)[1])
            send(connection, *bodies)

        def counting_seal(channel: Channel, batch: Any) -> None:
            waiting = len(channel._output)
            seal(channel, batch)
            if any(GROUP_STATE <= kind <= GROUP_IDS for kind, _body in batch):
                wire.sealed_bytes += sum(map(len, channel._output[waiting:]))

        Connection.send = counting_send  # type: ignore[method-assign]
        Channel.send = counting_seal  # type: ignore[assignment,method-assign]


class Host:
    def __init__(self, folder: str, ports: list[int], mine: list[int]) -> None:
        """Of the people 0, 1, 2 ... (their ``ports``), those in ``mine`` are here. Everybody is a
        contact of number 0, and of nobody else."""
        self._folder, self._ports = Path(folder), ports
        self._wire = Wire()
        self._heard: dict[str, list[float]] = {}
        self._mine = mine
        self._nodes: dict[int, Node] = {}
        for number in mine:
            known = range(1, len(ports)) if number == 0 else [0]
            self._introduce(number, list(known))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.db"

    def _introduce(self, number: int, others: list[int]) -> None:
        database = Database(self._path(number), person(number).database_key)
        for other in others:
            contact = Contact(
                person(other).peer, 0, own_name=f"Person {other}", relation=Relation.CONTACT
            )
            known = Known(contact, places=(HostPort(HOST, self._ports[other]),))
            database.write(lambda db, known=known: people.save(db, known, 0))
        database.close()

    def start(self, number: int) -> None:
        node = self._nodes[number] = Node(person(number), self._path(number))
        told = node.subscribe()
        gevent.spawn(self._listen, told)
        node.start(HOST, self._ports[number], port_was_asked=True)

    def start_all(self) -> None:
        for number in self._mine:
            self.start(number)

    def stop(self, number: int) -> None:
        self._nodes.pop(number).stop()

    def stop_all(self) -> None:
        for number in list(self._nodes):
            self.stop(number)

    def linked(self, number: int) -> int:
        return len(self._nodes[number]._peers.linked())

    def make(self, number: int, others: list[int]) -> str:
        addresses = [person(other).peer.address for other in others]
        return self._nodes[number].make_group("Friends", addresses).chat

    def members(self, chat: str) -> list[int]:
        """As each of the nodes here sees it."""
        live = [self._live(number, chat) for number in self._nodes]
        return [0 if one is None else len(one.shelf.members()) for one in live]

    def fill(self, number: int, chat: str, count: int) -> None:
        """Say so many things, in few transactions."""
        live = self._live(number, chat)
        assert live is not None
        for at in range(0, count, 1_000):
            said = []
            for turn in range(at, min(count, at + 1_000)):
                body = contents.encode_text(f"{turn} ".ljust(100, "x"))
                content = grouplog.pack_content(os.urandom(groupevent.SALT_SIZE), body)
                said.append(Said(TEXT, content=content))
            self._nodes[number]._grouping.voice.say(live, lambda _db, _chat, said=said: said)

    def post(self, number: int, chat: str, text: str) -> float:
        began = time.perf_counter()
        self._nodes[number].send(chat, text)
        return began

    def digest(self, number: int, chat: str) -> str:
        live = self._live(number, chat)
        return "" if live is None else live.shelf.digest.hex()

    def when(self, number: int, chat: str, digest: str) -> float:
        """Wait until this node has it all: when that was."""
        while self.digest(number, chat) != digest:
            gevent.sleep(0.001)
        return time.perf_counter()

    def wire(self) -> dict[str, Any]:
        """What was sent since the last time."""
        sent = {
            "began": self._wire.began,
            "records": self._wire.records,
            "record_bytes": self._wire.record_bytes,
            "sealed_bytes": self._wire.sealed_bytes,
        }
        self._wire.began, self._wire.records = None, {}
        self._wire.record_bytes = self._wire.sealed_bytes = 0
        return sent

    def _live(self, number: int, chat: str) -> LiveGroup | None:
        found = self._nodes[number]._grouping.live
        return next((one for one in found if one.is_shown and group_id(one.gid) == chat), None)

    def _listen(self, told: Any) -> None:
        while True:
            for event in told.get():
                if isinstance(event, MessageAdded) and event.message.kind == "text":
                    times = self._heard.setdefault(event.message.text, [])
                    times.append(time.perf_counter())
                    if len(times) == len(self._mine):
                        say(["all have", event.message.text, times])


def say(value: Any) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def main() -> None:
    host = Host(*json.loads(sys.argv[1]))
    for line in FileObjectThread(sys.stdin.buffer, "rb"):
        command, *arguments = json.loads(line)
        if command == "end":
            break
        say(["answer", getattr(host, command)(*arguments)])
    host.stop_all()


if __name__ == "__main__":
    main()

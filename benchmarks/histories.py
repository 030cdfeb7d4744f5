"""Histories of groups to measure with: signed by people with keys of their own, as real ones are.

    history = History(); history.found(); event = history.act(person, groupevent.ADD, body)

Acts between two calls of ``meet`` stand beside each other, as if nobody had heard the others.
"""

import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.protocol import groupacts, groupevent, grouplog
from engine.protocol.groupacts import Add, Role
from engine.protocol.groupevent import GroupEvent
from identity import Identity, PeerId

TEXT = groupevent.FIRST_CONTENT + 1


def words(text: str) -> bytes:
    return grouplog.pack_content(os.urandom(groupevent.SALT_SIZE), text.encode())


def add_body(peer: PeerId, role: Role = Role.MEMBER) -> bytes:
    return groupacts.add_body(Add(peer, role, "", ("192.168.1.7:6000",), history=True))


class History:
    def __init__(self, creator: Identity) -> None:
        self.creator = creator
        self.events: list[GroupEvent] = []
        self._last: dict[PeerId, GroupEvent] = {}
        self._heads: dict[bytes, GroupEvent] = {}
        self._acts: dict[bytes, GroupEvent] = {}  # heads among those about membership
        self._beside: list[GroupEvent] = []
        body = groupacts.create_body("Friends", bytes(groupacts.NONCE_SIZE))
        event = groupevent.write_first(creator, body)
        self.gid = event.id
        self._beside.append(event)
        self.meet()

    def act(
        self, who: Identity, kind: int, body: bytes = b"", content: bytes | None = None
    ) -> GroupEvent:
        last = self._last.get(who.peer)
        heads, acts = dict(self._heads), dict(self._acts)
        event = groupevent.write(
            who,
            gid=self.gid,
            seq=1 if last is None else last.seq + 1,
            prev=None if last is None else last.id,
            parents=list(heads),
            auth=list(acts),
            lamport=1 + max(head.lamport for head in heads.values()),
            ts=0,
            kind=kind,
            body=body,
            content=content,
        )
        self._last[who.peer] = event
        self._beside.append(event)
        return event

    def meet(self) -> None:
        """Everybody hears what was said since the last time."""
        if not self._beside:
            return
        self.events += self._beside
        self._heads = {event.id: event for event in self._beside}
        acts = [event for event in self._beside if event.is_membership]
        if acts:
            self._acts = {event.id: event for event in acts}
        self._beside = []

    def says(self, who: Identity, text: str) -> GroupEvent:
        event = self.act(who, TEXT, content=words(text))
        self.meet()
        return event


def crowd(
    members: int,
    acts: int,
    admins: int = 20,
    beside: int = 4,
    people: Sequence[Identity] | None = None,
) -> History:
    """A group with this many members after this many acts: the admins add everybody, then people
    go, come again, become admins and are it no longer; ``beside`` acts at a time cross."""
    people = people or [Identity.generate() for _ in range(members)]
    chance = random.Random(members)
    history = History(people[0])
    beside = min(beside, admins + 1)
    leading, crew = [people[0]], people[1 : admins + 1]
    for one in crew:
        history.act(people[0], groupevent.ADD, add_body(one.peer, Role.ADMIN))
        history.meet()
    leading += crew
    ordinary = people[admins + 1 :]
    pending = [(groupevent.ADD, add_body(one.peer)) for one in ordinary]
    rest = acts - 1 - admins - len(pending)
    moved = [chance.choice(ordinary) for _ in range(rest // 4)]
    _take_turns(history, leading, pending, beside, chance)
    for change in (
        [(groupevent.REMOVE, groupacts.remove_body(one.peer)) for one in dict.fromkeys(moved)],
        [(groupevent.ADD, add_body(one.peer)) for one in dict.fromkeys(moved)],
        [(groupevent.ROLE, groupacts.role_body(one.peer, Role.ADMIN)) for one in moved],
        [(groupevent.ROLE, groupacts.role_body(one.peer, Role.MEMBER)) for one in moved],
    ):
        _take_turns(history, people[:1], change[: acts - len(history.events)], 1, chance)
    while len(history.events) < acts:
        history.act(people[0], groupevent.META, groupacts.name_body(f"{len(history.events)}"))
        history.meet()
    return history


def _take_turns(
    history: History,
    leading: Sequence[Identity],
    changes: Sequence[tuple[int, bytes]],
    beside: int,
    chance: random.Random,
) -> None:
    for at in range(0, len(changes), beside):
        turn = changes[at : at + beside]
        for who, (kind, body) in zip(chance.sample(list(leading), len(turn)), turn, strict=True):
            history.act(who, kind, body)
        history.meet()

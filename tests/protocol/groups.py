"""Members who each hold what they have heard, for tests of groups without a wire.

alice, bob, carol = Replica.group("Alice", 1, 2, 3)
alice.adds(bob)   bob.hears(alice)   bob.says("hi")   bob.members()
"""

from collections.abc import Iterable

from engine.protocol import groupacts, groupevent, membership
from engine.protocol.groupacts import Add, Role
from engine.protocol.groupevent import GroupEvent
from engine.protocol.membership import Membership
from identity import Identity, PeerId
from tests.helpers import person


class Replica:
    """One person's copy of the history, and their honest way to go on from there."""

    def __init__(self, me: Identity, events: Iterable[GroupEvent] = ()) -> None:
        self.me = me
        self.known = {event.id: event for event in events}

    @classmethod
    def founded_by(cls, number: int, name: str = "Friends") -> "Replica":
        founder = cls(person(number))
        event = groupevent.write_first(founder.me, groupacts.create_body(name, bytes(16)))
        founder.known[event.id] = event
        return founder

    @property
    def peer(self) -> PeerId:
        return self.me.peer

    def joined_by(self, number: int, role: Role = Role.MEMBER) -> "Replica":
        """Add somebody, who then knows what we know."""
        other = Replica(person(number))
        self.adds(other, role)
        other.hears(self)
        return other

    # -- what they do

    def adds(self, other: "Replica", role: Role = Role.MEMBER) -> GroupEvent:
        said = Add(other.peer, role, "", (), history=True)
        return self.act(groupevent.ADD, groupacts.add_body(said))

    def removes(self, other: "Replica") -> GroupEvent:
        return self.act(groupevent.REMOVE, groupacts.remove_body(other.peer))

    def gives(self, other: "Replica", role: Role) -> GroupEvent:
        return self.act(groupevent.ROLE, groupacts.role_body(other.peer, role))

    def leaves(self) -> GroupEvent:
        return self.act(groupevent.LEAVE, groupacts.leave_body())

    def names(self, name: str) -> GroupEvent:
        return self.act(groupevent.META, groupacts.name_body(name))

    def says(self, text: str) -> GroupEvent:
        return self.act(groupevent.FIRST_CONTENT, content=bytes(16) + text.encode())

    def act(
        self,
        kind: int,
        body: bytes = b"",
        content: bytes | None = None,
        past: Iterable[GroupEvent] | None = None,
    ) -> GroupEvent:
        """``past``: what they pretend to know, else all they do."""
        known = list(self.known.values() if past is None else past)
        mine = [event for event in self.known.values() if event.author == self.peer]
        last = max(mine, key=lambda event: event.seq, default=None)
        event = groupevent.write(
            self.me,
            gid=known[0].gid,
            seq=1 if last is None else last.seq + 1,
            prev=None if last is None else last.id,
            parents=newest(heads(known, "parents"), groupevent.MAX_PARENTS),
            auth=newest(
                heads([one for one in known if one.is_membership], "auth"), groupevent.MAX_AUTH
            ),
            lamport=1 + max(event.lamport for event in known),
            ts=0,
            kind=kind,
            body=body,
            content=content,
        )
        self.known[event.id] = event
        return event

    def hears(self, *others: "Replica") -> None:
        for other in others:
            self.known |= other.known

    def takes(self, wires: Iterable[bytes]) -> None:
        """What came over a wire."""
        for event in map(groupevent.read, wires):
            self.known[event.id] = event

    def forget_all_but_the_last(self) -> None:
        """Of what has happened, know only where it goes on: for very long histories."""
        first = min(self.known.values(), key=lambda event: event.lamport)
        last = max(self.known.values(), key=lambda event: event.lamport)
        acts = {id_: event for id_, event in self.known.items() if event.is_membership}
        self.known = {first.id: first, **acts, last.id: last}

    # -- what they see

    def view(self) -> Membership:
        return membership.resolve(self.known.values())

    def members(self) -> set[PeerId]:
        return set(self.view().members)

    def role_of(self, other: "Replica") -> Role | None:
        member = self.view().members.get(other.peer)
        return None if member is None else member.role


def heads(events: Iterable[GroupEvent], link: str) -> list[GroupEvent]:
    """Those that no other of them names."""
    events = list(events)
    named = {one for event in events for one in getattr(event, link)}
    return [event for event in events if event.id not in named]


def newest(events: Iterable[GroupEvent], most: int) -> list[bytes]:
    chosen = sorted(events, key=lambda event: event.order)[-most:]
    return sorted(event.id for event in chosen)

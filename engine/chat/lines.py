"""From a message on the disk to the line that is shown: direct chats and groups alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from engine.chat.views import Holder, Mention, Message, Quote, Reaction, System
from engine.protocol import contents
from engine.protocol.contents import Text, Timer
from engine.protocol.life import Version
from engine.store import history
from engine.store.history import State, Stored
from engine.store.wholes import Whole
from identity import PeerId

STATES: Final = {
    State.WAITING: "waiting",
    State.DELIVERED: "delivered",
    State.READ: "read",
    State.FAILED: "failed",
    State.SENT: "sent",
}
MAX_QUOTED: Final = 200  # characters
NameOf = Callable[[PeerId], str]  # "" for ourselves


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a line needs to know of the chat it stands in."""

    chat: str
    me: PeerId
    name_of: NameOf
    author_names: bool  # say with each line who wrote it: where there are many
    system: Callable[[Stored], System | None]  # what a line of the program's own says


class Lines:
    def __init__(self, ends_at: Callable[[int], int]) -> None:
        """``ends_at`` makes a time of the calendar of one by the program's own clock."""
        self._ends_at = ends_at

    def message(self, whole: Whole, around: Surroundings, state: str) -> Message:
        stored, version = whole.stored, whole.text
        content = contents.decode(stored.kind, stored.body)
        text = content if isinstance(content, Text) and not whole.is_deleted else None
        system = _system(stored, content, around)
        own = stored.author == around.me
        reply_to = None if text is None else text.reply_to
        alive = not whole.is_deleted and system is None
        return Message(
            id=stored.id.hex(),
            chat=around.chat,
            author=stored.author.address,
            own=own,
            kind=_kind(whole, version, system),
            text=sentence(system) if system else "" if version is None else version.text,
            at=stored.ts,
            state=state if own and system is None else "delivered",
            reply_to=None if reply_to is None else reply_to.hex(),
            reason="",
            author_name=around.name_of(stored.author) if around.author_names else "",
            system=system,
            quote=None if reply_to is None else _quote(reply_to, whole.quoted, around),
            edited_at=whole.life.edits[-1].ts if alive and whole.life.edits else None,
            reactions=_reactions(whole.life.reactions, around) if alive else (),
            pinned=alive and whole.life.pinned,
            forwarded=text is not None and text.forwarded,
            mentions=() if version is None else _mentions(version.mentions, around.name_of),
            timer=stored.timer,
            ends_at=None if stored.ends_at is None else self._ends_at(stored.ends_at),
        )


def sentence(said: System) -> str:
    """What a line says, for scripts; the page makes its own."""
    by, who = said.by_name or "You", said.who_name or "you"
    match said.what:
        case "created":
            return f"{by} made the group “{said.name}”."
        case "added":
            return f"{by} added {who}."
        case "removed":
            return f"{by} removed {who}."
        case "role" if said.role == "admin":
            return f"{by} made {who} an admin."
        case "role":
            return f"{by} made {who} a member without rights of an admin."
        case "left":
            return f"{by} left the group."
        case "renamed":
            return f"{by} named the group “{said.name}”."
        case "timer" if said.seconds:
            return f"{by} set messages to disappear {said.seconds:,} seconds after they are seen."
        case "timer":
            return f"{by} set messages to stay."
        case _:
            return f"{by} changed the group."


def _system(stored: Stored, content: contents.Content, around: Surroundings) -> System | None:
    if not isinstance(content, Timer):
        return around.system(stored) if stored.kind >= history.FIRST_LINE else None
    by = stored.author
    return System(
        "timer", by.address, around.name_of(by), "", "", "", "", history=False,
        seconds=content.seconds,
    )  # fmt: skip


def _kind(whole: Whole, version: Version | None, system: System | None) -> str:
    if system is not None:
        return "system"
    if whole.is_deleted:
        return "deleted"
    return "unknown" if version is None else "text"


def _quote(reply_to: bytes, quoted: Whole | None, around: Surroundings) -> Quote:
    if quoted is None:
        return Quote(reply_to.hex(), "", "", own=False, kind="missing", text="")
    stored, version = quoted.stored, quoted.text
    author = stored.author
    system = _system(stored, contents.decode(stored.kind, stored.body), around)
    text = sentence(system) if system else "" if version is None else version.text
    return Quote(
        reply_to.hex(),
        author.address,
        around.name_of(author),
        own=author == around.me,
        kind=_kind(quoted, version, system),
        text=text[:MAX_QUOTED],
    )


def _reactions(given: Iterable[tuple[PeerId, str]], around: Surroundings) -> tuple[Reaction, ...]:
    people: dict[str, list[PeerId]] = {}
    for peer, emoji in given:
        people.setdefault(emoji, []).append(peer)
    ranked = sorted(people.items(), key=lambda one: (-len(one[1]), one[0]))
    return tuple(
        Reaction(
            emoji,
            around.me in peers,
            tuple(Holder(peer.address, around.name_of(peer)) for peer in peers),
        )
        for emoji, peers in ranked
    )


def _mentions(said: Iterable[contents.Mention], name_of: NameOf) -> tuple[Mention, ...]:
    return tuple(
        Mention(one.start, one.length, one.peer.address, name_of(one.peer)) for one in said
    )

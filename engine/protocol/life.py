"""What a message looks like after all that people did with it: a pure function of the acts upon it.

    the latest edit by its author       is its text           (and the earlier ones its history;
                                        of more than MAX_EDITS the first ones count)
    the latest reaction of each person  counts, "" for none
    the latest pin or unpin by anybody  counts
    a deletion by its author            ends all of it, whenever it comes

"Latest" is by (lamport, author, id), the order in which messages are shown: no clock is asked, and
it does not matter in which order the acts arrived, or how often. What somebody has no right to do
is passed over. In a group an act counts while its author's words do, but for a deletion: whoever
wants their own words gone has always the right to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.protocol import contents
from engine.protocol.contents import Delete, Edit, Mention, Pin, React
from identity import PeerId


@dataclass(frozen=True, slots=True)
class Done:
    """An act upon a message: who did it, and where it stands in the order."""

    author: PeerId
    order: tuple[int, bytes, bytes]  # lamport, author, id
    ts: int  # milliseconds UTC by its author's clock: for display only
    content: contents.Content


@dataclass(frozen=True, slots=True)
class Version:
    """What a message read at a time."""

    text: str
    mentions: tuple[Mention, ...]
    ts: int

    def __repr__(self) -> str:
        return f"Version({len(self.text)} characters)"


@dataclass(frozen=True, slots=True)
class Life:
    edits: tuple[Version, ...] = ()  # the oldest first; the last one is what it reads now
    reactions: tuple[tuple[PeerId, str], ...] = ()  # in the order of the people's keys
    pinned: bool = False
    deleted: bool = False


UNTOUCHED: Final = Life()


def live(author: PeerId, acts: Iterable[Done]) -> Life:
    """What became of a message of ``author``. The acts may come in any order."""
    edits: list[tuple[tuple[int, bytes, bytes], Version]] = []
    reactions: dict[PeerId, tuple[tuple[int, bytes, bytes], str]] = {}
    pin: tuple[tuple[int, bytes, bytes], bool] | None = None
    for act in acts:
        match act.content:
            case Delete() if act.author == author:
                return Life(deleted=True)
            case Edit(_target, text, mentions) if act.author == author:
                edits.append((act.order, Version(text, mentions, act.ts)))
            case React(_target, emoji):
                known = reactions.get(act.author)
                if known is None or known[0] < act.order:
                    reactions[act.author] = act.order, emoji
            case Pin(_target, on):
                if pin is None or pin[0] < act.order:
                    pin = act.order, on
            case _:
                pass
    return Life(
        edits=tuple(
            version
            for _order, version in sorted(edits, key=lambda one: one[0])[: contents.MAX_EDITS]
        ),
        reactions=tuple(
            (peer, emoji) for peer, (_order, emoji) in sorted(reactions.items()) if emoji
        ),
        pinned=pin is not None and pin[1],
    )

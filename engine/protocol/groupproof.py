"""What somebody has to see to know for themselves that they are no member.

    reasons    what took them out, as far as it concerns them and who added them
    proof      what else they need: with all that they then have, the rules say what they say here

A removal need not count for whoever has nothing but the removal: perhaps only an ADD that they
never heard made its author senior to them, or void what would have made it void. So nobody guesses
what a proof consists of: the rules are asked what they would say of what the other has.
"""

from collections.abc import Iterable
from typing import Final

from engine.protocol import membership
from engine.protocol.grouppast import Acts
from engine.protocol.membership import Membership
from identity import PeerId

MAX_ROUNDS: Final = 8  # acts that are looked for one by one; each costs a few judgements


def reasons(acts: Acts, view: Membership, peer: PeerId) -> list[bytes]:
    """The events by which somebody is no member who once was one, or thought to be: what removed
    them, and what made it count for nothing that they were added, perhaps again."""
    found = {act.event.id for act in view.went.get(peer, ())}
    todo, seen = [peer], {peer}
    while todo:
        for add in acts.called.get(todo.pop(), ()):
            author = add.event.author
            if author in seen or add.event.id in view.valid:
                continue
            seen.add(author)
            todo.append(author)
            found.update(act.event.id for act in view.went.get(author, ()))
            found.update(act.event.id for act in view.given.get(author, ()))
    return sorted(found)


def proof(acts: Acts, has: Iterable[bytes], peer: PeerId) -> list[bytes]:
    """Which of ``acts``, with all before each of them, to add to those that ``peer`` has, so that
    they see that they are no member, which follows from all of ``acts``."""
    assert acts.creation is not None
    seen = acts.past_of(has) | acts.creation.bit
    shown: list[bytes] = []
    while _is_member(acts, seen, peer):
        # Taken in the order in which they came here, at some act they cease to be a member.
        low, high = 0, len(acts)
        while high - low > 1:
            middle = (low + high) // 2
            if _is_member(acts, seen | acts.first(middle), peer):
                low = middle
            else:
                high = middle
        last = acts.first(high) if len(shown) >= MAX_ROUNDS else acts.first(high) ^ acts.first(low)
        new = acts.among(last & ~seen)
        shown += new
        seen |= acts.past_of(new)
    return shown


def _is_member(acts: Acts, seen: int, peer: PeerId) -> bool:
    return peer in membership.judge(acts.only(seen)).members

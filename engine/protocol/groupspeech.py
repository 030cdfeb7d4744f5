"""Whose words count: a pure function of the members' history and what an author knew of it.

    never added, or knew to be removed     not shown
    removed by somebody who had heard it   shown
    removed at the same moment             shown if a member heard it who did not know of that yet

The last one needs the whole history and not only the part about members, so it is left open here:
``doubts`` names the removals that the words must be compared with.
"""

from engine.protocol.grouppast import Act, Acts
from engine.protocol.membership import Membership
from identity import PeerId


def doubts(
    acts: Acts, view: Membership, author: PeerId, auth: tuple[bytes, ...]
) -> tuple[Act, ...] | None:
    """None when what ``author`` said is not shown; else the removals of theirs that they did not
    know of when they spoke (none, most of the time). ``auth``: what they knew."""
    past = acts.past_of(auth)
    went = view.went.get(author, ())
    known = [act for act in went if act.bit & past]
    if author == view.creator:
        came = not known
    else:
        adds = [act for act in view.came.get(author, ()) if act.bit & past]
        if not known:
            adds += [act for act in view.welcomed.get(author, ()) if act.bit & past]
        left = 0
        for gone in known:
            left |= gone.bit
        came = any(not left & ~add.past for add in adds)
    if not came:
        return None
    return tuple(act for act in went if not act.bit & past)

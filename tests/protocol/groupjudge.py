"""What must hold of a group once its network has healed, for tests of whole groups.

disagreements    where two who think to be members together see different things
faults           what must never be: lines twice, acts that should not count, words on a disk where
                 they should not be
"""

from engine.protocol import groupacts, grouplog, membership
from engine.protocol.groupevent import ADD, LEAVE, REMOVE


def disagreements(world):
    """Where somebody who thinks to be a member sees something else than those they think to be
    members with."""
    found = []
    honest = [one for one in world.stations if one.is_member]
    for one in honest:
        for other in honest:
            if other is one or other.peer not in one.members():
                continue
            if one.peer not in other.members():
                found.append(f"{other} knows that {one} is no member, and {one} does not")
            elif one.shelf.digest != other.shelf.digest:
                found.append(f"{one} and {other} hold different events")
            elif one.view != other.view:
                found.append(f"{one} and {other} see different members")
            else:
                found += differences(one, other)
    for one in world.stations:
        for other in honest:
            if not one.is_member and one.peer in other.members():
                found.append(f"{one} does not know that they are a member, {other} does")
    return found


def differences(one, other):
    """Of the screens of two who hold the same events."""
    withheld = {event for each in (one, other) for event in hidden(each)}
    mine, theirs = (
        [line for line in each.shown() if line[0] not in withheld] for each in (one, other)
    )
    return [] if mine == theirs else [f"{one} and {other} have different screens"]


def hidden(one):
    """Message ids of what was said before they came, and is not for their eyes."""
    since = one.view.members[one.peer].since
    if since is None:
        return set()
    events = {event.id: event for event in one.events()}
    return {
        event_id[:16] for event_id in past_of(events, since) if not events[event_id].is_membership
    }


def past_of(events, event_id):
    found, todo = set(), [event_id]
    while todo:
        event = events.get(todo.pop())
        if event is not None and event.id not in found:
            found.add(event.id)
            todo += grouplog.links(event)
    return found


def faults(world):
    """What must never be, whatever was done."""
    found = []
    for one in world.stations:
        if one.shelf is None:
            continue
        found += [f"{one} saw {line.hex()} twice" for line in one.page.shown_twice]
        lines = [line[0] for line in one.shown()]
        if one.page.ids != lines:
            found.append(f"{one}'s page shows something else than the disk")
        if len(set(lines)) != len(lines):
            found.append(f"{one} has something twice")
        if one.view is not None:
            events = one.events()
            if one.view != membership.resolve(events):
                found.append(f"{one}'s members do not follow from their events")
            found += wrongs(one, events)
    union = {event.id: event for one in world.stations if one.shelf for event in one.events()}
    for one in world.stations:
        if one.shelf is not None and not one.was_told:
            found += leaks(one, union)
    return found


def wrongs(one, events):
    """Acts that count and should not."""
    pasts = {}
    for event in sorted(events, key=lambda event: event.order):
        pasts[event.id] = set(event.auth).union(*(pasts[known] for known in event.auth))
    valid = [event for event in events if event.id in one.view.valid]
    rank = {peer: member.seniority for peer, member in one.view.members.items()}
    found = []
    for removal in valid:
        if removal.type != REMOVE:
            continue
        [target] = groupacts.meaning(removal)
        if target == one.view.creator:
            found.append("the creator was removed")
        if removal.author in rank and target in rank and rank[removal.author] >= rank[target]:
            found.append("a junior removed a senior")
        for act in valid:
            if act.author != target or act.type == LEAVE:
                continue
            if act.id in pasts[removal.id]:
                continue
            if removal.id not in pasts[act.id]:
                found.append("an act beside the removal of its author counts")
            elif not any(
                add.type == ADD
                and groupacts.meaning(add).target == target
                and removal.id in pasts[add.id]
                and add.id in pasts[act.id]
                for add in valid
            ):
                found.append("an act of somebody removed counts")
    return found


def leaks(one, union):
    """Words on a disk where they should not be."""
    found = []
    held = one.words_held()
    ways = [
        event
        for event in union.values()
        if event.type in (ADD, REMOVE)
        and (says := groupacts.meaning(event)) is not None
        and (says.target if event.type == ADD else says[0]) == one.peer
    ]
    pasts = {}
    for event in sorted(union.values(), key=lambda event: event.order):
        pasts[event.id] = set(event.auth).union(*(pasts.get(known, set()) for known in event.auth))
    words = [union[event_id] for event_id in held if union[event_id].author != one.peer]
    last = max(ways, key=lambda event: event.order, default=None)
    counts = last is not None and one.view is not None and last.id in one.view.valid
    if counts and last.type == REMOVE and any(last.id in pasts[event.id] for event in words):
        found.append(f"{one} was removed and got words of somebody who knew")
    adds = [way for way in ways if way.type == ADD]
    if len(adds) == 1 and not groupacts.meaning(adds[0]).history:
        before = past_of(union, adds[0].id)
        if any(event.id in before for event in words):
            found.append(f"{one} came without history and has words from before")
    return found

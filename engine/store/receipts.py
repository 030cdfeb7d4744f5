"""How far we have looked at what others said, to be told to them; and how far they have at ours.

    receipt       the last message of somebody in a chat that we looked at, while we tell so
    chat.read_there, event_seen     what they told of ours, in a direct chat and in a group

Every function takes the connection that Database.write or Database.read hands it.
"""

from collections.abc import Mapping

import apsw

from engine.protocol.membership import Membership
from engine.store import groupreach, groups, history
from engine.store.groupshown import message_id
from engine.store.history import State
from identity import PeerId


def keep(db: apsw.Connection, key: bytes, seen: Mapping[PeerId, bytes]) -> None:
    """We looked at what these said, up to these messages."""
    db.executemany(
        "INSERT OR REPLACE INTO receipt SELECT id, ?2, ?3 FROM chat WHERE key = ?1",
        [(key, peer, message) for peer, message in seen.items()],
    )


def to_tell(db: apsw.Connection, peer: PeerId) -> list[tuple[bytes, int, bytes]]:
    """What somebody is told on each new link: a chat's key and kind, and their message."""
    return list(
        db.execute(
            "SELECT c.key, c.kind, r.id FROM receipt r JOIN chat c ON c.id = r.chat"
            " WHERE r.peer = ?",
            (peer,),
        )
    )


def forget_all(db: apsw.Connection) -> None:
    """Nothing that was looked at so far is told any more."""
    db.execute("DELETE FROM receipt")


def is_news(db: apsw.Connection, peer: PeerId, me: PeerId, message: bytes) -> bool:
    """Say whether ``seen_directly`` would change something."""
    found = history.by_id(db, peer, message)
    if found is None or found.author != me:
        return False
    before = db.execute("SELECT read_there FROM chat WHERE key = ?", (peer,)).get
    return found.lamport > (before or 0)


def is_news_in_group(
    db: apsw.Connection, number: int, me: PeerId, peer: PeerId, message: bytes
) -> bool:
    """Say whether ``seen_in_group`` would change something."""
    found = groups.seq_of_message(db, number, message)
    if found is None or found[0] != me:
        return False
    return found[1] > load_seen(db, number).get(peer, 0)


def seen_directly(db: apsw.Connection, peer: PeerId, me: PeerId, message: bytes) -> list[bytes]:
    """The other has looked at what we said up to ``message``: those whose state that changes,
    the oldest first."""
    found = history.by_id(db, peer, message)
    if found is None or found.author != me:
        return []
    before: int = db.execute("SELECT read_there FROM chat WHERE key = ?", (peer,)).get
    if found.lamport <= before:
        return []
    db.execute("UPDATE chat SET read_there = ? WHERE key = ?", (found.lamport, peer))
    changed = db.execute(
        "UPDATE message SET state = ?1 WHERE chat = (SELECT id FROM chat WHERE key = ?2)"
        " AND author = ?3 AND target IS NULL AND lamport > ?4 AND lamport <= ?5"
        " AND state IN (?6, ?7, ?8) RETURNING lamport, id",
        (
            State.READ, peer, me, before, found.lamport,
            State.WAITING, State.SENT, State.DELIVERED,
        ),
    )  # fmt: skip
    return [message_id for _lamport, message_id in sorted(changed)]


def load_seen(db: apsw.Connection, number: int) -> dict[PeerId, int]:
    """Up to which number of ours each member has looked at what we said."""
    found = db.execute("SELECT peer, seq FROM event_seen WHERE gathering = ?", (number,))
    return {PeerId(peer): seq for peer, seq in found}


def seen_in_group(
    db: apsw.Connection,
    number: int,
    gid: bytes,
    me: PeerId,
    view: Membership,
    peer: PeerId,
    message: bytes,
) -> list[bytes]:
    """A member has looked at what we said up to ``message``: those that everybody has now seen."""
    found = groups.seq_of_message(db, number, message)
    chat = history.find_chat(db, gid)
    if chat is None or found is None or found[0] != me:
        return []
    known = load_seen(db, number)
    if found[1] <= known.get(peer, 0):
        return []
    db.execute("INSERT OR REPLACE INTO event_seen VALUES (?, ?, ?)", (number, peer, found[1]))
    _some, before = groupreach.reach(view, me, known)
    _some, now = groupreach.reach(view, me, known | {peer: found[1]})
    words = groupreach.own_words(db, number, me, before, now)
    ids = [message_id(one) for one in words]
    return history.set_state(db, chat, me, ids, State.READ)

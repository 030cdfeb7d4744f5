"""What people do with messages, on the disk: what an act changes there, and when time is over.

    an act came in     its row is stored (history.py), then ``follow`` does what it asks for
    a deletion         takes the words away for good: of the message, of all that it was edited to,
                       of the signed event beside which they stood, and of the index
    its time is over   the message goes as if it had been deleted here

Every function takes the connection that Database.write or Database.read hands it.
"""

from collections.abc import Iterable
from typing import Final, cast

import apsw

from engine.protocol import contents
from engine.protocol.contents import Delete, Edit, Gone, Pin, React, Timer
from engine.store import actsupon, groupwords, history, search, traces, wholes
from engine.store.groupwords import Erased
from engine.store.history import OpenChat, State, Stored
from identity import PeerId

NOTHING: Final = b""  # the target of an act that is known, and does nothing any more


# -- acting


def follow(db: apsw.Connection, chat: OpenChat, stored: Stored) -> Stored | None:
    """Do what a message that was just stored asks for. The message that changed by it, as it is
    now, or None: a line itself, too, when its author had deleted it before it came."""
    if stored.kind == contents.TEXT:
        return erase(db, chat, stored) if _was_deleted(db, chat, stored) else None
    match contents.decode(stored.kind, stored.body):
        case Timer():
            _set_timer(db, chat)
        case Delete(target, edits):
            return _delete(db, chat, stored, target, edits)
        case Edit(target):
            return _edit(db, chat, stored, target)
        case React(target) | Pin(target):
            line = _line(db, chat, target)
            if chat.kind == history.DIRECT:
                _retire(db, chat, stored, line)
            return line
        case _:
            pass
    return None


def erase(db: apsw.Connection, chat: OpenChat, message: Stored) -> Stored:
    """Its author deleted it for everyone: the words go, and a line that says so stays, also where
    the words would have gone by themselves: who never had them cannot tell for how long."""
    _erase_words(db, chat, message, Erased.BY_AUTHOR)
    db.execute(
        "UPDATE message SET kind = ?, body = ?, names_me = 0, timer = 0, ends_at = NULL"
        " WHERE row = ?",
        (*contents.encode(Gone()), message.row),
    )
    gone = history.by_id(db, chat.key, message.id)
    assert gone is not None
    return gone


def remove(db: apsw.Connection, chat: OpenChat, message: Stored) -> None:
    """Delete a message here, with all that was done to it. Its id stays known; and if the other
    does not have it yet, they hear that it is gone. Whoever does not have its deletion for everyone
    yet still hears of that; and a line that sets the timer goes on to count, unseen."""
    db.execute("UPDATE message SET timer = 0, ends_at = NULL WHERE row = ?", (message.row,))
    if message.target is not None:
        return  # an act goes with what it acts upon
    if message.kind == contents.TIMER:
        db.execute("UPDATE message SET target = ? WHERE row = ?", (NOTHING, message.row))
        return
    _erase_words(db, chat, message, Erased.HERE)
    db.execute(
        "UPDATE message SET kind = ?, body = ?, target = ?"
        " WHERE chat = ? AND target = ? AND kind <> ?",
        (*contents.encode(Gone(message.id)), NOTHING, chat.number, message.id, contents.DELETE),
    )
    if db.execute("SELECT 1 FROM pending WHERE message = ?", (message.row,)).get:
        db.execute(
            "UPDATE message SET kind = ?, body = ?, target = ?, names_me = 0 WHERE row = ?",
            (*contents.encode(Gone()), NOTHING, message.row),
        )
        return
    db.execute(
        "INSERT OR IGNORE INTO forgotten VALUES (?, ?, ?)",
        (chat.key, message.author, message.id),
    )
    db.execute("DELETE FROM message WHERE row = ?", (message.row,))


def drop(db: apsw.Connection, chat: OpenChat, message_id: bytes) -> Stored | None:
    """Take a message away whose event does not count any more, and may count again: what it was.
    None when it was not there."""
    found = history.by_id(db, chat.key, message_id)
    if found is None:
        return None
    line = found if found.target is None else _line(db, chat, found.target)
    if line is not None:
        _unindex(db, chat, line)
    db.execute("DELETE FROM message WHERE row = ?", (found.row,))
    if found.target is not None and line is not None:
        _index(db, chat, line)
    if found.kind == contents.TIMER:
        _set_timer(db, chat)
    return found


def edits_of(db: apsw.Connection, chat: OpenChat, message: Stored) -> list[bytes]:
    """The ids of what its author made of it later."""
    return [one.id for one in _edit_rows(db, chat, message)]


# -- time

_MAY_BEGIN: Final = (
    "timer > 0 AND ends_at IS NULL AND CASE WHEN author = ? THEN state IN (?, ?, ?)"
    " ELSE row <= (SELECT read_row FROM chat WHERE id = message.chat) END"
)


def _begun_by(me: PeerId) -> tuple[object, ...]:
    return me, State.SENT, State.DELIVERED, State.READ


def waits_to_begin(db: apsw.Connection, me: PeerId) -> bool:
    """Say whether ``begin`` has something to do."""
    return bool(
        db.execute(f"SELECT 1 FROM message WHERE {_MAY_BEGIN} LIMIT 1", _begun_by(me)).get  # noqa: S608
    )


def begin(db: apsw.Connection, me: PeerId, now: int) -> list[tuple[int, bytes]]:
    """The time begins of what others said when it has been looked at, and of our own when it is on
    somebody's disk: what nobody has yet is not lost. The chats' numbers and the ids."""
    return list(
        db.execute(
            f"UPDATE message SET ends_at = ? + timer * 1000 WHERE {_MAY_BEGIN}"  # noqa: S608
            " RETURNING chat, id",
            (now, *_begun_by(me)),
        )
    )


def next_end(db: apsw.Connection) -> int | None:
    found: int | None = db.execute("SELECT min(ends_at) FROM message WHERE ends_at IS NOT NULL").get
    return found


def ended(db: apsw.Connection, now: int, most: int) -> list[tuple[int, bytes]]:
    """Messages whose time is over, the first to end first: their chats' numbers and their ids."""
    return list(
        db.execute(
            "SELECT chat, id FROM message WHERE ends_at IS NOT NULL AND ends_at <= ?"
            " ORDER BY ends_at LIMIT ?",
            (now, most),
        )
    )


# -- inside


def _line(db: apsw.Connection, chat: OpenChat, message_id: bytes) -> Stored | None:
    found = history.by_id(db, chat.key, message_id)
    return found if found is not None and found.target is None else None


def _can_be_deleted(line: Stored) -> bool:
    """By its author, for everyone: not what sets the chat's timer, nor what the program says."""
    return line.kind < history.FIRST_LINE and line.kind != contents.TIMER


def _was_deleted(db: apsw.Connection, chat: OpenChat, message: Stored) -> bool:
    return bool(
        db.execute(
            "SELECT 1 FROM message WHERE chat = ? AND target = ? AND author = ? AND kind = ?",
            (chat.number, message.id, message.author, contents.DELETE),
        ).get
    )


def _delete(
    db: apsw.Connection, chat: OpenChat, act: Stored, target: bytes, edits: Iterable[bytes]
) -> Stored | None:
    line, gone = _line(db, chat, target), None
    if line is None:
        groupwords.erase_words(db, chat.key, target, act.author, Erased.BY_AUTHOR)
    elif line.author == act.author and _can_be_deleted(line):
        gone = erase(db, chat, line)  # while its edits tell by what words it is found
    for one in edits:
        edit = history.by_id(db, chat.key, one)
        if edit is not None and edit.kind == contents.EDIT and edit.author == act.author:
            _void(db, chat, edit)
        groupwords.erase_edit(db, chat.key, one, act.author, Erased.BY_AUTHOR)
    return gone


def _edit(db: apsw.Connection, chat: OpenChat, act: Stored, target: bytes) -> Stored | None:
    line = _line(db, chat, target)
    if line is None:
        if history.is_forgotten(db, chat, act.author, target):
            _void(db, chat, act)
        return None
    if line.author != act.author:
        if chat.kind == history.DIRECT:
            _empty(db, act)
        return None
    if line.kind != contents.TEXT:
        _void(db, chat, act)
        groupwords.erase_edit(db, chat.key, act.id, act.author, Erased.BY_AUTHOR)
        return None
    _unindex(db, chat, line, without=act)
    _index(db, chat, line)
    return line


def _void(db: apsw.Connection, chat: OpenChat, edit: Stored) -> None:
    """It says nothing any more; what it was made for reads as without it."""
    line = None if edit.target is None else _line(db, chat, edit.target)
    if line is not None:
        _unindex(db, chat, line)
    _empty(db, edit)
    if line is not None:
        _index(db, chat, line)


def _retire(db: apsw.Connection, chat: OpenChat, act: Stored, line: Stored | None) -> None:
    """Of one person's acts of a kind only the latest counts, and none upon what is not here: the
    others need not be looked at again. (Not in groups, where that may change.)"""
    if line is None:
        db.execute("UPDATE message SET target = ? WHERE row = ?", (NOTHING, act.row))
        return
    db.execute(
        "UPDATE message SET target = ?1 WHERE row IN (SELECT row FROM message WHERE chat = ?2"
        " AND target = ?3 AND author = ?4 AND kind = ?5 ORDER BY lamport DESC, id DESC LIMIT -1"
        " OFFSET 1)",
        (NOTHING, chat.number, line.id, act.author, act.kind),
    )


def _set_timer(db: apsw.Connection, chat: OpenChat) -> None:
    body = db.execute(
        "SELECT body FROM message WHERE chat = ? AND kind = 6"
        " ORDER BY lamport DESC, author DESC, id DESC LIMIT 1",
        (chat.number,),
    ).get
    content = contents.decode(contents.TIMER, body or b"")
    seconds = content.seconds if isinstance(content, Timer) else 0
    db.execute("UPDATE chat SET timer = ? WHERE id = ?", (seconds, chat.number))


def _index(db: apsw.Connection, chat: OpenChat, line: Stored) -> None:
    """Find it by what it reads now."""
    text = wholes.whole(db, line).text
    if text is not None:
        search.put(db, line.row, chat.number, text.text)


def _unindex(
    db: apsw.Connection, chat: OpenChat, line: Stored, without: Stored | None = None
) -> None:
    """Find it no more by what it read, ``without`` an edit that came just now."""
    id_ = b"" if without is None else without.id
    kind, body = line.kind, line.body
    for edit in actsupon.edits(db, chat, line, most=1, without=id_):
        kind, body = contents.encode(cast("Edit", edit.content))
    search.forget(db, line.row, chat.number, kind, body)


def _edit_rows(db: apsw.Connection, chat: OpenChat, line: Stored) -> list[Stored]:
    """All its edits by its author, in their order."""
    ids = db.execute(
        "SELECT id FROM message WHERE chat = ? AND target = ? AND author = ? AND kind = ?"
        " ORDER BY lamport, id",
        (chat.number, line.id, line.author, contents.EDIT),
    )
    found = (history.by_id(db, chat.key, one) for (one,) in list(ids))
    return [one for one in found if one is not None]


def _erase_words(db: apsw.Connection, chat: OpenChat, message: Stored, erased: Erased) -> None:
    traces.left_by(db)
    _unindex(db, chat, message)
    for edit in _edit_rows(db, chat, message):
        _empty(db, edit)
        groupwords.erase_edit(db, chat.key, edit.id, message.author, erased)
    groupwords.erase_words(db, chat.key, message.id, message.author, erased)


def _empty(db: apsw.Connection, act: Stored) -> None:
    """It stays known, and does nothing any more: not even as a line that cannot be shown."""
    traces.left_by(db)
    target = NOTHING if act.target is None else act.target
    kind, body = contents.encode(Gone(act.target))
    db.execute(
        "UPDATE message SET kind = ?, body = ?, target = ? WHERE row = ?",
        (kind, body, target, act.row),
    )

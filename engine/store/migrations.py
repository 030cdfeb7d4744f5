"""The shape of the database, step by step.

Each entry brings the database from one version (PRAGMA user_version) to the next, in one
transaction. Steps are only ever appended: databases of every older version are out there.
"""

from typing import Final

import apsw

STEPS: Final = (
    # 1: people, requests, chats, messages, and what waits to be sent
    """
    CREATE TABLE setting (
        name  TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE person (
        peer           BLOB PRIMARY KEY CHECK (length(peer) = 32),
        own_name       TEXT NOT NULL,           -- what they call themselves
        alias          TEXT NOT NULL,           -- what we call them, '' when nothing else
        relation       INTEGER NOT NULL,        -- contacts.Relation
        level          INTEGER NOT NULL,        -- contacts.Level
        verified_at    INTEGER,
        blocked        INTEGER NOT NULL,
        first_seen_at  INTEGER NOT NULL,
        last_seen_at   INTEGER,
        pass_for_them  BLOB,                    -- accepted when they knock
        pass_from_them BLOB,                    -- ours to knock with at their door
        request_id     BLOB                     -- our request that they have not accepted yet
    );

    CREATE TABLE place (                        -- addresses where a person was reached
        peer       BLOB NOT NULL REFERENCES person ON DELETE CASCADE,
        host       TEXT NOT NULL,
        port       INTEGER NOT NULL,
        reached_at INTEGER NOT NULL,
        PRIMARY KEY (peer, host, port)
    ) WITHOUT ROWID;

    CREATE TABLE request (                      -- strangers who would like to talk
        peer BLOB PRIMARY KEY CHECK (length(peer) = 32),
        id   BLOB NOT NULL,
        lamport INTEGER NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        ts   INTEGER NOT NULL,                  -- by their clock
        at   INTEGER NOT NULL,                  -- by ours
        host TEXT NOT NULL,                     -- where they may be called back
        port INTEGER NOT NULL,
        ignored INTEGER NOT NULL DEFAULT 0      -- kept, so that asking again changes nothing
    );

    CREATE TABLE chat (
        id       INTEGER PRIMARY KEY,
        key      BLOB NOT NULL UNIQUE,          -- direct: the other's public key
        kind     INTEGER NOT NULL,              -- 1 direct
        lamport  INTEGER NOT NULL DEFAULT 0,    -- the highest heard or given
        read_row INTEGER NOT NULL DEFAULT 0,    -- all rows up to here were seen
        opened_at INTEGER NOT NULL
    );

    CREATE TABLE message (
        row      INTEGER PRIMARY KEY,           -- in the order of arrival here
        chat     INTEGER NOT NULL REFERENCES chat ON DELETE CASCADE,
        author   BLOB NOT NULL,
        id       BLOB NOT NULL CHECK (length(id) = 16),
        kind     INTEGER NOT NULL,
        lamport  INTEGER NOT NULL,
        ts       INTEGER NOT NULL,
        body     BLOB NOT NULL,
        state    INTEGER NOT NULL,              -- history.State
        send_key TEXT,                          -- the sender's own name for it
        UNIQUE (chat, author, id)               -- shown exactly once (R3)
    );
    CREATE INDEX message_order ON message (chat, lamport, author, id);
    CREATE UNIQUE INDEX message_send_key ON message (chat, send_key) WHERE send_key IS NOT NULL;

    CREATE TABLE forgotten (                    -- ids of deleted messages: known, never shown again
        chat   BLOB NOT NULL,                   -- the chat's key: it outlives the chat
        author BLOB NOT NULL,
        id     BLOB NOT NULL,
        PRIMARY KEY (chat, author, id)
    ) WITHOUT ROWID;

    CREATE TABLE pending (                      -- messages not yet on the other's disk
        row     INTEGER PRIMARY KEY AUTOINCREMENT,
        peer    BLOB NOT NULL,
        message INTEGER NOT NULL UNIQUE REFERENCES message ON DELETE CASCADE
    );
    CREATE INDEX pending_by_peer ON pending (peer, row);
    """,
    # 2: a chat that begins again goes on counting, or its messages would stand among the old ones
    #    of the person who kept theirs
    """
    CREATE TABLE forgotten_chat (
        key     BLOB PRIMARY KEY,
        lamport INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    # 3: a message is asked for by its id alone: by every page of a long history
    "CREATE INDEX message_by_id ON message (id);",
    # 4: what is unread in one chat is counted without walking through all the others
    "CREATE INDEX message_arrival ON message (chat, row);",
    # 5: how somebody was verified; and who is held because the emoji differed
    """
    ALTER TABLE person ADD COLUMN verified_how TEXT NOT NULL DEFAULT '';
    UPDATE person SET verified_how = 'number' WHERE level = 2;
    ALTER TABLE person ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
    """,
    # 6: one-time passes of invites
    """
    CREATE TABLE invite (
        row      INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order they were made
        pass     BLOB NOT NULL UNIQUE CHECK (length(pass) = 16),
        made_at  INTEGER NOT NULL,
        ends_at  INTEGER NOT NULL,
        spent_by BLOB                                -- whom it still lets in, after its one use
    );
    """,
    # 7: groups and their events, as signed; what is shown of them are rows of `message`
    """
    CREATE TABLE gathering (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again for another group
        gid      BLOB NOT NULL UNIQUE CHECK (length(gid) = 32),
        standing INTEGER NOT NULL,              -- groups.Standing: ours
        muted    INTEGER NOT NULL DEFAULT 0,
        acts     INTEGER NOT NULL DEFAULT 0,    -- events about membership that are stored
        made_at  INTEGER NOT NULL,
        carrier  BLOB                           -- who brought it, before we are known to be in it
    );

    CREATE TABLE event (
        row       INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order of arrival: causes first
        gathering INTEGER NOT NULL REFERENCES gathering ON DELETE CASCADE,
        id        BLOB NOT NULL CHECK (length(id) = 32),
        author    BLOB NOT NULL,
        seq       INTEGER NOT NULL,
        lamport   INTEGER NOT NULL,
        type      INTEGER NOT NULL,
        acts      INTEGER NOT NULL,             -- about membership, in its author's chain
        mine      INTEGER NOT NULL,             -- the highest number of ours in its past
        is_head   INTEGER NOT NULL DEFAULT 1,   -- nothing stands on it yet
        is_tip    INTEGER NOT NULL DEFAULT 1,   -- its author's last
        shown     INTEGER NOT NULL DEFAULT 0,   -- groupshown.Shown
        signed    BLOB NOT NULL,
        signature BLOB NOT NULL,
        content   BLOB,                         -- NULL: none, withheld or erased
        UNIQUE (gathering, id)
    );
    CREATE INDEX event_chain ON event (gathering, author, seq);
    CREATE INDEX event_head ON event (gathering) WHERE is_head;
    CREATE INDEX event_tip ON event (gathering) WHERE is_tip;
    CREATE INDEX event_about_members ON event (gathering, row) WHERE type < 16;
    CREATE INDEX event_in_doubt ON event (gathering) WHERE shown >= 2;
    CREATE INDEX event_empty ON event (gathering, row) WHERE content IS NULL AND type >= 16;

    CREATE TABLE event_link (                   -- rows of the events that an event names
        child  INTEGER NOT NULL REFERENCES event ON DELETE CASCADE,
        parent INTEGER NOT NULL,
        PRIMARY KEY (child, parent)
    ) WITHOUT ROWID;
    CREATE INDEX event_link_back ON event_link (parent, child);

    CREATE TABLE event_heard (                  -- how many of our events are on a member's disk
        gathering INTEGER NOT NULL REFERENCES gathering ON DELETE CASCADE,
        peer      BLOB NOT NULL,
        seq       INTEGER NOT NULL,
        PRIMARY KEY (gathering, peer)
    ) WITHOUT ROWID;

    CREATE TABLE member_place (                 -- where members who are no contacts were reached
        peer       BLOB NOT NULL,
        host       TEXT NOT NULL,
        port       INTEGER NOT NULL,
        reached_at INTEGER NOT NULL,
        PRIMARY KEY (peer, host, port)
    ) WITHOUT ROWID;
    """,
    # 8: what people do with a message: acts upon it are messages, but no lines of their own
    """
    ALTER TABLE message ADD COLUMN target BLOB;                      -- the message it acts upon
    ALTER TABLE message ADD COLUMN timer INTEGER NOT NULL DEFAULT 0; -- seconds from when it is seen
    ALTER TABLE message ADD COLUMN ends_at INTEGER;                  -- by the program's own clock
    ALTER TABLE message ADD COLUMN names_me INTEGER NOT NULL DEFAULT 0;
    DROP INDEX message_order;
    CREATE INDEX message_order ON message (chat, lamport, author, id) WHERE target IS NULL;
    DROP INDEX message_arrival;
    CREATE INDEX message_arrival ON message (chat, row) WHERE target IS NULL;
    CREATE INDEX message_act ON message (chat, target, kind, author, lamport, id)
        WHERE target IS NOT NULL;
    CREATE INDEX message_pin ON message (chat, row) WHERE kind = 5;
    CREATE INDEX message_set_timer ON message (chat, lamport, author, id) WHERE kind = 6;
    CREATE INDEX message_timed ON message (chat, row) WHERE timer > 0 AND ends_at IS NULL;
    CREATE INDEX message_ending ON message (ends_at) WHERE ends_at IS NOT NULL;
    CREATE INDEX message_naming_me ON message (chat, row) WHERE names_me;

    ALTER TABLE chat ADD COLUMN timer INTEGER NOT NULL DEFAULT 0;    -- seconds, for what is sent
    ALTER TABLE chat ADD COLUMN draft TEXT NOT NULL DEFAULT '';
    ALTER TABLE chat ADD COLUMN draft_reply BLOB;
    ALTER TABLE chat ADD COLUMN read_there INTEGER NOT NULL DEFAULT 0;  -- direct: up to which
                                                -- lamport the other has looked at what we said
    CREATE TABLE receipt (                      -- the last message of somebody that we looked at
        chat INTEGER NOT NULL REFERENCES chat ON DELETE CASCADE,
        peer BLOB NOT NULL,
        id   BLOB NOT NULL,
        PRIMARY KEY (chat, peer)
    ) WITHOUT ROWID;
    CREATE INDEX receipt_by_peer ON receipt (peer);

    ALTER TABLE event ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;  -- no content, and for good
    ALTER TABLE event ADD COLUMN goes_at INTEGER;  -- by its author's clock: its words may lack then
    DROP INDEX event_empty;
    CREATE INDEX event_empty ON event (gathering, row)
        WHERE content IS NULL AND type >= 16 AND erased = 0;
    CREATE TABLE event_seen (                   -- how many of our events a member has looked at
        gathering INTEGER NOT NULL REFERENCES gathering ON DELETE CASCADE,
        peer      BLOB NOT NULL,
        seq       INTEGER NOT NULL,
        PRIMARY KEY (gathering, peer)
    ) WITHOUT ROWID;
    """,
    # 9: words are found again: `rowid` is message.row, `place` holds "c" and the chat's number
    """
    CREATE VIRTUAL TABLE words USING fts5 (
        place, text, content = '', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
    );
    INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
    CREATE TABLE indexed (row INTEGER NOT NULL);  -- all messages up to this row are in the index
    INSERT INTO indexed VALUES (0);
    """,
    # 10: a row number used again is still to be indexed; and the first message of a day is found
    #     without a walk: people's clocks do not run in the order of their messages
    """
    CREATE TRIGGER message_gone AFTER DELETE ON message
    WHEN (SELECT row FROM indexed) > ifnull((SELECT max(row) FROM message), 0) BEGIN
        UPDATE indexed SET row = ifnull((SELECT max(row) FROM message), 0);
    END;

    CREATE TABLE stretch (                      -- of 256 logical times that follow one another
        chat   INTEGER NOT NULL REFERENCES chat ON DELETE CASCADE,
        part   INTEGER NOT NULL,                -- lamport / 256
        latest INTEGER NOT NULL,                -- no line in it has a later ts
        PRIMARY KEY (chat, part)
    ) WITHOUT ROWID;
    CREATE TRIGGER message_in_stretch AFTER INSERT ON message WHEN new.target IS NULL BEGIN
        INSERT INTO stretch VALUES (new.chat, new.lamport >> 8, new.ts)
        ON CONFLICT DO UPDATE SET latest = excluded.latest WHERE excluded.latest > latest;
    END;
    INSERT INTO stretch SELECT chat, lamport >> 8, max(ts) FROM message
        WHERE target IS NULL GROUP BY 1, 2;

    CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, instance);
    """,
    # 11: back from a backup, nothing is signed in a group before our own later events are heard
    "ALTER TABLE gathering ADD COLUMN restored INTEGER NOT NULL DEFAULT 0;",
    # 12: the words of a long text leave the index a few at a time (fading.py)
    """
    CREATE TABLE fading (
        row   INTEGER NOT NULL,                 -- under which they stand in `words`: message.row
        chat  INTEGER NOT NULL,                 -- its number, without a reference: it may be gone
        words TEXT NOT NULL
    );
    CREATE INDEX fading_row ON fading (row);
    """,
)

NEWEST: Final = len(STEPS)


def migrate(db: apsw.Connection) -> None:
    """Bring the database to the newest version. One transaction a step: all of it or nothing."""
    version: int = db.pragma("user_version")
    for number, step in enumerate(STEPS[version:], start=version + 1):
        with db:
            db.execute(step)
            db.execute(f"PRAGMA user_version = {number}")

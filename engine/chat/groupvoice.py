"""Speaking in a group: what we say is signed, stored with all that follows, then sent.

    post   check the rights, sign, store with all that follows, COMMIT -> page -> linked members

An act that would not count by the rules (membership.py) is undone in the same transaction and
declined in words, so nothing is signed that we would not honour ourselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.chat.deeds import Content, Make
from engine.chat.errors import Refused
from engine.chat.grouplinks import GroupLinks
from engine.chat.livegroups import LiveGroup
from engine.protocol import contents, groupevent, grouplog
from engine.protocol.contents import Edit, Text
from engine.protocol.groupevent import BadEvent, GroupEvent
from engine.protocol.membership import Membership
from engine.store import groupintake, history, wholes
from engine.store.database import Db
from engine.store.groupintake import Intake
from engine.store.groups import Standing
from engine.store.groupshown import message_id
from engine.store.history import OpenChat
from engine.store.wholes import Whole
from identity import Identity, PeerId

NOT_SYNCED: Final = (
    "Restored from a backup: you can write again once a member of the group has been reached."
)


@dataclass(frozen=True, slots=True)
class Said:
    """What an event is to say."""

    kind: int
    body: bytes = b""
    content: bytes | None = None
    timer: int = 0


@dataclass(frozen=True, slots=True)
class Posted:
    intake: Intake
    whole: Whole | None  # the message, or the one that it acts upon


class GroupVoice:
    def __init__(
        self,
        me: Identity,
        *,
        links: GroupLinks,
        chance: Callable[[int], bytes],
        now: Callable[[], int],
    ) -> None:
        self._me = me
        self._links = links
        self._chance = chance
        self._now = now

    def post(self, live: LiveGroup, make: Make, key: str | None = None) -> Whole:
        """Say what ``make`` makes: the message once it is on disk, or the one that it acts upon.
        Raises Refused, StoreError."""
        salt = self._chance(groupevent.SALT_SIZE)

        def said(db: Db, chat: OpenChat) -> list[Said]:
            content = make(db, chat)
            timer = _timer_of(db, chat, content)
            if isinstance(content, Text):
                content = replace(content, timer=0)  # the event tells it
            kind, body = contents.encode(content)
            packed = grouplog.pack_content(salt, body)
            return [Said(groupevent.FIRST_CONTENT + kind, content=packed, timer=timer)]

        posted = self.say(live, said, key=key)
        if posted.whole is None:
            raise Refused("not_member", "You are not in this group, so nothing can be sent.")
        return posted.whole

    def say(
        self,
        live: LiveGroup,
        said: Callable[[Db, OpenChat], Sequence[Said]],
        *,
        key: str | None = None,
    ) -> Posted:
        """Sign and store these, one after the other, then send them to whoever is linked."""
        with live.lock:
            if live.shelf.standing is not Standing.MEMBER:
                raise Refused("not_member", "You are not in this group any more.")
            posted: list[Posted] = []

            def mutation(db: Db) -> Intake:
                posted[:] = [self._said(db, live, said, key)]
                return posted[0].intake

            intake = live.shelf.write(mutation)
            self._links.posted(live, [placed.event for placed in intake.new])
        return posted[0]

    # -- inside

    def _said(
        self,
        db: Db,
        live: LiveGroup,
        make: Callable[[Db, OpenChat], Sequence[Said]],
        key: str | None,
    ) -> Posted:
        shelf, gid = live.shelf, live.gid
        chat = history.open_chat(db, gid, history.GROUP, self._now())
        if key is not None and (same := history.by_send_key(db, chat, key)) is not None:
            return Posted(shelf.take(db, ()), wholes.whole(db, same))
        events = self._signed(db, live, make(db, chat))
        try:
            intake = shelf.take(db, events)
        except BadEvent:  # not even to be signed by who never was an admin
            raise _not_allowed(shelf.view, self._me.peer) from None
        view = intake.stand.view if intake.stand is not None else None
        for event in events:
            if event.is_membership and (view is None or event.id not in view.valid):
                raise _not_allowed(view, self._me.peer)
        whole = _spoken(db, chat, events[-1])
        if whole is not None and key is not None:
            history.set_send_key(db, whole.stored, key)
        return Posted(intake, whole)

    def _signed(self, db: Db, live: LiveGroup, said: Sequence[Said]) -> list[GroupEvent]:
        """The events, each standing on the one before."""
        # Before our own later events were heard it would be a second of one number; who leaves says
        # nothing after it.
        if live.shelf.restored and any(one.kind != groupevent.LEAVE for one in said):
            raise Refused("not_synced", NOT_SYNCED)
        stand = groupintake.current(db, live.shelf.number, live.shelf.stand)
        assert stand is not None, "we made this group, or it told us that we are in it"
        place = groupintake.next_place(db, live.shelf.number, self._me.peer, stand)
        events: list[GroupEvent] = []
        for one in said:
            event = groupevent.write(
                self._me,
                gid=live.gid,
                seq=place.seq,
                prev=place.prev,
                parents=place.parents,
                auth=place.auth,
                lamport=place.lamport,
                ts=self._now(),
                kind=one.kind,
                body=one.body,
                content=one.content,
                timer=one.timer,
            )
            events.append(event)
            auth = [event.id] if event.is_membership else place.auth
            place = groupintake.Place(event.seq + 1, event.id, [event.id], auth, event.lamport + 1)
        return events


def _timer_of(db: Db, chat: OpenChat, content: Content) -> int:
    """How long it stays: a text as the chat says, what it was edited to as long as the text."""
    if isinstance(content, Text):
        return content.timer
    if isinstance(content, Edit):
        found = history.by_id(db, chat.key, content.target)
        return 0 if found is None else found.timer
    return 0


def _spoken(db: Db, chat: OpenChat, event: GroupEvent) -> Whole | None:
    """The message that an event of ours became, or the one that it acts upon."""
    if event.is_membership:
        return None
    said = history.by_id(db, chat.key, message_id(event.id))
    if said is None:
        return None
    shown = said if said.target is None else history.by_id(db, chat.key, said.target)
    return None if shown is None else wholes.whole(db, shown)


def _not_allowed(view: Membership | None, me: PeerId) -> Refused:
    if view is not None and not view.is_admin(me):
        return Refused("not_allowed", "Only an admin of the group may do that.")
    return Refused("not_allowed", "They came before you here: you cannot change that.")

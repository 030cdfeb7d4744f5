"""What happened in a group, told to the page: after the commit, in the order of the commits."""

from collections.abc import Callable
from typing import Final

from engine.chat.answering import group_id
from engine.chat.events import (
    ChatChanged,
    EventBus,
    GroupChanged,
    GroupRemoved,
    MessageAdded,
    MessageChanged,
    MessageRemoved,
    MessageState,
)
from engine.chat.groupshown import GroupShown
from engine.chat.lines import STATES
from engine.chat.livegroups import LiveGroup
from engine.chat.views import Chat
from engine.store import chats
from engine.store.database import Database
from engine.store.groupintake import Intake
from engine.store.groups import Standing
from identity import PeerId

NOT_TOLD: Final = frozenset({Standing.CANDIDATE, Standing.IGNORED})


class GroupNews:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        bus: EventBus,
        shown: GroupShown,
        on_sent: Callable[[], None],
    ) -> None:
        """``on_sent``: something of ours is on somebody's disk."""
        self._me = me
        self._on_sent = on_sent
        self._database = database
        self._bus = bus
        self._shown = shown

    def taken(self, live: LiveGroup, intake: Intake) -> None:
        """Events came in, or went out, and this followed. Does not wait."""
        live.members_changed = live.members_changed or intake.members_changed
        live.is_stale = True
        if not live.is_shown:
            return
        chat, shown = group_id(live.gid), self._shown
        for message_id in intake.changes.removed:
            self._bus.tell(MessageRemoved(chat, message_id.hex()))
            live.lost_lines = True
        for line in intake.changes.added:
            before = None if line.before is None else line.before.hex()
            self._bus.tell(MessageAdded(chat, shown.message(live, line.whole), before))
        for whole in intake.changes.changed:
            self._bus.tell(MessageChanged(chat, shown.message(live, whole)))
        for message_id, state in intake.states:
            self._bus.tell(MessageState(chat, message_id.hex(), STATES[state]))
        # What a chat shows of itself: its last line, what is pinned, how long messages stay.
        live.lost_lines |= bool(intake.changes.changed) or intake.changes.timer_set
        if intake.states:
            self._on_sent()

    def look(self, live: LiveGroup) -> None:
        """Tell how it looks, if that is new."""
        if live.shelf.standing in NOT_TOLD or live.shelf.view is None:
            if live.told is not None:  # the invitation was taken back
                live.told = None
                self._bus.tell(GroupRemoved(group_id(live.gid)))
            return
        if live.lost_lines:
            live.lost_lines = False
            self.tell_chat(live)
        group, told = self._shown.group(live), live.told
        if group == told:
            return
        live.told = group
        self._bus.tell(GroupChanged(group))
        is_new = told is None or (told.name, told.standing, told.muted) != (
            group.name,
            group.standing,
            group.muted,
        )
        if is_new and live.is_shown:
            self.tell_chat(live)

    def tell_chat(self, live: LiveGroup) -> None:
        for chat in self.chats(live):
            self._bus.tell(ChatChanged(chat))

    def chats(self, live: LiveGroup) -> list[Chat]:
        """The group as a chat; none while it is only offered to us."""
        rows = self._database.read(lambda db: chats.chats(db, self._me, live.gid))
        return [self._shown.chat(live, row) for row in rows] if live.is_shown else []

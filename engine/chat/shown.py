"""From what is kept to what is shown: one place that fills the views."""

from collections.abc import Callable
from typing import Final

from contacts import Relation, shown_name
from engine.chat.likeness import Likeness
from engine.chat.lines import STATES, Lines, Surroundings
from engine.chat.nearby import NearbyPerson
from engine.chat.views import Chat, Draft, Message, Person, Request
from engine.net.redial import Status
from engine.store.chats import ChatRow
from engine.store.people import Asked, Known
from engine.store.wholes import Whole
from identity import PeerId

RELATIONS: Final = {Relation.NONE: "none", Relation.ASKED: "asked", Relation.CONTACT: "contact"}


class Shown:
    def __init__(
        self,
        me: PeerId,
        now: Callable[[], int],
        likeness: Likeness,
        lines: Lines,
        name_of: Callable[[PeerId], str],
    ) -> None:
        """``name_of``: what the page calls somebody we know; "" for ourselves."""
        self._me = me
        self._likeness = likeness
        self._lines = lines
        self._name_of = name_of
        self.now = now
        self.in_flight: set[bytes] = set()  # ids handed to a link and not yet acknowledged

    def message(self, whole: Whole) -> Message:
        stored = whole.stored
        state = STATES[stored.state]
        if state == "waiting" and stored.id in self.in_flight:
            state = "sent"
        around = Surroundings(
            PeerId(stored.chat_key).address,
            self._me,
            self._name_of,
            author_names=False,
            system=lambda _stored: None,
        )
        return self._lines.message(whole, around, state)

    def request(self, asked: Asked) -> Request:
        return Request(
            address=asked.peer.address,
            name=asked.name,
            text=asked.text,
            at=asked.at,
            warnings=self._likeness.cautions(asked.peer, (asked.name,), (asked.place,)),
        )

    def chat(self, row: ChatRow, known: Known | None) -> Chat:
        address = PeerId(row.key).address
        return Chat(
            chat=address,
            kind="direct",
            name=address[:7] if known is None else shown_name(known.contact),
            unread=row.unread,
            last=None if row.last is None else self.message(row.last),
            first_unread=None if row.first_unread is None else row.first_unread.hex(),
            draft=draft(row),
            timer=row.timer,
            pins=row.pins,
            mentioned=row.names_me,
        )

    def person(
        self,
        known: Known,
        *,
        online: bool,
        status: Status | None,
        tried_at: int,
        around: NearbyPerson | None,
    ) -> Person:
        """``status`` is how reaching them stands, None when nobody tries; as of ``tried_at``.
        ``around`` is what is said of them on this network."""
        one = known.contact
        link = "online" if online else "offline"
        next_try_at = None
        if not online and status is not None:
            link = "connecting" if status.dialling else "reconnecting"
            if status.next_try_after is not None:
                next_try_at = tried_at + round(status.next_try_after * 1_000)
        return Person(
            address=one.peer.address,
            name=shown_name(one),
            own_name=one.own_name,
            alias=one.alias,
            contact=one.relation is Relation.CONTACT,
            relation=RELATIONS[one.relation],
            online=online,
            link=link,
            next_try_at=next_try_at,
            reason="" if online or status is None else status.reason,
            level=int(one.level),
            verified_at=one.verified_at,
            blocked=one.blocked,
            nearby=online or around is not None,
            chat=one.peer.address if one.relation is not Relation.NONE else None,
            hosts=tuple(str(place) for place in known.places),
            first_seen_at=one.first_seen_at,
            last_seen_at=self.now() if online else one.last_seen_at,
            held=one.held,
            verified_how=one.verified_how,
            warnings=self._likeness.cautions(one.peer, (one.own_name,), known.places),
        )


def draft(row: ChatRow) -> Draft | None:
    """What was written and not sent."""
    if not row.draft and row.draft_reply is None:
        return None
    return Draft(row.draft, None if row.draft_reply is None else row.draft_reply.hex())

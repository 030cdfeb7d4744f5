"""What happened, told to everyone who listens: the page's tabs first of all.

An event is told only after its commit, in the order of the commits. A listener that does not
keep up is not waited for: its queue is bounded, and when it runs over it is marked ``lost`` and
told nothing more; it has to look at everything afresh (a tab reconnects and does just that).
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from gevent.queue import Empty, SimpleQueue

from engine.chat.views import Chat, Emoji, Group, Holder, Me, Message, Person, Request, plain

MAX_WAITING = 10_000  # events one listener may lag behind: some 5 MiB of text messages


class Event:
    """Base of all events. ``type`` names it in the API."""

    __slots__ = ()
    type: ClassVar[str]

    def __repr__(self) -> str:
        """Only what happened: to whom and what they wrote must not reach a log."""
        return f"<{type(self).__name__}>"

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"type": self.type}
        for field in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            told[field.name] = plain(getattr(self, field.name))
        return told


@dataclass(frozen=True, slots=True, repr=False)
class MessageAdded(Event):
    type: ClassVar[str] = "message.added"
    chat: str
    message: Message
    before: str | None = None  # the message it stands before; None: at the end


@dataclass(frozen=True, slots=True, repr=False)
class MessageState(Event):
    type: ClassVar[str] = "message.state"
    chat: str
    id: str
    state: str


@dataclass(frozen=True, slots=True, repr=False)
class MessageChanged(Event):
    """Something was done to it: edited, reacted to, pinned, deleted for everyone; its time began.
    What quotes it reads differently, too."""

    type: ClassVar[str] = "message.changed"
    chat: str
    message: Message


@dataclass(frozen=True, slots=True, repr=False)
class TypingChanged(Event):
    """Who is writing something now."""

    type: ClassVar[str] = "typing.changed"
    chat: str
    people: tuple[Holder, ...]


@dataclass(frozen=True, slots=True, repr=False)
class MessageRemoved(Event):
    """Deleted here, or its time ran out; or a line that no longer counts, after a group that had
    been parted came together."""

    type: ClassVar[str] = "message.removed"
    chat: str
    id: str


@dataclass(frozen=True, slots=True, repr=False)
class PersonChanged(Event):
    type: ClassVar[str] = "person.changed"
    person: Person


@dataclass(frozen=True, slots=True, repr=False)
class PersonRemoved(Event):
    type: ClassVar[str] = "person.removed"
    address: str


@dataclass(frozen=True, slots=True, repr=False)
class RequestAdded(Event):
    type: ClassVar[str] = "request.added"
    request: Request


@dataclass(frozen=True, slots=True, repr=False)
class RequestRemoved(Event):
    type: ClassVar[str] = "request.removed"
    address: str


@dataclass(frozen=True, slots=True, repr=False)
class ChatChanged(Event):
    type: ClassVar[str] = "chat.changed"
    chat: Chat


@dataclass(frozen=True, slots=True, repr=False)
class ChatRemoved(Event):
    type: ClassVar[str] = "chat.removed"
    chat: str


@dataclass(frozen=True, slots=True, repr=False)
class GroupChanged(Event):
    type: ClassVar[str] = "group.changed"
    group: Group


@dataclass(frozen=True, slots=True, repr=False)
class GroupRemoved(Event):
    type: ClassVar[str] = "group.removed"
    chat: str


@dataclass(frozen=True, slots=True, repr=False)
class MeChanged(Event):
    type: ClassVar[str] = "me.changed"
    me: Me


@dataclass(frozen=True, slots=True, repr=False)
class Notice(Event):
    """Something the person should know that belongs to no chat."""

    type: ClassVar[str] = "notice"
    code: str
    sentence: str


@dataclass(frozen=True, slots=True, repr=False)
class SasChanged(Event):
    """Where comparing emoji with somebody stands."""

    type: ClassVar[str] = "sas.changed"
    person: str
    state: str  # waiting, compare, same_said, verified, different, cancelled
    emoji: tuple[Emoji, ...]  # seven, once they are known
    started_by_me: bool
    reason: str  # by_me, by_them, connection_lost, broken_commitment, not_stored; else ""


class Subscription:
    """One listener's bounded queue."""

    def __init__(self, bus: "EventBus") -> None:
        self.lost = False
        self._bus = bus
        self._queue: SimpleQueue[Event] = SimpleQueue()

    def get(self, timeout: float | None = None) -> list[Event]:
        """Wait for events and return all there are; [] when ``timeout`` seconds brought none."""
        try:
            events = [self._queue.get(timeout=timeout)]
        except Empty:
            return []
        while not self._queue.empty():
            events.append(self._queue.get_nowait())
        return events

    def close(self) -> None:
        self._bus.forget(self)

    def put(self, event: Event) -> None:
        if self._queue.qsize() >= MAX_WAITING:
            self.lost = True
            self.close()
        else:
            self._queue.put_nowait(event)


class EventBus:
    """Tells each event to every subscription, in order."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def subscribe(self) -> Subscription:
        subscription = Subscription(self)
        self._subscriptions.append(subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def tell(self, event: Event) -> None:
        for subscription in tuple(self._subscriptions):
            subscription.put(event)

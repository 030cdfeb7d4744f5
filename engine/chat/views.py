"""What the page and scripts are shown: frozen records whose field names are the API's.

The names are a contract (docs/api.md): fields are added, never renamed. Times are integer
milliseconds UTC, ``None`` where there is none; addresses are the 56-character text form.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Protocol


class View:
    """Base of everything shown; ``as_json`` is shallow but for nested views."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Never what people wrote or are called: a view may end up in a log."""
        return f"<{type(self).__name__}>"

    def as_json(self) -> dict[str, Any]:
        return {name: plain(getattr(self, name)) for name in _names(type(self))}


_NAMES: dict[type, tuple[str, ...]] = {}


def _names(kind: type) -> tuple[str, ...]:
    known = _NAMES.get(kind)
    if known is None:
        known = _NAMES[kind] = tuple(field.name for field in fields(kind))
    return known


def plain(value: Any) -> Any:
    """Make of a view, or several of them, what JSON can hold."""
    if isinstance(value, View):
        return value.as_json()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


@dataclass(frozen=True, slots=True, repr=False)
class Me(View):
    """Who we are, and where others reach us."""

    address: str
    name: str
    port: int
    fingerprint: str
    protected: bool  # the key file asks for a passphrase
    visibility: str  # everyone, contacts, hidden
    hosts: tuple[str, ...]
    version: str
    discovery: str  # on, off (so started), unavailable
    networks: tuple[str, ...]  # where people are looked for now, such as "wlan0 192.168.1.0/24"
    receipts: bool = True  # we tell that we have read something, and are told
    typing: bool = True  # we tell that we are writing something, and are told
    restored: bool = False  # came from a backup, and the person has not said yet that they know


@dataclass(frozen=True, slots=True, repr=False)
class Caution(View):
    """Somebody could be taken for another person, whom we know."""

    code: str  # same_name, same_place, look_alike
    address: str  # the other person's
    name: str  # and what the page calls them


@dataclass(frozen=True, slots=True, repr=False)
class Person(View):
    """Somebody we know of: a contact, somebody we asked or met, or whoever is on this network."""

    address: str
    name: str  # what the page calls them: our name for them, else their own
    own_name: str
    alias: str
    contact: bool
    relation: str  # none, asked, contact
    online: bool
    link: str  # online, connecting, reconnecting, offline
    next_try_at: int | None
    reason: str  # code of the last failure to reach them, "" when there was none
    level: int  # 0 first use, 1 came by an invite, 2 verified
    verified_at: int | None
    blocked: bool
    nearby: bool
    chat: str | None
    hosts: tuple[str, ...]
    first_seen_at: int
    last_seen_at: int | None
    held: bool  # the emoji differed: nothing is sent until the user lifts it
    verified_how: str  # emoji, number or qr; "" when not verified
    warnings: tuple[Caution, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Request(View):
    """A stranger who would like to talk."""

    address: str
    name: str
    text: str
    at: int
    warnings: tuple[Caution, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Emoji(View):
    number: int  # 0 to 63: its place in the list, by which the page names it
    emoji: str
    name: str  # in English


@dataclass(frozen=True, slots=True, repr=False)
class Holder(View):
    """Somebody in a list of people: who has something, does not have it yet, reacted, types."""

    address: str
    name: str  # as the page calls them; "" for ourselves


@dataclass(frozen=True, slots=True, repr=False)
class System(View):
    """What a line says that the program writes. Names are as the page calls people, "" for
    ourselves."""

    what: str  # created, added, removed, left, role, renamed, timer
    by: str
    by_name: str
    who: str  # "" where it is nobody: created, renamed
    who_name: str
    name: str  # the group's: created, renamed; else ""
    role: str  # admin or member: role; else ""
    history: bool  # added: the newcomer was given what had been said before
    seconds: int = 0  # timer: how long what is sent from then on stays; 0 for ever


@dataclass(frozen=True, slots=True, repr=False)
class Quote(View):
    """The beginning of the message that another one answers, as it reads now."""

    id: str
    author: str  # "" when it is missing
    author_name: str
    own: bool
    kind: str  # text, deleted, missing (not on this disk), unknown, system
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class Reaction(View):
    emoji: str
    own: bool  # one of them is ours
    people: tuple[Holder, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Mention(View):
    """A part of a text that names somebody, in code points."""

    start: int
    length: int
    address: str
    name: str  # what the page calls them now; "" for ourselves


@dataclass(frozen=True, slots=True, repr=False)
class Message(View):
    id: str
    chat: str
    author: str
    own: bool
    kind: str  # text, system, deleted (for everyone, by its author), unknown ...
    text: str
    at: int
    state: str  # waiting, sent, delivered, read, failed; of a received one: delivered
    reply_to: str | None
    reason: str  # why it failed, "" otherwise
    author_name: str = ""  # what the page calls the author; "" for our own
    system: System | None = None  # of kind system, whose text says the same in English
    quote: Quote | None = None  # of the message that ``reply_to`` names
    edited_at: int | None = None
    reactions: tuple[Reaction, ...] = ()  # the most given first
    pinned: bool = False
    forwarded: bool = False
    mentions: tuple[Mention, ...] = ()
    timer: int = 0  # seconds it stays once it was seen; 0 for ever
    ends_at: int | None = None  # when it goes; None while its time has not begun


@dataclass(frozen=True, slots=True, repr=False)
class Version(View):
    """What a message read at a time."""

    text: str
    at: int


@dataclass(frozen=True, slots=True, repr=False)
class Piece(View):
    """Part of what is shown of a hit."""

    text: str
    hit: bool  # it is what was looked for


@dataclass(frozen=True, slots=True, repr=False)
class Hit(Message):
    """A message that was found."""

    snippet: tuple[Piece, ...] = ()  # the text around the first hit, on one line


@dataclass(frozen=True, slots=True, repr=False)
class Draft(View):
    text: str
    reply_to: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Chat(View):
    chat: str
    kind: str  # direct or group
    name: str
    unread: int
    last: Message | None
    first_unread: str | None
    muted: bool = False
    standing: str = ""  # a group's; "" for a direct chat
    draft: Draft | None = None
    timer: int = 0  # seconds that new messages stay once they were seen; 0 for ever
    pins: int = 0
    mentioned: bool = False  # something unread mentions us


@dataclass(frozen=True, slots=True, repr=False)
class Seen(View):
    """Which members' disks have a message; we ourselves are in neither list."""

    seen: tuple[Holder, ...]
    waiting: tuple[Holder, ...]
    read: tuple[Holder, ...] = ()  # those of ``seen`` who looked at it, and tell so


@dataclass(frozen=True, slots=True, repr=False)
class Missing(View):
    """Messages of one author that we know of and do not have."""

    author: str
    name: str
    count: int
    held_by: tuple[Holder, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Member(View):
    address: str
    name: str  # as the page calls them
    role: str  # creator, admin, member
    own: bool  # ourselves
    contact: bool
    level: int  # as a Person's
    online: bool  # a link stands now
    up_to_date: bool  # their disk has all that ours has, as far as we know
    added_by: str
    may_change: bool  # we may remove them, or change their role
    contradicts: bool  # they signed two different events under one number


@dataclass(frozen=True, slots=True, repr=False)
class Group(View):
    """A group, whatever our standing in it."""

    chat: str
    name: str
    standing: str  # member, left, removed, invited
    role: str  # ours: creator, admin, member; "" when we are not in it
    creator: str
    added_by: str  # who added us; ourselves when we made it
    added_by_name: str
    members: tuple[Member, ...]
    complete: bool  # nothing that we know of is missing
    missing: tuple[Missing, ...]
    muted: bool
    made_at: int
    restored: bool = False  # from a backup: we cannot write before a member has been reached


@dataclass(frozen=True, slots=True, repr=False)
class Safety(View):
    number: str  # 60 digits
    qr: str  # SVG


@dataclass(frozen=True, slots=True, repr=False)
class Invite(View):
    """What is passed on to somebody, so that they find us."""

    link: str  # holds a secret when it has a pass
    qr: str  # SVG of the link
    expires_at: int | None  # None: without a pass, so never


@dataclass(frozen=True, slots=True, repr=False)
class Connected(View):
    """How an attempt to connect ended well."""

    address: str
    name: str
    contact: bool
    state: str  # connected or requested
    invite: str = ""  # of one with a pass: accepted or not_accepted


class Pieces(Protocol):
    """Bytes that come one after the other, and are closed at the end, read or not."""

    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, repr=False)
class Attachment:
    """A file that is made while it is sent; no JSON."""

    name: str  # letters of ASCII, digits, dots and hyphens
    size: int | None  # bytes; None: not known before the end
    pieces: Pieces


@dataclass(frozen=True, slots=True, repr=False)
class Finding(View):
    """One thing that the connection doctor looked at."""

    code: str
    state: str  # good, bad, unknown
    sentence: str


@dataclass(frozen=True, slots=True, repr=False)
class Report(View):
    """What the connection doctor says: one cause, and what it rests on."""

    ok: bool
    cause: str  # "" when all is well
    sentence: str
    command: str  # or a setting; "" when there is nothing to mend
    findings: tuple[Finding, ...]

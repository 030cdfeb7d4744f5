"""Whom we know, and how far we trust them: the rules, without a disk or a wire.

A person is a public key. Everything else is what they say of themselves (``own_name``), what we
say of them (``alias``), or what happened between us; none of it can turn into another key.

    NONE ──we ask──► ASKED ──they accept──► CONTACT        blocked: kept, but as a stranger
      └──────────they ask, we accept───────────▲           held: so too, as emoji differed

    FIRST_USE ──came by an invite──► INVITED ──compared──► VERIFIED
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from identity import PeerId

MAX_NAME: Final = 64  # characters of a name
MAX_NAME_TEXT: Final = 1_024  # characters of input looked at; what follows is cut off
MAX_MARKS: Final = 6  # on one letter: no script needs more, and a tower of them hides other lines

_JOINERS: Final = frozenset("\u200c\u200d")
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
# Latin, Greek and Cyrillic come before; from Hebrew on, some scripts join letters.
_JOINING_SCRIPTS_FROM: Final = "\u0590"
_MORE_LATIN: Final = "\u1e00\u1fff"  # from, to: Vietnamese among them, and old Greek
# Letters and marks that show nothing: with them, two names could look alike or have no look.
_BLANK: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE0F)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)


# Ticks, boxes with a tick, shields, locks, rosettes: by these the page says how far somebody is
# trusted, so nobody can have one in their name. The page takes out the same (static/js/names.js).
_TRUST_SIGNS: Final = frozenset(
    "\u221a\u2310\u237b\u2610\u2611\u2612\u26c9\u26ca\u26e8\u2705\u2713\u2714\u2bbd"
    "\U00010102\U0001f3c5\U0001f396\U0001f4ae\U0001f50f\U0001f510\U0001f511\U0001f512\U0001f513"
    "\U0001f5f8\U0001f5f9\U0001f6e1\U0001f947"
)


class Level(IntEnum):
    """How sure we are that the key is the person's. The values are stored and shown in the API."""

    FIRST_USE = 0
    INVITED = 1
    VERIFIED = 2


class Relation(IntEnum):
    """How far we two have come. The values are stored."""

    NONE = 0
    ASKED = 1  # we asked, they have not answered
    CONTACT = 2


@dataclass(frozen=True, slots=True)
class Contact:
    """One person, as far as we know them. Times are milliseconds UTC."""

    peer: PeerId
    first_seen_at: int
    own_name: str = ""
    alias: str = ""
    relation: Relation = Relation.NONE
    level: Level = Level.FIRST_USE
    verified_at: int | None = None
    verified_how: str = ""  # emoji, number or qr
    blocked: bool = False
    held: bool = False  # they may not be who they seem: nothing is sent until the user lifts it
    last_seen_at: int | None = None


def shown_name(contact: Contact) -> str:
    """Our name for them, else their own, else the beginning of their address."""
    return contact.alias or contact.own_name or contact.peer.short


def is_shut_out(contact: Contact) -> bool:
    """Say whether they are treated as a stranger whom nobody hears."""
    return contact.blocked or contact.held


def may_send_direct(contact: Contact) -> bool:
    """Say whether direct messages flow between us: both agreed, and we have not shut them out."""
    return contact.relation is Relation.CONTACT and not is_shut_out(contact)


def may_be_written_to(contact: Contact) -> bool:
    """Say whether messages for them may be queued: they wait until both have agreed."""
    return contact.relation is not Relation.NONE and not is_shut_out(contact)


def is_redialled(contact: Contact) -> bool:
    """Say whether we keep trying to reach them: contacts, and those whom we asked."""
    return contact.relation is not Relation.NONE and not is_shut_out(contact)


def clean_name(text: str) -> str:
    """Return a name that is safe to show beside others: at most 64 visible characters.

    Dropped are control, format (also bidirectional), private, surrogate and unassigned
    characters, blank letters, the signs by which the page shows trust, and marks with no letter or
    too many on one. All kinds of space become single ones. A joiner stays only between two visible
    characters from Hebrew on, where scripts and emoji need it. The cut never falls inside a letter
    with its marks.

    >>> clean_name("  Alice\\u202e \\t the\\u200b 1st\\n")
    'Alice the 1st'
    """
    # Composed first, so that marks are counted as letters have them; and again at the end,
    # because what was dropped may have stood between a letter and its mark.
    composed = unicodedata.normalize("NFC", text[:MAX_NAME_TEXT])
    name = ""
    for cluster in _clusters(unicodedata.normalize("NFC", "".join(_visible(composed)))):
        if len(name) + len(cluster) > MAX_NAME:
            break
        name += cluster
    return name.rstrip(" ")


def _visible(text: str) -> Iterator[str]:
    """Yield what can be seen, with single spaces, and with joiners where they join something."""
    letter, marks, between = " ", 0, ""  # the last letter, its marks, what stood behind them
    for char in text:
        if char.isspace() or char in _TRUST_SIGNS:
            between = " "
        elif char in _JOINERS:
            between = between or char
        elif _shows(char, after_space=" " in (letter, between)):
            # Counted across joiners too: they start no new letter.
            marks = marks + 1 if _is_mark(char) else 0
            if marks > MAX_MARKS:
                continue
            if between == " ":
                yield from () if letter == " " else between
            elif _joins(letter) and (marks or _joins(char)):
                yield from between
            yield char
            letter, between = letter if marks else char, ""


def _joins(letter: str) -> bool:
    """Say whether the letter is of a script, or an emoji, that joiners are for."""
    return letter >= _JOINING_SCRIPTS_FROM and not _MORE_LATIN[0] <= letter <= _MORE_LATIN[1]


def _shows(char: str, *, after_space: bool) -> bool:
    """Say whether this character can be seen where it stands."""
    if char in _BLANK or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn"):
        return False
    # A mark changes the letter before it; with none there it would change something else.
    return not (after_space and _is_mark(char))


def _clusters(text: str) -> Iterator[str]:
    """Cut the text into letters with all that belongs to them."""
    cluster = ""
    for char in text:
        belongs = _is_mark(char) or char in _JOINERS or ord(char) in _SKIN_TONES
        if cluster and not belongs and cluster[-1] not in _JOINERS:
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")

"""Names that look alike: who could be taken for somebody we know.

    name --clean--> NFKD --one letter for all alike--> no accents, spaces, points --> skeleton

Two names look alike when they have a skeleton in common (Unicode's UTS #39, made tolerant of case
and of accents). It is made twice: of the name as it stands, because a capital I looks like a small
l, and of the name in small letters, because nobody remembers the case (docs/decisions/0030).

>>> bool(skeletons("Вudi") & skeletons("budi"))
True
>>> bool(skeletons("Budi") & skeletons("Rudi"))
False
"""

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from confusable_homoglyphs.confusables import confusables_data

from contacts import Relation, clean_name, is_shut_out, shown_name
from engine.chat.views import Caution
from engine.protocol.invite import HostPort
from engine.store.people import Known
from identity import PeerId

MAX_CAUTIONS: Final = 8  # about one person: more would not be read
NAMES_KEPT: Final = 4_096  # names worked out: everybody in the book and on the network

# Accents of the alphabets. The vowel signs of other scripts are letters, and stay.
_ACCENTS: Final = (
    range(0x0300, 0x0370),
    range(0x1AB0, 0x1B00),
    range(0x1DC0, 0x1E00),
    range(0x20D0, 0x2100),
    range(0xFE20, 0xFE30),
)
# Joiners, how an emoji is drawn, and what makes an Arabic word longer.
_UNSEEN: Final = frozenset("\u200c\u200d\ufe0e\ufe0f\u0640")


class Familiar:
    """The people we know, laid out so that one look tells whom somebody could be taken for.

    It is a picture of a moment: made anew when one of them, or our own name, changed.
    """

    def __init__(self, me: PeerId, own_name: str, known: Iterable[Known]) -> None:
        self._in_good_standing: set[PeerId] = set()
        self._called: dict[PeerId, str] = {}
        self._names: dict[str, list[PeerId]] = {}
        self._skeletons: dict[str, list[PeerId]] = {}
        self._places: dict[HostPort, list[PeerId]] = {}
        for one in known:
            if one.contact.relation is Relation.NONE and not is_shut_out(one.contact):
                continue  # no more than seen
            if _is_in_good_standing(one):
                self._in_good_standing.add(one.peer)
            self._called[one.peer] = shown_name(one.contact)
            self._add(one.peer, (one.contact.alias, one.contact.own_name))
            for place in one.places:
                self._places.setdefault(place, []).append(one.peer)
        self._me = me
        self._called[me] = own_name
        for skeleton in skeletons(own_name):  # nobody else may be called what we are called
            self._skeletons.setdefault(skeleton, []).append(me)

    def cautions(
        self, peer: PeerId, names: Iterable[str], places: Iterable[HostPort]
    ) -> tuple[Caution, ...]:
        """Whom ``peer`` could be taken for, who says to be called ``names`` and be at ``places``.

        Everybody else is compared with all whom we know, the held, the blocked and those we only
        asked among them. Two contacts who go by one name are both said to look alike: which of
        them took it from the other is not ours to say.
        """
        found: dict[tuple[str, PeerId], None] = {}
        for name in dict.fromkeys(names):
            for other in self._names.get(_clean(name), ()):
                found["same_name", other] = None
            for skeleton in skeletons(name):
                for other in self._skeletons.get(skeleton, ()):
                    found["look_alike", other] = None
        for place in places:
            for other in self._places.get(place, ()):
                found["same_place", other] = None
        return tuple(
            Caution(code, other.address, self._called[other])
            for code, other in self._sorted(peer, found)
        )[:MAX_CAUTIONS]

    def _sorted(
        self, peer: PeerId, found: Iterable[tuple[str, PeerId]]
    ) -> Iterable[tuple[str, PeerId]]:
        """What of all that was found is worth saying of ``peer``."""
        found = [(code, other) for code, other in found if other != peer]
        if peer in self._in_good_standing:
            both = {*self._in_good_standing, self._me}
            names = [other for code, other in found if code != "same_place" and other in both]
            return [("look_alike", other) for other in dict.fromkeys(names)]
        same = {other for code, other in found if code == "same_name"}
        return [(code, other) for code, other in found if code != "look_alike" or other not in same]

    def _add(self, peer: PeerId, names: Iterable[str]) -> None:
        for name in dict.fromkeys(names):
            if _clean(name):
                self._names.setdefault(_clean(name), []).append(peer)
            for skeleton in skeletons(name):
                self._skeletons.setdefault(skeleton, []).append(peer)


class Likeness:
    """Tells whom somebody could be taken for, as things stand now."""

    def __init__(
        self, me: PeerId, *, own_name: Callable[[], str], known: Callable[[], Iterable[Known]]
    ) -> None:
        self._me = me
        self._own_name = own_name
        self._known = known
        self._traits: dict[PeerId, object] = {}
        self._familiar: Familiar | None = None

    def cautions(
        self, peer: PeerId, names: Iterable[str], places: Iterable[HostPort]
    ) -> tuple[Caution, ...]:
        if self._familiar is None:
            self._familiar = Familiar(self._me, self._own_name(), self._known())
        return self._familiar.cautions(peer, names, places)

    def name_changed(self) -> None:
        self._familiar = None

    def person_changed(self, peer: PeerId, known: Known | None) -> None:
        """Most news of a person, that they came or went, make no difference here."""
        traits = None
        if known is not None:
            one = known.contact
            standing = _is_in_good_standing(known)
            traits = (standing, one.alias, one.own_name, frozenset(known.places))
        if self._traits.get(peer) != traits:
            self._familiar = None
        if traits is None:
            self._traits.pop(peer, None)
        else:
            self._traits[peer] = traits


def _is_in_good_standing(known: Known) -> bool:
    return known.contact.relation is Relation.CONTACT and not is_shut_out(known.contact)


@lru_cache(maxsize=NAMES_KEPT)
def skeletons(name: str) -> frozenset[str]:
    """What is left of a name when everything that is easily overlooked is taken away.

    Names with one of them in common look alike. An empty name has none.
    """
    text = unicodedata.normalize("NFKD", _clean(name))
    if not text:
        return frozenset()
    as_it_stands = _drawn(_drawn(text).casefold())
    in_small_letters = _drawn(text.casefold())
    return frozenset((_bare(as_it_stands), _bare(in_small_letters)))


_clean = lru_cache(maxsize=NAMES_KEPT)(clean_name)


def _drawn(text: str) -> str:
    """One letter for all that look like it; those of two letters become two."""
    return unicodedata.normalize("NFKD", "".join(_PROTOTYPES.get(char, char) for char in text))


def _bare(text: str) -> str:
    """Without accents, spaces and points; i as l, since its capital already is."""
    letters = "".join(char for char in text if not _is_accent(char)).replace("i", "l")
    # A name of nothing but points keeps them: it would be like all others of that kind.
    return "".join(char for char in letters if unicodedata.category(char)[0] not in "PZ") or text


def _is_accent(char: str) -> bool:
    return char in _UNSEEN or any(ord(char) in block for block in _ACCENTS)


def _prototypes() -> dict[str, str]:
    """For each letter the one that stands for all that look like it.

    The library lists, for every letter, those it can be confused with. Unicode's table behind it
    is made of stars: many letters point to one that points nowhere. So a letter with several
    partners is the middle of its star, and one with a single partner points there.
    """
    # Letters that are written from right to left stand there between marks of direction.
    partners = {
        key.strip("\u200e"): [one["c"].strip("\u200e") for one in found]
        for key, found in confusables_data.items()
    }
    prototypes = {}
    for letter, others in partners.items():
        if len(letter) != 1 or len(others) != 1:
            continue
        [other] = others
        is_middle = len(other) > 1 or len(partners.get(other, ())) > 1
        if is_middle or other < letter:  # of a pair either could be the middle
            prototypes[letter] = other
    return prototypes


_PROTOTYPES: Final = _prototypes()

"""Who may see that we are here: everyone on this network, our contacts alone, or nobody.

everyone   name and key, for whoever looks
contacts   a record that only they recognise; a new one every quarter of an hour and on every
           other network, so that two of them cannot be known for the same person's
hidden     nothing; we still see others, and dial them
"""

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Final

from engine.protocol import beacon
from identity import PeerId

VEILED_FOR: Final = 900.0  # seconds that one veiled record is said


class Visibility(StrEnum):
    EVERYONE = "everyone"
    CONTACTS = "contacts"
    HIDDEN = "hidden"


class OwnBeacon:
    def __init__(
        self,
        me: PeerId,
        visibility: Visibility,
        *,
        name: Callable[[], str],
        passes: Callable[[], Collection[bytes]],
        announce: Callable[[dict[str, bytes] | None], None],
        random: Callable[[int], bytes],
        clock: Callable[[], float],
    ) -> None:
        """``passes``: what we made for each contact. ``announce`` is told what to let others see,
        None for nothing; ``begin`` says it the first time."""
        self._me = me
        self._visibility = visibility
        self._name = name
        self._passes = passes
        self._announce = announce
        self._random = random
        self._clock = clock
        self._said: object = None  # what the record announced now is made from
        self._said_at = 0.0

    @property
    def visibility(self) -> Visibility:
        return self._visibility

    def change(self, visibility: Visibility) -> None:
        self._visibility = visibility
        self.refresh()

    def begin(self) -> None:
        """There is a network to be heard on now: announce, whatever was said into the void."""
        self._said = None
        self.refresh()

    def refresh(self) -> None:
        """Our name or our contacts may have changed: announce anew if what we say is not so now."""
        said: object = self._visibility
        match self._visibility:
            case Visibility.EVERYONE:
                said = (said, self._name())
            case Visibility.CONTACTS:
                said = (said, frozenset(self._passes()))
        if said != self._said:
            self._say(said)

    def tick(self) -> None:
        """Let a veiled record not grow old. To be called now and then, such as every minute."""
        if self._clock() >= self._said_at + VEILED_FOR:
            self.renew()

    def renew(self) -> None:
        """Make a veiled record anew: we may be elsewhere, where the last one is not said."""
        if self._visibility is Visibility.CONTACTS:
            self._say((self._visibility, frozenset(self._passes())))

    def _say(self, said: object) -> None:
        self._said, self._said_at = said, self._clock()
        match self._visibility:
            case Visibility.EVERYONE:
                self._announce(beacon.write_open(self._me, self._name()))
            case Visibility.CONTACTS if passes := self._passes():
                self._announce(beacon.write_veiled(passes, self._random))
            case _:  # hidden; or nobody could recognise us, and strangers need not know of us
                self._announce(None)

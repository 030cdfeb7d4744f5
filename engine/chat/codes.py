"""What people hold up to each other's cameras, pass on as links, and compare digit by digit."""

import io
from collections.abc import Callable, Sequence

import segno

from engine.chat.answering import answers, read_peer
from engine.chat.book import Book
from engine.chat.errors import Refused
from engine.chat.invites import Invites
from engine.chat.scan import Scanner
from engine.chat.views import Invite, Safety
from engine.protocol.invite import HostPort, make_invite
from engine.protocol.safety import read_number, safety_number
from identity import PeerId


class Codes:
    def __init__(
        self,
        me: PeerId,
        *,
        book: Book,
        invites: Invites,
        own_name: Callable[[], str],
        places: Callable[[], Sequence[HostPort]],
    ) -> None:
        self._me = me
        self._book = book
        self._invites = invites
        self._own_name = own_name
        self._places = places
        self._scanner = Scanner()

    @answers
    def make_invite(self) -> Invite:
        """A link for one person, with a pass that works once, within a day."""
        made = self._invites.make()
        return self._invite(made.knock_pass, made.ends_at)

    def invite(self) -> Invite:
        """The same link without a pass: it may be shown to everybody."""
        return self._invite(None, None)

    def safety(self, address: str) -> Safety:
        number = self._number(address)
        return Safety(number, picture_of(number))

    def compare_safety(self, address: str, code: str) -> bool:
        """Whether a code that was scanned, pasted or typed is the one we show. Changes nothing."""
        ours, theirs = self._number(address), read_number(code)
        if theirs is None:
            raise Refused("bad_code", "This is no safety number: it has 60 digits.")
        return ours == theirs

    def scan(self, grey: bytes, *, width: int, height: int) -> list[str]:
        return self._scanner.scan(grey, width=width, height=height)

    def stop(self) -> None:
        self._scanner.stop()

    def _number(self, address: str) -> str:
        return safety_number(self._me, self._book.find(read_peer(address)).peer)

    def _invite(self, knock_pass: bytes | None, ends_at: int | None) -> Invite:
        link = make_invite(self._me, self._places(), self._own_name(), knock_pass)
        return Invite(link, picture_of(link), ends_at)


def picture_of(text: str) -> str:
    """A QR code of it, as SVG that takes the size it is given."""
    picture = io.BytesIO()
    segno.make(text, error="m").save(
        picture, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2
    )
    return picture.getvalue().decode()

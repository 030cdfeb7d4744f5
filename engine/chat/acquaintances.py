"""The people: whom we know, who is around, who asks; and everything a user does about them."""

from contacts import Contact
from engine.chat import connect as connecting
from engine.chat.answering import answers, read_peer
from engine.chat.book import Book
from engine.chat.direct import Direct
from engine.chat.errors import Refused
from engine.chat.events import (
    ChatRemoved,
    EventBus,
    PersonChanged,
    PersonRemoved,
    SasChanged,
)
from engine.chat.likeness import Likeness
from engine.chat.links import Links
from engine.chat.lookout import Lookout
from engine.chat.nearby import NearbyPerson
from engine.chat.shown import Shown
from engine.chat.talks import Talks, forget_chat
from engine.chat.trust import Trust
from engine.chat.verify import Verification
from engine.chat.views import Connected, Person, Request
from engine.net.peers import Peers
from engine.net.redial import Redial
from engine.store.people import Known
from identity import PeerId

COMPARED_BY = ("number", "qr")


class Acquaintances:
    def __init__(
        self,
        me: PeerId,
        *,
        book: Book,
        bus: EventBus,
        shown: Shown,
        peers: Peers,
        redial: Redial,
        links: Links,
        trust: Trust,
        direct: Direct,
        talks: Talks,
        lookout: Lookout,
        verification: Verification,
        likeness: Likeness,
    ) -> None:
        self._me = me
        self._book = book
        self._bus = bus
        self._shown = shown
        self._peers = peers
        self._redial = redial
        self._links = links
        self._trust = trust
        self._direct = direct
        self._talks = talks
        self._lookout = lookout
        self._verification = verification
        self._likeness = likeness

    def people(self) -> list[Person]:
        """Whom we know, then the strangers on this network."""
        known = [self._person(one) for one in self._book]
        around = self._lookout.nearby.people()
        return known + [self._stranger(one) for one in around if self._book.get(one.peer) is None]

    @answers
    def connect(self, address: str, text: str = "") -> Connected:
        return connecting.connect(
            address,
            text,
            me=self._me,
            book=self._book,
            peers=self._peers,
            links=self._links,
            trust=self._trust,
            direct=self._direct,
        )

    # -- requests

    @answers
    def requests(self) -> list[Request]:
        return self._trust.requests()

    @answers
    def answer_request(self, address: str, action: str) -> None:
        peer = read_peer(address)
        match action:
            case "accept":
                self._trust.accept(peer)
                self._links.greet_again(peer)
            case "ignore":
                self._trust.ignore(peer)
            case "block":
                self._block(peer, blocked=True)
            case _:
                raise Refused("bad_request", "The action is accept, ignore or block.")

    # -- one person

    @answers
    def change_person(
        self,
        address: str,
        *,
        name: str | None = None,
        blocked: bool | None = None,
        verified: bool | None = None,
        how: str = "number",
        held: bool | None = None,
    ) -> Person:
        """``held`` can only be taken back: it begins when emoji differ."""
        peer = read_peer(address)
        if how not in COMPARED_BY:
            raise Refused("bad_request", "“how” is number or qr.")
        if held:
            raise Refused("bad_request", "A person is held when the emoji differ, not by hand.")
        if name is not None or verified is not None or held is not None:
            known = self._book.find(peer)
            if verified and known.contact.held and held is None:
                raise Refused("held", "Your emoji differed: lift that first, then compare again.")
        if name is not None:
            self._trust.rename(peer, name)
            self._talks.tell(peer)
        if held is not None:
            self._lift(peer)
        if verified is not None:
            if verified:
                self._trust.verify(peer, how)
            else:
                self._trust.unverify(peer)
        if blocked is not None:
            self._block(peer, blocked=blocked)
        return self._person(self._book.find(peer))

    @answers
    def forget_person(self, address: str, *, history: bool = False) -> None:
        peer = read_peer(address)
        self._book.find(peer)
        self._redial.let_go(peer)
        self._book.remove(peer, forget_chat(peer) if history else lambda _db: None)
        self._verification.forget(peer)
        self._peers.drop(peer)
        if history:
            self._bus.tell(ChatRemoved(peer.address))
        else:
            self._talks.tell(peer)

    # -- being sure of somebody

    def verifications(self) -> list[SasChanged]:
        """The comparisons of emoji that are under way."""
        return self._verification.unfinished()

    @answers
    def verify_by_emoji(self, address: str, action: str) -> SasChanged:
        peer = read_peer(address)
        self._book.find(peer)
        match action:
            case "start":
                self._verification.start(peer)
            case "same":
                self._verification.same(peer)
            case "different":
                self._verification.different(peer)
            case "cancel":
                self._verification.cancel(peer)
            case _:
                raise Refused("bad_request", "The action is start, same, different or cancel.")
        shown = self._verification.shown(peer)
        if shown is None:
            raise Refused("not_found", "Nothing is compared with this person.")
        return shown

    # -- told by the other parts

    def entry_changed(self, peer: PeerId) -> None:
        """After the commit of a change to somebody's entry."""
        known = self._book.get(peer)
        self._likeness.person_changed(peer, known)
        self._lookout.person_changed(peer)
        if known is None:
            self._links.let_go(peer)
            self._direct.forget(peer)
            self._bus.tell(PersonRemoved(peer.address))
        else:
            self._links.keep(known)
        self.tell(peer)

    def tell(self, peer: PeerId) -> None:
        """What is seen of ``peer`` changed."""
        known = self._book.get(peer)
        if known is not None:
            self._bus.tell(PersonChanged(self._person(known)))
            return
        around = self._lookout.nearby.person(peer)
        if around is not None:
            self._bus.tell(PersonChanged(self._stranger(around)))

    def nearby_changed(self, peer: PeerId) -> None:
        """Somebody came to this network, left it, or says something else of themselves."""
        if self._book.get(peer) is None and self._lookout.nearby.person(peer) is None:
            self._bus.tell(PersonRemoved(peer.address))
        self.tell(peer)

    # -- inside

    def _block(self, peer: PeerId, *, blocked: bool) -> None:
        is_around = self._lookout.nearby.person(peer) is not None
        if self._book.get(peer) is None and not is_around and not self._has_asked(peer):
            raise Refused("not_found", "There is nobody of that address here.")
        self._trust.block(peer, blocked=blocked)
        if blocked:
            self._verification.forget(peer)
            self._peers.drop(peer)
        else:
            self._links.look_again(peer)  # they may have come while they were blocked

    def _has_asked(self, peer: PeerId) -> bool:
        return any(request.address == peer.address for request in self._trust.requests())

    def _lift(self, peer: PeerId) -> None:
        self._trust.lift(peer)
        self._links.look_again(peer)  # they may have come while they were held

    def _person(self, known: Known) -> Person:
        status, since = self._links.status(known.peer)
        return self._shown.person(
            known,
            online=self._peers.link(known.peer) is not None,
            status=status,
            tried_at=since,
            around=self._lookout.nearby.person(known.peer),
        )

    def _stranger(self, around: NearbyPerson) -> Person:
        """Somebody on this network of whom we know nothing but what they say."""
        claimed = Contact(around.peer, first_seen_at=0, own_name=around.claimed_name)
        return self._shown.person(
            Known(claimed, places=around.places),
            online=self._peers.link(around.peer) is not None,
            status=None,
            tried_at=0,
            around=around,
        )

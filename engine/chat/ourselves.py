"""Who we are to others: our name, who may find us, what we tell of our attention."""

from collections.abc import Callable
from typing import Final

from contacts import clean_name
from engine.chat.answering import answers
from engine.chat.errors import Refused
from engine.chat.events import EventBus, MeChanged
from engine.chat.likeness import Likeness
from engine.chat.links import Links
from engine.chat.lookout import Lookout
from engine.chat.receipts import Receipts
from engine.chat.safekeeping import Safekeeping
from engine.chat.typings import Typings
from engine.chat.views import Attachment, Me
from engine.chat.visibility import Visibility
from engine.net.hosts import own_places
from engine.net.peers import Peers
from engine.store import people
from engine.store.database import Database
from identity import PeerId

VERSION: Final = "0.1.0"
NAME_SETTING: Final = "name"
VISIBILITY_SETTING: Final = "visibility"


def setting(database: Database, name: str) -> str:
    return database.read(lambda db: people.setting(db, name)) or ""


class Ourselves:
    def __init__(
        self,
        me: PeerId,
        *,
        database: Database,
        bus: EventBus,
        likeness: Likeness,
        lookout: Lookout,
        links: Links,
        peers: Peers,
        receipts: Receipts,
        typings: Typings,
        safe: Safekeeping,
        host: Callable[[], str | None],
    ) -> None:
        """``host``: the address that peers reach, None for all of this machine's."""
        self._me = me
        self._database = database
        self._bus = bus
        self._likeness = likeness
        self._lookout = lookout
        self._links = links
        self._peers = peers
        self._receipts, self._typings = receipts, typings
        self._safe = safe
        self._host = host
        self.name = setting(database, NAME_SETTING)

    def me(self) -> Me:
        return Me(
            address=self._me.address,
            name=self.name,
            port=self._links.port,
            fingerprint=self._me.fingerprint,
            protected=self._safe.protected,
            visibility=self._lookout.visibility.value,
            hosts=tuple(str(place) for place in own_places(self._host(), self._links.port)),
            version=VERSION,
            discovery=self._lookout.state,
            networks=self._lookout.networks,
            restored=self._safe.is_restored,
            receipts=self._receipts.on,
            typing=self._typings.on,
        )

    def tell(self) -> Me:
        """Something of it changed."""
        me = self.me()
        self._bus.tell(MeChanged(me))
        return me

    @answers
    def set_name(self, name: str) -> Me:
        cleaned = clean_name(name)
        if not cleaned:
            raise Refused("bad_request", "A name needs at least one visible character.")
        self._database.write(lambda db: people.set_setting(db, NAME_SETTING, cleaned))
        self.name = cleaned
        self._likeness.name_changed()
        self._lookout.name_changed()
        self._greet_everybody()
        return self.tell()

    @answers
    def set_visibility(self, visibility: str) -> Me:
        """Who may find us: "everyone" here, our "contacts" alone, or nobody: "hidden"."""
        try:
            chosen = Visibility(visibility)
        except ValueError:
            raise Refused("bad_request", "Visibility is everyone, contacts or hidden.") from None
        self._database.write(lambda db: people.set_setting(db, VISIBILITY_SETTING, chosen))
        self._lookout.change(chosen)
        if not self._lookout.is_open_to_strangers:
            self._links.drop_strangers()
        self._greet_everybody()
        return self.tell()

    @answers
    def set_attention(self, *, receipts: bool | None = None, typing: bool | None = None) -> Me:
        """Whether we tell, and are told, what was read and who is writing."""
        if receipts is not None:
            self._receipts.turn(on=receipts)
        if typing is not None:
            self._typings.turn(on=typing)
        return self.tell()

    @answers
    def seen_restored(self) -> Me:
        """The person knows that this is a copy, and that the old one must not run any more."""
        self._safe.seen_restored()
        return self.me()

    def change_passphrase(self, old: str, new: str) -> Me:
        self._safe.change_passphrase(old, new)
        return self.me()

    def backup(self, passphrase: str) -> Attachment:
        return self._safe.backup(passphrase, self.name)

    def _greet_everybody(self) -> None:
        for peer in self._peers.linked():
            self._links.greet_again(peer)

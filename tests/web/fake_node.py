"""A Node without network and disk, as the web room sees it: same names, same refusals, same waits.

`send` returns only after a "commit" that everybody who waits shares, as with the real store; the
lines in `committed` are the order in which messages were taken.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gevent
from gevent.event import Event as Signal

from engine.chat.errors import Refused
from engine.chat.events import (
    ChatChanged,
    ChatRemoved,
    EventBus,
    MeChanged,
    MessageAdded,
    MessageState,
    PersonChanged,
    PersonRemoved,
    RequestAdded,
    RequestRemoved,
    SasChanged,
    Subscription,
)
from engine.chat.views import (
    Chat,
    Connected,
    Emoji,
    Finding,
    Invite,
    Me,
    Message,
    Person,
    Report,
    Request,
    Safety,
    Version,
)
from engine.protocol.sas_emoji import EMOJI
from tests.helpers import person
from tests.web.fake_groups import FakeGroups
from tests.web.fake_history import FakeHistory, part_of
from tests.web.fake_safe import FakeSafe

ME = person(1).peer.address
BOB = person(2).peer.address
DEWI = person(3).peer.address  # has asked us
BOBS_PLACE = "192.168.1.9:6000"
NOBODY = person(9).peer.address

DAY = 24 * 60 * 60 * 1_000
NOW = 1_700_000_000_000
MOST_TEXT = 60_000  # bytes
MOST_NAME = 64  # characters


class FakeNode(FakeSafe, FakeGroups, FakeHistory):
    """Knows Bob, and has a request from Dewi."""

    def __init__(self) -> None:
        FakeSafe.__init__(self)
        FakeGroups.__init__(self, ME)
        self.bus = EventBus()
        self.name = "Alice"
        self.visibility = "everyone"
        self.runs: dict[str, SasChanged] = {}
        self.known = {BOB: _person(BOB, "Bob")}
        self.asking = {DEWI: Request(DEWI, "Dewi", "halo", NOW, ())}
        self.history: dict[str, list[Message]] = {BOB: []}
        self.read: dict[str, str] = {}
        self.changes: list[tuple[Any, ...]] = []  # of chats and messages, in their order
        self.keys: dict[str, Message] = {}
        self.committed: list[str] = []
        self.gates: dict[str, Signal] = {}  # tests hold a call back by its name
        self.waiting: list[str] = []  # the calls that are being held
        self._commit: Signal | None = None

    def hold(self, call: str) -> Signal:
        """Let ``call`` wait until the returned signal is set."""
        self.gates[call] = Signal()
        return self.gates[call]

    def me(self) -> Me:
        self._wait("me")
        return Me(
            address=ME,
            name=self.name,
            port=6000,
            fingerprint="f" * 7,
            protected=False,
            visibility=self.visibility,
            hosts=("127.0.0.1:6000",),
            version="0.1",
            discovery="on",
            networks=("wlan0 192.168.1.0/24",),
        )

    def set_name(self, name: str) -> Me:
        if not 0 < len(name.strip()) <= MOST_NAME:
            raise Refused("bad_request", "A name has 1 to 64 characters.")
        self.name = name
        self.bus.tell(MeChanged(self.me()))
        return self.me()

    def set_visibility(self, visibility: str) -> Me:
        if visibility not in ("everyone", "contacts", "hidden"):
            raise Refused("bad_request", "Visibility is everyone, contacts or hidden.")
        self.visibility = visibility
        self.bus.tell(MeChanged(self.me()))
        return self.me()

    def people(self) -> list[Person]:
        self._wait("people")
        return list(self.known.values())

    def connect(self, address: str, text: str = "") -> Connected:
        self._wait("connect")
        codes = {
            "127.0.0.1:1": "refused",
            "127.0.0.1:2": "timeout",
            "127.0.0.1:3": "not_p2pchat",
            ME: "self",
        }
        if address in codes:
            raise Refused(codes[address], "It did not work.")
        if address not in (BOB, BOBS_PLACE):
            raise Refused("bad_address", "This is no address.")
        return Connected(BOB, "Bob", contact=True, state="connected")

    def requests(self) -> list[Request]:
        return list(self.asking.values())

    def answer_request(self, address: str, action: str) -> None:
        request = self.asking.pop(address, None)
        if request is None:
            raise Refused("not_found", "There is no such request.")
        self.bus.tell(RequestRemoved(address))
        if action == "accept":
            self.known[address] = _person(address, request.name)
            self.history[address] = []
            self.bus.tell(PersonChanged(self.known[address]))
            self.bus.tell(ChatChanged(self._chat(address)))

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
        old = self._person(address)
        alias = old.alias if name is None else name
        self.known[address] = _person(
            address,
            old.own_name,
            alias=alias,
            blocked=old.blocked if blocked is None else blocked,
            level=old.level if verified is None else 2 * verified,
            held=old.held if held is None else held,
        )
        self.bus.tell(PersonChanged(self.known[address]))
        return self.known[address]

    def forget_person(self, address: str, *, history: bool = False) -> None:
        self._person(address)
        del self.known[address]
        self.bus.tell(PersonRemoved(address))
        if history:
            self.history.pop(address, None)
            self.bus.tell(ChatRemoved(address))

    def safety(self, address: str) -> Safety:
        self._person(address)
        return Safety("12345" * 12, "<svg></svg>")

    def compare_safety(self, address: str, code: str) -> bool:
        digits = "".join(code.split())
        if len(digits) != 60 or not (digits.isascii() and digits.isdigit()):
            raise Refused("bad_code", "This is no safety number.")
        return digits == self.safety(address).number

    def make_invite(self) -> Invite:
        return Invite(f"p2pchat:{ME}?k=pass", "<svg></svg>", NOW + DAY)

    def invite(self) -> Invite:
        return Invite(f"p2pchat:{ME}", "<svg></svg>", None)

    def scan(self, grey: bytes, *, width: int, height: int) -> list[str]:
        """Only its own code of three bytes is one."""
        if len(grey) != width * height:
            raise Refused("bad_request", "One byte for each pixel is needed.")
        return ["halo"] if grey == b"QR!" else []

    def verifications(self) -> list[SasChanged]:
        return [run for run in self.runs.values() if run.state in ("waiting", "compare")]

    def verify_by_emoji(self, address: str, action: str) -> SasChanged:
        """Bob answers at once, and what the user says is the end of it."""
        self._person(address)
        states = {
            "start": "compare",
            "same": "verified",
            "different": "different",
            "cancel": "cancelled",
        }
        if action not in states:
            raise Refused("bad_request", "The action is start, same, different or cancel.")
        emoji = tuple(Emoji(number, *EMOJI[number]) for number in range(7))
        run = SasChanged(address, states[action], emoji, started_by_me=True, reason="")
        self.runs[address] = run
        self.bus.tell(run)
        return run

    def doctor(self, address: str = "") -> Report:
        self._wait("doctor")
        if address not in ("", BOBS_PLACE):
            raise Refused("bad_address", "This is no address.")
        command = "sudo ufw allow 6000/tcp"
        finding = Finding("firewall_port", "bad", "A firewall is against it.")
        return Report(False, "port_blocked_here", "A firewall is in the way.", command, (finding,))

    def chats(self) -> list[Chat]:
        return [self._chat(chat) for chat in self.history]

    def messages(self, chat: str, *, limit: int = 50, **where: str | int | None) -> list[Message]:
        return part_of(self._messages(chat), where, limit)

    def send(
        self,
        chat: str,
        text: str,
        *,
        reply_to: str | None = None,
        key: str | None = None,
        mentions: Sequence[tuple[int, int, str]] = (),
    ) -> Message:
        messages = self._messages(chat)
        if not text:
            raise Refused("bad_request", "A message is not empty.")
        if len(text.encode()) > MOST_TEXT:
            raise Refused("too_long", "A message is at most 60,000 bytes.")
        if key is not None and key in self.keys:
            return self.keys[key]
        number = len(self.committed)
        self.committed.append(text)
        message = Message(
            f"m{number:06}", chat, ME, True, "text", text, NOW + number, "waiting", reply_to, ""
        )
        self._wait("send")
        self._wait_for_commit()
        messages.append(message)
        if key is not None:
            self.keys[key] = message
        self.bus.tell(MessageAdded(chat, message))
        return message

    def forward(self, chat: str, source: str, message: str, *, key: str | None = None) -> Message:
        return self.send(chat, self._said(source, message).text, key=key)

    def edit(
        self, chat: str, message: str, text: str, mentions: Sequence[tuple[int, int, str]] = ()
    ) -> Message:
        self.changes.append(("edit", chat, message, text, list(mentions)))
        return replace(self._said(chat, message), text=text, edited_at=NOW)

    def react(self, chat: str, message: str, emoji: str) -> Message:
        self.changes.append(("react", chat, message, emoji))
        return self._said(chat, message)

    def pin(self, chat: str, message: str, *, on: bool) -> Message:
        self.changes.append(("pin", chat, message, on))
        return replace(self._said(chat, message), pinned=on)

    def delete_message(self, chat: str, message: str, *, for_everyone: bool) -> None:
        self._said(chat, message)
        self.changes.append(("delete", chat, message, for_everyone))

    def edits(self, chat: str, message: str) -> list[Version]:
        return [Version(self._said(chat, message).text, NOW)]

    def pins(self, chat: str) -> list[Message]:
        return [one for one in self._messages(chat) if one.pinned]

    def set_attention(self, *, receipts: bool | None = None, typing: bool | None = None) -> Me:
        self.changes.append(("attention", receipts, typing))
        return self.me()

    def _said(self, chat: str, message: str) -> Message:
        for one in self._messages(chat):
            if one.id == message:
                return one
        raise Refused("not_found", "There is no such message.")

    def change_chat(self, chat: str, *, read: str | None = None, **changes: Any) -> None:
        messages = self._messages(chat)
        if read is not None:
            if read not in [known.id for known in messages]:
                raise Refused("not_found", "There is no such message.")
            self.read[chat] = read
        self.changes += [("chat", chat, name, value) for name, value in changes.items()]
        self.bus.tell(ChatChanged(self._chat(chat)))

    def subscribe(self) -> Subscription:
        return self.bus.subscribe()

    # Things that happen to us

    def someone_asks(self) -> None:
        self.bus.tell(RequestAdded(self.asking[DEWI]))

    def delivered(self, chat: str, message: str) -> None:
        self.bus.tell(MessageState(chat, message, "delivered"))

    def _person(self, address: str) -> Person:
        found = self.known.get(address)
        if found is None:
            raise Refused("not_found", "There is no such person.")
        return found

    def _messages(self, chat: str) -> list[Message]:
        found = self.history.get(chat)
        if found is None:
            raise Refused("not_found", "There is no such chat.")
        return found

    def _chat(self, chat: str) -> Chat:
        messages = self.history[chat]
        last = messages[-1] if messages else None
        if chat in self.rooms:
            room = self.rooms[chat]
            return Chat(chat, "group", room.name, 0, last, None, room.muted, room.standing)
        name = self.known[chat].name if chat in self.known else chat
        return Chat(chat, "direct", name, 0, last, None)

    def _wait(self, call: str) -> None:
        if call in self.gates:
            self.waiting.append(call)
            self.gates[call].wait()

    def _wait_for_commit(self) -> None:
        if self._commit is None:
            self._commit = Signal()
            gevent.spawn(self._do_commit)
        self._commit.wait()

    def _do_commit(self) -> None:
        assert self._commit is not None
        done, self._commit = self._commit, None
        done.set()


def _person(
    address: str,
    own_name: str,
    *,
    alias: str = "",
    blocked: bool = False,
    level: int = 0,
    held: bool = False,
) -> Person:
    return Person(
        address=address,
        name=alias or own_name,
        own_name=own_name,
        alias=alias,
        contact=True,
        relation="contact",
        online=True,
        link="online",
        next_try_at=None,
        reason="",
        level=level,
        verified_at=NOW if level == 2 else None,
        blocked=blocked,
        nearby=False,
        chat=address,
        hosts=("127.0.0.1:6001",),
        first_seen_at=NOW,
        last_seen_at=NOW,
        held=held,
        verified_how="number" if level == 2 else "",
        warnings=(),
    )

"""The API: one row per call, each a few lines between a request and the chat room.

docs/api.md describes the rows; a test holds the two together. The names are a contract.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.chat.events import SasChanged
from engine.web import fields
from engine.web.answers import Refusal
from engine.web.messagecalls import MOST_MESSAGES, MessageCalls
from engine.web.sessions import Sessions

if TYPE_CHECKING:
    from engine.chat.node import Node

PREFIX = "/api/v1"
MOST_HITS = 100  # in one answer
LATEST = 2**53 - 1  # milliseconds: what every reader of JSON takes for a whole number
MOST_PIXELS = 1_920  # of each side of a picture
ACTIONS = ("accept", "ignore", "block")
ROLES = ("admin", "member")

_BAD_TICKET = Refusal(
    401, "bad_ticket", "This link has been used or is too old. Ask the program for a fresh one."
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a call gets: the body's fields and the query's; of some calls the body as it came."""

    body: dict[str, Any]
    query: dict[str, Any]
    raw: bytes = b""
    read: Callable[[int], bytes] = lambda _size: b""  # of a body that is streamed


class Api(MessageCalls):
    """The calls. Each returns what becomes JSON, or a Refusal; it may raise Refused."""

    def __init__(self, node: "Node", sessions: Sessions, new_link: Callable[[str], str]) -> None:
        self._node = node
        self._sessions = sessions
        self._new_link = new_link

    def session(self, ask: Ask) -> Any:
        secret = self._sessions.redeem(fields.text(ask.body, "ticket"))
        return _BAD_TICKET if secret is None else {"secret": secret}

    def ticket(self, ask: Ask) -> Any:
        ticket = self._sessions.new_ticket()
        return {"ticket": ticket, "url": self._new_link(ticket)}

    def me(self, ask: Ask) -> Any:
        return self._node.me()

    def change_me(self, ask: Ask) -> Any:
        name = fields.optional_text(ask.body, "name")
        visibility = fields.optional_text(ask.body, "visibility")
        receipts = fields.optional_flag(ask.body, "receipts")
        typing = fields.optional_flag(ask.body, "typing")
        if receipts is not None or typing is not None:
            self._node.set_attention(receipts=receipts, typing=typing)
        if fields.optional_flag(ask.body, "restored") is False:
            self._node.seen_restored()
        if visibility is not None:
            self._node.set_visibility(visibility)
        return self._node.me() if name is None else self._node.set_name(name)

    def change_passphrase(self, ask: Ask) -> Any:
        old = fields.optional_text(ask.body, "old") or ""
        return self._node.change_passphrase(old, fields.text(ask.body, "new"))

    def backup(self, ask: Ask) -> Any:
        return self._node.backup(fields.text(ask.body, "passphrase"))

    def expect_backup(self, ask: Ask) -> Any:
        return {"id": self._node.expect_backup(fields.text(ask.body, "passphrase"))}

    def restore(self, ask: Ask, upload: str) -> Any:
        self._node.restore(upload, ask.read)
        return {}

    def erase(self, ask: Ask) -> Any:
        if fields.text(ask.body, "confirm") != "erase":
            raise fields.bad("“confirm” must be erase.")
        self._node.erase()
        return {}

    def people(self, ask: Ask) -> Any:
        return self._node.people()

    def connect(self, ask: Ask) -> Any:
        text = fields.optional_text(ask.body, "text")
        return self._node.connect(fields.text(ask.body, "address"), text or "")

    def requests(self, ask: Ask) -> Any:
        return self._node.requests()

    def answer_request(self, ask: Ask, address: str) -> Any:
        action = fields.text(ask.body, "action")
        if action not in ACTIONS:
            raise fields.bad("“action” must be accept, ignore or block.")
        self._node.answer_request(address, action)
        return {}

    def change_person(self, ask: Ask, address: str) -> Any:
        return self._node.change_person(
            address,
            name=fields.optional_text(ask.body, "name"),
            blocked=fields.optional_flag(ask.body, "blocked"),
            verified=fields.optional_flag(ask.body, "verified"),
            how=fields.optional_text(ask.body, "how") or "number",
            held=fields.optional_flag(ask.body, "held"),
        )

    def forget_person(self, ask: Ask, address: str) -> Any:
        self._node.forget_person(address, history=fields.flag_in(ask.query, "history"))
        return {}

    def safety(self, ask: Ask, address: str) -> Any:
        return self._node.safety(address)

    def compare_safety(self, ask: Ask, address: str) -> Any:
        return {"same": self._node.compare_safety(address, fields.text(ask.body, "code"))}

    def make_invite(self, ask: Ask) -> Any:
        return self._node.make_invite()

    def invite(self, ask: Ask) -> Any:
        return self._node.invite()

    def scan(self, ask: Ask) -> Any:
        width, height = (
            fields.number_in(ask.query, side, default=0, least=1, most=MOST_PIXELS)
            for side in ("width", "height")
        )
        return {"texts": self._node.scan(ask.raw, width=width, height=height)}

    def verifications(self, ask: Ask) -> Any:
        return [_sas(run) for run in self._node.verifications()]

    def verify_by_emoji(self, ask: Ask, address: str) -> Any:
        return _sas(self._node.verify_by_emoji(address, fields.text(ask.body, "action")))

    def doctor(self, ask: Ask) -> Any:
        return self._node.doctor(fields.optional_text(ask.body, "address") or "")

    def messages(self, ask: Ask, chat: str) -> Any:
        limit = fields.number_in(ask.query, "limit", default=50, least=1, most=MOST_MESSAGES)
        at = None
        if "at" in ask.query:
            at = fields.number_in(ask.query, "at", default=0, least=0, most=LATEST)
        return self._node.messages(
            chat,
            before=ask.query.get("before"),
            after=ask.query.get("after"),
            around=ask.query.get("around"),
            at=at,
            limit=limit,
        )

    def search(self, ask: Ask) -> Any:
        return self._node.search(
            ask.query.get("q", ""),
            chat=ask.query.get("chat"),
            before=ask.query.get("before"),
            limit=fields.number_in(ask.query, "limit", default=50, least=1, most=MOST_HITS),
        )

    def export(self, ask: Ask) -> Any:
        return self._node.export(ask.query.get("chat"), form=ask.query.get("format", "html"))

    def groups(self, ask: Ask) -> Any:
        return self._node.groups()

    def make_group(self, ask: Ask) -> Any:
        return self._node.make_group(
            fields.text(ask.body, "name"), fields.texts(ask.body, "members")
        )

    def group(self, ask: Ask, chat: str) -> Any:
        return self._node.group(chat)

    def change_group(self, ask: Ask, chat: str) -> Any:
        answer = fields.optional_text(ask.body, "answer")
        if answer not in (None, "accept", "ignore"):
            raise fields.bad("“answer” must be accept or ignore.")
        history = fields.optional_flag(ask.body, "history")
        return self._node.change_group(
            chat,
            name=fields.optional_text(ask.body, "name"),
            add=fields.optional_texts(ask.body, "add"),
            history=history is None or history,
            remove=fields.optional_texts(ask.body, "remove"),
            roles=fields.optional_table(ask.body, "roles", ROLES),
            leave=fields.optional_flag(ask.body, "leave") or False,
            muted=fields.optional_flag(ask.body, "muted"),
            answer=answer,
        )

    def delete_group(self, ask: Ask, chat: str) -> Any:
        self._node.delete_group(chat)
        return {}


@dataclass(frozen=True, slots=True)
class Row:
    """One call of the API. ``rule`` names the parts of the path that vary."""

    method: str
    rule: str
    call: Callable[..., Any]
    status: int = 200
    raw: bool = False  # the body is no JSON; gate.RAW names its path
    streamed: bool = False  # nor is it read beforehand; gate.STREAMED names where its path begins


ROWS = (
    Row("POST", "/session", Api.session),
    Row("POST", "/ticket", Api.ticket),
    Row("GET", "/me", Api.me),
    Row("POST", "/me", Api.change_me),
    Row("POST", "/me/passphrase", Api.change_passphrase),
    Row("POST", "/backup", Api.backup),
    Row("POST", "/restore", Api.expect_backup),
    Row("POST", "/restore/<upload>", Api.restore, streamed=True),
    Row("POST", "/erase", Api.erase),
    Row("GET", "/people", Api.people),
    Row("POST", "/connect", Api.connect),
    Row("GET", "/requests", Api.requests),
    Row("POST", "/requests/<address>", Api.answer_request),
    Row("POST", "/people/<address>", Api.change_person),
    Row("DELETE", "/people/<address>", Api.forget_person),
    Row("GET", "/people/<address>/safety", Api.safety),
    Row("POST", "/people/<address>/safety", Api.compare_safety),
    Row("POST", "/invites", Api.make_invite),
    Row("GET", "/invite", Api.invite),
    Row("POST", "/scan", Api.scan, raw=True),
    Row("GET", "/sas", Api.verifications),
    Row("POST", "/people/<address>/sas", Api.verify_by_emoji),
    Row("POST", "/doctor", Api.doctor),
    Row("GET", "/chats", Api.chats),
    Row("POST", "/chats/<chat>", Api.change_chat),
    Row("GET", "/chats/<chat>/pins", Api.pins),
    Row("GET", "/chats/<chat>/messages", Api.messages),
    Row("POST", "/chats/<chat>/messages", Api.send, status=201),
    Row("POST", "/chats/<chat>/messages/<message>", Api.change_message),
    Row("DELETE", "/chats/<chat>/messages/<message>", Api.delete_message),
    Row("GET", "/chats/<chat>/messages/<message>/edits", Api.edits),
    Row("GET", "/chats/<chat>/messages/<message>/seen", Api.seen),
    Row("GET", "/search", Api.search),
    Row("GET", "/export", Api.export),
    Row("GET", "/groups", Api.groups),
    Row("POST", "/groups", Api.make_group, status=201),
    Row("GET", "/groups/<chat>", Api.group),
    Row("POST", "/groups/<chat>", Api.change_group),
    Row("DELETE", "/groups/<chat>", Api.delete_group),
)


def _sas(changed: SasChanged) -> dict[str, Any]:
    """The event without its type: what it says is the answer, too."""
    told = changed.as_json()
    del told["type"]
    return told

"""A program played by the test: the page's calls and its WebSocket end here, not on a network.

    page ──fetch──> answer(method, path, body)          tell(event) ──WebSocket──> page

Whatever the page asks is kept in `calls`. `stop()` takes the program away and `run()` brings it
back, as when somebody starts it again.
"""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from playwright.sync_api import Page, Route, WebSocketRoute

from engine.protocol.sas_emoji import EMOJI
from tests.page.scripted_acts import ScriptedActs, quiet, untouched
from tests.page.scripted_groups import NOW, Refused, ScriptedGroups
from tests.page.scripted_history import exported, found_in, left_unread, page_of

ME = "m" * 56
BUDI = "b" * 56
SEVEN = [
    {"number": number, "emoji": EMOJI[number].character, "name": EMOJI[number].name}
    for number in (0, 62, 52, 28, 11, 41, 36)
]
QR = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'


@dataclass
class Call:
    method: str
    path: str
    body: dict[str, Any]
    secret: str


@dataclass
class Scripted(ScriptedActs, ScriptedGroups):
    page: Page
    site: str
    calls: list[Call] = field(default_factory=list)
    refusals: dict[tuple[str, str], Refused] = field(default_factory=dict)  # by method and path
    secret: str = "first secret"
    own: str = ME
    is_running: bool = True

    def __post_init__(self) -> None:
        ScriptedActs.__init__(self)
        ScriptedGroups.__init__(self)
        self.me: dict[str, Any] = {
            "address": ME, "name": "Alice", "port": 6000, "fingerprint": "mmmmmmm " * 8,
            "protected": False, "visibility": "everyone", "hosts": ["192.168.1.7:6000"],
            "version": "0.1.0", "discovery": "on", "networks": ["192.168.1.0/24 (wlan0)"],
            "receipts": True, "typing": True, "restored": False,
        }  # fmt: skip
        self.people: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.chats: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.sas: dict[str, dict[str, Any]] = {}
        self.report: dict[str, Any] = {
            "ok": True, "cause": "", "sentence": "", "command": "", "findings": [],
        }  # fmt: skip
        self.same = True  # what comparing a code answers
        self.seen: list[list[str]] = []  # the codes in each picture that is scanned
        self._ids = count(1)
        self._seq = count(1)
        self._sockets: list[WebSocketRoute] = []
        self.said: list[str] = []  # on the console
        self.asked_to_find: list[dict[str, list[str]]] = []
        self.page.context.route("**/api/v1/**", self._answer)
        self.page.context.route_web_socket("**/ws", self._connected)
        self.listen_to(self.page)

    def listen_to(self, page: Page) -> None:
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    # -- what it knows

    def person(self, name: str, address: str = BUDI, **more: Any) -> str:
        """Somebody who is a contact and there, unless ``more`` says otherwise."""
        self.people[address] = {
            "address": address, "name": name, "own_name": name, "alias": "", "contact": True,
            "relation": "contact", "online": True, "link": "online", "next_try_at": None,
            "reason": "", "level": 0, "verified_at": None, "blocked": False, "nearby": False,
            "chat": address, "hosts": ["192.168.1.8:6000"], "first_seen_at": NOW,
            "last_seen_at": NOW, "held": False, "verified_how": "", "warnings": [],
        } | more  # fmt: skip
        return address

    def chat(self, address: str = BUDI, *texts: str, unread: int = 0, own: bool = False) -> None:
        """A chat with these texts in it, a minute apart."""
        for text in texts:
            self.message(text, address, own=own)
        held = self.messages.setdefault(address, [])
        self.chats[address] = {
            "chat": address, "kind": "direct", "name": self.people[address]["name"],
            "unread": unread, "last": held[-1] if held else None,
            "first_unread": held[-unread]["id"] if unread else None, "muted": False,
            "standing": "",
        } | quiet()  # fmt: skip

    def message(self, text: str, chat: str = BUDI, *, own: bool = False) -> dict[str, Any]:
        number = next(self._ids)
        message = {
            "id": f"{number:032x}", "chat": chat, "author": ME if own else chat, "own": own,
            "kind": "text", "text": text, "at": NOW + number * 60_000,
            "state": "waiting" if own else "delivered", "reply_to": None, "reason": "",
            "author_name": "", "system": None,
        } | untouched()  # fmt: skip
        self.messages.setdefault(chat, []).append(message)
        return message

    def stranger(self, name: str, address: str, **more: Any) -> str:
        """Somebody who is seen on this network, and whom we have never talked to."""
        return self.person(
            name, address, contact=False, relation="none", online=False, link="offline",
            nearby=True, chat=None, **more,
        )  # fmt: skip

    def request(self, name: str, address: str, text: str = "halo", **more: Any) -> dict[str, Any]:
        self.requests[address] = {
            "address": address, "name": name, "text": text, "at": NOW, "warnings": [],
        } | more  # fmt: skip
        return self.requests[address]

    def called(self, method: str, path: str) -> list[Call]:
        return [call for call in self.calls if (call.method, call.path) == (method, path)]

    # -- what it does

    def open(self, fragment: str = "#k=ticket") -> None:
        self.page.goto(f"{self.site}/{fragment}")

    def tell(self, kind: str, **fields: Any) -> None:
        """An event, to every tab."""
        event = json.dumps({"type": kind, "seq": next(self._seq), **fields})
        for socket in self._sockets:
            socket.send(event)

    def hear(self, text: str, chat: str = BUDI) -> None:
        """A message comes in."""
        message = self.message(text, chat)
        self.chats[chat]["last"] = message
        self.chats[chat]["unread"] += 1
        self.chats[chat]["first_unread"] = self.chats[chat]["first_unread"] or message["id"]
        self.tell("message.added", chat=chat, message=message)

    def change(self, address: str, **fields: Any) -> None:
        """Something about somebody becomes another, and is told."""
        self.people[address] |= fields
        self.tell("person.changed", person=self.people[address])

    def sas_is(self, address: str, state: str, **more: Any) -> None:
        """Where comparing emoji with somebody stands now."""
        self.sas[address] = (
            {"person": address, "emoji": [], "started_by_me": True, "reason": ""}
            | self.sas.get(address, {})
            | {"state": state, **more}
        )
        if state in ("compare", "same_said"):
            self.sas[address]["emoji"] = SEVEN
        self.tell("sas.changed", **self.sas[address])

    def stop(self) -> None:
        self.is_running = False
        while self._sockets:
            self._sockets.pop().close(code=1001)

    def run(self, secret: str | None = None) -> None:
        self.is_running = True
        self.secret = secret or self.secret

    # -- how it answers

    def _connected(self, socket: WebSocketRoute) -> None:
        if not self.is_running:
            socket.close(code=1006)
            return
        self._sockets.append(socket)
        socket.on_message(lambda _message: None)
        socket.send(json.dumps({"type": "hello", "seq": next(self._seq), "me": self.me}))

    def _answer(self, route: Route) -> None:
        if not self.is_running:
            route.abort("connectionrefused")
            return
        asked = route.request
        path = unquote(urlsplit(asked.url).path.removeprefix("/api/v1/"))
        is_json = asked.headers.get("content-type") == "application/json"
        body = json.loads(asked.post_data or "{}") if is_json else {}
        secret = asked.headers.get("authorization", "").removeprefix("Bearer ")
        self.calls.append(Call(asked.method, path, body, secret))
        try:
            if path != "session" and secret != self.secret:
                raise Refused(401, "unauthorized")
            if (asked.method, path) in self.refusals:
                raise self.refusals[asked.method, path]
            query = parse_qs(urlsplit(asked.url).query)
            answer = self._carry_out(asked.method, path.split("/"), body, query)
        except Refused as refused:
            told = {"error": refused.code, "message": refused.sentence}
            route.fulfill(status=refused.status, json=told)
        else:
            if isinstance(answer, bytes):
                route.fulfill(body=answer, content_type="application/octet-stream")
            else:
                route.fulfill(json=answer)

    def _carry_out(
        self, method: str, path: list[str], body: dict[str, Any], query: dict[str, list[str]]
    ) -> Any:
        about_groups = self.answer_about_groups(method, path, body)
        if about_groups is not None:
            return about_groups
        about_acts = self.answer_about_acts(method, path, body, query.get("for", [""])[0])
        if about_acts is not None:
            return about_acts
        match method, path:
            case "POST", ["session"]:
                return {"secret": self.secret}
            case "GET", ["me"]:
                return self.me
            case "POST", ["me"]:
                self.me = self.me | body
                return self.me
            case "GET", ["people" | "requests" | "chats" | "sas" as table]:
                return list(getattr(self, table).values())
            case "POST", ["connect"] if body["address"] in self.people:
                address = body["address"]
                self.people[address] |= {"relation": "asked", "chat": address}
                self.chat(address, body["text"], own=True)
                self.tell("person.changed", person=self.people[address])
                self.tell("chat.changed", chat=self.chats[address])
                self.tell("message.added", chat=address, message=self.messages[address][-1])
                return {
                    "address": address, "name": self.people[address]["name"], "contact": False,
                    "state": "requested", "invite": "",
                }  # fmt: skip
            case "POST", ["connect"]:
                self.person("Eka", "e" * 56, relation="asked", contact=False)
                self.chat("e" * 56)
                self.tell("person.changed", person=self.people["e" * 56])
                self.tell("chat.changed", chat=self.chats["e" * 56])
                return {
                    "address": "e" * 56, "name": "Eka", "contact": False, "state": "requested",
                    "invite": "not_accepted" if "&k=" in body["address"] else "",
                }  # fmt: skip
            case "POST", ["requests", address]:
                request = self.requests.pop(address)
                if body["action"] == "accept":
                    self.person(request["name"], address)
                    self.chat(address, request["text"], unread=1)
                    self.tell("person.changed", person=self.people[address])
                    self.tell("chat.changed", chat=self.chats[address])
                return {}
            case "POST", ["people", address]:
                if "verified" in body:
                    level = 2 if body["verified"] else 0
                    body = {
                        "level": level, "verified_at": NOW if level else None,
                        "verified_how": body.get("how", "number") if level else "",
                    }  # fmt: skip
                self.people[address] |= body
                return self.people[address]
            case "GET", ["people", _, "safety"]:
                return {"number": "0123456789" * 6, "qr": QR}
            case "POST", ["people", _, "safety"]:
                return {"same": self.same}
            case "POST", ["people", address, "sas"]:
                self._compare(address, body["action"])
                return self.sas[address]
            case "GET", ["invite"]:
                return {"link": f"p2pchat:{ME}?h=192.168.1.7:6000", "qr": QR, "expires_at": None}
            case "POST", ["invites"]:
                link = f"p2pchat:{ME}?h=192.168.1.7:6000&k={'a' * 26}"
                return {"link": link, "qr": QR, "expires_at": NOW + 86_400_000}
            case "POST", ["scan"]:
                return {"texts": self.seen.pop(0) if self.seen else []}
            case "POST", ["doctor"]:
                return self.report
            case "POST", ["chats", chat]:
                if "read" in body:
                    self.chats[chat] |= left_unread(self.messages[chat], body["read"])
                self.tell("chat.changed", chat=self.chats[chat])
                return {}
            case "GET", ["chats", chat, "messages"]:
                if chat not in self.messages:
                    raise Refused(404, "not_found")
                return page_of(self.messages[chat], query)
            case "GET", ["search"]:
                self.asked_to_find.append(query)
                return found_in(self.messages, query)
            case "GET", ["export"]:
                return exported(self.messages, query)
        raise Refused(404, "not_found")

    def _compare(self, address: str, action: str) -> None:
        """As the program does it; the other side answers at once."""
        match action:
            case "start":
                self.sas_is(address, "waiting")
                self.sas_is(address, "compare")
            case "same":
                self.sas_is(address, "verified")
                self.change(address, level=2, verified_at=NOW, verified_how="emoji")
            case "different":
                self.change(address, level=0, held=True, online=False, link="offline")
                self.sas_is(address, "different", reason="by_me")
            case "cancel":
                self.sas_is(address, "cancelled", reason="by_me")

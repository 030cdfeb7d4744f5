"""The calls about chats and their messages; api.py has the rows."""

from typing import TYPE_CHECKING, Any, Final

from engine.web import fields

if TYPE_CHECKING:
    from engine.chat.node import Node
    from engine.web.api import Ask

MOST_MESSAGES: Final = 200  # in one answer
MOST_NAMED: Final = 16  # people in one message
MOST_SECONDS: Final = 28 * 86_400
FOR: Final = ("me", "everyone")


class MessageCalls:
    _node: "Node"

    def chats(self, ask: "Ask") -> Any:
        return self._node.chats()

    def change_chat(self, ask: "Ask", chat: str) -> Any:
        read = fields.optional_text(ask.body, "read")
        draft = ask.body.get("draft")
        timer = fields.optional_number(ask.body, "timer", least=0, most=MOST_SECONDS)
        typing = fields.optional_flag(ask.body, "typing")
        if read is None and draft is None and timer is None and typing is None:
            raise fields.bad("One of “read”, “draft”, “timer” and “typing” is needed.")
        if draft is not None and not isinstance(draft, dict):
            raise fields.bad("“draft” must be an object.")
        self._node.change_chat(
            chat,
            read=read,
            draft=None
            if draft is None
            else (fields.text(draft, "text"), fields.optional_text(draft, "reply_to")),
            timer=timer,
            typing=typing,
        )
        return {}

    def send(self, ask: "Ask", chat: str) -> Any:
        key = fields.optional_text(ask.body, "key")
        forward = ask.body.get("forward")
        if forward is not None:
            if not isinstance(forward, dict) or "text" in ask.body:
                raise fields.bad("“forward” must be an object, and stand without “text”.")
            source, message = fields.text(forward, "chat"), fields.text(forward, "id")
            return self._node.forward(chat, source, message, key=key)
        return self._node.send(
            chat,
            fields.text(ask.body, "text"),
            reply_to=fields.optional_text(ask.body, "reply_to"),
            key=key,
            mentions=mentions(ask.body),
        )

    def change_message(self, ask: "Ask", chat: str, message: str) -> Any:
        text = fields.optional_text(ask.body, "text")
        reaction = fields.optional_text(ask.body, "reaction")
        pinned = fields.optional_flag(ask.body, "pinned")
        if [text, reaction, pinned].count(None) != 2:
            raise fields.bad("One of “text”, “reaction” and “pinned” is needed.")
        if text is not None:
            return self._node.edit(chat, message, text, mentions(ask.body))
        if reaction is not None:
            return self._node.react(chat, message, reaction)
        return self._node.pin(chat, message, on=bool(pinned))

    def delete_message(self, ask: "Ask", chat: str, message: str) -> Any:
        whom = ask.query.get("for")
        if whom not in FOR:
            raise fields.bad("“for” must be me or everyone.")
        self._node.delete_message(chat, message, for_everyone=whom == "everyone")
        return {}

    def edits(self, ask: "Ask", chat: str, message: str) -> Any:
        return self._node.edits(chat, message)

    def pins(self, ask: "Ask", chat: str) -> Any:
        return self._node.pins(chat)

    def seen(self, ask: "Ask", chat: str, message: str) -> Any:
        return self._node.seen(chat, message)


def mentions(body: dict[str, Any]) -> list[tuple[int, int, str]]:
    """The parts of a text that name somebody: ``[{start, length, address}]``, or none."""
    found = body.get("mentions")
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > MOST_NAMED:
        raise fields.bad(f"“mentions” must be a list of at most {MOST_NAMED} objects.")
    named = []
    for one in found:
        if not isinstance(one, dict):
            raise fields.bad("“mentions” must be a list of objects.")
        start = fields.optional_number(one, "start", least=0, most=fields.MOST)
        length = fields.optional_number(one, "length", least=1, most=fields.MOST)
        if start is None or length is None:
            raise fields.bad("A mention needs “start”, “length” and “address”.")
        named.append((start, length, fields.text(one, "address")))
    return named

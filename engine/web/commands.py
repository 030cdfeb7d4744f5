"""What a tab may say over its WebSocket: one JSON object per message.

    {"type": "message.send", "ref": ..., "chat": ..., "text": ..., "reply_to"?, "key"?,
     "mentions"?}
        ──► {"type": "message.accepted", "ref": ..., "message": {...}}      after its commit
        ──► {"type": "error", "ref": ..., "error": code, "message": sentence}

Commands are begun in the order they came and many wait for their commit together; a sender needs
no answer to one before it sends the next. This is the busiest path of the room: it parses once,
and writes once.
"""

import logging
from typing import TYPE_CHECKING, Any

from engine.chat.errors import Refused
from engine.web import answers, fields
from engine.web.lanes import Lanes
from engine.web.messagecalls import mentions
from engine.web.websocket import WebSocket

if TYPE_CHECKING:
    from engine.chat.node import Node

log = logging.getLogger(__name__)


class Commands:
    """Carries out the commands of all tabs."""

    def __init__(self, node: "Node", lanes: Lanes) -> None:
        self._node = node
        self._lanes = lanes

    def take(self, tab: WebSocket, text: str) -> None:
        """Begin one command; waits only while too many are in work."""
        ref = None
        try:
            command = fields.parse(text)
            ref = command.get("ref")
            if command.get("type") != "message.send":
                raise fields.bad("This command is not known.")
            chat = fields.text(command, "chat")
            said = fields.text(command, "text")
            reply_to = fields.optional_text(command, "reply_to")
            key = fields.optional_text(command, "key")
            named = mentions(command)
        except Refused as refused:
            _refuse(tab, ref, refused)
            return

        def send() -> None:
            try:
                message = self._node.send(chat, said, reply_to=reply_to, key=key, mentions=named)
            except Refused as refused:
                _refuse(tab, ref, refused)
            except Exception:
                log.exception("a message could not be sent")
                _say_error(tab, ref, answers.INTERNAL.code, answers.INTERNAL.sentence)
            else:
                _say(tab, {"type": "message.accepted", "ref": ref, "message": message.as_json()})

        self._lanes.run(send)


def _refuse(tab: WebSocket, ref: Any, refused: Refused) -> None:
    _say_error(tab, ref, refused.code, refused.sentence)


def _say_error(tab: WebSocket, ref: Any, code: str, sentence: str) -> None:
    _say(tab, {"type": "error", "ref": ref, "error": code, "message": sentence})


def _say(tab: WebSocket, told: dict[str, Any]) -> None:
    tab.send(answers.encode(told))

"""What the tests of messages and requests have in common: making records, reading events."""

import pytest

from engine.chat import events
from engine.chat.errors import Refused
from engine.protocol import contents, records


def refusal(act, *arguments, **options) -> str:
    with pytest.raises(Refused) as refused:
        act(*arguments, **options)
    return refused.value.code


def message(seq, text="", *, id_=None, lamport=None, kind=contents.TEXT, body=None):
    body = contents.encode_text(text or f"number {seq}") if body is None else body
    return records.Message(
        seq, id_ or seq.to_bytes(16, "big"), kind, lamport or seq, 1_000 + seq, body
    )


def states_told(someone, shown):
    """The states of one message as a page learns them, in order."""
    return [event.state for event in someone.hear(events.MessageState) if event.id == shown.id]


def texts_told(someone):
    return [event.message.text for event in someone.hear(events.MessageAdded)]


def request(number=1, text="", name="Talker", lamport=1):
    return records.Request(bytes([number]) * 16, lamport, 0, name, text)

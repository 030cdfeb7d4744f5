"""What is shown can be told as JSON, and tells nothing when it is only printed."""

import dataclasses
import json

import pytest

from engine.chat import events, views
from engine.chat.views import Chat, Group, Holder, Member, Message, Missing, Person, System, View

WORDS = "the canary sings"


def filled(kind: type):
    """A view or event with the words wherever a text may stand."""
    values = {}
    for field in dataclasses.fields(kind):
        nested = getattr(views, str(getattr(field.type, "__name__", field.type)), None)
        if isinstance(nested, type) and issubclass(nested, View):
            values[field.name] = filled(nested)
        elif field.type in (int, "int"):
            values[field.name] = 7
        elif field.type in (bool, "bool"):
            values[field.name] = True
        elif "tuple" in str(field.type):
            values[field.name] = (WORDS, WORDS)
        elif "Message" in str(field.type):
            values[field.name] = filled(Message)
        elif "System" in str(field.type):
            values[field.name] = filled(System)
        else:
            values[field.name] = WORDS
    return kind(**values)


KINDS = [
    *(one for one in vars(views).values() if isinstance(one, type) and issubclass(one, View)),
    *(
        one
        for one in vars(events).values()
        if isinstance(one, type) and issubclass(one, events.Event)
    ),
]
KINDS = [kind for kind in dict.fromkeys(KINDS) if dataclasses.is_dataclass(kind)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_everything_shown_becomes_json_with_its_field_names(kind):
    shown = filled(kind)
    told = shown.as_json()
    names = {field.name for field in dataclasses.fields(kind)}
    assert set(told) - {"type"} == names
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_shown_can_be_printed_by_accident(kind):
    shown = filled(kind)
    for text in (repr(shown), str(shown), f"{shown}", repr([shown]), repr({1: shown})):
        assert WORDS not in text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_nothing_shown_can_be_changed(kind):
    shown = filled(kind)
    name = dataclasses.fields(kind)[0].name
    with pytest.raises(AttributeError):
        setattr(shown, name, None)
    with pytest.raises((AttributeError, TypeError)):
        shown.something_else = 1


def test_a_chat_tells_its_last_message_as_json_too():
    last = filled(Message)
    chat = Chat("a", "direct", "n", 1, last, None)
    assert chat.as_json()["last"] == last.as_json()
    assert dataclasses.replace(chat, last=None).as_json()["last"] is None


def test_lists_are_lists_in_json():
    assert filled(Person).as_json()["hosts"] == [WORDS, WORDS]


def test_what_a_message_and_a_chat_say_of_a_group_is_nothing_unless_told():
    message = Message("m", "c", "a", False, "text", "halo", 1, "delivered", None, "")
    told = message.as_json()
    assert (told["author_name"], told["system"]) == ("", None)
    told = Chat("c", "direct", "n", 0, message, None).as_json()
    assert (told["muted"], told["standing"]) == (False, "")


def test_a_line_of_a_group_tells_what_happened_as_json():
    removed = System("removed", "a", "Alice", "d", "Dewi", "", "", history=False)
    line = dataclasses.replace(filled(Message), kind="system", system=removed)
    assert line.as_json()["system"] == {
        "what": "removed",
        "by": "a",
        "by_name": "Alice",
        "who": "d",
        "who_name": "Dewi",
        "name": "",
        "role": "",
        "history": False,
        "seconds": 0,
    }


def test_a_group_tells_its_members_and_who_holds_what_is_missing():
    missing = Missing("c", "Carol", 3, (Holder("b", "Bob"),))
    member = filled(Member)
    group = dataclasses.replace(filled(Group), members=(member, member), missing=(missing,))
    told = json.loads(json.dumps(group.as_json()))
    assert told["members"] == [member.as_json()] * 2
    assert told["missing"] == [
        {
            "author": "c",
            "name": "Carol",
            "count": 3,
            "held_by": [{"address": "b", "name": "Bob"}],
        }
    ]

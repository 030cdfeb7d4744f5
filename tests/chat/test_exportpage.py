"""The exported page: readable, complete, and deaf to whatever people put into their words."""

import re
from datetime import UTC
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.chat.exportpage import POLICY, ExportPage, Titled
from engine.chat.views import Holder, Message, Quote, Reaction, System

DAY = 86_400_000
NOW = 1_763_805_600_000  # 22 November 2025, 10:00 UTC
BOB = Titled(1, "Bob")
HOSTILE = [
    "<script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    '"><a href="javascript:alert(1)">x</a>',
    "' onmouseover='alert(1)",
    "&lt;b&gt; &amp; &#60;i&#62; &nbsp",
    "<!-- --> ]]> <![CDATA[ <?php",
    "\u202egnirts\u2066 \u200f",
    "a\0b\x1b[31m\x7f\x85",
    "</div></li></ol></section></main></body></html>",
    "{{7*7}} ${7*7} %s %(x)s",
]


def message(text="halo", **told):
    usual = {
        "id": "ab" * 16, "chat": "bob", "author": "bob", "own": False, "kind": "text",
        "text": text, "at": NOW, "state": "delivered", "reply_to": None, "reason": "",
    }  # fmt: skip
    return Message(**usual | told)


def page_of(*messages, title="Bob", chats=(), chat=BOB, own_name="Alice"):
    page = ExportPage(own_name, NOW, UTC)
    parts = [page.beginning(title, chats), page.heading(chat)]
    parts += [page.lines(chat, [one]) for one in messages]
    return "".join([*parts, page.chat_ending(), page.ending()])


class Read(HTMLParser):
    """What a browser makes of it: balanced elements, their texts, and their attributes."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self._open = [], [], [""], []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self._open.append(tag)
        self.texts.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        self.texts.append("")

    def handle_data(self, data):
        self.texts[-1] += data


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words_wherever_they_stand(text):
    plain = Read(page_of(message("x", quote=Quote("q", "b", "x", False, "text", "x"))))
    holder = Holder("bob", text)
    told = Read(
        page_of(
            message(
                text,
                author_name=text,
                quote=Quote(text, "b", text, own=False, kind="text", text=text),
                reactions=(Reaction(text, own=False, people=(holder,)),),
            ),
            title=text,
            chat=Titled(1, text),
            chats=(Titled(1, text),),
            own_name=text,
        )
    )
    assert set(told.tags) <= {*plain.tags, "nav", "ul", "li", "a"}
    assert {name for name, _ in told.attributes} <= {
        *(name for name, _ in plain.attributes),
        "aria-label",
        "href",
    }
    assert all(value.startswith("#") for name, value in told.attributes if name == "href")
    shown = "".join(
        one if one.isprintable() or one in "\u202e\u2066\u200f" else "\ufffd" for one in text
    )
    assert sum(one == shown for one in told.texts) >= 6


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_back_as_it_was(text):
    shown = [one for one in Read(page_of(message("x" + text))).texts if one.startswith("x")]
    expected = "x" + text.replace("\r\n", "\n").replace("\r", "\n")
    expected = re.sub(r"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\ufffd", expected)
    assert shown == [expected]


def test_a_page_needs_nothing_from_elsewhere_and_forbids_it():
    html = page_of(*(message(text, own=True) for text in HOSTILE))
    read = Read(html)
    assert ("content", POLICY) in read.attributes
    assert POLICY == "default-src 'none'; style-src 'unsafe-inline'"
    assert not {"script", "link", "img", "iframe", "form", "object", "base"} & set(read.tags)
    assert not {"src", "style", "onclick", "srcset"} & {name for name, _ in read.attributes}
    assert "url(" not in html
    assert "@import" not in html
    assert "prefers-color-scheme" in html or "light dark" in html


def test_a_message_is_told_with_all_that_belongs_to_it():
    texts = Read(
        page_of(
            message(
                "baris satu\nbaris dua",
                edited_at=NOW,
                pinned=True,
                forwarded=True,
                quote=Quote("cd" * 16, "alice", "", own=True, kind="text", text="kata lama"),
                reactions=(
                    Reaction(
                        "👍", own=True, people=(Holder("alice", ""), Holder("carol", "Carol"))
                    ),
                ),
            )
        )
    ).texts
    whole = "".join(texts)
    for part in (
        "baris satu\nbaris dua", "edited", "pinned", "forwarded", "kata lama", "👍", "Alice",
        "Carol", "Bob", "10:00", "Saturday, 22 November 2025",
    ):  # fmt: skip
        assert part in whole, part


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"kind": "deleted", "text": ""}, "This message was deleted."),
        ({"kind": "unknown", "text": ""}, "cannot be shown by this version"),
        ({"text": "", "timer": 60}, "disappears"),
        ({"own": True, "state": "waiting"}, "not delivered yet"),
        ({"kind": "system", "text": "Bob left the group."}, "Bob left the group."),
        ({"quote": Quote("x", "", "", own=False, kind="missing", text="")}, "is not here"),
        ({"quote": Quote("x", "b", "", own=False, kind="deleted", text="")}, "was deleted"),
    ],
)
def test_what_is_no_text_is_said_in_words(told, words):
    if told.get("kind") == "system":
        told["system"] = System("left", "b", "Bob", "", "", "", "", history=False)
    assert words in "".join(Read(page_of(message(**told))).texts)


def test_each_day_has_its_line_and_a_clock_that_is_wrong_breaks_nothing():
    at = [NOW, NOW + 1, NOW + DAY, NOW, 1 << 62, -(1 << 62), NOW]
    read = Read(page_of(*(message(str(number), at=one) for number, one in enumerate(at))))
    days = [one for one in read.texts if "November" in one and "Exported" not in one]
    assert days == [
        "Saturday, 22 November 2025", "Sunday, 23 November 2025", "Saturday, 22 November 2025",
    ]  # fmt: skip
    assert [one for one in read.texts if one.isdigit()] == [str(number) for number in range(7)]

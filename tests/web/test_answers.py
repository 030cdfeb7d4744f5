"""Answers: every code has its status, errors have one shape, a raw answer is a whole one."""

import json

import pytest

from engine.chat.errors import CODES, Refused
from engine.web import answers
from engine.web.answers import REASONS, STATUS, Refusal
from engine.web.framing import TEXT, frame


def test_every_code_of_the_chat_room_has_a_status_and_every_status_a_name():
    assert set(STATUS) == CODES
    assert set(STATUS.values()) <= set(REASONS)
    assert all(status >= 400 for status in STATUS.values())


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_refusal_of_the_chat_room_keeps_its_code_and_sentence(code):
    refusal = answers.refusal_of(Refused(code, "It is so."))
    assert refusal.status == STATUS[code]
    assert json.loads(refusal.body()) == {"error": code, "message": "It is so."}


def test_json_is_short_and_keeps_every_character():
    value = {"text": "ä中😀\u2028\x00", "none": None}
    told = answers.as_json(value)
    assert json.loads(told) == value
    assert b" " not in told
    assert "😀".encode() in told
    assert frame(TEXT, told).endswith(told)


def test_a_raw_answer_is_whole_and_ends_the_connection():
    refusal = Refusal(431, "too_long", "The headers are too long.", (("X-More", "yes"),))
    head, _, body = answers.raw(refusal, 8000).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 431 Request Header Fields Too Large"
    assert f"Content-Length: {len(body)}" in lines
    assert "Connection: close" in lines
    assert "X-More: yes" in lines
    assert "X-Content-Type-Options: nosniff" in lines
    assert body == refusal.body()

"""Bodies that are no JSON: pictures in which codes are looked for."""

from engine.web import gate
from engine.web.api import PREFIX, ROWS
from engine.web.limits import MAX_JSON, MAX_PICTURE

SCAN = f"{PREFIX}/scan"
OCTETS = {"Content-Type": "application/octet-stream"}


def scan(serving, body, query="width=3&height=1", headers=OCTETS):
    return serving.ask("POST", f"{SCAN}?{query}", body, headers)


def test_a_picture_arrives_as_it_was_sent(serving):
    answer = scan(serving, b"QR!")
    assert (answer.status, answer.json) == (200, {"texts": ["halo"]})
    assert scan(serving, b"\xff\xfe\x00").json == {"texts": []}


def test_a_large_picture_arrives_whole(serving):
    answer = scan(serving, bytes(MAX_PICTURE), "width=1920&height=1920")
    assert (answer.status, answer.json) == (200, {"texts": []})


def test_a_larger_one_is_refused(serving):
    assert scan(serving, bytes(MAX_PICTURE + 1), "width=1920&height=1920").code == "too_long"


def test_a_picture_without_its_size_is_refused(serving):
    for query in ("", "width=3", "height=1", "width=0&height=1", "width=3&height=-1",
                  "width=1921&height=1", "width=x&height=1", "width=3.0&height=1",
                  "width=3&height=1&height=1", "width=2&height=1", "width=3&height=2"):  # fmt: skip
        answer = scan(serving, b"QR!", query)
        assert (answer.status, answer.code) == (400, "bad_request"), query


def test_only_a_picture_is_taken_there_and_only_there(serving):
    json = {"Content-Type": "application/json"}
    assert scan(serving, b"{}", headers=json).code == "bad_content_type"
    answer = serving.ask("POST", f"{PREFIX}/invites", b"{}", OCTETS)
    assert answer.code == "bad_content_type"
    assert serving.ask("POST", f"{PREFIX}/invites", bytes(MAX_JSON + 1)).code == "too_long"


def test_nobody_sends_a_picture_without_a_secret(serving):
    answer = serving.ask("POST", f"{SCAN}?width=3&height=1", b"QR!", OCTETS, token=None)
    assert answer.code == "unauthorized"


def test_the_gate_and_the_api_name_the_same_calls():
    assert {PREFIX + row.rule for row in ROWS if row.raw} == set(gate.RAW)
    assert all(row.method == "POST" for row in ROWS if row.raw)

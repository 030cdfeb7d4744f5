"""A second start asks the running program for a link, and believes nothing it should not."""

import json
import socket
import threading

import pytest

from engine.web.handover import HandoverFailed, connect, fresh_link
from tests.web.fake_node import BOBS_PLACE


@pytest.fixture
def api_file(tmp_path, serving):
    path = tmp_path / "alice.api"
    path.write_text(json.dumps({"url": serving.url, "token": serving.token, "pid": 1}))
    return path


def test_the_running_program_gives_a_link_that_opens_the_page_once(api_file, serving):
    link = fresh_link(api_file)
    start, _, ticket = link.partition("#k=")
    assert start == serving.url + "/"
    body, origin = {"ticket": ticket}, {"Origin": serving.url}
    assert serving.ask("POST", "/api/v1/session", body, origin, token=None).status == 200
    assert serving.ask("POST", "/api/v1/session", body, origin, token=None).status == 401


def test_with_the_token_of_an_earlier_run_it_gives_none(api_file, serving):
    api_file.write_text(json.dumps({"url": serving.url, "token": "ab" * 32}))
    with pytest.raises(HandoverFailed, match="running program says"):
        fresh_link(api_file)


def test_it_has_somebody_reached_or_hears_why_not(api_file):
    connect(api_file, BOBS_PLACE)
    with pytest.raises(HandoverFailed, match="It did not work"):
        connect(api_file, "127.0.0.1:1")


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[]",
        "{}",
        '{"url": 5, "token": "abababababababab"}',
        '{"url": "http://evil.test:80", "token": "abababababababab"}',
        '{"url": "http://127.0.0.1:80@evil.test", "token": "abababababababab"}',
        '{"url": "http://127.0.0.1:0", "token": "abababababababab"}',
        '{"url": "http://127.0.0.1:70000", "token": "abababababababab"}',
        '{"url": "http://127.0.0.1:8000"}',
        '{"url": "http://127.0.0.1:8000", "token": "ab\\r\\nX: y"}',
        '{"url": "http://127.0.0.1:8000", "token": ["a"]}',
    ],
)
def test_a_file_that_names_nothing_of_ours_is_one_clear_line(tmp_path, told):
    path = tmp_path / "alice.api"
    path.write_text(told)
    with pytest.raises(HandoverFailed) as caught:
        fresh_link(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_clear_line(tmp_path):
    with pytest.raises(HandoverFailed, match="cannot read"):
        fresh_link(tmp_path / "alice.api")


def test_nobody_there_is_one_clear_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    path = tmp_path / "alice.api"
    path.write_text(json.dumps({"url": f"http://127.0.0.1:{port}", "token": "ab" * 32}))
    with pytest.raises(HandoverFailed, match="does not answer"):
        fresh_link(path)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"no",
        b"\xff",
        b'{"url": 5}',
        b'{"url": "http://evil.test/#k=abc"}',
        b'{"url": "http://127.0.0.1:80/\\"><script>"}',
        b'{"url": "javascript:alert(1)"}',
    ],
)
def test_a_stranger_on_that_port_cannot_send_the_browser_anywhere(tmp_path, body):
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        path = tmp_path / "alice.api"
        port = stranger.getsockname()[1]
        path.write_text(json.dumps({"url": f"http://127.0.0.1:{port}", "token": "ab" * 32}))

        def answer():
            sock, _ = stranger.accept()
            with sock:
                while b"{}" not in sock.recv(65_536):
                    pass
                length = str(len(body)).encode()
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n" + body)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(HandoverFailed, match="cannot be read"):
            fresh_link(path)
        thread.join(5)

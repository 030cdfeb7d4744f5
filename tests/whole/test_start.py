"""Start a real program: what it says, what it leaves on the disk, what its options do."""

import json
import re
import shutil
import socket
import stat
import subprocess

import pytest

from tests.helpers import until
from tests.programs import HEARD_WITHIN, PROGRAM, READY_WITHIN, ROOT, environment

READY = re.compile(
    r"p2pchat ready: http://127\.0\.0\.1:(\d+)/#k=([0-9a-f]{64})"
    r"  peers connect to 127\.0\.0\.1:(\d+)\n"
)
PARTS = ("p2pchat.py", "identity.py", "contacts.py", "engine", "static", "views")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def run(*arguments, home):
    """Type a command that ends by itself."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        capture_output=True,
        text=True,
        timeout=READY_WITHIN,
        env=environment(home),
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def checkout(tmp_path):
    """A copy of the program, so that no test makes an identity in the real ``data/``."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name)
        else:
            shutil.copy(ROOT / name, copy / name)
    (copy / "data").mkdir()
    shutil.copy(ROOT / "data" / ".gitignore", copy / "data")
    return copy


def test_one_line_says_where_it_is(programs):
    alice = programs().start()
    line = READY.fullmatch(alice.out_file.read_text())
    assert line is not None, alice.out_file.read_text()
    assert int(line[1]) == alice.web_port
    assert int(line[3]) == alice.port == alice.call("GET", "/me")["port"]
    alice.stop()
    assert READY.fullmatch(alice.out_file.read_text())  # and nothing more, to the end


def test_the_link_lets_a_page_in_once(programs):
    alice = programs().start()
    ticket = {"ticket": READY.fullmatch(alice.out_file.read_text())[2]}
    path = "/api/v1/session"
    assert alice.ask("POST", path, ticket, token="", Origin="http://evil.example")[0] == 403
    status, told = alice.ask("POST", path, ticket, token="", Origin=alice.url)
    assert status == 200
    assert alice.ask("GET", "/api/v1/me", token=told["secret"])[0] == 200
    assert alice.ask("POST", path, ticket, token="", Origin=alice.url)[0] == 401


def test_the_api_file_lets_a_script_in_and_goes_with_the_program(programs):
    alice = programs().start()
    file = alice.beside(".api")
    assert mode(file) == 0o600
    assert json.loads(file.read_text()) == {
        "url": alice.url,
        "token": alice.token,
        "port": alice.port,
        "pid": alice.process.pid,
    }
    assert alice.ask("GET", "/api/v1/me")[0] == 200
    for wrong in ("", "0" * 64, alice.token[:-1], alice.token + "0"):
        status, refused = alice.ask("GET", "/api/v1/me", token=wrong)
        assert (status, refused["error"]) == (401, "unauthorized"), wrong
    alice.stop()
    assert not file.exists()
    old = alice.token
    alice.start()
    assert alice.ask("GET", "/api/v1/me", token=old)[0] == 401


def test_help_and_version_are_there(tmp_path):
    helped = run("--help", home=tmp_path)
    assert (helped.returncode, helped.stderr) == (0, "")
    for option in ("identity", "name", "host", "port", "web-host", "web-port", "connect",
                   "no-browser", "no-discovery", "passphrase-file", "log-level"):  # fmt: skip
        assert f"--{option} " in helped.stdout or f"--{option}]" in helped.stdout
    version = run("--version", home=tmp_path)
    assert (version.returncode, version.stderr) == (0, "")
    assert re.fullmatch(r"p2pchat \d+\.\d+\.\d+\n", version.stdout)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_it_makes_is_private_and_so_is_every_file(programs, tmp_path):
    alice = programs(key=tmp_path / "new" / "data" / "alice.key").start()
    assert mode(tmp_path / "new") == mode(tmp_path / "new" / "data") == 0o700
    names = {path.name for path in alice.key.parent.iterdir()}
    assert {"alice.key", "alice.db", "alice.lock", "alice.api"} <= names
    for path in alice.key.parent.iterdir():
        assert path.name.startswith("alice."), path
        assert mode(path) == (0o700 if path.is_dir() else 0o600), path
    alice.stop()
    assert not {"alice.api", "alice.db-wal"} & {path.name for path in alice.key.parent.iterdir()}


def test_a_folder_that_exists_is_left_as_it_is(programs, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    folder.chmod(0o755)
    alice = programs(key=folder / "alice.key").start()
    assert mode(folder) == 0o755
    assert mode(alice.key) == mode(alice.beside(".db")) == 0o600


def test_it_is_the_same_person_after_every_restart(programs):
    alice = programs("alice", "--name", "Alice").start()
    first, key = alice.call("GET", "/me"), alice.key.read_bytes()
    alice.restart()
    assert alice.call("GET", "/me") == first
    alice.kill9()
    alice.start()
    assert alice.call("GET", "/me") == first
    assert alice.key.read_bytes() == key
    assert first["fingerprint"].replace(" ", "") == first["address"]


def test_without_a_key_file_named_a_checkout_uses_its_data_folder(programs, checkout, tmp_path):
    key = checkout / "data" / "me.key"
    me = programs(key=key)
    me.start(program=(PROGRAM[0], str(checkout / "p2pchat.py")), named=False)
    assert mode(key) == 0o600
    assert not (tmp_path / ".local").exists()


def test_without_a_checkout_it_uses_the_platforms_data_folder(programs, checkout, tmp_path):
    (checkout / "data" / ".gitignore").unlink()
    key = tmp_path / ".local" / "share" / "p2pchat" / "me.key"
    me = programs(key=key)
    me.start(program=(PROGRAM[0], str(checkout / "p2pchat.py")), named=False)
    assert mode(key) == 0o600
    assert mode(key.parent) == 0o700
    assert list((checkout / "data").iterdir()) == []


def test_only_the_gitignore_of_data_is_part_of_the_project():
    rules = (ROOT / "data" / ".gitignore").read_text().splitlines()
    assert [rule for rule in rules if not rule.startswith("#")] == ["*", "!.gitignore"]


def test_zero_means_any_free_port_and_what_was_asked_for_is_used(programs):
    alice = programs().start()
    assert alice.port
    assert alice.web_port
    assert alice.port != alice.web_port
    ports = alice.port, alice.web_port
    alice.restart()  # names them
    assert (alice.port, alice.web_port) == ports


def test_a_taken_default_port_moves_on(programs):
    alice = programs()
    with socket.socket() as peers, socket.socket() as page:
        for sock, port in ((peers, 6000), (page, 8000)):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
                sock.listen()
            except OSError:
                continue  # somebody else of this machine has it: as good
        alice.port = alice.web_port = None  # name none
        alice.start()
        assert 6000 < alice.port <= 6050
        assert 8000 < alice.web_port < 8050


def test_a_name_can_be_given(programs):
    alice = programs("alice", "--name", "Alice\u202e \u0007 of Bandung").start()
    assert alice.call("GET", "/me")["name"] == "Alice of Bandung"
    alice.options = ()
    alice.restart()
    assert alice.call("GET", "/me")["name"] == "Alice of Bandung"


def test_somebody_to_reach_can_be_named(programs):
    bob = programs("bob").start()
    alice = programs("alice", "--name", "Alice", "--connect", bob.place).start()
    [request] = until(lambda: bob.call("GET", "/requests"), HEARD_WITHIN)
    assert (request["address"], request["name"]) == (alice.address, "Alice")


def test_nobody_to_be_reached_does_not_stop_the_start(programs):
    alice = programs("alice", "--connect", "127.0.0.1:1", "--connect", "no address").start()
    until(lambda: alice.log().count("--connect: ") == 2, HEARD_WITHIN)
    assert alice.call("GET", "/people") == []


def test_it_answers_peers_on_ipv6_when_asked_to(programs):
    with socket.socket(socket.AF_INET6) as sock:
        try:
            sock.bind(("::1", 0))
        except OSError as error:
            pytest.skip(f"no IPv6 here: {error.strerror}")
    alice = programs("alice", "--host", "::1").start()
    assert alice.out_file.read_text().endswith(f"peers connect to [::1]:{alice.port}\n")
    bob = programs("bob").start()
    told = bob.call("POST", "/connect", {"address": f"[::1]:{alice.port}"})
    assert told["address"] == alice.address


def test_the_browser_is_opened_without_the_ticket_on_a_command_line(programs, tmp_path):
    seen = tmp_path / "seen"
    opener = tmp_path / "opener"
    opener.write_text(f'#!/bin/sh\ncat "${{1#file://}}" > {seen}.page\necho "$@" > {seen}\n')
    opener.chmod(0o700)
    alice = programs(key=tmp_path / "data" / "alice.key")
    alice.environment |= {"DISPLAY": ":none", "BROWSER": f"{opener} %s"}
    alice.here = ("--host", "127.0.0.1", "--no-discovery")
    alice.start()
    until(lambda: seen.exists() and seen.read_text(), HEARD_WITHIN)
    [page] = alice.key.parent.glob("*.html")
    assert seen.read_text() == f"{page.as_uri()}\n"
    assert mode(page) == 0o600
    link = READY.fullmatch(alice.out_file.read_text())[2]
    assert f"{alice.url}/#k={link}" in seen.with_suffix(".page").read_text()
    alice.stop()
    assert list(alice.key.parent.glob("*.html")) == []

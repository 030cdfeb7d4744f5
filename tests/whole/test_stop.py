"""Stop a program, with a word or without: peers learn of it, and the next start finds all there."""

import json
import os
import pty
import select
import signal
import subprocess
import termios
from pathlib import Path

import pytest

from engine.store import keyfile
from engine.store.keyformat import Cost
from identity import Secret
from tests.helpers import until
from tests.programs import GONE_WITHIN, HEARD_WITHIN, PROGRAM, READY_WITHIN


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_says_goodbye_and_ends_well(friends, how):
    alice, bob = friends
    news = bob.listen()
    alice.stop(how)  # checks for exit code 0
    news.wait(
        lambda event: event["type"] == "person.changed" and event["person"]["online"] is False
    )
    assert f"{alice.address[:7]} said goodbye" in bob.log()
    assert not alice.beside(".api").exists()
    assert not alice.beside(".db-wal").exists()


def test_open_tabs_are_told_that_it_stops(programs):
    alice = programs().start()
    tab = alice.listen()
    tab.wait_type("hello")
    alice.process.terminate()
    assert alice.wait_ended() == 0
    until(lambda: tab.closed, HEARD_WITHIN)
    assert tab.close_code == 1001


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_at_any_moment_of_the_start_is_no_fault(programs, how):
    alice = programs()

    def imports() -> bool:
        maps = Path(f"/proc/{alice.process.pid}/maps")
        return not maps.exists() or "gevent" in maps.read_text()

    for has_come_so_far in (imports, alice.beside(".lock").exists, alice.key.exists):
        alice.spawn()
        until(has_come_so_far, READY_WITHIN)
        alice.process.send_signal(how)
        assert alice.wait_ended() in (0, 130, -how)
        alice.beside(".lock").unlink(missing_ok=True)
    alice.start()


def test_a_peer_that_vanished_is_offline_at_once(friends):
    alice, bob = friends
    news = bob.listen()
    alice.kill9()
    news.wait(
        lambda event: event["type"] == "person.changed" and event["person"]["online"] is False
    )
    assert f"lost the connection with {alice.address[:7]}" in bob.log()


def test_after_a_kill_it_starts_again_with_everything(friends):
    alice, bob = friends
    alice.say(bob, "before")
    until(lambda: alice.messages(bob)[-1]["state"] == "delivered", HEARD_WITHIN)
    address = alice.address
    alice.kill9()
    assert alice.beside(".api").exists()  # what a kill leaves behind: stale, and in nobody's way
    assert alice.beside(".lock").exists()
    bob.say(alice, "while away")
    alice.start()
    assert json.loads(alice.beside(".api").read_text())["pid"] == alice.process.pid
    assert alice.call("GET", "/me")["address"] == address
    until(lambda: alice.texts(bob) == ["before", "while away"], HEARD_WITHIN)
    until(lambda: bob.messages(alice)[-1]["state"] == "delivered", HEARD_WITHIN)


def test_killed_at_its_very_first_start_it_begins_well_the_next_time(programs):
    alice = programs()
    for file in (".lock", ".key", ".db", ".db-wal", ".api"):
        for left in alice.home.glob("*alice*"):
            if left.suffix not in (".log", ".out"):
                left.unlink()
        alice.spawn()
        until(alice.beside(file).exists, READY_WITHIN)
        alice.kill9()
        key = alice.key.read_bytes() if alice.key.exists() else b""
        alice.start()
        assert alice.key.read_bytes().startswith(key)
        alice.stop()


@pytest.fixture
def terminal(programs):
    """Alice's start on a terminal, with a key that asks for its passphrase."""
    alice = programs()
    keyfile.load_or_create(alice.key, ask_passphrase=Secret, database=alice.beside(".db"))
    cheap = Cost(passes=1, kibibytes=64 * 1_024)
    keyfile.change_passphrase(alice.key, current=None, new=Secret(b"let me in"), cost=cheap)
    terminal = Terminal([*PROGRAM, "--identity", str(alice.key), *alice.here, "--port=0",
                         "--web-port=0"], alice.environment)  # fmt: skip
    yield terminal
    terminal.close()


def test_on_a_terminal_the_passphrase_may_be_mistyped(terminal):
    for answer in (b"let me out\n", b"let me in\n"):
        terminal.read_until(b"Passphrase of ")
        terminal.read_until(b": ")
        terminal.type(answer)
    terminal.read_until(b"p2pchat ready: ")
    terminal.process.terminate()
    assert terminal.process.wait(GONE_WITHIN) == 0
    assert b"does not open" in terminal.seen
    assert b"let me" not in terminal.seen


def test_three_wrong_passphrases_end_it(terminal):
    for _ in range(3):
        terminal.read_until(b"Passphrase of ")
        terminal.read_until(b": ")
        terminal.type(b"let me out\n")
    assert terminal.process.wait(GONE_WITHIN) == 2


@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_the_question_for_the_passphrase_can_be_left(terminal, key):
    terminal.read_until(b"Passphrase of ")
    terminal.read_until(b": ")
    terminal.type(key)
    assert terminal.process.wait(GONE_WITHIN) in (2, 130)
    assert b"Traceback" not in terminal.rest()
    assert termios.tcgetattr(terminal.side)[3] & termios.ECHO  # as it was before


class Terminal:
    """Both ends of a terminal, with a program on one."""

    def __init__(self, command, environment):
        self.side, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            preexec_fn=lambda: os.login_tty(theirs),
        )
        self._theirs = theirs  # kept open: what the program said last can still be read
        self.seen = b""

    def type(self, keys):
        os.write(self.side, keys)

    def read_until(self, wanted):
        start = len(self.seen)
        while wanted not in self.seen[start:]:
            readable, _, _ = select.select([self.side], [], [], READY_WITHIN)
            assert readable, f"only {self.seen!r}"
            self.seen += os.read(self.side, 1)

    def rest(self):
        while select.select([self.side], [], [], 0)[0]:
            self.seen += os.read(self.side, 65_536)
        return self.seen

    def close(self):
        self.process.kill()
        self.process.wait(GONE_WITHIN)
        os.close(self.side)
        os.close(self._theirs)

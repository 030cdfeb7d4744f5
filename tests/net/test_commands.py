"""Programs that are asked something: their answer, or none, and never for long."""

import os
import subprocess

import gevent
import pytest

from engine.net import commands
from tests.helpers import until


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Put a program of this text where programs are."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    def make(text):
        path = tmp_path / "tool"
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)

    return make


def test_what_it_says_and_its_code_are_the_answer(program):
    program('echo "$1 $2"; echo and more >&2; exit 3')
    assert commands.run("tool", "a", "b c") == commands.Answer(3, "a b c\nand more\n")


def test_it_is_asked_in_english_and_without_a_keyboard(program):
    program("echo $LC_ALL; cat")
    assert commands.run("tool") == commands.Answer(0, "C\n")


def test_bytes_that_are_no_text_are_an_answer_too(program):
    program(r"printf '\377on'")
    assert commands.run("tool") == commands.Answer(0, "\ufffdon")


def test_a_program_that_is_not_there_gives_no_answer():
    assert commands.run("no-such-program-anywhere") is None


def test_a_program_that_cannot_be_started_gives_no_answer(program, tmp_path):
    program("")
    (tmp_path / "tool").write_text("#!/no/such/shell\n")
    assert commands.run("tool") is commands.NO_ANSWER


def test_a_program_that_does_not_end_is_ended(program, tmp_path):
    program(f"echo $$ > {tmp_path}/pid; exec sleep 60")
    asked = gevent.spawn(commands.run, "tool", within=2)
    pid = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    assert asked.get(timeout=20) is commands.NO_ANSWER
    until(lambda: not is_alive(pid))


def test_what_it_started_is_ended_with_it(program, tmp_path):
    program(f"sleep 60 & echo $! > {tmp_path}/pid; wait")
    asked = gevent.spawn(commands.run, "tool", within=2)
    pid = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    assert asked.get(timeout=20) is commands.NO_ANSWER
    until(lambda: not is_alive(pid))


def test_what_became_of_other_children_is_left_to_who_waits_for_them(program):
    program("exit 3")
    other = subprocess.Popen(["/bin/sh", "-c", "exit 9"])
    assert commands.run("tool").code == 3
    gevent.sleep(0)
    assert other.wait() == 9


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_program_that_says_too_much_gives_no_answer(program):
    program("exec cat /dev/zero")
    assert commands.run("tool") is commands.NO_ANSWER


def test_others_go_on_meanwhile(program, tmp_path):
    program(f"while [ ! -e {tmp_path}/go ]; do sleep 0.01; done; echo went")
    asked = gevent.spawn(commands.run, "tool")
    gevent.spawn(lambda: (tmp_path / "go").touch())
    assert asked.get(timeout=20) == commands.Answer(0, "went\n")

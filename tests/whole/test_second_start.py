"""Start an identity that runs already: the second start shows the first one's page, and ends."""

import json
import re
import shutil
import subprocess

from tests.helpers import until
from tests.programs import HERE_ALONE, PROGRAM, READY_WITHIN, environment

LINK = re.compile(r"p2pchat is running already: (http://127\.0\.0\.1:(\d+)/#k=([0-9a-f]{64}))\n")


def start_again(program, *more):
    """Type the same command once more; it has to end."""
    return subprocess.run(
        [*PROGRAM, "--identity", str(program.key), *HERE_ALONE, *more],
        capture_output=True,
        text=True,
        timeout=READY_WITHIN,
        env=environment(program.home),
        stdin=subprocess.DEVNULL,
    )


def test_it_hands_over_a_link_that_lets_in(programs):
    alice = programs().start()
    again = start_again(alice)
    assert (again.returncode, again.stderr) == (0, "")
    link = LINK.fullmatch(again.stdout)
    assert link is not None, again.stdout
    assert int(link[2]) == alice.web_port
    ticket = {"ticket": link[3]}
    status, told = alice.ask("POST", "/api/v1/session", ticket, token="", Origin=alice.url)
    assert status == 200
    assert alice.ask("GET", "/api/v1/me", token=told["secret"])[0] == 200
    assert json.loads(alice.beside(".api").read_text())["pid"] == alice.process.pid
    assert not alice.has_ended()


def test_it_hands_over_whom_to_reach(programs):
    alice = programs("alice").start()
    bob = programs("bob", "--name", "Bob").start()
    assert start_again(alice, "--connect", bob.place).stderr == ""
    until(lambda: bob.call("GET", "/requests"))
    failed = start_again(alice, "--connect", "127.0.0.1:1")
    assert failed.returncode == 0
    assert "Nobody listens there" in failed.stderr


def test_of_several_starts_at_the_same_instant_one_runs_and_the_others_hand_over(programs):
    several = [programs("alice") for _ in range(4)]
    for number, one in enumerate(several):
        one.out_file = one.home / f"alice{number}.out"
        one.spawn()
    until(lambda: sum(one.has_ended() for one in several) == 3, READY_WITHIN)
    [running] = [one for one in several if not one.has_ended()]
    until(running.ready_line, READY_WITHIN)
    for one in several:
        if one is not running:
            assert one.wait_ended() == 0, one.tail()
            assert LINK.fullmatch(one.out_file.read_text())
    assert not running.has_ended()


def test_another_name_of_the_same_folder_is_the_same_identity(programs, tmp_path):
    alice = programs(key=tmp_path / "data" / "alice.key").start()
    (tmp_path / "other").symlink_to(tmp_path / "data")
    alice.key = tmp_path / "other" / "alice.key"
    again = start_again(alice)
    assert again.returncode == 0
    assert LINK.fullmatch(again.stdout)


def test_a_copy_elsewhere_is_another_program(programs, tmp_path):
    alice = programs(key=tmp_path / "data" / "alice.key").start()
    (tmp_path / "copy").mkdir()
    shutil.copy(alice.key, tmp_path / "copy")
    copy = programs("copy", key=tmp_path / "copy" / "alice.key").start()
    assert copy.address == alice.address


def test_what_the_api_file_says_about_a_dead_program_misleads_nobody(programs, tmp_path):
    alice = programs().start()
    alice.kill9()
    stale = alice.beside(".api").read_bytes()
    bob = programs("bob")
    bob.web_port = alice.web_port  # somebody else answers there now
    bob.start()
    alice.web_port = 0
    alice.start()
    assert alice.beside(".api").read_bytes() != stale
    assert LINK.fullmatch(start_again(alice).stdout)[2] == str(alice.web_port)


def test_an_identity_in_use_whose_program_does_not_answer_is_said_in_one_line(programs):
    alice = programs().start()
    alice.beside(".api").unlink()
    again = start_again(alice)
    assert again.returncode == 2
    assert again.stdout == ""
    assert re.fullmatch(
        rf"p2pchat: .*already in use by process {alice.process.pid}.*\n", again.stderr
    )

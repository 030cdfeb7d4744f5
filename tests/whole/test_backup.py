"""A machine is lost, and its person comes back from a backup: real programs, the command line."""

import http.client
import os
import subprocess
import sys
import threading

import pytest

from engine.store import keyfile, opening
from identity import Secret
from tests.helpers import until
from tests.programs import (
    HEARD_WITHIN,
    PROGRAM,
    READY_WITHIN,
    ApiError,
    environment,
    make_friends,
)

HEALED_WITHIN = 30.0  # seconds: a redial waits before it tries again
PASSPHRASE = "longer secret"
POWER_FAILS = 9
# The program, on a machine whose power fails when a file is to get the name that is given first.
CUT_OFF = """
import os, runpy, sys

def watch(event, arguments):
    if event == "os.rename" and os.path.basename(arguments[1]) == name:
        os._exit(9)

name = sys.argv[1]
sys.addaudithook(watch)
sys.argv = sys.argv[2:]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class Group:
    def __init__(self, chat):
        self.address = chat  # as programs.Program names chats


def command(home, *words, passphrase=PASSPHRASE, program=PROGRAM):
    """``p2pchat.py`` with these words; it has to end."""
    file = home / "passphrase"
    file.write_text(passphrase)
    file.chmod(0o600)
    return subprocess.run(
        [*program, *map(str, words), "--passphrase-file", str(file)],
        capture_output=True,
        text=True,
        timeout=READY_WITHIN,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def well(ended):
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def lose(program):
    """The machine is gone, with everything on it."""
    program.kill9()
    for path in program.home.glob(f"*{program.key.stem}.*"):
        path.unlink()


@pytest.fixture
def lost(programs, tmp_path):
    """Alice made a backup while everybody talked, said more, and lost her machine.

    Bob was away when the backup was made, and got what waited for him from the old program.
    """
    alice, bob, carol = (
        programs(name, "--name", name.title()) for name in ("alice", "bob", "carol")
    )
    for one in (alice, bob, carol):
        one.start()
    make_friends(alice, bob)
    make_friends(alice, carol)
    make_friends(bob, carol)
    alice.call("POST", f"/people/{bob.address}", {"verified": True})
    group = Group(
        alice.call("POST", "/groups", {"name": "Trip", "members": [bob.address, carol.address]})[
            "chat"
        ]
    )
    until(lambda: is_in(group, bob) and is_in(group, carol), HEARD_WITHIN)
    alice.say(bob, "before")
    alice.say(group, "group before")
    until(lambda: "before" in bob.texts(alice) and "group before" in said(group, bob))
    bob.stop()
    alice.say(bob, "waits for bob")

    stop = threading.Event()

    def talk():
        number = 0
        while not stop.is_set():
            carol.say(alice, f"carol {number}")
            alice.say(carol, f"alice {number}")
            number += 1

    talking = threading.Thread(target=talk)
    talking.start()
    until(lambda: "alice 5" in carol.texts(alice), HEARD_WITHIN)
    well(command(tmp_path, "backup", tmp_path / "file", "--identity", alice.key))
    stop.set()
    talking.join()

    bob.start()
    until(lambda: "waits for bob" in bob.texts(alice), HEALED_WITHIN)
    alice.say(bob, "after")
    alice.say(group, "group after")
    until(lambda: "after" in bob.texts(alice) and "group after" in said(group, bob), HEARD_WITHIN)
    until(lambda: "group after" in said(group, carol), HEARD_WITHIN)
    until(lambda: [one["state"] for one in alice.messages(carol) if one["own"]][-1] == "delivered")
    lose(alice)
    return alice, bob, carol, group


def is_in(group, program):
    try:
        return program.call("GET", f"/groups/{group.address}")["standing"] == "member"
    except ApiError:
        return False


def said(group, program):
    return [one["text"] for one in program.messages(group) if one["kind"] == "text"]


def test_everybody_goes_on_without_loss_or_doubles(lost, programs, tmp_path):
    alice, bob, carol, group = lost
    before = carol.texts(alice)
    bob.stop()
    carol.stop()
    key = tmp_path / "elsewhere" / "again.key"
    assert "do not run the old copy" in well(
        command(tmp_path, "restore", tmp_path / "file", "--identity", key)
    )
    again = programs("again", key=key).start()
    assert again.address == alice.address
    me = again.call("GET", "/me")
    assert (me["name"], me["restored"]) == ("Alice", True)
    assert again.person(bob)["level"] == 2
    kept = again.texts(carol)
    assert kept == before[: len(kept)], "a moment of the chat, and nothing out of order"

    # Nobody of the group is there: what was said in it since is not known, so nothing is signed.
    assert again.call("GET", f"/groups/{group.address}")["restored"]
    with pytest.raises(ApiError) as declined:
        again.say(group, "too early")
    assert declined.value.code == "not_synced"
    first = again.say(bob, "again")

    bob.start()
    carol.start()
    until(lambda: "again" in bob.texts(again), HEALED_WITHIN, "the contact goes on")
    assert bob.texts(again) == ["before", "waits for bob", "after", "again"]
    until(lambda: not again.call("GET", f"/groups/{group.address}")["restored"], HEALED_WITHIN)
    again.say(group, "group again")
    for one in (bob, carol, again):
        whole = ["group before", "group after", "group again"]
        until(lambda one=one, whole=whole: said(group, one) == whole, HEALED_WITHIN)
    for one in (bob, carol):
        members = one.call("GET", f"/groups/{group.address}")["members"]
        assert not any(member["contradicts"] for member in members)

    carol.say(again, "welcome back")
    until(lambda: "welcome back" in again.texts(carol), HEALED_WITHIN)
    again.say(carol, "thank you")
    until(lambda: carol.texts(again)[-1] == "thank you", HEARD_WITHIN)
    assert carol.texts(again) == [*before, "welcome back", "thank you"]
    assert first["id"] in [one["id"] for one in bob.messages(again)]


def test_what_cannot_be_restored_is_said_in_one_line(programs, tmp_path):
    alice = programs("alice", "--name", "Alice").start()
    alice.stop()
    file = tmp_path / "file"
    well(command(tmp_path, "backup", "--identity", alice.key, file))  # no program runs
    key = tmp_path / "elsewhere" / "again.key"

    def refused(source, passphrase=PASSPHRASE, target=key):
        ended = command(tmp_path, "restore", source, "--identity", target, passphrase=passphrase)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.count("\n") == 1
        assert "nothing was changed" in ended.stderr
        assert {path.suffix for path in key.parent.iterdir()} <= {".lock"}
        return ended.stderr

    assert "passphrase" in refused(file, "another secret")
    data = bytearray(file.read_bytes())
    for place in (3, 40, 1_000, len(data) - 1):
        damaged = bytes([*data[:place], data[place] ^ 1, *data[place + 1 :]])
        (tmp_path / "bad").write_bytes(damaged)
        assert "damaged" in refused(tmp_path / "bad") or place == 3
    (tmp_path / "bad").write_bytes(data[:-100])
    assert "damaged" in refused(tmp_path / "bad")
    (tmp_path / "bad").write_bytes(os.urandom(5_000))
    assert "no backup" in refused(tmp_path / "bad")
    ended = command(tmp_path, "restore", file, "--identity", alice.key)
    assert ended.returncode == 2
    assert "exists" in ended.stderr
    alice.start()


def test_a_backup_in_the_making_does_not_outlive_a_kill(programs, tmp_path):
    alice = programs("alice", "--name", "Alice").start()
    alice.kill9()
    left = alice.home / ".alice.db.0011.copy"
    left.write_bytes(b"as a program leaves it that is killed in the middle")
    alice.start()
    assert not left.exists()


def test_words_that_were_deleted_before_are_not_in_it(friends, tmp_path):
    alice, bob = friends
    gone = [alice.say(bob, f"zebrawhisper {number}") for number in range(3)]
    heard = bob.say(alice, "zebrawhisper heard")
    alice.say(bob, "staysforever")
    until(lambda: len(alice.messages(bob)) == 5 and len(bob.messages(alice)) == 5, HEARD_WITHIN)
    path = f"/chats/{bob.address}/messages"
    alice.call("POST", f"{path}/{gone[0]['id']}", {"text": "changed"})
    alice.call("DELETE", f"{path}/{gone[0]['id']}?for=everyone")
    alice.call("DELETE", f"{path}/{gone[1]['id']}?for=everyone")
    alice.call("DELETE", f"{path}/{gone[2]['id']}?for=me")
    alice.call("DELETE", f"{path}/{heard['id']}?for=me")
    well(command(tmp_path, "backup", tmp_path / "file", "--identity", alice.key))
    key = tmp_path / "elsewhere" / "again.key"
    well(command(tmp_path, "restore", tmp_path / "file", "--identity", key))
    me = keyfile.load_or_create(key, ask_passphrase=Secret, database=key.with_suffix(".db"))
    db = opening.connect(key.with_suffix(".db"), me.database_key)
    db.pragma("rekey", "")  # decrypted, so that its very bytes can be looked at
    db.close()
    data = key.with_suffix(".db").read_bytes()
    assert b"staysforever" in data
    assert b"zebrawhisper" not in data


def upload(program, file):
    """Restore from the page; the program may not live to answer."""
    expected = program.call("POST", "/restore", {"passphrase": PASSPHRASE})["id"]
    connection = http.client.HTTPConnection("127.0.0.1", program.web_port, timeout=HEARD_WITHIN)
    try:
        headers = {
            "Authorization": f"Bearer {program.token}",
            "Content-Type": "application/octet-stream",
        }
        path = f"/api/v1/restore/{expected}"
        connection.request("POST", path, file.read_bytes(), headers)
        connection.getresponse()
    except (http.client.HTTPException, OSError):
        pass
    finally:
        connection.close()


def cut_off(name):
    return (sys.executable, "-c", CUT_OFF, name, PROGRAM[1])


@pytest.mark.parametrize(("name", "is_new"), [(".new.key.restored", False), ("new.key", True)])
def test_a_power_cut_while_it_takes_its_place_leaves_one_identity(programs, tmp_path, name, is_new):
    alice = programs("alice", "--name", "Alice").start()
    well(command(tmp_path, "backup", tmp_path / "file", "--identity", alice.key))
    new = programs("new", key=tmp_path / "elsewhere" / "new.key").start(program=cut_off(name))
    before = new.address
    alice.stop()
    upload(new, tmp_path / "file")
    assert new.wait_ended() == POWER_FAILS
    new.start()
    assert new.address == (alice.address if is_new else before)
    assert new.call("GET", "/me")["restored"] is is_new
    assert not list(new.key.parent.glob(".*"))


def test_after_a_power_cut_at_the_terminal_the_program_comes_back_too(programs, tmp_path):
    alice = programs("alice", "--name", "Alice").start()
    well(command(tmp_path, "backup", tmp_path / "file", "--identity", alice.key))
    alice.stop()
    new = programs("new", key=tmp_path / "elsewhere" / "new.key")
    words = ("restore", tmp_path / "file", "--identity", new.key)
    assert command(tmp_path, *words, program=cut_off("new.key")).returncode == POWER_FAILS
    assert not new.key.exists()
    assert new.start().address == alice.address

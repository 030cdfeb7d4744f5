"""How a script finds the running program: a private file that goes when the program goes."""

import json
import os

from engine.store import runfile


def test_the_file_says_where_and_with_what_and_is_private(tmp_path):
    path = tmp_path / "alice.api"
    runfile.write(path, url="http://127.0.0.1:8000", token="abc", port=6000)
    told = json.loads(path.read_text())
    assert told == {
        "url": "http://127.0.0.1:8000",
        "token": "abc",
        "port": 6000,
        "pid": os.getpid(),
    }
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_replaces_what_a_killed_program_left(tmp_path):
    path = tmp_path / "alice.api"
    path.write_text("left over")
    runfile.write(path, url="u", token="t", port=1)
    assert json.loads(path.read_text())["token"] == "t"


def test_only_our_own_is_removed(tmp_path):
    path = tmp_path / "alice.api"
    runfile.write(path, url="u", token="t", port=1)
    runfile.remove(path)
    assert not path.exists()
    runfile.remove(path)
    for other in ('{"pid": 1}', "[]", "no json", "{}"):
        path.write_text(other)
        runfile.remove(path)
        assert path.exists()

"""The doctor on the command line: by the running program, or without it."""

import io
import sys

import pytest

from engine.chat.errors import Refused
from engine.chat.views import Finding, Report
from engine.web import consult
from engine.web.handover import HandoverFailed
from tests.web.fake_node import BOBS_PLACE

WELL = Report(
    ok=True,
    cause="",
    sentence="Everything works.",
    command="",
    findings=(Finding("network", "good", "This computer is on 192.168.1.0/24."),),
)
ILL = Report(
    ok=False,
    cause="port_blocked_here",
    sentence="A firewall turns everybody away.",
    command="sudo ufw allow 6000/tcp",
    findings=(
        Finding("firewall_port", "bad", "A firewall is against it."),
        Finding("vpn", "unknown", "Nobody knows."),
    ),
)


@pytest.fixture
def api_file(serving, tmp_path):
    """What the running program leaves for scripts."""
    path = tmp_path / "alice.api"
    path.write_text(f'{{"url": "{serving.url}", "token": "{serving.token}"}}')
    return path


def never(address):
    raise AssertionError("the running program was not asked")


def test_the_running_program_is_asked(api_file):
    said = []
    assert consult.consult(api_file, never, say=said.append) == 1
    assert said == [
        " BAD  A firewall is against it.",
        "",
        "A firewall is in the way.",
        "      sudo ufw allow 6000/tcp",
    ]


def test_without_a_running_program_this_computer_is_looked_at(tmp_path):
    said = []
    assert consult.consult(tmp_path / "none.api", lambda address: WELL, say=said.append) == 0
    assert said == ["  ok  This computer is on 192.168.1.0/24.", "", "Everything works."]


def test_the_last_line_is_the_command_and_the_code_says_that_something_is_wrong(tmp_path):
    said = []
    assert consult.consult(tmp_path / "none.api", lambda address: ILL, say=said.append) == 1
    assert said[:2] == [" BAD  A firewall is against it.", "   ?  Nobody knows."]
    assert said[-2:] == ["A firewall turns everybody away.", "      sudo ufw allow 6000/tcp"]


def test_whom_somebody_would_like_to_reach_is_asked_about(api_file, tmp_path):
    said, asked = [], []
    assert consult.consult(api_file, never, address=BOBS_PLACE, say=said.append) == 1

    def alone(address):
        asked.append(address)
        return ILL

    assert consult.consult(tmp_path / "none.api", alone, address="x:1", say=said.append) == 1
    assert asked == ["x:1"]


def test_what_is_no_address_is_said_in_a_sentence(api_file):
    def alone(address):
        raise Refused("bad_address", f"{address} is no address.")

    said = []
    assert consult.consult(api_file, alone, address="nonsense", say=said.append) == 2
    assert said == ["nonsense is no address."]


@pytest.mark.parametrize(
    "told", [None, [], {}, {"findings": [7]}, {"findings": [], "sentence": "x"}, "report"]
)
def test_what_is_no_report_is_not_shown(told):
    with pytest.raises(HandoverFailed):
        consult.read(told)


def test_nothing_that_a_terminal_would_obey_is_written():
    nasty = {"ok": False, "sentence": "Budi\x1b[2J\u202e is\n away", "command": "", "findings": []}
    assert consult.read(nasty) == ["", "Budi?[2J? is? away"]


def test_a_terminal_that_knows_few_characters_gets_those(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    consult.to_terminal("Choose “everyone”")
    assert raw.getvalue() == b"Choose ?everyone?\n"

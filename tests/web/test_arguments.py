"""The command line says what it means, also when it makes no sense."""

from pathlib import Path

import pytest

from engine.web import arguments


def test_without_a_word_everything_has_its_default():
    options = arguments.parse([])
    assert (options.command, options.file, options.identity) == (None, None, None)
    assert (options.port, options.web_port, options.web_host) == (None, None, "127.0.0.1")


@pytest.mark.parametrize(
    "said",
    [
        ["backup", "out", "--identity", "data/alice.key"],
        ["backup", "--identity", "data/alice.key", "out"],
        ["--identity", "data/alice.key", "backup", "out"],
    ],
)
def test_a_file_may_stand_before_or_behind_the_options(said):
    options = arguments.parse(said)
    assert (options.command, options.file) == ("backup", Path("out"))
    assert options.identity == Path("data/alice.key")


@pytest.mark.parametrize(
    "said",
    [["backup"], ["restore"], ["doctor", "file"], ["file"], ["--port", "x"], ["--port", "70000"]],
)
def test_what_makes_no_sense_ends_with_a_word(said, capsys):
    with pytest.raises(SystemExit) as ended:
        arguments.parse(said)
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_the_help_names_the_commands(capsys):
    with pytest.raises(SystemExit) as ended:
        arguments.parse(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert all(command in said for command in arguments.COMMANDS)

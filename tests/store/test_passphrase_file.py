"""What ``--passphrase-file`` takes: a private file or a pipe, one line, nothing shown of it."""

import os
from pathlib import Path

import pytest

from engine.store import keyfile
from identity import IdentityError


def passphrase_file(tmp_path, content, mode=0o600):
    path = tmp_path / "passphrase"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [
        (b"correct horse", b"correct horse"),
        (b"correct horse\n", b"correct horse"),
        (b"correct horse\r\n", b"correct horse"),
        (b" two  \n\n", b" two  \n"),
        (b"x" * 1_024 + b"\r\n", b"x" * 1_024),
        ("rahasia é".encode(), "rahasia é".encode()),
    ],
)
def test_a_passphrase_file_is_read_without_its_last_line_end(tmp_path, content, passphrase):
    assert keyfile.read_passphrase_file(passphrase_file(tmp_path, content)) == passphrase


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"correct horse\n", 0o644, "chmod 600"),
        (b"", 0o600, "is empty"),
        (b"\n", 0o600, "is empty"),
        (b"y" * 1_025, 0o600, "is too long"),
        (b"y" * 100_000, 0o600, "is too long"),
    ],
)
def test_a_bad_passphrase_file_is_refused_in_one_line(tmp_path, content, mode, reason):
    path = passphrase_file(tmp_path, content, mode)
    with pytest.raises(IdentityError, match=reason) as caught:
        keyfile.read_passphrase_file(path)
    assert "\n" not in str(caught.value)
    assert "horse" not in str(caught.value)


def test_a_missing_passphrase_file_or_a_folder_is_refused(tmp_path):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(IdentityError, match="cannot be read"):
            keyfile.read_passphrase_file(path)


def test_a_pipe_may_give_the_passphrase():
    """So that a password manager can, and it never touches the disk."""
    reading, writing = os.pipe()
    os.write(writing, b"correct horse\n")
    os.close(writing)
    passphrase = keyfile.read_passphrase_file(Path(f"/dev/fd/{reading}"))
    os.close(reading)
    assert passphrase == b"correct horse"
    assert repr(passphrase) == "Secret(13 bytes)"

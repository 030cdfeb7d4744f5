"""Some of the texts of real_input.py; in full it is run by hand: `python tests/real_input.py`."""

import subprocess
import sys

import pytest

from tests import real_input
from tests.programs import ROOT

LIMIT = 400


def test_entries_are_told_apart_by_lines_with_only_a_percent_sign(tmp_path):
    (tmp_path / "some").write_text("one\n%\ntwo\n  lines\n%\n% not alone\n50 %\n%\n\n%\n")
    (tmp_path / "some.dat").write_bytes(b"\0\1")
    assert [text for _, text in real_input.entries(tmp_path)] == [
        "one",
        "two\n  lines",
        "% not alone\n50 %",
        "",
    ]


@pytest.mark.skipif(
    not real_input.FOLDER.is_dir(), reason="Debian's fortunes and fortunes-zh are not installed"
)
def test_real_texts_arrive_byte_for_byte_and_are_there_after_a_restart():
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "real_input.py"), "--limit", str(LIMIT)],
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"2 x {LIMIT} messages" in done.stdout
    assert done.stdout.count("byte for byte") == 2

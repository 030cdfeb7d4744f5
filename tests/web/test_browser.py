"""The browser is opened through a private file, never with the link on a command line."""

import stat
import sys

import pytest

from engine import system
from engine.web.browser import open_browser, page_file, redirect_to, remove_page
from tests.helpers import until

LINK = "http://127.0.0.1:8000/#k=" + "ab" * 32


@pytest.fixture
def shown(monkeypatch):
    """What the system was asked to show: the path, and the file as it then was."""
    seen = []

    def show(page):
        seen.append((page, page.read_bytes(), page.stat()))
        return True

    monkeypatch.setattr(system, "open_in_browser", show)
    return seen


def test_the_file_leads_to_the_link_and_only_its_owner_can_read_it(tmp_path, shown):
    assert open_browser(LINK, folder=tmp_path) is True
    [(page, content, status)] = shown
    assert "ab" * 32 not in str(page)
    assert content == redirect_to(LINK)
    assert LINK.encode() in content
    if sys.platform != "win32":
        assert stat.S_IMODE(status.st_mode) == 0o600
    assert page.exists()  # browsers are slow to start


def test_the_file_goes_away_by_itself(tmp_path, shown):
    open_browser(LINK, folder=tmp_path, removed_after=0.01)
    until(lambda: not list(tmp_path.iterdir()))


def test_without_a_browser_nothing_stays_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(system, "open_in_browser", lambda page: False)
    assert open_browser(LINK, folder=tmp_path) is False
    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be_written_there_is_no_browser_and_no_secret_in_the_log(
    tmp_path, shown, caplog
):
    assert open_browser(LINK, folder=tmp_path / "missing") is False
    assert shown == []
    assert "cannot be opened" in caplog.text
    assert "ab" * 32 not in caplog.text


def test_the_end_of_the_program_takes_its_file_away_and_no_other(tmp_path, shown):
    other = page_file(LINK.replace("8000", "8001"), tmp_path)
    other.touch()
    open_browser(LINK, folder=tmp_path)
    for _ in range(2):  # also when it is gone already
        remove_page("http://127.0.0.1:8000", folder=tmp_path)
        assert list(tmp_path.iterdir()) == [other]


def test_two_programs_of_one_folder_do_not_take_each_others_file(tmp_path):
    other = LINK.replace("8000", "8001")
    assert page_file(LINK, tmp_path) != page_file(other, tmp_path)


@pytest.mark.parametrize(
    "link",
    [
        "http://evil.test/#k=ab",
        "javascript:alert(1)",
        'http://127.0.0.1:8000/#k=ab"><script>',
        "http://127.0.0.1:8000/",
        LINK + "\n",
    ],
)
def test_nothing_but_a_link_to_our_page_is_opened(tmp_path, shown, link):
    with pytest.raises(ValueError, match="not a link"):
        open_browser(link, folder=tmp_path)
    assert shown == []

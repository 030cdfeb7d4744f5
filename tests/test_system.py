"""The differences between systems, on the one that runs these tests."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine import system

ROOT = Path(__file__).parents[1]


def mode(path):
    return path.stat().st_mode & 0o777


# -- private files


@pytest.mark.parametrize("write", [system.write_private, system.create_private])
def test_a_private_file_holds_what_was_written_and_only_its_owner_can_read_it(tmp_path, write):
    old = os.umask(0)
    try:
        write(tmp_path / "secret", b"content")
    finally:
        os.umask(old)
    assert (tmp_path / "secret").read_bytes() == b"content"
    assert mode(tmp_path / "secret") == 0o600
    assert os.listdir(tmp_path) == ["secret"]


def test_writing_replaces_the_file_instead_of_changing_it(tmp_path):
    """Whoever has the old one open reads the old content to its end."""
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o644)
    with path.open("rb") as old:
        system.write_private(path, b"new content")
        assert old.read() == b"old"
    assert path.read_bytes() == b"new content"
    assert mode(path) == 0o600


def test_writing_through_a_symbolic_link_replaces_the_link_and_spares_its_target(tmp_path):
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "name").symlink_to(tmp_path / "target")
    system.write_private(tmp_path / "name", b"new")
    assert (tmp_path / "target").read_bytes() == b"precious"
    assert not (tmp_path / "name").is_symlink()


def test_the_content_is_on_the_disk_before_the_name_and_the_name_before_we_return(
    tmp_path, monkeypatch
):
    done = []
    sync, replace = os.fsync, Path.replace

    def fsync(fd):
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "file")
        sync(fd)

    def rename(old, new):
        done.append("name")
        return replace(old, new)

    monkeypatch.setattr(system.os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", rename)
    system.write_private(tmp_path / "secret", b"content")
    assert done == ["file", "name", "folder"]


@pytest.mark.parametrize("write", [system.write_private, system.create_private])
def test_a_write_that_fails_leaves_the_folder_as_it_was(tmp_path, monkeypatch, write):
    def full(_fd):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(system, "sync_file", full)
    (tmp_path / "secret").write_bytes(b"old")
    with pytest.raises(OSError, match="no space"):
        write(tmp_path / "secret", b"new")
    assert os.listdir(tmp_path) == ["secret"]
    assert (tmp_path / "secret").read_bytes() == b"old"


def no_links(*_, **__):
    raise OSError(errno.EPERM, "this file system has no links")


@pytest.mark.parametrize("linkless", [False, True], ids=["links", "no links"])
def test_a_taken_name_is_never_written_over(tmp_path, monkeypatch, linkless):
    if linkless:
        monkeypatch.setattr(system.os, "link", no_links)
    for taken in ("file", "dangling link"):
        path = tmp_path / taken
        path.write_bytes(b"old") if taken == "file" else path.symlink_to("nowhere")
        with pytest.raises(FileExistsError):
            system.create_private(path, b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["dangling link", "file"]


@pytest.mark.parametrize("linkless", [False, True], ids=["links", "no links"])
def test_of_many_who_create_one_name_at_once_exactly_one_succeeds(tmp_path, monkeypatch, linkless):
    if linkless:
        monkeypatch.setattr(system.os, "link", no_links)
    barrier = threading.Barrier(16)
    winners = []

    def create(number):
        barrier.wait(5)
        try:
            system.create_private(tmp_path / "secret", b"%d" % number)
        except FileExistsError:
            return
        winners.append(b"%d" % number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert winners == [(tmp_path / "secret").read_bytes()]
    assert os.listdir(tmp_path) == ["secret"]


# -- opening


def test_a_symbolic_link_is_not_followed(tmp_path):
    (tmp_path / "target").write_bytes(b"content")
    (tmp_path / "link").symlink_to("target")
    with pytest.raises(OSError) as caught:
        system.open_no_follow(tmp_path / "link", os.O_RDONLY)
    assert caught.value.errno == errno.ELOOP


def test_without_the_systems_help_a_symbolic_link_is_still_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(system, "_NO_FOLLOW", 0)
    test_a_symbolic_link_is_not_followed(tmp_path)


def test_an_opened_file_is_private_and_closed_in_programs_that_we_start(tmp_path):
    fd = system.open_no_follow(tmp_path / "new", os.O_RDWR | os.O_CREAT)
    assert mode(tmp_path / "new") == 0o600
    assert not os.get_inheritable(fd)
    os.close(fd)


@pytest.mark.parametrize(
    ("bits", "private"),
    [(0o600, True), (0o400, True), (0o700, True), (0o640, False), (0o604, False), (0o602, False)],
)
def test_private_means_nothing_for_group_and_others(tmp_path, bits, private):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "file").chmod(bits)
    assert system.is_private((tmp_path / "file").stat()) is private


def test_a_file_is_ours_or_roots_or_somebody_elses(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    status = list((tmp_path / "file").stat())
    for owner, ours in ((os.geteuid(), True), (0, True), (os.geteuid() + 1, False)):
        status[4] = owner
        assert system.is_ours(os.stat_result(status)) is ours


def test_an_ordinary_file_is_told_from_everything_else(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    assert system.is_regular((tmp_path / "file").stat())
    assert not system.is_regular((tmp_path / "pipe").stat())
    assert not system.is_regular(tmp_path.stat())


# -- locks


def test_a_lock_has_one_holder_until_its_file_is_closed(tmp_path):
    first, second = (
        system.open_no_follow(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(2)
    )
    assert system.lock_file(first)
    assert not system.lock_file(second)
    os.close(first)
    assert system.lock_file(second)
    os.close(second)


# -- folders


def test_missing_folders_are_made_for_their_owner_only(tmp_path):
    old = os.umask(0)
    try:
        system.make_private_folder(tmp_path / "a" / "b" / "c")
    finally:
        os.umask(old)
    assert [mode(tmp_path / part) for part in ("a", "a/b", "a/b/c")] == [0o700] * 3


def test_existing_folders_are_left_as_they_are(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "link").symlink_to(tmp_path)
    for path in (tmp_path, tmp_path / "link", tmp_path / "new"):
        system.make_private_folder(path)
    assert mode(tmp_path) == 0o755


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_in_a_folders_place_is_an_error(tmp_path, name):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        system.make_private_folder(tmp_path / name)


def test_a_folder_that_cannot_be_synced_by_nature_is_no_error(tmp_path, monkeypatch):
    def refuses(code):
        def fsync(_fd):
            raise OSError(code, os.strerror(code))

        return fsync

    monkeypatch.setattr(system.os, "fsync", refuses(errno.EINVAL))
    system.sync_folder(tmp_path)
    monkeypatch.setattr(system.os, "fsync", refuses(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        system.sync_folder(tmp_path)


# -- the process


@pytest.mark.parametrize(("hard", "expected"), [(4_096, 4_096), (128, 128)])
def test_the_descriptor_limit_is_raised_to_what_is_allowed(hard, expected):
    code = (
        "import resource; from engine import system; "
        f"resource.setrlimit(resource.RLIMIT_NOFILE, (64, {hard})); "
        "print(system.raise_descriptor_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    output = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert output.split() == [str(expected)] * 2


@pytest.mark.parametrize(
    ("display", "opened"),
    [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "w"}, True)],
)
def test_a_page_is_opened_only_where_it_can_be_seen(tmp_path, monkeypatch, display, opened):
    pages = []
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in display.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(system.webbrowser, "open", lambda page: pages.append(page) or True)
    assert system.open_in_browser(tmp_path / "a page.html") is opened
    assert pages == ([(tmp_path / "a page.html").as_uri()] if opened else [])

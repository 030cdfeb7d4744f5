"""A log cut short by a crash is read up to there; a damaged one is told apart from it."""

import shutil
import struct

import pytest

from engine.store import journal
from engine.store.opening import connect
from tests.store.conftest import KEY

HEADER, FRAME = journal.HEADER.size, journal.FRAME.size
COMMITS = 10


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """A log of ten commits, each of one page or more, and where each of its frames begins."""
    folder = tmp_path_factory.mktemp("log")
    db = connect(folder / "a.db", KEY)
    db.pragma("journal_mode", "wal")
    db.execute("CREATE TABLE t (a)")
    db.wal_checkpoint(mode=3)  # TRUNCATE: the log begins here
    for number in range(COMMITS):
        db.execute("INSERT INTO t VALUES (?)", ("x" * 6_000 if number % 2 else "x",))
    data = (folder / "a.db-wal").read_bytes()
    db.close()
    size = FRAME + 4_096
    frames = list(range(HEADER, len(data), size))
    ends = [start for start in frames if struct.unpack_from(">I", data, start + 4)[0]]
    assert len(ends) == COMMITS < len(frames)
    return data, frames, ends


@pytest.fixture
def damaged(logs, tmp_path):
    """Say whether the log is taken for damaged after ``spoil`` was at it."""

    def damaged(spoil=lambda data: None):
        data = bytearray(logs[0])
        spoil(data)
        path = tmp_path / "log"
        path.write_bytes(data)
        return journal.is_damaged(path)

    return damaged


def flip(at):
    def spoil(data):
        data[at] ^= 0x10

    return spoil


def zero(at, size):
    def spoil(data):
        data[at : at + size] = bytes(len(data[at : at + size]))

    return spoil


def cut(at):
    def spoil(data):
        del data[at:]

    return spoil


def test_a_whole_log_is_whole(damaged):
    assert not damaged()


def test_a_log_without_content_is_no_damaged_one(damaged):
    assert not damaged(cut(0))
    assert not damaged(cut(HEADER))


def test_a_log_cut_off_anywhere_is_what_a_crash_leaves(damaged, logs):
    data, frames, _ends = logs
    for start in frames:
        for at in (start, start + 1, start + FRAME + 100):
            assert not damaged(cut(at))
    assert not damaged(cut(len(data) - 1))


def test_a_commit_torn_at_the_end_is_what_a_crash_leaves(damaged, logs):
    """Some of its sectors came to the disk, others did not, in any order."""
    data, _frames, ends = logs
    assert ends[-1] - ends[-2] > FRAME + 4_096, "the last commit has several frames"
    for at in range(ends[-2] + FRAME + 4_096, len(data), 512):
        assert not damaged(zero(at, 512))


def test_a_bit_anywhere_before_the_last_commit_is_found(damaged, logs):
    _data, _frames, ends = logs
    last = ends[-2] + FRAME + 4_096
    # The one gap: the salts of the frame that ends the last commit but one.
    salts = range(ends[-2] + 8, ends[-2] + 16)
    for at in (*range(HEADER), *range(HEADER, last, 401), ends[-2], ends[-2] + 16, last - 1):
        assert at in salts or damaged(flip(at)), at


def test_every_bit_of_a_frames_head_counts(damaged, logs):
    _data, frames, _ends = logs
    for at in range(frames[2], frames[2] + FRAME):
        assert damaged(flip(at)), at


def test_zeros_in_the_middle_are_found(damaged, logs):
    _data, frames, _ends = logs
    assert damaged(zero(frames[1], frames[3] - frames[1]))


def test_what_an_earlier_log_left_behind_the_end_is_no_damage(damaged, logs, tmp_path):
    """After a checkpoint the log begins again in the same file, under other salts."""
    folder = tmp_path / "again"
    folder.mkdir()
    db = connect(folder / "a.db", KEY)
    db.pragma("journal_mode", "wal")
    db.execute("CREATE TABLE t (a)")
    for _ in range(COMMITS):
        db.execute("INSERT INTO t VALUES (?)", ("x" * 9_000,))
    db.wal_checkpoint(mode=2)  # RESTART: the next commit is written over the first
    before = (folder / "a.db-wal").read_bytes()
    db.execute("INSERT INTO t VALUES ('new')")
    shutil.copy(folder / "a.db-wal", tmp_path / "log")
    db.close()
    after = (tmp_path / "log").read_bytes()
    assert len(after) == len(before)
    assert after[16:24] != before[16:24], "the salts"
    assert not journal.is_damaged(tmp_path / "log")


def test_both_ways_to_add_up_words_are_read(logs, tmp_path):
    """The same log as a machine of the other byte order would have written it."""
    data, frames, _ends = logs
    magic = struct.unpack_from(">I", data)[0]
    other = {journal.LITTLE_ENDIAN, journal.BIG_ENDIAN} - {magic}
    words = journal.WORD_PAIRS[magic := other.pop()]
    again = bytearray(data)
    struct.pack_into(">I", again, 0, magic)
    total = journal._checksum(words, bytes(again[:24]), (0, 0))
    struct.pack_into(">2I", again, 24, *total)
    for start in frames:
        total = journal._checksum(words, bytes(again[start : start + 8]), total)
        page = bytes(again[start + FRAME : start + FRAME + 4_096])
        total = journal._checksum(words, page, total)
        struct.pack_into(">2I", again, start + 16, *total)
    path = tmp_path / "log"
    path.write_bytes(again)
    assert not journal.is_damaged(path)
    again[frames[0] + FRAME] ^= 1
    path.write_bytes(again)
    assert journal.is_damaged(path)

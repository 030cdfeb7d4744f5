"""Tell a write-ahead log that a crash cut short from one that was damaged afterwards.

    header   magic, version, page size, count, 2 salts, checksum                32 bytes
    frame    page, database size if it ends a commit (else 0), the 2 salts,
             checksum over everything before it                                 24 bytes + a page

SQLite reads a log up to the first frame whose checksum does not fit and drops the rest without a
word: a crash in the middle of a commit leaves just that. But each commit is on the disk before the
next one is written, so a crash can spoil the last commit only. Whole commits behind a bad frame
prove that something else happened, and that messages would silently be gone. (The format is
SQLite's: https://sqlite.org/fileformat2.html#walformat)
"""

import struct
from pathlib import Path
from typing import BinaryIO, Final

HEADER: Final = struct.Struct(">8I")
FRAME: Final = struct.Struct(">6I")
LITTLE_ENDIAN, BIG_ENDIAN = 0x377F0682, 0x377F0683  # of the words that a checksum adds up
WORD_PAIRS: Final = {LITTLE_ENDIAN: struct.Struct("<2I"), BIG_ENDIAN: struct.Struct(">2I")}
PAGE_SIZES: Final = frozenset(1 << power for power in range(9, 17))


def is_damaged(path: Path) -> bool:
    """Say whether commits stand behind something unreadable. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEADER.size)
        first = file.read(1)
        if len(head) < HEADER.size or not first:
            return False  # it holds nothing, or nothing is left of it
        file.seek(HEADER.size)
        magic, _version, page_size, _count, *salts, one, two = HEADER.unpack(head)
        if magic not in WORD_PAIRS or page_size not in PAGE_SIZES:
            return True
        # SQLite puts the header on the disk before the first frame, so no crash spoils it.
        if _checksum(WORD_PAIRS[magic], head[:-8], (0, 0)) != (one, two):
            return True
        return _commits_behind_a_fault(file, page_size, salts, WORD_PAIRS[magic], (one, two)) > 1


def _commits_behind_a_fault(
    file: BinaryIO, page_size: int, salts: list[int], words: struct.Struct, sum_: tuple[int, int]
) -> int:
    is_whole, commits = True, 0
    while len(frame := file.read(FRAME.size + page_size)) == FRAME.size + page_size:
        _page, ends_commit, *its_salts, one, two = FRAME.unpack_from(frame)
        if its_salts != salts:  # left over from before the log began again, or damaged
            is_whole = False
            continue
        if is_whole:
            sum_ = _checksum(words, frame[:8], sum_)
            sum_ = _checksum(words, frame[FRAME.size :], sum_)
            is_whole = sum_ == (one, two)
        if not is_whole and ends_commit:
            commits += 1
    return commits


def _checksum(words: struct.Struct, data: bytes, start: tuple[int, int]) -> tuple[int, int]:
    one, two = start
    for left, right in words.iter_unpack(data):
        one = (one + left + two) & 0xFFFFFFFF
        two = (two + right + one) & 0xFFFFFFFF
    return one, two

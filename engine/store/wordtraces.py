"""What the index keeps of a word beside its entries: the signposts between its pages.

    words_idx:  (segment, signpost, page)     "words from here on stand on that page"

A signpost is the beginning of the first word of its page, as it was when the page was written.
FTS5's secure-delete takes a word's entries away and leaves the signpost, up to the whole word. It
is replaced by the first word behind it that is still in use: every page is found as before, because
no word in use lies between the two.
"""

from collections.abc import Iterable, Iterator
from typing import Final, cast

import apsw

# The first byte of a signpost says which index it belongs to: whole words, and the beginnings that
# the option ``prefix`` names (migrations.py, step 9), by how many characters they have.
_INDEXES: Final = ((b"0", None), (b"1", 2), (b"2", 3))

_SEGMENTS: Final = (
    "WITH RECURSIVE one (segment) AS (SELECT min(segid) FROM words_idx"
    " UNION ALL SELECT (SELECT min(segid) FROM words_idx WHERE segid > segment) FROM one"
    " WHERE segment IS NOT NULL) SELECT segment FROM one WHERE segment IS NOT NULL"
)


def words_in(db: apsw.Connection, text: str) -> list[tuple[int, int, str]]:
    """The words of a text as the index has them: where each begins and ends in its UTF-8 bytes,
    and how it is folded."""
    tokenizer = db.fts5_tokenizer("unicode61", ["remove_diacritics", "2"])
    found = tokenizer(text.encode(), apsw.FTS5_TOKENIZE_DOCUMENT, None)
    return cast("list[tuple[int, int, str]]", found)


def sweep(db: apsw.Connection, words: Iterable[str]) -> None:
    """Leave no signpost that is the beginning of one of these words and of none in use."""
    write_out(db)  # the signposts change
    segments = [segment for (segment,) in db.execute(_SEGMENTS)]
    for word in set(words):
        for index, length in _INDEXES:
            beginning = word[:length]
            if length is not None and beginning.isascii():
                continue  # two or three letters tell nothing; three Chinese characters may
            entry = index + beginning.encode()
            for segment in segments:
                for post in _posts_of(db, segment, entry):
                    _renew(db, segment, post)


def write_out(db: apsw.Connection) -> None:
    """FTS5 writes out what it holds in memory, as it would when the transaction ends."""
    _first_entry(db, b"", None)


def _posts_of(db: apsw.Connection, segment: int, entry: bytes) -> Iterator[bytes]:
    """The signposts of a segment that are a beginning of ``entry``, the longest first."""
    left = entry
    while len(left) > 2:  # a single letter tells nothing
        post = db.execute(
            "SELECT term FROM words_idx WHERE segid = ? AND term <= ? ORDER BY term DESC LIMIT 1",
            (segment, left),
        ).get
        if not post:
            return
        if left.startswith(post):
            yield post
            left = post[:-1]
        else:
            left = left[: _common(left, post)]


def _renew(db: apsw.Connection, segment: int, post: bytes) -> None:
    used = _first_in_use(db, post)
    if used is not None and used.startswith(post):
        return  # it tells nothing that the index does not
    behind = db.execute(
        "SELECT term FROM words_idx WHERE segid = ? AND term > ? ORDER BY term LIMIT 1",
        (segment, post),
    ).get
    if used is None or (behind is not None and used >= behind):
        # No word in use stands on that page.
        db.execute("DELETE FROM words_idx WHERE segid = ? AND term = ?", (segment, post))
    else:
        db.execute(
            "UPDATE words_idx SET term = ? WHERE segid = ? AND term = ?", (used, segment, post)
        )


def _first_in_use(db: apsw.Connection, post: bytes) -> bytes | None:
    """The first entry from a signpost on, of whichever index: they stand behind each other."""
    least = post[1:]
    for index, length in _INDEXES:
        if index >= post[:1]:
            entry = _first_entry(db, least, length)
            if entry is not None:
                return index + entry
            least = b""
    return None


def _first_entry(db: apsw.Connection, least: bytes, length: int | None) -> bytes | None:
    """A word, or the first ``length`` characters of one."""
    while True:
        word: bytes | None = db.execute(
            "SELECT CAST(term AS BLOB) FROM vocabulary WHERE term >= CAST(? AS TEXT)"
            " ORDER BY term LIMIT 1",
            (least,),
        ).get
        if word is None or length is None:
            return word
        beginning = word.decode(errors="replace")[:length]
        if len(beginning) == length:
            return beginning.encode()
        least = word + b"\0"


def _common(one: bytes, other: bytes) -> int:
    """How many bytes they begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))

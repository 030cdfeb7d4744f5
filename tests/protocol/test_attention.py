"""What somebody looked at, and that they are writing: two records, read strictly."""

import msgpack
import pytest

from engine.protocol import attention, records
from engine.protocol.attention import Seen, Typing
from engine.protocol.errors import BadRecord

GID, ID = bytes(range(32)), bytes(range(16))


@pytest.mark.parametrize("gid", [None, GID])
def test_both_come_through_unchanged_and_as_records(gid):
    for record in (Seen(gid, ID), Typing(gid, True), Typing(gid, False)):
        kind, body = attention.encode(record)
        assert attention.decode(kind, body) == record
        assert records.decode(*records.encode(record)) == record


@pytest.mark.parametrize("kind", [attention.SEEN, attention.TYPING])
@pytest.mark.parametrize(
    "values",
    [
        [], [None], [GID, ID, True], [GID[:31], ID], [GID, ID[:15]], [GID, "i" * 16], [GID, 1],
        [b"", ID], [True, ID], {}, "text", None,
    ],
)  # fmt: skip
def test_what_an_honest_program_would_not_send_is_refused(kind, values):
    with pytest.raises(BadRecord):
        attention.decode(kind, msgpack.packb(values))


@pytest.mark.parametrize("body", [b"", b"\x92\xc0", b"\xdd\xff\xff\xff\xff", b"\x92\xc0\xc2\x00"])
def test_what_is_cut_or_announced_or_followed_by_more_is_refused(body):
    for kind in (attention.SEEN, attention.TYPING):
        with pytest.raises(BadRecord):
            attention.decode(kind, body)

"""Cut a byte stream into frames, and fill frames with records.

A frame is a length and that many bytes; nothing else travels on the wire.

    wire       u16 n, big-endian | n bytes, sealed
    opened     record | record | ... | zeros up to a bucket size
    record     u8 type, 1-255 | u8 0 | u16 length, big-endian | body

    buckets    64, 128, 256, ... 32768, 65519 bytes, so that a length says little
    sealed     16 bytes more; the largest, 65535, is the largest message Noise allows

Only lengths an honest peer could send at this moment are accepted, and the
length is looked at before anything behind it is kept: nobody can make us wait
for, or hold, what we would refuse anyway.

>>> [len(plaintext) for plaintext in pack([(1, b"hello"), (2, bytes(100))])]
[128]
>>> unpack(pack([(7, b"hi")])[0])
[Record(7, 2 bytes)]
"""

import struct
from collections.abc import Container, Iterable
from typing import Final, NamedTuple

from engine.protocol.errors import BadFrameSize, BadRecord, BodyTooLong, LocalProtocolError
from engine.protocol.symmetric import TAG_SIZE, CipherState

MAX_FRAME: Final = 65_535  # bytes; the largest message Noise allows (revision 34, section 3)
MAX_PLAINTEXT: Final = MAX_FRAME - TAG_SIZE
BUCKETS: Final = (*(64 << step for step in range(10)), MAX_PLAINTEXT)
FRAME_SIZES: Final = frozenset(bucket + TAG_SIZE for bucket in BUCKETS)

_LENGTH: Final = struct.Struct(">H")
_HEADER: Final = struct.Struct(">BBH")
MAX_RECORD_BODY: Final = MAX_PLAINTEXT - _HEADER.size

# A plaintext of n bytes goes into the bucket at (n - 1).bit_length().
_BUCKET_OF: Final = (64,) * 7 + BUCKETS[1:]
_ZEROS: Final = bytes(MAX_PLAINTEXT)


class Record(NamedTuple):
    """The unit the rooms above speak in. A tuple, since there may be 100,000 of them a second."""

    type: int
    body: bytes

    def __repr__(self) -> str:
        """Never what people wrote: a record may end up in a log."""
        return f"Record({self.type}, {len(self.body)} bytes)"


def join(frame: bytes) -> bytes:
    """One frame as it goes on the wire."""
    return _LENGTH.pack(len(frame)) + frame


def seal(records: Iterable[tuple[int, bytes]], sending: CipherState) -> list[bytes]:
    """Whole frames for the wire, as few as the order of (type, body) allows.

    Raises LocalProtocolError before anything is sealed.
    """
    return [_seal_one(parts, size, sending) for parts, size in _share_out(records)]


def open_one(frame: memoryview, receiving: CipherState) -> list[Record]:
    """The records of one sealed frame. Raises DecryptionFailed or BadRecord."""
    if len(frame) < MAX_FRAME:
        plaintext = receiving.decrypt(None, frame)
        receiving.rekey()
        return unpack(plaintext)
    bench = _take_bench()
    receiving.decrypt_into(frame, bench.plaintext)
    receiving.rekey()
    records = unpack(bench.plaintext_view)
    _benches.append(bench)
    return records


def pack(records: Iterable[tuple[int, bytes]]) -> list[bytes]:
    """What ``seal`` seals: padded plaintexts."""
    return [b"".join((*parts, _padding(size))) for parts, size in _share_out(records)]


def unpack(plaintext: bytes | memoryview) -> list[Record]:
    """The records of one opened frame. Raises BadRecord."""
    records: list[Record] = []
    at, end = 0, len(plaintext)
    while at < end and plaintext[at]:
        body_at = at + _HEADER.size
        if body_at > end:
            raise BadRecord("record header does not fit into its frame")
        kind, reserved, length = _HEADER.unpack_from(plaintext, at)
        at = body_at + length
        if reserved or at > end:
            raise BadRecord("record header is malformed")
        records.append(Record(kind, bytes(plaintext[body_at:at])))
    if not records:
        raise BadRecord("frame without a record")
    if at < end and not _ZEROS.startswith(plaintext[at:]):
        # Anything else would be a place to hide words in, outside of every rule.
        raise BadRecord("padding is not zero")
    return records


def _share_out(records: Iterable[tuple[int, bytes]]) -> list[tuple[list[bytes], int]]:
    """For each frame the parts that fill it, and their size together."""
    shares: list[tuple[list[bytes], int]] = []
    parts: list[bytes] = []
    size = 0
    for kind, body in records:
        if not 1 <= kind <= 255:
            raise LocalProtocolError(f"no record type: {kind}")
        length = len(body)
        if length > MAX_RECORD_BODY:
            raise BodyTooLong(f"record of {length} bytes, limit {MAX_RECORD_BODY}")
        grown = size + _HEADER.size + length
        if grown > MAX_PLAINTEXT:
            shares.append((parts, size))
            parts, grown = [], _HEADER.size + length
        parts += (_HEADER.pack(kind, 0, length), body)
        size = grown
    if parts:
        shares.append((parts, size))
    return shares


def _padding(size: int) -> bytes:
    return bytes(_BUCKET_OF[(size - 1).bit_length()] - size)


def _seal_one(parts: list[bytes], size: int, sending: CipherState) -> bytes:
    if size <= BUCKETS[-2]:
        parts.append(_padding(size))
        sealed = sending.encrypt(None, b"".join(parts))
        sending.rekey()
        return _LENGTH.pack(len(sealed)) + sealed
    bench = _take_bench()
    plaintext = bench.plaintext_view  # a bytearray would copy once more when assigned to
    at = 0
    for part in parts:
        end = at + len(part)
        plaintext[at:end] = part
        at = end
    plaintext[at:] = bytes(MAX_PLAINTEXT - at)
    sending.encrypt_into(bench.plaintext, bench.sealed)
    sending.rekey()
    wire = bytes(bench.wire)
    _benches.append(bench)
    return wire


class _Bench:
    """Room to seal or open one frame of the largest size.

    Making and freeing 64 KiB over and over costs as much as the encryption: the
    allocator gives the memory back to the system each time (benchmarks/channel.py).
    """

    __slots__ = ("plaintext", "plaintext_view", "sealed", "wire")

    def __init__(self) -> None:
        self.plaintext = bytearray(MAX_PLAINTEXT)
        self.plaintext_view = memoryview(self.plaintext)
        self.wire = bytearray(join(bytes(MAX_FRAME)))
        self.sealed = memoryview(self.wire)[_LENGTH.size :]


# Shared by all channels, since idle ones should cost nothing. Taken off and put back, so that
# no two can hold the same one even if they seal in different threads.
_benches: list[_Bench] = []


def _take_bench() -> _Bench:
    try:
        return _benches.pop()
    except IndexError:
        return _Bench()


class Splitter:
    """Give it what the network brought; take frames out, one by one.

    Frames that lie whole in one piece of data are not copied; a frame that
    arrives in pieces is gathered once.
    """

    __slots__ = ("_at", "_data", "_gathered")

    def __init__(self) -> None:
        self._data = memoryview(b"")
        self._at = 0
        self._gathered = bytearray()  # the beginning of a frame whose rest is still to come

    def feed(self, data: bytes) -> None:
        """Add data; whatever was fed before must have been taken out until None."""
        self._data = memoryview(data)
        self._at = 0

    def next(self, sizes: Container[int | None]) -> memoryview | None:
        """The next frame, or None until more is fed. Raises BadFrameSize."""
        if self._gathered:
            return self._gather(sizes)
        data, at = self._data, self._at
        left = len(data) - at - 2  # behind the length
        if left >= 0:
            size = (data[at] << 8) | data[at + 1]
            if size not in sizes:
                raise _refused(size)
            if left >= size:
                self._at = end = at + 2 + size
                return data[at + 2 : end]
        if left > -2:
            self._gathered += data[at:]
        self._let_go()
        return None

    def _gather(self, sizes: Container[int | None]) -> memoryview | None:
        self._take(_LENGTH.size)
        if len(self._gathered) < _LENGTH.size:
            return None
        (size,) = _LENGTH.unpack_from(self._gathered)
        if size not in sizes:
            raise _refused(size)
        end = _LENGTH.size + size
        self._take(end)
        if len(self._gathered) < end:
            return None
        frame, self._gathered = self._gathered, bytearray()
        return memoryview(frame)[_LENGTH.size :]

    def _take(self, wanted: int) -> None:
        """Move data over until ``wanted`` bytes are gathered or none is left."""
        missing = wanted - len(self._gathered)
        if missing > 0:
            self._gathered += self._data[self._at : self._at + missing]
            self._at += missing
            if self._at >= len(self._data):
                self._let_go()

    def _let_go(self) -> None:
        self._data = memoryview(b"")
        self._at = 0


def _refused(size: int) -> BadFrameSize:
    return BadFrameSize(f"peer announced a frame of {size} bytes")

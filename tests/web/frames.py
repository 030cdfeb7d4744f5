"""Frames as a client makes them, also those that no client should."""

MASK = b"\x12\x34\xab\xcd"


def client_frame(
    opcode: int,
    payload: bytes,
    *,
    final: bool = True,
    reserved: int = 0,
    mask: bytes | None = MASK,
    length_bytes: int | None = None,
) -> bytes:
    """Make one frame. ``length_bytes`` (0, 2, 8) forces a longer form than needed."""
    length = len(payload)
    if length_bytes is None:
        length_bytes = 0 if length <= 125 else 2 if length <= 0xFFFF else 8
    short = {0: length, 2: 126, 8: 127}[length_bytes]
    head = bytes(((0x80 if final else 0) | reserved | opcode, (0x80 if mask else 0) | short))
    head += length.to_bytes(length_bytes, "big") if length_bytes else b""
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))

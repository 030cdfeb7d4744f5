"""Read msgpack that a stranger wrote: sizes before use, types before meaning, nothing behind it.

    unpack          one value, within the limits that its reader names
    unpack_list     an array of exactly so many values
    is_int ...      whether a value is what it has to be, in one word

msgpack knows more than any record or event needs: maps and extensions are refused everywhere. A
number is never a boolean, though Python counts with both.
"""

from typing import Any, NoReturn

import msgpack

from engine.protocol.errors import BadRecord, RemoteProtocolError


def unpack(
    data: bytes,
    *,
    array: int,
    text: int = 0,
    binary: int = 0,
    error: type[RemoteProtocolError] = BadRecord,
    what: str = "a record's body",
) -> Any:
    """The one value that ``data`` is. The limits: entries of an array, bytes of a text, bytes of a
    byte string; none that is larger is held. Raises ``error``, which calls the data ``what``."""
    try:
        return msgpack.unpackb(
            data,
            raw=False,
            max_array_len=array,
            max_map_len=0,
            max_ext_len=0,
            max_str_len=text,
            max_bin_len=binary,
            object_hook=_refuse,  # the limits above let empty ones through
            ext_hook=_refuse,
        )
    except (ValueError, msgpack.UnpackException, RecursionError) as reason:
        # The reason may quote the data: it is not chained, so that it cannot reach a log.
        raise error(f"{what} is not msgpack ({type(reason).__name__})") from None


def unpack_list(
    data: bytes,
    length: int,
    *,
    array: int,
    text: int = 0,
    binary: int = 0,
    error: type[RemoteProtocolError] = BadRecord,
    what: str = "a record's body",
) -> list[Any]:
    """As ``unpack``, of an array with exactly ``length`` entries."""
    values = unpack(data, array=array, text=text, binary=binary, error=error, what=what)
    if type(values) is not list or len(values) != length:
        raise error(f"{what} has the wrong shape")
    return values


def is_int(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def is_bytes(value: Any, size: int) -> bool:
    return type(value) is bytes and len(value) == size


def is_text(value: Any, most: int) -> bool:
    """``most`` counts bytes of UTF-8."""
    return type(value) is str and len(value.encode()) <= most


def _refuse(*_values: Any) -> NoReturn:
    raise ValueError("a map or an extension")

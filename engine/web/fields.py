"""Read what a request says: strict JSON in, fields of a known kind out, or one clear sentence.

Strict means: UTF-8, one object, no name twice, no NaN, no half of a surrogate pair. Whatever is
wrong is a `Refused` with the code ``bad_request``, never an exception of another kind.
"""

import json
from typing import Any
from urllib.parse import parse_qsl

from engine.chat.errors import Refused

MAX_QUERY = 16  # parameters in an address
MOST = 1_000_000  # of a number that only has to be one
MAX_LISTED = 256  # texts in one list: what one call may do is bounded, not what many do


class _Twice(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


_decode = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant).decode


def bad(sentence: str) -> Refused:
    """A value is missing, of the wrong kind or out of range."""
    return Refused("bad_request", sentence)


def parse(text: str) -> dict[str, Any]:
    """Read one JSON object."""
    try:
        found = _decode(text)
    except _Twice:
        raise bad("This JSON has the same name twice.") from None
    except RecursionError:
        raise bad("This JSON is nested too deeply.") from None
    except ValueError:
        raise bad("This is not JSON.") from None
    if not isinstance(found, dict):
        raise bad("A JSON object is needed here.")
    # JSON can spell half of a surrogate pair; no file, wire or screen takes it. Only escapes can.
    if "\\u" in text:
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise bad("This JSON is not valid Unicode.") from None
    return found


def parse_body(body: bytes) -> dict[str, Any]:
    """Read a request's body; an empty one is an empty object."""
    if not body:
        return {}
    try:
        return parse(str(body, "utf-8"))
    except UnicodeDecodeError:
        raise bad("This is not UTF-8.") from None


def parse_query(query: str) -> dict[str, Any]:
    """Read the part of the address behind the question mark."""
    try:
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=MAX_QUERY,
        )
        return _unique(pairs)
    except _Twice:
        raise bad("This address has the same parameter twice.") from None
    except ValueError:
        raise bad("The parameters of this address cannot be read.") from None


def text(fields: dict[str, Any], name: str) -> str:
    """A text that must be there."""
    found = optional_text(fields, name)
    if found is None:
        raise bad(f"\u201c{name}\u201d is missing.")
    return found


def optional_text(fields: dict[str, Any], name: str) -> str | None:
    """A text that may be absent or null."""
    found = fields.get(name)
    if found is None:
        return None
    if not isinstance(found, str):
        raise bad(f"\u201c{name}\u201d must be a text.")
    return found


def optional_flag(fields: dict[str, Any], name: str) -> bool | None:
    """True or false, or absent."""
    found = fields.get(name)
    if found is not None and not isinstance(found, bool):
        raise bad(f"\u201c{name}\u201d must be true or false.")
    return found


def optional_number(fields: dict[str, Any], name: str, *, least: int, most: int) -> int | None:
    """A whole number, or absent or null."""
    found = fields.get(name)
    if found is None:
        return None
    if type(found) is not int or not least <= found <= most:
        raise bad(f"\u201c{name}\u201d must be a whole number from {least} to {most}.")
    return found


def texts(fields: dict[str, Any], name: str) -> list[str]:
    """A list of texts that must be there; each of them once."""
    found = optional_texts(fields, name)
    if found is None:
        raise bad(f"\u201c{name}\u201d is missing.")
    return found


def optional_texts(fields: dict[str, Any], name: str) -> list[str] | None:
    """A list of texts, or absent or null."""
    found = fields.get(name)
    if found is None:
        return None
    if not (isinstance(found, list) and all(isinstance(one, str) for one in found)):
        raise bad(f"\u201c{name}\u201d must be a list of texts.")
    _check_length(name, len(found))
    if len(set(found)) != len(found):
        raise bad(f"\u201c{name}\u201d must have each text once.")
    return found


def optional_table(
    fields: dict[str, Any], name: str, allowed: tuple[str, ...]
) -> dict[str, str] | None:
    """An object whose values are all among ``allowed``, or absent or null."""
    found = fields.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise bad(f"\u201c{name}\u201d must be an object.")
    _check_length(name, len(found))
    if not all(isinstance(value, str) and value in allowed for value in found.values()):
        raise bad(f"Every value in \u201c{name}\u201d must be {' or '.join(allowed)}.")
    return found


def _check_length(name: str, length: int) -> None:
    if length > MAX_LISTED:
        raise bad(f"\u201c{name}\u201d may have at most {MAX_LISTED} entries.")


def number_in(fields: dict[str, Any], name: str, *, default: int, least: int, most: int) -> int:
    """A whole number of a query, in ASCII digits."""
    found = fields.get(name)
    if found is None:
        return default
    is_short = len(found) <= len(str(most))
    if not (found.isascii() and found.isdigit() and is_short and least <= int(found) <= most):
        raise bad(f"\u201c{name}\u201d must be a whole number from {least} to {most}.")
    return int(found)


def flag_in(fields: dict[str, Any], name: str) -> bool:
    """``true`` or ``false`` in a query; absent means false."""
    found = fields.get(name, "false")
    if found not in ("true", "false"):
        raise bad(f"\u201c{name}\u201d must be true or false.")
    return bool(found == "true")

"""Pictures of codes, as a camera hands them over: one byte of grey for each pixel."""

from collections.abc import Sequence
from typing import Any


def grey_of(code: Any, *, scale: int = 3, border: int = 4) -> tuple[bytes, int, int]:
    """Bytes, width and height of a picture of segno's ``code``."""
    rows = [
        bytes(0 if dark else 255 for dark in modules)
        for modules in code.matrix_iter(scale=scale, border=border)
    ]
    return b"".join(rows), len(rows[0]), len(rows)


def grey_of_many(codes: Sequence[Any], **options: Any) -> tuple[bytes, int, int]:
    """A picture of several, one under another; they are of one size."""
    pictures = [grey_of(code, **options) for code in codes]
    [width] = {width for _, width, _ in pictures}
    return b"".join(grey for grey, _, _ in pictures), width, sum(high for _, _, high in pictures)

"""Read QR codes in a picture, such as one frame of a camera.

The library that can (zxing-cpp) is optional. It works in a thread: a large picture takes some
milliseconds, and nothing else must wait for it. Whoever sent the picture is our own page; what
stands in it may be anybody's, so a code is text to be judged, never an act.
"""

from types import ModuleType
from typing import Any, Final

from gevent.threadpool import ThreadPool

from engine.chat.errors import Refused

MAX_SIDE: Final = 1_920  # pixels: no camera of a computer has more to say
MIN_SIDE: Final = 21  # pixels: the smallest code has as many modules
MAX_TEXTS: Final = 16  # codes told of one picture
MAX_SCANS: Final = 4  # pictures in work or waiting: a page sends the next after the answer


class Scanner:
    def __init__(self) -> None:
        self._pool: ThreadPool | None = None
        self._under_way = 0

    def scan(self, grey: bytes, *, width: int, height: int) -> list[str]:
        """The texts of the codes in a picture of ``width`` x ``height`` bytes of grey, [] for
        none. Raises Refused: bad_request, not_installed, too_many."""
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise Refused("bad_request", f"A picture has 1 to {MAX_SIDE} pixels on each side.")
        if len(grey) != width * height:
            raise Refused("bad_request", "A picture has one byte for each of its pixels.")
        reader = _library()
        if self._under_way >= MAX_SCANS:
            raise Refused("too_many", "Too many pictures at once.")
        self._under_way += 1
        try:
            if self._pool is None:
                self._pool = ThreadPool(1)
            found = self._pool.apply(_carried, (reader, grey, width, height))
        finally:
            self._under_way -= 1
        if isinstance(found, Exception):
            raise found
        texts: list[str] = found
        return texts

    def stop(self) -> None:
        if self._pool is not None:
            self._pool.kill()


def _library() -> ModuleType:
    try:
        import zxingcpp
    except ImportError:
        raise Refused(
            "not_installed", "To read codes install zxing-cpp: pip install zxing-cpp"
        ) from None
    module: ModuleType = zxingcpp
    return module


def _carried(*arguments: Any) -> list[str] | Exception:
    """gevent prints what is raised in a thread, so it is carried over."""
    try:
        return _read(*arguments)
    except Exception as error:  # noqa: BLE001  # raised again in the greenlet
        return error


def _read(reader: Any, grey: bytes, width: int, height: int) -> list[str]:
    """In the pool's thread."""
    if min(width, height) < MIN_SIDE:
        return []
    picture = memoryview(grey).cast("B", (height, width))
    codes = reader.read_barcodes(picture, formats=reader.BarcodeFormat.QRCode)
    texts = (code.text for code in codes if code.valid)
    return list(dict.fromkeys(text for text in texts if text))[:MAX_TEXTS]

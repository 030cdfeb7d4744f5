"""What a node can do to keep an identity safe, without a disk."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from engine.chat.errors import Refused
from engine.chat.views import Attachment, Me


class Sent:
    """The bytes of a file; says whether it was closed."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.closed = False
        self._pieces = iter(pieces)

    def __iter__(self) -> "Sent":
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        self.closed = True


class FakeSafe(ABC):
    """The passphrase is "old one"; backups are three pieces; one sent here is kept as it came."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.pieces = [b"one" * 1_000, b"two", b"three"]
        self.came: list[bytes] = []
        self.refuse_upload = False
        self.was_erased = False

    @abstractmethod
    def me(self) -> Me: ...

    def change_passphrase(self, old: str, new: str) -> Me:
        if old != "old one":
            raise Refused("wrong_passphrase", "This is not the passphrase.")
        return self.me()

    def backup(self, passphrase: str) -> Attachment:
        if len(passphrase) < 8:
            raise Refused("bad_passphrase", "A backup needs a longer passphrase.")
        self.sent.append(Sent(self.pieces))
        return Attachment("p2pchat-Alice.backup", sum(map(len, self.pieces)), self.sent[-1])

    def expect_backup(self, passphrase: str) -> str:
        return "00ff"

    def restore(self, upload_id: str, read: Callable[[int], bytes]) -> None:
        if upload_id != "00ff":
            raise Refused("not_found", "No backup is expected under this name.")
        if self.refuse_upload:
            raise Refused("disk_full", "There is no room for this backup here.")
        while piece := read(1_000):
            self.came.append(piece)

    def seen_restored(self) -> Me:
        return self.me()

    def erase(self) -> None:
        self.was_erased = True

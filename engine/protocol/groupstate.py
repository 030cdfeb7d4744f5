"""What sync remembers of each link, for as long as it stands."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.protocol.grouprecords import Tip
from identity import PeerId

SETTLE: Final = 0.5  # seconds that a difference may last before it is asked about
MAX_SETTLE: Final = 60.0  # and at most, when asking brought nothing
MAX_WHOLES: Final = 4  # whole vectors for one member
WHOLES_IN: Final = 3.0  # seconds
MAX_VECTOR: Final = 12_000  # tips of one vector
MAX_PASTS: Final = 256  # our own latest states, by which somebody who is behind is known


@dataclass(slots=True)
class SyncPeer:
    """A linked member."""

    digest: bytes | None = None  # what they last said to have
    told: bytes | None = None  # what we last said to have
    asked_at: float | None = None  # our vector is with them since
    look_at: float | None = None  # when to see whether we still differ
    fruitless: int = 0  # times we asked and nothing new came
    owed: bool = False  # they sent something: they get our state at once
    has_ours: bool = False  # they have all that we said
    plan: dict[int, None] = field(default_factory=dict)  # rows still to be sent, each once
    end_due: bool = False
    whole_at: float | None = None  # since when they got our whole vector by asking, and how often
    wholes: int = 0
    tips: list[Tip] = field(default_factory=list)  # of a vector in several parts
    claims: dict[bytes, int] = field(default_factory=dict)  # author -> a number we do not have
    bases: "OrderedDict[bytes, int]" = field(default_factory=OrderedDict)  # digests both held
    contents_asked: bool = False

    def may_ask_for_all(self, now: float) -> bool:
        """Our whole vector is large, and asked for seldom."""
        if self.whole_at is None or now >= self.whole_at + WHOLES_IN:
            self.whole_at, self.wholes = now, 0
        self.wholes += 1
        return self.wholes <= MAX_WHOLES

    def patience(self) -> float:
        """How long a difference may last before it is asked about: longer after vain questions."""
        return min(MAX_SETTLE, SETTLE * 2.0 ** min(self.fruitless, 10))

    def agree(self, digest: bytes, row: int) -> None:
        """Both of us hold the same: what came up to this row need not be compared again."""
        self.bases[digest] = row
        self.bases.move_to_end(digest)
        while len(self.bases) > MAX_PASTS:
            self.bases.popitem(last=False)

    def claim(
        self,
        unknown: Iterable[Tip],
        seq_of: Callable[[bytes], int],
        is_member: Callable[[PeerId], bool],
    ) -> list[bytes]:
        """They have these and we do not; which of them are another branch of what we have."""
        forks = []
        for tip in unknown:
            have = seq_of(tip.author)
            if tip.seq <= have:
                forks.append(tip.id)
            elif have or is_member(PeerId(tip.author)):
                self.claims[tip.author] = max(tip.seq, self.claims.get(tip.author, 0))
        return forks


def missing(
    peers: Mapping[PeerId, SyncPeer], seq_of: Callable[[bytes], int]
) -> dict[bytes, tuple[int, list[PeerId]]]:
    """author -> how many of their events we know of and do not have, and who has them."""
    found: dict[bytes, tuple[int, list[PeerId]]] = {}
    for peer, one in peers.items():
        for author, seq in one.claims.items():
            more = seq - seq_of(author)
            if more > 0:
                count, holders = found.get(author, (0, []))
                found[author] = (max(count, more), [*holders, peer])
    return found

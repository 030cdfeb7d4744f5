"""What sync remembers of each link, for as long as it stands."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from engine.protocol.grouprecords import Tip


@dataclass(slots=True)
class SyncPeer:
    """A linked member."""

    digest: bytes | None = None  # what they last said to have
    told: bytes | None = None  # what we last said to have
    asked_at: float | None = None  # our vector is with them since
    look_at: float | None = None  # when to see whether we still differ
    fruitless: int = 0  # times we asked and nothing new came
    owed: bool = False  # they sent something: they get our state at once
    plan: deque[int] = field(default_factory=deque)  # rows still to be sent
    end_due: bool = False
    tips: list[Tip] = field(default_factory=list)  # of a vector in several parts
    claims: dict[bytes, int] = field(default_factory=dict)  # author -> a number we do not have
    bases: "OrderedDict[bytes, int]" = field(default_factory=OrderedDict)  # digests both held
    contents_asked: bool = False


@dataclass(slots=True)
class SyncOutsider:
    """Somebody linked who is no member. One who was gets the proof of it once, and nothing else;
    one who says to be may show why."""

    asked: bool = False
    served: bool = False
    plan: deque[int] = field(default_factory=deque)

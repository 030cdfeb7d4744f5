"""What many tests need: people with fixed keys, chance that repeats, waiting without sleeping."""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from time import monotonic
from typing import TypeVar

import gevent

from identity import Identity, Secret

T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = 5, what: str = "") -> T:
    """Return the condition's first true answer; fail when there is none in time.

    Greenlets run meanwhile, so that what is waited for can happen in this process too.
    """
    end = monotonic() + seconds
    while not (answer := condition()):
        left = end - monotonic()
        assert left > 0, f"not within {seconds} s: {what or condition}"
        gevent.sleep(min(0.01, left))
    return answer


def person(number: int) -> Identity:
    """Somebody with keys that are the same in every run."""
    chance = seeded(f"person {number}")
    return Identity.from_seed(Secret(chance(32)), Secret(chance(32)), protected=False)


def seeded(seed: str) -> Callable[[int], bytes]:
    """A stand-in for os.urandom that repeats: each call gives other bytes, each run the same."""
    turn = count()
    return lambda size: hashlib.shake_256(f"{seed} {next(turn)}".encode()).digest(size)


def mutations(samples: Sequence[str], times: int, seed: int = 1) -> Iterator[str]:
    """Yield damaged copies of the samples: cut, doubled, swapped, with foreign pieces in them."""
    chance = random.Random(seed)
    pieces = [*samples, *"\0\n\r\t %&=?[]:#/+-.~", "%00", "%ff", "%", "９", "ß", "\u202e", "\ud800"]
    for _ in range(times):
        text = chance.choice(samples)
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(text) + 1)
            end = min(len(text), start + chance.choice((0, 1, 1, 2, 8, 64)))
            middle = chance.choice(
                (
                    "",
                    text[start:end] * 2,
                    text[start:end].swapcase(),
                    chr(chance.randrange(128)),
                    chance.choice(pieces)[: chance.randrange(20)],
                )
            )
            text = text[:start] + middle + text[end:]
        yield text

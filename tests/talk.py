"""A long conversation of two real programs, which goes on whatever is done to them meanwhile.

    Voice (one thread for each side)   says text 1, 2, 3 ... with a key, over the WebSocket
                                       counts what was accepted, and the other's texts it heard
    Talk                               the two voices, and what must hold at the end

Where an answer was lost with the program, the text is said again with the same key: that must be
harmless. A voice runs at most `ahead` texts before what the other is known to have heard, so that
texts are always on their way while something is done to the programs.
"""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.helpers import until
from tests.live import Live
from tests.programs import ApiError, Program

IN_FLIGHT = 64  # texts said whose answer is not there yet
SETTLED_WITHIN = 90.0  # seconds, as a guard against hanging


class Voice:
    """One side. ``texts`` are said in their order."""

    def __init__(
        self, talk: "Talk", program: Program, other: Program, texts: Sequence[str]
    ) -> None:
        self.program = program
        self.accepted = 0  # of our texts, all up to this number are committed
        self.heard = 0  # of the other's texts, all up to this number are known to be here
        self.texts = texts
        self.other: Voice
        self.refusals: list[dict[str, Any]] = []
        self._chat = other.address
        self._talk = talk
        self._key = f"{program.name} {time.monotonic_ns()} "
        self._numbers: dict[str, list[int]] = {}
        for number, text in enumerate(texts, 1):
            self._numbers.setdefault(text, []).append(number)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"{self.program.name} still talks"

    @property
    def is_done(self) -> bool:
        return self.accepted == len(self.texts) and self.heard == len(self.other.texts)

    def is_ticked(self) -> bool:
        """Whether the newest texts are known to have arrived."""
        page = self.program.call("GET", f"/chats/{self._chat}/messages?limit=200")
        return all(message["state"] == "delivered" for message in page)

    def _run(self) -> None:
        while not (self.is_done or self._talk.over):
            try:
                live = self.program.listen(self._take)
                self._catch_up()
                self._say_all(live)
                live.close()
            except (OSError, ConnectionClosed, ApiError):
                # It was killed: whoever did that starts it again.
                with self._talk.news:
                    self._talk.news.wait(0.02)

    def _catch_up(self) -> None:
        """What came while nobody listened."""
        page = self.program.call("GET", f"/chats/{self._chat}/messages?limit=200")
        with self._talk.news:
            for message in page:
                self._hear(message)

    def _say_all(self, live: Live) -> None:
        """Until all is said and heard, or the program is gone."""
        said = self.accepted
        news = self._talk.news
        while True:
            with news:
                while not (live.closed or self.is_done or self._talk.over or self._may_say(said)):
                    news.wait(0.1)
                if live.closed or self.is_done or self._talk.over:
                    return
                first, said = said, self._limit(said)
            for number in range(first + 1, said + 1):
                text, key = self.texts[number - 1], f"{self._key}{number}"
                live.send(type="message.send", ref=number, chat=self._chat, text=text, key=key)

    def _may_say(self, said: int) -> bool:
        return self._limit(said) > said

    def _limit(self, said: int) -> int:
        """The number up to which texts may be said now."""
        return max(
            said,
            min(len(self.texts), self.accepted + IN_FLIGHT, self.other.heard + self._talk.ahead),
        )

    def _take(self, event: dict[str, Any]) -> None:
        """In the thread of the socket."""
        with self._talk.news:
            match event["type"]:
                case "message.accepted":
                    # Answers come in the order of the commits, which is the order of saying.
                    self.accepted = max(self.accepted, event["ref"])
                    self._talk.count += 1
                case "message.added":
                    self._hear(event["message"])
                    self._talk.count += 1
                case "message.state":
                    self._talk.count += 1
                case "error":
                    self.refusals.append(event)
            self._talk.news.notify_all()

    def _hear(self, message: dict[str, Any]) -> None:
        if not message["own"]:
            numbers = self.other._numbers.get(message["text"], [])
            later = bisect_right(numbers, self.heard)
            if later < len(numbers):
                self.heard = numbers[later]


class Talk:
    """Two programs that are contacts, and what each says to the other."""

    def __init__(
        self,
        a: Program,
        b: Program,
        texts_of_a: Sequence[str],
        texts_of_b: Sequence[str],
        *,
        ahead: int = 60,
    ) -> None:
        self.ahead = ahead
        self.over = False
        self.count = 0  # events seen on either side
        self.news = threading.Condition()
        self._before = {a: _last(a, b), b: _last(b, a)}
        self.voices = Voice(self, a, b, texts_of_a), Voice(self, b, a, texts_of_b)
        one, other = self.voices
        one.other, other.other = other, one

    def __enter__(self) -> "Talk":
        for voice in self.voices:
            voice.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over = True
        for voice in self.voices:
            voice.join(SETTLED_WITHIN)

    def wait(
        self, condition: Callable[[], bool], what: str, seconds: float = SETTLED_WITHIN
    ) -> None:
        with self.news:
            happened = self.news.wait_for(condition, seconds)
            assert happened, f"not within {seconds} s: {what}; {self}"

    def wait_done(self, seconds: float = SETTLED_WITHIN) -> None:
        """Everything is said and heard, and the last tick has come."""
        self.wait(lambda: all(voice.is_done for voice in self.voices), "all is heard", seconds)
        until(self.is_settled, seconds, "the last ticks")

    def is_settled(self) -> bool:
        """Whether that is so now."""
        return all(voice.is_done and voice.is_ticked() for voice in self.voices)

    def check(self) -> None:
        """Nothing was lost, doubled, changed or put out of order, on either side."""
        histories = []
        for voice in self.voices:
            assert voice.refusals == [], voice.refusals[:3]
            history = voice.program.messages(voice.other.program, self._before[voice.program])
            for own, texts in ((True, voice.texts), (False, voice.other.texts)):
                found = [one["text"] for one in history if one["own"] is own]
                _check_same(found, texts, f"{voice.program.name}, own: {own}")
            assert {one["state"] for one in history} <= {"delivered"}
            histories.append([(one["id"], one["author"], one["text"]) for one in history])
        _check_same(*histories, "the one order of both")

    def __str__(self) -> str:
        return "; ".join(
            f"{voice.program.name}: {voice.accepted} accepted, {voice.heard} heard"
            for voice in self.voices
        )


def _check_same(found: Sequence[object], wanted: Sequence[object], what: str) -> None:
    """As ``==``, but what differs can be read when there are thousands."""
    for number, (one, other) in enumerate(zip(found, wanted, strict=False)):
        assert one == other, f"{what}: number {number} is {one!r} instead of {other!r}"
    assert len(found) == len(wanted), f"{what}: {len(found)} instead of {len(wanted)}"


def _last(program: Program, other: Program) -> str | None:
    page = program.call("GET", f"/chats/{other.address}/messages?limit=1")
    return page[0]["id"] if page else None

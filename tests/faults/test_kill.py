"""`kill -9` in the middle of a conversation: nothing is lost, doubled or put out of order.

    P2PCHAT_KILLS=1000 .venv/bin/python -m pytest tests/faults/test_kill.py

does it a thousand times. When to kill is decided by how much was seen, never by a clock.
"""

import os
import random

import pytest

from tests.helpers import until
from tests.programs import HEARD_WITHIN
from tests.talk import Talk

KILLS = int(os.environ.get("P2PCHAT_KILLS", "12"))
EACH = 60 * KILLS  # numbered messages that each side says
MOST_BETWEEN = 100  # events seen from one kill to the next
SEED = 2


def numbered(name, chance):
    """Texts of very different sizes, in one order."""
    filler = [chance.choice("abcdefghij klmno好") * chance.choice((0, 1, 10, 100, 3_000))
              for _ in range(50)]  # fmt: skip
    return [f"{name} {number} {filler[number % 50]}" for number in range(1, EACH + 1)]


@pytest.mark.timeout(300 + 20 * KILLS)  # as a guard against hanging
def test_killed_again_and_again_nothing_is_lost_doubled_or_out_of_order(friends):
    chance = random.Random(SEED)
    alice, bob = friends
    address = {program: program.address for program in friends}
    with Talk(alice, bob, numbered("alice", chance), numbered("bob", chance)) as talk:
        for turn in range(KILLS):
            until(lambda: alice.sees(bob, online=True), HEARD_WITHIN)
            goal = talk.count + chance.randint(1, MOST_BETWEEN)
            talk.wait(lambda goal=goal: talk.count >= goal, f"events before kill {turn}")
            assert not all(voice.is_done for voice in talk.voices), "killed too late to matter"
            victims = chance.choice(((alice,), (bob,), (alice,), (bob,), (alice, bob)))
            for victim in victims:
                victim.process.kill()
            for victim in victims:
                victim.kill9()
            for victim in victims:
                victim.start()
                assert victim.address == address[victim]
        talk.ahead = EACH  # the rest need not be slow
        talk.wait_done(60.0 + EACH / 20)
    talk.check()

"""Two programs talk over a bad network: afterwards everything has arrived once, in order."""

import contextlib
import random

import pytest

from tests.conftest import Start
from tests.faults import bad_wires
from tests.faults.network import Network
from tests.helpers import until
from tests.programs import HEARD_WITHIN, ApiError, make_friends
from tests.talk import SETTLED_WITHIN, Talk

TEXTS = 150  # that each side says, in each scenario
IN_THE_TALK = 6_000  # bytes: the fault strikes somewhere in so many
IN_THE_HANDSHAKE = 3_000  # bytes: the messages of the handshake have about 1,200, 1,450 and 320


@pytest.fixture(scope="module")
def connected(lasting_programs: Start):
    """Alice, Bob and the network between them."""
    alice = lasting_programs("alice", "--name", "Alice").start()
    bob = lasting_programs("bob", "--name", "Bob").start()
    with Network(alice, bob) as network:
        make_friends(alice, bob, at=network.place(bob))
        yield alice, bob, network


def once(kind, *, in_handshake=False):
    """A fault that strikes at a byte of chance."""

    def make(chance):
        most = IN_THE_HANDSHAKE if in_handshake else IN_THE_TALK
        toward = (
            "bob" if in_handshake and chance.random() < 0.5 else chance.choice(("alice", "bob"))
        )
        return kind(toward, chance.randrange(most), chance)

    return make


SCENARIOS = {
    "late": bad_wires.Late,
    "drip": lambda chance: bad_wires.Drip(),
    "down": lambda chance: bad_wires.Down(),
    "black hole": lambda chance: bad_wires.BlackHole(),
    "one way": lambda chance: bad_wires.OneWay(chance.choice(("alice", "bob"))),
    "flip": once(bad_wires.Flip),
    "lose": once(bad_wires.Lose),
    "double": once(bad_wires.Double),
    "swap": once(bad_wires.Swap),
    "noise": once(bad_wires.Noise),
    "cut": once(bad_wires.Cut),
    "reset": once(bad_wires.Reset),
    "half close": once(bad_wires.HalfClose),
}
IN_HANDSHAKE = {
    "flip": bad_wires.Flip,
    "lose": bad_wires.Lose,
    "noise": bad_wires.Noise,
    "cut": bad_wires.Cut,
    "half close": bad_wires.HalfClose,
}


def texts(program, chance):
    sizes = [chance.choice((0, 5, 60, 700)) for _ in range(TEXTS)]
    return [f"{program.name} {chance.random()} {number} " + "x" * size
            for number, size in enumerate(sizes)]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", SCENARIOS)
def test_what_a_bad_network_did_is_made_good(connected, name, seed):
    alice, bob, network = connected
    chance = random.Random(f"{name} {seed}")
    fault = SCENARIOS[name](chance)
    with Talk(alice, bob, texts(alice, chance), texts(bob, chance), ahead=30) as talk:
        talk.wait(lambda: talk.count > 100, "they talk")
        network.arm(fault)
        assert fault.struck.wait(HEARD_WITHIN), f"{name} never struck"
        seen = talk.count
        if name in ("late", "drip"):
            talk.wait(lambda: talk.count > seen + 60, f"they talk on in spite of {name}")
        else:
            # One of them is enough: what is ruined may be on one side's way alone.
            talk.wait(lambda: any(voice.accepted >= voice.other.heard + 10
                                  for voice in talk.voices) or talk.count > seen + 60,
                      "somebody writes on in spite of it")  # fmt: skip
        assert not any(voice.is_done for voice in talk.voices), "it struck too late to matter"
        network.lift()
        talk.ahead = TEXTS
        settle(talk, alice, bob, network)
    talk.check()


@pytest.mark.parametrize("name", IN_HANDSHAKE)
def test_a_fault_in_the_handshake_only_costs_that_attempt(connected, name):
    alice, bob, network = connected
    chance = random.Random(f"{name} in the handshake")
    fault = once(IN_HANDSHAKE[name], in_handshake=True)(chance)
    with Talk(alice, bob, texts(alice, chance), texts(bob, chance), ahead=30) as talk:
        talk.wait(lambda: talk.count > 100, "they talk")
        network.arm(fault)
        network.cut()
        until(lambda: fault.struck.is_set() or tried(alice, bob, network), HEARD_WITHIN)
        assert fault.struck.wait(HEARD_WITHIN), f"{name} never struck"
        network.lift()
        talk.ahead = TEXTS
        settle(talk, alice, bob, network)
    talk.check()


def settle(talk, alice, bob, network):
    """As with people who do not want to wait for the next attempt, whenever the link is lost."""

    def is_settled():
        if alice.sees(bob, online=True) and bob.sees(alice, online=True):
            return talk.is_settled()
        return tried(alice, bob, network)

    until(is_settled, SETTLED_WITHIN, "all is heard and ticked")


def tried(alice, bob, network):
    # The network may still be bad, or the other side has not noticed yet that it was.
    with contextlib.suppress(ApiError):
        alice.call("POST", "/connect", {"address": network.place(bob)})
    return False

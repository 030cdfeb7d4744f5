"""Mallory between two who compare emoji: what she can do, and that she really could without it.

    Alice <--- channel, hash h_a ---> Mallory <--- channel, hash h_b ---> Bob

She holds a proven channel with each of them, under her own key, and wants both to see the same.
"""

import copy
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from engine.protocol import frames, noise, sas
from engine.protocol.handshake import SUITE, ZERO_PASS, make_ident, make_knock
from engine.protocol.sas import BrokenCommitment, State
from engine.protocol.sas_records import SasAnswer, SasReveal
from tests.protocol.attack import listening
from tests.protocol.sas_pair import Side
from tests.protocol.test_channel_example import value
from tests.protocol.wire import ALICE, BOB, MALLORY, ChannelPair, Kit, digest, open_pair

TRIES = 100_000
FIRST_TWO = 12  # bits


class Middle:
    """Both channels, with a side of hers in each: ``to_alice`` and ``to_bob``."""

    def __init__(self, hash_a: bytes, hash_b: bytes) -> None:
        assert hash_a != hash_b
        self.hash_b = hash_b
        self.alice = Side(ALICE.peer, MALLORY.peer, hash_a)
        self.to_alice = Side(MALLORY.peer, ALICE.peer, hash_a)
        self.to_bob = Side(MALLORY.peer, BOB.peer, hash_b)
        self.bob = Side(BOB.peer, MALLORY.peer, hash_b)

    def settle(self) -> None:
        for one, other in ((self.alice, self.to_alice), (self.bob, self.to_bob)):
            while one.wire or other.wire:
                for speaker, hearer in ((one, other), (other, one)):
                    while speaker.wire:
                        hearer.hear(speaker.wire.popleft())


def middle() -> Middle:
    """Behind two real handshakes, in each of which Mallory proved who she is."""
    with_alice, with_bob = open_pair(bob=MALLORY), open_pair(alice=MALLORY)
    assert with_alice.alice.peer == with_bob.bob.peer == MALLORY.peer
    return Middle(with_alice.alice.handshake_hash, with_bob.bob.handshake_hash)


# -- between two honest people


def test_over_one_channel_both_see_the_same():
    """Else all that follows would show nothing."""
    pair: ChannelPair = open_pair()
    alice = Side(ALICE.peer, BOB.peer, pair.alice.handshake_hash)
    bob = Side(BOB.peer, ALICE.peer, pair.bob.handshake_hash)
    alice.start()
    bob.hear(alice.wire.popleft())
    alice.hear(bob.wire.popleft())
    bob.hear(alice.wire.popleft())
    assert alice.numbers == bob.numbers is not None


@pytest.mark.parametrize("begins", ["Alice and Bob", "Mallory", "Alice and Mallory", "everybody"])
def test_with_mallory_between_they_see_different_emoji(begins):
    between = middle()
    for _ in range(100):
        if begins != "Mallory":
            between.alice.start()
        if begins in ("Alice and Bob", "everybody"):
            between.bob.start()
        if begins in ("Mallory", "everybody"):
            between.to_alice.start()
        if begins != "Alice and Bob":
            between.to_bob.start()
        between.settle()
        assert between.alice.sas.state is between.bob.sas.state is State.COMPARING
        assert between.alice.numbers == between.to_alice.numbers
        assert between.bob.numbers == between.to_bob.numbers
        assert between.alice.numbers != between.bob.numbers  # but once in 2^42
        between.alice.cancel()
        between.bob.cancel()
        between.settle()


def test_she_gets_no_more_places_equal_than_chance_gives():
    """One in 64 of each of the seven, so all of them once in 64^7 = 2^42."""
    between = Middle(digest("a"), digest("b"))
    equal = 0
    for _ in range(1_000):
        between.alice.start()
        between.to_bob.start()
        between.settle()
        equal += sum(map(int.__eq__, between.alice.numbers, between.bob.numbers))
        between.alice.cancel()
        between.bob.cancel()
        between.settle()
    assert 80 < equal < 140  # 7,000 / 64 = 109; always the same number


def test_records_passed_on_as_they_are_break_the_promise():
    """The commit names the channel and who made it, so it is worth nothing elsewhere."""
    between = middle()
    between.alice.start()
    between.bob.hear(between.alice.wire.popleft())
    between.alice.hear(between.bob.wire.popleft())
    with pytest.raises(BrokenCommitment):
        between.bob.hear(between.alice.wire.popleft())
    assert between.bob.numbers is None


# -- the grinder: she knows everything, and has the last word


def bits(numbers, wanted):
    """The first ``wanted`` bits of what is shown."""
    together = 0
    for number in numbers:
        together = together << 6 | number
    return together >> 42 - wanted


class Grinder:
    """As S towards Bob she has his nonce, and knows what Alice sees; now she would like to reveal
    a nonce that makes him see it too."""

    def __init__(self) -> None:
        self.between = between = middle()
        between.alice.start()
        between.settle()
        between.to_bob.start()
        between.bob.hear(between.to_bob.wire.popleft())
        self.answer = between.bob.wire.popleft()
        self.goal = between.alice.numbers

    def what_bob_would_see(self, nonce: bytes) -> int:
        """The 42 bits. By hand, for speed."""
        info = self.between.hash_b + MALLORY.peer + BOB.peer + b"\x01"
        key = hmac.digest(b"p2pchat/1 sas", nonce + self.answer.nonce, "sha256")
        return int.from_bytes(hmac.digest(key, info, "sha256")[:6]) >> 6

    def reveal(self, nonce: bytes) -> tuple[int, ...] | None:
        """What Bob shows on hearing this as her last message; each time he is as he was."""
        bob = copy.copy(self.between.bob.sas)
        try:
            events = bob.receive(SasReveal(self.answer.nonce, nonce))
        except BrokenCommitment:
            assert bob.state is State.IDLE
            return None
        [derived] = events
        return derived.numbers

    def grind(self, tries: int, wanted: int) -> tuple[int, int]:
        """Send every nonce: (how many Bob took, how many would have fitted the goal)."""
        taken = fitting = 0
        goal = bits(self.goal, wanted)
        for number in range(tries):
            nonce = number.to_bytes(32)
            fits = self.what_bob_would_see(nonce) >> 42 - wanted == goal
            fitting += fits
            shown = self.reveal(nonce)
            taken += shown is not None
            assert shown is None or (bits(shown, wanted) == goal) == fits
        return taken, fitting


def test_a_hundred_thousand_last_messages_get_nothing_through():
    grinder = Grinder()
    taken, fitting = grinder.grind(TRIES, FIRST_TWO)
    assert fitting > 0, "some of them would have done for two emoji"
    assert taken == 0
    [true] = grinder.between.to_bob.hear(grinder.answer)
    assert grinder.reveal(grinder.between.to_bob.wire[-1].nonce) == true.numbers != grinder.goal


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_million_last_messages_get_nothing_through(request):
    if "slow" not in request.config.option.markexpr:
        pytest.skip("half a minute; run it with -m slow")
    taken, fitting = Grinder().grind(1_000_000, FIRST_TWO)
    assert fitting > 100
    assert taken == 0


def test_without_the_promise_the_same_grinder_succeeds(monkeypatch):
    """The control: a commitment that says nothing, so that every nonce keeps it."""
    monkeypatch.setattr(sas, "commitment", lambda **_: bytes(32))
    grinder = Grinder()
    taken, fitting = grinder.grind(5_000, 8)
    assert taken == 5_000
    assert fitting > 0


def test_a_second_answer_comes_too_late_for_whoever_is_the_other_side():
    """As O towards Alice she knows everything after the REVEAL; her word was before it."""
    between = middle()
    between.alice.start()
    [start] = between.alice.wire
    between.settle()
    shown = between.alice.numbers
    for number in range(TRIES // 10):
        assert between.alice.hear(SasAnswer(start.commit, number.to_bytes(32))) == []
    assert between.alice.numbers == shown
    assert not between.alice.wire


# -- emoji of the handshake hash alone, which the design does not use, fall


def cut_from(handshake_hash: bytes, wanted: int) -> int:
    return int.from_bytes(handshake_hash[:6]) >> 48 - wanted


def pinned(name: str) -> Kit:
    """One choice of all ephemeral keys, so that the search takes the same time in every run."""
    return Kit(
        new_dh_key=lambda: X25519PrivateKey.from_private_bytes(digest(name)),
        new_kem_key=lambda: MLKEM768PrivateKey.from_seed_bytes(value("Alice's e1 seed")),
        encapsulate=lambda _: (value("KEM secret"), value("KEM ciphertext")),
    )


def test_twenty_bits_of_the_handshake_hash_fall_to_whoever_speaks_last():
    """With a real Bob, who opens the channel that Mallory bent. A million tries on average; with
    these keys she is done after 49,000."""
    wanted = 20
    with_alice = open_pair(bob=MALLORY, alice_kit=pinned("alice"), bob_kit=pinned("mallory a"))
    goal = cut_from(with_alice.alice.handshake_hash, wanted)
    bob = listening(BOB, kit=pinned("bob"))
    hers = noise.HandshakeState(
        SUITE,
        initiator=True,
        static=X25519PrivateKey.from_private_bytes(MALLORY.noise_key),
        prologue=b"p2pchat/1",
        kit=pinned("mallory b"),
    )
    head = hers.write_tokens()
    bob.receive_data(frames.join(head + hers.write_payload(make_knock(ZERO_PASS, head))))
    hers.read(bob.data_to_send()[2:])
    tokens = hers.write_tokens()

    ident = make_ident(MALLORY, hers.hash, initiator=True)[:96]  # what follows is not looked at
    seal, before, sha256 = hers._symmetric._k._aead.encrypt, hers.hash, hashlib.sha256
    for number in range(16 << wanted):
        sealed = seal(bytes(12), ident + number.to_bytes(160), before)
        if int.from_bytes(sha256(before + sealed).digest()[:6]) >> 48 - wanted == goal:
            break
    else:
        pytest.fail("she had no luck at all")
    bob.receive_data(frames.join(tokens + sealed))
    assert bob.peer == MALLORY.peer
    assert bob.handshake_hash != with_alice.alice.handshake_hash
    assert cut_from(bob.handshake_hash, wanted) == goal

    between = Middle(with_alice.alice.handshake_hash, bob.handshake_hash)
    between.alice.start()
    between.bob.start()
    between.settle()
    assert bits(between.alice.numbers, wanted) != bits(between.bob.numbers, wanted)

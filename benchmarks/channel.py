"""The channel against the bare primitives it is built on, always as a ratio of the same run.

    .venv/bin/python benchmarks/channel.py [rounds]

Machines drift by tens of percent within minutes, so rounds are interleaved (one of
each, again and again) and the figure is the median of the ratios, not a time.

    bulk        full frames, sealed, carried and opened, rekey and padding included,
                against AES-256-GCM of ``cryptography`` on as many bytes   goal: >= 80 %
    bound       the same, but nothing besides the cipher calls, a new key for every
                frame on both sides, and three copies of 64 KiB: what such a channel
                could reach at best (docs/decisions/0010)
    small       one 100-byte record to a frame, and 50 of them sharing one
    handshake   both sides, with identities, knock and ML-KEM-768, against plain
                Noise XX of ``noiseprotocol``                              goal: <= 2 x
"""

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.protocol.channel import MAX_RECORD_BODY, Channel
from engine.protocol.frames import MAX_PLAINTEXT
from identity import Identity

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from noise.connection import Keypair, NoiseConnection

FRAMES = 16  # full frames in one bulk round: 1 MiB
SMALL = 2_000  # small records in one round
SHAKES = 10  # handshakes in one round

ALICE, BOB = Identity.generate(), Identity.generate()


def shake_hands() -> tuple[Channel, Channel]:
    alice = Channel(identity=ALICE, initiator=True, expected=BOB.peer)
    bob = Channel(identity=BOB, initiator=False)
    alice.start()
    bob.receive_data(alice.data_to_send())
    alice.receive_data(bob.data_to_send())
    bob.receive_data(alice.data_to_send())
    return alice, bob


def shake_hands_plainly() -> None:
    """What most Python programs would use: XX, nothing signed, no KEM, new static keys given."""
    sides = []
    for identity in (ALICE, BOB):
        side = NoiseConnection.from_name(b"Noise_XX_25519_AESGCM_SHA256")
        side.set_keypair_from_private_bytes(Keypair.STATIC, bytes(identity.noise_key))
        sides.append(side)
    alice, bob = sides
    alice.set_as_initiator()
    bob.set_as_responder()
    alice.start_handshake()
    bob.start_handshake()
    bob.read_message(alice.write_message())
    alice.read_message(bob.write_message())
    bob.read_message(alice.write_message())


def seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bulk(rounds: int) -> None:
    alice, bob = shake_hands()
    body = os.urandom(MAX_RECORD_BODY)
    plaintext = os.urandom(MAX_PLAINTEXT)
    aead = AESGCM(os.urandom(32))

    def raw() -> None:
        for n in range(FRAMES):
            nonce = n.to_bytes(12, "big")
            aead.decrypt(nonce, aead.encrypt(nonce, plaintext, None), None)

    alice.send([(200, body)])
    assert bob.receive_data(alice.data_to_send())[0].body == body

    def ours() -> None:
        for _ in range(FRAMES):
            alice.send([(200, body)])
            assert bob.receive_data(alice.data_to_send())[0].type == 200

    keys = {side: AESGCM(os.urandom(32)) for side in ("sends", "receives")}
    keys["receives"] = keys["sends"]
    plain, wire = bytearray(MAX_PLAINTEXT), bytearray(MAX_PLAINTEXT + 18)
    plain_body, sealed = memoryview(plain)[4:], memoryview(wire)[2:]

    def rekey(side: str) -> None:
        keys[side] = AESGCM(keys[side].encrypt(b"\xff" * 12, bytes(32), None)[:32])

    def bound() -> None:
        for n in range(FRAMES):
            nonce = n.to_bytes(12, "big")
            plain_body[:] = body
            keys["sends"].encrypt_into(nonce, plain, None, sealed)
            carried = bytes(wire)
            rekey("sends")
            keys["receives"].decrypt_into(nonce, memoryview(carried)[2:], None, plain)
            rekey("receives")
            assert len(bytes(plain_body)) == len(body)

    times = [(seconds(raw), seconds(ours), seconds(bound)) for _ in range(rounds)]
    rate = FRAMES * MAX_RECORD_BODY / statistics.median(row[1] for row in times) / 1e6
    for name, column, more in (("bulk", 1, f"; {rate:,.0f} MB/s"), ("bound", 2, "")):
        ratios = [row[0] / row[column] for row in times]
        print(
            f"{name:<10}  {statistics.median(ratios):6.1%} of raw AES-256-GCM"
            f"   (middle half {statistics.quantiles(ratios)[0]:.1%} to"
            f" {statistics.quantiles(ratios)[2]:.1%}{more})"
        )


def small(rounds: int) -> None:
    alice, bob = shake_hands()
    body = os.urandom(100)

    def alone() -> None:
        for _ in range(SMALL):
            alice.send([(200, body)])
        assert len(bob.receive_data(alice.data_to_send())) == SMALL

    def sharing() -> None:
        for _ in range(SMALL // 50):
            alice.send([(200, body)] * 50)
        assert len(bob.receive_data(alice.data_to_send())) == SMALL

    times = [(seconds(alone), seconds(sharing)) for _ in range(rounds)]
    for name, column in (("one to a frame", 0), ("50 to a frame", 1)):
        per_second = SMALL / statistics.median(row[column] for row in times)
        print(f"small       {per_second:,.0f} records of 100 bytes a second, {name}")


def handshake(rounds: int) -> None:
    def ours() -> None:
        for _ in range(SHAKES):
            shake_hands()

    def plain() -> None:
        for _ in range(SHAKES):
            shake_hands_plainly()

    pairs = [(seconds(ours), seconds(plain)) for _ in range(rounds)]
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    mine, theirs = (statistics.median(column) / SHAKES * 1e3 for column in zip(*pairs, strict=True))
    print(
        f"handshake   {ratio:6.2f} x plain XX of noiseprotocol"
        f"   ({mine:.2f} ms against {theirs:.2f} ms, both sides)"
    )


if __name__ == "__main__":
    ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for part in (bulk, small, handshake):
        part(ROUNDS)

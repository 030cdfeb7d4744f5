"""What sync remembers of a link: bounded, and more patient after each vain question."""

from engine.protocol.groupstate import MAX_PASTS, MAX_SETTLE, SETTLE, SyncPeer


def test_patience_doubles_up_to_a_minute_and_never_ends():
    one = SyncPeer()
    waits = []
    for one.fruitless in range(20):
        waits.append(one.patience())
    assert waits[:4] == [SETTLE, 2 * SETTLE, 4 * SETTLE, 8 * SETTLE]
    assert waits[-1] == MAX_SETTLE
    one.fruitless = 100_000
    assert one.patience() == MAX_SETTLE


def test_only_the_latest_agreements_are_remembered():
    one = SyncPeer()
    for number in range(MAX_PASTS + 10):
        one.agree(number.to_bytes(32, "big"), number)
    one.agree((10).to_bytes(32, "big"), 999)
    assert len(one.bases) == MAX_PASTS
    assert next(reversed(one.bases.items())) == ((10).to_bytes(32, "big"), 999)
    assert (0).to_bytes(32, "big") not in one.bases

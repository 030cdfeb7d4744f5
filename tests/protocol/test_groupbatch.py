"""The next batch: as much as fits, nothing twice, and one event always."""

from engine.protocol import groupbatch
from engine.protocol.groupbatch import in_common, next_batch
from engine.protocol.grouprecords import MAX_IDS, Tip
from tests.helpers import person

BOB, CAROL = person(2).peer, person(3).peer


class Rows:
    """A shelf whose row n is n bytes long."""

    def __init__(self):
        self.read = []

    def wires(self, _peer, rows):
        self.read += rows
        return [bytes(row) for row in rows]


def batches(rows):
    shelf, plan, found = Rows(), dict.fromkeys(rows), []
    while plan:
        found.append([len(wire) for wire in next_batch(shelf, BOB, plan)])
    return found, shelf


def test_everything_goes_once_and_in_order(monkeypatch):
    monkeypatch.setattr(groupbatch, "BATCH", 1_000)
    found, _shelf = batches(range(1, 200))
    assert [row for batch in found for row in batch] == list(range(1, 200))
    assert all(sum(batch) <= 1_000 for batch in found)
    assert len(found) < 30


def test_one_that_is_too_large_goes_alone(monkeypatch):
    monkeypatch.setattr(groupbatch, "BATCH", 100)
    assert batches([90, 500, 20])[0] == [[90], [500], [20]]


def test_a_record_holds_so_many_and_no_more():
    found, _shelf = batches(range(1, 3 * MAX_IDS))
    assert max(map(len, found)) <= MAX_IDS


def test_large_events_are_not_read_again_and_again():
    _found, shelf = batches([40_000 + number for number in range(64)])
    assert len(shelf.read) <= 64 * 16


def test_an_empty_plan_is_an_empty_batch():
    assert next_batch(Rows(), BOB, {}) == []


class Tips:
    def __init__(self, *tips):
        self.tips = tips

    def vector(self, _after):
        return list(self.tips)

    def known(self, ids):
        return {tip.id for tip in self.tips} & set(ids)


def test_in_common_is_nothing_that_they_did_not_say_first():
    ours = Tips(Tip(BOB, 5, b"b5"), Tip(CAROL, 7, b"c7"))
    assert in_common(ours, [Tip(BOB, 5, b"b5")]) == [Tip(BOB, 5, b"b5")]
    assert in_common(ours, [Tip(BOB, 9, b"b9")]) == []  # not even how far we are
    assert in_common(ours, [Tip(BOB, 3, b"b3")]) == []
    assert in_common(ours, []) == []

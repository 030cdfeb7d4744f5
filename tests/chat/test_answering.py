"""Text that callers hand in is read strictly, and what the store declines is said in words."""

import pytest

from engine.chat.answering import answers, read_message_id, read_peer
from engine.chat.errors import Refused
from engine.store.database import StoreClosed, StoreError, StoreFull
from tests.helpers import person


def test_an_address_and_an_id_are_read():
    assert read_peer(person(1).peer.address) == person(1).peer
    assert read_message_id("0f" * 16) == b"\x0f" * 16


@pytest.mark.parametrize("text", ["", "zz", person(1).peer.address[:-1], "a" * 56])
def test_what_is_no_address_names_nobody(text):
    with pytest.raises(Refused) as refused:
        read_peer(text)
    assert refused.value.code == "not_found"


@pytest.mark.parametrize("text", ["", "0f", "0f" * 17, "0f " * 16, "xx" * 16])
def test_what_is_no_id_names_no_message(text):
    with pytest.raises(Refused) as refused:
        read_message_id(text)
    assert refused.value.code == "not_found"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreFull("x"), "disk_full"),
        (StoreClosed("x"), "stopping"),
        (StoreError("x"), "store_failed"),
    ],
)
def test_what_the_store_declines_is_declined_in_words(error, code):
    @answers
    def change():
        raise error

    with pytest.raises(Refused) as refused:
        change()
    assert refused.value.code == code


def test_a_fault_of_our_own_stays_one():
    @answers
    def change():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()

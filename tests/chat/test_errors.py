"""An answer of the program has a stable code and a sentence."""

import pytest

from engine.chat.errors import CODES, Refused


def test_a_refusal_carries_its_code_and_its_sentence():
    refused = Refused("too_long", "This is too long.")
    assert (refused.code, refused.sentence) == ("too_long", "This is too long.")
    assert str(refused) == "too_long: This is too long."


def test_a_code_that_nobody_knows_is_a_bug():
    with pytest.raises(AssertionError):
        Refused("whatever", "This code is not in the list.")


def test_the_codes_that_scripts_rely_on_exist():
    promised = {
        "bad_address", "bad_request", "too_long", "not_found", "self", "blocked", "wrong_identity",
        "refused", "not_p2pchat", "timeout", "not_contact", "disk_full", "too_many", "stopping",
    }  # fmt: skip
    assert promised <= CODES

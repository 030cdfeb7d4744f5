"""Who is asked for the passphrase, and how often."""

from types import SimpleNamespace

import pytest

from engine.store import keyfile, unlock
from engine.store.keyformat import Cost, WrongPassphrase
from engine.store.places import Places
from identity import IdentityError, Secret

CHEAP = Cost(passes=1, kibibytes=64 * 1_024)


@pytest.fixture
def places(tmp_path):
    return Places.beside(tmp_path / "alice.key")


@pytest.fixture
def protected(places):
    """The identity, after its key file got a passphrase."""
    keyfile.load_or_create(places.key, ask_passphrase=Secret, database=places.database)
    return keyfile.change_passphrase(
        places.key, current=None, new=Secret("käse".encode()), cost=CHEAP
    )


@pytest.fixture
def person(monkeypatch):
    """Somebody at the terminal; what is in the list will be typed, what was asked is returned."""

    one = SimpleNamespace(types=[], asked=[])

    def getpass(question):
        one.asked.append(question)
        answer = one.types.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(unlock.getpass, "getpass", getpass)
    monkeypatch.setattr(unlock.sys.stdin, "isatty", lambda: True, raising=False)
    return one


def test_a_key_without_a_passphrase_is_opened_and_nobody_is_asked(places, person):
    first = unlock.unlock(places, None)
    assert unlock.unlock(places, None) == first
    assert person.asked == []


def test_a_person_at_the_terminal_is_asked(places, protected, person):
    person.types = ["käse"]
    assert unlock.unlock(places, None) == protected
    assert len(person.asked) == 1
    assert str(places.key) in person.asked[0]


def test_a_slip_of_the_fingers_may_be_mended_twice(places, protected, person, capsys):
    person.types = ["kase", "Käse", "käse"]
    assert unlock.unlock(places, None) == protected
    assert capsys.readouterr().err.count("does not open") == 2


def test_after_three_wrong_answers_it_ends(places, protected, person, capsys):
    person.types = ["pony"] * 4
    with pytest.raises(WrongPassphrase):
        unlock.unlock(places, None)
    assert len(person.asked) == 3
    assert "pony" not in capsys.readouterr().err


@pytest.mark.parametrize("what", [EOFError(), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")])
def test_no_answer_is_one_line(places, protected, person, what):
    person.types = [what]
    with pytest.raises(IdentityError, match="No passphrase was given"):
        unlock.unlock(places, None)


def test_a_passphrase_file_answers_once_and_nobody_is_asked(places, protected, person, tmp_path):
    path = tmp_path / "passphrase"
    path.write_text("käse\n")
    path.chmod(0o600)
    assert unlock.unlock(places, path) == protected
    path.write_text("pony\n")
    with pytest.raises(WrongPassphrase):
        unlock.unlock(places, path)
    assert person.asked == []


def test_where_nobody_can_answer_it_says_what_to_do(places, protected, person, monkeypatch):
    monkeypatch.setattr(unlock.sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(IdentityError, match="--passphrase-file"):
        unlock.unlock(places, None)
    assert person.asked == []
